"""How the visits of the story are reviewed: the site is heard, then what was found stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.demonstration.story import Story
from api.demonstration.visits import Visit
from audits.competence.actions import record_qualification
from audits.competence.models import QualificationKind
from audits.reviews.actions import finalise, offer_reply, take
from audits.reviews.queries import reply_is_owed
from audits.visits.queries import AuditRecord, audit_on
from compliance.identity.models import Person, Role
from compliance.identity.scope import Scope
from compliance.registry.queries import site

HEARD_DAYS_LATER = 3
# The right of reply is fourteen days, to the end of the last.
FINAL_DAYS_LATER = 19
QUALIFIED_YEARS = 4
QUALIFIED = (
    QualificationKind.LEAD_AUDITOR,
    QualificationKind.IDENTIFICATION,
    QualificationKind.SAFEGUARDING,
)


class VisitWithoutAudit(RuntimeError):
    """A visit of the story opened no audit: the story and the product differ."""


@dataclass(frozen=True)
class Qualify:
    """Record what the auditors of the story were found able to do."""


@dataclass(frozen=True)
class HearSite:
    """Take an audit into review, and offer the site its reply where one is owed."""

    visit: Visit


@dataclass(frozen=True)
class Finalise:
    visit: Visit


Reviewing = Qualify | HearSite | Finalise


def review_steps(visit: Visit) -> Iterator[tuple[str, date, HearSite | Finalise]]:
    """Yield the steps of a visit's review: what it is called, when, and what is done."""
    heard_on = visit.day + timedelta(days=HEARD_DAYS_LATER)
    yield f"hear/{visit.key}", heard_on, HearSite(visit)
    final_on = visit.day + timedelta(days=FINAL_DAYS_LATER)
    yield f"final/{visit.key}", final_on, Finalise(visit)


def review(
    story: Story,
    names: dict[str, str],
    session: Session,
    scope: Scope,
    doing: Reviewing,
) -> dict[str, str]:
    """Do a step of a review, and return nothing new to remember."""
    match doing:
        case Qualify():
            _qualify(story, session, scope)
        case HearSite(visit):
            hear(session, scope, audit_of(names, session, scope, visit))
        case Finalise(visit):
            found = audit_of(names, session, scope, visit)
            finalise(session, scope, found.public_id)
    return {}


def hear(session: Session, scope: Scope, found: AuditRecord) -> None:
    """Take an audit into review, and offer the site its reply where one is owed."""
    taken = take(session, scope, found.public_id)
    if reply_is_owed(session, scope, taken):
        offer_reply(session, scope, taken.public_id)


def audit_of(
    names: dict[str, str], session: Session, scope: Scope, visit: Visit
) -> AuditRecord:
    """Return the audit that a visit of the story belongs to."""
    found = site(session, scope, names[visit.site.key])
    audit = audit_on(session, scope, site_id=found.id, kind=visit.kind, day=visit.day)
    if audit is None:
        raise VisitWithoutAudit(visit.key)
    return audit


def person_named(session: Session, email: str) -> str:
    """Return the public id of a person of the story."""
    return session.execute(
        select(Person.public_id).where(Person.email == email)
    ).scalar_one()


def _qualify(story: Story, session: Session, scope: Scope) -> None:
    auditors = [one for one in story.people if one.role is Role.AUDITOR]
    expires_on = story.founded_on.replace(year=story.founded_on.year + QUALIFIED_YEARS)
    for person in auditors:
        for kind in QUALIFIED:
            record_qualification(
                session,
                scope,
                person=person_named(session, person.email),
                kind=kind,
                issuer="Escuela de Auditoría Social (DEMO)",
                issued_on=story.founded_on - timedelta(days=60),
                expires_on=expires_on,
            )
