"""Facts can be derived again from what is kept, and are the same to the byte."""

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from audits.checklists.form import schema_from_json, schema_to_json
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from audits.submissions.arriving import JSON, XML
from audits.submissions.facts import (
    Source,
    derive_facts,
    refused_answers,
    vocabulary_sha256,
)
from compliance.identifiers import SiteId
from compliance.registry.queries import SiteRecord
from rules import AnswersRejected, read_book
from rules.texts import Text
from rules.vocabulary import Commodity, SiteKind, Vocabulary
from tests.field import record, workbook

BOOK = read_book()
FARM = SiteRecord(
    id=SiteId(UUID(int=1)),
    public_id="site_a",
    kind=SiteKind.PRODUCER,
    name="Finca El Recuerdo",
    country="CO",
    admin1=None,
    municipality=None,
    commodity=Commodity.COFFEE,
    latitude=None,
    longitude=None,
    area_square_metres=None,
    group_public_id=None,
    group_name=None,
)


def source(**answers: str) -> Source:
    schema = schema_of(convert(workbook(), BOOK.vocabulary))
    content = record("site_a", **answers)
    return Source(XML, content, schema, FARM, date(2026, 11, 3))


def test_the_document_is_what_the_rules_read() -> None:
    facts = derive_facts(BOOK.vocabulary, source(papers="yes", longest_week="48.5"))

    assert json.loads(facts.document) == {
        "country": "CO",
        "commodity": "coffee",
        "site_kind": "producer",
        "observed_on": "2026-11-03",
        "facts": {"documents_held": True, "records_longest_week": 2910},
    }
    assert facts.faults == b"[]"


def test_deriving_again_gives_the_same_hash() -> None:
    first = source(papers="unk", longest_week="60")
    kept = schema_from_json(schema_to_json(first.schema))

    again = derive_facts(BOOK.vocabulary, replace(first, schema=kept))

    assert again.sha256 == derive_facts(BOOK.vocabulary, first).sha256


def test_blank_and_not_asked_stay_apart() -> None:
    facts = derive_facts(BOOK.vocabulary, source(papers=""))

    assert json.loads(facts.document)["facts"] == {"documents_held": None}


def test_an_answer_that_cannot_be_read_is_told_and_counts_as_blank() -> None:
    facts = derive_facts(BOOK.vocabulary, source(longest_week="eight"))

    assert json.loads(facts.document)["facts"] == {"records_longest_week": None}
    (fault,) = json.loads(facts.faults)
    assert (fault["path"], fault["given"]) == ("/data/longest_week", "eight")


def test_answers_outside_the_vocabulary_are_refused() -> None:
    content = json.dumps({"facts": {"documents_held": "yes"}}).encode()

    with pytest.raises(AnswersRejected) as caught:
        derive_facts(
            BOOK.vocabulary, replace(source(), media_type=JSON, content=content)
        )
    (error,) = refused_answers(json.loads(content), caught.value)

    assert error["field"] == "facts.documents_held"
    assert error["given"] == '"yes"'
    assert error["remedy"] == Text(
        "cannot be the text 'yes'. Send true or false.",
        "no puede ser el texto 'yes'. Envíe true o false.",
    )


def test_what_was_given_is_found_inside_a_roster() -> None:
    document = {"facts": {}, "children": [{"key": "c1", "age": 200}]}
    content = json.dumps(document).encode()

    with pytest.raises(AnswersRejected) as caught:
        derive_facts(
            BOOK.vocabulary, replace(source(), media_type=JSON, content=content)
        )
    (error,) = refused_answers(document, caught.value)

    assert (error["field"], error["given"]) == ("children[0].age", "200")


def test_a_vocabulary_has_another_fingerprint_when_a_fact_means_something_else() -> (
    None
):
    fact = BOOK.vocabulary.facts["records_longest_week"]
    widened = Vocabulary(
        {**BOOK.vocabulary.facts, fact.id: replace(fact, highest=fact.highest + 1)}
    )

    assert vocabulary_sha256(widened) != vocabulary_sha256(BOOK.vocabulary)
    assert vocabulary_sha256(read_book().vocabulary) == vocabulary_sha256(
        BOOK.vocabulary
    )
