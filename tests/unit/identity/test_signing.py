"""The key that signs access tokens: a private file, known publicly while it is honoured."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from compliance import clock, limits
from compliance.database import Database
from compliance.identity import signing
from compliance.identity.signing import (
    SigningKeyRetired,
    SigningKeyUnusable,
    ensure_key,
    public_keys,
    read_key,
    signing_key,
)
from tests.visits import TODAY


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signing_key.pem"


def known_kids(database: Database, file: Path) -> list[object]:
    with database.reading() as session:
        return [one["kid"] for one in public_keys(session, file)]


def sign(database: Database, file: Path) -> str:
    with database.writing() as session:
        return signing_key(session, file).kid


def rotate(database: Database, file: Path, *, at_once: bool = False) -> str:
    with database.writing() as session:
        return signing.rotate(session, file, at_once=at_once).after


def test_the_key_is_made_once_and_for_its_owner_alone(file: Path) -> None:
    first = ensure_key(file)

    again = ensure_key(file)

    assert first.kid == again.kid
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_processes_that_start_together_agree_on_one_key(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        kids = {key.kid for key in pool.map(ensure_key, [file] * 16)}

    assert len(kids) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key at all",
        ECKey.generate_key("P-384").as_pem(private=True),
        ECKey.generate_key("P-256").as_pem(private=False),
        RSAKey.generate_key(2048).as_pem(private=True),
        OctKey.generate_key(256).raw_value,
    ],
    ids=["empty", "text", "another curve", "public only", "RSA", "a bare secret"],
)
def test_another_kind_of_file_is_refused_by_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(SigningKeyUnusable) as refused:
        read_key(file)

    assert str(file) in str(refused.value)
    assert "atalaya keys rotate" in str(refused.value)


def test_a_key_is_public_before_and_after_it_has_signed(
    database: Database, file: Path
) -> None:
    kid = ensure_key(file).kid

    before = known_kids(database, file)
    sign(database, file)
    after = known_kids(database, file)

    assert before == after == [kid]


def test_nothing_private_is_published(database: Database, file: Path) -> None:
    ensure_key(file)
    sign(database, file)

    with database.reading() as session:
        (public,) = public_keys(session, file)

    assert set(public) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_rotated_key_stays_public_until_its_tokens_expire(
    database: Database, file: Path
) -> None:
    ensure_key(file)
    old = sign(database, file)

    new = rotate(database, file)

    assert sign(database, file) == new
    assert set(known_kids(database, file)) == {old, new}
    almost = TODAY + timedelta(seconds=limits.TOKEN_SECONDS - 1)
    with clock.set_to(lambda: almost):
        assert set(known_kids(database, file)) == {old, new}
    with clock.set_to(lambda: almost + timedelta(seconds=1)):
        assert known_kids(database, file) == [new]


def test_a_key_that_was_seen_is_dropped_at_once(database: Database, file: Path) -> None:
    ensure_key(file)
    sign(database, file)

    new = rotate(database, file, at_once=True)

    assert known_kids(database, file) == [new]


def test_a_rotated_file_is_as_private_as_the_first(
    database: Database, file: Path
) -> None:
    ensure_key(file)

    rotate(database, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.glob("*.pem*")) == [file]


def test_a_key_brought_back_from_a_copy_signs_nothing(
    database: Database, file: Path
) -> None:
    ensure_key(file)
    copy = file.read_bytes()
    rotate(database, file)
    file.write_bytes(copy)

    with pytest.raises(SigningKeyRetired):
        sign(database, file)


def test_the_first_rotation_needs_no_key_before_it(
    database: Database, file: Path
) -> None:
    new = rotate(database, file)

    assert read_key(file).kid == new
    assert known_kids(database, file) == [new]


def test_a_rotation_that_is_rolled_back_leaves_a_key_that_signs(
    database: Database, file: Path
) -> None:
    ensure_key(file)
    sign(database, file)

    with database.writing() as session:
        signing.rotate(session, file)
        session.rollback()

    assert sign(database, file) == read_key(file).kid
