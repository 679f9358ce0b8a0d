"""Countries as lists write them, in three languages and several ways → ISO 3166-1.

The names are those of the Unicode CLDR, which Babel carries, and a short table of what
lists write besides. A country is never guessed: an unknown one is asked about.
"""

import re
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from compliance.imports.names import folded

LANGUAGES = ("en", "es", "pt", "fr", "de")
# CLDR has codes that are groups of countries or are not assigned.
NOT_COUNTRIES = frozenset(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"])
ALIASES = {
    "usa": "US",
    "u s a": "US",
    "u s": "US",
    "united states of america": "US",
    "hawaii": "US",
    "estados unidos de america": "US",
    "ee uu": "US",
    "eeuu": "US",
    "uk": "GB",
    "u k": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "uae": "AE",
    "u a e": "AE",
    "burma": "MM",
    "ivory coast": "CI",
    "costa de marfil": "CI",
    "costa do marfim": "CI",
    "cote d ivoire": "CI",
    "drc": "CD",
    "dr congo": "CD",
    "democratic republic of congo": "CD",
    "democratic republic of the congo": "CD",
    "rd congo": "CD",
    "republic of the congo": "CG",
    "republic of congo": "CG",
    "viet nam": "VN",
    "lao pdr": "LA",
    "lao people s democratic republic": "LA",
    "korea": "KR",
    "south korea": "KR",
    "republic of korea": "KR",
    "north korea": "KP",
    "tanzania united republic of": "TZ",
    "united republic of tanzania": "TZ",
    "taiwan province of china": "TW",
    "republic of china": "TW",
    "p r china": "CN",
    "pr china": "CN",
    "prc": "CN",
    "people s republic of china": "CN",
    "mainland china": "CN",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "turkey": "TR",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "macedonia": "MK",
    "swaziland": "SZ",
    "cape verde": "CV",
    "east timor": "TL",
    "russian federation": "RU",
    "syrian arab republic": "SY",
    "iran islamic republic of": "IR",
    "bolivia plurinational state of": "BO",
    "estado plurinacional de bolivia": "BO",
    "venezuela bolivarian republic of": "VE",
    "republica bolivariana de venezuela": "VE",
    "republica de colombia": "CO",
    "republica del ecuador": "EC",
    "brasil": "BR",
    "rep dominicana": "DO",
    "dominican rep": "DO",
    "png": "PG",
}
CUTOFF = 82
_ASIDE = re.compile(r"\s*\((.*?)\)\s*")


@cache
def _known() -> dict[str, str]:
    """Return every folded name and code → ISO 3166-1 alpha-2."""
    found: dict[str, str] = {}
    for code3, codes in get_global("territory_aliases").items():
        if len(code3) == 3 and code3.isalpha() and len(codes) == 1:
            found[code3.casefold()] = codes[0]
    for language in reversed(LANGUAGES):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code not in NOT_COUNTRIES:
                found[folded(name)] = code
                found[code.casefold()] = code
    return found | ALIASES


@lru_cache(maxsize=5_000)
def country_of(text: str) -> str | None:
    """Return the ISO 3166-1 code of a country as a list has it, None if it is unknown."""
    if len(text) > 100:
        return None
    name = folded(_ASIDE.sub(" ", text))
    inside = _ASIDE.search(text)
    known = _known()
    part = known.get(folded(inside[1])) if inside else None
    whole = known.get(name) or known.get(name.removeprefix("the "))
    # "United States (Puerto Rico)": the part has a code of its own.
    return part or whole or known.get(folded(text))


@lru_cache(maxsize=5_000)
def country_meant(text: str) -> str | None:
    """Return the known name nearest to one that is unknown, to ask whether it is meant."""
    best = process.extractOne(
        folded(text), _known().keys(), scorer=fuzz.ratio, score_cutoff=CUTOFF
    )
    if best is None or len(best[0]) < 4:
        return None
    code = _known()[best[0]]
    return f"{Locale('en').territories.get(code, code)} ({code})"
