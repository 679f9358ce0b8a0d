"""A visit in several uploads, a phone out of signal, a server that is killed: item 13.

A process of its own is spoken to over sockets, by the product's clients of other makers.
"""

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import func, select

from audits.checklists.actions import publish
from audits.submissions.models import Attachment, Submission
from compliance import trail
from compliance.database import Database
from compliance.identity.devices import Way, enrol
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.registry.actions import register_site
from rules.vocabulary import Commodity, SiteKind
from tests.conftest import Tenant
from tests.e2e.serving import Server, serving
from tests.field import BOUNDARY, JPEG, OPENROSA, XML_PART, body_of, record, workbook
from tests.unit.checklists.samples import book_vocabulary

NAMES = ("a.jpg", "b.jpg", "c.pdf")
UPLOAD = {**OPENROSA, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
MORE = [("*isIncomplete*", b"yes")]
BIG = 40_000_000


@dataclass(frozen=True)
class Programme:
    """A farm to be visited, a device by its address and one by its password."""

    farm: str
    secret: str
    name: str
    password: str


@pytest.fixture
def programme(database: Database, tenant: Tenant) -> Programme:
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        publish(session, scope, book_vocabulary(), workbook())
        farm = register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name="Finca El Recuerdo",
            country="CO",
            commodity=Commodity.COFFEE,
        )
        by_address = enrol(session, scope, label="a")
        by_password = enrol(session, scope, label="b", way=Way.PASSWORD)
        trail.seal(session)
    return Programme(
        farm.public_id,
        by_address.secret,
        by_password.device.public_id,
        by_password.secret,
    )


def post(server: Server, programme: Programme, body: bytes) -> int:
    answer = httpx2.post(
        f"{server.url}/d/{programme.secret}/openrosa/submission?deviceID=x",
        content=body,
        headers=UPLOAD,
        timeout=30,
    )
    return answer.status_code


def parts_of(programme: Programme) -> list[bytes]:
    """Return one record in three uploads, as a phone divides it."""
    xml = record(programme.farm, photo=NAMES[0], second_photo=NAMES[1], paper=NAMES[2])
    flags: tuple[list[tuple[str, bytes]], ...] = (MORE, MORE, [])
    return [
        body_of([(XML_PART, xml), (name, JPEG + name.encode()), *more])
        for name, more in zip(NAMES, flags, strict=True)
    ]


def kill_within(server: Server, programme: Programme, body: bytes) -> None:
    """Send half of an upload, and kill the server while it waits for the rest."""
    address = urlsplit(server.url)
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {
            "Host": address.netloc,
            "Content-Length": str(len(body)),
            **UPLOAD,
        }.items()
    )
    path = f"/d/{programme.secret}/openrosa/submission"
    with socket.create_connection((address.hostname, address.port or 80)) as speaking:
        speaking.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
        speaking.sendall(body[: len(body) // 2])
        assert httpx2.get(f"{server.url}/livez").status_code == 200
        server.kill()


def kept(database: Database) -> tuple[int, list[str]]:
    """Return how many records are there, and the names of their files."""
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(Submission)) or 0
        names = session.scalars(select(Attachment.name).order_by(Attachment.name))
        return count, list(names)


def test_a_server_killed_between_and_within_uploads_shows_nothing_by_halves(
    database: Database, database_url: str, programme: Programme, tmp_path: Path
) -> None:
    parts = parts_of(programme)

    with serving(database_url, tmp_path / "data") as server:
        first = post(server, programme, parts[0])
        kill_within(server, programme, parts[1])
    between = kept(database)
    with serving(database_url, tmp_path / "data") as server:
        again = [post(server, programme, one) for one in parts]

    log = (tmp_path / "server.log").read_text()
    assert first == 202
    assert between == (1, [NAMES[0]])
    assert again == [202, 202, 201]
    assert kept(database) == (1, list(NAMES))
    assert '"event": "request"' in log
    assert programme.secret not in log


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HEADER = ("--header", "X-OpenRosa-Version: 1.0")


@ON_SQLITE
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_is_let_in_by_digest_and_by_basic_and_not_with_a_wrong_password(
    database_url: str, programme: Programme, tmp_path: Path
) -> None:
    def status(server: Server, way: str, password: str) -> str:
        told = subprocess.run(
            [
                *("curl", "--silent", "--output", os.devnull, way, *HEADER),
                *("--write-out", "%{http_code}"),
                *("--user", f"{programme.name}:{password}"),
                f"{server.url}/openrosa/formList?deviceID=collect%3AAb%20c",
            ],
            capture_output=True,
            check=True,
            timeout=30,
        )
        return told.stdout.decode()

    with serving(database_url, tmp_path / "data") as server:
        found = {
            (way, password): status(server, way, password)
            for way in ("--digest", "--basic")
            for password in (programme.password, "wrong")
        }

    assert found == {
        ("--digest", programme.password): "200",
        ("--digest", "wrong"): "401",
        ("--basic", programme.password): "200",
        ("--basic", "wrong"): "401",
    }


@ON_SQLITE
def test_a_large_upload_is_never_held_in_memory(
    database_url: str, programme: Programme, tmp_path: Path
) -> None:
    xml = record(programme.farm, photo="a.jpg")
    small = body_of([(XML_PART, record(programme.farm, instance_id="uuid:small"))])

    with serving(database_url, tmp_path / "data") as server:
        post(server, programme, small)
        before = most_held(server)
        status = post(
            server, programme, body_of([(XML_PART, xml), ("a.jpg", JPEG * (BIG // 14))])
        )
        after = most_held(server)

    assert status == 201
    assert after - before < BIG // 4


def most_held(server: Server) -> int:
    """Return the most memory the process has held, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
