"""What becomes of a submission, as the table of the protocol has it."""

from itertools import product

import pytest

from audits.submissions.decision import Base, Effect, Known, decide
from audits.submissions.problems import REFUSALS
from compliance.problems import Kind


@pytest.mark.parametrize(
    ("known", "base", "effect"),
    [
        (Known.NOTHING, Base.NONE_NAMED, Effect.CREATE),
        (Known.EQUAL, Base.NONE_NAMED, Effect.REPEAT),
        (Known.OTHER, Base.NONE_NAMED, Effect.REFUSE_OTHER),
        (Known.SUPERSEDED, Base.NONE_NAMED, Effect.REFUSE_SUPERSEDED),
        (Known.WITHDRAWN, Base.NONE_NAMED, Effect.REFUSE_WITHDRAWN),
        (Known.NOTHING, Base.CURRENT, Effect.CREATE),
        (Known.NOTHING, Base.UNKNOWN, Effect.REFUSE_BASE_UNKNOWN),
        (Known.NOTHING, Base.SUPERSEDED, Effect.REFUSE_OUT_OF_DATE),
        (Known.NOTHING, Base.WITHDRAWN, Effect.REFUSE_BASE_WITHDRAWN),
        (Known.EQUAL, Base.SUPERSEDED, Effect.REPEAT),
        (Known.OTHER, Base.SUPERSEDED, Effect.REFUSE_OTHER),
        (Known.OTHER, Base.CURRENT, Effect.REFUSE_OTHER),
        (Known.SUPERSEDED, Base.CURRENT, Effect.REFUSE_SUPERSEDED),
    ],
)
def test_each_situation_has_its_effect(
    known: Known, base: Base, effect: Effect
) -> None:
    assert decide(known, base) is effect


@pytest.mark.parametrize(("known", "base"), list(product(Known, Base)))
def test_nothing_is_created_where_something_is_there(known: Known, base: Base) -> None:
    effect = decide(known, base)

    assert effect is not Effect.CREATE or known is Known.NOTHING


def test_every_refusal_says_something_and_only_an_unknown_original_is_not_kept() -> (
    None
):
    refused = {effect for effect in Effect if effect.name.startswith("REFUSE")}
    kinds = {effect: problem.kind for effect, problem in REFUSALS.items()}

    assert set(REFUSALS) == refused
    assert kinds.pop(Effect.REFUSE_BASE_UNKNOWN) is Kind.NOT_FOUND
    assert set(kinds.values()) == {Kind.CONFLICT}
