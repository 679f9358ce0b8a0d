"""Many audits through the rules, by the column: Arrow record batch in, one out.

The result has a column of small codes for each rule, named by the rule's logic hash,
so that a rule whose logic did not change need not be scored again. A code says the
outcome and its grounds; how much it weighs is the rule's severity on those grounds.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.column_batches import Batch, check_batch
from rules.column_kernel import Kernel, OutcomePlanes
from rules.column_law import LawHere, law_of
from rules.column_plan import Plan, RulePlan, plan_of
from rules.column_planes import unpack
from rules.column_rows import Rows, parts_of
from rules.definitions import Book, Grounds, Outcome, Rule, Verdict
from rules.one_audit import weigh
from rules.parameters import Reading
from rules.vocabulary import Roster

Codes = npt.NDArray[np.uint8]
OUTCOMES = tuple(Outcome)
GROUNDS = tuple(Grounds)
AUDITS_AT_A_TIME = 1 << 16
"""So few that the columns in use stay in the processor's cache."""


def score(
    book: Book,
    audits: pa.RecordBatch,
    members: Mapping[Roster, pa.RecordBatch] | None = None,
    *,
    only: Iterable[str] | None = None,
) -> pa.RecordBatch:
    """Return the codes of the rules, or of `only` some, for each audit in turn.

    Raise ColumnsRejected if the batch does not fit the vocabulary, and KeyError if the
    book has no such rule.
    """
    plan = _plan(book, None if only is None else tuple(only))
    batch = check_batch(book.vocabulary, audits, members or {})
    scored = _score(book, plan, batch)
    return pa.RecordBatch.from_arrays(
        [pa.array(codes) for codes in scored.values()], names=list(scored)
    )


def columns_needed(
    book: Book, only: Iterable[str] | None = None
) -> Mapping[Roster | None, frozenset[str]]:
    """Return the facts that must be read to score: the audits' (under None), and each roster's."""
    return _plan(book, None if only is None else tuple(only)).facts


def verdicts_of(rule: Rule) -> Mapping[int, Verdict]:
    """Return what each code means for a rule."""
    meaning: dict[int, Verdict] = {}
    for outcomes in _every_reading():
        verdict = weigh(rule, outcomes)
        meaning[_code(verdict)] = verdict
    return meaning


@lru_cache(maxsize=64)
def _plan(book: Book, only: tuple[str, ...] | None) -> Plan:
    if only is None:
        return plan_of(book, book.rules)
    return plan_of(book, [book.rule_by_id[rule_id] for rule_id in only])


def _every_reading() -> Iterator[dict[Reading, Outcome]]:
    """Yield the outcomes that three readings can come to, in the order of `_weighed`."""
    for outcomes in product(OUTCOMES, repeat=len(Reading)):
        yield dict(zip(Reading, outcomes, strict=True))


def _code(verdict: Verdict) -> int:
    grounds = GROUNDS.index(verdict.grounds)
    return OUTCOMES.index(verdict.outcome) + len(OUTCOMES) * grounds


@lru_cache(maxsize=8)
def _weighed(book: Book) -> Codes:
    """Return the code for the outcomes under three readings, as `weigh` joins them.

    Neither outcome nor grounds depend on which rule it is.
    """
    rule = book.rules[0]
    codes = [_code(weigh(rule, outcomes)) for outcomes in _every_reading()]
    return np.array(codes, np.uint8)


def _score(book: Book, plan: Plan, batch: Batch) -> dict[str, Codes]:
    law = LawHere(law_of(book), _regimes(book, batch.audits), plan.law)
    rows = batch.audits.num_rows
    scored = {one.rule.logic_hash: np.empty(rows, np.uint8) for one in plan.rules}
    for part in parts_of(batch, AUDITS_AT_A_TIME):
        here = slice(part.start, part.start + part.audits.rows)
        kernel = Kernel(
            book.vocabulary, law, law.regimes[here], part.audits, part.rosters
        )
        for rule in plan.rules:
            codes = _codes(kernel, law, rule, _weighed(book), part.audits.rows)
            scored[rule.rule.logic_hash][here] = codes
    return scored


def _codes(
    kernel: Kernel, law: LawHere, rule: RulePlan, weighed: Codes, rows: int
) -> Codes:
    """Return the codes of one rule, reading the law as often as it is unsure."""
    outcomes: dict[Reading, Codes] = {}
    for reading in Reading:
        counting = law.reading_that_counts(rule.law, reading)
        if counting not in outcomes:
            outcomes[counting] = _positions(kernel.outcome(rule, counting), rows)
    if len(outcomes) == 1:
        # Under one reading for all, the code is the position of the outcome.
        return outcomes[Reading.FLOOR]
    index = np.zeros(rows, np.uint8)
    for reading in Reading:
        counting = law.reading_that_counts(rule.law, reading)
        index = index * np.uint8(len(OUTCOMES)) + outcomes[counting]
    return weighed.take(index)


def _positions(outcome: OutcomePlanes, rows: int) -> Codes:
    """Return the position of the outcome in OUTCOMES, a bit at a time."""
    neither = ~(outcome.broken | outcome.kept | outcome.beyond)
    odd = unpack(outcome.broken | outcome.beyond, rows)
    high = unpack(neither | outcome.beyond, rows)
    return odd | (high << np.uint8(1))


def _regimes(book: Book, audits: pa.RecordBatch) -> npt.NDArray[np.int32]:
    return law_of(book).regimes_of(
        _numpy(audits, "country"),
        _numpy(audits, "site_kind"),
        _numpy(audits, "commodity"),
        _numpy(audits, "observed_on"),
    )


def _numpy(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.integer]:
    found = Rows(batch, batch.num_rows).numbers(name)
    return np.zeros(0, np.int32) if found is None else found.values
