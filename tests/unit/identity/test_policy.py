"""The policy: one table, whole, and the page that is printed from it."""

from itertools import product
from pathlib import Path

import pytest

from compliance.identity.models import Role
from compliance.identity.permissions import PERMISSIONS, Permission, roles_that_may
from compliance.identity.policy import (
    HOLDERS,
    LINES,
    POLICY,
    Action,
    Line,
    Relation,
    Resource,
)
from compliance.identity.policy_printing import printed_policy

ROOT = Path(__file__).parents[3]


def test_every_permission_has_holders_and_opens_something() -> None:
    opening = {one for line in POLICY for one in line.needs}

    assert set(HOLDERS) == set(Permission) == opening


def test_an_administrator_may_do_whatever_anybody_may() -> None:
    assert PERMISSIONS[Role.ADMINISTRATOR] == set(Permission)


def test_an_action_has_one_line_and_every_word_is_used() -> None:
    assert len(LINES) == len(POLICY)
    assert {line.resource for line in POLICY} == set(Resource)
    assert {line.action for line in POLICY} == set(Action)


@pytest.mark.parametrize(
    "line", POLICY, ids=lambda one: f"{one.resource}, {one.action}"
)
def test_what_strangers_reach_asks_for_nothing_or_is_a_request(line: Line) -> None:
    is_open = Relation.OTHER in line.reaches

    assert is_open == (not line.needs or line.action is Action.SEND)


@pytest.mark.parametrize(
    "line", POLICY, ids=lambda one: f"{one.resource}, {one.action}"
)
def test_what_is_shared_is_only_read_or_helped(line: Line) -> None:
    shared = {Relation.SHARED_RISK, Relation.SHARED_SCORECARD} & line.reaches
    # A buyer may bind itself to do something for a supplier that it sees.
    is_help = (line.resource, line.action) == (Resource.COMMITMENT, Action.GIVE)

    assert (
        not shared
        or Relation.OTHER in line.reaches
        or line.action is Action.READ
        or is_help
    )


def test_the_roles_of_a_permission_are_those_of_the_table() -> None:
    differing = [
        (role, permission)
        for role, permission in product(Role, Permission)
        if (role in roles_that_may(permission)) != (permission in PERMISSIONS[role])
    ]

    assert differing == []


@pytest.mark.parametrize(
    ("line", "relation", "roles"),
    [
        ((Resource.FINDING, Action.ANSWER), Relation.OPERATES, {"manager"}),
        ((Resource.FINDING, Action.DECIDE), Relation.OWN, {"reviewer"}),
        ((Resource.FINDING, Action.DECIDE), Relation.OPERATES, None),
        ((Resource.SCORECARD, Action.READ), Relation.SHARED_RISK, None),
        ((Resource.SCORECARD, Action.READ), Relation.OTHER, None),
        ((Resource.TRAIL, Action.READ), Relation.OWN, set()),
        ((Resource.SITE, Action.CHANGE), Relation.OPERATES, None),
    ],
)
def test_some_cells_written_out_by_hand(
    line: tuple[Resource, Action], relation: Relation, roles: set[str] | None
) -> None:
    expected = set() if roles is None else {"administrator", *roles}

    assert LINES[line].roles(relation) == expected


def test_the_page_of_permissions_is_printed_from_the_policy() -> None:
    page = (ROOT / "docs/permissions.md").read_text(encoding="utf-8")

    assert page == printed_policy()
