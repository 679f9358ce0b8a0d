"""A verdict is told from the answers to the paragraph of law, in both languages."""

from pathlib import Path

import pytest

from rules.answers import read_answers
from rules.definitions import Book
from rules.explanation import tell
from rules.reading import read_book
from rules.tracing import explain
from tests.unit.rules.small_books import FILES, rule_file, write_book

AGE_RULE = "child_labour.minimum_age"
BASE = {
    "country": "CO",
    "commodity": "coffee",
    "site_kind": "producer",
    "observed_on": "2026-11-03",
}
DISPUTED = """\
title: {en: minimum age for work, es: edad mínima para trabajar}
type: integer
unit: years
stricter: higher
values:
  - {country: CO, sector: all, from: null, to: null, value: 14, confidence: disputed,
     cites: Convenio 138}
  - {country: CO, sector: all, from: 2007-05-08, to: null, value: 16, confidence: disputed,
     cites: Constitución art. 128}
"""


def book_with(folder: Path, **law: str) -> Book:
    """Return the small book, with files of parameters replaced by name."""
    changes = {f"parameters/{name}.yaml": content for name, content in law.items()}
    return read_book(write_book(folder, changes))


def told(book: Book, language: str, rule: str = AGE_RULE, **parts: object) -> list[str]:
    answers = read_answers(book.vocabulary, {**BASE, **parts})
    return tell(explain(book, answers, rule), language)


def told_of_line(
    folder: Path, line: str, facts: dict[str, object], language: str = "en"
) -> list[str]:
    """Tell the verdict of a rule of one line, without its heading and its citations."""
    book = read_book(write_book(folder, rule_file(line)))
    return told(book, language, "forced_labour.tested", facts=facts)[1:-1]


TWELVE = [{"key": "c1", "works": True, "age": 12, "hours": 1200}]


def test_a_non_conformity_is_told_in_english(tmp_path: Path) -> None:
    assert told(book_with(tmp_path), "en", children=TWELVE) == [
        "A child below the minimum age works: non-conformity, zero tolerance.",
        (
            "Child 1: works: yes; age: 12 years, less than 15 years (minimum age for work, "
            "Colombia: Ley 1098 de 2006 art. 35; in force since 8 May 2007; read in its "
            "source); light work: no (working time: 20 hours a week, more than 14 hours a "
            "week)."
        ),
        "Based on: ILO C138 (Minimum Age Convention), 2(3).",
    ]


def test_a_non_conformity_is_told_in_spanish(tmp_path: Path) -> None:
    assert told(book_with(tmp_path), "es", children=TWELVE) == [
        "Trabaja un niño sin la edad mínima: no conformidad, tolerancia cero.",
        (
            "Niño o niña 1: trabaja: sí; edad: 12 años, menos de 15 años (edad mínima para "
            "trabajar, Colombia: Ley 1098 de 2006 art. 35; en vigor desde el 8 de mayo de "
            "2007; leído en su fuente); trabajo ligero: no (jornada: 20 horas a la semana, "
            "más de 14 horas a la semana)."
        ),
        "Fundamento: ILO C138 (Convenio sobre la edad mínima), 2(3).",
    ]


def test_conformity_says_what_nobody_was_found_to_be(tmp_path: Path) -> None:
    older = [{"key": "c1", "works": True, "age": 16}, {"key": "c2", "works": False}]

    assert told(book_with(tmp_path), "en", children=older)[1:-1] == [
        (
            "True of none of the children (2): works; and age: less than minimum age for "
            "work; and not (light work)."
        )
    ]


@pytest.mark.parametrize(
    ("children", "sentence"),
    [
        ([], "Children: there are none."),
        (None, "Children: not known (it was not answered)."),
        ({"unknown": "cannot_tell"}, "Children: not known (whoever answered could not tell)."),
    ],
)  # fmt: skip
def test_a_roster_without_members_is_told(
    children: object, sentence: str, tmp_path: Path
) -> None:
    assert told(book_with(tmp_path), "en", children=children)[1] == sentence


def test_an_open_question_is_told_with_its_cause_and_whether_it_would_do(
    tmp_path: Path,
) -> None:
    unknown_age = [
        {"key": "c1", "works": True, "age": {"unknown": "cannot_tell"}, "hours": None}
    ]

    sentences = told(book_with(tmp_path), "en", children=unknown_age)

    assert sentences[2:-1] == [
        "Not known, and needed to decide:",
        (
            "Age (child 1): whoever answered could not tell. One answer to this could "
            "decide it."
        ),
        "Working time (child 1): it was not answered.",
    ]


def test_an_open_question_is_told_in_spanish(tmp_path: Path) -> None:
    sentences = told(book_with(tmp_path), "es", children=[{"key": "c1", "works": True}])

    assert sentences[0] == (
        "Trabaja un niño sin la edad mínima: no se puede determinar."
    )
    assert sentences[2:-1] == [
        "No se sabe, y hace falta para decidir:",
        (
            "Edad (niño o niña 1): no se preguntó. Una respuesta a esto podría bastar para "
            "decidir."
        ),
        "Jornada (niño o niña 1): no se preguntó.",
    ]


def test_disputed_readings_stand_side_by_side(tmp_path: Path) -> None:
    book = book_with(tmp_path, minimum_age=DISPUTED)
    fifteen = [{"key": "c1", "works": True, "age": 15, "hours": 2400}]

    sentences = told(book, "en", children=fifteen)

    assert sentences[0].endswith("non-conformity, minor.")
    assert sentences[1] == (
        "This is advice: it follows only from the strictest of several readings of the "
        "law, and counts in no grade."
    )
    assert "age: 15 years, less than 16 years" in sentences[2]
    assert sentences[3] == (
        "The law is disputed. Readings of minimum age for work in Colombia: 14 years "
        "(Convenio 138); 16 years (Constitución art. 128). The strictest is used."
    )


def test_law_that_nobody_has_checked_is_told(tmp_path: Path) -> None:
    law = FILES["parameters/minimum_age.yaml"].replace("verified,", "unverified,")
    book = book_with(tmp_path, minimum_age=law)

    sentences = told(book, "en", children=TWELVE)

    assert sentences[0].endswith("non-conformity, major.")
    assert sentences[1].startswith(
        "This stands on a legal value that nobody has checked"
    )
    assert "not yet checked against the law" in sentences[2]


@pytest.mark.parametrize(
    ("confidence", "since"),
    [
        ("verified", "in force since 8 May 2007"),
        ("verified_year_only", "in force since the year 2007"),
        ("ratification_verified_date_unverified", "its first day is not confirmed"),
    ],
)
def test_a_first_day_is_told_no_more_exactly_than_it_is_known(
    confidence: str, since: str, tmp_path: Path
) -> None:
    law = FILES["parameters/minimum_age.yaml"].replace("verified", confidence)

    sentences = told(book_with(tmp_path, minimum_age=law), "en", children=TWELVE)

    assert since in sentences[1]


def test_an_international_value_is_not_told_as_the_countrys_own(
    tmp_path: Path,
) -> None:
    law = FILES["parameters/minimum_age.yaml"].replace("country: CO", 'country: "*"')
    edition = {"edition.yaml": FILES["edition.yaml"] + "countries: [CO]\n"}
    book = read_book(
        write_book(tmp_path, {**edition, "parameters/minimum_age.yaml": law})
    )

    assert (
        "(minimum age for work, international: Ley"
        in told(book, "en", children=TWELVE)[1]
    )
    assert (
        "(edad mínima para trabajar, internacional: Ley"
        in told(book, "es", children=TWELVE)[1]
    )


def test_a_day_without_law_is_told(tmp_path: Path) -> None:
    sentences = told(
        book_with(tmp_path), "en", children=TWELVE, observed_on="2007-05-07"
    )

    assert sentences[0].endswith("undetermined.")
    assert sentences[-2] == (
        "Minimum age for work: no value is known for Colombia on 7 May 2007."
    )


LINES: list[tuple[str, dict[str, object], str]] = [
    ("documents_held", {"documents_held": True}, "Documents are held by the employer: yes."),
    ("not documents_held", {"documents_held": True}, "Documents are held by the employer: yes."),
    ("exit_from_housing = permission_needed", {"exit_from_housing": "permission_needed"}, "Leaving the housing: only with permission."),
    ("protection_given has any of [gloves]", {"protection_given": []}, "Protection that is given out: none of them."),
    ("work_ends > 18:00", {"work_ends": 1200}, "End of the working day: 20:00, more than 18:00."),
    ("wage is missing", {}, "Wage of a month: not known (it was not asked)."),
    ("deductions * 100 > wage * 30", {"wage": 10000000, "deductions": 4000000},
     "Deductions of a month: COP 40,000 a month; wage of a month: COP 100,000 a month; deductions of a month × 100 = COP 4,000,000 a month, more than wage of a month × 30 = COP 3,000,000 a month."),
    ("deductions > wage", {"wage": 100, "deductions": 100}, "Deductions of a month: COP 1 a month, exactly wage of a month: COP 1 a month."),
    ("work_began < contract_signed", {"work_began": "2026-01-02", "contract_signed": "2026-01-05"},
     "Day the work began: 2 January 2026, before day the contract was signed: 5 January 2026."),
    ("days(work_began, contract_signed) > 2", {"work_began": "2026-01-02", "contract_signed": "2026-01-05"},
     "Day the work began: 2 January 2026; day the contract was signed: 5 January 2026; days from day the work began to day the contract was signed = 3 days, more than 2 days."),
    ("law.permit_needed", {}, "A permit is needed, Colombia: Ley 1098 de 2006 art. 113; in force, from a day not established; read in its source: yes."),
    ("normal_time > 48 hours/week", {}, "Normal working time: not known (it was not asked); it matters whether it is more than 48 hours a week."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "facts", "sentence"), LINES)
def test_each_kind_of_line_is_told(
    line: str, facts: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    assert told_of_line(tmp_path, line, facts)[0] == sentence


def test_every_sentence_exists_in_spanish_too(tmp_path: Path) -> None:
    for number, (line, facts, sentence) in enumerate(LINES):
        folder = tmp_path / str(number)

        spanish = told_of_line(folder, line, facts, "es")

        assert spanish
        assert spanish[0] != sentence


@pytest.mark.parametrize(
    ("line", "workers", "sentences"),
    [
        (
            "count workers: {where: paid_late, at_least: 2}",
            [{"key": "w1", "paid_late": True}, {"key": "w2"}, {"key": "w3", "paid_late": True}],
            [
                "Of the workers (3), true of 2 and not known of 1; what counts is at least 2: is paid late.",
                "Worker 1: is paid late: yes.",
                "Worker 3: is paid late: yes.",
            ],
        ),
        (
            "every workers: {all: [paid_late], if_empty: clear}",
            [{"key": "w1", "paid_late": True}],
            ["True of each of the workers (1): is paid late."],
        ),
        (
            "every workers: {all: [paid_late], if_empty: clear}",
            [{"key": "w1", "paid_late": True}, {"key": "w2", "paid_late": False}],
            ["Worker 2: is paid late: no."],
        ),
    ],
)  # fmt: skip
def test_each_way_over_a_roster_is_told(
    line: str, workers: object, sentences: list[str], tmp_path: Path
) -> None:
    book = read_book(write_book(tmp_path, rule_file(line)))

    found = told(book, "en", "forced_labour.tested", workers=workers)

    assert found[1:-1] == sentences


def test_what_limits_a_rule_is_told(tmp_path: Path) -> None:
    rule = FILES["child_labour/minimum_age.yaml"].replace(
        "severity:", "commodities: [palm_oil]\nseverity:"
    )
    rule += "  - {why: d, country: CO, day: 2024-05-01, verdict: not_applicable}\n"
    book = read_book(write_book(tmp_path, {"child_labour/minimum_age.yaml": rule}))

    assert told(book, "en")[1:-1] == ["The rule is not for this commodity."]
    assert told(book, "es")[1:-1] == ["La regla no rige para este producto."]


def test_a_rule_that_does_not_apply_for_what_was_found_says_so(tmp_path: Path) -> None:
    file = rule_file("documents_held", extra="applies_when: wage > 0\n")
    name = "forced_labour/tested.yaml"
    file[name] += (
        "  - {why: d, country: CO, day: 2024-05-01, verdict: not_applicable}\n"
    )
    file[name] = file[name].replace("wage > 0", "wage > 1")
    book = read_book(write_book(tmp_path, file))

    assert told(book, "en", "forced_labour.tested", facts={"wage": 100})[1:-1] == [
        "Wage of a month: COP 1 a month, more than COP 0.01 a month.",
        "Documents are held by the employer: not known (it was not asked).",
        "Not known, and needed to decide:",
        (
            "Documents are held by the employer: it was not asked. One answer to this could "
            "decide it."
        ),
    ]
    assert told(book, "en", "forced_labour.tested", facts={"wage": 1})[1:-1] == [
        "The rule does not apply, because of what was found:",
        "Wage of a month: COP 0.01 a month, exactly COP 0.01 a month.",
    ]
