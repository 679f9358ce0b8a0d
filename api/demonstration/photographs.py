"""The photograph that came with a visit, as the telephone of the story would write it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL import ExifTags, Image

from api.demonstration.chance import Chance
from api.demonstration.places import KILOMETRES_PER_DEGREE
from api.demonstration.scenes import as_jpeg, draw_scene
from api.demonstration.story import PhotographWritten, Story
from api.demonstration.supply import SupplyChain
from api.demonstration.visits import Visit, visits_of
from api.multipart import BEGINNING_BYTES
from audits.submissions.arriving import ArrivedFile
from compliance.files import Files

MAKER, MODEL = "Demo", "demo-device-1"
MINUTES_LATER = (15, 95)  # the shortest visit of the story takes longer
METRES_AWAY = 70


class PictureNotTaken(LookupError):
    """The story reuses the photograph of a visit that took none."""


@dataclass(frozen=True)
class Photograph:
    """A file, and the name that the answers know it by."""

    name: str
    content: bytes


def photograph_of(story: Story, chain: SupplyChain, visit: Visit) -> Photograph | None:
    """Return what a visit sent; the same visit gives the same bytes."""
    written = visit.written.photograph
    if written is None:
        return None
    chance = Chance(story.seed, "photograph", visit.key)
    taken_at = visit.started_at + timedelta(minutes=chance.between(*MINUTES_LATER))
    # A telephone names a picture by when it was chosen, whenever that was taken.
    name = f"{round(taken_at.timestamp() * 1000)}.jpg"
    if written.of is not None:
        return Photograph(name, _taken_before(story, chain, written.of).content)
    return Photograph(name, _taken(visit, written, taken_at, chance))


@contextmanager
def arrived(files: Files, photograph: Photograph | None) -> Iterator[list[ArrivedFile]]:
    """Lay a photograph where an upload is received, and yield what arrived with a visit."""
    if photograph is None:
        yield []
        return
    content = photograph.content
    with NamedTemporaryFile(dir=files.incoming(), delete=False) as file:
        file.write(content)
    path = Path(file.name)
    digest = hashlib.sha256(content).hexdigest()
    beginning = content[:BEGINNING_BYTES]
    try:
        yield [ArrivedFile(photograph.name, path, digest, len(content), beginning)]
    finally:
        path.unlink(missing_ok=True)  # the intake takes it away when it keeps it


def _taken_before(story: Story, chain: SupplyChain, key: str) -> Photograph:
    for visit in visits_of(story, chain):
        if visit.key == key:
            found = photograph_of(story, chain, visit)
            if found is not None:
                return found
    raise PictureNotTaken(key)


def _taken(
    visit: Visit, written: PhotographWritten, taken_at: datetime, chance: Chance
) -> bytes:
    if written.scene is None:
        raise PictureNotTaken(visit.key)
    image = draw_scene(written.scene, written.label, chance)
    position = _position(visit, chance) if written.is_located else None
    return as_jpeg(image, _camera_data(taken_at, position))


def _position(visit: Visit, chance: Chance) -> tuple[float, float]:
    """Return where the telephone was: some metres from the point of the register."""
    north, east = (
        chance.between(-METRES_AWAY, METRES_AWAY) / 1000 / KILOMETRES_PER_DEGREE
        for _ in range(2)
    )
    return visit.site.latitude + north, visit.site.longitude + east


def _camera_data(
    taken_at: datetime, position: tuple[float, float] | None
) -> Image.Exif:
    """Return what a telephone writes into a picture; its clock knows no zone."""
    exif = Image.Exif()
    told = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    exif[ExifTags.Base.Make] = MAKER
    exif[ExifTags.Base.Model] = MODEL
    exif[ExifTags.Base.DateTime] = told
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = told
    if position is not None:
        latitude, longitude = position
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "S" if latitude < 0 else "N",
                ExifTags.GPS.GPSLatitude: _sexagesimal(abs(latitude)),
                ExifTags.GPS.GPSLongitudeRef: "W" if longitude < 0 else "E",
                ExifTags.GPS.GPSLongitude: _sexagesimal(abs(longitude)),
            }
        )
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4)
