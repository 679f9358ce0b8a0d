"""What the remedy ledger is told in: bodies that come, and documents that go."""

from typing import Annotated, Any

from pydantic import Field

from api.money import Amount, AmountChange, Currency, Sha256
from api.wire import Day, Wire
from compliance import clock, limits
from compliance.identity.policy import Relation
from compliance.money import exponent_of
from compliance.remedies import actions
from compliance.remedies.balance import EntryKind, Standing
from compliance.remedies.models import AdjustingReason, Check, Proof, RemedyKind
from compliance.remedies.queries import EntryRecord, RemedyRecord
from compliance.remedies.suppression import Cell, Total

People = Annotated[
    int,
    Field(ge=1, le=limits.LEDGER_PEOPLE, strict=True, description="How many people."),
]
PeopleChange = Annotated[
    int,
    Field(
        ge=-limits.LEDGER_PEOPLE,
        le=limits.LEDGER_PEOPLE,
        strict=True,
        description="How many people more, or below 0 fewer.",
    ),
]


class MoneyWire(Wire):
    """An amount of one currency."""

    amount: Amount
    currency: Currency


class MoneyChange(Wire):
    """By how much more or less is owed."""

    amount: AmountChange
    currency: Currency


class RemedyWire(Wire):
    """What people are owed; amounts in minor units, null where it is no money."""

    id: str
    site: str
    site_name: str
    finding: str
    kind: RemedyKind
    people: int
    people_paid_at_least: int
    people_left_at_least: int
    currency: str | None
    currency_exponent: int | None
    amount_owed: int | None
    amount_paid: int | None
    amount_left: int | None
    period_from: Day
    period_to: Day
    due_on: Day
    standing: Standing
    is_late: bool
    last_paid_on: Day | None
    proven_by: list[Proof]
    entered_at: str
    relation: Relation


class RemedyPage(Wire):
    items: list[RemedyWire]
    next: str | None


class EntryWire(Wire):
    """One line of the ledger; of an adjustment the numbers say how much more."""

    entry: EntryKind
    amount: int | None
    people: int | None
    reason: AdjustingReason | None
    paid_on: Day | None
    proof: Proof | None
    evidence_sha256: str | None
    checked_by: Check | None
    actor: str
    made_at: str


class RemedyDetail(RemedyWire):
    """A remedy with all that was written down about it, in its order."""

    entries: list[EntryWire]


class NewRemedy(Wire):
    """What people of a site are owed because of a finding. Numbers: name nobody."""

    finding: Annotated[str, Field(description="Reference of the finding.")]
    kind: RemedyKind
    people: People
    money: Annotated[
        MoneyWire | None,
        Field(description="All that is owed to all of them; left out where no money."),
    ] = None
    period_from: Annotated[Day, Field(description="Since when it is owed.")]
    period_to: Annotated[Day, Field(description="Until when it is owed.")]
    due_on: Annotated[
        Day | None,
        Field(description="By when; at latest, and unless said, as the policy has it."),
    ] = None


class Adjustment(Wire):
    """More or less is owed than was said; to nothing, before anything is paid."""

    reason: AdjustingReason
    people: PeopleChange = 0
    money: MoneyChange | None = None


class Payment(Wire):
    """Some people got some of it; of things that are no money, how many got theirs."""

    people: People
    paid_on: Day
    money: MoneyWire | None = None


class NewProof(Wire):
    """How it is shown that what was paid until now reached the people."""

    proof: Proof
    evidence_sha256: Annotated[
        Sha256 | None, Field(description="Needed where the proof is a paper.")
    ] = None


class Verification(Wire):
    """Somebody who had no part in it made sure."""

    checked_by: Annotated[Check, Field(description="At a desk, or at the site.")]


class CellWire(Wire):
    """Numbers of a site; all null where they are kept back."""

    site: str
    kind: RemedyKind
    currency: str | None
    currency_exponent: int | None
    people: int | None
    amount_owed: int | None
    amount_paid: int | None
    people_given: int | None
    is_kept_back: bool


class TotalWire(Wire):
    """The same over all sites; never over kinds or currencies."""

    kind: RemedyKind
    currency: str | None
    currency_exponent: int | None
    people: int | None
    amount_owed: int | None
    amount_paid: int | None
    people_given: int | None


class SummaryWire(Wire):
    """What may leave: small counts are kept back, and what would betray them."""

    suppressed_below: int
    items: list[CellWire]
    totals: list[TotalWire]


class Reckoning(Wire):
    """What of a loan's instalments is owed back to one worker, in minor units."""

    largest_instalment: int
    loan_months: int
    owed_back: int
    source: str


def remedy_document(found: RemedyRecord) -> dict[str, Any]:
    """Return a remedy as the API tells it."""
    balance, is_money = found.balance, found.currency is not None
    return {
        "id": found.public_id,
        "site": found.site_public_id,
        "site_name": found.site_name,
        "finding": found.finding,
        "kind": found.kind,
        "people": balance.people,
        "people_paid_at_least": balance.most_at_once
        if is_money
        else balance.paid_people,
        "people_left_at_least": balance.people_left,
        "currency": found.currency,
        "currency_exponent": exponent_of(found.currency),
        "amount_owed": balance.owed if is_money else None,
        "amount_paid": balance.paid if is_money else None,
        "amount_left": balance.left if is_money else None,
        "period_from": found.period_from,
        "period_to": found.period_to,
        "due_on": found.due_on,
        "standing": found.standing,
        "is_late": found.is_late(clock.now()),
        "last_paid_on": found.last_paid_on,
        "proven_by": list(found.proofs),
        "entered_at": found.entered_at,
        "relation": found.relation,
    }


def entry_document(written: EntryRecord) -> dict[str, Any]:
    """Return a line of the ledger as the API tells it."""
    evidence = written.evidence_sha256
    return {
        "entry": written.entry,
        "amount": written.amount,
        "people": written.people,
        "reason": written.reason,
        "paid_on": written.paid_on,
        "proof": written.proof,
        "evidence_sha256": None if evidence is None else evidence.hex(),
        "checked_by": written.checked_by,
        "actor": written.actor,
        "made_at": written.made_at,
    }


def detail_document(found: RemedyRecord) -> dict[str, Any]:
    """Return a remedy with its lines."""
    return {
        **remedy_document(found),
        "entries": [entry_document(one) for one in found.entries],
    }


def numbers_document(told: Cell | Total) -> dict[str, Any]:
    """Return the numbers of a cell or a total as the API tells them."""
    return {
        "kind": told.kind,
        "currency": told.currency,
        "currency_exponent": exponent_of(told.currency),
        "people": told.people,
        "amount_owed": told.owed,
        "amount_paid": told.paid,
        "people_given": told.paid_people,
    }


def cell_document(told: Cell) -> dict[str, Any]:
    """Return the numbers of a site as the API tells them."""
    return {
        "site": told.site,
        **numbers_document(told),
        "is_kept_back": told.is_kept_back,
    }


def money_of(given: MoneyWire | None) -> actions.Money | None:
    """Return the amount that a body gives, None where it gives none."""
    return None if given is None else actions.Money(given.amount, given.currency)
