"""Which sites are visited when: as promised, on working days, nobody twice by chance."""

from collections import Counter

import pytest

from api.demonstration.story import Story, read_story
from api.demonstration.supply import SupplyChain, invent
from api.demonstration.tasks import Task, tasks_of
from api.demonstration.visits import Visit, visits_of
from audits.visits.models import AuditKind


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="module")
def chain(story: Story) -> SupplyChain:
    return invent(story)


@pytest.fixture(scope="module")
def visits(story: Story, chain: SupplyChain) -> tuple[Visit, ...]:
    return visits_of(story, chain)


@pytest.fixture(scope="module")
def tasks(
    story: Story, chain: SupplyChain, visits: tuple[Visit, ...]
) -> tuple[Task, ...]:
    return tasks_of(story, chain, visits)


def test_there_are_at_least_forty_five_visits(visits: tuple[Visit, ...]) -> None:
    assert len(visits) >= 45


def test_both_mills_are_audited_in_every_season(visits: tuple[Visit, ...]) -> None:
    audited = Counter(
        (visit.site.key, visit.year)
        for visit in visits
        if visit.kind is AuditKind.MILL_AUDIT
    )

    assert audited == {
        (mill, year): 1
        for mill in ("coffee-mill", "palm_oil-mill")
        for year in (2024, 2025, 2026)
    }


def test_nine_coffee_farms_are_drawn_each_season(visits: tuple[Visit, ...]) -> None:
    drawn = Counter(visit.year for visit in visits if visit.key.startswith("c2"))

    assert drawn == {2024: 9, 2025: 9, 2026: 9}


def test_only_a_farm_the_story_returns_to_is_visited_twice(
    visits: tuple[Visit, ...],
) -> None:
    farms = [one for one in visits if one.kind is AuditKind.FARM_VISIT]

    drawn = [visit.site.key for visit in farms if visit.written.again is None]

    assert len(drawn) == len(set(drawn))


def test_a_return_goes_to_the_farm_it_names(visits: tuple[Visit, ...]) -> None:
    by_key = {visit.key: visit for visit in visits}

    returns = [
        (visit.site, by_key[visit.written.again].site)
        for visit in visits
        if visit.written.again is not None
    ]

    assert len(returns) >= 5
    assert all(now == before for now, before in returns)


def test_most_farms_are_never_visited(
    chain: SupplyChain, visits: tuple[Visit, ...]
) -> None:
    visited = {visit.site.key for visit in visits}

    never = [site for site in chain.sites if site.key not in visited]

    assert len(never) > len(chain.sites) / 2


def test_a_visited_farm_supplies_in_that_season(visits: tuple[Visit, ...]) -> None:
    assert [one.key for one in visits if one.site.first_year > one.year] == []


def test_nobody_is_visited_on_a_weekend(visits: tuple[Visit, ...]) -> None:
    assert {visit.day.weekday() for visit in visits} <= {0, 1, 2, 3, 4}


def test_every_task_has_a_key_of_its_own(tasks: tuple[Task, ...]) -> None:
    keys = [task.key for task in tasks]

    assert len(keys) == len(set(keys))


def test_tasks_stand_in_the_order_of_their_days(tasks: tuple[Task, ...]) -> None:
    days = [task.at for task in tasks]

    assert days == sorted(days)


def test_a_chapter_is_told_in_one_piece(tasks: tuple[Task, ...]) -> None:
    told = [(task.chapter, task.year) for task in tasks]

    changes = [
        one
        for one, before in zip(told, [None, *told[:-1]], strict=True)
        if one != before
    ]

    assert len(changes) == len(set(changes))
