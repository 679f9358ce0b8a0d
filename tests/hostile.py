"""Hostile bytes and texts that others have gathered, and bodies filled with them."""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from api.app import create_app
from api.contract import contract
from compliance.settings import Settings

FOLDER = Path(__file__).parent / "data" / "hostile"
JSON = "application/json"
# What a pattern or a format of the contract accepts; of others nothing is known.
OF_PATTERN = {"^[A-Z]{2}$": "CO", r"^20\d\d(-(main|mid))?$": "2026-main"}
OF_FORMAT = {"date": "2026-11-03", "date-time": "2026-11-03T09:30:00-05:00"}


@dataclass(frozen=True)
class Case:
    """A file of the JSON test suite and what a parser must make of it."""

    name: str
    expect: str
    content: bytes


@dataclass(frozen=True)
class Operation:
    """A way in that takes a JSON body."""

    method: str
    path: str
    schema: Mapping[str, Any]

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def address(self, value: str = "none") -> str:
        """Return its path with every parameter given the same value."""
        parts = self.path.split("/")
        return "/".join(value if "{" in part else part for part in parts)


def json_cases() -> list[Case]:
    lines = (FOLDER / "json_parsing_cases.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    return [
        Case(one["name"], one["expect"], zlib.decompress(base64.b64decode(packed)))
        for one in told
        for packed in [one["zlib_base64"]]
    ]


def naughty_strings() -> list[str]:
    strings: list[str] = json.loads((FOLDER / "blns.json").read_text())
    return strings


class Contract:
    """The product's contract, asked for the bodies it takes."""

    def __init__(self) -> None:
        self.document = contract(create_app(Settings()))

    def operations(self) -> list[Operation]:
        return sorted(self._operations(), key=str)

    def _operations(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            for method, told in methods.items():
                content = told.get("requestBody", {}).get("content", {})
                if JSON in content:
                    schema = content[JSON].get("schema", {})
                    yield Operation(method.upper(), path, schema)

    def filled(self, schema: Mapping[str, Any], text: str) -> Any:
        """Return a value of this schema with `text` wherever a free text may stand."""
        schema = self._resolved(schema)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "string":
                return self._string(schema, text)
            case "object" | None:
                return self._object(schema, text)
            case "array":
                return [self.filled(schema.get("items", {}), text)]
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._resolved(self.document["components"]["schemas"][name])
        for either in ("anyOf", "oneOf", "allOf"):
            if either in schema:
                return self._resolved(schema[either][0])
        return schema

    def _string(self, schema: Mapping[str, Any], text: str) -> str:
        if "format" in schema:
            return OF_FORMAT.get(schema["format"], text)
        return OF_PATTERN.get(schema.get("pattern", ""), text)

    def _object(self, schema: Mapping[str, Any], text: str) -> dict[str, Any]:
        return {
            name: self.filled(member, text)
            for name, member in schema.get("properties", {}).items()
        }
