"""What a filled checklist says about the visit itself, apart from the facts.

Times and positions come from the device and are evidence, not truth.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from audits.checklists.form import FormSchema, QuestionType
from audits.checklists.instance import Instance, instant, nodes_at
from audits.checklists.values import read_day

# The names that a question of any checklist takes to tell one of these.
SITE_REFERENCE = "site_ref"
CONSENT = "consent"
NOTICE = "visit_notice"
PAYER = "visit_payer"
SEASON = "visit_season"
PERSON_HOURS = "person_hours"
LOCATION = "location"
OBSERVED_ON = "observed_on"
METADATA_QUESTIONS = (
    SITE_REFERENCE,
    CONSENT,
    NOTICE,
    PAYER,
    SEASON,
    PERSON_HOURS,
    LOCATION,
    OBSERVED_ON,
)


@dataclass(frozen=True, slots=True)
class Location:
    latitude: Decimal
    longitude: Decimal
    altitude: Decimal | None
    accuracy: Decimal | None
    """Metres; the device's own estimate."""


@dataclass(frozen=True, slots=True)
class Metadata:
    site_reference: str | None
    consent: str | None
    notice: str | None
    payer: str | None
    season: str | None
    person_hours: Decimal | None
    location: Location | None
    started_at: datetime | None
    ended_at: datetime | None
    observed_on: date | None
    device_id: str | None


def metadata_of(schema: FormSchema, instance: Instance) -> Metadata:
    def answer(name: str) -> str | None:
        question = schema.by_name.get(name)
        return _text(instance, question.path) if question else None

    def automatic(kind: QuestionType) -> str | None:
        paths = (one.path for one in schema.questions if one.type is kind)
        return next((text for path in paths if (text := _text(instance, path))), None)

    started_at = instant(automatic(QuestionType.START)) or instance.started_at
    return Metadata(
        site_reference=answer(SITE_REFERENCE),
        consent=answer(CONSENT),
        notice=answer(NOTICE),
        payer=answer(PAYER),
        season=answer(SEASON),
        person_hours=_decimal(answer(PERSON_HOURS)),
        location=read_location(answer(LOCATION)),
        started_at=started_at,
        ended_at=instant(automatic(QuestionType.END)) or instance.ended_at,
        observed_on=_day(answer(OBSERVED_ON))
        or _day(automatic(QuestionType.TODAY))
        or (started_at.date() if started_at else None),
        device_id=automatic(QuestionType.DEVICE_ID) or instance.device_id,
    )


def read_location(text: str | None) -> Location | None:
    """Read `latitude longitude altitude accuracy`; None unless it lies on the earth."""
    parts = [_decimal(part) for part in (text or "").split()]
    if len(parts) not in (2, 3, 4) or parts[0] is None or parts[1] is None:
        return None
    latitude, longitude, altitude, accuracy = [*parts, None, None][:4]
    if latitude is None or longitude is None:
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Location(latitude, longitude, altitude, accuracy)


def _text(instance: Instance, path: str) -> str | None:
    return next(
        (node.text for node in nodes_at(instance.root, path) if node.text), None
    )


def _day(text: str | None) -> date | None:
    return read_day(text) if text else None


def _decimal(text: str | None) -> Decimal | None:
    """Return a plain decimal number; NaN and infinities are none."""
    try:
        number = Decimal(text) if text and len(text) <= 30 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
