"""An attacker with everything that was ever published finds no small number of people."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import inf
from random import Random
from typing import Any

from compliance.remedies.suppression import Cell, Summary, Total, suppressed
from compliance.scorecards.codes import WorkersWithheld
from compliance.scorecards.content import Scorecard
from tests.privacy.attacker import Knowledge, found_out
from tests.privacy.publishing import RULES, Stage, document, seasons_of_site

SITES = 40
BELOW = 5
RANGES = {
    "<10": (1, 9),
    "10-24": (10, 24),
    "25-49": (25, 49),
    "50-99": (50, 99),
    "100-249": (100, 249),
    "250+": (250, inf),
}
Counts = dict[str, int]
Publish = Callable[[Sequence[Cell]], Summary]


@cache
def cards() -> tuple[tuple[Stage, ...], ...]:
    """Return every card of every site: two visits, two versions on each."""
    chance = Random(7)  # noqa: S311 - invented numbers
    return tuple(seasons_of_site(place, chance) for place in range(SITES))


def names_of(place: int, visit: int) -> dict[str, str]:
    """Return what the attacker calls the numbers of one visit."""
    return {
        name: f"{place}/{visit}/{name}"
        for name in ("workers", "heard", "owed", "given", *RULES)
    }


def learn_card(known: Knowledge, told: Mapping[str, Any], name: dict[str, str]) -> None:
    """Write down all that one card says of people, and what must hold among them."""
    scope = told["scope"]
    small = scope["workers_withheld"] == WorkersWithheld.FEWER_THAN_TEN
    known.between({name["workers"]: 1}, 0, 9 if small else inf)
    if scope["workers_withheld"] == WorkersWithheld.PARTS_SHOWN:
        known.between({name["workers"]: 1}, 10)
    if scope["workers_range"] is not None:
        known.between({name["workers"]: 1}, *RANGES[scope["workers_range"]])
    if scope["interviews_range"] is not None:
        known.between({name["heard"]: 1}, *RANGES[scope["interviews_range"]])
    known.between({name["workers"]: 1, name["heard"]: -1}, 0)
    for flag in told["flags"]:
        rule = flag["indicator"]
        known.between({name["heard"]: 1, name[rule]: -1}, 0)
        if flag["people_range"] is not None:
            known.between({name[rule]: 1}, *RANGES[flag["people_range"]])
    for action in told["actions"]:
        known.between({name["owed"]: 1, name["given"]: -1}, 0)
        if action["share_done"] is not None:
            share = action["share_done"] // 25
            known.between({name["given"]: 4, name["owed"]: -share}, 0)
            known.between({name["given"]: -4, name["owed"]: share + 1}, share < 4)


def hidden_on_cards() -> Counts:
    """Return every number below ten that stands behind the cards."""
    found: Counts = {}
    for place, seasons in enumerate(cards()):
        for visit, season in enumerate(seasons):
            name, numbers = names_of(place, visit), season.numbers
            counts = dict(zip(RULES, numbers.affected, strict=True)) | {
                "workers": numbers.workers,
                "heard": numbers.heard,
                "owed": numbers.owed,
                "given": numbers.given,
                "left": numbers.owed - numbers.given,
            }
            found |= {
                name[one]: count
                for one, count in counts.items()
                if one in name and 0 < count < 10
            }
    return found


def attack_on_cards(
    told: Callable[[Scorecard], Mapping[str, Any]] = document,
) -> list[str]:
    known = Knowledge()
    for place, seasons in enumerate(cards()):
        for visit, season in enumerate(seasons):
            for card in season.cards:
                learn_card(known, told(card), names_of(place, visit))
    return found_out(known, hidden_on_cards())


def test_no_small_number_is_found_out_from_the_cards_of_all_versions() -> None:
    hidden = hidden_on_cards()

    found = attack_on_cards()

    assert len(hidden) >= 50
    assert found == []


def test_no_card_tells_a_whole_beside_its_part_or_a_total() -> None:
    told = [document(card) for site in cards() for one in site for card in one.cards]

    for one in told:
        scope: Any = one["scope"]
        flags: Any = one["flags"]
        parts = [flag["people_range"] for flag in flags if flag["people_range"]]
        assert scope["workers_total"] is None
        assert not (parts and scope["workers_range"])
    withheld = {card["scope"]["workers_withheld"] for card in told}  # type: ignore[index]
    assert {"fewer_than_ten", "parts_shown"} <= withheld


def test_a_whole_that_was_withheld_for_its_parts_is_not_told_later() -> None:
    for site in cards():
        versions = [document(card) for one in site for card in one.cards]
        for before, after in pairwise(versions):
            scopes: Any = (before["scope"], after["scope"])
            assert not (
                scopes[0]["workers_withheld"] == "parts_shown"
                and scopes[1]["workers_range"]
            )


def test_of_fewer_than_ten_workers_nothing_is_told() -> None:
    small = [
        document(card)
        for site in cards()
        for one in site
        for card in one.cards
        if one.numbers.workers < 10
    ]

    for told in small:
        scope, flags, actions = told["scope"], told["flags"], told["actions"]
        assert scope["workers_withheld"] == "fewer_than_ten"  # type: ignore[index]
        assert scope["interviews_range"] is None  # type: ignore[index]
        assert {flag["people_range"] for flag in flags} == {None}  # type: ignore[attr-defined]
        assert {one["share_done"] for one in actions} == {None}  # type: ignore[attr-defined]


def test_the_attack_finds_out_ranges_that_somebody_made_by_hand() -> None:
    """Ranges of three that move with the version: two of them meet in one number."""
    by_id = {
        card.id: (season.numbers, turn)
        for site in cards()
        for season in site
        for turn, card in enumerate(season.cards)
    }

    def by_hand(card: Scorecard) -> Mapping[str, Any]:
        numbers, turn = by_id[card.id]
        told: dict[str, Any] = document(card)
        for flag in told["flags"]:
            count = numbers.affected[RULES.index(flag["indicator"])]
            low = count - 2 + 2 * turn
            RANGES[f"by hand {low}"] = (max(0, low), low + 2)
            flag["people_range"] = f"by hand {low}"
        return told

    assert len(attack_on_cards(by_hand)) > 50


def test_the_attack_finds_out_a_total_beside_its_parts() -> None:
    """All workers to the head, and those that a rule is not about as well."""
    known = Knowledge()
    for place, seasons in enumerate(cards()):
        for visit, season in enumerate(seasons):
            name, numbers = names_of(place, visit), season.numbers
            known.equal({name["workers"]: 1}, numbers.workers)
            rest = numbers.workers - numbers.affected[0]
            known.equal({name["workers"]: 1, name[RULES[0]]: -1}, rest)

    assert len(found_out(known, hidden_on_cards())) > 50


# Summaries of what people are owed, by day and by reader.


@cache
def days() -> tuple[Counts, ...]:
    """Return what people are owed at each site day by day; some sites come later."""
    chance = Random(11)  # noqa: S311 - invented numbers
    counts = {f"site_{place}": chance.randint(1, 12) for place in range(30)}
    told = [dict(counts)]
    for day in range(1, 12):
        counts[f"site_{30 + day}"] = chance.randint(1, 12)
        grown = chance.choice(sorted(counts))
        counts[grown] += chance.randint(1, 3)
        told.append(dict(counts))
    return tuple(told)


def name_on(site: str, count: int) -> str:
    """The attacker knows when nothing new was entered: then it is the same number."""
    return f"{site}/{count}"


def attack_on_summaries(publish: Publish) -> list[str]:
    known = Knowledge()
    hidden: Counts = {}
    for counts in days():
        hidden |= {
            name_on(site, count): count
            for site, count in counts.items()
            if count < BELOW
        }
        for readers in (sorted(counts), sorted(counts)[::2]):
            made = publish(
                [
                    Cell(site, "documents_returned", None, counts[site], paid_people=0)
                    for site in readers
                ]
            )
            learn_summary(known, made, counts)
    assert len(hidden) >= 10
    return found_out(known, hidden)


def learn_summary(known: Knowledge, made: Summary, counts: Counts) -> None:
    names = {cell.site: name_on(cell.site, counts[cell.site]) for cell in made.cells}
    for cell in made.cells:
        if cell.people is None:
            known.between({names[cell.site]: 1}, 1)
        else:
            known.equal({names[cell.site]: 1}, cell.people)
    for total in made.totals:
        if total.people is not None:
            known.equal(dict.fromkeys(names.values(), 1), total.people)


def with_total_and_one_more_kept_back(cells: Sequence[Cell]) -> Summary:
    """Return what was published before: the smallest beside a small one is hidden too."""
    ranked = sorted(cells, key=lambda cell: (cell.people or 0, cell.site))
    small = [cell for cell in ranked if (cell.people or 0) < BELOW]
    hidden = ranked[: max(2, len(small))] if small else []
    told = tuple(
        Cell(cell.site, cell.kind, None, None) if cell in hidden else cell
        for cell in cells
    )
    whole = Total("documents_returned", None, sum(cell.people or 0 for cell in cells))
    return Summary(BELOW, told, (whole,))


def test_no_small_count_is_found_out_from_the_summaries_of_all_days_and_readers() -> (
    None
):
    found = attack_on_summaries(lambda cells: suppressed(cells, below=BELOW))

    assert found == []


def test_the_attack_finds_out_totals_that_are_told_beside_hidden_cells() -> None:
    """That two were hidden each day was no help: another day, or reader, had others."""
    assert attack_on_summaries(with_total_and_one_more_kept_back)
