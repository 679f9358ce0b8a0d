"""What a rescoring came to beside the verdicts that are kept, which stay as they are.

Only the rules that differ from those that judged are looked at: of a rule with the
same logic hash the verdicts are the same, and only their weight can have changed.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.assessments.changes import Effects, turns_of
from audits.assessments.models import FactShard, ShardedSubmission
from audits.submissions.models import Submission, Withdrawal
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.verdicts.models import Assessment, Verdict
from rules import Book, Grounds, Outcome, Rule, Severity
from rules import Verdict as Decided
from rules.columns import verdicts_of
from rules.shards import SUBMISSION

Later, Successor = aliased(Assessment), aliased(Submission)

SHARDS = (
    select(FactShard.id, FactShard.country, FactShard.sha256, FactShard.submissions)
    .where(FactShard.owner_id == bindparam("owner_id"))
    .order_by(FactShard.country, FactShard.id)
)
# The last assessment of each submission of a shard that still holds.
JUDGED: Select[*tuple[Any, ...]] = (
    select(Submission.public_id, Assessment.id, Assessment.book_sha256)
    .join(ShardedSubmission, ShardedSubmission.submission_id == Submission.id)
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .outerjoin(Assessment, Assessment.submission_id == Submission.id)
    .outerjoin(
        Later, (Later.submission_id == Submission.id) & (Later.id > Assessment.id)
    )
    .where(
        ShardedSubmission.shard_id == bindparam("shard_id"),
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
        Later.id.is_(None),
    )
)
OF_ONE = select(Verdict.rule_id, Verdict.logic_hash).where(
    Verdict.assessment_id == bindparam("assessment_id")
)
LAST_JUDGED = JUDGED.with_only_columns(
    Submission.public_id, Assessment.book_sha256, Verdict.rule_id
).join(Verdict, Verdict.assessment_id == Assessment.id)
WEIGHTS = (
    LAST_JUDGED.with_only_columns(
        Assessment.book_sha256, Verdict.rule_id, Verdict.grounds, Verdict.severity
    )
    .where(Verdict.outcome == Outcome.NON_CONFORMITY)
    .group_by(
        Assessment.book_sha256, Verdict.rule_id, Verdict.grounds, Verdict.severity
    )
)
ROWS = LAST_JUDGED.with_only_columns(
    Submission.public_id,
    Verdict.rule_id,
    Verdict.outcome,
    Verdict.severity,
    Verdict.grounds,
    Verdict.logic_hash,
).where(
    Assessment.book_sha256 == bindparam("book_sha256"),
    Verdict.rule_id.in_(bindparam("rule_ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """A shard as the manifest knows it."""

    id: uuid.UUID
    country: str
    sha256: str
    submissions: int


def shards(
    session: Session, scope: Scope, *, countries: Iterable[str] = ()
) -> tuple[ShardRecord, ...]:
    """Return the shards of an organisation, or those of some countries."""
    scope.require(Permission.READ_VISITS)
    wanted = frozenset(countries)
    rows = session.execute(SHARDS, {"owner_id": scope.organisation_id})
    records = (ShardRecord(*row) for row in rows)
    return tuple(one for one in records if not wanted or one.country in wanted)


def compare_with_kept(
    session: Session,
    scope: Scope,
    book: Book,
    shard: ShardRecord,
    rescored: Path,
    found: Effects,
) -> int:
    """Add what would turn in one shard; return how many nobody has judged yet."""
    scope.require(Permission.READ_FINDINGS)
    judged = session.execute(JUDGED, {"shard_id": shard.id}).all()
    here = {one.public_id: one for one in judged if one.book_sha256 is not None}
    by_book: dict[str, list[Row[Any]]] = defaultdict(list)
    for one in here.values():
        by_book[one.book_sha256].append(one)
    codes = _Codes(rescored)
    found.audits += len(here)
    found.unreadable += sorted(codes.unreadable & here.keys())
    for sha256, rows in by_book.items():
        names = [one.public_id for one in rows if one.public_id not in codes.unreadable]
        logic = {
            row.rule_id: row.logic_hash
            for row in session.execute(OF_ONE, {"assessment_id": rows[0].id})
        }
        before = _kept(
            session, shard, sha256, _differing(session, book, shard, sha256, logic)
        )
        _turn(book, logic, before, names, codes, found)
    return len(judged) - len(here)


def _differing(
    session: Session,
    book: Book,
    shard: ShardRecord,
    sha256: str,
    logic: Mapping[str, str],
) -> frozenset[str]:
    """Return the rules whose kept verdicts must be looked at."""
    rules = book.rule_by_id
    differing = {
        name
        for name, logic_hash in logic.items()
        if name not in rules or rules[name].logic_hash != logic_hash
    }
    for row in session.execute(WEIGHTS, {"shard_id": shard.id}):
        if row.book_sha256 == sha256 and row.rule_id not in differing:
            weighs = _weight(rules[row.rule_id], Grounds(row.grounds))
            if weighs is not Severity(row.severity):
                differing.add(row.rule_id)
    return frozenset(differing)


def _weight(rule: Rule, grounds: Grounds) -> Severity:
    """Return what a non-conformity on these grounds weighs under the rule."""
    return next(
        one.severity
        for one in verdicts_of(rule).values()
        if one.outcome is Outcome.NON_CONFORMITY and one.grounds is grounds
    )


def _kept(
    session: Session, shard: ShardRecord, sha256: str, rule_ids: frozenset[str]
) -> dict[str, dict[str, Decided]]:
    """Return the kept verdicts of some rules, by rule and submission."""
    kept: dict[str, dict[str, Decided]] = {rule_id: {} for rule_id in rule_ids}
    rows = session.execute(
        ROWS,
        {"shard_id": shard.id, "book_sha256": sha256, "rule_ids": sorted(rule_ids)},
    )
    for row in rows:
        kept[row.rule_id][row.public_id] = Decided(
            row.rule_id,
            Outcome(row.outcome),
            Severity(row.severity),
            Grounds(row.grounds),
            row.logic_hash,
        )
    return kept


def _turn(
    book: Book,
    logic: Mapping[str, str],
    before: Mapping[str, Mapping[str, Decided]],
    names: Iterable[str],
    codes: "_Codes",
    found: Effects,
) -> None:
    submissions = list(names)
    looked_at = [
        one.id for one in book.rules if one.id in before or one.id not in logic
    ]
    for rule_id in (*looked_at, *sorted(before.keys() - book.rule_by_id.keys())):
        rule = book.rule_by_id.get(rule_id)
        after = {} if rule is None else codes.verdicts(rule)
        was = before.get(rule_id, {})
        for name in submissions:
            for turn in turns_of(was.get(name), after.get(name)):
                found.note(rule_id, turn, [name])


class _Codes:
    """What a rescoring says of one shard."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: list[str] = (
            pq.read_table(path, columns=[SUBMISSION]).column(SUBMISSION).to_pylist()
        )
        self.unreadable = frozenset(self._without_code())

    def verdicts(self, rule: Rule) -> dict[str, Decided]:
        meaning = verdicts_of(rule)
        codes = zip(self._names, self._column(rule.logic_hash), strict=True)
        return {name: meaning[code] for name, code in codes if code is not None}

    def _column(self, name: str) -> list[int | None]:
        column: list[int | None] = (
            pq.read_table(self._path, columns=[name]).column(name).to_pylist()
        )
        return column

    def _without_code(self) -> Iterable[str]:
        """Yield the rows that could not be read: they have no code of any rule."""
        others = [one for one in pq.read_schema(self._path).names if one != SUBMISSION]
        codes = zip(self._names, self._column(others[-1]), strict=True)
        return [name for name, code in codes if code is None]
