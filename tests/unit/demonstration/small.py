"""A story small enough to be told in a test, made from the packaged one."""

from api.demonstration.story import Season, Shown, Story, UnderWay, read_story

FARMS = 4
# Of each season: how many mills are audited, and which farms are visited.
VISITED = {2024: (1, ("c24-2", "c24-8")), 2026: (2, ("c26-1", "c26-4", "p26-2"))}


def small_story() -> Story:
    """Return a story of 8 farms, 2 mills, 2 seasons and 8 visits."""
    story = read_story()
    return story.model_copy(
        update={
            "name": "small-1",
            "seed": "small-1",
            "chains": [
                chain.model_copy(update={"farms": FARMS, "joins_later_percent": 0})
                for chain in story.chains
            ],
            "seasons": [
                _smaller(season) for season in story.seasons if season.year in VISITED
            ],
            "shown": Shown(
                visit="c26-4",
                rule="child_labour.minimum_age",
                year=2026,
                card="coffee-mill",
            ),
            "under_way": _shorter(story),
        }
    )


def _shorter(story: Story) -> UnderWay:
    """Return what is under way with the two visits that are reviewed."""
    assert story.under_way is not None
    kept = [one for one in story.under_way.visits if one.review is not None]
    return story.under_way.model_copy(update={"visits": kept, "assigned": 1})


def _smaller(season: Season) -> Season:
    mills, farms = VISITED[season.year]
    return season.model_copy(
        update={
            "mills": season.mills[:mills],
            "farms": [one for one in season.farms if one.id in farms],
        }
    )
