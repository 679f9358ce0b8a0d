"""The records of the story are ones a device could have sent, and find what they tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

from api.demonstration.answering import record_of
from api.demonstration.story import Answering, Story, read_answering, read_story
from api.demonstration.supply import invent
from api.demonstration.visits import Visit, visits_of
from audits.checklists.actions import library_workbooks
from audits.checklists.answers import Fault, facts_of
from audits.checklists.form import SILENT_TYPES, FormSchema, Question
from audits.checklists.instance import Instance, Node, nodes_at, read_instance
from audits.checklists.metadata import metadata_of
from audits.checklists.relevance import absolute, holds, read_condition
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from audits.visits.models import AuditKind
from rules import Book, Outcome, Severity, assess, read_answers, read_book


@dataclass(frozen=True)
class Told:
    """A visit, its record, and what the book says of it."""

    visit: Visit
    content: bytes
    instance: Instance
    faults: tuple[Fault, ...]
    verdicts: Mapping[str, Outcome]
    severities: Mapping[str, Severity]

    def broken(self) -> set[str]:
        return {
            rule
            for rule, outcome in self.verdicts.items()
            if outcome is Outcome.NON_CONFORMITY
        }


VISITS = (AuditKind.FARM_VISIT, AuditKind.MILL_AUDIT)


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book()


@pytest.fixture(scope="module")
def schemas(book: Book) -> dict[str, FormSchema]:
    found = (schema_of(convert(one, book.vocabulary)) for one in library_workbooks())
    return {schema.form_id: schema for schema in found}


@pytest.fixture(scope="module")
def answerings() -> dict[str, Answering]:
    return {kind: read_answering(kind) for kind in VISITS}


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="module")
def told(
    story: Story,
    book: Book,
    schemas: Mapping[str, FormSchema],
    answerings: Mapping[str, Answering],
) -> dict[str, Told]:
    """Every visit of the story, judged."""
    visits = visits_of(story, invent(story))
    return {
        visit.key: judged(
            story, book, visit, answerings[visit.kind], schemas[visit.kind]
        )
        for visit in visits
    }


def judged(
    story: Story, book: Book, visit: Visit, answering: Answering, schema: FormSchema
) -> Told:
    record = record_of(story, visit, answering, schema, "site_0123456789abcdef")
    instance = read_instance(record.content)
    reading = facts_of(schema, instance)
    document = {
        "country": visit.site.country,
        "commodity": visit.site.commodity.value,
        "site_kind": visit.site.kind.value,
        "observed_on": visit.day.isoformat(),
        **reading.document(),
    }
    verdicts = assess(book, read_answers(book.vocabulary, document))
    return Told(
        visit=visit,
        content=record.content,
        instance=instance,
        faults=tuple(reading.faults),
        verdicts={verdict.rule: verdict.outcome for verdict in verdicts},
        severities={verdict.rule: verdict.severity for verdict in verdicts},
    )


def test_the_same_visit_gives_the_same_bytes(
    story: Story,
    book: Book,
    told: Mapping[str, Told],
    schemas: Mapping[str, FormSchema],
    answerings: Mapping[str, Answering],
) -> None:
    before = told["c26-4"]

    again = judged(
        story, book, before.visit, answerings["farm_visit"], schemas["farm_visit"]
    )

    assert again.content == before.content


def test_no_two_visits_answer_alike(told: Mapping[str, Told]) -> None:
    assert len({one.content for one in told.values()}) == len(told)


@pytest.mark.parametrize("kind", VISITS)
def test_whatever_the_story_answers_is_asked(
    kind: AuditKind,
    schemas: Mapping[str, FormSchema],
    answerings: Mapping[str, Answering],
) -> None:
    answering = answerings[kind]
    alternatives = [
        *(row for rows in answering.varies for row in rows),
        *answering.departures.values(),
    ]
    names = {*answering.good, *answering.worker, *answering.child}
    for one in alternatives:
        names |= set(named(one))

    assert sorted(names - set(schemas[kind].by_name)) == []


def named(departure: Mapping[str, object]) -> Iterable[str]:
    """Return the names of the questions that a departure answers."""
    inner = [departure.get("worker", {}), *as_list(departure.get("children", []))]
    for one in inner:
        assert isinstance(one, dict)
        yield from one
    yield from set(departure) - {"worker", "children", "unknown", "blank"}


def as_list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def test_every_answer_can_be_read(told: Mapping[str, Told]) -> None:
    assert [(key, one.faults) for key, one in told.items() if one.faults] == []


def test_no_required_question_that_was_asked_is_blank(
    told: Mapping[str, Told], schemas: Mapping[str, FormSchema]
) -> None:
    blank = {
        (key, question.name)
        for key, one in told.items()
        for question in schemas[one.visit.kind].questions
        if question.required and is_blank(one.instance, question)
    }

    assert blank == set()


def is_blank(instance: Instance, question: Question) -> bool:
    """Tell whether a node of the question stands in the record without an answer."""
    return any(not node.text for node in nodes_at(instance.root, question.path))


def test_what_was_not_to_be_asked_does_not_stand_in_the_record(
    told: Mapping[str, Told], schemas: Mapping[str, FormSchema]
) -> None:
    surplus = {
        (key, question.name)
        for key, one in told.items()
        for question in schemas[one.visit.kind].asked_in(None)
        if question.type not in SILENT_TYPES
        if nodes_at(one.instance.root, question.path)
        and not is_relevant(one.instance.root, question)
    }

    assert surplus == set()


def is_relevant(root: Node, question: Question) -> bool:
    def answer(path: str, from_path: str) -> str:
        found = nodes_at(root, absolute(path, from_path))
        return found[0].text if found else ""

    return all(
        holds(
            read_condition(one.expression),
            lambda path, place=one.path: answer(path, place),  # type: ignore[misc]  # mypy cannot see the default
        )
        for one in question.relevance
    )


def test_the_record_tells_its_site_day_and_circumstances(
    told: Mapping[str, Told], schemas: Mapping[str, FormSchema]
) -> None:
    one = told["c26-4"]

    metadata = metadata_of(schemas["farm_visit"], one.instance)

    assert metadata.site_reference == "site_0123456789abcdef"
    assert metadata.observed_on == one.visit.day
    assert metadata.started_at == one.visit.started_at
    assert metadata.consent == "yes"
    assert metadata.location is not None
    assert abs(float(metadata.location.latitude) - one.visit.site.latitude) < 0.001


def test_exactly_one_visit_suspects_child_labour(told: Mapping[str, Told]) -> None:
    found = [
        key for key, one in told.items() if "child_labour.minimum_age" in one.broken()
    ]

    assert found == ["c26-4"]


def test_the_child_is_thirteen_carries_loads_and_misses_school(
    told: Mapping[str, Told],
) -> None:
    broken = told["c26-4"].broken()

    assert {
        "child_labour.minimum_age",
        "child_labour.hazardous_task",
        "child_labour.school",
    } <= broken


def test_exactly_one_visit_finds_documents_kept_back(
    told: Mapping[str, Told],
) -> None:
    found = [
        key
        for key, one in told.items()
        if "forced_labour.documents_denied" in one.broken()
    ]

    assert found == ["p25-3"]


def test_exactly_one_visit_finds_debt_bondage(told: Mapping[str, Told]) -> None:
    found = [
        key for key, one in told.items() if "forced_labour.debt_bondage" in one.broken()
    ]

    assert found == ["p26-2"]


def test_nothing_else_is_of_zero_tolerance(told: Mapping[str, Told]) -> None:
    grave = {
        key
        for key, one in told.items()
        for rule in one.broken()
        if one.severities[rule] is Severity.ZERO_TOLERANCE
    }

    assert grave == {"c26-4", "p25-3", "p26-2"}


def test_most_farms_break_nothing_or_only_how_they_were_visited(
    told: Mapping[str, Told],
) -> None:
    farms = [one for one in told.values() if one.visit.kind is AuditKind.FARM_VISIT]

    good = [
        one for one in farms if one.broken() <= {"grievance_and_management.weak_audit"}
    ]

    assert len(good) > len(farms) / 2


@pytest.mark.parametrize("mill", ["coffee-mill", "palm_oil-mill"])
def test_the_findings_of_a_mill_grow_fewer(mill: str, told: Mapping[str, Told]) -> None:
    counts = [len(told[f"{mill}-{year}"].broken()) for year in (2024, 2025, 2026)]

    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 3
    assert counts[-1] > 0


def test_every_departure_is_told_by_some_visit_and_found(
    told: Mapping[str, Told], answerings: Mapping[str, Answering]
) -> None:
    departed = {
        (one.visit.kind.value, name)
        for one in told.values()
        for name in one.visit.written.departs
    }
    findable = {"much_unknown", "refused"}

    without = [
        key
        for key, one in told.items()
        if set(one.visit.written.departs) - findable and not one.broken()
    ]

    assert departed == {
        (kind, name)
        for kind, answering in answerings.items()
        for name in answering.departures
    }
    assert without == []


def test_some_questions_could_not_be_answered(told: Mapping[str, Told]) -> None:
    outcomes = Counter(
        outcome for one in told.values() for outcome in one.verdicts.values()
    )

    assert all(outcomes[outcome] > 0 for outcome in Outcome)
    refused = told["c25-9"].verdicts.values()
    assert Outcome.CONFORMITY not in refused
