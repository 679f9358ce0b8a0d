"""What can be read of public lists: editions, entries, and what is listed of a good.

Lists are an organisation's own, as its policies are: which it goes by, it decides. A
query about a good answers with what is listed; what is not there is unknown, and never
free of anything.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.public_lists.models import (
    Category,
    ListEdition,
    ListEntry,
    ListNumber,
    PublicList,
)
from compliance.public_lists.schemes import NumberScheme
from compliance.texts import N_
from rules.vocabulary import Commodity


class ListNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such public list")
    detail = N_(
        "Your organisation has no public list {public_list}. GET /v1/public-lists lists "
        "those it has."
    )


class ListEditionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The list has no such edition")
    detail = N_(
        "{public_list} has no edition {edition}. GET /v1/public-lists/{public_list}"
        "/editions lists those that were imported."
    )


@dataclass(frozen=True)
class ListRecord:
    """A list, and the edition in force today, if there is one."""

    id: uuid.UUID
    public_id: str
    code: str
    category: Category
    name: str
    publisher: str
    edition_on: date | None
    added_by: str
    added_at: datetime

    @property
    def names_companies(self) -> bool:
        return self.category is not Category.GOODS


@dataclass(frozen=True)
class EditionRecord:
    id: uuid.UUID
    public_id: str
    list_id: uuid.UUID
    list_public_id: str
    edition_on: date
    source: str
    licence: str
    sha256: str
    file_bytes: int
    is_file_kept: bool
    entries: int
    people: int
    received_by: str
    received_at: datetime


@dataclass(frozen=True)
class EntryRecord:
    """An entry; of a person it tells where and since when, and nothing that names it."""

    public_id: str
    row: int
    key: str
    fingerprint: str
    is_person: bool
    name: str | None
    country: str | None
    region: str | None
    good: str | None
    commodity: Commodity | None
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True)
class GoodListed:
    """What an edition in force says of a good from a country: a sign, never a proof.

    A kind of labour that is False is not listed; nobody says that there is none.
    """

    list_public_id: str
    list_code: str
    publisher: str
    edition_on: date
    source: str
    country: str
    good: str
    commodity: Commodity | None
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool


OWNER: BindParameter[uuid.UUID] = bindparam("owner_id", type_=Uuid())
TODAY: BindParameter[date] = bindparam("today", type_=Date())
Later = aliased(ListEdition)
NEWEST_ON = (
    select(func.max(ListEdition.edition_on))
    .where(ListEdition.list_id == PublicList.id, ListEdition.edition_on <= TODAY)
    .correlate(PublicList)
    .scalar_subquery()
)
LISTS: Select[*tuple[Any, ...]] = select(
    PublicList.id,
    PublicList.public_id,
    PublicList.code,
    PublicList.category,
    PublicList.name,
    PublicList.publisher,
    NEWEST_ON.label("edition_on"),
    PublicList.added_by,
    PublicList.added_at,
).where(PublicList.owner_id == OWNER)
EDITIONS: Select[*tuple[Any, ...]] = (
    select(
        ListEdition.id,
        ListEdition.public_id,
        ListEdition.list_id,
        PublicList.public_id.label("list_public_id"),
        ListEdition.edition_on,
        ListEdition.source,
        ListEdition.licence,
        ListEdition.sha256,
        ListEdition.file_bytes,
        ListEdition.is_file_kept,
        ListEdition.entries,
        ListEdition.people,
        ListEdition.received_by,
        ListEdition.received_at,
    )
    .join(PublicList, PublicList.id == ListEdition.list_id)
    .where(ListEdition.owner_id == OWNER)
)
OF_LIST = EDITIONS.where(ListEdition.list_id == bindparam("list_id"))
# An edition replaces the one before from its day on, until a later one does.
IS_REPLACED = (
    select(Later.id)
    .where(
        Later.list_id == ListEdition.list_id,
        Later.edition_on > ListEdition.edition_on,
        Later.edition_on <= TODAY,
    )
    .correlate(ListEdition)
    .exists()
)
IS_IN_FORCE = and_(ListEdition.edition_on <= TODAY, ~IS_REPLACED)
IN_FORCE = OF_LIST.where(IS_IN_FORCE)
ENTRY_COLUMNS = (
    ListEntry.row,
    ListEntry.entry_key,
    ListEntry.fingerprint,
    ListEntry.is_person,
    ListEntry.name,
    ListEntry.country,
    ListEntry.region,
    ListEntry.good,
    ListEntry.commodity,
    ListEntry.child_labour,
    ListEntry.forced_labour,
    ListEntry.forced_child_labour,
    ListEntry.from_on,
    ListEntry.until_on,
)
ENTRIES: Select[*tuple[Any, ...]] = select(
    ListEntry.id, ListEntry.public_id, *ENTRY_COLUMNS
).where(
    ListEntry.owner_id == OWNER,
    ListEntry.edition_id == bindparam("edition_id"),
)
NUMBERS = (
    select(ListNumber.entry_id, ListNumber.scheme, ListNumber.value, ListNumber.digest)
    .join(ListEntry, ListEntry.id == ListNumber.entry_id)
    .where(ListEntry.owner_id == OWNER, ListEntry.edition_id == bindparam("edition_id"))
)
GOODS = (
    select(
        PublicList.public_id.label("list_public_id"),
        PublicList.code.label("list_code"),
        PublicList.publisher,
        ListEdition.edition_on,
        ListEdition.source,
        ListEntry.country,
        ListEntry.good,
        ListEntry.commodity,
        ListEntry.child_labour,
        ListEntry.forced_labour,
        ListEntry.forced_child_labour,
    )
    .join(ListEdition, ListEdition.id == ListEntry.edition_id)
    .join(PublicList, PublicList.id == ListEdition.list_id)
    .where(
        ListEntry.owner_id == OWNER,
        PublicList.category == Category.GOODS,
        ListEntry.country == bindparam("country"),
        ListEntry.commodity == bindparam("commodity"),
        IS_IN_FORCE,
        func.coalesce(ListEntry.from_on, TODAY) <= TODAY,
        func.coalesce(ListEntry.until_on, TODAY) >= TODAY,
    )
    .order_by(PublicList.id, ListEntry.id)
)


def bound(scope: Scope, **more: object) -> dict[str, object]:
    """Return what every statement here is bound to: whose, and which day it is."""
    return {"owner_id": scope.organisation_id, "today": clock.today(), **more}


def public_list(session: Session, scope: Scope, public_id: str) -> ListRecord:
    """Return one list of the caller's organisation by its id or code, or ListNotFound."""
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        LISTS.where(
            (PublicList.public_id == bindparam("named"))
            | (PublicList.code == bindparam("named"))
        ),
        bound(scope, named=public_id),
    ).one_or_none()
    if row is None:
        raise ListNotFound(public_list=public_id)
    return _list_record(row)


def public_lists(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    category: Category | None = None,
) -> Page[ListRecord]:
    """Return a page of the caller's lists, the one that was added first before others."""
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session, bound(scope), rows=rows, after=after, wanted={"category": category}
    )


def editions(
    session: Session, scope: Scope, public_id: str, *, rows: int, after: str | None
) -> Page[EditionRecord]:
    """Return a page of the editions of a list, in the order in which they came."""
    found = public_list(session, scope, public_id)
    return EDITIONS_LISTED.page(
        session, bound(scope, list_id=found.id), rows=rows, after=after
    )


def edition(
    session: Session, scope: Scope, public_id: str, named: str
) -> EditionRecord:
    """Return an edition of a list by its id, or by its day as YYYY-MM-DD."""
    found = public_list(session, scope, public_id)
    missing = ListEditionNotFound(public_list=public_id, edition=named)
    row = session.execute(
        OF_LIST.where(
            (ListEdition.public_id == bindparam("named"))
            | (ListEdition.edition_on == bindparam("on"))
        ),
        bound(scope, list_id=found.id, named=named, on=_day(named)),
    ).one_or_none()
    if row is None:
        raise missing
    return edition_record(row)


def edition_in_force(
    session: Session, scope: Scope, list_id: uuid.UUID, on: date
) -> EditionRecord | None:
    """Return the last edition of a list up to a day; None where none had come."""
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        IN_FORCE, bound(scope, list_id=list_id) | {"today": on}
    ).one_or_none()
    return None if row is None else edition_record(row)


def entries(
    session: Session,
    scope: Scope,
    found: EditionRecord,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[EntryRecord]:
    """Return a page of an edition's entries; `wanted`: country, commodity."""
    scope.require(Permission.READ_REGISTER)
    return ENTRIES_LISTED.page(
        session,
        bound(scope, edition_id=found.id),
        rows=rows,
        after=after,
        wanted=wanted,
    )


def goods_listed(
    session: Session,
    scope: Scope,
    *,
    country: str,
    commodity: Commodity,
    on: date,
) -> tuple[GoodListed, ...]:
    """Return what the caller's goods lists, in their editions of a day, say of a good.

    `country` is ISO 3166-1 alpha-2. Nothing is returned where nothing is listed, which
    says nothing about the good; nor where the organisation has imported no list.
    """
    scope.require(Permission.READ_REGISTER)
    rows = session.execute(
        GOODS, bound(scope, country=country, commodity=commodity) | {"today": on}
    )
    return tuple(
        GoodListed(
            **{
                **row._asdict(),
                "commodity": Commodity(row.commodity),
            }
        )
        for row in rows
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _list_record(row: Row[*tuple[Any, ...]]) -> ListRecord:
    return ListRecord(**{**row._asdict(), "category": Category(row.category)})


def edition_record(row: Row[*tuple[Any, ...]]) -> EditionRecord:
    return EditionRecord(**row._asdict())


def entry_record(row: Row[*tuple[Any, ...]], public_id: str = "") -> EntryRecord:
    return EntryRecord(
        public_id=public_id or row.public_id,
        row=row.row,
        key=row.entry_key,
        fingerprint=row.fingerprint,
        is_person=row.is_person,
        name=row.name,
        country=row.country,
        region=row.region,
        good=row.good,
        commodity=None if row.commodity is None else Commodity(row.commodity),
        child_labour=row.child_labour,
        forced_labour=row.forced_labour,
        forced_child_labour=row.forced_child_labour,
        from_on=row.from_on,
        until_on=row.until_on,
    )


def numbers_of(
    session: Session, scope: Scope, edition_id: uuid.UUID
) -> dict[uuid.UUID, list[tuple[NumberScheme, str | None, bytes | None]]]:
    """Return the numbers of an edition's entries, for matching alone."""
    found: dict[uuid.UUID, list[tuple[NumberScheme, str | None, bytes | None]]] = {}
    for row in session.execute(NUMBERS, bound(scope, edition_id=edition_id)):
        number = NumberScheme(row.scheme), row.value, row.digest
        found.setdefault(row.entry_id, []).append(number)
    return found


LISTED = Listing(
    statement=LISTS,
    key=PublicList.id,
    public_id=PublicList.public_id,
    record=_list_record,
    filters=equal_to(category=PublicList.category),
)
EDITIONS_LISTED = Listing(
    statement=OF_LIST,
    key=ListEdition.id,
    public_id=ListEdition.public_id,
    record=edition_record,
)
ENTRIES_LISTED = Listing(
    statement=ENTRIES,
    key=ListEntry.id,
    public_id=ListEntry.public_id,
    record=entry_record,
    filters=equal_to(country=ListEntry.country, commodity=ListEntry.commodity),
)
