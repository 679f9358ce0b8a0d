"""What a visit has to say of each broken rule: of how many people, by what evidence.

It is worked out again from the kept facts, by the edition that judged. What leaves is
two numbers for a rule: no answer, no member of a roster.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from audits.assessments.queries import FACTS, is_at_hand
from audits.submissions.facts import vocabulary_sha256
from compliance.editions.shelf import Shelf
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.scorecards.material import Testimony
from compliance.verdicts.queries import VerdictRecord, verdicts_of_submission
from rules import (
    Book,
    Explainer,
    FactDefinition,
    Outcome,
    Roster,
    Severity,
    Trace,
    read_answers,
)
from rules.traces import LeafSeen, RosterSeen, leaves_of


class EvidenceKind(StrEnum):
    """Who or what an answer comes from."""

    WORKERS = "workers"
    CHILDREN = "children"
    SITE = "site"
    RECORDS = "records"


# Rules that are read off what an enterprise writes down end so.
ON_RECORD = ("_on_record", "_on_file")
# Where each kind stands in a document of answers.
PARTS = {
    EvidenceKind.SITE: "facts",
    EvidenceKind.WORKERS: Roster.WORKERS.value,
    EvidenceKind.CHILDREN: Roster.CHILDREN.value,
}
OF_ROSTER = {
    Roster.WORKERS: EvidenceKind.WORKERS,
    Roster.CHILDREN: EvidenceKind.CHILDREN,
}


@dataclass(frozen=True)
class Heard:
    """Why a rule is broken, and why it is by what each kind of answer says alone."""

    trace: Trace
    alone: Mapping[EvidenceKind, Trace]

    @property
    def people(self) -> int | None:
        """How many of those heard it is about, None if about nobody one by one."""
        return people_in(self.alone.get(EvidenceKind.WORKERS, self.trace))

    @property
    def kinds(self) -> frozenset[EvidenceKind]:
        """What says so by itself; where it takes several together, all of these."""
        found = frozenset(self.alone) or kinds_in(self.trace)
        is_on_record = self.trace.rule.id.endswith(ON_RECORD)
        return frozenset(
            EvidenceKind.RECORDS if is_on_record and one is EvidenceKind.SITE else one
            for one in found
        )

    @property
    def is_of_one_voice(self) -> bool:
        """Tell what one worker alone says, and nothing and nobody else."""
        return self.kinds == {EvidenceKind.WORKERS} and self.people == 1


def testimony_of(
    session: Session, scope: Scope, shelf: Shelf, submission_ids: Sequence[uuid.UUID]
) -> Mapping[str, Testimony]:
    """Return what the submissions of one visit say of the rules they find broken.

    Where two of them speak of a rule, the larger number of people counts: the same
    people may stand in both.
    """
    scope.require(Permission.READ_FINDINGS)
    heard: dict[str, list[Heard]] = {}
    for submission_id in submission_ids:
        for one in _heard(session, scope, shelf, submission_id):
            heard.setdefault(one.trace.rule.id, []).append(one)
    return {rule: _together(some) for rule, some in heard.items()}


def heard_in(
    book: Book, document: Mapping[str, Any], rules: Iterable[str]
) -> Iterator[Heard]:
    """Yield why each of some broken rules is broken; pure."""
    whole = _explainer(book, document)
    alone = {
        kind: _explainer(book, _only(document, part)) for kind, part in PARTS.items()
    }
    for rule in rules:
        parts = {kind: one.explain(rule) for kind, one in alone.items()}
        yield Heard(
            whole.explain(rule),
            {
                kind: trace
                for kind, trace in parts.items()
                if trace.verdict.outcome is Outcome.NON_CONFORMITY
            },
        )


def as_supported(
    book: Book, document: Mapping[str, Any], verdicts: Sequence[VerdictRecord]
) -> tuple[VerdictRecord, ...]:
    """Return the verdicts as findings can rest on them.

    What one worker alone says, and nothing and nobody else, supports a critical finding
    at most; a second worker, or what the site's own answers show, supports the gravest.
    """
    gravest = [
        one.rule
        for one in verdicts
        if one.asks_for_an_answer and one.severity is Severity.ZERO_TOLERANCE
    ]
    if not gravest:
        return tuple(verdicts)
    alone = {
        one.trace.rule.id
        for one in heard_in(book, document, gravest)
        if one.is_of_one_voice
    }
    return tuple(
        one._replace(severity=Severity.CRITICAL) if one.rule in alone else one
        for one in verdicts
    )


def _together(some: Sequence[Heard]) -> Testimony:
    people = [one.people for one in some if one.people is not None]
    kinds = frozenset().union(*(one.kinds for one in some))
    return Testimony(people=max(people, default=None), kinds=len(kinds))


def people_in(trace: Trace) -> int | None:
    """Return how many of those heard a broken rule is about, None if of nobody.

    Of several lists of workers in one rule the shortest counts: each names those who
    meet one part of it.
    """
    lists = [
        len(seen.members)
        for seen in leaves_of(trace.because)
        if isinstance(seen, RosterSeen) and seen.node.roster is Roster.WORKERS
    ]
    return min((count for count in lists if count), default=None)


def kinds_in(trace: Trace) -> frozenset[EvidenceKind]:
    """Return the kinds of answers that a trace rests on."""
    return frozenset(
        kind for seen in leaves_of(trace.because) for kind in _kinds_of(seen)
    )


def _kinds_of(seen: LeafSeen | RosterSeen) -> Iterator[EvidenceKind]:
    if isinstance(seen, RosterSeen):
        if seen.members:
            yield OF_ROSTER[seen.node.roster]
        return
    for fact in seen.facts:
        if fact.value is not None and fact.member is None and _weighs(fact.definition):
            yield EvidenceKind.SITE


def _weighs(definition: FactDefinition) -> bool:
    """Tell an answer that can weigh against a site from one that says how it is."""
    return definition.roster is None and definition.worse is not None


def _heard(
    session: Session, scope: Scope, shelf: Shelf, submission_id: uuid.UUID
) -> Iterable[Heard]:
    """Return what one submission says; nothing if its facts are of another vocabulary."""
    verdicts = verdicts_of_submission(session, scope, submission_id)
    broken = [verdict for verdict in verdicts if verdict.asks_for_an_answer]
    if not broken:
        return ()
    book = shelf.book(session, broken[0].book_sha256) or shelf.in_force
    document = session.scalar(
        FACTS,
        {
            "owner_id": scope.organisation_id,
            "submission_id": submission_id,
            "vocabulary_sha256": vocabulary_sha256(book.vocabulary),
        },
    )
    if document is None:
        return ()
    rules = [one.rule for one in broken if is_at_hand(book, one)]
    return heard_in(book, json.loads(document), rules)


def _explainer(book: Book, document: Mapping[str, Any]) -> Explainer:
    return Explainer(book, read_answers(book.vocabulary, document))


def _only(document: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return a document in which one part alone was answered."""
    others = set(PARTS.values()) - {part}
    return {name: told for name, told in document.items() if name not in others}
