"""A PDF from the field without what acts by itself: no scripts, launches or hidden files.

A damaged or hostile file can ask for any amount of memory, so the work is done by a
process of its own with limits: `python -m audits.submissions.papers` reads the PDF from
standard input and writes what may be handed out.
"""

import io
import resource
import subprocess
import sys
from collections.abc import Iterator

import pikepdf

from audits.submissions.pictures import PictureRefused

MEMORY_BYTES = 1 << 30
SECONDS = 20
PATIENCE_SECONDS = 40
OBJECTS = 200_000
DEEPEST = 50
REFUSED, LOCKED = 3, 4
# Whatever these lead to happens without being asked for, or is a file in the file.
KEYS = (
    "/AA",
    "/OpenAction",
    "/JS",
    "/JavaScript",
    "/XFA",
    "/EmbeddedFiles",
    "/EF",
    "/AF",
    "/RichMediaContent",
    "/PieceInfo",
    "/Metadata",
)
ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/Sound",
        "/Movie",
        "/RichMediaExecute",
        "/URI",
    }
)


def harmless(content: bytes) -> bytes:
    """Return the PDF without what acts, or raise PictureRefused."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "audits.submissions.papers"],
            input=content,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PictureRefused("too_large") from None
    if done.returncode == LOCKED:
        raise PictureRefused("locked")
    if done.returncode != 0 or not done.stdout:
        raise PictureRefused("unreadable")
    return done.stdout


def without_actions(content: bytes) -> bytes:
    """Return the PDF without what acts; this is the work of the limited process."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if len(pdf.objects) > OBJECTS:
            raise ValueError("too many objects")
        for one in pdf.objects:
            for part in _parts(one, 0):
                _disarm(part)
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        written = io.BytesIO()
        pdf.save(written)
    return written.getvalue()


def _parts(one: pikepdf.Object, depth: int) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries of an object; what is indirect comes by itself."""
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        yield one
        inner = [one[key] for key in one.keys()]  # noqa: SIM118 - a PDF object, no dict
    elif isinstance(one, pikepdf.Array):
        inner = list(one)
    else:
        return
    for child in inner:
        # Numbers and texts come as Python's own.
        if not getattr(child, "is_indirect", True):
            yield from _parts(child, depth + 1)


def _disarm(part: pikepdf.Object) -> None:
    for key in KEYS:
        if key in part:
            del part[key]
    if str(part.get("/S", "")) in ACTIONS:
        for key in list(part.keys()):
            del part[key]


def main() -> int:
    """Read a PDF, write it without what acts; the exit code tells why not."""
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        sys.stdout.buffer.write(without_actions(content))
    except pikepdf.PasswordError:
        return LOCKED
    except Exception:  # noqa: BLE001 - whatever it is, nothing is handed out
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
