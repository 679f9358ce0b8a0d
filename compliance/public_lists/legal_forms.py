"""Names of companies as they are compared: without legal forms, accents, case, order.

"PT. Contoh Jaya, Tbk" and "Contoh Jaya" are alike; so are "S.A.S." and "SAS".
"""

import re
from functools import lru_cache

from compliance.imports.names import NO_NAMES, folded

# What law makes of a company, in the countries of the product and where lists are from.
LEGAL_FORMS = frozenset(
    [
        *("sa", "sas", "saa", "sac", "sab", "sapi", "srl", "sarl", "sl", "spa", "scs"),
        *(
            "sca",
            "scrl",
            "eirl",
            "eireli",
            "epp",
            "me",
            "mei",
            "lda",
            "ltda",
            "limitada",
        ),
        *("cia", "compania", "companhia", "sociedad", "sociedade", "anonima", "rl"),
        *("ltd", "limited", "llc", "llp", "lp", "plc", "inc", "incorporated", "corp"),
        *("corporation", "co", "company", "pte", "pty", "pvt", "private", "public"),
        *("pt", "tbk", "persero", "ud", "cv", "sdn", "bhd", "berhad", "gmbh", "mbh"),
        *(
            "ag",
            "kg",
            "kgaa",
            "ohg",
            "bv",
            "nv",
            "ab",
            "oy",
            "aps",
            "kft",
            "jsc",
            "ooo",
        ),
        *("jv", "ou", "zrt", "se", "ltee", "cie", "sociedad", "tnhh"),
    ]
)
# Words that join others and tell no two names apart.
BETWEEN = frozenset(
    [
        *("y", "e", "and", "und", "et", "dan", "of", "de", "del", "da", "do", "dos"),
        *("das", "des", "du", "the", "el", "la", "los", "las", "os", "as", "o", "a"),
    ]
)
LONGEST_FORM = 5
# "S. de R.L." is parted by a word: what a Mexican or Honduran company is called.
_PARTED_FORM = re.compile(r"\bs de r ?l\b")


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words that name a company, sorted; all of them if none is left."""
    every = _words(name)
    telling = [one for one in every if one not in LEGAL_FORMS and one not in BETWEEN]
    return tuple(sorted(telling or every))


def core(name: str) -> str:
    """Return the words of a name as one text, to be compared; empty: it names nobody."""
    text = " ".join(words_of(name))
    return "" if text in NO_NAMES else text


def has_legal_form(name: str) -> bool:
    """Tell whether a name says that it is a company's."""
    return any(one in LEGAL_FORMS for one in _words(name))


def _words(name: str) -> list[str]:
    return _joined(_PARTED_FORM.sub("srl", folded(name)).split())


def _joined(words: list[str]) -> list[str]:
    """Return words with letters that stand alone put together: "s a s" is "sas".

    Only where that makes a legal form: "J R Café" keeps its letters.
    """
    found: list[str] = []
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and len(words[end]) == 1:
            end += 1
        taken = _form(words, start, end)
        found.append("".join(words[start:taken]))
        start = taken
    return found


def _form(words: list[str], start: int, end: int) -> int:
    """Return where the longest legal form of single letters ends that begins here."""
    for last in range(min(end, start + LONGEST_FORM), start + 1, -1):
        if "".join(words[start:last]) in LEGAL_FORMS:
            return last
    return start + 1
