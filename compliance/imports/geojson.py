"""Lists as GeoJSON (RFC 7946): each feature a row, its properties the columns."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from compliance.imports.tables import (
    Format,
    ListEmpty,
    ListUnreadable,
    Row,
    Source,
    Table,
    Told,
    counted,
    headings_of,
    told,
)
from compliance.texts import N_

_BLANK = " \t\r\n"
DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326")


class _NotJson(ValueError):
    pass


@dataclass(frozen=True)
class _Found:
    """What a first pass over the text found: where the features begin, and of what."""

    start: int
    count: int
    names: tuple[str, ...]
    noticed: tuple[Told, ...]


def read_geojson(source: Source) -> Table:
    """Return the features of a collection as a table; the id is a column of its own."""
    try:
        text = source.path.read_text("utf-8-sig")
        found = _look(text)
    except (ValueError, RecursionError) as error:
        raise ListUnreadable(
            reason=N_("The file is not a GeoJSON FeatureCollection."),
            remedy=N_(
                "Export the layer as GeoJSON (RFC 7946): an object of the type "
                "FeatureCollection whose features have properties and a geometry."
            ),
            error=str(error)[:200],
        ) from error
    if not found.count:
        raise ListEmpty
    return Table(
        format=Format.GEOJSON,
        headings=headings_of(list(found.names)),
        rows=counted(_rows(text, found)),
        size=found.count,
        noticed=found.noticed,
    )


def _look(text: str) -> _Found:
    decoder = _decoder()
    place = _skip(text, 0, "{")
    members: dict[str, Any] = {}
    found = _Found(-1, 0, (), ())
    while True:
        name, place = decoder.raw_decode(text, _skip(text, place))
        place = _skip(text, _skip(text, place, ":"))
        if name == "features":
            found, place = _look_at_features(text, _skip(text, place, "["))
        else:
            members[name], place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        if text[place : place + 1] != ",":
            break
        place += 1
    _skip(text, place, "}")
    if members.get("type") != "FeatureCollection" or found.start < 0:
        raise _NotJson("no features")
    return replace(found, noticed=_coordinates_noticed(members.get("crs")))


def _look_at_features(text: str, start: int) -> tuple[_Found, int]:
    names: dict[str, None] = {}
    count, place = 0, start
    for feature, after in _features(text, start):
        count, place = count + 1, after
        names |= dict.fromkeys(_properties(feature))
    return _Found(start, count, tuple(names), ()), _skip(text, place, "]")


def _coordinates_noticed(system: Any) -> tuple[Told, ...]:
    if system is None or any(name in json.dumps(system) for name in DEGREES):
        return ()
    return (
        told(
            N_(
                "The file names a system of coordinates of its own. GeoJSON has degrees "
                "of longitude and latitude (WGS 84), and as such they were read."
            )
        ),
    )


def _features(text: str, start: int) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield each feature and the place after it, one at a time: none is kept."""
    decoder, place = _decoder(), _skip(text, start)
    while text[place : place + 1] != "]":
        feature, place = decoder.raw_decode(text, place)
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise _NotJson("a member of features is no Feature")
        yield feature, place
        place = _skip(text, place)
        if text[place : place + 1] == "]":
            return
        place = _skip(text, _skip(text, place, ","))


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    found = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in found:
        found["id"] = feature["id"]
    return found


def _rows(text: str, found: _Found) -> Iterator[Row]:
    for number, (feature, _) in enumerate(_features(text, found.start), start=1):
        properties = _properties(feature)
        geometry = feature.get("geometry")
        yield Row(
            number,
            tuple(_text(properties.get(name)) for name in found.names),
            geometry=None if geometry is None else json.dumps(geometry),
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A half of a surrogate pair is a character to JSON and to nobody else.
    return text.encode("utf-8", "replace").decode("utf-8")


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise _NotJson(f"{name} is no number of JSON")


def _skip(text: str, place: int, expected: str = "") -> int:
    """Return the place after blanks, and after `expected`, which must stand there."""
    while place < len(text) and text[place] in _BLANK:
        place += 1
    if expected and text[place : place + 1] != expected:
        raise _NotJson(f"'{expected}' was expected at character {place}")
    return place + len(expected)
