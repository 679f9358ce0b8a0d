"""What can be done about policies: name a programme, and decide otherwise from a day on."""

import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.dated import Decided, Policy
from compliance.policies.models import PolicyEntry, Programme
from compliance.policies.queries import (
    Holding,
    ProgrammeRecord,
    entries,
    programme,
    programme_named,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_


class ProgrammeNamed(Problem):
    kind = Kind.CONFLICT
    title = N_("There is a programme of this name already")
    detail = N_("{programme} is called {name}. Use it, or give another name.")


class BeginsInThePast(Problem):
    """What was decided by a policy is not decided anew."""

    kind = Kind.INVALID
    title = N_("A policy does not begin in the past")
    detail = N_(
        "'valid_from' is {valid_from}; give a day from {today} on. What was decided "
        "before stays as it was decided. Only on the day on which a programme is "
        "named, when nothing was decided by it yet, may its policies begin earlier."
    )


class LaxerThanShipped(Problem):
    kind = Kind.INVALID
    title = N_("A programme may not be laxer than this")
    detail = N_(
        "'{field}' is {given}, which is laxer than {limit}, what the product sets "
        "for {day}. Set {limit}, or what is stricter."
    )


def name_programme(session: Session, scope: Scope, *, name: str) -> ProgrammeRecord:
    """Name a programme, such as a standard or a buyer's own, that can have policies."""
    scope.require(Permission.SET_POLICIES)
    public_id = new_public_id("programme")
    is_new = insert_new(
        session,
        Programme,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        name=name,
        named_by=scope.actor,
        named_at=clock.now(),
    )
    if not is_new:
        known = session.scalar(
            select(Programme.public_id).where(
                Programme.owner_id == scope.organisation_id, Programme.name == name
            )
        )
        raise ProgrammeNamed(programme=known, name=name)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="programme.named",
        subject_id=public_id,
        name=name,
    )
    return programme(session, scope, public_id)


def decide(
    session: Session,
    scope: Scope,
    policy: Policy[Decided],
    document: Mapping[str, object],
    *,
    programme: str | None = None,
) -> Holding[Decided]:
    """Let the organisation, or one of its programmes, go by an entry from its day on.

    Raise Pydantic's ValidationError for what is no entry of the policy, LaxerThanShipped
    beyond its bounds, and BeginsInThePast where it would change what was decided.
    """
    scope.require(Permission.SET_POLICIES)
    entry = policy.model.model_validate(document)
    for_whom = (
        None
        if programme is None
        else programme_named(session, scope.organisation_id, programme)
    )
    _refuse_laxer(policy, entry)
    _refuse_past(entry.valid_from, _first_day(session, scope, for_whom))
    public_id = new_public_id("policy")
    written = entry.model_dump_json()
    session.execute(
        insert(PolicyEntry).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            programme_id=None if for_whom is None else for_whom.id,
            policy=policy.name,
            valid_from=entry.valid_from,
            source=entry.source,
            document=written,
            decided_by=scope.actor,
            decided_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="policy.decided",
        subject_id=public_id,
        policy=policy.name,
        programme=programme,
        entry=json.loads(written),
    )
    known = entries(session, scope, policy)
    return next(one for one in known if one.public_id == public_id)


def _refuse_laxer(policy: Policy[Decided], entry: Decided) -> None:
    shipped = policy.on(entry.valid_from)
    for bound in entry.breaches(shipped):
        raise LaxerThanShipped(
            field=bound.field,
            given=str(bound.value(entry)),
            limit=str(bound.value(shipped)),
            day=entry.valid_from.isoformat(),
        )


def _refuse_past(valid_from: date, first_day: date) -> None:
    """Refuse a day that has passed, unless whoever decides began to be only today."""
    today = clock.today()
    if valid_from < today and first_day < today:
        raise BeginsInThePast(
            valid_from=valid_from.isoformat(), today=today.isoformat()
        )


def _first_day(
    session: Session, scope: Scope, for_whom: ProgrammeRecord | None
) -> date:
    if for_whom is not None:
        return for_whom.named_at.date()
    founded = session.scalars(
        select(Organisation.created_at).where(Organisation.id == scope.organisation_id)
    ).one()
    return founded.date()
