"""The two checklists that come with the product are whole, bilingual and valid."""

import shutil
from collections import Counter

import pytest

from audits.checklists import metadata
from audits.checklists.actions import LIBRARY
from audits.checklists.coverage import coverage_of
from audits.checklists.form import Purpose, QuestionType
from audits.checklists.library import library_checklists
from audits.checklists.odk_validate import validate
from audits.checklists.printing import printed
from audits.checklists.xform import conditions_not_understood
from audits.checklists.xlsform import convert
from rules import Asked, read_book
from rules.vocabulary import Roster, SiteKind
from tests.unit.checklists.samples import (
    CHECKLISTS,
    DOCUMENTS,
    VISITS,
    book_vocabulary,
    library_bytes,
    library_conversion,
    library_schema,
    markdown,
)
from tests.unit.checklists.samples import VOCABULARY as SMALL_VOCABULARY

# What only happens in a field: crews paid by the basket, sprayed plots, children along.
NOT_AT_MILLS = {
    SiteKind.PRODUCER: set(),
    SiteKind.MILL: {
        "child_labour.no_safe_place_for_children",
        "child_labour.quota_needs_family",
        "child_labour.work_on_an_adults_ticket",
        "wages_and_hours.advances_without_account",
        "wages_and_hours.piece_work_hours",
        "recruitment_and_contracts.family_without_contract",
        "health_and_safety.pesticides_around",
        "health_and_safety.pesticides_without_protection",
    },
}
NO_JAVA = "ODK Validate needs Java; Debian's package is `default-jre-headless`"
MISSPELT_FUNCTION = b"selekted(/data/papers, 'yes')"


@pytest.mark.parametrize("name", CHECKLISTS)
def test_a_checklist_of_the_library_has_no_mistake_and_no_warning(name: str) -> None:
    conversion = library_conversion(name)

    assert conversion.warnings == ()
    assert conversion.form_id == name


@pytest.mark.parametrize("name", CHECKLISTS)
def test_its_printed_form_is_in_step_with_the_workbook(name: str) -> None:
    document = (DOCUMENTS / f"{name}.md").read_text(encoding="utf-8")

    assert document == printed(library_schema(name))


@pytest.mark.parametrize("name", CHECKLISTS)
def test_every_question_speaks_both_languages(name: str) -> None:
    schema = library_schema(name)

    labels = [one.label for one in schema.questions if one.label.en or one.label.es]
    labels += [one.hint for one in schema.questions if one.hint.en or one.hint.es]
    labels += [choice.label for one in schema.questions for choice in one.choices]

    assert len(labels) > 70
    assert [label for label in labels if not (label.en and label.es)] == []


@pytest.mark.parametrize("name", CHECKLISTS)
def test_its_skip_logic_is_all_of_the_subset_that_is_evaluated(name: str) -> None:
    assert conditions_not_understood(library_schema(name)) == ()


@pytest.mark.parametrize("name", CHECKLISTS)
def test_it_asks_each_fact_once_and_every_entry_has_a_key(name: str) -> None:
    schema = library_schema(name)

    asked = Counter(one.fact.id for one in schema.questions if one.fact)

    assert set(asked.values()) <= {1}
    assert all(repeat.row_key for repeat in schema.repeats)


@pytest.mark.parametrize("name", VISITS)
def test_a_visit_lists_children_and_workers(name: str) -> None:
    assert {repeat.roster for repeat in library_schema(name).repeats} == set(Roster)


@pytest.mark.parametrize(("name", "kind"), [*zip(VISITS, SiteKind, strict=True)])
def test_a_visit_can_decide_what_it_finds_at_its_kind_of_site(
    name: str, kind: SiteKind
) -> None:
    covered = coverage_of(library_schema(name), read_book()).rules
    here = [one for one in covered if not one.site_kinds or kind in one.site_kinds]

    undecided = {one.rule for one in here if one.how is Asked.NEVER}

    assert undecided == NOT_AT_MILLS[kind]


@pytest.mark.parametrize("name", CHECKLISTS)
def test_only_what_somebody_from_outside_saw_is_a_visit(name: str) -> None:
    says_itself = name.startswith("self_assessment")

    purpose = library_schema(name).purpose

    assert (purpose is Purpose.SELF_ASSESSMENT) is says_itself
    assert (purpose is Purpose.COMMUNITY) is (name == "community_profile")


@pytest.mark.parametrize("name", VISITS)
def test_it_tells_all_the_metadata(name: str) -> None:
    assert set(metadata.METADATA_QUESTIONS) <= set(library_schema(name).by_name)


@pytest.mark.parametrize("name", CHECKLISTS)
def test_it_asks_for_no_free_text_but_the_name_of_a_place(name: str) -> None:
    schema = library_schema(name)

    texts = [one.name for one in schema.questions if one.type is QuestionType.TEXT]

    place = "community" if name == "community_profile" else "site_ref"
    assert texts == [place]


@pytest.mark.parametrize("name", VISITS)
def test_it_asks_for_no_photo_of_a_person(name: str) -> None:
    schema = library_schema(name)

    photos = [one for one in schema.questions if one.type is QuestionType.IMAGE]

    assert [(one.name, one.repeat) for one in photos] == [("photo_records", None)]
    assert "Never of a child" in photos[0].hint.en
    assert b'max-pixels="1600"' in library_conversion(name).xform


@pytest.mark.parametrize("name", CHECKLISTS)
def test_what_nobody_may_know_can_be_said_to_be_unknown(name: str) -> None:
    asked = [one for one in library_schema(name).questions if one.fact and one.choices]
    # The auditor always knows how the visit was announced and in which season it fell.
    known = {"visit_notice", "visit_season"} if name in VISITS else set()

    closed = {
        one.name
        for one in asked
        if "unk" not in {choice.name for choice in one.choices}
    }

    assert closed == known


@pytest.mark.parametrize("name", CHECKLISTS)
def test_the_workbook_gives_the_same_bytes_every_time(name: str) -> None:
    again = convert(library_bytes(name), book_vocabulary())

    assert again.xform == library_conversion(name).xform


def test_the_library_hands_out_its_workbooks() -> None:
    found = library_checklists()

    assert found == {name: library_bytes(name) for name in CHECKLISTS}
    assert tuple(f"{name}.xlsx" for name in CHECKLISTS) == LIBRARY


@pytest.mark.skipif(shutil.which("java") is None, reason=NO_JAVA)
@pytest.mark.parametrize("name", CHECKLISTS)
def test_odk_validate_accepts_it(name: str) -> None:
    outcome = validate(library_conversion(name).xform)

    assert outcome.was_run
    assert outcome.complaints == ()


@pytest.mark.skipif(shutil.which("java") is None, reason=NO_JAVA)
def test_odk_validate_finds_what_pyxform_lets_pass() -> None:
    conversion = convert(markdown(), SMALL_VOCABULARY)
    broken = conversion.xform.replace(b"/data/papers  = 'yes'", MISSPELT_FUNCTION)

    outcome = validate(broken)

    assert broken != conversion.xform
    assert outcome.was_run
    assert any("selekted" in complaint for complaint in outcome.complaints)


def test_without_java_the_validation_says_that_it_was_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    outcome = validate(library_conversion("farm_visit").xform)

    assert not outcome.was_run
    assert outcome.complaints == ()
