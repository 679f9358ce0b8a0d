"""How an import is told on its pages: the words of its states, and pairs side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from api.imports_wire import told_reasons
from compliance.identity.scope import Scope
from compliance.imports import queries
from compliance.imports.fields import FIELDS, KEPT_ONLY, Field
from compliance.imports.lifecycle import Choice, Outcome, RowState, State
from compliance.imports.queries import CandidateRecord, RowRecord
from compliance.registry.queries import SiteNotFound, site
from compliance.texts import N_, translate
from rules.places import country_name

STATES: Mapping[State, str] = {
    State.READING: N_("Being read"),
    State.MAPPING: N_("Waiting for its columns"),
    State.READY: N_("Ready to be decided"),
    State.APPLYING: N_("Being registered"),
    State.APPLIED: N_("Registered"),
    State.CANCELLED: N_("Given up"),
    State.FAILED: N_("Could not be read"),
}
ROW_STATES: Mapping[RowState, str] = {
    RowState.NEW: N_("New"),
    RowState.SAME: N_("Known already"),
    RowState.PERHAPS: N_("Perhaps known"),
    RowState.REFUSED: N_("Refused"),
}
CHOICES: Mapping[Choice, str] = {
    Choice.NEW: N_("a site of its own"),
    Choice.SAME_AS: N_("the same site"),
    Choice.SKIP: N_("left out"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.MADE: N_("registered"),
    Outcome.MATCHED: N_("recognised"),
    Outcome.SKIPPED: N_("left out"),
}
# The marks of the style sheet that fit.
MARKS: Mapping[RowState, str] = {
    RowState.NEW: "conformity",
    RowState.SAME: "",
    RowState.PERHAPS: "superseded",
    RowState.REFUSED: "non_conformity",
}
ROW_NAMED = N_("Row {row} of this list")
NOT_KNOWN = "–"
KILOMETRES_DECIMALS = 5


@dataclass(frozen=True)
class Column:
    """One of the things that are set side by side; `choose` decides for it."""

    title: str
    link: str | None
    choose: str | None
    score: int | None
    reasons: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A row of the list beside the sites and rows it might be."""

    labels: tuple[str, ...]
    row: Column
    others: tuple[Column, ...]


def comparison(
    session: Session,
    scope: Scope,
    public_id: str,
    row: RowRecord,
    language: str,
) -> Comparison:
    """Return a row beside its candidates, line by line."""
    others = [
        _other(session, scope, public_id, candidate, language)
        for candidate in row.candidates
    ]
    labels = tuple(translate(LABELS[one], language) for one in COMPARED)
    mine = Column(
        title=translate(ROW_NAMED, language, row=row.number),
        link=None,
        choose=None,
        score=None,
        reasons=(),
        values=_values(row.found, language),
    )
    return Comparison(labels, mine, tuple(one for one in others if one is not None))


COMPARED = (
    Field.NAME,
    Field.COUNTRY,
    Field.ADMIN1,
    Field.MUNICIPALITY,
    Field.LOCALITY,
    Field.POINT,
    Field.ALTITUDE,
    Field.AREA,
    Field.OWN_NUMBER,
)
LABELS = {
    **{field: described.label for field, described in FIELDS.items()},
    Field.POINT: N_("Point"),
    Field.OWN_NUMBER: N_("Numbers elsewhere"),
}


def _other(
    session: Session,
    scope: Scope,
    public_id: str,
    candidate: CandidateRecord,
    language: str,
) -> Column | None:
    reasons = tuple(told_reasons(candidate, language))
    if candidate.site is not None:
        try:
            record = site(session, scope, candidate.site)
        except SiteNotFound:
            return None
        numbers = {one.scheme.value: one.value for one in record.identifiers}
        found = {
            "name": record.name,
            "country": record.country,
            "admin1": record.admin1,
            "municipality": record.municipality,
            "latitude": record.latitude,
            "longitude": record.longitude,
            "area_square_metres": record.area_square_metres,
            "identifiers": numbers,
        }
        return Column(
            title=record.name,
            link=f"/sites/{record.public_id}",
            choose=f"site:{record.public_id}",
            score=candidate.score,
            reasons=reasons,
            values=_values(found, language),
        )
    if candidate.row is None:
        return None
    before = queries.row(session, scope, public_id, candidate.row)
    return Column(
        title=translate(ROW_NAMED, language, row=before.number),
        link=f"/imports/{public_id}/rows/{before.number}",
        choose=f"row:{before.number}",
        score=candidate.score,
        reasons=reasons,
        values=_values(before.found, language),
    )


def _values(found: Mapping[str, Any], language: str) -> tuple[str, ...]:
    country = found.get("country")
    texts = {
        Field.NAME: found.get("name"),
        Field.COUNTRY: None if country is None else country_name(country, language),
        Field.ADMIN1: found.get("admin1"),
        Field.MUNICIPALITY: found.get("municipality"),
        Field.LOCALITY: found.get("locality"),
        Field.POINT: _point(found),
        Field.ALTITUDE: _altitude(found),
        Field.AREA: _area(found, language),
        Field.OWN_NUMBER: _numbers(found.get("identifiers") or {}),
    }
    return tuple(texts[one] or NOT_KNOWN for one in COMPARED)


def _point(found: Mapping[str, Any]) -> str | None:
    if found.get("latitude") is None:
        return None
    return (
        f"{found['latitude']:.{KILOMETRES_DECIMALS}f}, "
        f"{found['longitude']:.{KILOMETRES_DECIMALS}f}"
    )


def _altitude(found: Mapping[str, Any]) -> str | None:
    low, high = found.get("altitude_low"), found.get("altitude_high")
    if low is None:
        return None
    return f"{low} m" if low == high else f"{low}–{high} m"


def _area(found: Mapping[str, Any], language: str) -> str | None:
    area = found.get("area_square_metres")
    if area is None:
        return None
    return f"{format_decimal(area / 10_000, '#,##0.####', locale=language)} ha"


def _numbers(numbers: Mapping[str, str]) -> str | None:
    return ", ".join(sorted(numbers.values())) or None


@dataclass(frozen=True)
class FieldChoice:
    """A field that a column can mean, with the columns to choose from."""

    name: str
    label: str
    chosen: str | None
    is_needed: bool
    is_kept_only: bool


def field_choices(
    columns: Mapping[Field, str], needed: Sequence[Field], language: str
) -> tuple[FieldChoice, ...]:
    """Return every field with the column that means it now."""
    return tuple(
        FieldChoice(
            name=field.value,
            label=translate(described.label, language),
            chosen=columns.get(field),
            is_needed=field in needed,
            is_kept_only=field in KEPT_ONLY,
        )
        for field, described in FIELDS.items()
    )
