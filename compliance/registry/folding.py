"""Names as they are compared: without accents, case or doubled spaces."""

import unicodedata


def folded(name: str) -> str:
    """Return what two spellings of a name share: "Peñón  Alto" is "penon alto"."""
    if not name.isascii():
        parts = unicodedata.normalize("NFKD", name)
        name = "".join([part for part in parts if not unicodedata.combining(part)])
    return " ".join(name.casefold().split())
