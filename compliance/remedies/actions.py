"""What can be done about remedies: enter what is owed, adjust, pay, prove and verify.

One entry about a remedy at a time: its row is locked, the balance worked out from the
entries that stand, and the next one kept only where the balance allows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.findings.lifecycle import State
from compliance.findings.queries import finding
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible
from compliance.remedies.balance import (
    UNSETTLED,
    Balance,
    Entry,
    EntryKind,
    Standing,
    after,
)
from compliance.remedies.models import (
    AdjustingReason,
    Check,
    Proof,
    Remedy,
    RemedyEntry,
    RemedyKind,
)
from compliance.remedies.policy import REMEDIES
from compliance.remedies.queries import RemedyNotFound, RemedyRecord, remedy
from compliance.texts import N_

ONLY_MONEY = frozenset(
    {
        RemedyKind.WAGES,
        RemedyKind.OVERTIME,
        RemedyKind.RECRUITMENT_FEES,
        RemedyKind.DEDUCTIONS,
        RemedyKind.COMPENSATION,
        RemedyKind.SOCIAL_SECURITY,
    }
)
NEVER_MONEY = frozenset({RemedyKind.DOCUMENTS_RETURNED, RemedyKind.SCHOOL_PLACE})
# Proofs that are papers: the hash says which one, and that it stayed the same.
ON_PAPER = frozenset(
    {Proof.PAYROLL_EXTRACT, Proof.BANK_TRANSFER, Proof.AUTHORITY_STATEMENT}
)


class MoneyMissing(Problem):
    kind = Kind.INVALID
    title = N_("This is owed in money")
    detail = N_("What is owed as {kind} has an 'amount' and a 'currency'.")


class NotMoney(Problem):
    kind = Kind.INVALID
    title = N_("This is not owed in money")
    detail = N_(
        "What is owed as {kind} has no 'amount' and no 'currency'; the people count."
    )


class CurrencyMixed(Problem):
    kind = Kind.INVALID
    title = N_("This is owed in another currency")
    detail = N_(
        "'currency' is {currency}, and the remedy is owed in {owed_in}. Give the amount "
        "in {owed_in}, as it was owed; currencies are never mixed."
    )


class PeriodUnlikely(Problem):
    kind = Kind.INVALID
    title = N_("Nothing is owed for such a time")
    detail = N_(
        "It would be owed for {period_from} until {period_to}. Let it end no earlier "
        "than it begins, and no later than today, {today}."
    )


class DueTooLate(Problem):
    kind = Kind.INVALID
    title = N_("This must be settled earlier")
    detail = N_(
        "'due_on' is {due_on}; what is owed as {kind} is due from {today} until {latest}."
    )


class FindingGone(Problem):
    kind = Kind.CONFLICT
    title = N_("The finding was withdrawn")
    detail = N_("Nothing is owed because of {finding}, which was withdrawn.")


class OnlyTheKeeper(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever keeps the record of the site decides this")
    detail = N_(
        "You operate the site and report what was paid and how it is proven. What is "
        "owed, and whether it was settled, the organisation that keeps the record says."
    )


class PaidOnUnlikely(Problem):
    kind = Kind.INVALID
    title = N_("It was not paid on that day")
    detail = N_("'paid_on' is {paid_on}; give a day from {first} until today, {today}.")


class EvidenceMissing(Problem):
    kind = Kind.INVALID
    title = N_("This proof is a paper")
    detail = N_("Give 'evidence_sha256', the SHA-256 of the file that is the {proof}.")


class NotIndependentOfPayment(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody else must verify this")
    detail = N_(
        "Whoever entered or adjusted what is owed, or reported a payment of it, cannot "
        "verify it. Ask another reviewer or administrator of your organisation."
    )


@dataclass(frozen=True)
class Money:
    """An amount in minor units of a currency."""

    amount: int
    currency: str


def enter(
    session: Session,
    scope: Scope,
    *,
    finding_ref: str,
    kind: RemedyKind,
    people: int,
    money: Money | None,
    period_from: date,
    period_to: date,
    due_on: date | None = None,
) -> RemedyRecord:
    """Write down what people of a site are owed because of a finding; start its clock.

    It is due when the policy says, or earlier.
    """
    found = finding(session, scope, finding_ref)
    scope.require(Permission.DECIDE_FINDINGS)
    _require_keeper(found.relation)
    if found.state is State.WITHDRAWN:
        raise FindingGone(finding=finding_ref)
    _require_fitting(kind, money)
    now = clock.now()
    if not period_from <= period_to <= now.date():
        raise PeriodUnlikely(
            period_from=period_from.isoformat(),
            period_to=period_to.isoformat(),
            today=now.date().isoformat(),
        )
    remedy_id, public_id = new_id(), new_public_id("remedy")
    first = Entry(EntryKind.OWED, money.amount if money else None, people)
    balance = after(Balance(money.currency if money else None), first)
    session.execute(
        insert(Remedy).values(
            id=remedy_id,
            public_id=public_id,
            owner_id=scope.organisation_id,
            site_id=found.site_id,
            finding_id=found.id,
            kind=kind,
            currency=balance.currency,
            period_from=period_from,
            period_to=period_to,
            due_on=_due(session, scope, kind, due_on, now.date()),
            standing=balance.standing,
            entered_by=scope.actor,
            entered_at=now,
        )
    )
    _add(session, scope, remedy_id, 1, first)
    entered = remedy(session, scope, public_id)
    _record(session, scope, entered, first, finding=finding_ref, kind=kind)
    raise_alert(
        session,
        owner_id=entered.owner_id,
        event=AlertEvent.REMEDY_RECORDED,
        subject=public_id,
        site_id=entered.site_id,
    )
    _follow(session, scope, entered)
    return entered


def adjust(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    reason: AdjustingReason,
    amount: int = 0,
    people: int = 0,
    currency: str | None = None,
) -> RemedyRecord:
    """Let more or less be owed, by so much; or nothing, before anything is paid."""
    before = _lock(session, scope, public_id, Action.DECIDE)
    if amount or currency:
        _require_currency(before, currency)
    entry = Entry(EntryKind.ADJUSTED, amount if before.currency else None, people)
    return _enter(session, scope, before, entry, reason=reason)


def pay(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    people: int,
    paid_on: date,
    money: Money | None = None,
) -> RemedyRecord:
    """Report that some people got some of it on a day; never more than is owed."""
    before = _lock(session, scope, public_id, Action.ANSWER)
    _require_currency(before, money.currency if money else None)
    today = clock.today()
    if not before.period_from <= paid_on <= today:
        raise PaidOnUnlikely(
            paid_on=paid_on.isoformat(),
            first=before.period_from.isoformat(),
            today=today.isoformat(),
        )
    entry = Entry(EntryKind.PAID, money.amount if money else None, people)
    return _enter(session, scope, before, entry, paid_on=paid_on)


def prove(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    proof: Proof,
    evidence_sha256: bytes | None = None,
) -> RemedyRecord:
    """Say how it is shown that all that was paid until now reached the people."""
    before = _lock(session, scope, public_id, Action.ANSWER)
    if proof in ON_PAPER and evidence_sha256 is None:
        raise EvidenceMissing(proof=proof)
    entry = Entry(EntryKind.PROVEN)
    return _enter(
        session, scope, before, entry, proof=proof, evidence_sha256=evidence_sha256
    )


def verify(
    session: Session, scope: Scope, public_id: str, *, checked_by: Check
) -> RemedyRecord:
    """Confirm that people got what they were owed, as somebody who had no part in it."""
    before = _lock(session, scope, public_id, Action.DECIDE)
    involved = {
        one.actor
        for one in before.entries
        if one.entry in {EntryKind.OWED, EntryKind.ADJUSTED, EntryKind.PAID}
    }
    if scope.actor in involved:
        raise NotIndependentOfPayment
    entry = Entry(EntryKind.VERIFIED)
    return _enter(session, scope, before, entry, checked_by=checked_by)


def _require_keeper(stands: Relation) -> None:
    if stands not in reach(Resource.REMEDY, Action.DECIDE):
        raise OnlyTheKeeper


def _require_fitting(kind: RemedyKind, money: Money | None) -> None:
    if kind in ONLY_MONEY and money is None:
        raise MoneyMissing(kind=kind)
    if kind in NEVER_MONEY and money is not None:
        raise NotMoney(kind=kind)


def _require_currency(before: RemedyRecord, currency: str | None) -> None:
    if before.currency == currency:
        return
    if before.currency is None:
        raise NotMoney(kind=before.kind)
    if currency is None:
        raise MoneyMissing(kind=before.kind)
    raise CurrencyMixed(currency=currency, owed_in=before.currency)


def _due(
    session: Session, scope: Scope, kind: RemedyKind, wanted: date | None, today: date
) -> date:
    decided = in_force(session, scope, REMEDIES, today)
    latest = today + timedelta(days=decided.due_days[kind])
    if wanted is None:
        return latest
    if not today <= wanted <= latest:
        raise DueTooLate(
            due_on=wanted.isoformat(),
            kind=kind,
            today=today.isoformat(),
            latest=latest.isoformat(),
        )
    return wanted


NEEDS: Mapping[Action, Permission] = {
    Action.DECIDE: Permission.DECIDE_FINDINGS,
    Action.ANSWER: Permission.ANSWER_FINDINGS,
}
IN_SIGHT = (
    select(Remedy.id)
    .join(Site, Site.id == Remedy.site_id)
    .where(visible(Resource.REMEDY, Action.READ))
    .with_for_update(of=Remedy)
)


def _lock(
    session: Session, scope: Scope, public_id: str, action: Action
) -> RemedyRecord:
    """Let nobody else write about a remedy, and return it if the caller may do so."""
    scope.require(Permission.READ_FINDINGS)
    seen = session.execute(
        IN_SIGHT.where(Remedy.public_id == public_id), sight_of(scope)
    ).one_or_none()
    if seen is None:
        raise RemedyNotFound(remedy=public_id)
    scope.require(NEEDS[action])
    found = remedy(session, scope, public_id)
    if found.relation not in reach(Resource.REMEDY, action):
        raise OnlyTheKeeper
    return found


def _enter(
    session: Session,
    scope: Scope,
    before: RemedyRecord,
    entry: Entry,
    **words: object,
) -> RemedyRecord:
    """Keep one more entry, if the balance allows it, and all that follows from it."""
    balance = after(before.balance, entry)
    _add(session, scope, before.id, len(before.entries) + 1, entry, **words)
    if balance.standing is not before.standing:
        session.execute(
            update(Remedy)
            .where(Remedy.id == before.id)
            .values(standing=balance.standing)
        )
    found = remedy(session, scope, before.public_id)
    _record(session, scope, found, entry, **words)
    _follow(session, scope, found)
    return found


def _add(
    session: Session,
    scope: Scope,
    remedy_id: object,
    ordinal: int,
    entry: Entry,
    **words: object,
) -> None:
    session.execute(
        insert(RemedyEntry).values(
            id=new_id(),
            remedy_id=remedy_id,
            ordinal=ordinal,
            entry=entry.kind,
            amount=entry.amount,
            people=entry.people or None,
            actor=scope.actor,
            made_at=clock.now(),
            **words,
        )
    )


def _follow(session: Session, scope: Scope, found: RemedyRecord) -> None:
    """Let the clock run until all is paid and proven, and again if that changes.

    What becomes of a remedy changes the risk of its site.
    """
    site_marks.mark(session, found.owner_id, found.site_id)
    if found.standing not in UNSETTLED:
        clocks.stop(session, found.public_id, ClockKind.REMEDY)
        return
    clocks.start(
        session,
        scope,
        owner_id=found.owner_id,
        site_id=found.site_id,
        subject=found.public_id,
        kind=ClockKind.REMEDY,
        due_at=end_of(found.due_on),
        started_at=found.entered_at,
    )


TOLD = {
    EntryKind.OWED: "remedy.entered",
    EntryKind.ADJUSTED: "remedy.adjusted",
    EntryKind.PAID: "remedy.paid",
    EntryKind.PROVEN: "remedy.proven",
    EntryKind.VERIFIED: "remedy.verified",
}


def _record(
    session: Session,
    scope: Scope,
    found: RemedyRecord,
    entry: Entry,
    **words: object,
) -> None:
    """Write to the trail of whoever acts, and of whoever keeps the site's record."""
    standing: Standing = found.standing
    facts = {
        "standing": standing,
        "amount": entry.amount,
        "currency": found.currency,
        "people": entry.people or None,
        **{name: _told(word) for name, word in words.items()},
    }
    for organisation_id in sorted({scope.organisation_id, found.owner_id}):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=TOLD[entry.kind],
            subject_id=found.public_id,
            **{name: fact for name, fact in facts.items() if fact is not None},
        )


def _told(word: object) -> str | None:
    if word is None:
        return None
    return word.hex() if isinstance(word, bytes) else str(word)
