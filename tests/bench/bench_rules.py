"""How fast the book is read: one audit at a time, by hand, and by the column.

Run by hand: `./run bench rules`. Everything runs in one process, in turns, and is told
in CPU time and as ratios; agreement is checked first.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import pyarrow as pa

from rules import read_book
from rules.answers import Answers
from rules.columns import score, verdicts_of
from rules.definitions import Book
from rules.one_audit import assess
from rules.parameters import Reading
from rules.regimes import Regimes
from rules.vocabulary import Roster
from tests.bench import dozen_by_hand, other_engines
from tests.bench.dozen_by_hand import DOZEN, LAW, Audit
from tests.bench.synthetic import as_answers, made_up

ROW_BY_ROW = 2_000
FEW = 300
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def cpu_of(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def in_turns(works: Sequence[Callable[[], object]]) -> list[float]:
    """Return the median CPU seconds of each, all of them run in every round."""
    rounds = [[cpu_of(work) for work in works] for _ in range(ROUNDS)]
    return [median(times) for times in zip(*rounds, strict=True)]


def only_the_dozen(book: Book) -> Book:
    return replace(book, rules=tuple(book.rule_by_id[rule_id] for rule_id in DOZEN))


def for_the_hand(book: Book, answers: Sequence[Answers]) -> list[Audit]:
    """Return audits with the few legal values that the dozen need, looked up before."""
    regimes = Regimes(book)
    prepared: list[Audit] = []
    for one in answers:
        regime = regimes.at(one.country, one.commodity, one.site_kind, one.observed_on)
        table = regime.law[Reading.FLOOR]
        law = {name: value for name in LAW if isinstance(value := table[name], int)}
        children, workers = (
            None if members is None else [member.facts for member in members]
            for members in (one.rosters[Roster.CHILDREN], one.rosters[Roster.WORKERS])
        )
        prepared.append((one.facts, children, workers, law))
    return prepared


def check_agreement(
    book: Book,
    answers: Sequence[Answers],
    audits: pa.RecordBatch,
    members: dict[Roster, pa.RecordBatch],
) -> int:
    """Compare all readers over the same audits; return how many verdicts agreed."""
    scored = score(book, audits, members)
    columns = [
        [verdicts_of(rule)[code] for code in scored.column(number).to_pylist()]
        for number, rule in enumerate(book.rules)
    ]
    place = {rule.id: number for number, rule in enumerate(book.rules)}
    by_hand = map(dozen_by_hand.outcomes, for_the_hand(book, answers))
    for row, (one, hand) in enumerate(zip(answers, by_hand, strict=True)):
        plain = assess(book, one)
        if plain != tuple(column[row] for column in columns):
            raise SystemExit(f"The readers differ on audit {row}.")
        if hand != [plain[place[rule_id]].outcome for rule_id in DOZEN]:
            raise SystemExit(f"The rules written by hand differ on audit {row}.")
    return len(answers) * (len(book.rules) + len(DOZEN))


def measure_row_by_row(book: Book, countries: tuple[str, ...]) -> float:
    """Tell the readers of one audit; return audits a CPU second, of the plain one."""
    audits, members = made_up(book.vocabulary, countries, ROW_BY_ROW, seed=1)
    answers = as_answers(book.vocabulary, audits, members)
    say(f"agreement: {check_agreement(book, answers, audits, members):,} verdicts")
    dozen = only_the_dozen(book)
    hand = for_the_hand(book, answers)
    whole, twelve, by_hand = in_turns(
        [
            lambda: [assess(book, one) for one in answers],
            lambda: [assess(dozen, one) for one in answers],
            lambda: [dozen_by_hand.outcomes(one) for one in hand],
        ]
    )
    each = 1e6 / ROW_BY_ROW
    say(f"plain reader, {len(book.rules)} rules: {whole * each:8.1f} µs an audit")
    say(f"plain reader, {len(DOZEN)} rules:  {twelve * each:8.1f} µs an audit")
    say(f"by hand, {len(DOZEN)} rules:       {by_hand * each:8.1f} µs an audit")
    say(f"plain reader / by hand, {len(DOZEN)} rules: {twelve / by_hand:.2f}")
    measure_other_engines(book, hand)
    return ROW_BY_ROW / whole


def measure_other_engines(book: Book, hand: Sequence[Audit]) -> None:
    few = hand[:FEW]
    told = [other_engines.as_told(book, one) for one in few]
    for name in other_engines.missing():
        say(f"{name}: not installed, skipped")
    for engine in other_engines.installed():
        evaluate = engine.compile(other_engines.Printer(book, engine).dozen())
        for one, answers in zip(few, told, strict=True):
            if other_engines.outcomes(evaluate, answers) != dozen_by_hand.outcomes(one):
                raise SystemExit(f"{engine.name} differs.")
        theirs, by_hand = in_turns(
            [
                lambda: [other_engines.outcomes(evaluate, one) for one in told],  # noqa: B023 - called at once
                lambda: [dozen_by_hand.outcomes(one) for one in few],
            ]
        )
        say(
            f"{engine.name}, {len(DOZEN)} rules as known true and known false: "
            f"{theirs * 1e6 / FEW:8.1f} µs an audit, {theirs / by_hand:.1f} x by hand"
        )


def measure_by_column(book: Book, countries: tuple[str, ...], plain: float) -> None:
    dozen = list(DOZEN)
    for size in SIZES:
        audits, members = made_up(book.vocabulary, countries, size, seed=2)
        whole, twelve = in_turns(
            [
                lambda: score(book, audits, members),  # noqa: B023 - called at once
                lambda: score(book, audits, members, only=dozen),  # noqa: B023
            ]
        )
        say(
            f"{size:>9,} audits by column: {size / whole:>9,.0f} a CPU second, "
            f"{size / whole / plain:5.0f} x the plain reader; "
            f"{len(dozen)} rules {size / twelve:>10,.0f}"
        )


def main() -> None:
    book = read_book()
    colombia, everywhere = ("CO",), tuple(sorted(book.countries))
    say(f"{len(book.rules)} rules, {len(book.parameters)} parameters")
    for told, countries in (("one country", colombia), ("31 countries", everywhere)):
        say(f"-- {told}")
        plain = measure_row_by_row(book, countries)
        measure_by_column(book, countries, plain)


if __name__ == "__main__":
    main()
