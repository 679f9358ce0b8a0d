"""What can be done about public lists: add one, and take an edition of it over.

An edition is taken over whole or not at all. Its day is what somebody says it is; the
same bytes under the same day are the edition that is there.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from compliance import clock, jobs, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_ids, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.public_lists.entries import Entry, entries_of
from compliance.public_lists.models import (
    Category,
    ListEdition,
    ListEntry,
    ListKey,
    ListNumber,
    PublicList,
)
from compliance.public_lists.numbers import digest_of_number
from compliance.public_lists.queries import (
    EditionRecord,
    ListRecord,
    edition,
    edition_in_force,
    public_list,
)
from compliance.public_lists.reading import ReadList
from compliance.public_lists.schemes import NumberScheme
from compliance.registry.models import Site
from compliance.sealing import DataKey, Keyring, data_key, destroy, new_data_key
from compliance.site_marks import mark
from compliance.texts import N_
from rules.vocabulary import Commodity

MATCH = "public_lists.match"
SITES_OF_GOODS = select(Site.id, Site.country, Site.commodity).where(
    Site.owner_id == bindparam("owner_id"), Site.kept_id == Site.id
)


class ListCodeTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("There is a list of this code")
    detail = N_(
        "Your organisation has a list {code}, which is {public_list}. Import editions "
        "into that, or choose another code."
    )


class EditionTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("There is another edition of this day")
    detail = N_(
        "The edition {edition} of {public_list} was made from other bytes (SHA-256 "
        "{sha256}). What was imported is never changed: give the day that this file is "
        "of."
    )


class EditionAhead(Problem):
    kind = Kind.INVALID
    title = N_("The edition is of a day to come")
    detail = N_(
        "'edition' is {edition}; give the day on which the publisher issued it, up to "
        "today, {today}."
    )


class RowsRefused(Problem):
    kind = Kind.INVALID
    title = N_("Some rows cannot be used, so nothing was imported")
    detail = N_(
        "{count} rows cannot be used, first row {row}. Try it with dry_run=true for the "
        "report of every row, correct them, and import the whole list again."
    )


class NothingListed(Problem):
    kind = Kind.INVALID
    title = N_("The list lists nothing")
    detail = N_(
        "None of its {rows} rows lists anything. If the publisher's list is empty now, "
        "say so with is_empty=true."
    )


@dataclass(frozen=True)
class Publication:
    """An edition as its importer describes it; nothing of it is read off the file."""

    edition_on: date
    source: str
    licence: str
    sha256: str
    file_bytes: int
    is_empty: bool = False


def add_list(
    session: Session,
    scope: Scope,
    *,
    code: str,
    category: Category,
    name: str,
    publisher: str,
) -> ListRecord:
    """Add a list that the organisation goes by from now on; it has no edition yet."""
    scope.require(Permission.KEEP_LISTS)
    public_id = new_public_id("list")
    is_new = insert_new(
        session,
        PublicList,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        code=code,
        category=category,
        name=name,
        publisher=publisher,
        added_by=scope.actor,
        added_at=clock.now(),
    )
    if not is_new:
        there = public_list(session, scope, code)
        raise ListCodeTaken(code=code, public_list=there.public_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="public_list.added",
        subject_id=public_id,
        code=code,
        category=category,
    )
    return public_list(session, scope, public_id)


def require_usable(read: ReadList, *, is_empty: bool) -> None:
    """Raise a Problem unless the whole of a list can be taken over."""
    refused = [one for one in read.report if one.outcome == "refused"]
    if refused:
        raise RowsRefused(count=len(refused), row=min(one.row for one in refused))
    if not read.listed and not is_empty and not read.has_people:
        raise NothingListed(rows=len(read.report))


def import_edition(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    list_ref: str,
    publication: Publication,
    read: ReadList,
) -> tuple[EditionRecord, bool]:
    """Take an edition over whole, and ask for its matches; tell whether it is new.

    Raise EditionTaken where other bytes are that day's edition, EditionAhead, or what
    `require_usable` does. Whoever calls keeps the file first, where it may be kept.
    """
    scope.require(Permission.KEEP_LISTS)
    found = public_list(session, scope, list_ref)
    today = clock.today()
    day = publication.edition_on
    if day > today:
        raise EditionAhead(edition=day.isoformat(), today=today.isoformat())
    require_usable(read, is_empty=publication.is_empty)
    edition_id, public_id = new_id(), new_public_id("edition")
    entries = _entries(session, scope, keyring, read)
    is_new = insert_new(
        session,
        ListEdition,
        id=edition_id,
        public_id=public_id,
        owner_id=scope.organisation_id,
        list_id=found.id,
        edition_on=day,
        source=publication.source,
        licence=publication.licence,
        sha256=publication.sha256,
        file_bytes=publication.file_bytes,
        is_file_kept=not read.has_people,
        entries=len(entries),
        people=sum(one.listed.is_person for one in entries),
        received_by=scope.actor,
        received_at=clock.now(),
    )
    made = edition(session, scope, found.public_id, day.isoformat())
    if not is_new:
        if made.sha256 != publication.sha256:
            raise EditionTaken(
                edition=day.isoformat(),
                public_list=found.public_id,
                sha256=made.sha256,
            )
        return made, False
    _keep(session, scope, edition_id, entries)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="public_list.edition_imported",
        subject_id=found.public_id,
        edition=public_id,
        edition_on=day.isoformat(),
        sha256=publication.sha256,
        entries=len(entries),
    )
    _mark_sites(session, scope, entries)
    in_force = edition_in_force(session, scope, found.id, today)
    if found.names_companies and in_force is not None and in_force.id == edition_id:
        ask_for_matches(session, scope)
    return made, True


def _mark_sites(session: Session, scope: Scope, entries: Sequence[Entry]) -> None:
    """Have the risk assessed again of every site whose good the edition names."""
    goods = {
        (one.listed.country, one.listed.commodity)
        for one in entries
        if one.listed.commodity is not None
    }
    sites = session.execute(SITES_OF_GOODS, {"owner_id": scope.organisation_id})
    named = [
        row.id for row in sites if (row.country, Commodity(row.commodity)) in goods
    ]
    mark(session, scope.organisation_id, *named)


def ask_for_matches(session: Session, scope: Scope) -> None:
    """Have the organisation's register compared with its lists in force."""
    jobs.enqueue(
        session,
        kind=MATCH,
        organisation_id=scope.organisation_id,
        arguments={},
        priority=1,
    )


def list_key(session: Session, scope: Scope, keyring: Keyring) -> DataKey:
    """Return the key that digests the numbers of people; it is made when first needed.

    Two at once agree on one: the second waits for the first and takes its key.
    """
    held = select(ListKey.key_id).where(ListKey.owner_id == scope.organisation_id)
    key_id = session.scalar(held)
    if key_id is not None:
        return data_key(session, keyring, key_id)
    made = new_data_key(session, keyring, scope.organisation_id)
    is_new = insert_new(
        session,
        ListKey,
        owner_id=scope.organisation_id,
        key_id=made.id,
        made_at=clock.now(),
    )
    if is_new:
        return made
    destroy(session, made.id)
    return data_key(session, keyring, session.scalars(held).one())


def _entries(
    session: Session, scope: Scope, keyring: Keyring, read: ReadList
) -> tuple[Entry, ...]:
    has_numbers_of_people = any(one.is_person for one in read.listed)
    secret = list_key(session, scope, keyring).secret if has_numbers_of_people else b""

    def digest(scheme: NumberScheme, value: str, country: str | None) -> bytes:
        return digest_of_number(secret, scheme, value, country)

    return entries_of(read.listed, digest)


def _keep(
    session: Session, scope: Scope, edition_id: uuid.UUID, entries: tuple[Entry, ...]
) -> None:
    # In the order of the rows, which is the order in which they are listed.
    ordered = sorted(entries, key=lambda one: one.listed.row)
    ids = new_ids(len(ordered))
    rows = [
        {
            "id": entry_id,
            "public_id": new_public_id("entry"),
            "owner_id": scope.organisation_id,
            "edition_id": edition_id,
            "row": one.listed.row,
            "entry_key": one.key,
            "fingerprint": one.fingerprint,
            "is_person": one.listed.is_person,
            "name": one.listed.name,
            "country": one.listed.country,
            "region": one.listed.region,
            "good": one.listed.good,
            "commodity": one.listed.commodity,
            "child_labour": one.listed.child_labour,
            "forced_labour": one.listed.forced_labour,
            "forced_child_labour": one.listed.forced_child_labour,
            "from_on": one.listed.from_on,
            "until_on": one.listed.until_on,
        }
        for entry_id, one in zip(ids, ordered, strict=True)
    ]
    numbers = [
        {
            "id": new_id(),
            "owner_id": scope.organisation_id,
            "entry_id": entry_id,
            "scheme": scheme,
            "value": value,
            "digest": digest,
        }
        for entry_id, one in zip(ids, ordered, strict=True)
        for scheme, value, digest in _numbers(one)
    ]
    if rows:
        session.execute(insert(ListEntry), rows)
    if numbers:
        session.execute(insert(ListNumber), numbers)


def _numbers(
    one: Entry,
) -> list[tuple[NumberScheme, str | None, bytes | None]]:
    kept: list[tuple[NumberScheme, str | None, bytes | None]] = [
        (scheme, value, None) for scheme, value in one.values
    ]
    kept += [(scheme, None, digest) for scheme, digest in one.digests]
    return kept
