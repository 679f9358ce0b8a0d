"""The script that outsiders have: alone, in two languages, and right about signatures."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from compliance.database import Database
from compliance.proofs.statements import key_id_of
from compliance.trail import merkle, verify_trail
from compliance.trail.verify_trail import Growing, is_signature, root_by_path, verify
from tests.conftest import Tenant
from tests.trails import START, History, history, lines_of, told

SCRIPT = Path(verify_trail.__file__)

# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.fixture
def past(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> History:
    return history(database, found_tenant, tmp_path)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script as an outsider would: no packages, no environment of ours."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize(("_secret", "public", "message", "signature"), RFC_8032)
def test_the_signatures_of_the_standard_are_taken(
    _secret: str, public: str, message: str, signature: str
) -> None:
    assert is_signature(
        bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    )


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=100))
def test_what_the_library_signs_is_taken_and_nothing_else(
    seed: bytes, message: bytes
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)

    assert is_signature(public, message, signature)
    assert not is_signature(public, message + b"x", signature)
    assert not is_signature(public, message, signature[:-1] + b"\xff")
    assert not is_signature(public, message, bytes([signature[0] ^ 1]) + signature[1:])
    assert not is_signature(bytes(32), message, signature)


@pytest.mark.parametrize(
    ("public", "signature"),
    [
        (b"", bytes(64)),
        (bytes(32), b""),
        (b"\xff" * 32, bytes(64)),
        (b"\xed" + b"\xff" * 30 + b"\x7f", bytes(64)),
        (b"\x02" + bytes(31), bytes(64)),
        (b"\x01" + bytes(30) + b"\x80", bytes(64)),
    ],
    ids=["no key", "no signature", "sign of nothing", "y is p", "no point", "minus 0"],
)
def test_what_is_no_key_or_no_signature_is_refused(
    public: bytes, signature: bytes
) -> None:
    assert not is_signature(public, b"", signature)


def test_a_signature_that_was_shifted_by_the_order_is_refused() -> None:
    """Else one message has many signatures."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = key.sign(b"once")
    shifted = int.from_bytes(signature[32:], "little") + verify_trail.ORDER
    again = signature[:32] + shifted.to_bytes(32, "little")

    assert is_signature(key.public_key().public_bytes_raw(), b"once", signature)
    assert not is_signature(key.public_key().public_bytes_raw(), b"once", again)


@given(size=st.integers(1, 300), data=st.data())
def test_its_trees_are_those_of_the_product(size: int, data: st.DataObject) -> None:
    leaves = [verify_trail.leaf_hash(str(n).encode()) for n in range(size)]
    place = data.draw(st.integers(0, size - 1))
    tree, growing = merkle.ranges_of(leaves), Growing()
    for leaf in leaves:
        growing.add(leaf)

    path = merkle.inclusion_proof(tree, place, size)

    assert growing.root() == merkle.root_of(leaves) == tree(0, size)
    assert root_by_path(leaves[place], place, size, path) == growing.root()
    assert (
        root_by_path(leaves[place], place, size, [*path, path[0]] if path else [b""])
        is None
    )
    assert root_by_path(leaves[place], size, size, path) is None


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))

    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize("code", sorted(verify_trail.TEXTS))
def test_every_text_is_there_in_both_languages_with_the_same_facts(code: str) -> None:
    texts = verify_trail.TEXTS[code]
    facts = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name}
        for language, text in texts.items()
    }

    assert set(texts) == {"en", "es"}
    assert facts["en"] == facts["es"]


def test_an_outsider_checks_an_export_with_the_anchors(
    past: History, tmp_path: Path
) -> None:
    export = write(tmp_path / "trail.ndjson", past.exports[5])

    done = run(export, "--anchors", past.anchor_file)

    assert (done.returncode, done.stderr) == (0, "")
    assert "anchored up to head 6" in done.stdout
    assert done.stdout.endswith("Nothing is wrong.\n")


def test_without_an_anchor_it_says_what_cannot_be_known(
    past: History, tmp_path: Path
) -> None:
    export = write(tmp_path / "trail.ndjson", past.exports[5])

    in_english, in_spanish = run(export), run(export, "--language", "es")

    assert in_english.returncode == in_spanish.returncode == 0
    assert "cannot know without an anchor" in in_english.stdout
    assert "no se puede saber sin un ancla" in in_spanish.stdout


def test_a_changed_entry_is_told_with_its_line(past: History, tmp_path: Path) -> None:
    lines = past.exports[5]
    place = next(n for n in lines_of(lines, "entry") if b"test.noted" in lines[n])
    sequence = json.loads(str(told(lines[place])["entry"]))["sequence"]
    lines[place] = lines[place].replace(b"test.noted", b"test.faked")
    export = write(tmp_path / "trail.ndjson", lines)

    done = run(export, "--anchors", past.anchor_file, "--language", "es")

    assert done.returncode == 1
    wrong = f"el asiento {sequence + 1} no se sigue del asiento {sequence}"
    assert f"línea {place + 2}: {wrong}" in done.stdout


def test_a_tail_that_was_cut_is_told_by_what_is_missing(past: History) -> None:
    lines = past.exports[5]
    places = lines_of(lines, "entry")

    report = verify([*lines[: places[-2]], *lines[places[-1] + 1 :]])

    (cut,) = [one for one in report.faults if one.code == "seal_cut"]
    assert cut.entries == (len(places) - 1, len(places))


def test_an_older_export_is_right_for_one_who_knows_its_age(
    past: History, tmp_path: Path
) -> None:
    export = write(tmp_path / "trail.ndjson", past.exports[2])
    until = (START + timedelta(days=2, hours=12)).isoformat()

    at_once = run(export, "--anchors", past.anchor_file)
    as_of_then = run(export, "--anchors", past.anchor_file, "--until", until)

    assert at_once.returncode == 1
    assert "the anchors know heads up to 6" in at_once.stdout
    assert as_of_then.returncode == 0


def test_the_first_key_leads_to_the_one_in_force_and_not_back(past: History) -> None:
    lines = past.exports[5]
    ids = [
        key_id_of(bytes.fromhex(json.loads(str(said["key"]))["public_key"]))
        for said in (told(lines[place]) for place in lines_of(lines, "key"))
    ]

    by_first, by_second = verify(lines, pinned=[ids[0]]), verify(lines, pinned=[ids[1]])
    by_other = verify(lines, pinned=["0" * 32])

    assert by_first.faults == by_second.faults == []
    assert [one.code for one in by_other.faults] == ["key_untrusted"]


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b"[]", b"{}", b"1", b'{"kind":[]}', b'{"kind":"entry","entry":7}',
     b'{"kind":"entry","entry":"{}"}', b'{"kind":"seal"}', b"\xff\xfe", b"[" * 5000,
     b'{"kind":"log","from":1,"leaves":[7]}', b'{"kind":"end","end":"{}"}'],
)  # fmt: skip
def test_a_line_that_is_no_line_is_told_and_never_breaks_the_check(line: bytes) -> None:
    report = verify([line])

    assert report.faults
    assert report.told("en") != report.told("es")


def test_anchors_that_hold_two_histories_or_none_are_told(past: History) -> None:
    lines = past.exports[5]
    other = past.anchors[1].replace(b'\\"number\\":2', b'\\"number\\":3')

    two = verify(lines, anchors=[*past.anchors, other])
    none = verify(lines, anchors=[b"no head", *past.anchors])

    assert "anchor_fork" in {one.code for one in two.faults}
    assert [(one.code, one.line) for one in none.faults] == [("anchor_line", 1)]


@pytest.mark.parametrize(
    "arguments", [["nowhere.ndjson"], ["x", "--until", "2026-11-03"], []]
)
def test_misuse_is_told_apart_from_tampering(arguments: list[str]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
