"""The bundle in the package is what its source makes, byte for byte."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.pages.field import BUNDLE

SOURCE = Path(__file__).parents[2] / "web" / "form"
NODE_MODULES = SOURCE / "node_modules"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not NODE_MODULES.is_dir(),
    reason="node or web/form/node_modules is missing; ./run web makes the second",
)


@needs_node
def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        ["node", str(NODE_MODULES / "vite" / "bin" / "vite.js"), "build"],
        cwd=SOURCE,
        env={**os.environ, "ATALAYA_FORM_OUT": str(tmp_path)},
        check=True,
        capture_output=True,
    )

    made = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    assert made == {one.name: one.read_bytes() for one in BUNDLE.iterdir()}


def test_the_engine_is_pinned_and_stands_behind_one_module() -> None:
    wanted = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    naming = [
        path.name
        for path in (SOURCE / "src").rglob("*")
        if path.is_file() and "@getodk/xforms-engine" in path.read_text()
    ]

    assert re.fullmatch(r"\d+\.\d+\.\d+", wanted["@getodk/xforms-engine"])
    assert naming == ["engine.js"]


def test_the_lock_names_no_place_to_fetch_from() -> None:
    lock = (SOURCE / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_the_licences_of_what_is_bundled_travel_with_it() -> None:
    told = (BUNDLE / "licences.txt").read_text(encoding="utf-8")

    named = re.findall(r"^(\S+) \d+\.\d+\.\d+\S*: (.+)$", told, re.MULTILINE)

    assert {"@getodk/xforms-engine", "signature_pad", "idb"} <= dict(named).keys()
    assert set(dict(named).values()) <= {"MIT", "ISC", "Apache-2.0", "BSD-3-Clause"}


def test_the_shell_loads_nothing_from_elsewhere() -> None:
    shell = (BUNDLE / "index.html").read_text()

    loaded = re.findall(r'(?:src|href)="([^"]+)"', shell)

    assert [one for one in loaded if not one.startswith("/static/")] == []
    assert "<style" not in shell
    assert re.findall(r"<script(?![^>]*src=)", shell) == []
