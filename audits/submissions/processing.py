"""What follows once a submission is stored: its place, its facts, its assessment.

None of it can lose the submission. Facts and assessment run inside a savepoint; what
fails there is undone and noted, and the stored bytes wait to be processed again.
"""

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar, cast

import structlog
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from audits.checklists.form import FormSchema, Purpose
from audits.checklists.instance import Instance
from audits.submissions.arriving import Told
from audits.submissions.facts import Source, StoredFacts, derive_facts, keep_facts
from audits.submissions.models import IntakeFault, Placement, Stage
from audits.visits.actions import receive_answers
from audits.visits.queries import AuditRecord
from compliance import clock
from compliance.clocks.observing import observe
from compliance.identifiers import new_id
from compliance.identity.scope import Scope
from compliance.registry.models import Site, SiteIdentifier
from compliance.registry.queries import SiteNotFound, SiteRecord, site
from rules.vocabulary import Vocabulary

log = structlog.get_logger()
PLACE = insert(cast(Table, Placement.__table__))


@dataclass(frozen=True)
class StoredSubmission:
    """A submission with its place and its facts: what an assessment starts from."""

    id: uuid.UUID
    public_id: str
    supersedes_id: uuid.UUID | None
    checklist_version_id: uuid.UUID
    audit: AuditRecord
    site: SiteRecord
    observed_on: date
    received_at: datetime
    facts: StoredFacts


Done = TypeVar("Done")
Then = Callable[[Session, Scope, StoredSubmission], None]


def nothing_more(_session: Session, _scope: Scope, _stored: StoredSubmission) -> None:
    """Do nothing with the facts of a submission."""


@dataclass(frozen=True)
class Row:
    """What processing needs to know of a submission's row."""

    id: uuid.UUID
    public_id: str
    supersedes_id: uuid.UUID | None
    checklist_version_id: uuid.UUID
    media_type: str
    content: bytes
    observed_on: date
    received_at: datetime


def site_named(session: Session, scope: Scope, reference: str) -> SiteRecord | None:
    """Return the site an auditor means: by its id, or by a number another register has."""
    wanted = reference.strip()
    try:
        return site(session, scope, wanted.lower())
    except SiteNotFound:
        found = session.scalars(
            select(Site.public_id)
            .join(SiteIdentifier, SiteIdentifier.site_id == Site.id)
            .where(
                SiteIdentifier.owner_id == scope.organisation_id,
                SiteIdentifier.value == wanted,
            )
            .distinct()
        ).all()
    return site(session, scope, found[0]) if len(found) == 1 else None


def place(
    session: Session,
    scope: Scope,
    row: Row,
    schema: FormSchema,
    told: Told,
    chosen: SiteRecord,
    *,
    not_before: datetime | None = None,
    is_told: bool = True,
) -> AuditRecord:
    """Give a submission that has none its audit, with a time of observation to trust.

    `not_before` is when its checklist was published, unless the record is older than
    that. What the device said of the time stays with the submission as it came. Reviewers
    are told of its audit unless `is_told` says otherwise.
    """
    seen = observe(
        received_at=row.received_at,
        declared_on=told.observed_on,
        started_at=told.started_at,
        ended_at=told.ended_at,
        not_before=not_before,
        country=chosen.country,
    )
    audit = receive_answers(
        session,
        scope,
        site=chosen,
        day=row.observed_on,
        circumstances=replace(told.circumstances, observed_at=seen.at),
        is_by_the_site=schema.purpose is Purpose.SELF_ASSESSMENT,
        is_told=is_told,
    )
    session.execute(
        PLACE,
        {
            "submission_id": row.id,
            "audit_id": audit.id,
            "actor": scope.actor,
            "placed_at": clock.now(),
        },
    )
    return audit


def process(
    session: Session,
    scope: Scope,
    row: Row,
    *,
    schema: FormSchema,
    audit: AuditRecord,
    chosen: SiteRecord,
    vocabulary: Vocabulary,
    then: Then,
    instance: Instance | None = None,
) -> None:
    """Derive the facts of a placed submission and hand those of a visit to `then`.

    What a site says of itself decides no rule: nobody has looked.
    """
    source = Source(
        row.media_type, row.content, schema, chosen, row.observed_on, instance
    )

    def derive() -> StoredFacts:
        facts = derive_facts(vocabulary, source)
        return keep_facts(session, scope, row.id, vocabulary, facts)

    kept = attempt(session, scope, row, Stage.FACTS, derive)
    if kept is None or schema.purpose is not Purpose.VISIT:
        return
    stored = StoredSubmission(
        id=row.id,
        public_id=row.public_id,
        supersedes_id=row.supersedes_id,
        checklist_version_id=row.checklist_version_id,
        audit=audit,
        site=chosen,
        observed_on=row.observed_on,
        received_at=row.received_at,
        facts=kept,
    )

    attempt(session, scope, row, Stage.ASSESSMENT, lambda: then(session, scope, stored))


def attempt(
    session: Session,
    scope: Scope,
    row: Row,
    stage: Stage,
    work: Callable[[], Done],
) -> Done | None:
    """Do `work` in a savepoint; what fails is undone, noted, and answered with None."""
    waiting = len(session.info.get("trail", []))
    try:
        with session.begin_nested():
            done = work()
    except Exception as fault:
        if _is_passing(session, fault):
            raise
        del session.info.get("trail", [])[waiting:]
        note_fault(session, scope, row, stage, fault)
        return None
    return done


def clear_faults(session: Session, row: Row) -> None:
    """Take what failed before as settled; what fails again is noted again."""
    session.execute(
        update(IntakeFault)
        .where(
            IntakeFault.submission_id == row.id,
            IntakeFault.cleared_at.is_(None),
        )
        .values(cleared_at=clock.now())
    )


def _is_passing(session: Session, fault: Exception) -> bool:
    """Tell a deadlock or a lost server, after which the device simply sends again.

    SQLite gives the same name to a mistake in a statement, which would never pass.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return is_postgresql and isinstance(fault, OperationalError)


def note_fault(
    session: Session, scope: Scope, row: Row, stage: Stage, fault: Exception
) -> None:
    """Note that a stage failed; the message of the fault may hold answers, so not that."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    log.error(
        "intake_fault",
        submission=row.public_id,
        stage=stage,
        fault=type(fault).__name__,
        where=f"{Path(where.filename).name}:{where.lineno}",
    )
    session.execute(
        insert(IntakeFault).values(
            id=new_id(),
            owner_id=scope.organisation_id,
            submission_id=row.id,
            stage=stage,
            fault=type(fault).__name__,
            noted_at=clock.now(),
        )
    )
