"""By what a list of sites is narrowed, and in what order it is told."""

import uuid
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from compliance.identity.models import Organisation
from compliance.identity.policy import Relation
from compliance.registry.folding import folded
from compliance.registry.models import (
    Certificate,
    GroupMembership,
    Site,
    SiteIdentifier,
)
from compliance.registry.numbers import NOT_FOR_OTHERS
from compliance.registry.visibility import CLAUSES

Group, Operator, Own = aliased(Organisation), aliased(Organisation), aliased(Site)
Joined = aliased(Organisation)


class SiteOrder(StrEnum):
    """The order of a list; a minus turns it round."""

    REGISTERED = "registered"
    REGISTERED_LAST = "-registered"
    NAME = "name"
    NAME_LAST = "-name"

    @property
    def is_descending(self) -> bool:
        return self.value.startswith("-")

    @property
    def is_by_name(self) -> bool:
        return self.value.endswith("name")


# Correlated by name: within another subquery the outermost statement is out of reach.
OWN_ROWS = select(Own.id).where(Own.kept_id == Site.id).correlate(Site)
MEMBERSHIPS = (
    select(GroupMembership.group_id)
    .where(GroupMembership.site_id.in_(OWN_ROWS))
    .correlate(Site)
)
# Others than the owner and operator see no group and no number of a person, and must
# not find them out by asking for one.
IS_RUN = or_(CLAUSES[Relation.OWN], CLAUSES[Relation.OPERATES])
IN_GROUP = or_(
    Group.public_id == bindparam("group"),
    select(GroupMembership.id)
    .join(Joined, Joined.id == GroupMembership.group_id)
    .where(
        GroupMembership.site_id.in_(OWN_ROWS), Joined.public_id == bindparam("group")
    )
    .correlate(Site)
    .exists(),
)
EQUAL: Mapping[str, InstrumentedAttribute[str | None] | InstrumentedAttribute[str]] = {
    "kind": Site.kind,
    "commodity": Site.commodity,
    "country": Site.country,
    "admin1": Site.admin1,
    "municipality": Site.municipality,
    "state": Site.state,
    "operator": Operator.public_id,
}
IDENTIFIED = {
    "scheme": SiteIdentifier.scheme == bindparam("scheme"),
    "value": SiteIdentifier.value == bindparam("value"),
}
# A certificate is the site's own or that of a group it belongs or belonged to.
CERTIFIED = {
    "certificate": Certificate.scheme == bindparam("certificate"),
    "certified_on": and_(
        Certificate.valid_from <= bindparam("certified_on"),
        Certificate.valid_until >= bindparam("certified_on"),
        or_(
            Certificate.status_since.is_(None),
            Certificate.status_since > bindparam("certified_on"),
        ),
    ),
}


def clauses(names: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return what holds of the sites that are wanted, bound to the filters' names."""
    found = [EQUAL[name] == bindparam(name) for name in sorted(names & EQUAL.keys())]
    if "name" in names:
        found.append(Site.name_folded.like(bindparam("name"), escape="\\"))
    if "group" in names:
        found.append(and_(IS_RUN, IN_GROUP))
    if names & IDENTIFIED.keys():
        found.append(_identified(names))
    if names & CERTIFIED.keys():
        found.append(_certified(names))
    return found


def containing(name: str) -> str:
    """Return the pattern of names that hold `name`, whatever its accents and case."""
    plain = folded(name)
    for sign in ("\\", "%", "_"):
        plain = plain.replace(sign, f"\\{sign}")
    return f"%{plain}%"


def _identified(names: frozenset[str]) -> ColumnElement[bool]:
    return (
        select(SiteIdentifier.id)
        .where(
            SiteIdentifier.site_id.in_(OWN_ROWS),
            or_(IS_RUN, SiteIdentifier.scheme.not_in(NOT_FOR_OTHERS)),
            *(IDENTIFIED[name] for name in sorted(names & IDENTIFIED.keys())),
        )
        .correlate(Site)
        .exists()
    )


def _certified(names: frozenset[str]) -> ColumnElement[bool]:
    return (
        select(Certificate.id)
        .where(
            or_(
                Certificate.site_id.in_(OWN_ROWS),
                Certificate.group_id == Site.group_id,
                Certificate.group_id.in_(MEMBERSHIPS),
            ),
            *(CERTIFIED[name] for name in sorted(names & CERTIFIED.keys())),
        )
        .correlate(Site)
        .exists()
    )


def ordered(
    statement: Select[*tuple[object, ...]], order: SiteOrder, *, goes_on: bool
) -> Select[*tuple[object, ...]]:
    """Return the statement in an order, after the row bound to `after_id` if it goes on.

    By name the row's folded name is bound to `after_name`.
    """
    keys = (Site.name_folded, Site.id) if order.is_by_name else (Site.id,)
    statement = statement.order_by(
        *(key.desc() if order.is_descending else key for key in keys)
    )
    return statement.where(_beyond(order)) if goes_on else statement


def _beyond(order: SiteOrder) -> ColumnElement[bool]:
    after_id = bindparam("after_id", type_=Site.id.type)
    after_name = bindparam("after_name", type_=Site.name_folded.type)
    if order.is_descending:
        is_later: ColumnElement[bool] = Site.id < after_id
        is_further = Site.name_folded < after_name
    else:
        is_later = Site.id > after_id
        is_further = Site.name_folded > after_name
    if not order.is_by_name:
        return is_later
    return or_(is_further, and_(Site.name_folded == after_name, is_later))


def in_group(name: str) -> ColumnElement[bool]:
    """Return whether a site belongs, or belonged, to the group whose public id is bound.

    As IS_RUN has it: to others than the owner and operator no group is told.
    """
    group = select(Joined.id).where(Joined.public_id == bindparam(name))
    members = (
        select(Own.kept_id)
        .join(GroupMembership, GroupMembership.site_id == Own.id)
        .where(GroupMembership.group_id == group.scalar_subquery())
    )
    return and_(
        IS_RUN, or_(Site.group_id == group.scalar_subquery(), Site.id.in_(members))
    )


def kept_id_of(name: str) -> ScalarSelect[uuid.UUID]:
    """Return the key of the kept record of the site whose public id is bound to a name."""
    named = aliased(Site)
    found = select(named.kept_id).where(named.public_id == bindparam(name))
    return found.scalar_subquery()
