"""Kobo's JSON (API v2): flat keys such as `group/question`, repeats as lists of objects."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from audits.checklists.form import FormSchema
from audits.checklists.mistakes import sentence
from audits.visit_imports.assembling import (
    Assembler,
    Export,
    Fault,
    Visit,
    instance_id_of,
)
from audits.visit_imports.problems import ExportUnreadable
from audits.visit_imports.rebuilding import Entry
from compliance.texts import N_

DEEPEST = 16


def read_kobo_json(schema: FormSchema, content: bytes) -> Export:
    """Return the visits of an export, or raise ExportUnreadable."""
    assembler = Assembler(schema)
    visits = []
    for number, told in enumerate(_results(content), start=1):
        entry, faults = _entry(assembler, None, told, 0)
        plain = {key: _text(value) or "" for key, value in told.items()}
        visits.append(Visit(number, instance_id_of(plain, faults), entry, faults))
    return Export(tuple(visits), assembler.notices, None)


def _results(content: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(content)
        # Half of a pair of code units is JSON, but no text that could be kept.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise ExportUnreadable(reason=N_("The file is not JSON.")) from fault
    found = document.get("results") if isinstance(document, dict) else document
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ExportUnreadable(
            reason=N_("The JSON is no list of visits under 'results'.")
        )
    return found


def _entry(
    assembler: Assembler, repeat: str | None, told: Mapping[str, Any], depth: int
) -> tuple[Entry, list[Fault]]:
    cells = [(key, text) for key, value in told.items() if (text := _text(value))]
    entry, faults = assembler.entry(repeat, cells)
    for key, value in told.items():
        if not isinstance(value, list | dict) or key.startswith("_"):
            continue
        path = _repeat_path(assembler.schema, key)
        if path is None or not isinstance(value, list) or depth > DEEPEST:
            assembler.note_unknown(key)
            continue
        for inner in _objects(key, value, faults):
            made, more = _entry(assembler, path, inner, depth + 1)
            entry.entries.setdefault(path, []).append(made)
            faults += more
    return entry, faults


def _repeat_path(schema: FormSchema, key: str) -> str | None:
    names = {
        one.path.removeprefix(f"/{schema.root}/"): one.path for one in schema.repeats
    }
    return names.get(key)


def _objects(
    key: str, value: list[Any], faults: list[Fault]
) -> Iterator[Mapping[str, Any]]:
    for one in value:
        if isinstance(one, dict):
            yield one
        else:
            faults.append(
                Fault(
                    key,
                    sentence(N_("An entry of the list is no object.")),
                    sentence(N_("Export again in the tool's own JSON.")),
                )
            )


def _text(value: Any) -> str | None:
    """Return a plain value as text; lists and objects are none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return None
