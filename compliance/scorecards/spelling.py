"""What the words and numbers of a scorecard may look like, so that none is a person's."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from compliance.scorecards.codes import RegisterScheme, Topic

REGISTER_PATTERNS: dict[RegisterScheme, str] = {
    RegisterScheme.ATALAYA: r"(?=.*\d)(?=.*[A-Z])[0-9A-Z]+(-[0-9A-Z]+)*",
    RegisterScheme.GLN: r"\d{13}",
    RegisterScheme.OS_HUB: r"[A-Z]{2}\d{7}[0-9A-Z]{6}",
    RegisterScheme.UNIVERSAL_MILL_LIST: r"PO\d{10}",
    RegisterScheme.RSPO: r"RSPO-\d{6,9}|\d-\d{4}-\d{2}-\d{3}-\d{2}",
    RegisterScheme.ISCC: r"(EU|PLUS)-ISCC-Cert-[A-Z]{2}\d{3}-\d{4,12}",
    RegisterScheme.RAINFOREST_ALLIANCE: r"RA[_-]\d{6,14}",
    RegisterScheme.FAIRTRADE: r"FLO ?ID ?\d{1,6}",
    RegisterScheme.COMMON_CODE: r"4C-\d{4,12}",
}


def _one_line(name: str, *, most_digits: int) -> str:
    """Refuse what is no name: an address, a telephone number, a line break."""
    if name != " ".join(name.split()) or not name.isprintable():
        raise ValueError("A name is one line, with single spaces.")
    if not any(character.isalpha() for character in name):
        raise ValueError("A name holds letters.")
    digits = sum(character.isdigit() for character in name)
    if re.search(r"[@<>{}\\]|://", name) or digits > most_digits:
        raise ValueError("A name holds no address, telephone or identity number.")
    return name


def _without_contact(name: str) -> str:
    return _one_line(name, most_digits=4)


def _instrument(name: str) -> str:
    """Accept what a law is called, with its number and year.

    Whether there is such a law is for `strangers_to_book` to say.
    """
    return _one_line(name, most_digits=8)


def _place(name: str) -> str:
    if not all(letter.isalpha() or letter in " .,'’()-\u0303" for letter in name):
        raise ValueError("The name of a place holds letters only.")
    return _without_contact(name)


def article_number(article: str) -> str:
    if not re.fullmatch(r"[\w ().,;:§°º/–-]+", article) or not re.search(
        r"\d|\b[IVX]+\b", article
    ):
        raise ValueError("An article is told by its number.")
    return article


def utc_second(instant: datetime) -> datetime:
    if instant.utcoffset() != timedelta(0) or instant.microsecond:
        raise ValueError("The issue instant is in UTC and in whole seconds.")
    return instant.astimezone(UTC)


Name = Annotated[
    str, Field(min_length=1, max_length=120), AfterValidator(_without_contact)
]
Instrument = Annotated[
    str, Field(min_length=2, max_length=120), AfterValidator(_instrument)
]
Place = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_place)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Reference = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{1,6}$")]
Did = Annotated[
    str, Field(pattern=r"^did:web:[a-z0-9.-]+(%3A[0-9]{1,5})?(:[a-z0-9-]+)*$")
]
Edition = Annotated[str, Field(pattern=r"^[0-9]{4}\.[0-9]{1,2}(\.[0-9]{1,3})?$")]
RuleId = Annotated[
    str, Field(pattern=rf"^({'|'.join(Topic)})\.[a-z][a-z0-9_]{{1,60}}$")
]
