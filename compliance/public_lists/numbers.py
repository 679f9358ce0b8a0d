"""Numbers on lists: made comparable with the register's, and whose kind they are.

A tax number can be that of a company or of a person, and in some countries its form says
which. The number of a person is never kept, only its keyed digest (HMAC-SHA-256).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress

from compliance.problems import Problem
from compliance.public_lists.schemes import NumberScheme
from compliance.registry.models import IdentifierScheme
from compliance.registry.numbers import read_number

_MARKS = re.compile(r"[\W_]+")
# Numbers that a country gives; the others are the same everywhere.
NATIONAL = frozenset({NumberScheme.TAX_NUMBER, NumberScheme.LICENCE_NUMBER})
# CPF; RUC 10, 15, 16, 17; RUC on a cédula. Elsewhere the form does not tell.
OF_PEOPLE: Mapping[str, str] = {
    "BR": r"\d{11}",
    "PE": r"1[0567]\d{9}",
    "EC": r"\d{2}[0-5]\d{7}(\d{3})?",
}
# CNPJ; RUC 20; RUC of companies and of the state; NIT of companies.
OF_COMPANIES: Mapping[str, str] = {
    "BR": r"[0-9A-Z]{14}",
    "PE": r"20\d{9}",
    "EC": r"\d{2}[69]\d{10}",
    "CO": r"[89]\d{8}",
}


def plain_number(scheme: NumberScheme, text: str, country: str | None) -> str:
    """Return a number as it is compared: as the register keeps it, letters and digits.

    A Colombian NIT is compared without its check digit, which lists often leave out.
    """
    value = " ".join(text.split())
    if scheme is not NumberScheme.LICENCE_NUMBER:
        # What the register would refuse can still be compared.
        with suppress(Problem):
            value = read_number(IdentifierScheme(scheme), value, country or "").value
    if scheme is NumberScheme.TAX_NUMBER and country == "CO":
        value = value.partition("-")[0]
    return _MARKS.sub("", value).upper()


def compared(scheme: NumberScheme, value: str, country: str | None) -> tuple[str, ...]:
    """Return what two numbers that are the same share, their country among it."""
    return scheme, (country or "") if scheme in NATIONAL else "", value


def is_of_person(value: str, country: str | None) -> bool:
    """Tell whether a tax number (plain) has the form of a natural person's."""
    return bool(re.fullmatch(OF_PEOPLE.get(country or "", r"(?!)"), value, re.ASCII))


def is_of_company(value: str, country: str | None) -> bool:
    """Tell whether a tax number (plain) has the form of a company's."""
    return bool(re.fullmatch(OF_COMPANIES.get(country or "", r"(?!)"), value, re.ASCII))


def digest_of_number(
    key: bytes, scheme: NumberScheme, value: str, country: str | None
) -> bytes:
    """Return the keyed digest that stands for a person's number (plain)."""
    text = "\n".join(("number", *compared(scheme, value, country)))
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
