"""A small checklist, a farm to visit, and a phone that sends as phones do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.unit.checklists.samples import SETTINGS, Row, changed, markdown

OPENROSA = {"X-OpenRosa-Version": "1.0"}
NAMESPACE = "{http://openrosa.org/http/response}"
BOUNDARY = "a-boundary-of-the-test"
XML_PART = "xml_submission_file"
JPEG = b"\xff\xd8\xff\xe0 a picture"
FARM = {"name": "Finca El Recuerdo", "country": "CO", "commodity": "coffee"}


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},
    {"type": "audit", "name": "audit"},
    _asked("text", "site_ref"),
    _asked("date", "observed_on"),
    _asked("select_one notice", "visit_notice"),
    _asked("decimal", "person_hours"),
    _asked("select_one yes_no", "papers", fact="documents_held"),
    _asked("decimal", "longest_week", fact="records_longest_week", unit="hours/week"),
    _asked("image", "photo"),
    _asked("image", "second_photo"),
    _asked("file", "paper"),
)
CHOICES: tuple[Row, ...] = tuple(
    {"list_name": list_name, "name": name, "en": "Choice", "es": "Opción"}
    for list_name, name in (
        ("yes_no", "yes"),
        ("yes_no", "no"),
        ("yes_no", "unk"),
        ("notice", "announced"),
        ("notice", "unannounced"),
    )
)


def workbook(
    version: str = "1",
    form_id: str = "small_visit",
    title: str = "Small visit",
    purpose: str = "",
) -> bytes:
    """Return a checklist with two pictures, a file and a log of the interview."""
    settings = {**SETTINGS, "form_id": form_id, "version": version, "form_title": title}
    return markdown(changed(SURVEY, 5, purpose=purpose), CHOICES, settings)


def workbook_with_list(
    version: str = "1", form_id: str = "visit_with_list", name: str = "producers.csv"
) -> bytes:
    """Return a checklist whose site is chosen from a list that travels beside it."""
    settings = {**SETTINGS, "form_id": form_id, "version": version, "form_title": "x"}
    chosen = changed(SURVEY, 4, type=f"select_one_from_file {name}")
    return markdown(chosen, CHOICES, settings)


def record(
    site: str | None,
    *,
    instance_id: str = "uuid:1",
    edits: str | None = None,
    version: str = "1",
    form_id: str = "small_visit",
    day: str | None = "2026-11-03",
    started: str | None = "2026-11-03T08:00:00.000-05:00",
    **answers: str,
) -> bytes:
    """Return a filled checklist as a device writes it."""
    known = {"start": started, "site_ref": site, "observed_on": day, **answers}
    audit = answers.pop("audit", None)
    inside = "".join(
        f"<{name}>{escape(text)}</{name}>"
        for name, text in known.items()
        if text is not None and name != "audit"
    )
    meta = {"instanceID": instance_id, "deprecatedID": edits, "audit": audit}
    told = "".join(
        f"<orx:{name}>{escape(text)}</orx:{name}>"
        for name, text in meta.items()
        if text is not None
    )
    return (
        f'<data xmlns:orx="http://openrosa.org/xforms" id="{form_id}" '
        f'version="{version}">{inside}<orx:meta>{told}</orx:meta></data>'
    ).encode()


def body_of(parts: Iterable[tuple[str, bytes]], *, end: bool = True) -> bytes:
    """Return a multipart body; names are raw UTF-8, a quotation mark is %22."""
    pieces = []
    for name, content in parts:
        quoted = name.replace('"', "%22")
        file_name = "" if name == "*isIncomplete*" else f'; filename="{quoted}"'
        head = f'Content-Disposition: form-data; name="{quoted}"{file_name}\r\n'
        pieces.append(f"--{BOUNDARY}\r\n{head}\r\n".encode() + content + b"\r\n")
    return b"".join(pieces) + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


@dataclass(frozen=True)
class Told:
    """What a phone reads in an answer."""

    status: int
    message: str
    nature: str


@dataclass(frozen=True)
class Phone:
    """A field app that belongs to an auditor of an organisation."""

    client: TestClient
    tenant: Tenant
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = "/openrosa"

    def post(self, content: Any, **headers: str) -> Told:
        answer = self.client.post(
            f"{self.address}/submission?deviceID=collect%3AAbCd",
            content=content,
            headers={
                **OPENROSA,
                **self.tenant.headers(Role.AUDITOR),
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                **self.headers,
                **headers,
            },
        )
        assert answer.headers["x-openrosa-version"] == "1.0"
        return told_by(answer.status_code, answer.content)

    def send(
        self,
        xml: bytes,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        is_incomplete: bool = False,
    ) -> Told:
        """Send a record with some of its files, as one of several uploads or the last."""
        flags = [("*isIncomplete*", b"yes")] if is_incomplete else []
        return self.post(body_of([(XML_PART, xml), *files, *flags]))

    def get(self, path: str, role: Role = Role.ADMINISTRATOR) -> Any:
        answer = self.client.get(path, headers=self.tenant.headers(role))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submissions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/v1/submissions")["items"]
        return found

    def attachments(self, submission: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/v1/submissions/{submission}/attachments")
        return found

    def refused(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/v1/refused-submissions")["items"]
        return found


def told_by(status: int, content: bytes) -> Told:
    """Read an OpenRosaResponse; it is one, whatever happened, and says something."""
    root = etree.fromstring(content)
    assert root.tag == f"{NAMESPACE}OpenRosaResponse"
    message = root.find(f"{NAMESPACE}message")
    assert message is not None
    assert message.text
    return Told(status, message.text, message.get("nature", ""))


def publish(client: TestClient, tenant: Tenant, content: bytes) -> dict[str, Any]:
    """Publish a checklist as an administrator."""
    answer = client.post("/v1/checklists", content=content, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def register_farm(client: TestClient, tenant: Tenant, **changes: object) -> str:
    """Register a farm and return its id."""
    answer = client.post(
        "/v1/producers", json={**FARM, **changes}, headers=tenant.headers()
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
