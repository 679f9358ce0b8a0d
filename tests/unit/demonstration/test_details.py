"""The invented details of the register: the same every time, sound, and all invented."""

from api.demonstration.details import Details, details_of
from api.demonstration.story import read_story
from api.demonstration.supply import invent
from compliance.registry.plots.geodesy import area_square_metres
from compliance.registry.plots.geometry import read_geometry
from compliance.registry.workforce.counts import whole


def told() -> list[Details]:
    story = read_story()
    supply = invent(story)
    return [
        one
        for season in story.seasons
        for one in details_of(story, supply, season.year)
    ]


def test_the_same_story_gives_the_same_details() -> None:
    assert told() == told()


def test_land_is_sound_and_near_the_area_its_farm_declares() -> None:
    plots = [plot for one in told() for plot in one.plots]

    assert len(plots) == 16
    for plot in plots:
        area = area_square_metres(read_geometry(plot.geometry))
        assert area is not None
        assert abs(area - plot.square_metres) < plot.square_metres / 4


def test_the_people_of_a_season_add_up() -> None:
    profiles = [profile for one in told() for profile in one.profiles]

    assert profiles
    for profile in profiles:
        assert whole(profile.workforce).temporary.total


def test_everybody_invented_says_so() -> None:
    details = told()

    names = [broker.name for one in details for broker in one.brokers]
    numbers = [paper.number for one in details for paper in one.papers]
    assert len(names) == 2
    assert all("DEMO" in name for name in [*names, *numbers])
