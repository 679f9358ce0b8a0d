"""What is being done, as rows of a card: corrective actions, remedies, commitments.

A row is a catalogue code with a share and a day. Rows of one finding that say the same
are one row, so that their number counts nobody. What is done for a child is told by one
word, and stands in no row.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from compliance.commitments.lifecycle import State as Promised
from compliance.commitments.queries import CommitmentRecord
from compliance.corrective_actions.lifecycle import PLANNED
from compliance.corrective_actions.lifecycle import State as Doing
from compliance.corrective_actions.queries import ActionRecord
from compliance.findings.cases import CaseWord
from compliance.findings.queries import FindingRecord
from compliance.remedies.balance import Standing
from compliance.remedies.models import RemedyKind
from compliance.remedies.queries import RemedyRecord
from compliance.scorecards import content
from compliance.scorecards.codes import (
    ActionText,
    ChildCases,
    FindingStatus,
)
from compliance.scorecards.content import SMALLEST_SCOPE_WITH_RANGES
from rules import Topic

# Of the three steps begun, reported done and verified, how many were taken.
SHARE_OF_STEPS = {
    Doing.AGREED: 0,
    Doing.NOT_EFFECTIVE: 0,
    Doing.IN_PROGRESS: 33,
    Doing.REPORTED_DONE: 66,
    Doing.VERIFIED: 100,
}
SHARE_OF_PROMISE = {
    Promised.ACCEPTED: 0,
    Promised.BROKEN: 0,
    Promised.IN_FORCE: 33,
    Promised.KEPT_REPORTED: 66,
}
# A commitment that was broken is told until a year after its day.
BROKEN_TOLD_FOR = timedelta(days=365)
# How the words of cases come to one: whoever still waits for help comes first.
WORD_OF_CASES = {
    CaseWord.NOT_OPENED: ChildCases.OPEN,
    CaseWord.OPENED: ChildCases.OPEN,
    CaseWord.REFERRED: ChildCases.OPEN,
    CaseWord.CLOSED_WITHOUT_OUTCOME: ChildCases.LAPSED,
    CaseWord.IN_FOLLOW_UP: ChildCases.IN_REMEDIATION,
    CaseWord.OUTCOME_VERIFIED: ChildCases.OUTCOME_VERIFIED,
    CaseWord.NOT_NEEDED: ChildCases.NONE,
}
MOST_PRESSING_FIRST = (
    ChildCases.OPEN,
    ChildCases.LAPSED,
    ChildCases.IN_REMEDIATION,
    ChildCases.OUTCOME_VERIFIED,
    ChildCases.NONE,
)


def flag_ref(number: int) -> str:
    """Return what a card calls the finding of a number."""
    return f"RF-{number:02}"


def one_word(words: Iterable[CaseWord]) -> ChildCases:
    """Return the one word that several protected cases, or none, give back."""
    told = {WORD_OF_CASES[word] for word in words}
    return min(told, key=MOST_PRESSING_FIRST.index, default=ChildCases.NONE)


def rows_of_plan(
    actions: Sequence[ActionRecord], shown: Sequence[FindingRecord], on: date
) -> list[content.Action]:
    """Return the agreed corrective actions of the findings on the card.

    Those of an earlier round, before a finding came back, are over and not told.
    """
    rows = []
    for finding in shown:
        texts: dict[ActionText, list[ActionRecord]] = {}
        for one in actions:
            if one.finding_id == finding.id and _stands_in_plan(one):
                texts.setdefault(ActionText(one.action), []).append(one)
        rows += [_row_of_plan(finding, text, same, on) for text, same in texts.items()]
    return rows


def rows_of_remedies(
    remedies: Sequence[RemedyRecord],
    shown: Sequence[FindingRecord],
    *,
    workers: int | None,
    now: datetime,
) -> list[content.Action]:
    """Return what people are owed by finding and kind, and how far they got it.

    The share is told where it is of ten people at least, in quarters rounded down.
    """
    rows = []
    for finding in shown:
        if finding.topic is Topic.CHILD_LABOUR:
            continue
        for place, kind in enumerate(RemedyKind, start=1):
            same = [
                one
                for one in remedies
                if one.finding == finding.public_id
                and one.kind is kind
                and one.standing is not Standing.CANCELLED
            ]
            if same and kind is not RemedyKind.SCHOOL_PLACE:
                ref = f"RM-{finding.number:02}{place:02}"
                rows.append(_row_of_remedy(ref, finding, kind, same, workers, now))
    return rows


def rows_of_commitments(
    commitments: Sequence[CommitmentRecord],
    shown: Sequence[FindingRecord],
    now: datetime,
) -> list[content.Action]:
    """Return what buyers promised the site and have not yet been confirmed to keep."""
    on_card = {finding.number for finding in shown}
    return [
        content.Action(
            ref=f"BC-{place:02}",
            flag=next(
                (flag_ref(number) for number in one.findings if number in on_card), None
            ),
            text_code=ActionText(f"buyer_{one.kind}"),
            share_done=SHARE_OF_PROMISE[one.state],
            status=_status_of_promise(one, now),
            agreed_on=one.made_at.date(),
            due_on=one.due_on,
        )
        for place, one in enumerate(commitments, start=1)
        if one.state in SHARE_OF_PROMISE and not _is_long_broken(one, now)
    ]


def remedy_share(remedies: Sequence[RemedyRecord], workers: int | None) -> int | None:
    """Return how much of what is owed was got, in quarters; None of too few people."""
    people = sum(one.balance.people for one in remedies)
    smallest = SMALLEST_SCOPE_WITH_RANGES
    if people < smallest or workers is None or workers < smallest:
        return None
    shares = []
    for currency in {one.currency for one in remedies}:
        same = [one.balance for one in remedies if one.currency == currency]
        owed = sum(one.owed if currency else one.people for one in same)
        paid = sum(one.paid if currency else one.paid_people for one in same)
        shares.append(4 * paid // owed * 25)
    return min(shares)


def _stands_in_plan(action: ActionRecord) -> bool:
    return (
        action.is_of_this_round
        and action.state in PLANNED
        and action.agreed_on is not None
    )


def _row_of_plan(
    finding: FindingRecord, text: ActionText, same: Sequence[ActionRecord], on: date
) -> content.Action:
    number = min(one.number for one in same)
    share = sum(SHARE_OF_STEPS[one.state] for one in same) // len(same)
    return content.Action(
        ref=f"CA-{finding.number:02}{number:02}",
        flag=flag_ref(finding.number),
        text_code=text,
        share_done=share,
        status=_status_of_plan(same, on),
        agreed_on=min(one.agreed_on or one.due_on for one in same),
        due_on=max(one.due_on for one in same),
    )


def _status_of_plan(same: Sequence[ActionRecord], on: date) -> FindingStatus:
    if any(one.is_late(on) for one in same):
        return FindingStatus.OVERDUE
    if all(one.state is Doing.VERIFIED for one in same):
        return FindingStatus.VERIFIED_CLOSED
    if all(one.state is Doing.AGREED for one in same):
        return FindingStatus.PLANNED
    return FindingStatus.IN_PROGRESS


def _row_of_remedy(
    ref: str,
    finding: FindingRecord,
    kind: RemedyKind,
    same: Sequence[RemedyRecord],
    workers: int | None,
    now: datetime,
) -> content.Action:
    return content.Action(
        ref=ref,
        flag=flag_ref(finding.number),
        text_code=ActionText(f"remedy_{kind}"),
        share_done=remedy_share(same, workers),
        status=_status_of_remedy(same, now),
        agreed_on=min(one.entered_at.date() for one in same),
        due_on=max(one.due_on for one in same),
    )


def _status_of_remedy(same: Sequence[RemedyRecord], now: datetime) -> FindingStatus:
    if any(one.is_late(now) for one in same):
        return FindingStatus.OVERDUE
    if all(one.standing is Standing.VERIFIED for one in same):
        return FindingStatus.VERIFIED_CLOSED
    if all(one.standing is Standing.OWED for one in same):
        return FindingStatus.PLANNED
    return FindingStatus.IN_PROGRESS


def _status_of_promise(one: CommitmentRecord, now: datetime) -> FindingStatus:
    if one.state is Promised.BROKEN:
        return FindingStatus.BROKEN
    if one.is_late(now):
        return FindingStatus.OVERDUE
    if one.state is Promised.ACCEPTED:
        return FindingStatus.PLANNED
    return FindingStatus.IN_PROGRESS


def _is_long_broken(one: CommitmentRecord, now: datetime) -> bool:
    is_over = now.date() > one.due_on + BROKEN_TOLD_FOR
    return one.state is Promised.BROKEN and is_over
