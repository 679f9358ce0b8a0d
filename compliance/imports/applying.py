"""A confirmed list becomes sites: all its rows in one transaction, or none.

What the dry run found is looked at once more here, since the register may have grown in
the meantime: a row that was imported by another list, or whose number was taken, makes
no second site. The trail gets one entry, with the hash of a manifest that names for
every row the site it made or met.
"""

import hashlib
import json
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.files import Files
from compliance.identifiers import new_ids, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports import bulk
from compliance.imports.lifecycle import Choice, Outcome, RowState, State, step
from compliance.imports.models import SiteImport, SiteImportRow, SiteOrigin
from compliance.imports.queries import Waiting, waiting_import
from compliance.registry.folding import folded
from compliance.registry.models import Plot, Site, SiteIdentifier, Source
from compliance.registry.plots.geodesy import area_square_metres
from compliance.registry.plots.geometry import read_geometry
from compliance.registry.plots.queries import WIDE_UNITS

Report = Callable[[int, int], None]
ROWS_AT_ONCE = 5_000
IDS_AT_ONCE = 1_000
MICRO = 1_000_000
SITE_COLUMNS = (
    "id",
    "public_id",
    "owner_id",
    "kept_id",
    "kind",
    "name",
    "name_folded",
    "country",
    "admin1",
    "municipality",
    "commodity",
    "latitude_microdegrees",
    "longitude_microdegrees",
    "area_square_metres",
    "group_id",
    "state",
    "source",
    "source_reference",
    "version",
    "registered_at",
)
NUMBER_COLUMNS = ("id", "owner_id", "site_id", "scheme", "value")
PLOT_COLUMNS = (
    "id",
    "public_id",
    "owner_id",
    "site_id",
    "kind",
    "original",
    "geometry",
    "geometry_sha256",
    "west",
    "south",
    "east",
    "north",
    "is_wide",
    "area_square_metres",
    "source",
    "source_reference",
    "registered_at",
)
ORIGIN_COLUMNS = (
    "id",
    "owner_id",
    "site_id",
    "import_id",
    "number",
    "outcome",
    "fingerprint",
    "occurrence",
)


@dataclass(frozen=True)
class Place:
    """A site by its inside key and its public id."""

    id: uuid.UUID
    public_id: str


def _ids() -> Iterator[uuid.UUID]:
    while True:
        yield from new_ids(IDS_AT_ONCE)


@dataclass
class Means:
    """What rows are turned into sites with; it grows as they are."""

    owner_id: uuid.UUID
    import_id: uuid.UUID
    public_id: str
    sites: dict[str, Place]
    numbers: dict[tuple[str, str], Place]
    origins: dict[tuple[bytes, int], Place]
    groups: Mapping[str, uuid.UUID]
    registered_at: datetime
    ids: Iterator[uuid.UUID] = field(default_factory=_ids)
    by_row: dict[int, Place] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Batch:
    """The rows of the tables that some rows of the list become."""

    sites: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: list[tuple[Any, ...]] = field(default_factory=list)
    plots: list[tuple[Any, ...]] = field(default_factory=list)
    origins: list[tuple[Any, ...]] = field(default_factory=list)


def apply(
    session: Session, scope: Scope, files: Files, import_id: str, report: Report
) -> Mapping[str, int]:
    """Take a confirmed import over, once: applied already, it changes nothing more."""
    scope.require(Permission.CHANGE_REGISTER)
    _one_at_a_time(session, scope)
    waiting = waiting_import(session, scope, import_id, for_update=True)
    if waiting.state is State.APPLIED:
        return {}
    reached = step(waiting.state, State.APPLIED)
    means = _means(session, scope, waiting, import_id)
    with tempfile.NamedTemporaryFile(dir=files.incoming(), delete=False) as manifest:
        _write_heading(manifest, waiting, import_id)
        _take_over(session, means, manifest, report)
    path = Path(manifest.name)
    manifest_sha256 = _digest(path)
    files.take(path, manifest_sha256)
    _finish(session, scope, means, reached, manifest_sha256)
    return dict(means.counts)


def _one_at_a_time(session: Session, scope: Scope) -> None:
    """Two imports of one organisation never look at the register at the same moment."""
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == scope.organisation_id)
        .with_for_update(key_share=True)
    )


def _means(session: Session, scope: Scope, waiting: Waiting, public_id: str) -> Means:
    owner = scope.organisation_id
    by_id = {
        row.id: Place(row.kept_id, row.public_id)
        for row in session.execute(
            select(Site.id, Site.kept_id, Site.public_id).where(Site.owner_id == owner)
        )
    }
    numbers = session.execute(
        select(
            SiteIdentifier.scheme, SiteIdentifier.value, SiteIdentifier.site_id
        ).where(SiteIdentifier.owner_id == owner)
    )
    origins = session.execute(
        select(SiteOrigin.fingerprint, SiteOrigin.occurrence, SiteOrigin.site_id)
        .where(SiteOrigin.owner_id == owner, SiteOrigin.site_id.is_not(None))
        .order_by(SiteOrigin.id)
    )
    groups = session.execute(
        select(Organisation.public_id, Organisation.id).where(
            Organisation.registered_by_id == owner
        )
    )
    return Means(
        owner_id=owner,
        import_id=waiting.id,
        public_id=public_id,
        sites={place.public_id: place for place in by_id.values()},
        numbers={(one.scheme, one.value): by_id[one.site_id] for one in numbers},
        origins={
            (one.fingerprint, one.occurrence): by_id[one.site_id] for one in origins
        },
        groups={one.public_id: one.id for one in groups},
        registered_at=clock.now(),
    )


def _take_over(
    session: Session, means: Means, manifest: IO[bytes], report: Report
) -> None:
    done = 0
    total = session.scalar(
        select(func.count()).where(SiteImportRow.import_id == means.import_id)
    )
    for rows in _rows(session, means.import_id):
        batch = Batch()
        for row in rows:
            outcome, place = _taken(row, means, batch)
            if outcome is not None:
                manifest.write(_line(row, outcome, place))
        bulk.load(session, Site, SITE_COLUMNS, batch.sites)
        bulk.load(session, SiteIdentifier, NUMBER_COLUMNS, batch.numbers)
        bulk.load(session, Plot, PLOT_COLUMNS, batch.plots)
        bulk.load(session, SiteOrigin, ORIGIN_COLUMNS, batch.origins)
        done += len(rows)
        report(done, total or done)


def _rows(session: Session, import_id: uuid.UUID) -> Iterator[list[Any]]:
    """Yield the rows of a list in their order, some at a time."""
    last = 0
    while True:
        found = session.execute(
            select(
                SiteImportRow.number,
                SiteImportRow.state,
                SiteImportRow.found,
                SiteImportRow.candidates,
                SiteImportRow.fingerprint,
                SiteImportRow.occurrence,
                SiteImportRow.choice,
                SiteImportRow.chosen_site,
                SiteImportRow.chosen_row,
            )
            .where(SiteImportRow.import_id == import_id, SiteImportRow.number > last)
            .order_by(SiteImportRow.number)
            .limit(ROWS_AT_ONCE)
        ).all()
        if not found:
            return
        yield list(found)
        last = found[-1].number


def _taken(row: Any, means: Means, batch: Batch) -> tuple[Outcome | None, Place | None]:
    """Say which site a row makes or meets; a refused one has no outcome.

    A row that is the same as one that was left out is left out with it.
    """
    if row.state == RowState.REFUSED:
        means.counts["refused"] += 1
        return None, None
    found = orjson.loads(row.found)
    outcome, place = Outcome.MATCHED, _met(row, found, means)
    if place is None and _is_new(row):
        outcome, place = Outcome.MADE, _made(found, means, batch)
    if place is None:
        outcome = Outcome.SKIPPED
    else:
        means.by_row[row.number] = place
        means.origins[row.fingerprint, row.occurrence] = place
    means.counts[outcome] += 1
    batch.origins.append(
        (
            next(means.ids),
            means.owner_id,
            None if place is None else place.id,
            means.import_id,
            row.number,
            outcome,
            row.fingerprint,
            row.occurrence,
        )
    )
    return outcome, place


def _is_new(row: Any) -> bool:
    if row.choice is not None:
        return bool(row.choice == Choice.NEW)
    return bool(row.state == RowState.NEW)


def _met(row: Any, found: Mapping[str, Any], means: Means) -> Place | None:
    """Return the site that a row is, as decided or as the register now shows."""
    if row.choice == Choice.SKIP:
        return None
    if row.choice == Choice.SAME_AS:
        return _named(row.chosen_site, row.chosen_row, means)
    if row.choice is None and row.state == RowState.SAME:
        site, at_row, *_ = orjson.loads(row.candidates)[0]
        return _named(site, at_row, means)
    if not _is_new(row):
        return None
    if row.state != RowState.SAME:
        known = means.origins.get((row.fingerprint, row.occurrence))
        if known is not None:
            return known
    for number in found.get("identifiers", {}).items():
        if (place := means.numbers.get(number)) is not None:
            return place
    return None


def _named(site: str | None, at_row: int | None, means: Means) -> Place | None:
    if site is not None:
        return means.sites.get(site)
    return None if at_row is None else means.by_row.get(at_row)


def _made(found: Mapping[str, Any], means: Means, batch: Batch) -> Place:
    site_id = next(means.ids)
    place = Place(site_id, new_public_id("site"))
    batch.sites.append(
        (
            site_id,
            place.public_id,
            means.owner_id,
            site_id,
            found["kind"],
            found["name"],
            folded(found["name"]),
            found["country"],
            found.get("admin1"),
            found.get("municipality"),
            found["commodity"],
            _micro(found.get("latitude")),
            _micro(found.get("longitude")),
            found.get("area_square_metres"),
            means.groups.get(found.get("group", "")),
            "active",
            Source.IMPORT,
            means.public_id,
            1,
            means.registered_at,
        )
    )
    for scheme, value in found.get("identifiers", {}).items():
        means.numbers[scheme, value] = place
        batch.numbers.append((next(means.ids), means.owner_id, site_id, scheme, value))
    if "geometry" in found:
        batch.plots.append(_plot(found["geometry"], place, means))
    return place


def _plot(text: str, place: Place, means: Means) -> tuple[Any, ...]:
    read = read_geometry(text)
    west, south, east, north = read.box
    return (
        next(means.ids),
        new_public_id("plot"),
        means.owner_id,
        place.id,
        read.kind,
        read.original,
        read.text,
        read.sha256,
        west,
        south,
        east,
        north,
        east - west > WIDE_UNITS,
        area_square_metres(read),
        Source.IMPORT,
        means.public_id,
        means.registered_at,
    )


def _micro(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * MICRO)


def _write_heading(manifest: IO[bytes], waiting: Waiting, public_id: str) -> None:
    heading = {"import": public_id, "file_sha256": waiting.file_sha256}
    manifest.write(orjson.dumps(heading) + b"\n")


def _line(row: Any, outcome: Outcome, place: Place | None) -> bytes:
    line = {
        "row": row.number,
        "outcome": outcome,
        "site": None if place is None else place.public_id,
        "says": row.fingerprint.hex(),
    }
    return orjson.dumps(line) + b"\n"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finish(
    session: Session,
    scope: Scope,
    means: Means,
    reached: State,
    manifest_sha256: str,
) -> None:
    kept = json.loads(
        session.scalars(
            select(SiteImport.counts).where(SiteImport.id == means.import_id)
        ).one()
    )
    session.execute(
        update(SiteImport)
        .where(SiteImport.id == means.import_id)
        .values(
            state=reached,
            counts=json.dumps({**kept, **means.counts}),
            manifest_sha256=manifest_sha256,
            applied_at=clock.now(),
        )
    )
    if means.counts["made"]:
        site_marks.ask_for_all(session, scope.organisation_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="import.applied",
        subject_id=means.public_id,
        manifest_sha256=manifest_sha256,
        **{
            name: means.counts[name]
            for name in ("made", "matched", "skipped", "refused")
        },
    )
