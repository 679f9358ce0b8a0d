"""The key of finished records: made once, kept to its owner, and old ones still open."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.field_keys import (
    FieldKeyUnusable,
    NotSealedForUs,
    public_point,
    seal,
    unseal,
)


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "field_key.pem"

    first, second = public_point(path), public_point(path)

    assert first == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["field_key.pem"]


@given(name=some.text(min_size=1, max_size=40), text=some.binary(max_size=2000))
def test_what_was_sealed_opens_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, text: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "law.pem"

    assert unseal(path, name, seal(public_point(path), name, text)) == text


def test_sealing_twice_never_looks_the_same(tmp_path: Path) -> None:
    point = public_point(tmp_path / "key.pem")

    assert seal(point, "a", b"text") != seal(point, "a", b"text")


def test_a_key_behind_a_new_one_still_opens(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    sealed = seal(public_point(old), "a", b"text")
    fresh = public_point(new)

    new.write_bytes(new.read_bytes() + old.read_bytes())

    assert unseal(new, "a", sealed) == b"text"
    assert public_point(new) == fresh


def test_another_servers_key_opens_nothing(tmp_path: Path) -> None:
    sealed = seal(public_point(tmp_path / "ours.pem"), "a", b"text")

    with pytest.raises(NotSealedForUs):
        unseal(tmp_path / "theirs.pem", "a", sealed)


def test_a_file_that_is_no_key_is_told_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("no key")

    with pytest.raises(FieldKeyUnusable, match=r"key\.pem"):
        public_point(path)
