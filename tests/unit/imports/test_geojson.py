"""GeoJSON: features as rows, whatever the order of members, and what is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from compliance.imports.reading import read_list
from compliance.imports.tables import ListEmpty, ListUnreadable, Source, Table


def feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def table_of(folder: Path, text: str) -> Table:
    path = folder / "list.geojson"
    path.write_text(text, "utf-8")
    return read_list(Source(path, "list.geojson"))


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def test_properties_become_columns_and_the_geometry_comes_along(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [-75.6, 3.2]}

    table = table_of(
        tmp_path,
        collection(
            feature(point, name="El Cedro", area=2.5),
            {**feature(None, name="El Nogal", municipality="Planadas"), "id": 7},
        ),
    )
    rows = list(table.rows)

    assert table.headings == ("name", "area", "municipality", "id")
    assert rows[0].cells == ("El Cedro", "2.5", "", "")
    assert json.loads(rows[0].geometry or "") == point
    assert rows[1].cells == ("El Nogal", "", "Planadas", "7")
    assert rows[1].geometry is None


def test_members_may_stand_in_any_order(tmp_path: Path) -> None:
    text = (
        '{"features": ['
        + json.dumps(feature(name="A"))
        + '], "type": "FeatureCollection"}'
    )

    assert [row.cells for row in table_of(tmp_path, text).rows] == [("A",)]


def test_another_system_of_coordinates_is_told(tmp_path: Path) -> None:
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3116"}}

    table = table_of(tmp_path, collection(feature(name="A"), crs=system))

    assert "system of coordinates" in table.noticed[0].message


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"type": "Feature", "properties": {}}',
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": {}}',
        '{"type": "FeatureCollection", "features": [1]}',
        '{"type": "FeatureCollection", "features": [{"type": "Point"}]}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature"} 3]}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "x": NaN}]}',
        '{"type": "FeatureCollection", "features": ' + "[" * 100_000,
    ],
)
def test_what_is_no_collection_is_refused_with_a_remedy(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(ListUnreadable, match="RFC 7946"):
        table_of(tmp_path, text)


def test_a_collection_without_features_is_empty(tmp_path: Path) -> None:
    with pytest.raises(ListEmpty):
        table_of(tmp_path, collection())
