"""A home visit that asks about people, with words planted that must get out nowhere."""

import uuid
from collections.abc import Iterator, Mapping

from sqlalchemy import inspect, text

from compliance.database import Database
from tests.unit.checklists.samples import SETTINGS, Row, markdown

PLANTED = {
    "child_name": "Yulieth Planted",
    "birth_date": "2013-04-17",
    "phone": "+57 311 555 0142",
    "doctor": "Doctora Remedios Planted",
    "worker_name": "Evaristo Planted",
    "works": "planted-no-choice",
    "portrait": "Yulieth Planted retrato.jpg",
    "unknown": "Somebody Planted whom nobody asked about",
    "summary": "Evaristo Planted, 17 de abril",
    "instance_name": "Visita a Evaristo Planted",
}
WORDS = (
    "Planted",
    "2013-04-17",
    "311 555",
    "17 de abril",
    "planted-no-choice",
)
PICTURE = b"\xff\xd8\xff\xe0 a face that nobody may see: Yulieth Planted"
LOG = b"event,node,start,end,old-value\nquestion,/data/x,1,2,Evaristo Planted\n"


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},
    {"type": "audit", "name": "audit"},
    _asked("text", "site_ref"),
    _asked("date", "observed_on"),
    _asked("select_one yes_no", "papers", fact="documents_held"),
    _asked("text", "remarks"),
    _asked("text", "doctor", sensitive="third_party"),
    _asked("text", "worker_name", sensitive="worker"),
    {
        "type": "calculate",
        "name": "summary",
        "calculation": "concat(${worker_name}, ' ', ${doctor})",
    },
    _asked("image", "portrait", sensitive="child"),
    _asked("image", "field_photo"),
    {
        "type": "begin_repeat",
        "name": "children",
        "en": "Children",
        "es": "Niños",
        "roster": "children",
    },
    {"type": "calculate", "name": "child_id", "calculation": "once(uuid())"},
    _asked("text", "child_name", sensitive="child"),
    _asked("date", "birth_date", sensitive="child"),
    _asked("text", "phone", sensitive="third_party"),
    _asked("integer", "age", fact="children.age", unit="years"),
    _asked("select_one yes_no", "works", fact="children.works"),
    {"type": "end_repeat", "name": ""},
)
CHOICES: tuple[Row, ...] = tuple(
    {"list_name": "yes_no", "name": name, "en": "Choice", "es": "Opción"}
    for name in ("yes", "no", "unk")
)
CHILD_ID = str(uuid.UUID(int=7))


def sealing_workbook(version: str = "1") -> bytes:
    settings = {
        **SETTINGS,
        "form_id": "home_visit",
        "version": version,
        "form_title": "Home visit",
    }
    return markdown(SURVEY, CHOICES, settings)


def home_visit(
    site: str, *, instance_id: str = "uuid:1", edits: str = "", **changes: str
) -> bytes:
    said = PLANTED | {"age": "13", "site": site} | changes
    deprecated = f"<deprecatedID>{edits}</deprecatedID>" if edits else ""
    return f"""<data id="home_visit" version="1" note="{said["unknown"]}">
    <!-- {said["unknown"]} -->
    <start>2026-11-03T08:00:00.000-05:00</start>
    <site_ref>{said["site"]}</site_ref><observed_on>2026-11-03</observed_on>
    <papers>yes</papers><remarks>A tidy farm</remarks>
    <doctor>{said["doctor"]}</doctor><worker_name>{said["worker_name"]}</worker_name>
    <summary>{said["summary"]}</summary>
    <portrait>{said["portrait"]}</portrait><field_photo>field.jpg</field_photo>
    <once_asked>{said["unknown"]}</once_asked>
    <children><child_id>{CHILD_ID}</child_id>
      <child_name>{said["child_name"]}</child_name>
      <birth_date>{said["birth_date"]}</birth_date><phone>{said["phone"]}</phone>
      <age>{said["age"]}</age><works>{said["works"]}</works></children>
    <meta><instanceID>{instance_id}</instanceID>{deprecated}
      <instanceName>{said["instance_name"]}</instanceName>
      <audit>audit.csv</audit></meta></data>""".encode()


FILES = (
    (PLANTED["portrait"], PICTURE),
    ("field.jpg", b"\xff\xd8\xff\xe0 a field"),
    ("audit.csv", LOG),
)


def columns(database: Database) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every row of every table, jobs, trail and idempotency among them."""
    with database.reading() as session:
        for table in inspect(database.engine).get_table_names():
            rows = session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - our own tables
            for row in rows.mappings():
                yield table, dict(row)


def leaks(told: object) -> list[str]:
    """Return the planted words in whatever was told, in bytes or text."""
    if isinstance(told, bytes | memoryview):
        said = bytes(told).decode("utf-8", "replace")
    else:
        said = str(told)
    return [word for word in WORDS if word in said]
