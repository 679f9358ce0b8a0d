"""From kept facts to shards: what waits is written to files, then noted as one.

Writing a file and noting it are two steps, and either may be repeated: a submission is
in one shard because the table says so, and a file nobody noted is swept away.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import structlog
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from audits.assessments.models import FactShard, ShardedSubmission
from audits.assessments.shard_files import ShardFiles
from audits.assessments.standing_facts import (
    OF_ANY_AUDIT,
    OF_FINAL_AUDITS,
    KeptFacts,
    answers_under,
    paged,
)
from audits.submissions.facts import vocabulary_sha256
from audits.submissions.models import Submission
from audits.visits.actions import PROJECTION
from compliance import clock
from compliance.editions import queries as editions
from compliance.editions.shelf import Shelf
from compliance.identifiers import OrganisationId, new_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, TwoSteps, Work
from rules import Answers, AnswersRejected, Vocabulary
from rules.shards import shard_of

SHARD_ROWS = 50_000
"""Submissions in a shard that is full; a worker reads one at a time."""
ALIKE = 8
"""So many shards of like size become one."""

log = structlog.get_logger()
Heard = Callable[[int], None]


def unheard(_done: int) -> None:
    """Progress that nobody watches."""


def _not_sharded(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.outerjoin(
        ShardedSubmission, ShardedSubmission.submission_id == Submission.id
    ).where(ShardedSubmission.submission_id.is_(None))


WAITING = _not_sharded(OF_FINAL_AUDITS)
WAITING_OF_ANY_AUDIT = _not_sharded(OF_ANY_AUDIT)


@dataclass(frozen=True, slots=True)
class Group:
    """What can share a shard."""

    country: str
    vocabulary_sha256: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is written and waits to be noted, and the shards it takes over."""

    group: Group
    sha256: str
    submissions: int
    submission_ids: tuple[uuid.UUID, ...]
    replaces: tuple[uuid.UUID, ...] = ()


@dataclass
class _Waiting:
    """Submissions that will share a shard."""

    vocabulary: Vocabulary
    kept: list[KeptFacts] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)


def handlers(shelf: Shelf, files: ShardFiles) -> dict[str, Doing]:
    """Return what is done in the background: project what waits in an organisation."""

    def prepare(session: Session, work: Work) -> tuple[Written, ...]:
        scope = scope_of_system(session, _organisation(work))
        written = tuple(write_waiting(session, scope, shelf, files))
        return (*written, *write_merged(session, scope, files, written))

    def keep(
        session: Session, work: Work, written: tuple[Written, ...]
    ) -> Mapping[str, JSON]:
        scope = scope_of_system(session, _organisation(work))
        note(session, scope, written)
        return {"submissions": sum(len(one.submission_ids) for one in written)}

    return {PROJECTION: TwoSteps(prepare, keep)}


def write_waiting(
    session: Session,
    scope: Scope,
    shelf: Shelf,
    files: ShardFiles,
    *,
    of_any_audit: bool = False,
    heard: Heard = unheard,
) -> Iterator[Written]:
    """Write shards of the submissions that are in none, and yield them one by one."""
    scope.require(Permission.READ_VISITS)
    vocabularies = _Vocabularies(session, shelf)
    waiting: dict[Group, _Waiting] = {}
    statement = WAITING_OF_ANY_AUDIT if of_any_audit else WAITING
    for done, kept in enumerate(
        paged(session, statement, owner_id=scope.organisation_id), start=1
    ):
        vocabulary = vocabularies.of(kept.vocabulary_sha256)
        try:
            answers = answers_under(vocabulary, kept.document)
        except AnswersRejected:
            log.warning("facts_left_out_of_shards", submission=kept.submission)
            continue
        group = Group(answers.country, vocabulary_sha256(vocabulary))
        here = waiting.setdefault(group, _Waiting(vocabulary))
        here.kept.append(kept)
        here.answers.append(answers)
        heard(done)
        if len(here.kept) == SHARD_ROWS:
            yield _write(files, group, waiting.pop(group))
    for group, here in waiting.items():
        yield _write(files, group, here)


def write_merged(
    session: Session, scope: Scope, files: ShardFiles, written: Iterable[Written]
) -> Iterator[Written]:
    """Join shards where there are many of like size, in the groups just written to.

    Each time a shard is rewritten it is many times larger than before, so that a year
    of single audits costs no more than a few writings of each.
    """
    for group in {one.group for one in written}:
        by_size: dict[int, list[FactShard]] = defaultdict(list)
        for shard in session.scalars(
            select(FactShard)
            .where(
                FactShard.owner_id == scope.organisation_id,
                FactShard.country == group.country,
                FactShard.vocabulary_sha256 == group.vocabulary_sha256,
                FactShard.submissions < SHARD_ROWS,
            )
            .order_by(FactShard.id)
        ):
            by_size[len(f"{shard.submissions:o}")].append(shard)
        for alike in by_size.values():
            if len(alike) >= ALIKE:
                yield from _merged(files, group, alike)


def note(session: Session, scope: Scope, written: Iterable[Written]) -> None:
    """Say in which shard each submission is now.

    Where another job said so first, this one fails whole, and finds less waiting when
    it is tried again.
    """
    scope.require(Permission.READ_VISITS)
    for one in written:
        shard_id = new_id()
        session.execute(
            insert(FactShard).values(
                id=shard_id,
                owner_id=scope.organisation_id,
                country=one.group.country,
                vocabulary_sha256=one.group.vocabulary_sha256,
                sha256=one.sha256,
                submissions=one.submissions,
                made_at=clock.now(),
            )
        )
        if one.submission_ids:
            session.execute(
                insert(ShardedSubmission),
                [
                    {
                        "submission_id": identifier,
                        "owner_id": scope.organisation_id,
                        "shard_id": shard_id,
                    }
                    for identifier in one.submission_ids
                ],
            )
        if one.replaces:
            _replace(session, one.replaces, shard_id)


def forget(session: Session, scope: Scope) -> None:
    """Forget every shard of an organisation, so that all of it waits again."""
    scope.require(Permission.READ_VISITS)
    for table in (ShardedSubmission, FactShard):
        session.execute(delete(table).where(table.owner_id == scope.organisation_id))


def digests(session: Session) -> tuple[str, ...]:
    """Return the files that shards speak of, whoever's; so for system work only."""
    return tuple(session.scalars(select(FactShard.sha256)))


class ShardTakenOver(RuntimeError):
    """Another job joined these shards meanwhile."""


def _replace(
    session: Session, replaced: tuple[uuid.UUID, ...], shard_id: uuid.UUID
) -> None:
    session.execute(
        update(ShardedSubmission)
        .where(ShardedSubmission.shard_id.in_(replaced))
        .values(shard_id=shard_id)
    )
    gone = session.scalars(
        delete(FactShard).where(FactShard.id.in_(replaced)).returning(FactShard.id)
    ).all()
    if len(gone) != len(replaced):
        raise ShardTakenOver(shard_id)


def _organisation(work: Work) -> OrganisationId:
    if work.organisation_id is None:
        raise ValueError(f"{work.job} names no organisation")
    return work.organisation_id


def _write(files: ShardFiles, group: Group, here: _Waiting) -> Written:
    names = [one.submission for one in here.kept]
    shard = pa.Table.from_batches([shard_of(here.vocabulary, names, here.answers)])
    return Written(
        group,
        files.keep(group.country, shard),
        len(names),
        tuple(one.submission_id for one in here.kept),
    )


def _merged(
    files: ShardFiles, group: Group, shards: Iterable[FactShard]
) -> Iterator[Written]:
    """Yield one shard for several, unless their columns were written otherwise.

    Two editions may know the same facts and list the options in another order.
    """
    kept = list(shards)
    tables = [files.read(group.country, shard.sha256) for shard in kept]
    if any(
        not tables[0].schema.equals(one.schema, check_metadata=True) for one in tables
    ):
        return
    joined = pa.concat_tables(tables).combine_chunks()
    yield Written(
        group,
        files.keep(group.country, joined),
        joined.num_rows,
        (),
        tuple(shard.id for shard in kept),
    )


class _Vocabularies:
    """The vocabularies of kept editions by their fingerprint, read as they are needed."""

    def __init__(self, session: Session, shelf: Shelf) -> None:
        self._session = session
        self._shelf = shelf
        self._known: dict[bytes, Vocabulary] = {}
        self._unread: list[str] | None = None
        self._add(shelf.in_force.vocabulary)

    def of(self, digest: bytes) -> Vocabulary:
        """Return the vocabulary with this fingerprint, else the one in force.

        Facts from before editions were kept are read by the one in force, which may
        not know all of them.
        """
        while digest not in self._known and self._read_another():
            pass
        return self._known.get(digest, self._shelf.in_force.vocabulary)

    def _read_another(self) -> bool:
        if self._unread is None:
            self._unread = list(editions.hashes(self._session))
        if not self._unread:
            return False
        book = self._shelf.book(self._session, self._unread.pop())
        if book is not None:
            self._add(book.vocabulary)
        return True

    def _add(self, vocabulary: Vocabulary) -> None:
        self._known[vocabulary_sha256(vocabulary)] = vocabulary
