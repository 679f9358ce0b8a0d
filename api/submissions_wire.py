"""The wire models of submissions: what is sent as JSON, and what is told of it."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.wire import Season, Wire
from audits.submissions.arriving import MOST_MINUTES, PAYER_CHARACTERS
from audits.submissions.models import DEVICE_ID_CHARACTERS, INSTANCE_ID_CHARACTERS
from audits.submissions.queries import (
    Completeness,
    DerivativeState,
    Processing,
    State,
)
from audits.visits.models import Notice

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _plain_day(value: Any) -> Any:
    """Take a day in the one form that every reader of the stored bytes takes."""
    if isinstance(value, str) and DAY.fullmatch(value):
        return value
    raise PydanticCustomError("date_parsing", "Write a day as YYYY-MM-DD.")


def _plain_instant(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PydanticCustomError("instant", "Write an instant with its zone.")
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("one_line", "Write one line of plain characters.")
    return value


Line = Annotated[str, StringConstraints(min_length=1, strict=True)]
WrittenDay = Annotated[date, BeforeValidator(_plain_day, json_schema_input_type=date)]
WrittenInstant = Annotated[
    datetime, BeforeValidator(_plain_instant, json_schema_input_type=datetime)
]
InstanceId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=INSTANCE_ID_CHARACTERS, strict=True),
    AfterValidator(_one_line),
]


class NewSubmission(Wire):
    """Answers of one visit: the answers document, and what is known of the visit."""

    checklist: Line
    version: Annotated[
        Line | None, Field(description="The newest version, unless it is named.")
    ] = None
    instance_id: Annotated[
        InstanceId,
        Field(description="An id of your own; sent twice, it is one record."),
    ]
    deprecated_id: Annotated[
        InstanceId | None, Field(description="The instance id that this one corrects.")
    ] = None
    site: Annotated[
        Line, Field(description="The site's id, or its number in another register.")
    ]
    observed_on: WrittenDay
    started_at: WrittenInstant | None = None
    ended_at: WrittenInstant | None = None
    notice: Notice | None = None
    payer: Annotated[
        str | None, StringConstraints(max_length=PAYER_CHARACTERS, strict=True)
    ] = None
    season: Season | None = None
    person_minutes: Annotated[int | None, Field(ge=0, le=MOST_MINUTES, strict=True)] = (
        None
    )
    device_id: Annotated[
        str | None, StringConstraints(max_length=DEVICE_ID_CHARACTERS, strict=True)
    ] = None
    facts: Annotated[
        dict[str, Any],
        Field(
            description="Fact id to value: null was asked and not answered, "
            '{"unknown": "cannot_tell"} was answered so; what is left out was not asked.'
        ),
    ]
    children: Annotated[
        Any, Field(description="A list of children, each with a key; null: no answer.")
    ] = None
    workers: Annotated[
        Any, Field(description="A list of workers, each with a key; null: no answer.")
    ] = None


class Receipt(Wire):
    """That answers were received; the same answers again get the same receipt."""

    id: str
    checklist: str
    version: str
    instance_id: str
    sha256: str
    received_at: str


class SubmissionWire(Wire):
    """A submission and what became of it."""

    id: str
    checklist: str
    version: str
    instance_id: str
    audit: str | None
    site: str | None
    season: str | None
    observed_on: str
    started_at: str | None
    ended_at: str | None
    received_at: str
    device_id: str | None
    received_from: str
    supersedes: str | None
    superseded_by: str | None
    sha256: str
    facts_sha256: str | None
    state: State
    processing: Processing
    attachments: Completeness


class SubmissionPage(Wire):
    items: list[SubmissionWire]
    next: str | None


class AnswerFault(Wire):
    """An answer that was given and cannot be read; it counts as blank."""

    path: str
    given: str
    message: str
    remedy: str


class FactsWire(Wire):
    """The facts of a submission, as the rules read them."""

    sha256: str
    answers: dict[str, Any]
    faults: list[AnswerFault]


class DerivativeWire(Wire):
    """What there is to look at of a file: a smaller picture, a PDF that does nothing."""

    state: DerivativeState
    reason: Annotated[
        str | None,
        Field(
            description="Why nothing was made: kind, too_large, too_many_pixels, "
            "unreadable or locked."
        ),
    ]
    url: str | None
    media_type: str | None
    size: int | None
    width: int | None
    height: int | None


class AttachmentWire(Wire):
    """A file that came with a submission; hash and size are those of the original."""

    id: str
    name: str
    sha256: str
    size: int
    media_type: str
    received_at: str
    is_sealed: Annotated[
        bool,
        Field(description="It is about a person: its original is handed to nobody."),
    ]
    distance_metres: Annotated[
        int | None,
        Field(description="From the visit's position to where it says it was taken."),
    ]
    minutes_after_start: Annotated[
        int | None,
        Field(description="From the beginning of the visit to when it was taken."),
    ]
    derivative: DerivativeWire


class AttachmentList(Wire):
    items: list[AttachmentWire]
    missing: list[str]


class RefusedWire(Wire):
    """Answers that contradicted what was there."""

    id: str
    checklist: str
    instance_id: str
    reason: str
    sha256: str
    device_id: str | None
    received_from: str
    received_at: str


class RefusedPage(Wire):
    items: list[RefusedWire]
    next: str | None


class ChosenSite(Wire):
    """The site to which a waiting submission belongs."""

    site: Line


class Reason(Wire):
    """Why a submission is withdrawn."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strict=True)]
