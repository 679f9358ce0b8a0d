"""Why a rule said what it said of a submission: told again from the facts that are kept,
and by the very edition of the book that said it."""

import json
import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from audits.assessments.judging import Assessment, assess_answers
from audits.submissions.facts import vocabulary_sha256
from audits.submissions.models import FactSet
from audits.submissions.queries import SubmissionRecord, submission
from compliance.editions.shelf import Shelf
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from compliance.verdicts.queries import VerdictRecord, verdicts_of_submission
from rules import Book, Trace, tell


class NotAssessed(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The submission has no verdicts yet")
    detail = N_(
        "The submission {submission} is stored but was not assessed: {processing}. "
        "Verdicts follow as soon as its site and its facts are known."
    )


class VerdictNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such verdict")
    detail = N_(
        "The submission {submission} has no verdict of a rule {rule}. "
        "GET /v1/submissions/{submission}/verdicts lists those it has."
    )


class LogicNotAtHand(Problem):
    kind = Kind.CONFLICT
    title = N_("The verdict is of an edition that is not at hand")
    detail = N_(
        "The verdict stands, but its reasons are worked out by the edition {edition} "
        "in which the rule {rule} read otherwise; this server has {current}. Run the "
        "release that carried that edition to see them."
    )


@dataclass(frozen=True)
class Told:
    """A verdict with its sentences; none where its edition is not at hand.

    The book is the one that judged, or where that was never kept, the one in force.
    """

    book: Book
    verdict: VerdictRecord
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """A verdict followed to the paragraph, by the book that judged."""

    book: Book
    verdict: VerdictRecord
    trace: Trace
    sentences: tuple[str, ...]


FACTS = (
    select(FactSet.document)
    .where(
        FactSet.owner_id == bindparam("owner_id"),
        FactSet.submission_id == bindparam("submission_id"),
        FactSet.vocabulary_sha256 == bindparam("vocabulary_sha256"),
    )
    .limit(1)
)


def told_verdicts(
    session: Session, scope: Scope, shelf: Shelf, public_id: str, *, language: str
) -> tuple[Told, ...]:
    """Return every verdict of a submission with its reasons in `language`."""
    found, verdicts = _verdicts(session, scope, public_id)
    book = _book_of(session, shelf, verdicts[0])
    assessment = _assessment(session, scope, book, found.id)
    return tuple(
        Told(
            book,
            verdict,
            assessment.told(verdict.rule, language)
            if assessment is not None and is_at_hand(book, verdict)
            else (),
        )
        for verdict in verdicts
    )


def explain_verdict(
    session: Session,
    scope: Scope,
    shelf: Shelf,
    public_id: str,
    rule: str,
    *,
    language: str,
) -> Explained:
    """Return one verdict with its trace, which must come to the same outcome again."""
    found, verdicts = _verdicts(session, scope, public_id)
    verdict = next((one for one in verdicts if one.rule == rule), None)
    if verdict is None:
        raise VerdictNotFound(submission=public_id, rule=rule)
    book = _book_of(session, shelf, verdict)
    assessment = _assessment(session, scope, book, found.id)
    if assessment is None or not is_at_hand(book, verdict):
        raise LogicNotAtHand(rule=rule, edition=verdict.edition, current=book.edition)
    trace = assessment.trace(rule)
    return Explained(book, verdict, trace, tuple(tell(trace, language)))


def _book_of(session: Session, shelf: Shelf, verdict: VerdictRecord) -> Book:
    """Return the edition that judged; verdicts older than the store have none there."""
    return shelf.book(session, verdict.book_sha256) or shelf.in_force


def _verdicts(
    session: Session, scope: Scope, public_id: str
) -> tuple[SubmissionRecord, tuple[VerdictRecord, ...]]:
    found = submission(session, scope, public_id)
    verdicts = verdicts_of_submission(session, scope, found.id)
    if not verdicts:
        raise NotAssessed(submission=public_id, processing=found.processing)
    return found, verdicts


def _assessment(
    session: Session, scope: Scope, book: Book, submission_id: uuid.UUID
) -> Assessment | None:
    """Judge the kept facts again; None where they are of another vocabulary."""
    document = session.scalar(
        FACTS,
        {
            "owner_id": scope.organisation_id,
            "submission_id": submission_id,
            "vocabulary_sha256": vocabulary_sha256(book.vocabulary),
        },
    )
    return None if document is None else assess_answers(book, json.loads(document))


def is_at_hand(book: Book, verdict: VerdictRecord) -> bool:
    """Tell whether a book has a rule as it read when it judged."""
    rule = book.rule_by_id.get(verdict.rule)
    return rule is not None and rule.logic_hash == verdict.logic_hash
