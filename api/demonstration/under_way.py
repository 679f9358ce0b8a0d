"""What is not finished when somebody looks: a sample in the field, answers awaited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from api.demonstration.owing import BUYER, as_buyer
from api.demonstration.reviewing import audit_of, hear, person_named
from api.demonstration.story import Drawn, Story, UnderWay, VisitWritten
from api.demonstration.supply import SupplyChain
from api.demonstration.visits import LOCAL, Visit, instant
from audits.fieldwork.actions import assign
from audits.reviews.actions import NewRemark, return_audit, take
from audits.reviews.models import RemarkKind
from audits.sampling import actions as sampling
from audits.visits.models import AuditKind
from compliance.identity.models import Role
from compliance.identity.scope import Scope
from compliance.registry.consents.asking import ask
from compliance.registry.consents.giving import give
from compliance.registry.models.consents import Subject
from compliance.sealing import Keyring

SAMPLE = "sample"
CHECKLISTS = ("farm_visit",)
DAYS_SHOWN = 700


@dataclass(frozen=True)
class DrawSample:
    """Draw a sample among those who deliver to the mill."""


@dataclass(frozen=True)
class PlanSample:
    """Plan the visits of the sample, and give them to the auditor."""


@dataclass(frozen=True)
class ShowSites:
    """Let the buyer see the risk of the mill and of some farms, and have it ask for more."""


@dataclass(frozen=True)
class VisitDrawn:
    """Send the answers of a visit of the sample."""

    drawn: Drawn


@dataclass(frozen=True)
class ReviewDrawn:
    """Begin the review of such a visit: hear the site, or ask the auditor to mend it."""

    drawn: Drawn


Unfinished = DrawSample | PlanSample | ShowSites | VisitDrawn | ReviewDrawn


@dataclass(frozen=True)
class Furniture:
    """What the steps work with beside the database."""

    story: Story
    chain: SupplyChain
    keyring: Keyring
    names: Mapping[str, str]

    @property
    def under_way(self) -> UnderWay:
        if self.story.under_way is None:
            raise LookupError("the story has nothing under way")
        return self.story.under_way


def unfinished_steps(
    under_way: UnderWay,
) -> Iterator[tuple[str, datetime, Role, Unfinished]]:
    """Yield what begins and is not ended: name, instant, by whom, and what is done."""
    yield "sample/draw", instant(under_way.drawn_on), Role.REVIEWER, DrawSample()
    planned_at = instant(under_way.drawn_on + timedelta(days=1))
    yield "sample/plan", planned_at, Role.ADMINISTRATOR, PlanSample()
    yield "sample/show", planned_at, Role.MANAGER, ShowSites()
    for drawn in under_way.visits:
        sent_at = instant(drawn.day, 18)
        yield f"sample/visit/{drawn.number}", sent_at, Role.AUDITOR, VisitDrawn(drawn)
        if drawn.review is not None:
            at = instant(drawn.day + timedelta(days=1))
            name = f"sample/review/{drawn.number}"
            yield name, at, Role.REVIEWER, ReviewDrawn(drawn)


def begin(
    at_hand: Furniture, session: Session, scope: Scope, doing: Unfinished
) -> dict[str, str]:
    """Do a step that needs no answers; return the public ids of what it made."""
    under_way = at_hand.under_way
    match doing:
        case DrawSample():
            made = sampling.make(
                session,
                scope,
                mill=at_hand.names[under_way.mill],
                season=under_way.season,
                level=under_way.level,
            )
            chosen = {
                f"{SAMPLE}/{number}": one.frame_id
                for number, one in enumerate(made.sample)
            }
            return {SAMPLE: made.record.public_id, **chosen}
        case PlanSample():
            _plan(at_hand, session, scope)
        case ShowSites():
            _show(at_hand, session, scope)
        case ReviewDrawn(drawn):
            _review(at_hand, session, scope, drawn)
        case VisitDrawn():
            raise TypeError("answers go through the intake")
    return {}


def visit_of(at_hand: Furniture, drawn: Drawn) -> Visit:
    """Return a visit of the sample as the story has it."""
    chosen = at_hand.names[f"{SAMPLE}/{drawn.number}"]
    site = next(one for one in at_hand.chain.sites if at_hand.names[one.key] == chosen)
    return Visit(
        key=f"sample-{drawn.number}",
        site=site,
        kind=AuditKind.FARM_VISIT,
        year=drawn.day.year,
        started_at=datetime.combine(drawn.day, drawn.at, LOCAL),
        written=VisitWritten(
            chain=at_hand.under_way.chain,
            id=site.key,
            departs=drawn.departs,
            photograph=drawn.photograph,
        ),
    )


def _plan(at_hand: Furniture, session: Session, scope: Scope) -> None:
    under_way = at_hand.under_way
    planned = sampling.plan(
        session,
        scope,
        at_hand.names[SAMPLE],
        fieldwork_from=under_way.fieldwork_from,
        fieldwork_to=under_way.fieldwork_to,
    )
    auditor = next(one for one in at_hand.story.people if one.role is Role.AUDITOR)
    for one in planned.sample[: under_way.assigned]:
        assign(
            session,
            scope,
            site_id=one.frame_id,
            checklist_ids=CHECKLISTS,
            due_on=under_way.fieldwork_to,
            person=person_named(session, auditor.email),
        )


def _show(at_hand: Furniture, session: Session, scope: Scope) -> None:
    under_way, names = at_hand.under_way, at_hand.names
    until = instant(_later(under_way.drawn_on))
    for key in under_way.shown:
        give(
            session,
            scope,
            grantee=names[BUYER],
            site=names[key],
            subject=Subject.RISK,
            valid_until=until,
        )
    with as_buyer(session, scope, at_hand.story.buyer) as theirs:
        ask(
            session,
            theirs,
            supplier=scope.organisation_public_id,
            subject=Subject.SCORECARD,
            site=names[under_way.asked_for],
        )


def _later(day: date) -> date:
    return day + timedelta(days=DAYS_SHOWN)


def _review(at_hand: Furniture, session: Session, scope: Scope, drawn: Drawn) -> None:
    visit = visit_of(at_hand, drawn)
    found = audit_of(dict(at_hand.names), session, scope, visit)
    if drawn.review == "hear":
        hear(session, scope, found)
        return
    taken = take(session, scope, found.public_id)
    remarks = [NewRemark(RemarkKind.EVIDENCE_MISSING, text=drawn.remark)]
    return_audit(session, scope, at_hand.keyring, taken.public_id, remarks)
