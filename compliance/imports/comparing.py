"""Each row against the register and the rows before it: new, same, perhaps, refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.identity.scope import Scope
from compliance.imports.lifecycle import RowState
from compliance.imports.matching import (
    Candidate,
    Index,
    Known,
    Realm,
    Reason,
    Said,
    known_of,
)
from compliance.imports.models import SiteImport, SiteOrigin
from compliance.imports.normalising import Staged
from compliance.imports.notes import Code, Note
from compliance.registry.models import Site, SiteIdentifier

ROWS_AT_ONCE = 2_000
QUITE_DIFFERENT = 50  # of 100
MICRO = 1_000_000
# Beside a name and a country: what makes a row tell one place from others. Two farms
# of one name in one municipality are common, so for two lines of one list that is not
# enough; for a row that was imported before and comes again it is.
PLACED = frozenset({"identifiers", "latitude", "locality", "geometry"})
STRONG = PLACED | {"municipality"}


@dataclass(frozen=True)
class Compared:
    """What the dry run found about a row."""

    state: RowState
    candidates: tuple[Candidate, ...]
    occurrence: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What became of a row that says the same; a `site` of None: it was left out."""

    site: str | None
    name: str
    is_same_file: bool


@dataclass
class Register:
    """All that rows are compared with; it grows by the rows that are read."""

    index: Index = field(default_factory=Index)
    numbers: dict[tuple[str, str], Known] = field(default_factory=dict)
    origins: dict[tuple[bytes, int], Before] = field(default_factory=dict)
    lines: dict[bytes, int] = field(default_factory=dict)
    occurrences: Counter[bytes] = field(default_factory=Counter)

    def compare(self, staged: Staged) -> Compared:
        """Say what a row is, and let the rows after it be compared with it."""
        occurrence = self.occurrences[staged.fingerprint]
        self.occurrences[staged.fingerprint] += 1
        if staged.is_refused:
            return Compared(RowState.REFUSED, (), occurrence)
        known = known_of(staged.values, row=staged.number)
        compared = (
            self._by_row(staged, occurrence)
            or self._by_number(staged, known, occurrence)
            or self._by_line(staged, occurrence)
            or self._by_name(staged, known, occurrence)
        )
        self._add(staged, known, compared)
        return compared

    def _add(self, staged: Staged, known: Known, compared: Compared) -> None:
        """Let later rows be compared with a row: one that is known tells its address."""
        if compared.state is RowState.SAME:
            same = compared.candidates[0]
            self.index.add(
                _realm(staged.values), replace(known, site=same.site, row=same.row)
            )
        elif compared.state is not RowState.REFUSED:
            self.index.add(_realm(staged.values), known)
            for number in _numbers(staged):
                self.numbers.setdefault(number, known)
            self.lines.setdefault(staged.line, staged.number)

    def _by_row(self, staged: Staged, occurrence: int) -> Compared | None:
        before = self.origins.get((staged.fingerprint, occurrence))
        if before is None or before.site is None:
            return None
        is_sure = before.is_same_file or bool(STRONG & staged.values.keys())
        said: Said = (Reason.SAME_ROW, {})
        candidate = Candidate(before.site, None, before.name, 100, (said,))
        state = RowState.SAME if is_sure else RowState.PERHAPS
        return Compared(state, (candidate,), occurrence)

    def _by_number(
        self, staged: Staged, known: Known, occurrence: int
    ) -> Compared | None:
        found: dict[tuple[str | None, int | None], tuple[Known, str]] = {}
        for number in _numbers(staged):
            if (holder := self.numbers.get(number)) is not None:
                found[holder.site, holder.row] = holder, number[0]
        if not found:
            return None
        if len(found) > 1:
            note = Note(Code.TWO_SITES)
            return Compared(RowState.REFUSED, (), occurrence, (note,))
        holder, scheme = next(iter(found.values()))
        said: Said = (Reason.SAME_NUMBER, {"scheme": scheme})
        candidate = Candidate(holder.site, holder.row, holder.name, 100, (said,))
        notes: tuple[Note, ...] = ()
        if fuzz.ratio(known.core, holder.core) < QUITE_DIFFERENT:
            notes = (Note(Code.NAME_DIFFERS, facts={"other": holder.name}),)
        return Compared(RowState.SAME, (candidate,), occurrence, notes)

    def _by_line(self, staged: Staged, occurrence: int) -> Compared | None:
        row = self.lines.get(staged.line)
        if row is None or not PLACED & staged.values.keys():
            return None
        said: Said = (Reason.SAME_LINE, {})
        candidate = Candidate(None, row, staged.values["name"], 100, (said,))
        return Compared(RowState.SAME, (candidate,), occurrence)

    def _by_name(self, staged: Staged, known: Known, occurrence: int) -> Compared:
        candidates = self.index.candidates(_realm(staged.values), known)
        if not candidates and (staged.fingerprint, occurrence) in self.origins:
            said: Said = (Reason.LEFT_OUT, {})
            candidates = (Candidate(None, None, known.name, 100, (said,)),)
        state = RowState.PERHAPS if candidates else RowState.NEW
        return Compared(state, candidates, occurrence)


def _realm(values: Mapping[str, Any]) -> Realm:
    return str(values["kind"]), str(values["commodity"]), values["country"]


def _numbers(staged: Staged) -> Iterable[tuple[str, str]]:
    numbers = staged.values.get("identifiers")
    return numbers.items() if numbers else ()


def register_of(session: Session, scope: Scope, file_sha256: str) -> Register:
    """Return the register of an organisation, ready to be compared with."""
    register = Register()
    numbers = _numbers_by_site(session, scope)
    sites: dict[Any, Known] = {}
    for row in session.execute(
        select(
            Site.id,
            Site.public_id,
            Site.kind,
            Site.commodity,
            Site.country,
            Site.name,
            Site.admin1,
            Site.municipality,
            Site.latitude_microdegrees,
            Site.longitude_microdegrees,
        ).where(Site.owner_id == scope.organisation_id, Site.kept_id == Site.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    ):
        values = {
            "name": row.name,
            "admin1": row.admin1,
            "municipality": row.municipality,
            "latitude": _degrees(row.latitude_microdegrees),
            "longitude": _degrees(row.longitude_microdegrees),
            "identifiers": numbers.get(row.id),
        }
        known = sites[row.id] = known_of(values, site=row.public_id)
        register.index.add((row.kind, row.commodity, row.country), known)
        for number in known.numbers.items():
            register.numbers[number] = known
    _add_origins(session, scope, register, file_sha256)
    return register


def _numbers_by_site(session: Session, scope: Scope) -> dict[Any, dict[str, str]]:
    """Return scheme → number of each site; a merged record's are the kept one's."""
    found: dict[Any, dict[str, str]] = {}
    for number in session.execute(
        select(SiteIdentifier.scheme, SiteIdentifier.value, Site.kept_id)
        .join(Site, Site.id == SiteIdentifier.site_id)
        .where(SiteIdentifier.owner_id == scope.organisation_id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    ):
        found.setdefault(number.kept_id, {})[number.scheme] = number.value
    return found


def _add_origins(
    session: Session, scope: Scope, register: Register, file_sha256: str
) -> None:
    for origin in session.execute(
        select(
            SiteOrigin.fingerprint,
            SiteOrigin.occurrence,
            Site.public_id,
            Site.name,
            SiteImport.file_sha256,
        )
        .outerjoin(Site, Site.id == SiteOrigin.site_id)
        .join(SiteImport, SiteImport.id == SiteOrigin.import_id)
        .where(SiteOrigin.owner_id == scope.organisation_id)
        .order_by(SiteOrigin.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    ):
        key = origin.fingerprint, origin.occurrence
        if origin.public_id is not None or key not in register.origins:
            register.origins[key] = Before(
                origin.public_id,
                origin.name or "",
                origin.file_sha256 == file_sha256,
            )


def _degrees(microdegrees: int | None) -> float | None:
    return None if microdegrees is None else microdegrees / MICRO
