"""The lives of things as tables: a step leads where its table says, and nowhere else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from compliance.commitments import lifecycle as commitments
from compliance.corrective_actions import lifecycle as corrective_actions
from compliance.findings import lifecycle as findings
from compliance.problems import Problem


@dataclass(frozen=True)
class Life:
    """A table of steps as people agreed it, and the code that goes by it."""

    name: str
    step: Callable[[Any, Any], StrEnum]
    states: type[StrEnum]
    steps: type[StrEnum]
    refusal: type[Problem]
    allowed: Sequence[tuple[StrEnum, StrEnum, StrEnum]]


FINDINGS = Life(
    "findings",
    findings.step,
    findings.State,
    findings.Step,
    findings.StepNotAllowed,
    [
        (findings.State.RAISED, findings.Step.SEE_AGAIN, findings.State.RAISED),
        (findings.State.RAISED, findings.Step.CONFIRM, findings.State.RAISED),
        (findings.State.RAISED, findings.Step.ACCEPT, findings.State.ACCEPTED),
        (findings.State.RAISED, findings.Step.DISPUTE, findings.State.DISPUTED),
        (findings.State.DISPUTED, findings.Step.SEE_AGAIN, findings.State.DISPUTED),
        (findings.State.DISPUTED, findings.Step.CONFIRM, findings.State.DISPUTED),
        (findings.State.DISPUTED, findings.Step.UPHOLD, findings.State.ACCEPTED),
        (findings.State.DISPUTED, findings.Step.WITHDRAW, findings.State.WITHDRAWN),
        (findings.State.ACCEPTED, findings.Step.SEE_AGAIN, findings.State.ACCEPTED),
        (findings.State.ACCEPTED, findings.Step.CONFIRM, findings.State.ACCEPTED),
        (findings.State.ACCEPTED, findings.Step.AGREE_PLAN, findings.State.ACCEPTED),
        (findings.State.ACCEPTED, findings.Step.CLOSE, findings.State.CLOSED),
        (findings.State.CLOSED, findings.Step.SEE_AGAIN, findings.State.CLOSED),
        (findings.State.CLOSED, findings.Step.CONFIRM, findings.State.CLOSED),
        (findings.State.CLOSED, findings.Step.REOPEN, findings.State.ACCEPTED),
    ],
)
COMMITMENTS = Life(
    "commitments",
    commitments.step,
    commitments.State,
    commitments.Step,
    commitments.CommitmentStepNotAllowed,
    [
        (
            commitments.State.OFFERED,
            commitments.Step.ACCEPT,
            commitments.State.ACCEPTED,
        ),
        (
            commitments.State.OFFERED,
            commitments.Step.DECLINE,
            commitments.State.DECLINED,
        ),
        (
            commitments.State.OFFERED,
            commitments.Step.WITHDRAW,
            commitments.State.WITHDRAWN,
        ),
        (
            commitments.State.ACCEPTED,
            commitments.Step.BEGIN,
            commitments.State.IN_FORCE,
        ),
        (commitments.State.ACCEPTED, commitments.Step.BREAK, commitments.State.BROKEN),
        (
            commitments.State.IN_FORCE,
            commitments.Step.REPORT_KEPT,
            commitments.State.KEPT_REPORTED,
        ),
        (commitments.State.IN_FORCE, commitments.Step.BREAK, commitments.State.BROKEN),
        (
            commitments.State.KEPT_REPORTED,
            commitments.Step.CONFIRM,
            commitments.State.KEPT_CONFIRMED,
        ),
        (
            commitments.State.KEPT_REPORTED,
            commitments.Step.CONTEST,
            commitments.State.IN_FORCE,
        ),
    ],
)
CORRECTIVE_ACTIONS = Life(
    "corrective_actions",
    corrective_actions.step,
    corrective_actions.State,
    corrective_actions.Step,
    corrective_actions.ActionStepNotAllowed,
    [
        (
            corrective_actions.State.PROPOSED,
            corrective_actions.Step.AGREE,
            corrective_actions.State.AGREED,
        ),
        (
            corrective_actions.State.PROPOSED,
            corrective_actions.Step.SEND_BACK,
            corrective_actions.State.SENT_BACK,
        ),
        (
            corrective_actions.State.PROPOSED,
            corrective_actions.Step.CANCEL,
            corrective_actions.State.CANCELLED,
        ),
        (
            corrective_actions.State.SENT_BACK,
            corrective_actions.Step.PROPOSE_AGAIN,
            corrective_actions.State.PROPOSED,
        ),
        (
            corrective_actions.State.SENT_BACK,
            corrective_actions.Step.CANCEL,
            corrective_actions.State.CANCELLED,
        ),
        (
            corrective_actions.State.AGREED,
            corrective_actions.Step.START,
            corrective_actions.State.IN_PROGRESS,
        ),
        (
            corrective_actions.State.AGREED,
            corrective_actions.Step.CANCEL,
            corrective_actions.State.CANCELLED,
        ),
        (
            corrective_actions.State.IN_PROGRESS,
            corrective_actions.Step.REPORT_DONE,
            corrective_actions.State.REPORTED_DONE,
        ),
        (
            corrective_actions.State.IN_PROGRESS,
            corrective_actions.Step.CANCEL,
            corrective_actions.State.CANCELLED,
        ),
        (
            corrective_actions.State.REPORTED_DONE,
            corrective_actions.Step.VERIFY,
            corrective_actions.State.VERIFIED,
        ),
        (
            corrective_actions.State.REPORTED_DONE,
            corrective_actions.Step.FIND_INEFFECTIVE,
            corrective_actions.State.NOT_EFFECTIVE,
        ),
        (
            corrective_actions.State.NOT_EFFECTIVE,
            corrective_actions.Step.START,
            corrective_actions.State.IN_PROGRESS,
        ),
        (
            corrective_actions.State.NOT_EFFECTIVE,
            corrective_actions.Step.CANCEL,
            corrective_actions.State.CANCELLED,
        ),
    ],
)
LIVES = (FINDINGS, COMMITMENTS, CORRECTIVE_ACTIONS)
ALLOWED = [
    pytest.param(life, *taken, id=f"{life.name}: {taken[0]}, {taken[1]}")
    for life in LIVES
    for taken in life.allowed
]
REFUSED = [
    pytest.param(life, state, wanted, id=f"{life.name}: {state}, {wanted}")
    for life in LIVES
    for state in life.states
    for wanted in life.steps
    if (state, wanted) not in {(before, taken) for before, taken, _ in life.allowed}
]


@pytest.mark.parametrize(("life", "before", "taken", "after"), ALLOWED)
def test_a_step_leads_where_the_table_says(
    life: Life, before: StrEnum, taken: StrEnum, after: StrEnum
) -> None:
    assert life.step(before, taken) is after


@pytest.mark.parametrize(("life", "before", "taken"), REFUSED)
def test_every_other_step_is_refused(
    life: Life, before: StrEnum, taken: StrEnum
) -> None:
    with pytest.raises(life.refusal) as refused:
        life.step(before, taken)

    assert refused.value.facts["state"] == before
