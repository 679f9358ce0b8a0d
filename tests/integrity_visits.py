"""A checklist with a report and photographs, filled as a device fills it."""

from tests.field import record
from tests.unit.checklists.samples import SETTINGS, Row, markdown

HERE = "3.2000 -75.6000 1500 8.0"
SETTINGS_OF_REPORT = {
    **SETTINGS,
    "form_id": "small_visit",
    "version": "1",
    "form_title": "Visit with a report",
}


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},
    {"type": "end", "name": "end"},
    {"type": "audit", "name": "audit"},
    _asked("text", "site_ref"),
    _asked("date", "observed_on"),
    _asked("geopoint", "location"),
    _asked("select_one yes_no", "papers", fact="documents_held"),
    *(_asked("select_one yes_no", f"q{number}") for number in range(20)),
    _asked("text", "remarks"),
    *(_asked("image", name) for name in ("photo", "photo_1", "photo_2")),
    _asked("image", "portrait", sensitive="child"),
)
CHOICES: tuple[Row, ...] = tuple(
    {"list_name": "yes_no", "name": name, "en": "Choice", "es": "Opción"}
    for name in ("yes", "no", "unk")
)


def report_workbook() -> bytes:
    return markdown(SURVEY, CHOICES, SETTINGS_OF_REPORT)


def visit(site: str, day: int, **changes: str) -> bytes:
    """Return a visit of a day of November whose instance id tells the day."""
    answers = {f"q{one}": "yes" for one in range(20)}
    known = {"instance_id": f"uuid:{day}", "location": HERE, "papers": "no"}
    return record(
        site,
        started=f"2026-11-{day:02}T08:00:00.000-05:00",
        end=f"2026-11-{day:02}T09:30:00.000-05:00",
        **{**known, **answers, **changes},
    )
