"""Names as they are compared: without accents, case or doubled spaces."""

import unicodedata


def folded(name: str) -> str:
    """Return what two spellings of a name share: "Peñón  Alto" is "penon alto"."""
    parts = unicodedata.normalize("NFKD", name)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(plain.casefold().split())
