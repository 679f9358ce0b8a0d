"""The first steps of an organisation, from an empty register to its first scorecard.

Which are done is never written down: the data say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session

from audits.checklists.models import Checklist
from audits.fieldwork.models import Assignment
from audits.submissions.models import Submission
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance.identity.models import Invitation, Membership, MembershipStatus, Role
from compliance.identity.permissions import Permission, roles_that_may
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent
from compliance.scorecards.models import Scorecard
from compliance.texts import N_

CALLER = bindparam("organisation_id", type_=Uuid())


class FirstStep(StrEnum):
    """What is done once, in this order."""

    PEOPLE = "people"
    SITES = "sites"
    CHECKLIST = "checklist"
    PLAN = "plan"
    VISIT = "visit"
    REVIEW = "review"
    SCORECARD = "scorecard"


@dataclass(frozen=True)
class Told:
    """A step in words: what, why, who may, and where it is done."""

    title: str
    why: str
    needs: Permission
    links: tuple[tuple[str, str], ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        return roles_that_may(self.needs)


STEPS: Mapping[FirstStep, Told] = {
    FirstStep.PEOPLE: Told(
        N_("Invite the people who work with you"),
        N_(
            "Whoever visits, reviews or answers for a site signs in with an account of "
            "their own, so that every decision has a name."
        ),
        Permission.MANAGE_PEOPLE,
        ((N_("Invite somebody"), "/people"),),
    ),
    FirstStep.SITES: Told(
        N_("Register the sites you buy from"),
        N_(
            "Only what is registered can be visited, and the register shows what was "
            "never visited too."
        ),
        Permission.CHANGE_REGISTER,
        ((N_("Import a list"), "/imports"), (N_("The register"), "/supply-base")),
    ),
    FirstStep.CHECKLIST: Told(
        N_("Publish a checklist"),
        N_(
            "It is what auditors fill, on a phone without signal too; publishing it "
            "tells which rules it can decide."
        ),
        Permission.CHANGE_CHECKLISTS,
        ((N_("Publish a checklist"), "/checklists"),),
    ),
    FirstStep.PLAN: Told(
        N_("Draw a sample and plan the first visit"),
        N_(
            "A draw that can be repeated keeps anybody from choosing the easy sites, "
            "and whoever goes finds the visit on their phone."
        ),
        Permission.MANAGE_FIELDWORK,
        (
            (N_("Draw a sample"), "/draws"),
            (N_("Assign a visit"), "/assignments"),
        ),
    ),
    FirstStep.VISIT: Told(
        N_("Receive the first visit"),
        N_(
            "Answers are sent once there is signal, and red flags are told at once, "
            "counted from when they were seen."
        ),
        Permission.SUBMIT_VISITS,
        ((N_("Fill a visit offline"), "/field"),),
    ),
    FirstStep.REVIEW: Told(
        N_("Review it, and hear the site"),
        N_(
            "A second person looks at every visit, and the site may answer, before "
            "anything is final."
        ),
        Permission.SUPERVISE_VISITS,
        ((N_("Visits to review"), "/audits"),),
    ),
    FirstStep.SCORECARD: Told(
        N_("Issue the first scorecard"),
        N_(
            "It is what a buyer reads and can verify, and it says what could not be "
            "determined."
        ),
        Permission.ISSUE_SCORECARDS,
        ((N_("Scorecards"), "/scorecards"),),
    ),
}


@dataclass(frozen=True)
class FirstSteps:
    """Which of the first steps an organisation has done."""

    done: frozenset[FirstStep]
    sees_others: bool = False

    @property
    def next(self) -> FirstStep | None:
        return next((one for one in FirstStep if one not in self.done), None)

    @property
    def number(self) -> int:
        return len(self.done)

    @property
    def is_empty(self) -> bool:
        """Tell an installation where nothing can be done yet: no site is registered."""
        return FirstStep.SITES not in self.done

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is to be done first: a buyer needs no site of its own."""
        return self.next is None or (self.is_empty and self.sees_others)


# Somebody besides the first administrator, or at least a place kept for somebody.
IS_INVITED = or_(
    select(Invitation.id)
    .where(
        Invitation.organisation_id == CALLER,
        Invitation.withdrawn_at.is_(None),
        Invitation.accepted_at.is_(None),
    )
    .exists(),
    select(func.count())
    .select_from(Membership)
    .where(
        Membership.organisation_id == CALLER,
        Membership.status == MembershipStatus.ACTIVE.value,
    )
    .scalar_subquery()
    > 1,
)
DONE: Mapping[FirstStep, Select[tuple[bool]]] = {
    FirstStep.PEOPLE: select(IS_INVITED),
    FirstStep.SITES: select(
        select(Site.id)
        .where(or_(Site.owner_id == CALLER, Site.operator_id == CALLER))
        .exists()
    ),
    FirstStep.CHECKLIST: select(
        select(Checklist.id).where(Checklist.owner_id == CALLER).exists()
    ),
    FirstStep.PLAN: select(
        or_(
            select(Audit.id).where(Audit.owner_id == CALLER).exists(),
            select(Assignment.id).where(Assignment.owner_id == CALLER).exists(),
        )
    ),
    FirstStep.VISIT: select(
        select(Submission.id).where(Submission.owner_id == CALLER).exists()
    ),
    FirstStep.REVIEW: select(
        select(Audit.id)
        .where(Audit.owner_id == CALLER, Audit.status == State.FINAL.value)
        .exists()
    ),
    FirstStep.SCORECARD: select(
        select(Scorecard.id).where(Scorecard.owner_id == CALLER).exists()
    ),
}
SEES_OTHERS = select(select(Consent.id).where(Consent.grantee_id == CALLER).exists())
STATEMENT = select(
    *(asked.scalar_subquery().label(step.value) for step, asked in DONE.items()),
    SEES_OTHERS.scalar_subquery().label("sees_others"),
)


def first_steps(session: Session, scope: Scope) -> FirstSteps:
    """Return which first steps the caller's organisation has done: yes or no of each.

    Everybody of an organisation may know how far it is.
    """
    found = session.execute(STATEMENT, {"organisation_id": scope.organisation_id}).one()
    return FirstSteps(
        frozenset(one for one in FirstStep if getattr(found, one.value)),
        bool(found.sees_others),
    )
