"""What codes are called agrees, in Spanish, with the thing they are said of."""

import re
from enum import StrEnum

import pytest

from api.pages.words import WORDS, word
from api.pages.words_of_authors import WORDS_OF_AUTHORS
from api.pages.words_of_corrections import WORDS_OF_CORRECTIONS
from api.pages.words_of_desks import WORDS_OF_DESKS
from api.pages.words_of_planning import WORDS_OF_PLANNING
from api.pages.words_of_reviews import WORDS_OF_REVIEWS
from api.pages.words_of_trade import WORDS_OF_TRADE
from audits.checklists.models import ValidationState
from audits.fieldwork.queries import AssignmentState
from audits.sampling.queries import Standing as StandingInSample
from audits.submissions.answered import Given
from audits.visits.lifecycle import State as VisitState
from compliance.alerts.models import DeliveryState, ReceiverState
from compliance.commitments.lifecycle import State as CommitmentState
from compliance.commitments.lifecycle import Step as CommitmentStep
from compliance.corrective_actions.lifecycle import State as ActionState
from compliance.corrective_actions.lifecycle import Step as ActionStep
from compliance.exclusions.lifecycle import ExclusionState
from compliance.findings.cases import CaseWord
from compliance.findings.lifecycle import State as FindingState
from compliance.findings.lifecycle import Step as FindingStep
from compliance.identity.devices import DeviceState
from compliance.identity.invitations import InvitationState
from compliance.identity.keys import KeyState
from compliance.identity.models import MembershipStatus
from compliance.registry.consents.queries import ConsentState
from compliance.registry.models.consents import Reply
from compliance.scorecards.codes import Status
from compliance.texts import CONTEXT_ENDS, translate

PARTS = (
    WORDS_OF_AUTHORS,
    WORDS_OF_CORRECTIONS,
    WORDS_OF_DESKS,
    WORDS_OF_PLANNING,
    WORDS_OF_REVIEWS,
    WORDS_OF_TRADE,
)
# What each is said of: el hallazgo, la acción …
MASCULINE: tuple[type[StrEnum], ...] = (
    CaseWord,
    CommitmentState,
    CommitmentStep,
    ConsentState,
    DeviceState,
    FindingState,
    FindingStep,
    ReceiverState,
    StandingInSample,
)
FEMININE: tuple[type[StrEnum], ...] = (
    ActionState,
    ActionStep,
    AssignmentState,
    DeliveryState,
    ExclusionState,
    Given,
    InvitationState,
    KeyState,
    MembershipStatus,
    Reply,
    Status,
    ValidationState,
    VisitState,
)
# The participle that a word begins with, and what its gender and number hang on.
PARTICIPLE = re.compile(r"\w+(?:[ai]d|iert|uelt)(os?|as?)\b")
NOT_SAID_OF_IT = {VisitState.SUBMITTED}  # las respuestas recibidas


@pytest.mark.parametrize(
    ("codes", "ending"),
    [*((one, "o") for one in MASCULINE), *((one, "a") for one in FEMININE)],
)
def test_a_word_has_the_gender_of_what_it_is_said_of(
    codes: type[StrEnum], ending: str
) -> None:
    told = [
        translate(word(one), "es").split()[0].strip(",")
        for one in codes
        if one not in NOT_SAID_OF_IT
    ]

    found = [one for one in map(PARTICIPLE.fullmatch, told) if one]

    assert [one[0] for one in found if one[1] != ending] == []


def test_every_code_is_called_in_one_place() -> None:
    named = [codes for words in PARTS for codes in words]

    assert [one for one in named if named.count(one) > 1] == []


def test_in_english_no_context_is_seen() -> None:
    told = [translate(one, "en") for words in WORDS.values() for one in words.values()]

    assert [one for one in told if CONTEXT_ENDS in one] == []
