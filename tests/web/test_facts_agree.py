"""The device reads a filled form as the server does: equal facts, no difference."""

import base64
import json
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from api.pages.field_package import reading_of
from audits.checklists.answers import facts_of
from audits.checklists.filling import fill
from audits.checklists.form import FormSchema, Question, QuestionType
from audits.checklists.instance import read_instance
from tests.chromium import launched, needs_chromium
from tests.random_audits import seeded
from tests.unit.checklists.samples import library_schema, sample_schema

FACTS = Path(__file__).parents[2] / "web" / "form" / "src" / "facts.js"
ASK = """async (given) => {
  const [source, reading, records] = JSON.parse(given);
  const { factsOf } = await import(source);
  return JSON.stringify(records.map((xml) => {
    const { asked, ...document } = factsOf(reading, xml);
    return document;
  }));
}"""
CHECKLISTS = (
    "farm_visit",
    "mill_audit",
    "worker_interview",
    "household_visit",
    "self_assessment_producer",
    "self_assessment_mill",
)
RECORDS = 25
BLANK_SHARE = 0.15
GATES = {"consent", "children_seen", "workers_spoken_with", "child_works"}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with launched() as browser:
        opened = browser.new_page()
        opened.goto("about:blank")
        yield opened


def answered(chance: Random, question: Question) -> object:
    """Return something a person could answer, odd answers among them."""
    names = [choice.name for choice in question.choices]
    if question.name in GATES and chance.random() < 0.7:
        return "yes"
    match question.type:
        case QuestionType.SELECT_ONE:
            return chance.choice(names)
        case QuestionType.SELECT_MULTIPLE:
            return chance.sample(names, chance.randint(1, min(3, len(names))))
        case QuestionType.INTEGER:
            return chance.choice([0, 1, 12, 17, 40, 10**6])
        case QuestionType.DECIMAL:
            return Decimal(chance.choice([0, 1, 2, 30, 97])) / chance.choice([1, 4, 8])
        case QuestionType.DATE:
            return date(2026, chance.randint(1, 12), chance.randint(1, 28))
        case QuestionType.TIME:
            return time(chance.randint(0, 23), chance.choice([0, 30, 59]))
        case _:
            return None


def entry(chance: Random, schema: FormSchema, repeat: str | None) -> Any:
    return {
        question.name: answered(chance, question)
        for question in schema.asked_in(repeat)
        if chance.random() > BLANK_SHARE
    }


def filled(chance: Random, schema: FormSchema) -> str:
    answers = entry(chance, schema, None)
    for repeat in schema.repeats:
        answers[repeat.name] = [
            entry(chance, schema, repeat.path) for _ in range(chance.randint(0, 3))
        ]
    known = {name: value for name, value in answers.items() if value is not None}
    return fill(schema, known, instance_id="uuid:1").decode()


@needs_chromium
@pytest.mark.parametrize("checklist", [*CHECKLISTS, "sample"])
def test_the_device_reads_the_same_facts(page: Page, checklist: str) -> None:
    chance = seeded(len(checklist))
    schema = sample_schema() if checklist == "sample" else library_schema(checklist)
    records = [filled(chance, schema) for _ in range(RECORDS)]
    source = base64.b64encode(FACTS.read_bytes()).decode()
    given = [f"data:text/javascript;base64,{source}", reading_of(schema), records]

    found = json.loads(page.evaluate(ASK, json.dumps(given)))

    wanted = [
        facts_of(schema, read_instance(one.encode())).document() for one in records
    ]
    assert found == json.loads(json.dumps(wanted))
    assert max(len(json.dumps(one)) for one in found) > 200
