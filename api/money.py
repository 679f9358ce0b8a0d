"""How amounts of money travel: whole minor units beside their currency (ISO 4217)."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from compliance.money import EXPONENTS, LARGEST_AMOUNT


def _known(code: str) -> str:
    if code not in EXPONENTS:
        raise PydanticCustomError(
            "currency", "Write a currency of ISO 4217 that is in use, such as COP."
        )
    return code


Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$", strict=True),
    AfterValidator(_known),
    Field(description="ISO 4217 code; its exponent says what a minor unit is."),
]
Amount = Annotated[
    int,
    Field(
        ge=1,
        le=LARGEST_AMOUNT,
        strict=True,
        description="In minor units of the currency: 150000 of COP are 1500.00 pesos.",
    ),
]
AmountChange = Annotated[
    int,
    Field(
        ge=-LARGEST_AMOUNT,
        le=LARGEST_AMOUNT,
        strict=True,
        description="In minor units of the currency; below 0 for less.",
    ),
]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$", strict=True),
    Field(description="SHA-256 of the file, in hexadecimal."),
]
