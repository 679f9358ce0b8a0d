"""Failed sign-ins: each waits longer than the last, nobody waits for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from compliance import clock, limits, trail
from compliance.database import Database
from compliance.identity import throttle
from compliance.identity.models import Role, SignInThrottle
from compliance.identity.sessions import known_person, start_session
from compliance.identity.throttle import (
    LONGEST_WAIT,
    Attempt,
    SignInDelayed,
    wait_after,
)
from compliance.trail import TrailEntry
from tests.browsing import add_people, email_of
from tests.conftest import Tenant
from tests.visits import TODAY

HERE, THERE = "192.0.2.1", "198.51.100.7"
MARIA = "maria@example.org"


@contextmanager
def later(seconds: float) -> Iterator[None]:
    with clock.set_to(lambda: TODAY + timedelta(seconds=seconds)):
        yield


def go(database: Database, email: str = MARIA, address: str = HERE) -> None:
    with database.writing() as session:
        throttle.begin(session, Attempt(email, address))
        trail.seal(session)


def seconds_to_wait(database: Database, email: str = MARIA, address: str = HERE) -> int:
    """Return what a go is told to wait, 0 where it is counted and let through."""
    try:
        go(database, email, address)
    except SignInDelayed as delayed:
        return int(str(delayed.facts["retry_after"]))
    return 0


@given(st.integers(0, 10_000), st.integers(1, 200))
def test_the_wait_never_shrinks_and_has_an_end(failures: int, free: int) -> None:
    wait, next_wait = wait_after(failures, free), wait_after(failures + 1, free)

    assert timedelta(0) <= wait <= next_wait <= LONGEST_WAIT
    assert (wait == timedelta(0)) == (failures < free)


def test_the_first_few_failures_are_free(database: Database) -> None:
    with later(0):
        waits = [seconds_to_wait(database) for _ in range(limits.FREE_SIGN_INS + 1)]

    assert waits == [0] * limits.FREE_SIGN_INS + [1]


def test_each_further_failure_doubles_the_wait(database: Database) -> None:
    at, waits = 0, []

    for _ in range(limits.FREE_SIGN_INS):
        with later(at):
            go(database)
    for _ in range(4):
        with later(at):
            waits.append(seconds_to_wait(database))
        at += waits[-1]
        with later(at):
            go(database)

    assert waits == [1, 2, 4, 8]


def test_a_go_that_is_refused_does_not_lengthen_the_wait(database: Database) -> None:
    with later(0):
        for _ in range(limits.FREE_SIGN_INS):
            go(database)
        refused = [seconds_to_wait(database) for _ in range(20)]

    with later(1):
        after = seconds_to_wait(database)

    assert refused == [1] * 20
    assert after == 0


def test_nobody_waits_longer_than_the_longest_wait(database: Database) -> None:
    at, waits = 0, []

    for _ in range(60):
        with later(at):
            waits.append(seconds_to_wait(database))
        at += waits[-1]

    assert max(waits) == limits.LONGEST_SIGN_IN_WAIT_SECONDS


def test_a_day_after_the_first_failure_all_is_forgotten(database: Database) -> None:
    with later(0):
        for _ in range(limits.FREE_SIGN_INS):
            go(database)

    with later(24 * 3600):
        waits = [seconds_to_wait(database) for _ in range(limits.FREE_SIGN_INS)]

    assert waits == [0] * limits.FREE_SIGN_INS


def test_another_account_and_another_address_do_not_wait(database: Database) -> None:
    with later(0):
        for _ in range(limits.FREE_SIGN_INS):
            go(database)

        assert seconds_to_wait(database, MARIA, HERE) == 1
        assert seconds_to_wait(database, "jose@example.org", HERE) == 0
        assert seconds_to_wait(database, MARIA, THERE) == 0


def test_the_right_password_forgets_the_wrong_ones(database: Database) -> None:
    with later(0):
        for _ in range(limits.FREE_SIGN_INS):
            go(database)
        with database.writing() as session:
            throttle.succeed(session, Attempt(MARIA, HERE))

        assert seconds_to_wait(database) == 0


def test_an_account_guessed_from_everywhere_waits_as_well(database: Database) -> None:
    with later(0):
        for number in range(limits.FREE_SIGN_INS_OF_ACCOUNT):
            go(database, MARIA, f"address {number}")

        assert seconds_to_wait(database, MARIA, "one more") == 1


def test_strangers_do_not_keep_somebody_out_of_their_own_office(
    database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    owner = Attempt(email_of(Role.ANALYST), HERE)
    with later(0):
        with database.writing() as session:
            person = known_person(session, owner.email)
            assert person is not None
            start_session(session, person, address_sha256=owner.address_sha256)
            trail.seal(session)
        for number in range(limits.FREE_SIGN_INS_OF_ACCOUNT):
            go(database, owner.email, f"address {number}")

        assert seconds_to_wait(database, owner.email, THERE) == 1
        assert seconds_to_wait(database, owner.email, HERE) == 0


def test_an_address_that_tries_many_accounts_waits(database: Database) -> None:
    with later(0):
        for number in range(limits.FREE_SIGN_INS_FROM_ADDRESS):
            go(database, f"person{number}@example.org", HERE)

        assert seconds_to_wait(database, "one.more@example.org", HERE) == 1
        assert seconds_to_wait(database, "one.more@example.org", THERE) == 0


def test_people_who_sign_in_well_do_not_use_up_their_address(
    database: Database,
) -> None:
    with later(0):
        for number in range(limits.FREE_SIGN_INS_FROM_ADDRESS * 2):
            go(database, f"person{number}@example.org", HERE)
            with database.writing() as session:
                throttle.succeed(session, Attempt(f"person{number}@example.org", HERE))

        assert seconds_to_wait(database, "one.more@example.org", HERE) == 0


def test_a_go_that_was_not_looked_at_is_taken_back(database: Database) -> None:
    with later(0):
        for _ in range(limits.FREE_SIGN_INS * 3):
            go(database)
            with database.writing() as session:
                throttle.take_back(session, Attempt(MARIA, HERE))

        assert seconds_to_wait(database) == 0


def test_the_organisation_is_told_once_that_somebody_guesses(
    database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    with later(0):
        for number in range(limits.FREE_SIGN_INS_OF_ACCOUNT):
            go(database, email_of(Role.ANALYST), f"address {number}")
    with later(10):
        go(database, email_of(Role.ANALYST), "one more")

    with database.reading() as session:
        leaves = session.scalars(select(TrailEntry.leaf)).all()

    told = [leaf for leaf in leaves if b"sign_in.throttled" in leaf]
    assert len(told) == 1
    assert b"example.org" not in told[0]


def test_old_counters_do_not_pile_up(database: Database) -> None:
    with later(0):
        for number in range(10):
            go(database, f"person{number}@example.org", f"address {number}")

    with later(25 * 3600):
        go(database)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInThrottle)) == 3


def test_counters_hold_no_address_of_anybody(database: Database) -> None:
    with later(0):
        go(database, MARIA, HERE)

    with database.reading() as session:
        kept = session.scalars(select(SignInThrottle.key_sha256)).all()

    assert {len(one) for one in kept} == {32}


def test_goes_at_the_same_moment_are_all_counted(database: Database) -> None:
    with later(0), ThreadPoolExecutor(4) as pool:
        waits = list(pool.map(lambda _: seconds_to_wait(database), range(12)))

    assert waits.count(0) == limits.FREE_SIGN_INS
    assert waits.count(1) == 12 - limits.FREE_SIGN_INS
