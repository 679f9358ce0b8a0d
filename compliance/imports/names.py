"""Names as they are compared: folded, without the words that every farm has, if any.

A name here is a place's. What only stands where a name should be ("NA", "various",
"-") is no name at all, and two of them are never alike.
"""

import re
import unicodedata
from functools import lru_cache

import ftfy
from ftfy.badness import is_bad

# What stands in a cell only because something had to.
NOTHING = frozenset(
    [
        *(
            "na",
            "nan",
            "nd",
            "ns",
            "sn",
            "sd",
            "none",
            "null",
            "nil",
            "n a",
            "n d",
            "s n",
        ),
        *("s d", "unknown", "unspecified", "tbd", "tba", "pending", "not applicable"),
        *("not available", "not known", "desconocido", "desconocida", "ninguno"),
        *("ninguna", "pendiente", "no aplica", "no disponible", "no tiene", "no hay"),
        *("sin dato", "sin datos", "nenhum", "nenhuma", "desconhecido", "desconhecida"),
        *("sem dados", "nao se aplica"),
    ]
)
# What names no single place.
NO_NAMES = NOTHING | frozenset(
    [
        *("no", "si", "unnamed", "untitled", "various", "several", "mixed", "multiple"),
        *("many", "different", "others", "other", "all", "any", "general", "test"),
        *("x", "xx", "xxx", "xxxx", "no name", "various farms", "several farms"),
        *("different farms", "many farms", "small farmers", "smallholders", "prueba"),
        *("varios", "varias", "diversos", "diversas", "otros", "otras", "otro", "otra"),
        *("mezcla", "mixto", "todos", "todas", "sin nombre", "varios productores"),
        *("varias fincas", "diferentes productores", "pequenos productores", "teste"),
        *("outros", "outras", "outro", "outra", "sem nome", "pequenos produtores"),
    ]
)
# Words that say what a place is, not which: they make no two names alike.
GENERIC = frozenset(
    [
        "finca",
        "fincas",
        "hacienda",
        "fazenda",
        "sitio",
        "granja",
        "predio",
        "parcela",
        "lote",
        "vereda",
        "rancho",
        "quinta",
        "chacra",
        "fundo",
        "estancia",
        "farm",
        "farms",
        "estate",
        "plantation",
        "plantations",
        "ranch",
        "beneficio",
        "trilladora",
        "ingenio",
        "extractora",
        "planta",
        "molino",
        "mill",
        "mills",
        "factory",
        "el",
        "la",
        "los",
        "las",
        "the",
        "o",
        "a",
        "os",
        "as",
        "de",
        "del",
        "da",
        "do",
        "dos",
        "das",
        "y",
        "e",
        "and",
        "of",
        "coop",
        "cooperativa",
        "cooperative",
        "sociedad",
        "company",
        "co",
        "ltd",
        "ltda",
        "limited",
        "inc",
        "llc",
        "sa",
        "sas",
        "s",
        "c",
        "v",
        "cv",
        "srl",
        "sac",
        "plc",
        "corp",
        "cia",
        "gmbh",
        "group",
    ]
)
_BETWEEN = re.compile(r"[\W_]+")
_LETTER = re.compile(r"[^\W\d_]")
_LOST_LETTER = re.compile(r"[^\W\d_]\?[^\W\d_]|[\ufffd\u25a1]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def tidied(text: str) -> str:
    """Return text without padding, line breaks and characters that print nothing."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Return text in lower case, without accents and marks, words parted by a space."""
    if not text.isascii():
        text = "".join(
            one
            for one in unicodedata.normalize("NFKD", text)
            if not unicodedata.combining(one)
        )
    return _BETWEEN.sub(" ", text.casefold()).strip()


def is_name(text: str) -> bool:
    """Tell a name from what merely fills the cell."""
    return bool(_LETTER.search(text)) and folded(text) not in NO_NAMES


@lru_cache(maxsize=20_000)
def core(text: str) -> str:
    """Return the words of a name in one order, without generic ones if it has others."""
    words = sorted(folded(text).split())
    return " ".join(word for word in words if word not in GENERIC) or " ".join(words)


def is_damaged(text: str) -> bool:
    """Tell text that was read in a wrong encoding somewhere on its way to us."""
    if text.isascii():
        return "?" in text and bool(_LOST_LETTER.search(text))
    return _is_damaged(text)


@lru_cache(maxsize=20_000)
def _is_damaged(text: str) -> bool:
    return bool(_LOST_LETTER.search(text)) or is_bad(text)


def mended(text: str) -> str | None:
    """Return what damaged text was probably meant to be, None where nobody can tell."""
    if text.isascii() or not is_bad(text):
        return None
    proposal = ftfy.fix_encoding(text)
    return None if proposal == text else proposal
