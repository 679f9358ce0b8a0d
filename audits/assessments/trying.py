"""A book is tried on the audits that are kept, by a job: which verdicts would turn.

The book need not be published: its archive is kept by its hash, and whoever asked is
told the counts. Nothing that was judged changes.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audits.assessments.changes import Effects, effects
from audits.assessments.standing_facts import (
    NO_ID,
    OF_ANY_AUDIT,
    KeptFacts,
    standing_facts,
)
from compliance import jobs
from compliance.editions.archive import ArchiveRefused, read_files, unpack
from compliance.editions.shelf import Shelf
from compliance.files import Files
from compliance.identifiers import OrganisationId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, GiveUp, TwoSteps, Work
from compliance.texts import N_
from rules import Book, BookRejected

TRY = "editions.try"
HOW_MANY = OF_ANY_AUDIT.order_by(None).limit(None)
NOT_READABLE = N_("The book that was to be tried cannot be read here any more.")


def ask_to_try(
    session: Session, scope: Scope, *, before: Book, archive_sha256: str
) -> str:
    """Have the book of an archive that is kept tried against another; return the job."""
    scope.require(Permission.PUBLISH_RULES)
    made = jobs.enqueue(
        session,
        kind=TRY,
        organisation_id=scope.organisation_id,
        arguments={"before": before.sha256, "archive": archive_sha256},
    )
    assert made is not None  # noqa: S101 - only a job with a key can be there already
    return made


def handlers(shelf: Shelf, files: Files) -> dict[str, Doing]:
    """Return what is done in the background: judge what is kept by both books."""

    def prepare(session: Session, work: Work) -> Mapping[str, JSON]:
        before, after = _books(session, shelf, files, work)
        found = _effects(session, work, before, after)
        return {
            "archive": str(work.arguments["archive"]),
            "before": before.edition,
            "before_sha256": before.sha256,
            "after": after.edition,
            "after_sha256": after.sha256,
            "submissions": found.audits,
            "unreadable": len(found.unreadable),
            "unreadable_before": len(found.unreadable_before),
            "rules": {
                rule: {str(turn): count for turn, count in turns.items()}
                for rule, turns in found.counts.items()
            },
        }

    return {TRY: TwoSteps(prepare, lambda _session, _work, found: found)}


def _effects(session: Session, work: Work, before: Book, after: Book) -> Effects:
    assert work.organisation_id is not None  # noqa: S101 - one asked for it
    scope = scope_of_system(session, OrganisationId(work.organisation_id))
    return effects(before, after, _told(session, scope, work))


def _told(session: Session, scope: Scope, work: Work) -> Iterator[KeptFacts]:
    """Yield the facts that hold, and tell how far the work is."""
    bound = {"owner_id": scope.organisation_id, "after_id": NO_ID}
    counted = select(func.count()).select_from(HOW_MANY.subquery())
    total = session.scalar(counted, bound) or 0
    for done, one in enumerate(standing_facts(session, scope)):
        work.report(done, max(total, 1))
        yield one


def _books(
    session: Session, shelf: Shelf, files: Files, work: Work
) -> tuple[Book, Book]:
    before = shelf.book(session, str(work.arguments["before"]))
    try:
        after = read_files(unpack(files.read(str(work.arguments["archive"]))))
    except (BookRejected, ArchiveRefused, FileNotFoundError) as error:
        raise GiveUp(NOT_READABLE) from error
    if before is None:
        raise GiveUp(NOT_READABLE)
    return before, after
