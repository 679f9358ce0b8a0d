"""Fields that several forms have: a mail address, one line, a last day, choices told."""

from datetime import UTC, date, datetime, time, timedelta

from pydantic import TypeAdapter, ValidationError

from api.pages.forms import FieldWrong, Form
from api.wire import EmailAddress
from compliance.texts import N_

MAIL_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)
LAST_YEAR = 2200


def mail_address(form: Form, name: str) -> str:
    """Return one e-mail address; raise FieldWrong where a field has none."""
    written = form.required(name)
    try:
        return MAIL_ADDRESS.validate_python(written)
    except ValidationError:
        raise FieldWrong(
            name, N_("Write one e-mail address, as maria@example.org.")
        ) from None


def one_line(form: Form, name: str, most: int, *, optional: bool = False) -> str | None:
    """Return a line of text; None where it may be, and is, left out."""
    text = form.value(name).strip()
    if not text and optional:
        return None
    line = form.required(name)
    if len(line) > most or not line.isprintable():
        raise FieldWrong(name, N_("Write one line, and not so long a one."))
    return line


def end_of_day(form: Form, name: str, *, optional: bool = False) -> datetime | None:
    """Return when a last day is over, in UTC: the day itself is within."""
    day = near_day(form, name, optional=optional)
    return None if day is None else beginning(day + timedelta(days=1))


def near_day(form: Form, name: str, *, optional: bool = False) -> date | None:
    """Return a day that can be reckoned from; raise FieldWrong for a far one."""
    day = form.day(name, optional=optional)
    if day is not None and day.year > LAST_YEAR:
        raise FieldWrong(name, N_("This day is too far away."))
    return day


def beginning(day: date) -> datetime:
    """Return the instant at which a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)
