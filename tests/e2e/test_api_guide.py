"""The commands of docs/api.md, run as they stand there, against the product served."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from compliance.database import Database
from tests.conftest import Tenant
from tests.e2e.serving import free_port
from tests.register import Register
from tests.risks import Risk, note_risk

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
SCOPES = ["read_register", "read_findings", "read_scorecards", "read_risk"]
START_SECONDS = 30

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed"
)


@contextmanager
def beside(app: FastAPI) -> Iterator[str]:
    """Serve the application from a thread, which needs no process of its own."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def supplied_mill(
    app: FastAPI, tenant: Tenant, database: Database
) -> tuple[str, dict[str, Any]]:
    """Register a mill with two suppliers at risk, and a client that may read of it."""
    with TestClient(app) as client:
        register = Register(client, tenant)
        mill = register.mill(
            identifiers=[{"scheme": "universal_mill_list", "value": "PO1000000123"}]
        )
        farms = [register.farm(name) for name in ("Alta", "Baja")]
        for farm in farms:
            register.link(farm, mill, season="2026-main", volume_share=0.3)
        made = register.post(
            "/v1/clients", {"name": "Guía", "role": "analyst", "scopes": SCOPES}
        )
    risk = Risk(open_zero_tolerance=1, level="high")
    note_risk(database, dict.fromkeys((mill, *farms), risk))
    return mill, made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_of_the_guide_do_what_it_says(
    app: FastAPI, tenant: Tenant, database: Database, tmp_path: Path
) -> None:
    mill, made = supplied_mill(app, tenant, database)
    script = "set -eu\n" + "\n".join(BLOCKS.findall(GUIDE.read_text("utf-8")))
    folder = tmp_path / "guide"
    folder.mkdir()

    with beside(app) as url:
        ran = subprocess.run(
            ["sh", "-c", script],
            cwd=folder,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "ATALAYA": url,
                "CLIENT_ID": made["id"],
                "CLIENT_SECRET": made["client_secret"],
                "MILL": mill,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = {one.name: one.read_text("utf-8") for one in folder.iterdir()}
    asked = json.loads(told["risk.json"])["summary"]
    base = json.loads(told["supply_base.json"])["summary"]
    assert (asked["asked"], asked["found"], asked["not_found"]) == (2, 1, 1)
    assert (base["sites"], base["volume"]["unknown"]) == (2, 0.4)
    assert "pages: 2\n" in ran.stdout
    assert told["worst.csv"].count("\n") == 4
    assert "unchanged: 304\n" in ran.stdout
    assert len(json.loads(told["history.json"])["items"]) == 1
    assert "refused: 422\n" in ran.stdout
    assert json.loads(told["problem.json"])["type"] == "/problems/named-twice"
    assert 'RateLimit-Policy: "credential"'.lower() in ran.stdout.lower()
