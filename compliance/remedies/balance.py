"""What the entries about a remedy come to: a pure sum that is never negative.

Money is in minor units of one currency. Where nothing but a thing is owed (papers, a
place at school) there is no amount, and the people are what is counted down. Of money
the same people may be paid several times, so that the people of its payments say at
least how many nobody paid yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class EntryKind(StrEnum):
    OWED = "owed"
    ADJUSTED = "adjusted"
    PAID = "paid"
    PROVEN = "proven"
    VERIFIED = "verified"


class Standing(StrEnum):
    """How far it has come that people get what they are owed."""

    OWED = "owed"
    PART_PAID = "part_paid"
    PAID_UNPROVEN = "paid_unproven"
    PROVEN = "proven"
    VERIFIED = "verified"
    CANCELLED = "cancelled"  # adjusted to nothing before anything was paid


# What can be late: a payment that nobody proved stops no clock.
UNSETTLED = frozenset({Standing.OWED, Standing.PART_PAID, Standing.PAID_UNPROVEN})


class Overpaid(Problem):
    kind = Kind.CONFLICT
    title = N_("This is more than is still owed")
    detail = N_(
        "{amount} were paid, in minor units of {currency}, and {left} are still owed. "
        "Report at most {left}; if more is owed than was entered, have it adjusted "
        "first."
    )


class PaidToTooMany(Problem):
    kind = Kind.CONFLICT
    title = N_("Fewer people are owed this")
    detail = N_(
        "{people} people are said to have got it, and {left} at most can be. If more "
        "people are owed it than were entered, have it adjusted first."
    )


class PeopleLeftOut(Problem):
    kind = Kind.CONFLICT
    title = N_("Everything would be paid, and not everybody")
    detail = N_(
        "Nothing would be left of the amount, but {left} of {people} people would have "
        "got nothing. Say to how many it was paid, or have the people adjusted."
    )


class AdjustedTooFar(Problem):
    kind = Kind.CONFLICT
    title = N_("Less cannot be owed than was paid")
    detail = N_(
        "After this {amount} would be owed to {people} people; {paid} were paid to "
        "{paid_people} already. Adjust to that or more, or, before anything is paid, "
        "both to nothing."
    )


class NothingAdjusted(Problem):
    kind = Kind.INVALID
    title = N_("The adjustment changes nothing")
    detail = N_("Give 'amount', 'people' or both, other than 0.")


class NothingPaidYet(Problem):
    kind = Kind.CONFLICT
    title = N_("Nothing is paid that could be proven")
    detail = N_("Report a payment first; a proof is of all that was paid before it.")


class NotProvenYet(Problem):
    kind = Kind.CONFLICT
    title = N_("There is nothing to verify yet")
    detail = N_(
        "The remedy is {standing}. It can be verified once all of it is paid and proven."
    )


@dataclass(frozen=True)
class Entry:
    """One movement; an adjustment's numbers are signed, the others' are positive."""

    kind: EntryKind
    amount: int | None = None
    people: int = 0


@dataclass(frozen=True)
class Balance:
    """What is owed and paid after some entries; `currency` is None where no money is."""

    currency: str | None
    owed: int = 0
    people: int = 0
    paid: int = 0
    paid_people: int = 0
    most_at_once: int = 0
    is_proven: bool = False
    is_verified: bool = False

    @property
    def left(self) -> int:
        """The amount still owed."""
        return self.owed - self.paid

    @property
    def people_left(self) -> int:
        """How many at least got nothing yet; of things exactly how many."""
        return max(0, self.people - self.paid_people)

    @property
    def can_be_paid(self) -> int:
        """The most people that one more payment can be to."""
        return self.people if self.currency else self.people_left

    @property
    def is_paid(self) -> bool:
        return self.left == 0 and self.people_left == 0

    @property
    def standing(self) -> Standing:
        if self.people == 0:
            return Standing.CANCELLED
        if not self.is_paid:
            return Standing.PART_PAID if self.paid_people else Standing.OWED
        if not self.is_proven:
            return Standing.PAID_UNPROVEN
        return Standing.VERIFIED if self.is_verified else Standing.PROVEN


def balance_of(currency: str | None, entries: Iterable[Entry]) -> Balance:
    """Return what entries come to, in their order."""
    balance = Balance(currency)
    for entry in entries:
        balance = after(balance, entry)
    return balance


def after(balance: Balance, entry: Entry) -> Balance:
    """Return the balance with one more entry, or raise the problem that forbids it."""
    match entry.kind:
        case EntryKind.OWED | EntryKind.ADJUSTED:
            return _adjusted(balance, entry.amount or 0, entry.people)
        case EntryKind.PAID:
            return _paid(balance, entry.amount or 0, entry.people)
        case EntryKind.PROVEN:
            if not balance.paid_people:
                raise NothingPaidYet
            return replace(balance, is_proven=True)
        case EntryKind.VERIFIED:
            if balance.standing is not Standing.PROVEN:
                raise NotProvenYet(standing=balance.standing)
            return replace(balance, is_verified=True)


def _adjusted(balance: Balance, amount: int, people: int) -> Balance:
    if not amount and not people:
        raise NothingAdjusted
    adjusted = replace(
        balance,
        owed=balance.owed + amount,
        people=balance.people + people,
        is_verified=False,
    )
    fewest = balance.most_at_once if balance.currency else balance.paid_people
    is_half_gone = bool(balance.currency) and bool(adjusted.owed) != bool(
        adjusted.people
    )
    if adjusted.left < 0 or adjusted.people < fewest or is_half_gone:
        raise AdjustedTooFar(
            amount=adjusted.owed,
            people=adjusted.people,
            paid=balance.paid,
            paid_people=fewest,
        )
    return _complete(adjusted)


def _paid(balance: Balance, amount: int, people: int) -> Balance:
    if amount > balance.left:
        raise Overpaid(amount=amount, currency=balance.currency, left=balance.left)
    if people > balance.can_be_paid:
        raise PaidToTooMany(people=people, left=balance.can_be_paid)
    paid = replace(
        balance,
        paid=balance.paid + amount,
        paid_people=balance.paid_people + people,
        most_at_once=max(balance.most_at_once, people),
        is_proven=False,
        is_verified=False,
    )
    return _complete(paid)


def _complete(balance: Balance) -> Balance:
    """Refuse that all the money is paid while somebody got nothing."""
    if balance.currency and balance.left == 0 and balance.people_left:
        raise PeopleLeftOut(left=balance.people_left, people=balance.people)
    return balance
