"""How fast the book is read: one audit at a time, by hand, by others, by the column.

Run by hand: `./run bench rules`. Everything runs in one process, in turns, and is told
in CPU time and as ratios; agreement is checked first. What misses its aim says MISSED,
and `--profile` says of each stage where its time goes. The other engines are measured
where they are installed: zen-engine, cel-expr-python, duckdb.
"""

import argparse
import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from statistics import median

import orjson
import pyarrow as pa

from rules import read_book
from rules.answers import Answers, Cause, read_answers
from rules.columns import score, verdicts_of
from rules.definitions import Book, Outcome, Severity
from rules.one_audit import assess
from rules.parameters import Reading
from rules.regimes import Regimes
from rules.tracing import Explainer
from rules.vocabulary import AnswerValue, Roster
from tests.bench import dozen_by_hand, in_sql, other_engines
from tests.bench.dozen_by_hand import DOZEN, LAW, Audit
from tests.bench.synthetic import as_answers, made_up

ROW_BY_ROW = 2_000
FEW = 300
EXPLAINED = 200
SIXTY = 60
MICROSECONDS = 1e6
ROUNDS = 3
OPEN = (Outcome.NON_CONFORMITY, Outcome.UNDETERMINED)


class Report:
    """Says figures beside their aims; where one is missed, where the time goes."""

    def __init__(self, *, profile: bool) -> None:
        self._profile = profile

    def say(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def at_most(
        self, what: str, figure: float, aim: float, work: Callable[[], object]
    ) -> None:
        self._against(what, figure, f"≤ {aim:g}", work, is_met=figure <= aim)

    def at_least(
        self, what: str, figure: float, aim: float, work: Callable[[], object]
    ) -> None:
        self._against(what, figure, f"≥ {aim:g}", work, is_met=figure >= aim)

    def _against(
        self,
        what: str,
        figure: float,
        aim: str,
        work: Callable[[], object],
        *,
        is_met: bool,
    ) -> None:
        self.say(f"{what}: {figure:,.2f}, aim {aim}{'' if is_met else '  MISSED'}")
        if self._profile and not is_met:
            self._say_where(work)

    def _say_where(self, work: Callable[[], object]) -> None:
        profile = cProfile.Profile()
        profile.runcall(work)
        stats = pstats.Stats(profile)
        whole = sum(one[2] for one in stats.stats.values())  # type: ignore[attr-defined] # typeshed lacks it
        heaviest = sorted(
            stats.stats.items(),  # type: ignore[attr-defined] # typeshed lacks it
            key=lambda one: -one[1][2],
        )
        for (file, line, name), (_, calls, own, _, _) in heaviest[:8]:
            place = f"{'/'.join(file.split('/')[-2:])}:{line}"
            self.say(f"    {own / whole:5.0%} {name} ({place}), {calls:,} calls")


def cpu_of(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def in_turns(works: Sequence[Callable[[], object]]) -> list[float]:
    """Return the median CPU seconds of each, all of them run in every round."""
    rounds = [[cpu_of(work) for work in works] for _ in range(ROUNDS)]
    return [median(times) for times in zip(*rounds, strict=True)]


def each_of(work: Callable[[int], object], number: int) -> float:
    """Return the median CPU microseconds of a piece of work, once warm."""
    for place in range(number):
        work(place)
    return MICROSECONDS * median(cpu_of(lambda: work(place)) for place in range(number))  # noqa: B023 - called at once


def only_these(book: Book, rules: Sequence[str]) -> Book:
    return replace(book, rules=tuple(book.rule_by_id[rule_id] for rule_id in rules))


def first_rules(book: Book, number: int) -> list[str]:
    """Return the heaviest rules, in the order of the book."""
    heaviest = sorted(book.rules, key=lambda rule: list(Severity).index(rule.severity))
    chosen = {rule.id for rule in heaviest[:number]}
    return [rule.id for rule in book.rules if rule.id in chosen]


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


def as_sent(answers: Answers) -> bytes:
    """Return the JSON of an answers document."""
    rosters = {
        str(roster): None
        if members is None
        else [{"key": one.key, **_plain(one.facts)} for one in members]
        for roster, members in answers.rosters.items()
    }
    return orjson.dumps(
        {
            "country": answers.country,
            "commodity": answers.commodity,
            "site_kind": answers.site_kind,
            "observed_on": answers.observed_on,
            "facts": _plain(answers.facts),
            **rosters,
        }
    )


def _plain(facts: object) -> dict[str, object]:
    assert isinstance(facts, dict)
    return {name: _plain_value(value) for name, value in facts.items()}


def _plain_value(value: AnswerValue) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


def check_agreement(
    book: Book,
    answers: Sequence[Answers],
    audits: pa.RecordBatch,
    members: dict[Roster, pa.RecordBatch],
) -> int:
    """Compare all readers over the same audits; return how many verdicts agreed."""
    scored = score(book, audits, members)
    columns = []
    for number, rule in enumerate(book.rules):
        meaning = verdicts_of(rule)
        columns.append([meaning[code] for code in scored.column(number).to_pylist()])
    place = {rule.id: number for number, rule in enumerate(book.rules)}
    by_hand = map(dozen_by_hand.outcomes, for_the_hand(book, answers))
    for row, (one, hand) in enumerate(zip(answers, by_hand, strict=True)):
        plain = assess(book, one)
        if plain != tuple(column[row] for column in columns):
            raise SystemExit(f"The readers differ on audit {row}.")
        if hand != [plain[place[rule_id]].outcome for rule_id in DOZEN]:
            raise SystemExit(f"The rules written by hand differ on audit {row}.")
    return len(answers) * (len(book.rules) + len(DOZEN))


def measure_one_audit(
    book: Book, countries: tuple[str, ...], report: Report
) -> tuple[float, float]:
    """Tell the readers of one audit; return audits a CPU second, of all and of sixty."""
    audits, members = made_up(book.vocabulary, countries, ROW_BY_ROW, seed=1)
    answers = [_complete(one) for one in as_answers(book.vocabulary, audits, members)]
    agreed = check_agreement(book, answers, audits, members)
    report.say(f"agreement of both readers and the hand: {agreed:,} verdicts")
    dozen, sixty = (
        only_these(book, list(DOZEN)),
        only_these(book, first_rules(book, SIXTY)),
    )
    hand = for_the_hand(book, answers)
    whole, of_sixty, twelve, by_hand = in_turns(
        [
            lambda: [assess(book, one) for one in answers],
            lambda: [assess(sixty, one) for one in answers],
            lambda: [assess(dozen, one) for one in answers],
            lambda: [dozen_by_hand.outcomes(one) for one in hand],
        ]
    )
    each = MICROSECONDS / ROW_BY_ROW
    report.say(f"plain reader, {len(book.rules)} rules: {whole * each:.1f} µs an audit")
    report.say(f"plain reader, {SIXTY} rules: {of_sixty * each:.1f} µs an audit")
    report.say(f"plain reader, {len(DOZEN)} rules: {twelve * each:.1f} µs an audit")
    report.say(f"by hand, {len(DOZEN)} rules: {by_hand * each:.1f} µs an audit")
    report.at_most(
        f"plain reader / by hand, {len(DOZEN)} rules",
        twelve / by_hand,
        1.2,
        lambda: [assess(dozen, one) for one in answers],
    )
    measure_other_engines(book, hand, twelve / ROW_BY_ROW, report)
    for told, read in ((f"{len(book.rules)} rules", book), (f"{SIXTY} rules", sixty)):
        measure_document(read, answers, told, report)
        measure_explanation(read, answers, told, report)
    return ROW_BY_ROW / whole, ROW_BY_ROW / of_sixty


def _complete(answers: Answers) -> Answers:
    """Return made-up answers with a cause for each roster that was not answered."""
    causes = {
        roster: Cause.NOT_ANSWERED
        for roster, members in answers.rosters.items()
        if members is None
    }
    return replace(answers, roster_causes=causes)


def measure_document(
    book: Book, answers: Sequence[Answers], told: str, report: Report
) -> None:
    sent = [as_sent(one) for one in answers[:FEW]]
    parsed = [orjson.loads(one) for one in sent]
    vocabulary = book.vocabulary

    def verdicts(place: int) -> object:
        return assess(book, read_answers(vocabulary, orjson.loads(sent[place])))

    whole = each_of(verdicts, FEW)
    stages = (
        each_of(lambda place: orjson.loads(sent[place]), FEW),
        each_of(lambda place: read_answers(vocabulary, parsed[place]), FEW),
        each_of(lambda place: assess(book, answers[place]), FEW),
    )
    size = median(map(len, sent))
    report.say(
        f"of {size:,.0f} bytes with every fact: JSON {stages[0]:.0f} µs, "
        f"answers {stages[1]:.0f} µs, {told} {stages[2]:.0f} µs"
    )
    report.at_most(
        f"one audit, JSON bytes to all verdicts, {told}, p50 µs",
        whole,
        150,
        lambda: [verdicts(place) for place in range(FEW)],
    )


def measure_explanation(
    book: Book, answers: Sequence[Answers], told: str, report: Report
) -> None:
    wanted = [
        [one.rule for one in assess(book, audit) if one.outcome in OPEN]
        for audit in answers[:EXPLAINED]
    ]

    def explain_all(place: int) -> object:
        explainer = Explainer(book, answers[place])
        return [explainer.explain(rule_id) for rule_id in wanted[place]]

    figure = each_of(explain_all, EXPLAINED)
    number = median(map(len, wanted))
    report.say(f"{number:.0f} rules to explain, {figure / number:.1f} µs each")
    report.at_most(
        f"explanation of all that is fired or undetermined, {told}, p50 µs",
        figure,
        250,
        lambda: [explain_all(place) for place in range(EXPLAINED)],
    )


AIMS_OF_OTHERS = {"zen graph": 10, "CEL (C++)": 4}


def measure_other_engines(
    book: Book, hand: Sequence[Audit], plain: float, report: Report
) -> None:
    few = hand[:FEW]
    told = [other_engines.as_told(book, one) for one in few]
    for name in other_engines.missing():
        report.say(f"{name}: not installed, skipped")
    for engine in other_engines.installed():
        evaluate = engine.compile(other_engines.Printer(book, engine).dozen())
        for one, answers in zip(few, told, strict=True):
            if other_engines.outcomes(evaluate, answers) != dozen_by_hand.outcomes(one):
                raise SystemExit(f"{engine.name} differs.")

        def work() -> object:
            return [other_engines.outcomes(evaluate, one) for one in told]  # noqa: B023 - called at once

        (theirs,) = in_turns([work])
        report.say(
            f"{engine.name}, {len(DOZEN)} rules as known true and known false: "
            f"{theirs * MICROSECONDS / FEW:.1f} µs an audit"
        )
        aim = AIMS_OF_OTHERS.get(engine.name, 1)
        ratio = theirs / FEW / plain
        report.at_least(f"{engine.name} / plain reader", ratio, aim, work)


def measure_by_column(
    book: Book,
    countries: tuple[str, ...],
    size: int,
    row_by_row: tuple[float, float],
    report: Report,
) -> None:
    audits, members = made_up(book.vocabulary, countries, size, seed=2)
    sixty, dozen = first_rules(book, SIXTY), list(DOZEN)
    whole, of_sixty, twelve = in_turns(
        [
            lambda: score(book, audits, members),
            lambda: score(book, audits, members, only=sixty),
            lambda: score(book, audits, members, only=dozen),
        ]
    )
    report.say(
        f"{size:,} audits by column: {size / whole:,.0f} a CPU second with "
        f"{len(book.rules)} rules, {size / twelve:,.0f} with {len(dozen)}; "
        f"{size / whole / row_by_row[0]:.0f} x the plain reader"
    )

    def work() -> object:
        return score(book, audits, members, only=sixty)

    report.at_least(
        f"million audits a CPU second by column, {SIXTY} rules",
        size / of_sixty / 1e6,
        0.5,
        work,
    )
    report.at_least(
        f"by column / row by row, {SIXTY} rules",
        size / of_sixty / row_by_row[1],
        50,
        work,
    )
    measure_sql(book, audits, members, twelve, report)


def measure_sql(
    book: Book,
    audits: pa.RecordBatch,
    members: dict[Roster, pa.RecordBatch],
    by_column: float,
    report: Report,
) -> None:
    if not find_spec("duckdb"):
        report.say("DuckDB: not installed, skipped")
        return
    rules = [book.rule_by_id[rule_id] for rule_id in DOZEN]
    database = in_sql.Duck(import_module("duckdb"), book, LAW, audits, members)
    statement = in_sql.Statement(book).of(rules)
    scored = score(book, audits, members, only=list(DOZEN))
    for rule, theirs in zip(rules, database.outcomes(statement), strict=True):
        meaning = verdicts_of(rule)
        codes = scored.column(rule.logic_hash).to_pylist()
        if [in_sql.OUTCOMES[one] for one in theirs] != [
            meaning[code].outcome for code in codes
        ]:
            raise SystemExit(f"DuckDB differs on {rule.id}.")
    (theirs_took,) = in_turns([lambda: database.run(statement)])
    report.at_least(
        f"DuckDB SQL / by column, {len(DOZEN)} rules, {audits.num_rows:,} audits",
        theirs_took / by_column,
        6,
        lambda: score(book, audits, members, only=list(DOZEN)),
    )


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--profile", action="store_true")
    reader.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    reader.add_argument("--everywhere", action="store_true", help="all countries too")
    asked = reader.parse_args()
    book, report = read_book(), Report(profile=asked.profile)
    report.say(f"{len(book.rules)} rules, {len(book.parameters)} parameters")
    report.at_most(
        "reading and checking the book, ms",
        min(cpu_of(read_book) for _ in range(ROUNDS)) * 1e3,
        150,
        read_book,
    )
    runs: list[tuple[str, tuple[str, ...]]] = [("one country", ("CO",))]
    if asked.everywhere:
        runs.append(("every country", tuple(sorted(book.countries))))
    for told, countries in runs:
        report.say(f"-- {told}")
        row_by_row = measure_one_audit(book, countries, report)
        for size in asked.sizes:
            measure_by_column(book, countries, size, row_by_row, report)


if __name__ == "__main__":
    main()
