"""What the tasks do, each through the action that a request would call."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import assert_never

from sqlalchemy.orm import Session

from api.card_making import press_of, visit_for_card
from api.demonstration.answering import record_of
from api.demonstration.noting import note_details
from api.demonstration.owing import (
    KeepPromise,
    WriteLedger,
    keep_promise,
    write_line,
)
from api.demonstration.photographs import arrived, photograph_of
from api.demonstration.planning import plan as plan_actions
from api.demonstration.planning import verify_and_close
from api.demonstration.reviewing import Finalise, HearSite, Qualify, review
from api.demonstration.story import (
    Answering,
    CourseStep,
    Planning,
    Story,
    read_answering,
)
from api.demonstration.supply import SupplyChain
from api.demonstration.tasks import (
    Doing,
    FollowUp,
    IssueScorecard,
    PlanVisit,
    PublishChecklists,
    RegisterDetails,
    RegisterGroups,
    RegisterLinks,
    RegisterSites,
    ReportDone,
    SubmitVisit,
    Verify,
)
from api.demonstration.under_way import (
    DrawSample,
    Furniture,
    PlanSample,
    ReviewDrawn,
    ShowSites,
    Unfinished,
    VisitDrawn,
    begin,
    visit_of,
)
from api.demonstration.visits import Visit
from api.intake import intake_of, keyring_of
from api.service import Service
from audits.checklists import queries as checklists
from audits.checklists.actions import publish_library
from audits.submissions.arriving import parcel_of_xml
from audits.submissions.intake import receive
from audits.visits.actions import plan
from compliance.findings.actions import Words, take_step
from compliance.findings.lifecycle import STEPS, EvidenceKind, State, Step
from compliance.findings.queries import FindingRecord, findings_of_site
from compliance.findings.statements import Written
from compliance.identity.actions import register_organisation
from compliance.identity.models import OrganisationKind
from compliance.identity.scope import Scope
from compliance.registry.actions import register_site
from compliance.registry.links.actions import register_supply_link
from compliance.registry.models import IdentifierScheme
from compliance.registry.queries import Identifier, SiteRecord, site
from compliance.scorecards.actions import Press, issue
from compliance.scorecards.material import Statement
from compliance.scorecards.suspending import follow_findings

Names = dict[str, str]


@dataclass
class Stage:
    """What the tasks work on, and the public ids that earlier tasks gave to things."""

    service: Service
    story: Story
    chain: SupplyChain
    names: Names = field(default_factory=dict)

    @property
    def press(self) -> Press:
        return replace(press_of(self.service), is_demonstration=True)


class NotPlaced(RuntimeError):
    """A visit of the story did not reach its site: the story and the product differ."""


@cache
def _answering(checklist: str) -> Answering:
    return read_answering(checklist)


def act(stage: Stage, session: Session, scope: Scope, doing: Doing) -> Names:
    """Do what a task says and return the public ids of what it made."""
    match doing:
        case PublishChecklists():
            publish_library(session, scope, stage.service.book.vocabulary)
            return {}
        case RegisterGroups() | RegisterSites() | RegisterLinks() | RegisterDetails():
            return _register(stage, session, scope, doing)
        case PlanVisit(visit):
            return _plan(stage, session, scope, visit)
        case SubmitVisit(visit):
            return _submit(stage, session, scope, visit)
        case FollowUp() | ReportDone() | Verify():
            return _follow(stage, session, scope, doing)
        case IssueScorecard(site_key):
            return _issue(stage, session, scope, site_key)
        case WriteLedger() | KeepPromise():
            return _owe(stage, session, scope, doing)
        case Qualify() | HearSite() | Finalise():
            return review(stage.story, stage.names, session, scope, doing)
        case DrawSample() | PlanSample() | ShowSites() | VisitDrawn() | ReviewDrawn():
            return _begin(stage, session, scope, doing)
        case _:
            assert_never(doing)


def _follow(
    stage: Stage,
    session: Session,
    scope: Scope,
    doing: FollowUp | ReportDone | Verify,
) -> Names:
    match doing:
        case FollowUp():
            return _follow_up(stage, session, scope, doing)
        case ReportDone(visit):
            return _report_done(stage, session, scope, visit)
        case Verify(visit):
            return _verify(stage, session, scope, visit)
        case _:
            assert_never(doing)


def _register(
    stage: Stage,
    session: Session,
    scope: Scope,
    doing: RegisterGroups | RegisterSites | RegisterLinks | RegisterDetails,
) -> Names:
    match doing:
        case RegisterGroups():
            return _register_groups(stage, session, scope)
        case RegisterSites():
            return _register_sites(stage, session, scope, doing)
        case RegisterLinks():
            return _register_links(stage, session, scope, doing)
        case RegisterDetails(details):
            note_details(stage.names, session, scope, details)
            return {}
        case _:
            assert_never(doing)


def _owe(
    stage: Stage, session: Session, scope: Scope, doing: WriteLedger | KeepPromise
) -> Names:
    if isinstance(doing, WriteLedger):
        return write_line(stage.names, session, scope, doing)
    return keep_promise(stage.names, session, scope, keyring_of(stage.service), doing)


def _begin(stage: Stage, session: Session, scope: Scope, doing: Unfinished) -> Names:
    keyring = keyring_of(stage.service)
    at_hand = Furniture(stage.story, stage.chain, keyring, stage.names)
    if isinstance(doing, VisitDrawn):
        return _submit(stage, session, scope, visit_of(at_hand, doing.drawn))
    return begin(at_hand, session, scope, doing)


def _register_groups(stage: Stage, session: Session, scope: Scope) -> Names:
    return {
        chain.group: register_organisation(
            session,
            scope,
            kind=OrganisationKind.PRODUCER_GROUP,
            name=chain.group,
            country=stage.story.exporter.country,
        ).public_id
        for chain in stage.story.chains
    }


def _register_sites(
    stage: Stage, session: Session, scope: Scope, doing: RegisterSites
) -> Names:
    return {
        one.key: register_site(
            session,
            scope,
            kind=one.kind,
            name=one.name,
            country=one.country,
            commodity=one.commodity,
            admin1=one.admin1,
            municipality=one.municipality,
            latitude=one.latitude,
            longitude=one.longitude,
            area_square_metres=one.area_square_metres,
            group=stage.names[one.group] if one.group else None,
            identifiers=[Identifier(IdentifierScheme.TAX_NUMBER, one.tax_number)],
        ).public_id
        for one in doing.sites
    }


def _register_links(
    stage: Stage, session: Session, scope: Scope, doing: RegisterLinks
) -> Names:
    for link in doing.links:
        register_supply_link(
            session,
            scope,
            from_site=stage.names[link.from_key],
            to_site=stage.names[link.to_key],
            commodity=link.commodity,
            season=str(link.year),
            volume_share=link.basis_points / 10_000,
        )
    return {}


def _plan(stage: Stage, session: Session, scope: Scope, visit: Visit) -> Names:
    answering = _answering(visit.kind)
    planned = plan(
        session,
        scope,
        site=_site(stage, session, scope, visit.site.key),
        fieldwork_from=visit.day,
        fieldwork_to=visit.day,
        notice=visit.written.notice,
        planned_minutes=answering.auditors * answering.minutes[1],
    )
    return {f"audit/{visit.key}": planned.public_id}


def _submit(stage: Stage, session: Session, scope: Scope, visit: Visit) -> Names:
    version = checklists.version(session, scope, visit.kind)
    schema = checklists.schema_of_version(session, version)
    photograph = photograph_of(stage.story, stage.chain, visit)
    record = record_of(
        stage.story,
        visit,
        _answering(visit.kind),
        schema,
        stage.names[visit.site.key],
        photograph.name if photograph else None,
    )
    parcel, intake = parcel_of_xml(record.content), intake_of(stage.service)
    with arrived(stage.service.files, photograph) as files:
        received = receive(session, scope, intake, parcel, files)
    if received.refusal is not None:
        raise received.refusal
    if received.public_id is None or not received.is_placed:
        raise NotPlaced(visit.key)
    return {submission_name(visit.key): received.public_id}


def _follow_up(stage: Stage, session: Session, scope: Scope, doing: FollowUp) -> Names:
    found = _site(stage, session, scope, doing.visit.site.key)
    wanted = doing.step
    for finding in findings_of_site(session, scope, found.id):
        if finding.last_seen_on == doing.visit.day:
            _answer(stage, session, scope, finding, wanted)
    follow_findings(session, scope, found.id)
    return {}


def _answer(
    stage: Stage,
    session: Session,
    scope: Scope,
    finding: FindingRecord,
    wanted: CourseStep,
) -> None:
    """Take a step of a course about one finding, where that can be taken."""
    if wanted.plan is not None:
        if finding.state is State.ACCEPTED:
            days = wanted.due_after or 0
            plan_actions(
                stage.service, session, scope, finding, wanted.plan, due_after=days
            )
    elif wanted.step is Step.CLOSE and wanted.evidence is not None:
        if finding.state is State.ACCEPTED:
            verify_and_close(stage.service, session, scope, finding, wanted.evidence)
    elif wanted.step is not None and wanted.step in STEPS[finding.state]:
        statement = None
        if wanted.statement is not None:
            statement = Written(wanted.statement, keyring_of(stage.service))
        words = Words(reason=wanted.reason, statement=statement)
        take_step(session, scope, finding.public_id, wanted.step, words)


def _report_done(stage: Stage, session: Session, scope: Scope, visit: Visit) -> Names:
    found = _site(stage, session, scope, visit.site.key)
    for finding in findings_of_site(session, scope, found.id):
        if finding.state is State.ACCEPTED and finding.last_seen_on < visit.day:
            wanted = Planning.REPORT
            plan_actions(stage.service, session, scope, finding, wanted, due_after=0)
    follow_findings(session, scope, found.id)
    return {}


def _verify(stage: Stage, session: Session, scope: Scope, visit: Visit) -> Names:
    found = _site(stage, session, scope, visit.site.key)
    for finding in findings_of_site(session, scope, found.id):
        if finding.state is State.ACCEPTED and finding.last_seen_on < visit.day:
            site = EvidenceKind.SITE
            verify_and_close(stage.service, session, scope, finding, site)
    follow_findings(session, scope, found.id)
    return {}


def _issue(stage: Stage, session: Session, scope: Scope, site_key: str) -> Names:
    found = _site(stage, session, scope, site_key)
    card = issue(
        session,
        scope,
        stage.press,
        site=found,
        visit=visit_for_card(session, scope, stage.press.shelf, found.id),
        statement=Statement(had_off_site_interviews=True),
    )
    return {card_name(card.issued_at.year, site_key): card.public_id}


def card_name(year: int, site_key: str) -> str:
    """Return what the card of a site and a year is remembered by."""
    return f"scorecard/{year}/{site_key}"


def submission_name(visit_key: str) -> str:
    """Return what the submission of a visit is remembered by."""
    return f"submission/{visit_key}"


def _site(stage: Stage, session: Session, scope: Scope, key: str) -> SiteRecord:
    return site(session, scope, stage.names[key])
