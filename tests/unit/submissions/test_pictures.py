"""What a picture tells, what is made of it, and what is refused without unpacking it."""

import io
from datetime import datetime

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from audits.submissions.papers import harmless, without_actions
from audits.submissions.pictures import (
    EARTH_METRES,
    PictureRefused,
    Position,
    metres_between,
    read_picture,
)
from tests.pictures import HERE, enormous_png, locked_pdf, photo, scheming_pdf

SEVEN = datetime(2026, 11, 3, 7, 30)  # noqa: DTZ001 - a camera's clock has no zone
positions = st.builds(
    Position, st.floats(-90, 90, width=32), st.floats(-180, 180, width=32)
)


def test_a_camera_tells_where_and_when() -> None:
    taken = read_picture(photo(position=HERE, taken=SEVEN), "image/jpeg").taken

    assert taken.at == SEVEN
    assert taken.position is not None
    assert metres_between(taken.position, Position(*HERE)) <= 1


def test_what_is_made_is_small_upright_and_tells_nothing() -> None:
    made = read_picture(
        photo((2000, 1000), position=HERE, orientation=6, maker="Somebody"),
        "image/jpeg",
    ).smaller

    with Image.open(io.BytesIO(made.content)) as shown:
        assert shown.size == (made.width, made.height) == (800, 1600)
        assert len(shown.getexif()) == 0
        # Turned a quarter to the right, what was left is now above.
        red, green, _ = shown.convert("RGB").getpixel((400, 100))  # type: ignore[misc]
        assert red > 200
        assert green < 60
    assert b"Somebody" not in made.content


def test_a_small_picture_is_not_made_larger() -> None:
    assert read_picture(photo((30, 20)), "image/jpeg").smaller.width == 30


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (enormous_png(), "image/png", "too_many_pixels"),
        (enormous_png(7_000), "image/png", "too_many_pixels"),
        (b"\xff\xd8\xff\xe0 no picture", "image/jpeg", "unreadable"),
        (photo()[:500], "image/jpeg", "unreadable"),
        (photo(), "image/png", "unreadable"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(
    content: bytes, media_type: str, reason: str
) -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(content, media_type)

    assert refused.value.reason == reason


def test_a_quarter_of_the_equator_is_as_long_as_it_is() -> None:
    quarter = metres_between(Position(0, 0), Position(0, 90))

    assert quarter == round(EARTH_METRES * 3.141592653589793 / 2)


@given(positions, positions)
def test_a_distance_is_the_same_there_and_back_and_never_round_the_world(
    here: Position, there: Position
) -> None:
    distance = metres_between(here, there)

    assert distance == metres_between(there, here)
    assert 0 <= distance <= 20_015_200


def test_a_paper_does_nothing_by_itself_any_more() -> None:
    made = harmless(scheming_pdf())

    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1
        told = b"".join(one.unparse(resolved=True) for one in pdf.objects)
        assert len(pdf.attachments) == 0
        assert "/Author" not in pdf.docinfo
    for word in (b"JavaScript", b"/JS", b"Launch", b"cmd.exe", b"OpenAction", b"/AA"):
        assert word not in told


def test_a_locked_or_damaged_paper_is_refused() -> None:
    reasons = []
    for content in (locked_pdf(), b"%PDF-1.7 nothing"):
        with pytest.raises(PictureRefused) as refused:
            harmless(content)
        reasons.append(refused.value.reason)

    assert reasons == ["locked", "unreadable"]


def test_the_limited_process_does_what_the_function_does() -> None:
    assert len(without_actions(scheming_pdf())) > 0
