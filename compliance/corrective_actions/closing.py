"""Closing a finding: by somebody who had no part in it, on what was verified."""

from sqlalchemy.orm import Session

from compliance.corrective_actions.queries import worked_on_by
from compliance.findings.actions import Words, take_step
from compliance.findings.lifecycle import Step
from compliance.findings.noting import locked
from compliance.findings.queries import FindingRecord
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope


def close(
    session: Session, scope: Scope, public_id: str, words: Words
) -> FindingRecord:
    """Close a finding whose corrective actions are verified, and return it.

    Whoever raised it, or stood on the site's side of any of its actions, is refused.
    """
    scope.require(Permission.READ_FINDINGS)
    before = locked(session, scope, public_id)
    return take_step(
        session,
        scope,
        public_id,
        Step.CLOSE,
        words,
        worked_on_by=worked_on_by(session, before.id),
    )
