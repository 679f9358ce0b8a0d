"""The type of a file by its first bytes: a name or a header can say anything."""

import re

OCTETS = "application/octet-stream"

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"OggS", "audio/ogg"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
)
BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
MARKUP = re.compile(
    rb"\s*<(!doctype html|html|head|body|script|svg|\?xml)", re.IGNORECASE
)
AUDIT_LOG = b"event,node,start,end"


def sniffed_type(beginning: bytes) -> str:
    """Return the media type that the first bytes of a file betray."""
    for magic, media_type in MAGIC:
        if beginning.startswith(magic):
            return media_type
    if beginning[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(
            beginning[8:12], OCTETS
        )
    if beginning[4:8] == b"ftyp":
        return BRANDS.get(beginning[8:12], "video/mp4")
    return _textual(beginning)


def _textual(beginning: bytes) -> str:
    if beginning.startswith(AUDIT_LOG):
        return "text/csv"
    found = MARKUP.match(beginning.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return OCTETS
    match found[1].lower():
        case b"svg":
            return "image/svg+xml"
        case b"?xml":
            return "image/svg+xml" if b"<svg" in beginning else "application/xml"
        case _:
            return "text/html"
