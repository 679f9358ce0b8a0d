"""What becomes of a submission that arrives: two small tables over what is known.

A device sends again until it hears 201, each time from the start; so the same bytes
must always meet the same answer, and nothing that is there is ever overwritten.
"""

from enum import StrEnum


class Known(StrEnum):
    """What stands under the instance id that arrives."""

    NOTHING = "nothing"
    EQUAL = "equal"
    OTHER = "other"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Base(StrEnum):
    """What stands under the instance id that the arriving one says it edits."""

    NONE_NAMED = "none_named"
    CURRENT = "current"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Effect(StrEnum):
    CREATE = "create"
    REPEAT = "repeat"
    REFUSE_OTHER = "other_answers"
    REFUSE_SUPERSEDED = "superseded"
    REFUSE_WITHDRAWN = "withdrawn"
    REFUSE_OUT_OF_DATE = "out_of_date"
    REFUSE_BASE_WITHDRAWN = "base_withdrawn"
    REFUSE_BASE_UNKNOWN = "base_unknown"


OF_A_KNOWN_ONE = {
    Known.EQUAL: Effect.REPEAT,
    Known.OTHER: Effect.REFUSE_OTHER,
    Known.SUPERSEDED: Effect.REFUSE_SUPERSEDED,
    Known.WITHDRAWN: Effect.REFUSE_WITHDRAWN,
}
OF_A_NEW_ONE = {
    Base.NONE_NAMED: Effect.CREATE,
    Base.CURRENT: Effect.CREATE,
    Base.UNKNOWN: Effect.REFUSE_BASE_UNKNOWN,
    Base.SUPERSEDED: Effect.REFUSE_OUT_OF_DATE,
    Base.WITHDRAWN: Effect.REFUSE_BASE_WITHDRAWN,
}


def decide(known: Known, base: Base) -> Effect:
    """Return the effect; what is there already weighs more than what is edited."""
    if known is Known.NOTHING:
        return OF_A_NEW_ONE[base]
    return OF_A_KNOWN_ONE[known]
