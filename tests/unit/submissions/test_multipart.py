"""An upload is read as a stream: whole, within limits, or not at all."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as some
from starlette.types import Message

from api.multipart import (
    NotMultipart,
    TooManyParts,
    UploadBroken,
    UploadTooLarge,
    boundary_of,
    name_of,
    received_parts,
)
from compliance import limits
from compliance.problems import Problem
from tests.field import BOUNDARY, body_of

Contents = list[tuple[str, bytes]]
NAMED = 'Content-Disposition: form-data; name="a.jpg"'
PARTS: Contents = [
    ("xml_submission_file", b"<data/>"),
    ("año nuevo ñandú.jpg", b"\r\n--a-boundary-of-the-tes\r\n" * 3),
    ('the "good" one; really.jpg', b""),
    ("*isIncomplete*", b"yes"),
]


def request_of(chunks: Iterable[bytes], *, ends: bool = True) -> Request:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    last = {"type": "http.request", "body": b""}
    messages.append(last if ends else {"type": "http.disconnect"})
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    content_type = f"multipart/form-data; boundary={BOUNDARY}".encode()
    scope = {"type": "http", "headers": [(b"content-type", content_type)]}
    return Request(scope, receive)


def read(request: Request, folder: Path) -> Contents:
    async def reading() -> Contents:
        async with received_parts(
            request, folder, {"xml_submission_file": 1000}
        ) as got:
            return [(part.name, part.content()) for part in got]

    return asyncio.run(reading())


def refusal(request: Request, folder: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        read(request, folder)
    assert list(folder.iterdir()) == []
    return caught.value


def test_names_and_contents_arrive_as_they_were_sent(tmp_path: Path) -> None:
    assert read(request_of([body_of(PARTS)]), tmp_path) == PARTS


def test_nothing_stays_on_disk_that_nobody_took(tmp_path: Path) -> None:
    read(request_of([body_of(PARTS)]), tmp_path)

    assert list(tmp_path.iterdir()) == []


@given(
    cuts=some.lists(some.integers(0, len(body_of(PARTS))), max_size=8),
)
def test_however_the_stream_is_cut_the_parts_are_the_same(cuts: list[int]) -> None:
    body = body_of(PARTS)
    edges = [0, *sorted(cuts), len(body)]
    chunks = [body[a:b] for a, b in pairwise(edges)]

    with TemporaryDirectory() as folder:
        assert read(request_of(chunks), Path(folder)) == PARTS


@given(end=some.integers(0, len(body_of(PARTS)) - 5))
def test_an_upload_that_breaks_off_anywhere_leaves_nothing(end: int) -> None:
    with TemporaryDirectory() as folder:
        told = refusal(request_of([body_of(PARTS)[:end]]), Path(folder))

    assert isinstance(told, UploadBroken)


def test_a_connection_that_is_lost_leaves_nothing(tmp_path: Path) -> None:
    told = refusal(request_of([body_of(PARTS)[:200]], ends=False), tmp_path)

    assert isinstance(told, UploadBroken)


def test_a_part_over_its_limit_is_refused_while_it_comes(tmp_path: Path) -> None:
    body = body_of([("xml_submission_file", b"x" * 1001)])

    told = refusal(request_of([body]), tmp_path)

    assert isinstance(told, UploadTooLarge)
    assert told.facts == {"name": "xml_submission_file", "limit": 1000}


def test_too_many_parts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSION_PARTS", 3)

    told = refusal(request_of([body_of(PARTS)]), tmp_path)

    assert isinstance(told, TooManyParts)


@pytest.mark.parametrize(
    "head",
    [
        f"{NAMED}\r\nX-Long: {'x' * limits.PART_HEADER_BYTES}",
        "\r\n".join([NAMED, *(f"X-{n}: {'x' * 1000}" for n in range(9))]),
        "\r\n".join([NAMED, *(f"X-{n}: x" for n in range(16))]),
        "Content-Disposition: form-data",
        'Content-Disposition: form-data; name=""',
        'Content-Disposition: form-data; name="a\x00b"',
        f'Content-Disposition: form-data; name="{"n" * 256}"',
        "no colon",
    ],
)
def test_a_part_whose_head_is_wrong_is_refused(tmp_path: Path, head: str) -> None:
    body = f"--{BOUNDARY}\r\n{head}\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode()

    assert isinstance(refusal(request_of([body]), tmp_path), UploadBroken)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="a b.jpg"', "a b.jpg"),
        ("form-data; name=plain", "plain"),
        ('form-data; name="%22q%22"', '"q"'),
        ('form-data; name="a\\"b"', 'a"b'),
        ('form-data; name="50%25.jpg"', "50%25.jpg"),
        ('form-data; filename="x.jpg"; name="y.jpg"', "y.jpg"),
        ('form-data; name=""; filename="web form.jpg"', "web form.jpg"),
        ('FORM-DATA; NAME="up.jpg"', "up.jpg"),
        ('form-data; name="a; name=b"', "a; name=b"),
    ],
)
def test_a_part_is_named_as_the_device_wrote_it(disposition: str, name: str) -> None:
    assert name_of(disposition.encode()) == name


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UploadBroken):
        name_of(b'form-data; name="\xff.jpg"')


@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "multipart/mixed; boundary=x"]
)
def test_what_is_no_form_is_told_so(content_type: str) -> None:
    with pytest.raises(NotMultipart):
        boundary_of(content_type)


@pytest.mark.parametrize("boundary", ["", ";boundary=", f";boundary={'x' * 71}"])
def test_a_form_without_a_usable_boundary_is_broken(boundary: str) -> None:
    with pytest.raises(UploadBroken):
        boundary_of(f"multipart/form-data{boundary}")
