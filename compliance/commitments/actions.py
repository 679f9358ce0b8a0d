"""What can be done about commitments: make one to a supplier's site, and take a step."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session, aliased

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.commitments.lifecycle import (
    MEASURES,
    OUTSTANDING,
    CommitmentKind,
    CommitmentProof,
    Measure,
    Side,
    State,
    Step,
    require_side,
    step,
)
from compliance.commitments.models import (
    Commitment,
    CommitmentFinding,
    CommitmentStep,
)
from compliance.commitments.queries import (
    CommitmentRecord,
    commitment,
    note_place,
)
from compliance.database import as_system
from compliance.findings import lifecycle as findings
from compliance.findings.models import Finding
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import SiteUnknown
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import CALLER, relation, sight_of, visible
from compliance.sealing import Keyring, new_data_key, seal
from compliance.texts import N_

# As a card names a finding, or the corrective action that answers it.
ON_A_CARD = re.compile(r"(?:RF|CA)-(\d{2,6})")


class MeasureUnfitting(Problem):
    kind = Kind.INVALID
    title = N_("The commitment is not measured so")
    detail = N_(
        "A commitment of the kind {kind} says one of these and nothing else: "
        "{measures}. An amount has its 'currency'."
    )


class DueBefore(Problem):
    kind = Kind.INVALID
    title = N_("The commitment would be due before it is made")
    detail = N_("'due_on' is {due_on}; give a day from {today} on.")


class FindingOffTheCard(Problem):
    kind = Kind.INVALID
    title = N_("No such finding on the scorecard")
    detail = N_(
        "'findings' has {finding}. Give references as the scorecard of the site has "
        "them, such as RF-01; only who is shown the scorecards can."
    )


class ProofMissing(Problem):
    kind = Kind.INVALID
    title = N_("Say how it is shown")
    detail = N_("The step {step} needs 'proof': {proofs}.")


class NotLateYet(Problem):
    kind = Kind.CONFLICT
    title = N_("The commitment can still be kept")
    detail = N_(
        "It is due on {due_on}. Until that day is over, only who made the commitment "
        "can say that it is broken."
    )


@dataclass(frozen=True)
class Promise:
    """What is promised: one measure, fitting its kind."""

    kind: CommitmentKind
    amount: int | None = None
    currency: str | None = None
    basis_points: int | None = None
    days: int | None = None

    def require_fitting(self) -> None:
        given = {
            measure for measure in Measure if getattr(self, measure.value) is not None
        }
        is_money = Measure.AMOUNT in given
        fits = len(given) == 1 and given <= MEASURES[self.kind]
        if not fits or is_money != (self.currency is not None):
            raise MeasureUnfitting(
                kind=self.kind, measures=", ".join(sorted(MEASURES[self.kind]))
            )


Keeper = aliased(Organisation)
SHOWN = (
    select(
        Site.id,
        Site.public_id,
        Site.name,
        Site.owner_id,
        Keeper.public_id.label("keeper"),
        Keeper.name.label("keeper_name"),
        relation(Resource.SITE, Action.READ).label("relation"),
    )
    .join(Keeper, Keeper.id == Site.owner_id)
    .where(
        Site.public_id == bindparam("site"),
        visible(Resource.COMMITMENT, Action.GIVE),
        # Nobody makes a commitment to itself.
        Site.owner_id != CALLER,
        Site.operator_id.is_distinct_from(CALLER),
    )
)
NUMBERED = select(Finding.id, Finding.number).where(
    same_site(Finding.site_id), Finding.state != findings.State.WITHDRAWN
)


def make(
    session: Session,
    scope: Scope,
    *,
    site: str,
    promise: Promise,
    due_on: date,
    on_findings: Sequence[str] = (),
) -> CommitmentRecord:
    """Offer a commitment to a site that a consent shows to the caller.

    `on_findings` are references of its scorecard. Raise SiteUnknown for other sites.
    """
    scope.require(Permission.COMMIT)
    row = session.execute(SHOWN, {**sight_of(scope), "site": site}).one_or_none()
    if row is None:
        raise SiteUnknown(field="site", site=site)
    promise.require_fitting()
    now = clock.now()
    if due_on < now.date():
        raise DueBefore(due_on=due_on.isoformat(), today=now.date().isoformat())
    named = _findings(session, row, on_findings)
    commitment_id, public_id = new_id(), new_public_id("commitment")
    session.execute(
        insert(Commitment).values(
            id=commitment_id,
            public_id=public_id,
            maker_id=scope.organisation_id,
            maker=scope.organisation_public_id,
            maker_name=scope.organisation_name,
            owner_id=row.owner_id,
            keeper=row.keeper,
            keeper_name=row.keeper_name,
            site_id=row.id,
            site=row.public_id,
            site_name=row.name,
            kind=promise.kind,
            amount=promise.amount,
            currency=promise.currency,
            basis_points=promise.basis_points,
            days=promise.days,
            due_on=due_on,
            state=State.OFFERED,
            made_by=scope.actor,
            made_at=now,
        )
    )
    for finding_id, number in named:
        session.execute(
            insert(CommitmentFinding).values(
                commitment_id=commitment_id, finding_id=finding_id, number=number
            )
        )
    made = commitment(session, scope, public_id)
    _note_step(session, scope, made, 1, Step.OFFER, State.OFFERED)
    _record(session, scope, made, Step.OFFER, kind=promise.kind)
    raise_alert(
        session,
        owner_id=made.owner_id,
        event=AlertEvent.COMMITMENT_MADE,
        subject=public_id,
        site_id=made.site_id,
    )
    return made


def take_step(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    public_id: str,
    wanted: Step,
    *,
    proof: CommitmentProof | None = None,
    evidence_sha256: bytes | None = None,
    note: str | None = None,
) -> CommitmentRecord:
    """Take a step of the caller's side, and return the commitment as it then is.

    A note is sealed: it may name somebody, and opens for the two sides only.
    """
    before, ordinal = _lock(session, scope, public_id)
    require_side(wanted, before.side)
    state = step(before.state, wanted)
    if wanted is Step.REPORT_KEPT and proof is None:
        raise ProofMissing(step=wanted, proofs=", ".join(CommitmentProof))
    is_suppliers = before.side is Side.SUPPLIER
    if wanted is Step.BREAK and is_suppliers and not before.is_late(clock.now()):
        raise NotLateYet(due_on=before.due_on.isoformat())
    session.execute(
        update(Commitment).where(Commitment.id == before.id).values(state=state)
    )
    _note_step(
        session,
        scope,
        before,
        ordinal,
        wanted,
        state,
        proof=proof,
        evidence_sha256=evidence_sha256,
        **_sealed(session, scope, keyring, before.id, ordinal, note),
    )
    found = commitment(session, scope, public_id)
    _record(session, scope, found, wanted, proof=proof)
    _follow(session, scope, found)
    return found


def _findings(
    session: Session, site: Row[*tuple[Any, ...]], wanted: Sequence[str]
) -> list[tuple[uuid.UUID, int]]:
    """Return the findings that references of a card mean, each once."""
    if not wanted:
        return []
    is_shown_cards = site.relation == Relation.SHARED_SCORECARD
    # Who is shown the cards reads the numbers there, and sees no finding itself.
    with as_system(session):
        known = {
            row.number: row.id
            for row in session.execute(NUMBERED, {"site_id": site.id})
        }
    found = {}
    for reference in wanted:
        matched = ON_A_CARD.fullmatch(reference)
        number = int(matched.group(1)) if matched else 0
        if not is_shown_cards or number not in known:
            raise FindingOffTheCard(finding=reference)
        found[known[number]] = number
    return list(found.items())


LOCK = (
    select(Commitment.id)
    .where(Commitment.public_id == bindparam("public_id"))
    .with_for_update()
)


def _lock(
    session: Session, scope: Scope, public_id: str
) -> tuple[CommitmentRecord, int]:
    """Let nobody else take a step, and return the commitment and the next ordinal."""
    seen = commitment(session, scope, public_id)
    scope.require(Permission.COMMIT)
    session.execute(LOCK, {"public_id": public_id}).one()
    taken = session.execute(
        select(CommitmentStep.ordinal)
        .where(CommitmentStep.commitment_id == seen.id)
        .order_by(CommitmentStep.ordinal.desc())
        .limit(1)
    ).scalar_one()
    return commitment(session, scope, public_id), taken + 1


def _sealed(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    commitment_id: uuid.UUID,
    ordinal: int,
    note: str | None,
) -> dict[str, object]:
    if not note:
        return {}
    key = new_data_key(session, keyring, scope.organisation_id)
    place = note_place(commitment_id, ordinal)
    return {"key_id": key.id, "sealed": seal(key.secret, note.encode(), place)}


def _note_step(
    session: Session,
    scope: Scope,
    found: CommitmentRecord,
    ordinal: int,
    taken: Step,
    state: State,
    **words: object,
) -> None:
    session.execute(
        insert(CommitmentStep).values(
            id=new_id(),
            commitment_id=found.id,
            ordinal=ordinal,
            step=taken,
            state=state,
            side=found.side,
            actor=scope.actor,
            taken_at=clock.now(),
            **words,
        )
    )


def _follow(session: Session, scope: Scope, found: CommitmentRecord) -> None:
    """Let the clock run while the commitment binds and is not reported as kept."""
    if found.state not in OUTSTANDING:
        clocks.stop(session, found.public_id, ClockKind.COMMITMENT)
        return
    clocks.start(
        session,
        scope,
        owner_id=found.owner_id,
        site_id=found.site_id,
        subject=found.public_id,
        kind=ClockKind.COMMITMENT,
        due_at=end_of(found.due_on),
        started_at=found.made_at,
    )


def _record(
    session: Session,
    scope: Scope,
    found: CommitmentRecord,
    taken: Step,
    **facts: object,
) -> None:
    """Write to the trails of the maker, the keeper and the operator."""
    operator = found.operator_id or _operator_of(session, found.site_id)
    parties = {found.maker_id, found.owner_id} | ({operator} if operator else set())
    for organisation_id in sorted(parties):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=f"commitment.{taken}",
            subject_id=found.public_id,
            state=found.state,
            by=found.side,
            **{name: str(fact) for name, fact in facts.items() if fact is not None},
        )


def _operator_of(session: Session, site_id: SiteId) -> OrganisationId | None:
    """Return who operates a site, which a maker may not be shown any more."""
    with as_system(session):
        found = session.scalar(select(Site.operator_id).where(Site.id == site_id))
    return None if found is None else OrganisationId(found)
