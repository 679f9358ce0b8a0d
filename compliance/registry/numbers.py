"""Numbers by which other registers know a site: as they are kept, and whether they hold.

A number that its own register could never have given is refused. One that only looks
unlike the others of its register is kept, with a remark: forms change, registers err.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from compliance.problems import Kind, Problem
from compliance.registry.models import IdentifierScheme
from compliance.registry.remarks import Remark
from compliance.texts import N_

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43)  # from the last digit on
RUC_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)

# A smallholder's tax number is that of an identity document, a coffee grower's card is
# the grower's own, and the owner's number leads into the owner's books.
NOT_FOR_OTHERS = frozenset(
    {
        IdentifierScheme.TAX_NUMBER,
        IdentifierScheme.NATIONAL_COFFEE_REGISTER,
        IdentifierScheme.OWN_NUMBER,
    }
)

# As these registers write their numbers, with an example of each.
FORMS: Mapping[IdentifierScheme, tuple[str, str]] = {
    IdentifierScheme.UNIVERSAL_MILL_LIST: (r"PO\d{10}", "PO1000000123"),
    IdentifierScheme.RSPO: (r"RSPO-\d{6,9}|\d-\d{4}-\d{2}-\d{3}-\d{2}", "RSPO-1106123"),
    IdentifierScheme.ISCC: (
        r"(EU|PLUS)-ISCC-CERT-[A-Z]{2}\d{3}-\d{4,12}",
        "EU-ISCC-Cert-DE100-12345678",
    ),
    IdentifierScheme.RAINFOREST_ALLIANCE: (r"RA[_-]\d{6,14}", "RA_00123456701"),
    IdentifierScheme.FAIRTRADE: (r"FLO ?ID ?\d{1,6}", "FLO ID 1234"),
    IdentifierScheme.FOUR_C: (r"4C-\d{4,12}", "4C-0012345"),
}


class NumberMalformed(Problem):
    kind = Kind.INVALID
    title = N_("This number cannot be right")
    detail = N_("{value} cannot be a number of the scheme {scheme}: {why}")


class _Wrong(Exception):
    """A number breaks the law of its register; the argument says how."""


@dataclass(frozen=True)
class Number:
    """A number as it is kept, and what should be looked at again."""

    scheme: IdentifierScheme
    value: str
    remarks: tuple[Remark, ...] = field(default=())


def read_number(scheme: IdentifierScheme, text: str, country: str) -> Number:
    """Return a number as it is kept, or raise NumberMalformed saying why it is none.

    `country` is that of the site, whose law gives tax numbers their form.
    """
    value = " ".join(text.split())
    is_tax = scheme is IdentifierScheme.TAX_NUMBER
    read = TAX_READERS.get(country, _any) if is_tax else READERS.get(scheme, _any)
    try:
        kept, message, facts = read(value)
    except _Wrong as wrong:
        why = wrong.args[0]
        raise NumberMalformed(scheme=scheme, value=value, why=why) from wrong
    if message is None and scheme in FORMS:
        message, facts = _unlike(scheme, kept)
    if message is None:
        return Number(scheme, kept)
    told = {"scheme": str(scheme), "value": kept, **facts}
    return Number(scheme, kept, (Remark("number_looks_odd", message, told),))


Read = tuple[str, str | None, Mapping[str, object]]
Reader = Callable[[str], Read]

GLN_LENGTH = N_("a GLN has 13 digits.")
CHECK_DIGIT = N_(
    "its check digit does not fit the digits before it, so one of them is wrong."
)
OS_ID_FORM = N_(
    "an OS Hub id is a country, a year, a day and six more characters, as in "
    "CN2021250D1DTN7."
)
LEI_FORM = N_("an LEI has 18 letters or digits and two check digits.")
NOT_OF_FORM = N_(
    "{value} is kept, but numbers of {scheme} are usually written like {example}."
)
NO_CHECK_DIGIT = N_(
    "{value} is kept without a check digit, so a slip of the pen cannot be seen. As a "
    "NIT it would be {value}-{digit}."
)
MALFORMED = N_("{value} cannot be a number of the scheme {scheme}; correct it.")
NOT_A_TAX_NUMBER = N_(
    "{value} is kept, but it does not look like a tax number of {country}."
)


def _any(value: str) -> Read:
    return value, None, {}


def _unlike(
    scheme: IdentifierScheme, value: str
) -> tuple[str | None, Mapping[str, object]]:
    pattern, example = FORMS[scheme]
    if re.fullmatch(pattern, value.upper(), re.ASCII):
        return None, {}
    return NOT_OF_FORM, {"example": example}


def _gln(value: str) -> Read:
    digits = re.sub(r"[ .-]", "", value)
    if not re.fullmatch(r"\d{13}", digits, re.ASCII):
        raise _Wrong(GLN_LENGTH)
    weighed = sum(
        int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(digits)
    )
    if weighed % 10:
        raise _Wrong(CHECK_DIGIT)
    return digits, None, {}


def _lei(value: str) -> Read:
    """Check as ISO 17442 does: letters are 10 to 35, and the whole leaves 1 by 97."""
    letters = value.replace(" ", "").upper()
    if not re.fullmatch(r"[0-9A-Z]{18}\d{2}", letters, re.ASCII):
        raise _Wrong(LEI_FORM)
    if int("".join(str(int(letter, 36)) for letter in letters)) % 97 != 1:
        raise _Wrong(CHECK_DIGIT)
    return letters, None, {}


def _os_hub(value: str) -> Read:
    """Check as Open Supply Hub does: its letters summed, of the country as code points."""
    letters = re.sub(r"[ -]", "", value).upper()
    if not re.fullmatch(rf"[A-Z]{{2}}\d{{7}}[{CROCKFORD}]{{6}}", letters, re.ASCII):
        raise _Wrong(OS_ID_FORM)
    total = sum(map(ord, letters[:2])) + sum(map(CROCKFORD.index, letters[2:-1]))
    if CROCKFORD[total % 32] != letters[-1]:
        raise _Wrong(CHECK_DIGIT)
    return letters, None, {}


def nit_digit(digits: str) -> str:
    """Return the check digit of a Colombian NIT (up to ten digits before it)."""
    weighed = sum(
        int(digit) * weight
        for digit, weight in zip(reversed(digits), NIT_WEIGHTS, strict=False)
    )
    left = weighed % 11
    return str(left if left < 2 else 11 - left)


def _nit(value: str) -> Read:
    plain = re.sub(r"[ .]", "", value)
    digits, hyphen, check = plain.partition("-")
    if not re.fullmatch(r"\d{5,10}", digits, re.ASCII):
        return value, NOT_A_TAX_NUMBER, {"country": "CO"}
    if not hyphen:
        return digits, NO_CHECK_DIGIT, {"digit": nit_digit(digits)}
    if check != nit_digit(digits):
        raise _Wrong(CHECK_DIGIT)
    return plain, None, {}


def _ruc_of_peru(value: str) -> Read:
    digits = re.sub(r"[ .-]", "", value)
    if not re.fullmatch(r"(10|15|16|17|20)\d{9}", digits, re.ASCII):
        return value, NOT_A_TAX_NUMBER, {"country": "PE"}
    left = 11 - _weighed(digits[:-1], RUC_WEIGHTS) % 11
    if left % 10 != int(digits[-1]):
        raise _Wrong(CHECK_DIGIT)
    return digits, None, {}


def _cnpj(value: str) -> Read:
    """Check a CNPJ; from 2026 on it may hold letters, weighed as code points less 48."""
    letters = re.sub(r"[ ./-]", "", value).upper()
    if not re.fullmatch(r"[0-9A-Z]{12}\d{2}", letters, re.ASCII):
        return value, NOT_A_TAX_NUMBER, {"country": "BR"}
    for length in (12, 13):
        left = _weighed(letters[:length], CNPJ_WEIGHTS[13 - length :]) % 11
        if (0 if left < 2 else 11 - left) != int(letters[length]):
            raise _Wrong(CHECK_DIGIT)
    return letters, None, {}


def _weighed(letters: str, weights: tuple[int, ...]) -> int:
    return sum(
        (ord(letter) - ord("0")) * weight
        for letter, weight in zip(letters, weights, strict=True)
    )


def _ruc_of_ecuador(value: str) -> Read:
    """Look at the form alone: not every number given lately keeps the check digit."""
    digits = re.sub(r"[ .-]", "", value)
    form = r"(0[1-9]|1\d|2[0-4]|30)\d{8}(?!000)\d{3}"
    if not re.fullmatch(form, digits, re.ASCII):
        return value, NOT_A_TAX_NUMBER, {"country": "EC"}
    return digits, None, {}


TAX_READERS: Mapping[str, Reader] = {
    "BR": _cnpj,
    "CO": _nit,
    "EC": _ruc_of_ecuador,
    "PE": _ruc_of_peru,
}
READERS: Mapping[IdentifierScheme, Reader] = {
    IdentifierScheme.GLN: _gln,
    IdentifierScheme.LEI: _lei,
    IdentifierScheme.OS_HUB: _os_hub,
}


def remarks_on_numbers(
    numbers: Iterable[tuple[IdentifierScheme, str]], country: str
) -> tuple[Remark, ...]:
    """Return what looks odd about numbers that are kept, as `read_number` would say."""
    found: list[Remark] = []
    for scheme, value in numbers:
        try:
            found += read_number(scheme, value, country).remarks
        except NumberMalformed as malformed:
            found.append(Remark("number_malformed", MALFORMED, malformed.facts))
    return tuple(found)


def wanted_number(
    scheme: IdentifierScheme | None, text: str, country: str | None
) -> str:
    """Return a number as it would be kept, however somebody who looks for it wrote it."""
    if scheme is None:
        return text
    try:
        return read_number(scheme, text, country or "").value
    except NumberMalformed:
        return text
