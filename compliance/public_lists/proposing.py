"""The register against the lists in force: what is proposed, asked again, or gone.

It is the same however often it is done: a pair is proposed once, and what a person said
of it stays said. Nothing here decides.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.database import insert_new
from compliance.identifiers import SiteId, new_id, new_public_id
from compliance.identity.scope import Scope
from compliance.imports.names import folded
from compliance.policies.queries import in_force
from compliance.public_lists.actions import list_key
from compliance.public_lists.lifecycle import (
    MatchReason,
    MatchState,
    after_edition,
)
from compliance.public_lists.match_queries import written_evidence
from compliance.public_lists.matching import Named, Proposal, proposals
from compliance.public_lists.models import (
    Category,
    ListEdition,
    ListEntry,
    ListMatch,
    MatchStep,
    PublicList,
    SubjectKind,
)
from compliance.public_lists.numbers import compared, digest_of_number
from compliance.public_lists.policy import LISTS, ListsPolicy
from compliance.public_lists.queries import (
    IS_IN_FORCE,
    bound,
    numbers_of,
)
from compliance.public_lists.schemes import NumberScheme
from compliance.public_lists.subjects import Digest, registered
from compliance.sealing import Keyring

MATCH_TABLE = cast(Table, ListMatch.__table__)
# In the order of the lists, so that two at once wait for each other and not in a ring.
IN_FORCE_TODAY = (
    select(
        ListEdition.id, ListEdition.list_id, ListEdition.edition_on, ListEdition.people
    )
    .join(PublicList, PublicList.id == ListEdition.list_id)
    .where(
        ListEdition.owner_id == bindparam("owner_id"),
        PublicList.category != Category.GOODS,
        IS_IN_FORCE,
    )
    .order_by(PublicList.id)
)
HOLD_LISTS = (
    select(PublicList.id)
    .where(PublicList.owner_id == bindparam("owner_id"))
    .order_by(PublicList.id)
    .with_for_update(key_share=True)
)
ENTRIES = (
    select(
        ListEntry.id,
        ListEntry.entry_key,
        ListEntry.fingerprint,
        ListEntry.name,
        ListEntry.country,
        ListEntry.region,
        ListEntry.until_on,
    )
    .where(ListEntry.edition_id == bindparam("edition_id"))
    .order_by(ListEntry.id)
)
KNOWN = (
    select(
        ListMatch.id,
        ListMatch.public_id,
        ListMatch.entry_id,
        ListMatch.entry_key,
        ListMatch.fingerprint,
        ListMatch.subject,
        ListMatch.site_id,
        ListMatch.state,
        ListMatch.version,
        ListMatch.left_on,
    )
    .where(ListMatch.list_id == bindparam("list_id"))
    .order_by(ListMatch.id)
    .with_for_update()
)
COLUMN_OF = {
    SubjectKind.SITE: "site_id",
    SubjectKind.ORGANISATION: "company_id",
    SubjectKind.BROKER: "broker_id",
}


@dataclass(frozen=True)
class Matched:
    """How many pairs were proposed, asked again, and noted to have left their list."""

    proposed: int = 0
    asked_again: int = 0
    left: int = 0

    def __add__(self, other: "Matched") -> "Matched":
        return Matched(
            self.proposed + other.proposed,
            self.asked_again + other.asked_again,
            self.left + other.left,
        )


@dataclass(frozen=True)
class Compared:
    """What a comparison found: pairs by edition, and the keys of the registered."""

    keys: Mapping[str, uuid.UUID]
    found: Mapping[uuid.UUID, list[Proposal]]


@dataclass(frozen=True)
class _Round:
    """What one comparison goes by: when it is, and the policy of the day."""

    session: Session
    scope: Scope
    policy: ListsPolicy
    now: datetime

    @property
    def due_at(self) -> datetime:
        return self.now + timedelta(hours=self.policy.decide_hours)


def compare_all(session: Session, scope: Scope, keyring: Keyring) -> Compared:
    """Find who of an organisation's register may be on its lists of companies in force.

    It reads only, and takes as long as it takes: nobody waits for it meanwhile.
    """
    today = clock.today()
    editions = session.execute(IN_FORCE_TODAY, bound(scope)).all()
    if not editions:
        return Compared({}, {})
    has_people = any(one.people for one in editions)
    digest = _digest(session, scope, keyring) if has_people else None
    subjects = registered(session, scope, digest)
    policy = in_force(session, scope, LISTS, today)
    found: dict[uuid.UUID, list[Proposal]] = {}
    for edition in editions:
        numbers = numbers_of(session, scope, edition.id)
        listed, _ = _entries(session, edition.id, today)
        named = [_named(row, numbers.get(row.id, [])) for row in listed.values()]
        found[edition.id] = proposals(
            named,
            [subject for _, subject in subjects.values()],
            names_alike=policy.names_alike,
        )
    keys = {public_id: key for public_id, (key, _) in subjects.items()}
    return Compared(keys, found)


def match_all(session: Session, scope: Scope, compared: Compared) -> Matched:
    """Propose what a comparison found, and note what became of what was proposed before.

    Work of the product itself: what it proposes, a person decides. An edition that came
    in after the comparison is left to the job that it asked for.
    """
    now = clock.now()
    session.execute(HOLD_LISTS, {"owner_id": scope.organisation_id}).all()
    policy = in_force(session, scope, LISTS, now.date())
    going = _Round(session, scope, policy, now)
    matched = Matched()
    for edition in session.execute(IN_FORCE_TODAY, bound(scope)).all():
        if edition.id in compared.found:
            matched += _compare(going, edition, compared)
    return matched


def _digest(session: Session, scope: Scope, keyring: Keyring) -> Digest:
    secret = list_key(session, scope, keyring).secret

    def digest(scheme: NumberScheme, value: str, country: str | None) -> bytes:
        return digest_of_number(secret, scheme, value, country)

    return digest


Entries = Mapping[str, Row[*tuple[Any, ...]]]


def _entries(
    session: Session, edition_id: uuid.UUID, today: date
) -> tuple[Entries, Mapping[str, date]]:
    """Return the entries of an edition that hold today, and the end of the others."""
    rows = session.execute(ENTRIES, {"edition_id": edition_id}).all()
    ended = {
        row.entry_key: row.until_on
        for row in rows
        if row.until_on is not None and row.until_on < today
    }
    listed = {row.entry_key: row for row in rows if row.entry_key not in ended}
    return listed, ended


def _compare(
    going: _Round, edition: Row[*tuple[Any, ...]], compared: Compared
) -> Matched:
    listed, ended = _entries(going.session, edition.id, going.now.date())
    known = {
        (row.entry_key, row.subject): row
        for row in going.session.execute(KNOWN, {"list_id": edition.list_id})
    }
    matched = Matched()
    for match in known.values():
        entry = listed.get(match.entry_key)
        left_on = ended.get(match.entry_key, edition.edition_on)
        matched += _follow(going, match, entry, left_on)
    for one in compared.found[edition.id]:
        is_known = (one.entry, one.subject.public_id) in known
        if one.entry in listed and not is_known:
            key = compared.keys[one.subject.public_id]
            _propose(going, edition.list_id, listed[one.entry], one, key)
            matched += Matched(proposed=1)
    return matched


def _named(
    row: Row[*tuple[Any, ...]],
    numbers: list[tuple[NumberScheme, str | None, bytes | None]],
) -> Named:
    return Named(
        id=row.entry_key,
        name=row.name,
        country=row.country,
        region=folded(row.region or ""),
        numbers=frozenset(
            compared(scheme, value, row.country)
            for scheme, value, _ in numbers
            if value is not None
        ),
        digests=frozenset(digest for _, _, digest in numbers if digest is not None),
    )


def _propose(
    going: _Round,
    list_id: uuid.UUID,
    entry: Row[*tuple[Any, ...]],
    proposal: Proposal,
    subject_id: uuid.UUID,
) -> None:
    match_id, public_id = new_id(), new_public_id("match")
    subject = proposal.subject
    insert_new(
        going.session,
        ListMatch,
        id=match_id,
        public_id=public_id,
        owner_id=going.scope.organisation_id,
        list_id=list_id,
        entry_id=entry.id,
        entry_key=entry.entry_key,
        fingerprint=entry.fingerprint,
        subject_kind=subject.kind,
        subject=subject.public_id,
        **{
            column: subject_id if kind is subject.kind else None
            for kind, column in COLUMN_OF.items()
        },
        score=proposal.score,
        evidence=written_evidence(proposal.evidence),
        state=MatchState.PROPOSED,
        version=1,
        left_on=None,
        proposed_at=going.now,
        due_at=going.due_at,
        decided_by=None,
        decided_at=None,
    )
    site_id = SiteId(subject_id) if subject.kind is SubjectKind.SITE else None
    _tell(going, match_id, public_id, 1, MatchReason.FOUND, site_id)


def _follow(
    going: _Round,
    match: Row[*tuple[Any, ...]],
    entry: Row[*tuple[Any, ...]] | None,
    left_on: date,
) -> Matched:
    """Note what became of the entry of a known match; a person's word is never undone."""
    before = MatchState(match.state)
    is_changed = entry is not None and entry.fingerprint != match.fingerprint
    state = after_edition(before, is_listed=entry is not None, is_changed=is_changed)
    left = None if entry is not None else match.left_on or left_on
    entry_id = match.entry_id if entry is None else entry.id
    if (state, left, entry_id) == (before, match.left_on, match.entry_id):
        return Matched()
    is_news = is_changed or left != match.left_on or state is not before
    version = match.version + is_news
    values: dict[str, object] = {
        "state": state,
        "version": version,
        "left_on": left,
        "entry_id": entry_id,
        "fingerprint": match.fingerprint if entry is None else entry.fingerprint,
    }
    asks = state is MatchState.PROPOSED and before is not MatchState.PROPOSED
    if asks:
        values |= {"proposed_at": going.now, "due_at": going.due_at}
    going.session.execute(
        update(MATCH_TABLE).where(MATCH_TABLE.c.id == match.id).values(values)
    )
    if not is_news:
        return Matched()  # another edition says the very same
    reason = _reason(match.left_on, left)
    site_id = None if match.site_id is None else SiteId(match.site_id)
    if asks:
        _tell(going, match.id, match.public_id, version, reason, site_id)
        return Matched(asked_again=1)
    _note(going, match.id, match.public_id, version, state, reason)
    if state is MatchState.GONE:
        clocks.stop(going.session, match.public_id, ClockKind.LIST_MATCH)
    return Matched(left=int(reason is MatchReason.LEFT_THE_LIST))


def _reason(before: date | None, after: date | None) -> MatchReason:
    if before is None and after is not None:
        return MatchReason.LEFT_THE_LIST
    if before is not None and after is None:
        return MatchReason.BACK_ON_THE_LIST
    return MatchReason.ENTRY_CHANGED


def _tell(
    going: _Round,
    match_id: uuid.UUID,
    public_id: str,
    version: int,
    reason: MatchReason,
    site_id: SiteId | None,
) -> None:
    """Note that a person is asked, let the clock run, and tell whom the policy names."""
    _note(going, match_id, public_id, version, MatchState.PROPOSED, reason)
    clocks.start(
        going.session,
        going.scope,
        owner_id=going.scope.organisation_id,
        site_id=site_id,
        subject=public_id,
        kind=ClockKind.LIST_MATCH,
        due_at=going.due_at,
        started_at=going.now,
    )
    raise_alert(
        going.session,
        owner_id=going.scope.organisation_id,
        event=AlertEvent.LIST_MATCH_PROPOSED,
        subject=public_id,
        site_id=site_id,
        at=going.now,
        due_at=going.due_at,
        occasion=f"list_match {public_id} {version}",
    )


def _note(
    going: _Round,
    match_id: uuid.UUID,
    public_id: str,
    version: int,
    state: MatchState,
    reason: MatchReason,
) -> None:
    going.session.execute(
        insert(MatchStep).values(
            id=new_id(),
            owner_id=going.scope.organisation_id,
            match_id=match_id,
            ordinal=version,
            state=state,
            reason=reason,
            key_id=None,
            sealed=None,
            actor=going.scope.actor,
            taken_at=going.now,
        )
    )
    trail.record(
        going.session,
        organisation_id=going.scope.organisation_id,
        actor=going.scope.actor,
        action=f"list_match.{state}",
        subject_id=public_id,
        reason=reason,
    )
