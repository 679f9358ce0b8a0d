"""Where a row's site lies: its point, its outline, and what is odd about them."""

import json
from collections.abc import Sequence
from typing import Any

from compliance.imports.coordinates import Degrees, degrees_of, pair_of
from compliance.imports.drafts import Draft
from compliance.imports.fields import Field
from compliance.imports.notes import Code, Note
from compliance.imports.outlines import outside
from compliance.registry.plots.geometry import GeometryRefused, read_geometry

FEWEST_DECIMALS = 3
KILOMETRES_BY_DECIMALS = {0: 79, 1: 8, 2: 1}
DECIMALS_OF_MICRODEGREES = 6
ENOUGH_DECIMALS = 9


def read_point(draft: Draft) -> None:
    """Take over a point in decimal degrees, from two cells, one, or the geometry."""
    if draft.row.geometry is not None:
        _read_geometry(draft, draft.row.geometry)
        return
    if Field.LATITUDE in draft.layout.places:
        _read_two_cells(draft)
    elif text := draft.given(Field.POINT):
        pair = pair_of(text)
        if pair is None:
            draft.note(Code.POINT_UNREADABLE, Field.POINT)
        else:
            _take(draft, Field.POINT, *pair)


def _read_two_cells(draft: Draft) -> None:
    texts = draft.given(Field.LATITUDE), draft.given(Field.LONGITUDE)
    if not any(texts):
        return
    if not all(texts):
        draft.note(Code.POINT_HALF, Field.LATITUDE if texts[0] else Field.LONGITUDE)
        return
    latitude, longitude = map(degrees_of, texts)
    if latitude is None or longitude is None:
        wrong = Field.LATITUDE if latitude is None else Field.LONGITUDE
        draft.note(Code.POINT_UNREADABLE, wrong)
        return
    _take(draft, Field.LATITUDE, latitude, longitude)


def _take(draft: Draft, name: Field, latitude: Degrees, longitude: Degrees) -> None:
    if latitude.value == 0 and longitude.value == 0:
        draft.note(Code.POINT_ZERO, name)
        return
    if not (-90 <= latitude.value <= 90 and -180 <= longitude.value <= 180):
        if swapped := _swapped(draft, latitude.value, longitude.value):
            draft.note(Code.POINT_SWAPPED, name, country=swapped)
        else:
            draft.note(Code.POINT_IMPOSSIBLE, name)
        return
    draft.values["latitude"] = round(latitude.value, DECIMALS_OF_MICRODEGREES)
    draft.values["longitude"] = round(longitude.value, DECIMALS_OF_MICRODEGREES)
    decimals = max(latitude.decimals, longitude.decimals)
    if decimals < FEWEST_DECIMALS:
        draft.note(
            Code.POINT_ROUNDED,
            name,
            decimals=decimals,
            kilometres=KILOMETRES_BY_DECIMALS[decimals],
        )


def _swapped(draft: Draft, latitude: float, longitude: float) -> str | None:
    """Return the row's country where the point lies there with its numbers swapped."""
    country = draft.values.get("country")
    if country is None or not (-90 <= longitude <= 90 and -180 <= latitude <= 180):
        return None
    return country if outside(country, [(longitude, latitude)]) == [0] else None


def _read_geometry(draft: Draft, text: str) -> None:
    read: Any = json.loads(text)
    geometry: dict[str, Any] = read if isinstance(read, dict) else {}
    kind = geometry.get("type")
    coordinates: Any = geometry.get("coordinates")
    if kind == "Point" and _is_position(coordinates):
        longitude, latitude = (
            Degrees(float(number), ENOUGH_DECIMALS) for number in coordinates[:2]
        )
        _take(draft, Field.POINT, latitude, longitude)
    elif kind in {"Polygon", "MultiPolygon"}:
        _read_outline(draft, text)
        middle = _middle(coordinates)
        if middle is not None:
            _take(draft, Field.POINT, *middle)
    else:
        draft.notes.append(
            Note(Code.GEOMETRY_KIND, "geometry", facts={"kind": str(kind)[:40]})
        )


def _read_outline(draft: Draft, text: str) -> None:
    try:
        read_geometry(text)
    except GeometryRefused as refused:
        facts = {"reason": str(refused.facts["why"])}
        draft.notes.append(Note(Code.GEOMETRY_REFUSED, "geometry", text, facts))
    else:
        draft.values["geometry"] = text


def _is_position(coordinates: Any) -> bool:
    return (
        isinstance(coordinates, list)
        and len(coordinates) >= 2
        and all(
            isinstance(number, int | float) and not isinstance(number, bool)
            for number in coordinates[:2]
        )
        and all(abs(number) < 1e6 for number in coordinates[:2])
    )


def _middle(coordinates: Any) -> tuple[Degrees, Degrees] | None:
    """Return the middle of the box around every position, however deep they lie."""
    positions: list[tuple[float, float]] = []
    waiting = [coordinates]
    while waiting:
        one = waiting.pop()
        if _is_position(one):
            positions.append((float(one[0]), float(one[1])))
        elif isinstance(one, list):
            waiting += one
    if not positions:
        return None
    longitudes, latitudes = zip(*positions, strict=True)
    return (
        Degrees((min(latitudes) + max(latitudes)) / 2, ENOUGH_DECIMALS),
        Degrees((min(longitudes) + max(longitudes)) / 2, ENOUGH_DECIMALS),
    )


def look_at_countries(drafts: Sequence[Draft]) -> None:
    """Note the points that lie outside the country of their row; none is refused."""
    by_country: dict[str, list[Draft]] = {}
    for draft in drafts:
        if "latitude" in draft.values and "country" in draft.values:
            by_country.setdefault(draft.values["country"], []).append(draft)
    for country, those in by_country.items():
        points = [(one.values["latitude"], one.values["longitude"]) for one in those]
        for draft, kilometres in zip(those, outside(country, points), strict=True):
            if kilometres:
                _note_elsewhere(draft, country, kilometres)


def _note_elsewhere(draft: Draft, country: str, kilometres: float) -> None:
    name = Field.LATITUDE if Field.LATITUDE in draft.layout.places else Field.POINT
    latitude, longitude = draft.values["latitude"], draft.values["longitude"]
    swapped = _swapped(draft, latitude, longitude)
    if swapped:
        draft.note(Code.POINT_SWAPPED, name, country=swapped)
    else:
        draft.note(
            Code.POINT_ELSEWHERE,
            name,
            kilometres=round(kilometres),
            country=country,
        )
