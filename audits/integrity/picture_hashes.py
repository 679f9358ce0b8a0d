"""Perceptual hashes: what stays of a picture when it is saved, scaled, cut or tinted anew.

The picture is made grey and 32 pixels a side; of the 120 lowest frequencies of its
discrete cosine transform each bit says whether it is above their median. Small crops
move all of them, so that hashes of fifteen crops are kept beside that of the whole.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageOps

from compliance.limits import PICTURE_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE, KEPT = 32, 11
BITS = KEPT * KEPT - 1
CROPS = (0.93, 0.87, 0.81)  # of each side: the centre and the four corners
VIEWS = 1 + 5 * len(CROPS)  # the whole, then its crops; as many again are mirrored
CROPS_FOUND_BY = 10
LEAST_CONTRAST = 5.0  # standard deviation of grey, of 255
BAND_BITS, BANDED_BITS = 16, 48
HASH_BYTES = BITS // 8
Grey = NDArray[numpy.float64]


def _transform() -> Grey:
    """Return the matrix of the discrete cosine transform (type II), its first rows."""
    rows, columns = numpy.arange(KEPT)[:, None], numpy.arange(SIDE)[None, :]
    turns: Grey = numpy.cos(numpy.pi * rows * (2 * columns + 1) / (2 * SIDE))
    return turns


def _lowest_first() -> NDArray[numpy.intp]:
    down, across = numpy.mgrid[0:KEPT, 0:KEPT]
    rank = (down + across + 0.01 * down).flatten()
    return numpy.argsort(rank, kind="stable")[1:]  # the first is how bright it is


TRANSFORM = _transform()
ORDER = _lowest_first()
SIGNS = numpy.where(numpy.arange(KEPT) % 2, -1.0, 1.0)


@dataclass(frozen=True)
class PictureHashes:
    """The hashes of the whole and its crops, then of the mirror image of each."""

    values: tuple[int, ...]

    def to_bytes(self) -> bytes:
        return b"".join(one.to_bytes(HASH_BYTES, "big") for one in self.values)

    def bits_to(self, earlier: "PictureHashes") -> int:
        """Return by how many of 120 bits the two differ where they come nearest.

        One of the two is taken whole, this one perhaps mirrored; the other may be cut.
        """
        return min(
            _nearest((self.values[0], self.values[VIEWS]), earlier.values[:VIEWS]),
            _nearest(self.values, earlier.values[:1]),
        )


def _nearest(some: Sequence[int], others: Sequence[int]) -> int:
    return min((one ^ other).bit_count() for one in some for other in others)


def hashes_from_bytes(kept: bytes) -> PictureHashes:
    return PictureHashes(
        tuple(
            int.from_bytes(kept[start : start + HASH_BYTES], "big")
            for start in range(0, len(kept), HASH_BYTES)
        )
    )


def hashes_of(content: bytes) -> PictureHashes | None:
    """Return the hashes of a picture; None of one that is too even to be told apart.

    Raise what Pillow raises of something that is no picture. One of too many pixels is
    refused by its header and never unpacked.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > PICTURE_PIXELS:
            return None
        opened.draft("L", (SIDE * 8, SIDE * 8))
        upright = ImageOps.exif_transpose(opened)
        grey = upright.convert("L").resize((SIDE * 4, SIDE * 4), Image.Resampling.BOX)
    if numpy.asarray(grey, dtype=numpy.float64).std() < LEAST_CONTRAST:
        return None
    crops = (grey.crop(box) for box in _boxes(grey.width))
    seen = [_frequencies(one) for one in (grey, *crops)]
    mirrored = [one * SIGNS[None, :] for one in seen]
    return PictureHashes(tuple(_bits(one) for one in (*seen, *mirrored)))


def kept_bands(hashes: PictureHashes) -> frozenset[int]:
    """Return what a picture is found by: bands of the whole and of the larger crops."""
    return _bands(hashes.values[: 1 + CROPS_FOUND_BY])


def sought_bands(hashes: PictureHashes) -> frozenset[int]:
    """Return the bands by which earlier pictures are looked up."""
    return _bands(hashes.values)


def _bands(values: Sequence[int]) -> frozenset[int]:
    """Return numbers of 18 bits: which band of the 48 lowest frequencies, and its bits."""
    found = set()
    for value in values:
        lowest = value >> (BITS - BANDED_BITS)
        for number in range(BANDED_BITS // BAND_BITS):
            found.add((number << BAND_BITS) | (lowest & ((1 << BAND_BITS) - 1)))
            lowest >>= BAND_BITS
    return frozenset(found)


def _boxes(side: int) -> list[tuple[int, int, int, int]]:
    found = []
    for share in CROPS:
        kept = round(side * share)
        middle, end = (side - kept) // 2, side - kept
        corners = (middle, middle), (0, 0), (end, 0), (0, end), (end, end)
        found += [(left, top, left + kept, top + kept) for left, top in corners]
    return found


def _frequencies(grey: Image.Image) -> Grey:
    small = grey.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = numpy.asarray(small, dtype=numpy.float64)
    found: Grey = TRANSFORM @ pixels @ TRANSFORM.T
    return found


def _bits(frequencies: Grey) -> int:
    lowest = frequencies.flatten()[ORDER]
    above = lowest > numpy.median(lowest)
    return int.from_bytes(numpy.packbits(above).tobytes(), "big")
