"""Failed sign-ins are counted, and each further one must wait longer than the last.

Three counters stand in the database, so that several processes agree: of an account
from one address, of an account from anywhere, and of an address into any account. A go
is counted before its password is checked, so that a hundred at once are a hundred. The
wait has an end, and whoever signed in from an address before is not kept out by what
strangers do elsewhere: nobody can lock somebody else out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.identifiers import OrganisationId
from compliance.identity.models import (
    Membership,
    MembershipStatus,
    Person,
    SignIn,
    SignInThrottle,
)
from compliance.identity.scope import SYSTEM, digest_of
from compliance.problems import Kind, Problem
from compliance.texts import N_

LONGEST_WAIT = timedelta(seconds=limits.LONGEST_SIGN_IN_WAIT_SECONDS)
KEPT = timedelta(hours=limits.SIGN_IN_COUNTER_HOURS)
KNOWN_FOR = timedelta(days=30)
MOST_DOUBLINGS = 30  # beyond, the longest wait was reached long ago


class SignInDelayed(Problem):
    """Too many wrong passwords came before this go; it was not looked at."""

    kind = Kind.TOO_MANY
    title = N_("Too many wrong passwords")
    detail = N_(
        "Try again in {retry_after} s. The wait grows with every wrong password and "
        "ends by itself; an administrator can send you a link for a new password."
    )


@dataclass(frozen=True)
class Attempt:
    """One go at a password: whose, and from where."""

    email: str
    address: str

    @property
    def address_sha256(self) -> bytes:
        return digest_of(f"address {self.address}")

    @property
    def account_sha256(self) -> bytes:
        return digest_of(f"account {self.email}")

    @property
    def both_sha256(self) -> bytes:
        return digest_of(f"account {self.email} address {self.address}")


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long to wait after so many failures, the first `free` of them free."""
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, MOST_DOUBLINGS)
    return min(timedelta(seconds=2**doublings), LONGEST_WAIT)


def begin(session: Session, attempt: Attempt) -> None:
    """Count a go as failed, for now; raise SignInDelayed while its time has not come."""
    _forget_old(session)
    for key, free in sorted(_counters(session, attempt)):
        failures = _count(session, key, free)
        if key == attempt.account_sha256 and failures == free:
            _note_guessing(session, attempt)


def refuse_waiting(session: Session, attempt: Attempt) -> None:
    """Raise SignInDelayed where an account must wait at this address; count nothing."""
    free_at = session.scalar(
        select(SignInThrottle.free_at).where(
            SignInThrottle.key_sha256 == attempt.both_sha256
        )
    )
    if free_at is not None and free_at > clock.now():
        seconds = (free_at - clock.now()).total_seconds()
        raise SignInDelayed(retry_after=ceil(seconds))


def count_failure(session: Session, attempt: Attempt) -> None:
    """Count a go that failed, of an account from one address and nothing else."""
    _count(session, attempt.both_sha256, limits.FREE_SIGN_INS)


def succeed(session: Session, attempt: Attempt) -> None:
    """Forget the failures of an account whose password has come."""
    session.execute(
        delete(SignInThrottle).where(
            SignInThrottle.key_sha256.in_([attempt.account_sha256, attempt.both_sha256])
        )
    )
    _take_back(session, [attempt.address_sha256])


def take_back(session: Session, attempt: Attempt) -> None:
    """Count a go not at all: its password was never looked at."""
    _take_back(
        session, [attempt.account_sha256, attempt.address_sha256, attempt.both_sha256]
    )


def _counters(session: Session, attempt: Attempt) -> Iterator[tuple[bytes, int]]:
    yield attempt.both_sha256, limits.FREE_SIGN_INS
    yield attempt.address_sha256, limits.FREE_SIGN_INS_FROM_ADDRESS
    if not _is_at_home(session, attempt):
        yield attempt.account_sha256, limits.FREE_SIGN_INS_OF_ACCOUNT


def _is_at_home(session: Session, attempt: Attempt) -> bool:
    """Tell whether the account was signed in to from this address of late."""
    return bool(
        session.scalar(
            select(
                exists()
                .where(Person.email == attempt.email)
                .where(SignIn.person_id == Person.id)
                .where(SignIn.address_sha256 == attempt.address_sha256)
                .where(SignIn.started_at > clock.now() - KNOWN_FOR)
            )
        )
    )


def _count(session: Session, key: bytes, free: int) -> int:
    """Count one more failure and return how many there are since the counter began."""
    now = clock.now()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # The row is there when this returns, and nobody else's until we commit.
    known = session.execute(
        dialect.insert(SignInThrottle)
        .values(key_sha256=key, failures=0, began_at=now, free_at=now)
        .on_conflict_do_update(
            index_elements=["key_sha256"], set_={"failures": SignInThrottle.failures}
        )
        .returning(
            SignInThrottle.failures, SignInThrottle.began_at, SignInThrottle.free_at
        )
    ).one()
    failures, began_at = known.failures + 1, known.began_at
    if began_at + KEPT <= now:
        failures, began_at = 1, now
    elif known.free_at > now:
        seconds = (known.free_at - now).total_seconds()
        raise SignInDelayed(retry_after=ceil(seconds))
    session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.key_sha256 == key)
        .values(
            failures=failures,
            began_at=began_at,
            free_at=now + wait_after(failures, free),
        )
    )
    return int(failures)


def _take_back(session: Session, keys: list[bytes]) -> None:
    session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.key_sha256.in_(keys), SignInThrottle.failures > 0)
        .values(failures=SignInThrottle.failures - 1, free_at=clock.now())
    )


def _note_guessing(session: Session, attempt: Attempt) -> None:
    """Tell the organisations of the person, once, that somebody tries passwords."""
    found = session.execute(
        select(Person.public_id, Membership.organisation_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.email == attempt.email,
            Membership.status == MembershipStatus.ACTIVE,
        )
    )
    for one in found:
        trail.record(
            session,
            organisation_id=OrganisationId(one.organisation_id),
            actor=SYSTEM,
            action="sign_in.throttled",
            subject_id=one.public_id,
        )


def _forget_old(session: Session) -> None:
    old = (
        select(SignInThrottle.key_sha256)
        .where(SignInThrottle.began_at <= clock.now() - KEPT)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(SignInThrottle).where(SignInThrottle.key_sha256.in_(old)))
