"""Whatever is tried with an audit, in whatever order, by whomever: it keeps to its table."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session

from audits.reviews import actions as reviewing
from audits.reviews.actions import NewRemark
from audits.reviews.models import RemarkKind, ReplyCode
from audits.reviews.queries import replies
from audits.reviews.replying import answer_reply
from audits.visits.actions import plan
from audits.visits.lifecycle import STEPS, State
from audits.visits.models import VoidReason
from audits.visits.queries import AuditRecord, audit
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import Scope
from compliance.problems import Problem
from tests.conftest import Tenant
from tests.offices import Office, opened_office

Deed = Callable[[Office, Session, Scope, str], object]
REMARK = NewRemark(RemarkKind.UNCLEAR, text="Who said so?")
FIRST = date(2026, 1, 1)


def _reply(office: Office, session: Session, scope: Scope, _audit: str) -> object:
    """Answer the reply that runs, or the last one once more."""
    found = replies(session, scope, rows=200).rows
    if not found:
        return None
    return answer_reply(
        session, scope, office.keyring, found[-1].public_id, code=ReplyCode.AGREES
    )


DEEDS: dict[str, Deed] = {
    "take": lambda _, session, scope, one: reviewing.take(session, scope, one),
    "take over": lambda _, session, scope, one: reviewing.take(
        session, scope, one, from_another=True
    ),
    "return": lambda office, session, scope, one: reviewing.return_audit(
        session, scope, office.keyring, one, [REMARK]
    ),
    "offer": lambda _, session, scope, one: reviewing.offer_reply(session, scope, one),
    "reply": _reply,
    "finalise": lambda _, session, scope, one: reviewing.finalise(session, scope, one),
    "void": lambda _, session, scope, one: reviewing.void(
        session, scope, one, VoidReason.TEST_DATA
    ),
}
ROLES = (*[Role.REVIEWER] * 3, Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR)
Try = tuple[str, Role] | str | int
# Where a life begins, so that its end is reached often enough.
OFFERED: list[Try] = ["yes", ("take", Role.REVIEWER), ("offer", Role.REVIEWER)]
BEGINNINGS: tuple[list[Try], ...] = (
    [],
    ["no"],
    OFFERED,
    ["no", ("finalise", Role.REVIEWER)],
)
# A deed by somebody, answers that come in, or days that go by.
anything: some.SearchStrategy[Try] = some.one_of(
    some.tuples(some.sampled_from(sorted(DEEDS)), some.sampled_from(ROLES)),
    some.sampled_from(["yes", "no"]),
    some.integers(min_value=1, max_value=20),
)
tried = some.builds(
    lambda begun, more: [*begun, *more],
    some.sampled_from(BEGINNINGS),
    some.lists(anything, min_size=3, max_size=12),
)


@pytest.fixture
def office(database: Database, tenant: Tenant, tmp_path: Path) -> Office:
    return opened_office(database, tenant, tmp_path)


days = count()


class Life:
    """One audit of a day of its own, and the states it was seen in."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.day = FIRST + timedelta(days=next(days))
        self.at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        self.id = office.do(Role.AUDITOR, self._plan).public_id
        self.seen = [self.now()]

    def time(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def now(self) -> AuditRecord:
        return self.office.do(
            Role.REVIEWER, lambda session, scope: audit(session, scope, self.id)
        )

    def go(self, one: Try) -> None:
        """Do what is tried; what is refused must change nothing."""
        before = self.now()
        try:
            self._try(one)
        except Problem:
            assert self.now() == before
        self.seen.append(self.now())

    def was_heard(self) -> bool:
        """Tell whether the site answered, or let the time for it go by."""
        found = self.office.do(
            Role.REVIEWER, lambda session, scope: replies(session, scope, rows=200).rows
        )
        of_audit = [one for one in found if one.audit == self.id]
        return any(
            one.answered_at is not None or one.due_at <= self.at for one in of_audit
        )

    def _try(self, one: Try) -> None:
        match one:
            case int():
                self.at += timedelta(days=one)
            case str():
                self.office.send(self.day.isoformat(), papers=one)
            case (name, role):
                self.office.do(
                    role,
                    lambda session, scope: DEEDS[name](
                        self.office, session, scope, self.id
                    ),
                )

    def _plan(self, session: Session, scope: Scope) -> AuditRecord:
        return plan(
            session,
            scope,
            site=self.office.farm,
            fieldwork_from=self.day,
            fieldwork_to=self.day,
        )


@settings(max_examples=25)
@given(tried)
def test_an_audit_never_leaves_its_table(office: Office, wanted: list[Try]) -> None:
    life = Life(office)

    with clock.set_to(life.time):
        for one in wanted:
            life.go(one)

    for before, after in zip(life.seen, life.seen[1:], strict=False):
        reached = STEPS[before.status] | {before.status}
        through_review = State.IN_REVIEW in reached and State.FINAL is after.status
        assert after.status in reached or through_review
        assert after.reviewer is None or after.status not in {
            State.PLANNED,
            State.RETURNED,
        }


@settings(max_examples=25)
@given(tried)
def test_what_is_final_or_voided_is_so_for_good(
    office: Office, wanted: list[Try]
) -> None:
    life = Life(office)

    with clock.set_to(life.time):
        for one in wanted:
            life.go(one)

    ends = [one for one in life.seen if not STEPS[one.status]]
    assert len(set(ends)) <= 1
    assert life.seen[len(life.seen) - len(ends) :] == ends


among_reviewers = some.lists(
    some.one_of(
        some.sampled_from(["offer", "finalise", "finalise", "return", "take"]).map(
            lambda name: (name, Role.REVIEWER)
        ),
        some.just(("reply", Role.MANAGER)),
        some.just("yes"),
        some.just(20),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=25)
@given(among_reviewers)
def test_what_found_something_is_final_only_after_the_site_was_heard(
    office: Office, wanted: list[Try]
) -> None:
    life = Life(office)
    heard_until = []

    with clock.set_to(life.time):
        for one in [*OFFERED, *wanted]:
            life.go(one)
            heard_until.append(life.was_heard())

    for after, was_heard in zip(life.seen[1:], heard_until, strict=True):
        assert was_heard or after.status is not State.FINAL
