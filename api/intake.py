"""What the doors of the intake share: its means, and what follows a submission."""

from functools import partial

from sqlalchemy.orm import Session

from api.service import Service
from audits.assessments.actions import assess_submission
from audits.integrity.actions import ask_for_signals
from audits.submissions.intake import Intake
from audits.submissions.processing import StoredSubmission
from compliance.identity.scope import Scope
from compliance.sealing import Keyring
from rules import Book


def intake_of(service: Service) -> Intake:
    """Return what the intake of this running product works with."""
    return Intake(
        files=service.files,
        keyring=keyring_of(service),
        vocabulary=service.book.vocabulary,
        then=partial(after_received, service.book),
    )


def keyring_of(service: Service) -> Keyring:
    """Return the keys that seal what names people."""
    return Keyring(service.settings.resolved_sealing_keys_file)


def after_received(
    book: Book, session: Session, scope: Scope, stored: StoredSubmission
) -> None:
    """Assess a submission as soon as its facts are known, in the same transaction."""
    assess_submission(session, scope, book, stored)
    ask_for_signals(session, scope, stored.public_id)
