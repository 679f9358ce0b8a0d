"""Status lists: one bit to a card, by which anybody sees that it does not hold any more.

As the W3C's Bitstring Status List has it. The bits are read from what the card became
and from nothing else, so that nothing has to be told to them. A card has the same place
in both lists: the one says that it is over for good, the other that it may not be relied
on now, whether that can be lifted or not.
"""

import base64
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.database import as_system, insert_new
from compliance.problems import Kind, Problem
from compliance.scorecards.codes import Status
from compliance.scorecards.models import Scorecard, ScorecardListing, ScorecardStatus
from compliance.scorecards.queries import LAST_ORDINAL
from compliance.signatures.jose import signed
from compliance.signatures.keys import Key
from compliance.texts import N_

CONTEXT = "https://www.w3.org/ns/credentials/v2"
BITS = 131_072
MOST_ON_A_LIST = BITS // 2  # so that a place that is free is soon drawn
DRAWS = 200
VALID_FOR = timedelta(days=1)


class Purpose(StrEnum):
    REVOCATION = "revocation"
    SUSPENSION = "suspension"


SET_FOR: Mapping[Purpose, frozenset[Status]] = {
    Purpose.REVOCATION: frozenset({Status.REVOKED, Status.SUPERSEDED}),
    Purpose.SUSPENSION: frozenset(
        {Status.SUSPENDED, Status.REVOKED, Status.SUPERSEDED}
    ),
}


class NoSuchStatusList(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such status list")
    detail = N_("There is no status list {number}; the newest is {newest}.")


class NoPlaceDrawn(RuntimeError):
    """Chance gave no free place, of which half are free: it is no chance."""


@dataclass(frozen=True)
class Place:
    """Where the bit of a card stands, in both lists of a number."""

    list_number: int
    index: int


@dataclass(frozen=True)
class Kept:
    """A list as it was signed, and the newest change of any card that it knew."""

    text: str
    newest: UUID | None
    made_at: datetime


@dataclass
class StatusLists:
    """The lists that were signed a moment ago, for a public page that many ask."""

    _kept: dict[tuple[Purpose, int], Kept] = field(default_factory=dict)

    def signed(
        self,
        session: Session,
        key: Key,
        *,
        did: str,
        public_url: str,
        purpose: Purpose,
        number: int,
    ) -> str:
        """Return a list as a signed credential that knows every change there is."""
        newest = session.scalar(
            select(ScorecardStatus.id).order_by(ScorecardStatus.id.desc()).limit(1)
        )
        kept, now = self._kept.get((purpose, number)), clock.now()
        age = timedelta(seconds=limits.STATUS_LIST_SECONDS)
        if kept and kept.newest == newest and abs(now - kept.made_at) < age:
            return kept.text
        credential = list_credential(
            places_set(session, purpose, number),
            did=did,
            address=list_address(public_url, purpose, number),
            purpose=purpose,
            at=now,
        )
        text = signed(credential, key, did=did)
        self._kept[purpose, number] = Kept(text, newest, now)
        return text


def assign_place(session: Session, card_id: UUID) -> Place:
    """Draw a free place for a card that was just written.

    Places are drawn, because an order would tell when and how many cards are issued.
    """
    number = _open_list(session)
    for _ in range(DRAWS):
        index = int.from_bytes(clock.random_bytes(4)) % BITS
        if insert_new(
            session,
            ScorecardListing,
            scorecard_id=card_id,
            list_number=number,
            place=index,
        ):
            return Place(number, index)
    raise NoPlaceDrawn


def place_of(session: Session, card_id: UUID) -> Place:
    """Return where the bit of a card stands."""
    row = session.execute(
        select(ScorecardListing.list_number, ScorecardListing.place).where(
            ScorecardListing.scorecard_id == card_id
        )
    ).one()
    return Place(row.list_number, row.place)


def list_address(public_url: str, purpose: Purpose, number: int) -> str:
    return f"{public_url}/v1/status-lists/{purpose}/{number}"


def places_set(session: Session, purpose: Purpose, number: int) -> list[int]:
    """Return the places of the cards that do not hold; it sees those of everybody.

    Raise NoSuchStatusList for a number that no card was given.
    """
    newest = _newest_list(session)
    if not 1 <= number <= newest:
        raise NoSuchStatusList(number=number, newest=newest)
    return list(
        session.scalars(
            select(ScorecardListing.place)
            .join(Scorecard, Scorecard.id == ScorecardListing.scorecard_id)
            .join(
                ScorecardStatus,
                (ScorecardStatus.scorecard_id == Scorecard.id)
                & (ScorecardStatus.ordinal == LAST_ORDINAL),
            )
            .where(
                ScorecardListing.list_number == number,
                ScorecardStatus.status.in_(SET_FOR[purpose]),
            )
        )
    )


def list_credential(
    places: Iterable[int],
    *,
    did: str,
    address: str,
    purpose: Purpose,
    at: datetime,
) -> dict[str, object]:
    """Return a list as a credential, good for a day."""
    return {
        "@context": [CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did,
        "validFrom": _instant(at),
        "validUntil": _instant(at + VALID_FOR),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded(places),
        },
    }


def encoded(places: Iterable[int]) -> str:
    """Return the bits as text: the first is leftmost; gzip, then base64url after a u."""
    bits = bytearray(BITS // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0))
    return "u" + packed.rstrip(b"=").decode("ascii")


def _open_list(session: Session) -> int:
    """Return the list that takes cards now; it looks at those of everybody."""
    with as_system(session):
        newest = _newest_list(session)
        count = session.scalar(
            select(func.count())
            .select_from(ScorecardListing)
            .where(ScorecardListing.list_number == newest)
        )
    return newest + 1 if (count or 0) >= MOST_ON_A_LIST else newest


def _newest_list(session: Session) -> int:
    return session.scalar(select(func.max(ScorecardListing.list_number))) or 1


def _instant(at: datetime) -> str:
    return at.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
