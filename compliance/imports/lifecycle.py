"""What an import and its rows can be, and which step leads where."""

from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class State(StrEnum):
    READING = "reading"
    MAPPING = "mapping"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"


STEPS: dict[State, frozenset[State]] = {
    State.READING: frozenset(
        {State.MAPPING, State.READY, State.FAILED, State.CANCELLED}
    ),
    State.MAPPING: frozenset({State.READING, State.CANCELLED}),
    State.READY: frozenset({State.READING, State.APPLYING, State.CANCELLED}),
    State.APPLYING: frozenset({State.APPLIED, State.READY}),
    State.APPLIED: frozenset(),
    State.CANCELLED: frozenset(),
    State.FAILED: frozenset({State.READING, State.CANCELLED}),
}


class RowState(StrEnum):
    """What the dry run found: a site that is new, known, perhaps known, or refused."""

    NEW = "new"
    SAME = "same"
    PERHAPS = "perhaps"
    REFUSED = "refused"


class Choice(StrEnum):
    """What a person decided about a row."""

    NEW = "new"
    SAME_AS = "same_as"
    SKIP = "skip"


class Outcome(StrEnum):
    """What an applied import did with a row; a refused one has none."""

    MADE = "made"
    MATCHED = "matched"
    SKIPPED = "skipped"


class ImportStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The import is not at this step")
    detail = N_("An import that is {state} can become {reachable}, not {wanted}.")


def step(current: State, wanted: State) -> State:
    """Return the wanted state, or say which states can be reached from here."""
    if wanted not in STEPS[current]:
        reachable = ", ".join(sorted(STEPS[current])) or "-"
        raise ImportStepNotAllowed(state=current, wanted=wanted, reachable=reachable)
    return wanted
