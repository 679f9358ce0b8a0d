"""Whole, small books for the tests of rules: one as files, one as objects."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from rules.answers import Answers, Cause, RosterMember
from rules.column_answers import batches_of
from rules.columns import score, verdicts_of
from rules.definitions import (
    Book,
    Citation,
    DerivedDefinition,
    Instrument,
    InstrumentKind,
    Outcome,
    Period,
    Rule,
    Scopes,
    Severity,
    Status,
    Topic,
    Verdict,
)
from rules.expressions import Condition
from rules.mistakes import BookRejected, Place
from rules.one_audit import assess
from rules.parameters import ParameterDefinition
from rules.reading import read_book
from rules.texts import Text
from rules.units import UNITS
from rules.vocabulary import (
    AnswerValue,
    Commodity,
    FactDefinition,
    Kind,
    Roster,
    SiteKind,
    Vocabulary,
)

DAY = date(2026, 11, 3)
PLACE = Place("child_labour/tested.yaml", 1, 1)

FILES = {
    "edition.yaml": """\
edition: "2026.11"
title: {en: A small book, es: Un libro pequeño}
in_force: {from: 2026-01-01}
""",
    "instruments.yaml": """\
ILO C138:
  title: {en: Minimum Age Convention, es: Convenio sobre la edad mínima}
  kind: convention
""",
    "sources.yaml": """\
LAW_35: {title: Ley 1098 de 2006, publisher: Congreso, read: article read}
""",
    "facts/site.yaml": """\
facts:
  documents_held:
    title: {en: documents are held by the employer, es: el empleador retiene documentos}
    type: yes_no
  wage:
    title: {en: wage of a month, es: salario del mes}
    type: integer
    unit: money/month
    range: [0, 100000000000]
  deductions:
    title: {en: deductions of a month, es: descuentos del mes}
    type: integer
    unit: money/month
    range: [0, 100000000000]
  normal_time:
    title: {en: normal working time, es: jornada normal}
    type: integer
    unit: minutes/week
    range: [0, 10080]
  daily_time:
    title: {en: working time of a day, es: jornada de un día}
    type: integer
    unit: minutes/day
    range: [0, 1440]
  work_ends:
    title: {en: end of the working day, es: fin de la jornada}
    type: integer
    unit: minute of day
    range: [0, 1439]
  exit_from_housing:
    title: {en: leaving the housing, es: salida de la vivienda}
    type: choice
    options:
      free: {en: free, es: libre}
      permission_needed: {en: only with permission, es: sólo con permiso}
  protection_given:
    title: {en: protection that is given out, es: protección que se entrega}
    type: choices
    options:
      gloves: {en: gloves, es: guantes}
      boots: {en: boots, es: botas}
      mask: {en: mask, es: mascarilla}
  contract_signed:
    title: {en: day the contract was signed, es: día de la firma del contrato}
    type: day
  work_began:
    title: {en: day the work began, es: día en que empezó el trabajo}
    type: day
""",
    "facts/children.yaml": """\
roster: children
facts:
  works: {title: {en: works, es: trabaja}, type: yes_no, sensitive: child}
  age: {title: {en: age, es: edad}, type: integer, unit: years, range: [0, 17]}
  hours:
    title: {en: working time, es: jornada}
    type: integer
    unit: minutes/week
    range: [0, 10080]
""",
    "facts/workers.yaml": """\
roster: workers
facts:
  paid_late: {title: {en: is paid late, es: recibe su pago tarde}, type: yes_no}
  age: {title: {en: age, es: edad}, type: integer, unit: years, range: [0, 120]}
""",
    "derived/children.yaml": """\
roster: children
derived:
  light_work:
    title: {en: light work, es: trabajo ligero}
    when:
      all: [age >= 12, hours <= 14 hours/week]
""",
    "parameters/minimum_age.yaml": """\
title: {en: minimum age for work, es: edad mínima para trabajar}
type: integer
unit: years
stricter: higher
values:
  - {country: CO, sector: all, from: 2007-05-08, to: null, value: 15, confidence: verified,
     cites: Ley 1098 de 2006 art. 35, sources: [LAW_35]}
""",
    "parameters/week_limit.yaml": """\
title: {en: longest working week, es: jornada semanal máxima}
type: integer
unit: minutes/week
stricter: lower
by_age: true
values:
  - {country: CO, sector: all, from: null, to: null, age_from: 15, age_below: 17, value: 30,
     unit: hours/week, confidence: verified, cites: Ley 1098 de 2006 art. 114}
""",
    "parameters/permit_needed.yaml": """\
title: {en: a permit is needed, es: se necesita permiso}
type: yes_no
stricter: "true"
values:
  - {country: CO, sector: all, from: null, to: null, value: true, confidence: verified,
     cites: Ley 1098 de 2006 art. 113}
""",
    "child_labour/minimum_age.yaml": """\
id: child_labour.minimum_age
title: {en: A child below the minimum age works, es: Trabaja un niño sin la edad mínima}
severity: zero_tolerance
in_force: {from: 1976-06-19}
cites: [{instrument: ILO C138, article: "2(3)"}]
flag_when:
  some children:
    all: [works, age < law.minimum_age]
    unless: light_work
remedy: {en: Protect the child first., es: Primero proteger al niño.}
examples:
  - {why: old enough, country: CO, day: 2024-05-01, children: [{works: true, age: 16}],
     verdict: conformity}
  - {why: a picker of twelve, country: CO, day: 2024-05-01,
     children: [{works: true, age: 12, hours: 20 hours/week}], verdict: non_conformity}
  - {why: no age, country: CO, day: 2024-05-01, children: [{works: true}],
     verdict: undetermined}
""",
}


def write_book(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """Write the small book, with files replaced, added or (None) left out."""
    for name, content in {**FILES, **(changes or {})}.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return folder


def mistakes_of(folder: Path, changes: Mapping[str, str | None]) -> list[str]:
    """Return every mistake of the small book so changed, as it is told."""
    try:
        read_book(write_book(folder, changes))
    except BookRejected as rejected:
        return [mistake.told() for mistake in rejected.mistakes]
    return []


def rule_file(flag_when: str, *, extra: str = "") -> dict[str, str]:
    """Return a rule file whose condition begins on line 7, indented by two."""
    indented = "\n".join(f"  {line}" for line in flag_when.splitlines())
    return {
        "forced_labour/tested.yaml": (
            "id: forced_labour.tested\n"
            "title: {en: Tested, es: Probada}\n"
            "severity: major\n"
            "in_force: {from: 2000-01-01}\n"
            'cites: [{instrument: ILO C138, article: "1"}]\n'
            f"flag_when:\n{indented}\n"
            f"{extra}"
            "remedy: {en: Put it right., es: Corregirlo.}\n"
            "examples:\n"
            "  - {why: a, country: CO, day: 2024-05-01, verdict: conformity}\n"
            "  - {why: b, country: CO, day: 2024-05-01, verdict: non_conformity}\n"
            "  - {why: c, country: CO, day: 2024-05-01, verdict: undetermined}\n"
        )
    }


def fact(
    name: str,
    kind: Kind = Kind.YES_NO,
    *,
    roster: Roster | None = None,
    unit: str | None = None,
    lowest: int = 0,
    highest: int = 100,
    options: tuple[str, ...] = (),
) -> FactDefinition:
    return FactDefinition(
        name,
        roster,
        Text(name, name),
        kind,
        UNITS[unit] if unit else None,
        lowest,
        highest,
        {option: Text(option, option) for option in options},
    )


VOCABULARY = Vocabulary(
    {
        one.id: one
        for one in (
            fact("a"),
            fact("b"),
            fact("c"),
            fact("n", Kind.INTEGER, unit="number"),
            fact("m", Kind.INTEGER, unit="number"),
            fact("pick", Kind.CHOICE, options=("x", "y", "z")),
            fact("picks", Kind.CHOICES, options=("x", "y", "z")),
            fact("first_day", Kind.DAY),
            fact("last_day", Kind.DAY),
            fact("p", roster=Roster.CHILDREN),
            fact("q", roster=Roster.CHILDREN),
            fact("age", Kind.INTEGER, roster=Roster.CHILDREN, unit="years"),
        )
    }
)


def book_of(
    flag_when: Condition,
    *,
    applies_when: Condition | None = None,
    parameters: tuple[ParameterDefinition, ...] = (),
    derived: tuple[DerivedDefinition, ...] = (),
    vocabulary: Vocabulary = VOCABULARY,
    severity: Severity = Severity.ZERO_TOLERANCE,
    scopes: Scopes | None = None,
    in_force: Period | None = None,
) -> Book:
    """Return a book of one rule, `child_labour.tested`."""
    rule = Rule(
        "child_labour.tested",
        Topic.CHILD_LABOUR,
        Text("Tested", "Probada"),
        severity,
        Status.ACTIVE,
        None,
        None,
        None,
        (Citation("ILO C138", "2(3)"),),
        in_force or Period(date(1976, 6, 19)),
        scopes or Scopes(),
        applies_when,
        flag_when,
        Text("Put it right.", "Corregirlo."),
        (),
        PLACE,
        "sha256:0",
    )
    return Book(
        "2026.11",
        Text("A small book", "Un libro pequeño"),
        Period(date(2026, 1, 1)),
        None,
        "0",
        frozenset({"CO", "HN"}),
        vocabulary,
        {one.name: one for one in parameters},
        {one.id: one for one in derived},
        (rule,),
        {
            "ILO C138": Instrument(
                "ILO C138",
                Text("Minimum Age Convention", "Convenio sobre la edad mínima"),
                InstrumentKind.CONVENTION,
            )
        },
    )


def answers_of(
    facts: Mapping[str, AnswerValue] | None = None,
    children: Sequence[Mapping[str, AnswerValue]] | None = None,
    *,
    country: str = "CO",
    day: date = DAY,
    site_kind: SiteKind = SiteKind.PRODUCER,
    commodity: Commodity = Commodity.COFFEE,
) -> Answers:
    members = (
        None
        if children is None
        else tuple(
            RosterMember(f"c{number}", facts, {})
            for number, facts in enumerate(children, start=1)
        )
    )
    return Answers(
        country,
        commodity,
        site_kind,
        day,
        facts or {},
        {},
        {Roster.CHILDREN: members, Roster.WORKERS: None},
        {
            roster: Cause.NOT_ANSWERED
            for roster in Roster
            if roster is Roster.WORKERS or members is None
        },
    )


_TRUTH = {
    Outcome.NON_CONFORMITY: True,
    Outcome.CONFORMITY: False,
    Outcome.UNDETERMINED: None,
}


def verdict_of(book: Book, answers: Answers) -> Verdict:
    """Return the verdict of the one rule, the same in both readers."""
    verdict = assess(book, answers)[0]
    assert read_by_column(book, answers) == verdict
    return verdict


def read_by_column(book: Book, answers: Answers) -> Verdict:
    """Return the verdict of the one rule as the columns have it."""
    audits, members = batches_of(book.vocabulary, [answers])
    (code,) = score(book, audits, members).column(0).to_pylist()
    return verdicts_of(book.rules[0])[code]


def truth_of(book: Book, answers: Answers) -> bool | None:
    """Return what the condition of the one rule comes to, the same in both readers."""
    return _TRUTH[verdict_of(book, answers).outcome]
