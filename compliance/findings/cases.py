"""The opaque reference of a protected case, and the one word that comes back of it.

A red flag about somebody gets a random reference when it is raised, made from nothing
it is about. What is done for the person is another system's; it notes one word here and
tells nothing else. Of the word the site's operator learns nothing, of the reference only
those who may open a case.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.findings.deadlines import RED_FLAGS
from compliance.findings.models import CaseMark, Finding
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Severity, Topic


class CaseWord(StrEnum):
    NOT_OPENED = "not_opened"
    NOT_NEEDED = "not_needed"
    OPENED = "opened"
    REFERRED = "referred"
    IN_FOLLOW_UP = "in_follow_up"
    OUTCOME_VERIFIED = "outcome_verified"
    CLOSED_WITHOUT_OUTCOME = "closed_without_outcome"


# A referral that is rejected goes back; a case that was closed too soon is opened again.
CASE_WORDS: Mapping[CaseWord, frozenset[CaseWord]] = {
    CaseWord.NOT_OPENED: frozenset({CaseWord.OPENED, CaseWord.NOT_NEEDED}),
    CaseWord.NOT_NEEDED: frozenset({CaseWord.OPENED}),
    CaseWord.OPENED: frozenset(
        {CaseWord.REFERRED, CaseWord.IN_FOLLOW_UP, CaseWord.CLOSED_WITHOUT_OUTCOME}
    ),
    CaseWord.REFERRED: frozenset(
        {CaseWord.OPENED, CaseWord.IN_FOLLOW_UP, CaseWord.CLOSED_WITHOUT_OUTCOME}
    ),
    CaseWord.IN_FOLLOW_UP: frozenset(
        {
            CaseWord.REFERRED,
            CaseWord.OUTCOME_VERIFIED,
            CaseWord.CLOSED_WITHOUT_OUTCOME,
        }
    ),
    CaseWord.OUTCOME_VERIFIED: frozenset(),
    CaseWord.CLOSED_WITHOUT_OUTCOME: frozenset({CaseWord.OPENED}),
}
OVER = frozenset(
    {CaseWord.NOT_NEEDED, CaseWord.OUTCOME_VERIFIED, CaseWord.CLOSED_WITHOUT_OUTCOME}
)


class CaseNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such reference")
    detail = N_("No finding of yours carries this reference of a case.")


class CaseWordNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The case cannot come to this word")
    detail = N_("From {before} a case comes to: {possible}; not to {word}.")


@dataclass(frozen=True)
class CaseNoted:
    """The word of a case; the reference only for those who may open one."""

    word: CaseWord
    reference: str | None


MARKED = select(CaseMark.id, CaseMark.reference, CaseMark.word).where(
    CaseMark.finding_id == bindparam("finding_id"), CaseMark.is_current
)


def concerns_a_person(topic: Topic, severity: Severity) -> bool:
    """Tell a red flag about somebody harmed or in danger.

    Every red flag is, but those that speak of how a site is managed: of them nobody can
    be helped one by one.
    """
    return severity in RED_FLAGS and topic is not Topic.GRIEVANCE_AND_MANAGEMENT


def mark_case(
    session: Session, owner_id: OrganisationId, finding_id: uuid.UUID
) -> None:
    """Give a finding a fresh reference, unless one of it is still being worked on."""
    before = session.execute(MARKED, {"finding_id": finding_id}).one_or_none()
    if before is not None:
        if before.word not in OVER:
            return
        session.execute(
            update(CaseMark).where(CaseMark.id == before.id).values(is_current=False)
        )
    session.execute(
        insert(CaseMark).values(
            id=new_id(),
            finding_id=finding_id,
            owner_id=owner_id,
            reference=new_public_id("case"),
            word=CaseWord.NOT_OPENED,
            noted_at=clock.now(),
            is_current=True,
        )
    )


def case_of(
    session: Session, scope: Scope, finding_id: uuid.UUID, owner_id: uuid.UUID
) -> CaseNoted | None:
    """Return the word of a finding's case, None to whom it is not told.

    It is told inside the organisation that keeps the site's record, and there to nobody
    who answers for the site.
    """
    if owner_id != scope.organisation_id or not scope.may(Permission.READ_CASE_WORDS):
        return None
    row = session.execute(MARKED, {"finding_id": finding_id}).one_or_none()
    if row is None:
        return None
    may_open = scope.may(Permission.OPEN_CASES)
    return CaseNoted(CaseWord(row.word), row.reference if may_open else None)


def note_case_status(
    session: Session, scope: Scope, *, reference: str, word: CaseWord
) -> None:
    """Note the word a case has come to; raise CaseWordNotAllowed where it cannot.

    The case's own system calls this. The trail tells the finding and the word, never
    the reference, so that it leads from a finding to no case.
    """
    scope.require(Permission.OPEN_CASES)
    row = session.execute(
        select(
            CaseMark.id, CaseMark.word, Finding.public_id, Finding.id.label("finding")
        )
        .join(Finding, Finding.id == CaseMark.finding_id)
        .where(
            CaseMark.owner_id == scope.organisation_id,
            CaseMark.reference == reference,
        )
        .with_for_update(of=CaseMark)
    ).one_or_none()
    if row is None:
        raise CaseNotFound
    possible = CASE_WORDS[CaseWord(row.word)]
    if word not in possible:
        told = ", ".join(sorted(possible)) or "-"
        raise CaseWordNotAllowed(before=row.word, word=word, possible=told)
    session.execute(
        update(CaseMark)
        .where(CaseMark.id == row.id)
        .values(word=word, noted_at=clock.now())
    )
    clocks.stop(session, row.public_id, ClockKind.REFERRAL)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="finding.case_noted",
        subject_id=row.public_id,
        word=word,
    )
