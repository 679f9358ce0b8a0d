"""A picture from the field: what its own data tell, and a smaller one without them.

The header is read first: a picture of too many pixels is never unpacked.
"""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image, ImageOps

from compliance.limits import DERIVATIVE_SIDE_PIXELS, PICTURE_PIXELS

KINDS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
}
QUALITY = 82
EARTH_METRES = 6_371_009  # the mean radius (IUGG)
# Pillow itself refuses twice as much; what lies between is refused here.
Image.MAX_IMAGE_PIXELS = PICTURE_PIXELS
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class PictureRefused(Exception):
    """No smaller picture is made of it; `reason` is one word for machines."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Position:
    """Degrees, as a camera or a question gives them."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Taken:
    """Where and when a picture says it was taken; the clock is the camera's, no zone."""

    position: Position | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Smaller:
    """An upright JPEG without any data of the camera."""

    content: bytes
    width: int
    height: int
    media_type: str = "image/jpeg"


@dataclass(frozen=True)
class Picture:
    taken: Taken
    smaller: Smaller


def read_picture(content: bytes, media_type: str) -> Picture:
    """Return the picture as it may be shown, or raise PictureRefused."""
    try:
        with Image.open(io.BytesIO(content), formats=KINDS[media_type]) as opened:
            _refuse_large(opened)
            taken = _taken(opened.getexif())
            return Picture(taken, _smaller(opened))
    except BOMBS:
        raise PictureRefused("too_many_pixels") from None
    except PictureRefused:
        raise
    except Exception as fault:  # a damaged picture fails in many ways
        raise PictureRefused("unreadable") from fault


def _refuse_large(opened: Image.Image) -> None:
    if opened.width * opened.height > PICTURE_PIXELS:
        raise PictureRefused("too_many_pixels")


def metres_between(here: Position, there: Position) -> int:
    """Return the distance over the ground, by the haversine formula."""
    north, south = math.radians(here.latitude), math.radians(there.latitude)
    across = math.radians(there.longitude - here.longitude)
    half = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    )
    return round(2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half))))


def _smaller(opened: Image.Image) -> Smaller:
    opened.draft("RGB", (DERIVATIVE_SIDE_PIXELS, DERIVATIVE_SIDE_PIXELS))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((DERIVATIVE_SIDE_PIXELS, DERIVATIVE_SIDE_PIXELS))
    # A drawing with a see-through ground is shown on white, as it was signed.
    layered = upright.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Smaller(written.getvalue(), flat.width, flat.height)


def _taken(exif: Image.Exif) -> Taken:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    told = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(
        ExifTags.Base.DateTime
    )
    return Taken(_position(exif.get_ifd(ExifTags.IFD.GPSInfo)), _moment(told))


def _moment(told: Any) -> datetime | None:
    try:
        return datetime.strptime(str(told).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - cameras know no zone
    except ValueError:
        return None


def _position(gps: Mapping[int, Any]) -> Position | None:
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude])
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude])
        south = str(gps.get(ExifTags.GPS.GPSLatitudeRef)).startswith("S")
        west = str(gps.get(ExifTags.GPS.GPSLongitudeRef)).startswith("W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Position(-latitude if south else latitude, -longitude if west else longitude)


def _degrees(parts: Sequence[Any]) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
