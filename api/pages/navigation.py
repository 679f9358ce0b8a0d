"""Where a reader can go: the places of the product, each for those who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_


@dataclass(frozen=True)
class Place:
    """A page that stands in the menu: for holders of a permission, or for everybody."""

    path: str
    label: str
    needs: Permission | None = None


@dataclass(frozen=True)
class Group:
    """Places that belong together, under a heading."""

    label: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Entry:
    """A place as one reader's menu has it."""

    path: str
    label: str
    is_here: bool


GROUPS: tuple[Group, ...] = (
    Group(
        N_("My work"),
        (
            Place("/", N_("Today")),
            Place("/alerts", N_("Alerts"), Permission.READ_ALERTS),
            Place("/my-visits", N_("My visits"), Permission.SUBMIT_VISITS),
            Place("/field", N_("Visits offline"), Permission.SUBMIT_VISITS),
        ),
    ),
    Group(
        N_("Supply base"),
        (
            Place("/supply-base", N_("Sites and map"), Permission.READ_REGISTER),
            Place("/imports", N_("Lists of sites"), Permission.READ_REGISTER),
            Place("/draws", N_("Samples"), Permission.MANAGE_FIELDWORK),
            Place("/assignments", N_("Assignments"), Permission.MANAGE_FIELDWORK),
            Place("/devices", N_("Devices"), Permission.MANAGE_FIELDWORK),
            Place("/list-matches", N_("Public lists"), Permission.DECIDE_MATCHES),
        ),
    ),
    Group(
        N_("Visits and findings"),
        (
            Place("/audits", N_("Audits"), Permission.READ_VISITS),
            Place("/submissions", N_("Submissions"), Permission.READ_VISITS),
            Place("/findings", N_("Findings"), Permission.READ_FINDINGS),
            Place("/actions", N_("Corrective actions"), Permission.READ_FINDINGS),
            Place("/replies", N_("Right of reply"), Permission.READ_FINDINGS),
        ),
    ),
    Group(
        N_("Trade"),
        (
            Place("/portfolio", N_("Portfolio"), Permission.READ_RISK),
            Place("/scorecards", N_("Scorecards"), Permission.READ_SCORECARDS),
            Place("/consents", N_("Sharing"), Permission.READ_REGISTER),
            Place("/commitments", N_("Commitments"), Permission.READ_REGISTER),
            Place("/webhooks", N_("Webhooks"), Permission.MANAGE_ALERTS),
            Place("/keys", N_("Keys"), Permission.MANAGE_KEYS),
        ),
    ),
    Group(
        N_("Rules and checklists"),
        (
            Place("/rules", N_("Rules")),
            Place("/checklists", N_("Checklists"), Permission.READ_CHECKLISTS),
            Place("/editions", N_("Editions of the rules"), Permission.PUBLISH_RULES),
        ),
    ),
    Group(
        N_("Administration"),
        (
            Place("/people", N_("People"), Permission.MANAGE_PEOPLE),
            Place("/policies", N_("Policies"), Permission.SET_POLICIES),
            Place("/trail", N_("Trail"), Permission.READ_TRAIL),
            Place("/jobs", N_("Jobs"), Permission.READ_JOBS),
        ),
    ),
)


def groups_for(
    scope: Scope | None, path: str
) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Return the menu of a reader; of nobody known, nothing."""
    if scope is None:
        return ()
    return tuple(
        (group.label, entries)
        for group in GROUPS
        if (entries := tuple(_entries(group, scope, path)))
    )


def _entries(group: Group, scope: Scope, path: str) -> Iterator[Entry]:
    for place in group.places:
        if place.needs is None or scope.may(place.needs):
            yield Entry(place.path, place.label, _is_here(place.path, path))


def _is_here(place: str, path: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))
