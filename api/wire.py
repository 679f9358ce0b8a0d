"""What requests and answers are made of: strict wire models and their common types."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# One address and nothing around it; whether it exists, only a letter would tell.
EMAIL_ADDRESS = re.compile(r"[^@\s<>,;\x00-\x1f\x7f]{1,64}@[^@\s<>,;\x00-\x1f\x7f]+")


def _iso_day(value: Any) -> Any:
    """Take a day only as text: Pydantic would read the number 0 as 1970-01-01."""
    if isinstance(value, date) or (isinstance(value, str) and ISO_DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_type", "Write a day as YYYY-MM-DD.")


def _written_instant(value: Any) -> Any:
    """Take an instant only as text with its zone: nobody's own time is meant."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PydanticCustomError("instant", "Write an instant with its zone.")
    return moment


def _email_address(value: str) -> str:
    if not EMAIL_ADDRESS.fullmatch(value):
        raise PydanticCustomError("email_address", "Write one e-mail address.")
    return value


class Wire(BaseModel):
    """A body that travels: unknown members are refused, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


Instant = Annotated[
    datetime,
    BeforeValidator(_written_instant, json_schema_input_type=datetime),
    Field(description="An instant with its zone."),
]
EmailAddress = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, strict=True),
    AfterValidator(_email_address),
]
Day = Annotated[date, BeforeValidator(_iso_day, json_schema_input_type=date), Field()]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$", strict=True)]
Season = Annotated[
    str,
    StringConstraints(pattern=r"^20\d\d(-(main|mid))?$", strict=True),
    Field(description="A harvest year, or one harvest of it.", examples=["2026-main"]),
]
Latitude = Annotated[float, Field(ge=-90, le=90, strict=True)]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]


class FieldMistake(Wire):
    """One field of a request that cannot be used as it is."""

    field: str
    given: str | None
    remedy: str


class ProblemDocument(BaseModel):
    """What every error looks like (RFC 9457); facts are members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/site-not-found"])
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldMistake] | None = None


# The problems that nearly every route can answer with, and those of one thing.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "No valid credential."},
    403: {"model": ProblemDocument, "description": "The role does not allow it."},
    422: {"model": ProblemDocument, "description": "The request cannot be used."},
}
ONE_PROBLEMS = {
    **PROBLEMS,
    404: {"model": ProblemDocument, "description": "Not found, or not yours."},
}
