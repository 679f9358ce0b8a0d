"""What travels with an auditor: the checklists to fill in, and the sites to choose from.

Assignments narrow both. Who has none may fill in every open checklist and finds every
site, because a programme that assigns nothing would otherwise send people out with an
empty list; beyond some thousand sites it has to assign.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.queries import VersionRecord
from audits.fieldwork.models import AssignedChecklist, Assignment
from audits.fieldwork.queries import IS_CARRIED, IS_MINE, Own, bound_to, kept_since
from compliance import limits
from compliance.identity.models import Device
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.models import Site, SiteState
from compliance.texts import N_
from rules.vocabulary import SiteKind

# The lists a checklist can refer to, and which sites stand in them.
LISTS: Mapping[str, frozenset[SiteKind]] = {
    "producers.csv": frozenset({SiteKind.PRODUCER}),
    "mills.csv": frozenset({SiteKind.MILL}),
    "sites.csv": frozenset(SiteKind),
}
COLUMNS = ("name", "label", "municipality")


class ListNotThere(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The checklist has no such list")
    detail = N_("This checklist refers to no list {name}. It refers to: {names}.")


@dataclass(frozen=True)
class CarriedList:
    """A list as this very auditor gets it."""

    name: str
    content: bytes

    @property
    def md5(self) -> str:
        """The hash that OpenRosa asks for."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


def _carried(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Return what to ask of the assignments that travel with the caller."""
    return (
        select(*columns)
        .select_from(Assignment)
        .join(Own, Own.id == Assignment.site_id)
        .outerjoin(Device, Device.id == Assignment.device_id)
        .where(Assignment.owner_id == bindparam("owner_id"), IS_MINE, IS_CARRIED)
    )


ANY_OF_MINE = _carried(Assignment.id).limit(1)
MY_SITES = _carried(Own.kept_id)
MY_CHECKLISTS = _carried(AssignedChecklist.checklist_id).join(
    AssignedChecklist, AssignedChecklist.assignment_id == Assignment.id
)
# Merged records are left out: the one that is kept stands for them.
ALL_SITES = select(Site.public_id, Site.name, Site.municipality).where(
    Site.owner_id == bindparam("owner_id"),
    Site.kept_id == Site.id,
    Site.state == SiteState.ACTIVE,
    Site.kind.in_(bindparam("kinds", expanding=True)),
)


@dataclass(frozen=True)
class FormToFill:
    """A checklist at its newest version, and whether lists travel beside it."""

    version: VersionRecord
    has_lists: bool


def forms_to_fill(
    session: Session, scope: Scope, form_id: str | None = None
) -> tuple[FormToFill, ...]:
    """Return the newest version of each open checklist that the caller is to fill in."""
    versions = checklists.open_versions(session, scope, form_id)
    mine = set(session.scalars(MY_CHECKLISTS, _bound(scope)))
    return tuple(
        FormToFill(one, has_lists=_has_lists(session, one))
        for one in versions
        if not mine or one.checklist_id in mine
    )


def _has_lists(session: Session, version: VersionRecord) -> bool:
    named = checklists.files_of_version(session, version.id, version.xform_md5)
    return not LISTS.keys().isdisjoint(named)


def lists_of(session: Session, scope: Scope, version_id: str) -> tuple[str, ...]:
    """Return the names of the lists that a version (public id) refers to, of those we have."""
    named = checklists.files_named(session, scope, version_id)
    return tuple(name for name in named if name in LISTS)


def carried_lists(
    session: Session, scope: Scope, version_id: str
) -> tuple[CarriedList, ...]:
    """Return every list that a version refers to, as the caller gets it."""
    names = lists_of(session, scope, version_id)
    return tuple(CarriedList(name, _list(session, scope, name)) for name in names)


def carried_list(
    session: Session, scope: Scope, version_id: str, name: str
) -> CarriedList:
    """Return one list that a version refers to, or raise ListNotThere."""
    names = lists_of(session, scope, version_id)
    if name not in names:
        raise ListNotThere(name=name, names=", ".join(names) or "–")
    return CarriedList(name, _list(session, scope, name))


def _list(session: Session, scope: Scope, name: str) -> bytes:
    """Return the sites to choose from: equal sites give equal bytes, and so one hash."""
    scope.require(Permission.READ_REGISTER)
    bound = {**_bound(scope), "kinds": [kind.value for kind in LISTS[name]]}
    has_any = session.scalar(ANY_OF_MINE, bound) is not None
    statement = ALL_SITES.where(Site.id.in_(MY_SITES)) if has_any else ALL_SITES
    most = None if has_any else limits.UNASSIGNED_SITES
    rows = session.execute(
        statement.limit(None if most is None else most + 1), bound
    ).all()
    if most is not None and len(rows) > most:
        rows = []
    return written([(row.public_id, row.name, row.municipality) for row in rows])


def written(sites: Sequence[tuple[str, str, str | None]]) -> bytes:
    """Return sites (public id, name, municipality) as a list to choose from, by name.

    It is RFC 4180 with a plain line feed, in UTF-8; nothing but what an auditor needs to
    find the place stands in it.
    """
    rows = sorted(
        (_label(name, place), site, place or "") for site, name, place in sites
    )
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((site, label, place) for label, site, place in rows)
    return output.getvalue().encode()


def _label(name: str, municipality: str | None) -> str:
    """Return what the auditor reads: farms of one name differ by where they are."""
    return f"{name} ({municipality})" if municipality else name


def _bound(scope: Scope) -> dict[str, object]:
    return {**bound_to(scope), "kept_since": kept_since()}
