"""Forms that bring a file: its parts on disk, and its fields as any other form's."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from api import hop
from api.multipart import Part, received_parts
from api.pages.forms import FieldWrong, Form
from compliance.texts import N_

FIELD_BYTES = 2_000


@dataclass(frozen=True)
class Upload:
    """What a form with a file brought; the file is gone when the request is answered."""

    form: Form
    parts: Mapping[str, Part]

    def file(self, name: str) -> Part:
        """Return a file that was chosen; raise FieldWrong where none was."""
        part = self.parts.get(name)
        if part is None or not part.size:
            raise FieldWrong(name, N_("Choose a file on your computer."))
        return part


@asynccontextmanager
async def upload_of(
    request: Request, fields: tuple[str, ...], files: Mapping[str, int]
) -> AsyncIterator[Upload]:
    """Receive a form of these fields and files, each file of at most so many bytes."""
    smaller = {**dict.fromkeys((*fields, "once"), FIELD_BYTES), **files}
    folder = hop.service_of(request).files.incoming()
    async with received_parts(request, folder, smaller) as parts:
        values = {
            part.name: part.content().decode("utf-8", "replace")
            for part in parts
            if part.name in fields or part.name == "once"
        }
        # A file that is missing is told beside its field as well.
        empty = dict.fromkeys(files, "")
        yield Upload(
            Form({**empty, **values}, {name: (one,) for name, one in values.items()}),
            {part.name: part for part in parts if part.name in files},
        )
