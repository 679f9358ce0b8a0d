"""Amounts of money as people write them into a form, as whole minor units."""

import re
from decimal import Decimal

from api.pages.forms import FieldWrong, Form
from compliance.money import EXPONENTS, LARGEST_AMOUNT
from compliance.texts import N_

WRITTEN = re.compile(r"(-?\d{1,15})(?:[.,](\d{1,3}))?", re.ASCII)


def currency_of(form: Form, name: str) -> str:
    """Return the code of a currency; raise FieldWrong where it is none."""
    code = form.required(name).upper()
    if code not in EXPONENTS:
        raise FieldWrong(name, N_("Write the code of a currency, such as COP."))
    return code


def amount_of(form: Form, name: str, currency: str) -> int:
    """Return an amount in minor units; raise FieldWrong where it is none.

    What separates thousands is refused: 1.500 is one and a half to one reader, and
    fifteen hundred to another.
    """
    matched = WRITTEN.fullmatch(form.required(name))
    decimals = matched[2] or "" if matched else ""
    exponent = EXPONENTS[currency]
    if matched is None or len(decimals) > exponent:
        raise FieldWrong(
            name,
            N_("Write the amount with nothing between thousands, such as 1500000."),
        )
    amount = int(Decimal(f"{matched[1]}.{decimals or 0}").scaleb(exponent))
    if abs(amount) > LARGEST_AMOUNT:
        raise FieldWrong(name, N_("Write a smaller number."))
    return amount


def money_in(form: Form, amount: str, currency: str) -> dict[str, object] | None:
    """Return an amount with its currency; None where no amount was written."""
    if not form.value(amount).strip():
        return None
    code = currency_of(form, currency)
    return {"amount": amount_of(form, amount, code), "currency": code}
