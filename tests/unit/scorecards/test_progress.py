"""What is being done about findings, as rows of a card; and what stands in no row."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from compliance.commitments.lifecycle import CommitmentKind, Side
from compliance.commitments.lifecycle import State as Promised
from compliance.commitments.queries import CommitmentRecord
from compliance.corrective_actions.codes import ActionCode, OwnerRole, RootCause
from compliance.corrective_actions.lifecycle import State as Doing
from compliance.corrective_actions.queries import ActionRecord
from compliance.findings.cases import CaseWord
from compliance.findings.queries import FindingRecord
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.policy import Relation
from compliance.remedies.balance import EntryKind
from compliance.remedies.models import RemedyKind
from compliance.remedies.queries import EntryRecord, RemedyRecord
from compliance.scorecards.codes import ActionText, ChildCases
from compliance.scorecards.content import Action
from compliance.scorecards.progress import (
    one_word,
    rows_of_commitments,
    rows_of_plan,
    rows_of_remedies,
)
from rules import Topic
from tests.privacy.publishing import finding

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOBODY = uuid.UUID(int=0)
FINDING = finding(1, 7, "forced_labour.documents_held", date(2026, 11, 3))
OF_A_CHILD = finding(1, 8, "child_labour.minimum_age", date(2026, 11, 3))


def action(number: int = 1, **changes: Any) -> ActionRecord:
    known: dict[str, Any] = {
        "id": NOBODY,
        "public_id": f"action_{number}",
        "relation": Relation.OWN,
        "owner_id": OrganisationId(NOBODY),
        "site_id": SiteId(NOBODY),
        "site_public_id": "site_1",
        "site_name": "Finca 1",
        "finding_id": FINDING.id,
        "finding": FINDING.public_id,
        "rule": FINDING.rule,
        "number": number,
        "round": 1,
        "is_of_this_round": True,
        "root_cause": RootCause.LABOUR_BROKER,
        "action": ActionCode.GIVE_DOCUMENTS_BACK,
        "owner_role": OwnerRole.FARM_MANAGER,
        "due_on": date(2026, 12, 1),
        "first_due_on": date(2026, 12, 1),
        "state": Doing.AGREED,
        "proposed_at": NOW,
        "agreed_on": date(2026, 11, 10),
        "reported_on": None,
        "ended_on": None,
        "extended": 0,
        "key_id": NOBODY,
    }
    return ActionRecord(**(known | changes))


def remedy(people: int, given: int, **changes: Any) -> RemedyRecord:
    counts = {EntryKind.OWED: people, EntryKind.PAID: given}
    known: dict[str, Any] = {
        "id": NOBODY,
        "public_id": "remedy_1",
        "relation": Relation.OWN,
        "owner_id": OrganisationId(NOBODY),
        "site_id": SiteId(NOBODY),
        "site_public_id": "site_1",
        "site_name": "Finca 1",
        "finding": FINDING.public_id,
        "kind": RemedyKind.DOCUMENTS_RETURNED,
        "currency": None,
        "period_from": date(2026, 9, 1),
        "period_to": date(2026, 11, 3),
        "due_on": date(2026, 12, 3),
        "entered_by": "key_a",
        "entered_at": NOW,
        "entries": tuple(
            EntryRecord(
                ordinal, kind, None, some, None, None, None, None, None, "key_a", NOW
            )
            for ordinal, (kind, some) in enumerate(counts.items(), 1)
            if some
        ),
    }
    return RemedyRecord(**(known | changes))


def promise(**changes: Any) -> CommitmentRecord:
    known: dict[str, Any] = {
        "id": NOBODY,
        "public_id": "commitment_1",
        "side": Side.SUPPLIER,
        "maker_id": OrganisationId(NOBODY),
        "maker": "org_b",
        "maker_name": "Kaffee GmbH",
        "owner_id": OrganisationId(NOBODY),
        "keeper": "org_a",
        "keeper_name": "Exportadora",
        "operator_id": None,
        "site_id": SiteId(NOBODY),
        "site": "site_1",
        "site_name": "Finca 1",
        "kind": CommitmentKind.CO_FUNDING,
        "amount": 1,
        "currency": "EUR",
        "basis_points": None,
        "days": None,
        "due_on": date(2026, 12, 31),
        "state": Promised.ACCEPTED,
        "made_at": NOW,
        "findings": (7,),
    }
    return CommitmentRecord(**(known | changes))


def shares(rows: list[Action]) -> list[tuple[str, str, int | None, str]]:
    return [(one.ref, one.text_code, one.share_done, one.status) for one in rows]


def test_the_rows_of_the_catalogue_are_all_that_can_be_done() -> None:
    texts = set(ActionText)

    assert set(ActionCode) <= texts
    assert {f"buyer_{kind}" for kind in CommitmentKind} <= texts
    assert {f"remedy_{kind}" for kind in RemedyKind} - texts == {"remedy_school_place"}


@pytest.mark.parametrize(
    ("state", "share", "status"),
    [
        (Doing.AGREED, 0, "planned"),
        (Doing.IN_PROGRESS, 33, "in_progress"),
        (Doing.REPORTED_DONE, 66, "in_progress"),
        (Doing.NOT_EFFECTIVE, 0, "in_progress"),
        (Doing.VERIFIED, 100, "verified_closed"),
    ],
)
def test_an_action_tells_how_many_of_its_steps_were_taken(
    state: Doing, share: int, status: str
) -> None:
    rows = rows_of_plan([action(state=state)], [FINDING], TODAY)

    assert shares(rows) == [("CA-0701", "give_documents_back", share, status)]
    assert (rows[0].flag, rows[0].due_on) == ("RF-07", date(2026, 12, 1))


def test_what_is_owed_after_its_day_is_overdue_and_what_waits_for_others_is_not() -> (
    None
):
    late = date(2026, 11, 1)

    rows = [
        rows_of_plan([action(state=state, due_on=late)], [FINDING], TODAY)[0].status
        for state in (Doing.IN_PROGRESS, Doing.REPORTED_DONE)
    ]

    assert rows == ["overdue", "in_progress"]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": Doing.PROPOSED, "agreed_on": None},
        {"state": Doing.SENT_BACK, "agreed_on": None},
        {"state": Doing.CANCELLED},
        {"is_of_this_round": False},
    ],
)
def test_what_nobody_agreed_to_or_gave_up_is_no_plan(changes: dict[str, Any]) -> None:
    assert rows_of_plan([action(**changes)], [FINDING], TODAY) == []


def test_three_actions_that_say_the_same_are_one_row() -> None:
    """Their number would be that of those they are for."""
    many = [
        action(1, state=Doing.VERIFIED),
        action(2, state=Doing.IN_PROGRESS, due_on=date(2027, 1, 1)),
        action(3),
    ]

    rows = rows_of_plan(many, [FINDING], TODAY)

    assert shares(rows) == [("CA-0701", "give_documents_back", 44, "in_progress")]
    assert rows[0].due_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("people", "given", "share"),
    [(9, 9, None), (10, 0, 0), (12, 2, 0), (12, 3, 25), (40, 39, 75), (40, 40, 100)],
)
def test_what_people_got_is_told_in_quarters_of_ten_at_least(
    people: int, given: int, share: int | None
) -> None:
    rows = rows_of_remedies([remedy(people, given)], [FINDING], workers=60, now=NOW)

    assert [(one.text_code, one.share_done) for one in rows] == [
        ("remedy_documents_returned", share)
    ]


@pytest.mark.parametrize("workers", [None, 9])
def test_of_a_small_or_unknown_workforce_no_share_is_told(workers: int | None) -> None:
    (row,) = rows_of_remedies([remedy(40, 20)], [FINDING], workers=workers, now=NOW)

    assert (row.share_done, row.status) == (None, "in_progress")


def test_two_remedies_of_one_kind_are_one_row() -> None:
    both = [remedy(20, 20), remedy(20, 0)]

    (row,) = rows_of_remedies(both, [FINDING], workers=60, now=NOW)

    assert (row.ref, row.share_done) == ("RM-0705", 50)


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (OF_A_CHILD, RemedyKind.MEDICAL_CARE),
        (FINDING, RemedyKind.SCHOOL_PLACE),
    ],
)
def test_what_is_done_for_a_child_stands_in_no_row(
    of: FindingRecord, kind: RemedyKind
) -> None:
    one = remedy(30, 0, finding=of.public_id, kind=kind)

    assert rows_of_remedies([one], [FINDING, OF_A_CHILD], workers=60, now=NOW) == []
    assert OF_A_CHILD.topic is Topic.CHILD_LABOUR


@pytest.mark.parametrize(
    ("changes", "share", "status"),
    [
        ({}, 0, "planned"),
        ({"state": Promised.IN_FORCE}, 33, "in_progress"),
        ({"state": Promised.KEPT_REPORTED}, 66, "in_progress"),
        ({"due_on": date(2026, 11, 1)}, 0, "overdue"),
        ({"state": Promised.BROKEN}, 0, "broken"),
    ],
)
def test_a_commitment_that_binds_or_was_broken_is_told(
    changes: dict[str, Any], share: int, status: str
) -> None:
    (row,) = rows_of_commitments([promise(**changes)], [FINDING], NOW)

    assert shares([row]) == [("BC-01", "buyer_co_funding", share, status)]
    assert row.flag == "RF-07"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": Promised.OFFERED},
        {"state": Promised.DECLINED},
        {"state": Promised.WITHDRAWN},
        {"state": Promised.KEPT_CONFIRMED},
        {"state": Promised.BROKEN, "due_on": date(2025, 11, 20)},
    ],
)
def test_what_binds_nobody_any_more_is_not_told(changes: dict[str, Any]) -> None:
    assert rows_of_commitments([promise(**changes)], [FINDING], NOW) == []


def test_a_commitment_keeps_its_number_when_another_ends() -> None:
    ended = promise(state=Promised.KEPT_CONFIRMED)

    (row,) = rows_of_commitments(
        [ended, replace(promise(), findings=(9,))], [FINDING], NOW
    )

    assert (row.ref, row.flag) == ("BC-02", None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ChildCases.NONE),
        ([CaseWord.NOT_NEEDED], ChildCases.NONE),
        ([CaseWord.NOT_OPENED], ChildCases.OPEN),
        ([CaseWord.OUTCOME_VERIFIED, CaseWord.REFERRED], ChildCases.OPEN),
        ([CaseWord.IN_FOLLOW_UP], ChildCases.IN_REMEDIATION),
        ([CaseWord.IN_FOLLOW_UP, CaseWord.CLOSED_WITHOUT_OUTCOME], ChildCases.LAPSED),
        ([CaseWord.OUTCOME_VERIFIED] * 3, ChildCases.OUTCOME_VERIFIED),
    ],
)
def test_however_many_cases_there_are_one_word_is_told(
    words: list[CaseWord], told: ChildCases
) -> None:
    assert one_word(words) is told
