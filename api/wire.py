"""What requests and answers are made of: strict wire models and their common types."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError


def _iso_day(value: Any) -> Any:
    """Take a day only as text: Pydantic would read the number 0 as 1970-01-01."""
    if isinstance(value, str | date):
        return value
    raise PydanticCustomError("date_type", "Write a day as YYYY-MM-DD.")


class Wire(BaseModel):
    """A body that travels: unknown members are refused, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


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
