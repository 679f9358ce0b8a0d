"""What a card stands suspended for: grounds come and go, each by itself."""

from hypothesis import given
from hypothesis import strategies as st

from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import (
    BY_HAND,
    ENDS,
    GROUNDS,
    REVOKED_FOR,
    Why,
    grounds_of,
)

WORDS = st.lists(st.sampled_from([*GROUNDS, *ENDS, Why.ISSUED, Why.NEWER_VERSION]))


def after(*reasons: Why) -> tuple[Why, ...]:
    return grounds_of((Status.SUSPENDED, reason) for reason in reasons)


def test_a_card_that_was_only_issued_has_no_ground() -> None:
    assert grounds_of([(Status.ISSUED, Why.ISSUED)]) == ()


def test_the_end_of_one_ground_leaves_the_others() -> None:
    both = after(Why.UNDER_REVIEW, Why.ZERO_TOLERANCE)

    left = after(Why.UNDER_REVIEW, Why.ZERO_TOLERANCE, Why.ZERO_TOLERANCE_ENDED)

    assert both == (Why.ZERO_TOLERANCE, Why.UNDER_REVIEW), "the gravest first"
    assert left == (Why.UNDER_REVIEW,)


def test_a_ground_can_come_back() -> None:
    again = after(Why.PUBLIC_LIST, Why.PUBLIC_LIST_ENDED, Why.PUBLIC_LIST)

    assert again == (Why.PUBLIC_LIST,)


def test_what_a_person_does_is_no_end_of_what_follows_from_a_finding() -> None:
    assert not set(BY_HAND) & {Why.ZERO_TOLERANCE, Why.PUBLIC_LIST, Why.SITE_MERGED}
    assert set(BY_HAND) <= set(GROUNDS)
    assert not set(REVOKED_FOR) & {*GROUNDS, *ENDS}


@given(WORDS)
def test_a_ground_stands_as_its_last_word_says(reasons: list[Why]) -> None:
    def last_word(ground: Why) -> Why | None:
        about = [one for one in reasons if one in {ground, GROUNDS[ground]}]
        return about[-1] if about else None

    standing = after(*reasons)

    assert set(standing) == {one for one in GROUNDS if last_word(one) is one}
