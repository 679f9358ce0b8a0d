"""The figures of a row: altitude, area, bags and their weight, harvest, date."""

from compliance.imports.drafts import Draft
from compliance.imports.fields import Field
from compliance.imports.notes import Code
from compliance.imports.quantities import (
    Fault,
    Length,
    altitude_of,
    area_of,
    number_of,
    unit_of_length,
    weight_of,
)
from compliance.imports.seasons import day_of, harvest_year_of
from rules.vocabulary import Commodity

LOWEST_LAND, HIGHEST_FARM = -430, 5_000
USUAL = {Commodity.COFFEE: (100, 3_000), Commodity.PALM_OIL: (0, 1_500)}
MOST_BAGS = 10_000_000


def read_altitude(draft: Draft) -> None:
    """Take over from how low to how high, in metres above sea level."""
    text = draft.given(Field.ALTITUDE)
    if not text:
        return
    column = _column_unit(draft)
    found = altitude_of(text, column)
    if isinstance(found, Fault):
        unclear = found is Fault.UNCLEAR
        code = Code.ALTITUDE_UNCLEAR if unclear else Code.ALTITUDE_NONE
        draft.note(code, Field.ALTITUDE)
        return
    if found.unit is not None and column is not None and found.unit is not column:
        draft.note(Code.UNITS_CONTRADICT, Field.ALTITUDE)
    if found.low < LOWEST_LAND or found.high > HIGHEST_FARM:
        metres = found.high if found.high > HIGHEST_FARM else found.low
        draft.note(Code.ALTITUDE_IMPOSSIBLE, Field.ALTITUDE, metres=metres)
        return
    draft.values["altitude_low"], draft.values["altitude_high"] = found.low, found.high
    lowest, highest = USUAL[draft.values["commodity"]]
    middle = round((found.low + found.high) / 2)
    if not lowest <= middle <= highest:
        draft.note(
            Code.ALTITUDE_UNUSUAL,
            Field.ALTITUDE,
            metres=middle,
            lowest=lowest,
            highest=highest,
        )


def _column_unit(draft: Draft) -> Length | None:
    text = draft.given(Field.ALTITUDE_UNIT)
    return unit_of_length(text) if text else draft.layout.altitude_unit


def read_area(draft: Draft) -> None:
    text = draft.given(Field.AREA)
    if not text:
        return
    found = area_of(text, draft.layout.area_unit)
    match found:
        case Fault.UNKNOWN_UNIT:
            draft.note(Code.AREA_UNIT, Field.AREA)
        case Fault():
            draft.note(Code.AREA_UNREADABLE, Field.AREA)
        case _:
            draft.values["area_square_metres"] = found


def read_harvest(draft: Draft) -> None:
    """Take over the harvest's year, and how many bags of which weight it gave."""
    if text := draft.given(Field.HARVEST):
        year = harvest_year_of(text)
        if year is None:
            draft.note(Code.HARVEST_UNREADABLE, Field.HARVEST)
        else:
            draft.values["harvest_year"] = year
    if text := draft.given(Field.BAGS):
        count = number_of(text, groups_of_three=True)
        if count is None or count != int(count) or not 0 <= count <= MOST_BAGS:
            draft.note(Code.BAGS_UNREADABLE, Field.BAGS)
        else:
            draft.values["bags"] = int(count)
    if text := draft.given(Field.BAG_WEIGHT):
        _read_bag_weight(draft, text)


def _read_bag_weight(draft: Draft, text: str) -> None:
    weight = weight_of(text)
    if isinstance(weight, Fault):
        draft.note(Code.WEIGHT_UNREADABLE, Field.BAG_WEIGHT)
        return
    draft.values["bag_grams"] = weight.grams
    if not weight.is_stated:
        draft.note(Code.WEIGHT_UNIT_ASSUMED, Field.BAG_WEIGHT)


def read_day(draft: Draft) -> None:
    text = draft.given(Field.NOTED_ON)
    if not text:
        return
    day = day_of(text)
    if day is None:
        draft.note(Code.DAY_UNREADABLE, Field.NOTED_ON)
    else:
        draft.values["noted_on"] = day.isoformat()
