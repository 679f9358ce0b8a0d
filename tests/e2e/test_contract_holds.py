"""The served product does what its contract says, to a stranger's tool: schemathesis.

Two organisations call it, so that what one makes is asked for by the other. A longer run
by hand: `CONTRACT_SECONDS=600 CONTRACT_EXAMPLES=100 ./run test tests/e2e/test_contract_holds.py`.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Tenant
from tests.e2e.serving import serving

SECONDS = os.environ.get("CONTRACT_SECONDS", "60")
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "4")
# Without two peers the check of other organisations' things silently does not run.
HOOKS = Path(__file__).parent / "uploads.py"
# A refusal that only the register can know, such as an id of nothing, is 422 as well;
# OpenRosa's is 400, and a file's that is of another kind than it says 415.
CONFIGURATION = """
hooks = "{hooks}"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 415, 422, 429]

[auth.wfc]
path = "{folder}/wfc.yaml"
peers = ["one", "other"]
"""
CALLERS = """
auth:
  - {{name: one, fixedHeaders: [{{name: Authorization, value: "{one}"}}]}}
  - {{name: other, fixedHeaders: [{{name: Authorization, value: "{other}"}}]}}
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_the_contract_holds(
    database_url: str,
    tenant: Tenant,
    stranger: Tenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.e2e.serving.START_SECONDS", 120.0)
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(CONFIGURATION.format(folder=tmp_path, hooks=HOOKS))
    keys = [one.headers()["Authorization"] for one in (tenant, stranger)]
    callers = CALLERS.format(one=keys[0], other=keys[1])
    (tmp_path / "wfc.yaml").write_text(callers)

    with serving(database_url, tmp_path / "data") as server:
        served = httpx2.get(f"{server.url}/openapi.yaml", timeout=120).content
        (tmp_path / "openapi.yaml").write_bytes(served)
        told = subprocess.run(
            [
                str(Path(sys.executable).parent / "st"),
                "--no-color",
                "--config-file",
                str(settings),
                "run",
                "openapi.yaml",
                f"--url={server.url}",
                "--checks=all",
                "--phases=examples,coverage,fuzzing,stateful",
                "--generation-deterministic",
                f"--max-examples={EXAMPLES}",
                f"--max-time={SECONDS}",
                # One: two parse lambdas at once, and Python 3.11's parser then fails.
                "--workers=1",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    (tmp_path / "told.txt").write_text(told.stdout + told.stderr)
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr[-2_000:]
