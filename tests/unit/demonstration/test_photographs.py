"""Photographs of the story: drawn once and for all, small, and told apart by signals."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pydantic import ValidationError

from api.demonstration.chance import Chance
from api.demonstration.photographs import (
    Photograph,
    PictureNotTaken,
    arrived,
    photograph_of,
)
from api.demonstration.scenes import WORD, draw_scene
from api.demonstration.story import (
    PhotographWritten,
    Scene,
    Story,
    VisitWritten,
    read_story,
)
from api.demonstration.supply import SupplyChain, invent
from api.demonstration.visits import LOCAL, Visit, visits_of
from audits.integrity.picture_hashes import hashes_of
from audits.integrity.policy import POLICY
from audits.submissions.pictures import Position, metres_between, read_picture
from audits.visits.models import AuditKind
from compliance.files import Files
from rules import Commodity

LARGEST_BYTES = 60 * 1024
FARTHEST_METRES = 120
SHORTEST_VISIT = timedelta(minutes=110)
JPEG = "image/jpeg"


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="module")
def chain(story: Story) -> SupplyChain:
    return invent(story)


@pytest.fixture(scope="module")
def visits(story: Story, chain: SupplyChain) -> tuple[Visit, ...]:
    """Every visit that sends a photograph; those of the sample at some farm."""
    assert story.under_way is not None
    farm = chain.farms(Commodity.COFFEE, 2026)[0]
    drawn = [
        Visit(
            key=f"sample-{one.number}",
            site=farm,
            kind=AuditKind.FARM_VISIT,
            year=one.day.year,
            started_at=datetime.combine(one.day, one.at, LOCAL),
            written=VisitWritten(chain=Commodity.COFFEE, photograph=one.photograph),
        )
        for one in story.under_way.visits
    ]
    return tuple(
        one for one in (*visits_of(story, chain), *drawn) if one.written.photograph
    )


@pytest.fixture(scope="module")
def sent(
    story: Story, chain: SupplyChain, visits: tuple[Visit, ...]
) -> dict[str, Photograph]:
    return sent_by(story, chain, visits)


def sent_by(
    story: Story, chain: SupplyChain, visits: tuple[Visit, ...]
) -> dict[str, Photograph]:
    found = {one.key: photograph_of(story, chain, one) for one in visits}
    return {key: one for key, one in found.items() if one is not None}


def taken_there(visits: tuple[Visit, ...]) -> list[Visit]:
    return [
        one
        for one in visits
        if one.written.photograph and not one.written.photograph.of
    ]


def test_the_same_visit_sends_the_same_bytes(
    story: Story,
    chain: SupplyChain,
    visits: tuple[Visit, ...],
    sent: Mapping[str, Photograph],
) -> None:
    assert sent_by(story, chain, visits) == sent
    assert len(sent) == len(visits)


def test_a_photograph_is_small(sent: Mapping[str, Photograph]) -> None:
    assert max(len(one.content) for one in sent.values()) <= LARGEST_BYTES


def test_a_photograph_tells_when_and_where_as_a_telephone_does(
    visits: tuple[Visit, ...], sent: Mapping[str, Photograph]
) -> None:
    for visit in taken_there(visits):
        taken = read_picture(sent[visit.key].content, JPEG).taken
        written = visit.written.photograph
        began_at = visit.started_at.replace(tzinfo=None)

        assert taken.at is not None
        assert began_at < taken.at < began_at + SHORTEST_VISIT
        assert written is not None
        assert (taken.position is not None) is written.is_located
        if taken.position is not None:
            site = Position(visit.site.latitude, visit.site.longitude)
            assert metres_between(site, taken.position) < FARTHEST_METRES


def test_no_picture_is_taken_for_another_unless_the_story_reuses_it(
    visits: tuple[Visit, ...], sent: Mapping[str, Photograph]
) -> None:
    own = [hashes_of(sent[one.key].content) for one in taken_there(visits)]
    limit = POLICY.on(date(2026, 11, 22)).picture_bits_doubtful

    nearest = min(
        one.bits_to(other)
        for pair in combinations(own, 2)
        for one, other in (pair, pair[::-1])
        if one is not None and other is not None
    )

    assert None not in own
    assert nearest > limit


def test_one_visit_sends_the_picture_of_an_earlier_visit_to_another_place(
    visits: tuple[Visit, ...], sent: Mapping[str, Photograph]
) -> None:
    reused = [
        (one.key, one.written.photograph.of)
        for one in visits
        if one.written.photograph and one.written.photograph.of
    ]

    assert reused == [("sample-4", "c26-9")]
    assert sent["sample-4"].content == sent["c26-9"].content
    assert sent["sample-4"].name != sent["c26-9"].name


def test_a_picture_of_a_visit_that_took_none_is_refused(
    story: Story, chain: SupplyChain, visits: tuple[Visit, ...]
) -> None:
    written = VisitWritten(
        chain=Commodity.COFFEE, photograph=PhotographWritten(of="c24-1")
    )

    with pytest.raises(PictureNotTaken, match="c24-1"):
        photograph_of(story, chain, replace(visits[0], written=written))


def test_a_photograph_is_of_a_scene_or_of_another_visit() -> None:
    with pytest.raises(ValidationError, match="has a scene, or is one of another"):
        PhotographWritten()
    with pytest.raises(ValidationError, match="has a scene, or is one of another"):
        PhotographWritten(scene=Scene.PLOT, of="c24-1")


@pytest.mark.parametrize("scene", Scene)
def test_every_scene_says_that_it_is_a_demonstration(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = draw_scene(scene, "", Chance("a"))
    monkeypatch.setattr("api.demonstration.scenes.WORD", "")
    silent = draw_scene(scene, "", Chance("a"))

    box = ImageChops.difference(said, silent).getbbox()

    assert WORD == "DEMO"
    assert box is not None
    assert box[2] - box[0] > said.width // 6  # large enough to be read in a small one


def test_what_arrives_lies_where_an_upload_does_and_is_not_left_there(
    sent: Mapping[str, Photograph], tmp_path: Path
) -> None:
    files, photograph = Files(tmp_path), sent["c26-4"]

    with arrived(files, photograph) as [one]:
        content = one.path.read_bytes()
    with arrived(files, None) as nothing:
        pass

    assert content == photograph.content
    assert one.sha256 == hashlib.sha256(content).hexdigest()
    assert (one.name, one.size) == (photograph.name, len(content))
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert list(files.incoming().iterdir()) == []
    assert nothing == []
