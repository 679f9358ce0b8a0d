"""Nobody gives more than they have: a law of roles, scopes, keys and clients."""

from hypothesis import given
from hypothesis import strategies as st

from compliance.identity.granting import (
    MoreThanYouHave,
    permissions_named,
    reach,
    require_within,
    written,
)
from compliance.identity.models import Role
from compliance.identity.permissions import PERMISSIONS, Permission

roles = st.sampled_from(Role)
scopes = st.none() | st.frozensets(st.sampled_from(Permission))


def may_give(
    own: frozenset[Permission], role: Role, wanted: frozenset[Permission] | None
) -> bool:
    try:
        require_within(own, role, wanted)
    except MoreThanYouHave:
        return False
    return True


@given(giver=roles, held=scopes, role=roles, wanted=scopes)
def test_what_may_be_given_is_within_what_the_giver_has(
    giver: Role,
    held: frozenset[Permission] | None,
    role: Role,
    wanted: frozenset[Permission] | None,
) -> None:
    own = reach(giver, held)

    given_away = may_give(own, role, wanted)

    assert given_away == (reach(role, wanted) <= own)


@given(first=roles, steps=st.lists(st.tuples(roles, scopes), max_size=5))
def test_a_chain_of_gifts_never_grows(
    first: Role, steps: list[tuple[Role, frozenset[Permission] | None]]
) -> None:
    at_first = own = reach(first)

    for role, wanted in steps:
        own = reach(role, wanted) if may_give(own, role, wanted) else own

    assert own <= at_first


@given(st.frozensets(st.sampled_from(Permission)))
def test_scopes_are_read_as_they_are_written(
    permissions: frozenset[Permission],
) -> None:
    assert permissions_named(written(permissions)) == permissions


@given(st.text())
def test_words_that_name_nothing_give_nothing(words: str) -> None:
    named = {one.name.lower() for one in Permission} & set(words.split(" "))

    assert len(permissions_named(words)) == len(named)


@given(role=roles, wanted=scopes)
def test_scopes_only_ever_narrow_a_role(
    role: Role, wanted: frozenset[Permission] | None
) -> None:
    assert reach(role, wanted) <= PERMISSIONS[role]
