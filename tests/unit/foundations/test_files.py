"""The file store: content by its hash, once, and nothing half-received for ever."""

import hashlib
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from compliance import clock
from compliance.files import Files


@given(contents=st.lists(st.binary(max_size=200), max_size=8))
def test_what_is_kept_is_read_back_and_kept_once(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))

        digests = [files.keep(content) for content in contents]

        assert [files.read(digest) for digest in digests] == contents
        assert digests == [hashlib.sha256(one).hexdigest() for one in contents]
        stored = [one for one in Path(folder).rglob("*") if one.is_file()]
        assert len(stored) == len(set(contents))


def test_only_what_was_abandoned_a_day_ago_is_swept(tmp_path: Path) -> None:
    files = Files(tmp_path)
    (files.incoming() / "half").write_bytes(b"half a photograph")

    at_once = files.sweep()
    with clock.set_to(lambda: datetime.now(UTC) + timedelta(days=2)):
        two_days_later = files.sweep()

    assert (at_once, two_days_later) == (0, 1)
    assert list(files.incoming().iterdir()) == []
