"""What a record says of the visit is taken as far as it can be relied on."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audits.checklists.form import FormSchema
from audits.checklists.instance import read_instance
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from audits.submissions.arriving import (
    ArrivedFile,
    Told,
    parcel_of_xml,
    told_by_xml,
)
from audits.submissions.attachments import wanted
from audits.visits.models import Notice
from rules import read_book
from tests.field import CHOICES, SURVEY, record
from tests.unit.checklists.samples import SETTINGS, markdown


@pytest.fixture(scope="module")
def schema() -> FormSchema:
    season = {"type": "text", "name": "visit_season", "en": "Season", "es": "Temporada"}
    content = markdown((*SURVEY, season), CHOICES, SETTINGS)
    return schema_of(convert(content, read_book().vocabulary))


def told(schema: FormSchema, **answers: str) -> Told:
    return told_by_xml(schema, read_instance(record("site_a", **answers)))


def test_a_record_names_itself_and_its_device() -> None:
    parcel = parcel_of_xml(record("site_a", edits="uuid:0"), device_id="collect:A")

    assert (parcel.form_id, parcel.version) == ("small_visit", "1")
    assert (parcel.instance_id, parcel.deprecated_id) == ("uuid:1", "uuid:0")
    assert parcel.device_id == "collect:A"


def test_the_visit_is_read_from_the_answers(schema: FormSchema) -> None:
    visit = told(
        schema,
        visit_notice="announced",
        person_hours="7.5",
        photo="a b.jpg",
        audit="audit.csv",
    )

    assert visit.site_reference == "site_a"
    assert visit.observed_on == date(2026, 11, 3)
    assert visit.started_at == datetime(2026, 11, 3, 13, tzinfo=UTC)
    assert visit.circumstances.notice is Notice.ANNOUNCED
    assert visit.circumstances.spent_minutes == 450
    assert set(visit.files) == {"a b.jpg", "audit.csv"}


@pytest.mark.parametrize("hours", ["", "-1", "NaN", "1e9", "99999999999", "abc"])
def test_hours_that_cannot_be_are_not_taken(schema: FormSchema, hours: str) -> None:
    assert told(schema, person_hours=hours).circumstances.spent_minutes is None


@pytest.mark.parametrize(
    "started", ["2026-11-03T08:00:00", "0001-01-01T00:00:00+14:00", "soon", ""]
)
def test_a_clock_without_a_zone_or_sense_is_not_taken(
    schema: FormSchema, started: str
) -> None:
    assert told(schema, started=started).started_at is None


@pytest.mark.parametrize(
    ("answer", "season"),
    [
        ("main_harvest", "2026-main"),
        ("second_harvest", "2026-mid"),
        ("between", "2026"),
        ("2025-main", "2025-main"),
        ("someday", None),
        ("", None),
    ],
)
def test_the_season_is_named_as_the_register_names_it(
    schema: FormSchema, answer: str, season: str | None
) -> None:
    assert told(schema, visit_season=answer).circumstances.season == season


@pytest.mark.parametrize("choice", ["", "unheard_of"])
def test_a_notice_nobody_defined_says_nothing(schema: FormSchema, choice: str) -> None:
    assert told(schema, visit_notice=choice).circumstances.notice is None


def arrived(name: str) -> ArrivedFile:
    return ArrivedFile(name, Path("unused"), "00", 1, b"")


def test_only_files_that_the_answers_name_are_wanted() -> None:
    files = [arrived("a.jpg"), arrived("b.jpg")]

    assert [name for name, _ in wanted(files, ["b.jpg"])] == ["b.jpg"]


def test_an_accent_composed_differently_is_the_same_name() -> None:
    files = [arrived("cafe\u0301.jpg")]

    assert [name for name, _ in wanted(files, ["caf\u00e9.jpg"])] == ["caf\u00e9.jpg"]


def test_all_files_are_kept_when_the_answers_cannot_be_read() -> None:
    files = [arrived("a.jpg"), arrived("b.jpg")]

    assert [name for name, _ in wanted(files, None)] == ["a.jpg", "b.jpg"]
