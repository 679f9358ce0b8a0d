"""A card in plain words for those it is about: few sentences, chosen by what is so.

What was good, what must change and by when, who helps, where to complain, how to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.scorecards_parts import ToldAction, ToldCard, ToldFlag
from compliance.scorecards.codes import (
    FindingStatus,
    GradeState,
    Letter,
    Severity,
    Status,
    Topic,
)
from compliance.texts import N_, translate

MOST_TOLD = 4
WELL = 70
GRAVITY = list(Severity)

OF_LETTER: Mapping[Letter, str] = {
    Letter.A: N_("Very good. There is little to correct."),
    Letter.B: N_("Good. Some things can be better."),
    Letter.C: N_("Some important things must change."),
    Letter.D: N_("Important things must change soon."),
    Letter.E: N_("There are serious problems. They must be corrected now."),
}
OF_STATE: Mapping[GradeState, str] = {
    GradeState.SUSPENDED: N_(
        "There is no grade now: something very serious may be happening. First, people "
        "must be safe. Then a plan is agreed."
    ),
    GradeState.NOT_GRADED: N_(
        "There is no grade: too little could be seen. That is not a bad mark."
    ),
    GradeState.EXPIRED: N_("There is no grade: the visit was too long ago."),
}
OF_STATUS: Mapping[Status, str] = {
    Status.SUSPENDED: N_("Today this card does not count. It can count again."),
    Status.SUPERSEDED: N_("There is a newer card. This one does not count any more."),
    Status.REVOKED: N_("This card was taken back. It does not count any more."),
    Status.EXPIRED: N_("The time of this card is over. A new visit is needed."),
}
PLAIN_TOPIC: Mapping[Topic, str] = {
    Topic.CHILD_LABOUR: N_("children: school and no dangerous work"),
    Topic.FORCED_LABOUR: N_("freedom: nobody is made to work"),
    Topic.WAGES_AND_HOURS: N_("pay and hours"),
    Topic.RECRUITMENT_AND_CONTRACTS: N_("hiring and contracts"),
    Topic.HEALTH_AND_SAFETY: N_("health and safety"),
    Topic.FREEDOM_OF_ASSOCIATION: N_("the right to join together"),
    Topic.EQUAL_TREATMENT: N_("equal and respectful treatment"),
    Topic.GRIEVANCE_AND_MANAGEMENT: N_("complaints and records"),
}
NOTHING_GOOD = N_("This time no part reached 70 of 100.")
NOTHING_SEEN = N_("Too little could be seen to say what goes well.")
NOTHING_OPEN = N_("Today nothing has to be corrected.")
NOT_ALL_SEEN = N_(
    "No problem was found. But not everything could be seen, so this is not all good."
)
ALL_CLOSED = N_("All that was found has been corrected. Thank you.")
NO_PROMISE = N_("The buyer has promised no help yet. You may ask for it.")


@dataclass(frozen=True)
class PlainCard:
    """The sentences of the plain page, each in the reader's language."""

    result: str
    warning: str | None
    good: tuple[str, ...]
    good_told: str | None
    change: tuple[ToldFlag, ...]
    more_change: int
    change_told: str | None
    help: tuple[ToldAction, ...]
    help_told: str | None


def plain_card(told: ToldCard, status: Status) -> PlainCard:
    """Return a card in plain words, on the day on which it is worth `status`."""
    language = told.words.language
    good = tuple(
        translate(PLAIN_TOPIC[topic.code], language)
        for topic in told.topics
        if topic.score is not None and topic.score >= WELL and not topic.open_flags
    )
    gravest_first = sorted(
        told.open_flags, key=lambda flag: GRAVITY.index(flag.severity)
    )
    promised = tuple(
        one
        for one in told.commitments
        if one.status not in (FindingStatus.VERIFIED_CLOSED, FindingStatus.BROKEN)
    )
    return PlainCard(
        result=translate(_result(told), language),
        warning=translate(OF_STATUS[status], language) if status in OF_STATUS else None,
        good=good[:MOST_TOLD],
        good_told=None if good else translate(_nothing_good(told), language),
        change=tuple(gravest_first[:MOST_TOLD]),
        more_change=max(0, len(gravest_first) - MOST_TOLD),
        change_told=None if gravest_first else translate(_nothing_open(told), language),
        help=promised[:MOST_TOLD],
        help_told=None if promised else translate(NO_PROMISE, language),
    )


def _result(told: ToldCard) -> str:
    grade = told.card.grade
    return OF_STATE[grade.state] if grade.letter is None else OF_LETTER[grade.letter]


def _nothing_good(told: ToldCard) -> str:
    known = any(topic.score is not None for topic in told.topics)
    return NOTHING_GOOD if known else NOTHING_SEEN


def _nothing_open(told: ToldCard) -> str:
    if told.flags:
        return ALL_CLOSED
    return NOTHING_OPEN if told.totals.undetermined == 0 else NOT_ALL_SEEN
