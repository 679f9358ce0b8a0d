"""What ODK Validate says of a form, as lines of the command line."""

from collections.abc import Iterator
from typing import Any

from audits.checklists.models import ValidationState
from audits.checklists.odk_validate import Validation, validate
from compliance.settings import Settings
from compliance.texts import N_, translate

ACCEPTED = N_("ODK Validate accepts the form.")
REFUSED = N_("ODK Validate refuses the form; devices would not get it:")
NO_JAVA = N_(
    "ODK Validate was skipped: no Java was found. With Java 8 or later the form is "
    "loaded as a phone would load it."
)
SWITCHED_OFF = N_("ODK Validate was skipped: ATALAYA_ODK_VALIDATE is off.")
NOT_RUN = N_("ODK Validate could not finish, so the form was not validated:")


def validated(xform: bytes, settings: Settings) -> Validation | None:
    """Return what ODK Validate says (seconds), None where the operator wants it not."""
    return None if settings.odk_validate == "off" else validate(xform)


def validation_document(found: Validation | None) -> dict[str, Any]:
    """Return it as the API tells it."""
    found = found or Validation(ValidationState.NOT_RUN)
    return {"state": found.state, "complaints": found.complaints}


def validation_lines(found: Validation | None, language: str) -> Iterator[str]:
    """Return it in words, with every complaint as ODK Validate puts it."""
    if found is None:
        yield translate(SWITCHED_OFF, language)
        return
    yield translate(_summary(found), language)
    yield from found.complaints


def _summary(found: Validation) -> str:
    if found.state is ValidationState.ACCEPTED:
        return ACCEPTED
    if found.state is ValidationState.REFUSED:
        return REFUSED
    return NOT_RUN if found.complaints else NO_JAVA
