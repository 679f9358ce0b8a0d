"""What another edition would say of the audits that are kept: which verdicts turn.

Only the rules that can say something else are run, by the column, over both books.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

import numpy as np

from audits.assessments.standing_facts import KeptFacts, answers_under
from audits.submissions.facts import vocabulary_sha256
from rules import Answers, AnswersRejected, Book, Outcome, Rule, Verdict, Vocabulary
from rules.column_answers import batches_of
from rules.columns import Codes, score, verdicts_of

AUDITS_AT_A_TIME = 2_000


class Turn(StrEnum):
    """How a verdict turns; one can turn in two ways, from undetermined to broken."""

    NEW = "new"
    """Not in conformity, and was not before."""
    GONE = "gone"
    """Was not in conformity, and no longer is so."""
    NEWLY_UNDETERMINED = "newly_undetermined"
    NO_LONGER_UNDETERMINED = "no_longer_undetermined"
    SEVERITY_CHANGED = "severity_changed"
    """Not in conformity before and after, and weighs more or less."""
    OTHERWISE = "otherwise"
    """Any other outcome, or other grounds for the same."""


Turns = Mapping[tuple[int, int], frozenset[Turn]]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A rule that can say something else; it stands in one of the books or in both."""

    id: str
    before: Rule | None
    after: Rule | None

    def turns(self) -> Turns:
        """Return how its verdict turns, by the codes that the columns give it."""
        were, are = _meaning(self.before), _meaning(self.after)
        return {
            (code_before, code_after): turns_of(before, after)
            for code_before, before in were.items()
            for code_after, after in are.items()
        }


@dataclass
class Effects:
    """What would turn, as submissions by rule and kind, and what nobody can say."""

    audits: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Submissions that the later book's vocabulary cannot hold."""
    unreadable_before: list[str] = field(default_factory=list)
    """Those that the earlier book's cannot: of them nothing can be compared either."""
    turned: dict[str, dict[Turn, list[str]]] = field(default_factory=dict)

    def note(self, rule: str, turn: Turn, submissions: Iterable[str]) -> None:
        self.turned.setdefault(rule, {}).setdefault(turn, []).extend(submissions)

    @property
    def counts(self) -> Mapping[str, Mapping[Turn, int]]:
        return {
            rule: {turn: len(found[turn]) for turn in Turn if turn in found}
            for rule, found in self.turned.items()
        }


def effects(before: Book, after: Book, kept: Iterable[KeptFacts]) -> Effects:
    """Judge kept facts by both books and tell which verdicts turn."""
    found = Effects()
    watched = {one: one.turns() for one in watched_rules(before, after)}
    for portion in _portions(kept):
        _compare(before, after, watched, portion, found)
    found.turned = {
        one.id: found.turned[one.id] for one in watched if one.id in found.turned
    }
    return found


def watched_rules(before: Book, after: Book) -> Iterator[Watched]:
    """Yield the rules whose verdicts can differ, in the order of the later book."""
    for rule in after.rules:
        earlier = before.rule_by_id.get(rule.id)
        if (
            earlier is None
            or earlier.logic_hash != rule.logic_hash
            or earlier.severity != rule.severity
        ):
            yield Watched(rule.id, earlier, rule)
    for rule in before.rules:
        if rule.id not in after.rule_by_id:
            yield Watched(rule.id, rule, None)


def turns_of(before: Verdict | None, after: Verdict | None) -> frozenset[Turn]:
    """Return how a verdict turns; a rule that one book lacks says nothing there."""
    was, now = (one.outcome if one else None for one in (before, after))
    is_broken, was_broken = (one is Outcome.NON_CONFORMITY for one in (now, was))
    is_open, was_open = (one is Outcome.UNDETERMINED for one in (now, was))
    seen = {
        Turn.NEW: is_broken and not was_broken,
        Turn.GONE: was_broken and not is_broken,
        Turn.NEWLY_UNDETERMINED: is_open and not was_open,
        Turn.NO_LONGER_UNDETERMINED: was_open and not is_open,
    }
    turns = frozenset(turn for turn, is_so in seen.items() if is_so)
    if turns or before is None or after is None:
        return turns
    if is_broken and before.severity is not after.severity:
        return frozenset({Turn.SEVERITY_CHANGED})
    is_other = (was, before.grounds) != (now, after.grounds)
    return frozenset({Turn.OTHERWISE}) if is_other else frozenset()


def _portions(kept: Iterable[KeptFacts]) -> Iterator[Sequence[KeptFacts]]:
    waiting = iter(kept)
    while portion := tuple(islice(waiting, AUDITS_AT_A_TIME)):
        yield portion


def _compare(
    before: Book,
    after: Book,
    watched: Mapping[Watched, Turns],
    portion: Sequence[KeptFacts],
    found: Effects,
) -> None:
    found.audits += len(portion)
    both: list[tuple[str, Answers, Answers]] = []
    for one in portion:
        written = _written(one, before, after)
        answers = [_answers(book, one, written) for book in (before, after)]
        if answers[0] is None:
            found.unreadable_before.append(one.submission)
        if answers[1] is None:
            found.unreadable.append(one.submission)
        if answers[0] is not None and answers[1] is not None:
            both.append((one.submission, answers[0], answers[1]))
    if not both or not watched:
        return
    submissions = np.array([one[0] for one in both], object)
    were = _scored(before, [one.before for one in watched], [one[1] for one in both])
    are = _scored(after, [one.after for one in watched], [one[2] for one in both])
    silent = np.zeros(len(both), np.uint8)
    for rule, turns in watched.items():
        pairs = np.stack([were.get(rule.id, silent), are.get(rule.id, silent)], axis=1)
        for pair in np.unique(pairs, axis=0):
            here = (pairs == pair).all(axis=1)
            for turn in turns[int(pair[0]), int(pair[1])]:
                found.note(rule.id, turn, submissions[here].tolist())


def _written(kept: KeptFacts, *books: Book) -> Vocabulary | None:
    """Return the vocabulary the facts were derived under, if one of the books has it."""
    for book in books:
        if vocabulary_sha256(book.vocabulary) == kept.vocabulary_sha256:
            return book.vocabulary
    return None


def _answers(book: Book, kept: KeptFacts, written: Vocabulary | None) -> Answers | None:
    try:
        return answers_under(book.vocabulary, kept.document, written=written)
    except AnswersRejected:
        return None


def _scored(
    book: Book, rules: Iterable[Rule | None], answers: Sequence[Answers]
) -> dict[str, Codes]:
    """Return the codes of those rules that the book has."""
    here = [rule for rule in rules if rule is not None]
    if not here:
        return {}
    audits, members = batches_of(book.vocabulary, answers)
    scored = score(book, audits, members, only=[rule.id for rule in here])
    return {rule.id: scored.column(rule.logic_hash).to_numpy() for rule in here}


def _meaning(rule: Rule | None) -> Mapping[int, Verdict | None]:
    """Return what a rule's codes mean; a rule that is not there says nothing by 0."""
    return {0: None} if rule is None else verdicts_of(rule)
