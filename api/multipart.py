"""A multipart upload as a stream: each part goes to disk, nothing is held in memory.

Limits are kept while the bytes come in, and an upload that breaks off leaves nothing.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState
from starlette.requests import ClientDisconnect

from compliance import limits
from compliance.problems import Kind, Problem
from compliance.texts import N_

BEGINNING_BYTES = 512
NAME_CHARACTERS = 255
HEADERS_OF_A_PART = 16
_PARAMETER = re.compile(rb';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_ESCAPED = re.compile(r"\\(.)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class NotMultipart(Problem):
    kind = Kind.WRONG_TYPE
    title = N_("The upload is not multipart/form-data")
    detail = N_(
        "A filled checklist is sent as multipart/form-data, with the record in a part "
        "named xml_submission_file. Check the server address in the app's settings."
    )


class UploadBroken(Problem):
    kind = Kind.INVALID
    title = N_("The upload did not arrive whole")
    detail = N_(
        "The connection broke off or the upload is damaged, and nothing was stored. "
        "Send it again where the signal is better."
    )


class UploadTooLarge(Problem):
    kind = Kind.TOO_LARGE
    title = N_("A file of the upload is too large")
    detail = N_(
        "The file {name} has more than {limit} bytes. Take the picture or recording "
        "again with a lower quality, or leave it out."
    )


class TooManyParts(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The upload has too many files")
    detail = N_("One upload may hold at most {limit} files.")


@dataclass(frozen=True)
class Part:
    """A part of an upload, finished on disk."""

    name: str
    path: Path
    sha256: str
    size: int
    beginning: bytes
    file_name: str = ""

    def content(self) -> bytes:
        return self.path.read_bytes()


@dataclass
class _Open:
    """A part that is still coming in."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    header_bytes: int = 0
    name: str = ""
    file_name: str = ""
    limit: int = 0
    file: IO[bytes] | None = None
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    beginning: bytes = b""


class _PartReader:
    """Takes the parser's events and writes each part to a file of its own."""

    def __init__(self, boundary: bytes, folder: Path, smaller: dict[str, int]) -> None:
        self.parts: list[Part] = []
        self._folder = folder
        self._smaller = smaller
        self._open = _Open()
        self._field = bytearray()
        self._value = bytearray()
        self._written: list[Path] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
            max_header_count=HEADERS_OF_A_PART,
            max_header_size=limits.PART_HEADER_BYTES,
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise UploadBroken from error

    def finish(self) -> None:
        """Refuse an upload whose last boundary never came."""
        if self._parser.state != MultipartState.END:
            raise UploadBroken

    def discard(self) -> None:
        """Remove what nobody took over."""
        if self._open.file is not None:
            self._open.file.close()
        for path in self._written:
            path.unlink(missing_ok=True)

    def _begin(self) -> None:
        if len(self.parts) >= limits.SUBMISSION_PARTS:
            raise TooManyParts(limit=limits.SUBMISSION_PARTS)
        self._open = _Open()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._open.headers[bytes(self._field).lower()] = bytes(self._value)
        self._open.header_bytes += len(self._field) + len(self._value)
        self._field.clear()
        self._value.clear()
        if self._open.header_bytes > limits.PART_HEADER_BYTES:
            raise UploadBroken

    def _headers_finished(self) -> None:
        disposition = self._open.headers.get(b"content-disposition", b"")
        self._open.name = name_of(disposition)
        self._open.file_name = file_name_of(disposition)
        self._open.limit = self._smaller.get(self._open.name, limits.ATTACHMENT_BYTES)
        # Closed in `_end`, or in `discard` when the upload breaks off.
        self._open.file = NamedTemporaryFile(  # noqa: SIM115
            dir=self._folder, delete=False
        )
        self._written.append(Path(self._open.file.name))

    def _data(self, data: bytes, start: int, end: int) -> None:
        part, piece = self._open, data[start:end]
        part.size += len(piece)
        if part.size > part.limit:
            raise UploadTooLarge(name=part.name, limit=part.limit)
        if len(part.beginning) < BEGINNING_BYTES:
            part.beginning = (part.beginning + piece)[:BEGINNING_BYTES]
        part.digest.update(piece)
        if part.file is not None:
            part.file.write(piece)

    def _end(self) -> None:
        part = self._open
        if part.file is None:
            raise UploadBroken
        part.file.close()
        path = Path(part.file.name)
        self.parts.append(
            Part(
                part.name,
                path,
                part.digest.hexdigest(),
                part.size,
                part.beginning,
                part.file_name,
            )
        )


def name_of(disposition: bytes) -> str:
    """Return the name of a part, or where that is empty its file name (web forms).

    Names are raw UTF-8; a quotation mark comes as %22, or with a backslash.
    """
    parameters = _parameters(disposition)
    raw = parameters.get(b"name") or parameters.get(b"filename") or b""
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UploadBroken from error
    name = _ESCAPED.sub(r"\1", name).replace("%22", '"')
    if not name or len(name) > NAME_CHARACTERS or _CONTROL.search(name):
        raise UploadBroken
    return name


def file_name_of(disposition: bytes) -> str:
    """Return what a file was called where it came from, "" if that cannot be told."""
    raw = _parameters(disposition).get(b"filename", b"")
    name = raw.decode("utf-8", "replace").replace("%22", '"')
    return "" if _CONTROL.search(name) else name[:NAME_CHARACTERS]


def _parameters(disposition: bytes) -> dict[bytes, bytes]:
    return {
        match[1].lower(): match[2] if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(disposition)
    }


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart/form-data content type, or raise NotMultipart."""
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data":
        raise NotMultipart
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70:
        raise UploadBroken
    try:
        return boundary.encode("ascii")
    except UnicodeEncodeError as error:
        raise UploadBroken from error


@asynccontextmanager
async def received_parts(
    request: Request, folder: Path, smaller: dict[str, int]
) -> AsyncIterator[tuple[Part, ...]]:
    """Read an upload into `folder`; parts that are not moved away are removed after.

    `smaller` holds limits of parts that are under the one for attachments.
    """
    boundary = boundary_of(request.headers.get("content-type", ""))
    reader = _PartReader(boundary, folder, smaller)
    try:
        try:
            async for chunk in request.stream():
                reader.feed(chunk)
        except ClientDisconnect as error:
            raise UploadBroken from error
        reader.finish()
        yield tuple(reader.parts)
    finally:
        reader.discard()
