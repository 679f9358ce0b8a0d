"""Which column means which field: proposed from the headings, corrected once, remembered."""

import hashlib
from collections.abc import Mapping, Sequence

from compliance.imports.fields import FIELDS, Field
from compliance.imports.names import folded
from compliance.problems import Kind, Problem
from compliance.texts import N_

Columns = Mapping[Field, str]
PAIRS = ((Field.LATITUDE, Field.LONGITUDE),)


class ColumnUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The list has no such column")
    detail = N_(
        "'{field}' was mapped to the column {column}, which is not there. The columns "
        "of the list are: {columns}."
    )


class FieldUnknown(Problem):
    kind = Kind.INVALID
    title = N_("There is no such field")
    detail = N_("A column cannot mean '{field}'. The fields are: {fields}.")


class ColumnsMissing(Problem):
    kind = Kind.CONFLICT
    title = N_("Columns must be mapped first")
    detail = N_(
        "It is not known which columns mean: {missing}. Map them, or choose one "
        "country for the whole list."
    )


def fingerprint_of(headings: Sequence[str]) -> str:
    """Return what tells one layout of lists from another: its headings in their order."""
    text = "\n".join(folded(heading) or heading for heading in headings)
    return hashlib.sha256(text.encode()).hexdigest()


def proposed(headings: Sequence[str]) -> dict[Field, str]:
    """Return for each field the heading that is surest to mean it; none is used twice.

    Only a heading that is known word for word is proposed: a wrong guess that nobody
    notices does more harm than a question.
    """
    ranked = sorted(
        (rank, place, field, heading)
        for place, heading in enumerate(headings)
        for field, described in FIELDS.items()
        for rank in _ranks(heading, described.headings)
    )
    found: dict[Field, str] = {}
    used: set[str] = set()
    for _, _, field, heading in ranked:
        if field not in found and heading not in used:
            found[field] = heading
            used.add(heading)
    return _whole(found)


def _ranks(heading: str, known: tuple[str, ...]) -> tuple[int, ...]:
    name = folded(heading)
    return (known.index(name),) if name in known else ()


def _whole(found: dict[Field, str]) -> dict[Field, str]:
    """Drop what is of no use alone: a latitude without its longitude, a unit alone."""
    for one, other in PAIRS:
        if (one in found) != (other in found):
            found.pop(one, None)
            found.pop(other, None)
    if Field.ALTITUDE not in found:
        found.pop(Field.ALTITUDE_UNIT, None)
    return found


def checked(columns: Mapping[str, str], headings: Sequence[str]) -> dict[Field, str]:
    """Return a mapping that somebody gave, or raise a Problem that says what is wrong."""
    found: dict[Field, str] = {}
    for name, column in columns.items():
        if name not in set(Field):
            raise FieldUnknown(field=name, fields=", ".join(Field))
        if column not in headings:
            raise ColumnUnknown(field=name, column=column, columns=", ".join(headings))
        found[Field(name)] = column
    for pair in PAIRS:
        given = [field for field in pair if field in found]
        if len(given) == 1:
            missing = next(field for field in pair if field not in found)
            raise ColumnsMissing(missing=missing)
    return found


def missing(columns: Columns, *, country: str | None) -> tuple[Field, ...]:
    """Return the fields without which no row can become a site."""
    needed = [Field.NAME] if country else [Field.NAME, Field.COUNTRY]
    return tuple(field for field in needed if field not in columns)
