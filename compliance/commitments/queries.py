"""What can be read of commitments: those one made, and those made to one's sites."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, or_, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.clocks.passing import LAST_DAY_ENDS
from compliance.commitments.lifecycle import (
    OUTSTANDING,
    SIDES,
    STEPS,
    CommitmentKind,
    CommitmentProof,
    Side,
    State,
    Step,
)
from compliance.commitments.models import (
    Commitment,
    CommitmentFinding,
    CommitmentStep,
)
from compliance.database import Page, as_system, one_of
from compliance.findings.models import Finding
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import CALLER, sight_of, visible
from compliance.sealing import Keyring, data_key, unseal
from compliance.texts import N_


class CommitmentNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such commitment")
    detail = N_(
        "No commitment that you made, or that was made to a site of yours, has the id "
        "{commitment}. GET /v1/commitments lists them."
    )


@dataclass(frozen=True)
class CommitmentRecord:
    """What was promised to whom by when, and how far it has come.

    The organisations and the site go by the ids and names of the day it was made.
    """

    id: uuid.UUID
    public_id: str
    side: Side
    maker_id: OrganisationId
    maker: str
    maker_name: str
    owner_id: OrganisationId
    keeper: str
    keeper_name: str
    operator_id: OrganisationId | None
    site_id: SiteId
    site: str
    site_name: str
    kind: CommitmentKind
    amount: int | None
    currency: str | None
    basis_points: int | None
    days: int | None
    due_on: date
    state: State
    made_at: datetime
    findings: tuple[int, ...] = ()
    finding_refs: tuple[str, ...] = ()

    def is_late(self, now: datetime) -> bool:
        """Tell whether it binds, is not done, and its day is over everywhere."""
        return self.state in OUTSTANDING and self.due_on < (now - LAST_DAY_ENDS).date()


@dataclass(frozen=True)
class StepRecord:
    """One step; the note is None where there is none or the caller may not read it."""

    step: Step
    state: State
    side: Side
    proof: CommitmentProof | None
    evidence_sha256: bytes | None
    has_note: bool
    note: str | None
    actor: str
    taken_at: datetime


# A maker whose consent ended sees no site any more; of the commitment it sees all.
TOLD: Select[*tuple[Any, ...]] = select(
    Commitment.id,
    Commitment.public_id,
    Commitment.maker_id,
    Commitment.maker,
    Commitment.maker_name,
    Commitment.owner_id,
    Commitment.keeper,
    Commitment.keeper_name,
    Site.operator_id,
    Commitment.site_id,
    Commitment.site,
    Commitment.site_name,
    Commitment.kind,
    Commitment.amount,
    Commitment.currency,
    Commitment.basis_points,
    Commitment.days,
    Commitment.due_on,
    Commitment.state,
    Commitment.made_at,
    case(
        (Commitment.maker_id == CALLER, Side.MAKER.value), else_=Side.SUPPLIER.value
    ).label("side"),
).outerjoin(Site, Site.id == Commitment.site_id)
IS_MADE = Commitment.maker_id == CALLER
IS_RECEIVED = and_(
    Commitment.maker_id != CALLER, visible(Resource.COMMITMENT, Action.READ)
)
OF_SIDE = {Side.MAKER: IS_MADE, Side.SUPPLIER: IS_RECEIVED}
IS_SEEN = or_(IS_MADE, IS_RECEIVED)
OF_SITE = TOLD.where(IS_RECEIVED, same_site(Commitment.site_id)).order_by(Commitment.id)
FINDINGS_OF = (
    select(
        CommitmentFinding.commitment_id,
        CommitmentFinding.number,
        Finding.public_id,
    )
    # Whoever made the commitment knows the findings by their numbers on the card only.
    .outerjoin(
        Finding,
        and_(
            Finding.id == CommitmentFinding.finding_id,
            Finding.site_id.in_(
                select(Site.id).where(visible(Resource.FINDING, Action.READ))
            ),
        ),
    )
    .where(one_of(CommitmentFinding.commitment_id, "keys"))
    .order_by(CommitmentFinding.commitment_id, CommitmentFinding.number)
)
STEPS_OF = (
    select(
        CommitmentStep.ordinal,
        CommitmentStep.step,
        CommitmentStep.state,
        CommitmentStep.side,
        CommitmentStep.proof,
        CommitmentStep.evidence_sha256,
        CommitmentStep.key_id,
        CommitmentStep.sealed,
        CommitmentStep.actor,
        CommitmentStep.taken_at,
    )
    .where(CommitmentStep.commitment_id == bindparam("commitment_id"))
    .order_by(CommitmentStep.ordinal)
)


def commitment(session: Session, scope: Scope, public_id: str) -> CommitmentRecord:
    """Return a commitment that binds the caller or is made to a site of its own.

    Raise CommitmentNotFound for any other.
    """
    scope.require(Permission.READ_REGISTER)
    missing = CommitmentNotFound(commitment=public_id)
    found = LISTED.one(session, sight_of(scope), public_id, missing)
    return _with_findings(session, scope, (found,))[0]


def commitments(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    side: Side | None = None,
    late: bool | None = None,
    **wanted: str | None,
) -> Page[CommitmentRecord]:
    """Return a page of commitments, the one that was made first before the others.

    They are those of one side, or both. `wanted` filters by site (public id), kind and
    state.
    """
    scope.require(Permission.READ_REGISTER)
    asked: dict[str, object] = dict(wanted)
    if late is not None:
        asked["late" if late else "in_time"] = (clock.now() - LAST_DAY_ENDS).date()
    listing = LISTED if side is None else ONE_SIDE[side]
    page = listing.page(session, sight_of(scope), rows=rows, after=after, wanted=asked)
    return Page(_with_findings(session, scope, page.rows), page.next_after)


def commitments_to_site(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[CommitmentRecord, ...]:
    """Return every commitment made to a kept site that the caller keeps or operates."""
    scope.require(Permission.READ_REGISTER)
    found = session.execute(OF_SITE, {**sight_of(scope), "site_id": site_id})
    return _with_findings(session, scope, tuple(_record(row) for row in found))


def steps_of(
    session: Session, scope: Scope, keyring: Keyring, found: CommitmentRecord
) -> tuple[StepRecord, ...]:
    """Return the steps of a commitment, the first one first.

    A note is opened for those who may answer commitments, and for nobody else.
    """
    scope.require(Permission.READ_REGISTER)
    rows = session.execute(STEPS_OF, {"commitment_id": found.id}).all()
    opens = scope.may(Permission.COMMIT)
    return tuple(
        StepRecord(
            step=Step(row.step),
            state=State(row.state),
            side=Side(row.side),
            proof=None if row.proof is None else CommitmentProof(row.proof),
            evidence_sha256=row.evidence_sha256,
            has_note=row.sealed is not None,
            note=_note(session, keyring, found, row) if opens else None,
            actor=row.actor,
            taken_at=row.taken_at,
        )
        for row in rows
    )


def possible_steps(found: CommitmentRecord, scope: Scope) -> tuple[Step, ...]:
    """Return the steps that the caller's side can take now."""
    if not scope.may(Permission.COMMIT):
        return ()
    late = found.is_late(clock.now())
    return tuple(
        step
        for step in STEPS[found.state]
        if found.side in SIDES[step]
        and (step is not Step.BREAK or found.side is Side.MAKER or late)
    )


def note_place(commitment_id: uuid.UUID, ordinal: int) -> str:
    """Return what a sealed note is bound to."""
    return f"commitment note\n{commitment_id}\n{ordinal}"


def _note(
    session: Session,
    keyring: Keyring,
    found: CommitmentRecord,
    row: Row[*tuple[Any, ...]],
) -> str | None:
    if row.sealed is None:
        return None
    # The key is the organisation's that wrote the note to the other side.
    with as_system(session):
        key = data_key(session, keyring, row.key_id)
    return unseal(key.secret, row.sealed, note_place(found.id, row.ordinal)).decode()


def _with_findings(
    session: Session, scope: Scope, found: tuple[CommitmentRecord, ...]
) -> tuple[CommitmentRecord, ...]:
    keys = [one.id for one in found]
    named = gathered(
        session, FINDINGS_OF, sight_of(scope), keys, "commitment_id", _named
    )
    return tuple(_naming(one, named.get(one.id, ())) for one in found)


def _named(row: Row[*tuple[Any, ...]]) -> tuple[int, str | None]:
    return row.number, row.public_id


def _naming(
    found: CommitmentRecord, named: tuple[tuple[int, str | None], ...]
) -> CommitmentRecord:
    return replace(
        found,
        findings=tuple(number for number, _ in named),
        finding_refs=tuple(ref for _, ref in named if ref is not None),
    )


def _record(row: Row[*tuple[Any, ...]]) -> CommitmentRecord:
    return CommitmentRecord(
        id=row.id,
        public_id=row.public_id,
        side=Side(row.side),
        maker_id=OrganisationId(row.maker_id),
        maker=row.maker,
        maker_name=row.maker_name,
        owner_id=OrganisationId(row.owner_id),
        keeper=row.keeper,
        keeper_name=row.keeper_name,
        operator_id=None
        if row.operator_id is None
        else OrganisationId(row.operator_id),
        site_id=SiteId(row.site_id),
        site=row.site,
        site_name=row.site_name,
        kind=CommitmentKind(row.kind),
        amount=row.amount,
        currency=row.currency,
        basis_points=row.basis_points,
        days=row.days,
        due_on=row.due_on,
        state=State(row.state),
        made_at=row.made_at,
    )


IS_OUTSTANDING = Commitment.state.in_(sorted(OUTSTANDING))
LISTED = Listing(
    TOLD.where(IS_SEEN),
    Commitment.id,
    Commitment.public_id,
    _record,
    {
        **equal_to(site=Commitment.site, kind=Commitment.kind, state=Commitment.state),
        "late": and_(IS_OUTSTANDING, Commitment.due_on < bindparam("late")),
        "in_time": ~and_(IS_OUTSTANDING, Commitment.due_on < bindparam("in_time")),
    },
)
ONE_SIDE: Mapping[Side, Listing[CommitmentRecord]] = {
    side: replace(LISTED, statement=TOLD.where(clause))
    for side, clause in OF_SIDE.items()
}
