"""What can be read of scorecards: a page of them, one, its bytes, and by its code."""

import functools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.database import Page
from compliance.identifiers import ALPHABET, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, batches, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.models import Site, SupplyLink
from compliance.registry.queries import SiteRecord
from compliance.registry.shares import WHOLE
from compliance.registry.supply_base import supply_base
from compliance.registry.visibility import relation, sight_of, visible
from compliance.scorecards import content
from compliance.scorecards.codes import KeyKind, Letter, Limit, SiteKind, Status
from compliance.scorecards.lifecycle import Why, status_on
from compliance.scorecards.material import Supply
from compliance.scorecards.models import (
    Scorecard,
    ScorecardCredential,
    ScorecardInForce,
    ScorecardPaper,
    ScorecardStatus,
)
from compliance.texts import LANGUAGES, N_
from compliance.verdicts.queries import assessed_among


class ScorecardNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such scorecard")
    detail = N_(
        "No scorecard of yours has the id {scorecard}. GET /v1/scorecards lists "
        "those you may see."
    )


class CodeUnknown(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No scorecard has this code")
    detail = N_(
        "The code {code} is not one that was issued here. Compare it with the card, "
        "letter by letter; if it is the same, the card is not genuine."
    )


class CardNotPrinted(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The scorecard is not printed yet")
    detail = N_(
        "{scorecard} was issued and waits for its signature, which takes some seconds. "
        "Its JSON can be read now; ask for this again soon."
    )


class CardUnsigned(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard has no credential")
    detail = N_(
        "{scorecard} was issued before cards were signed. Issue a new version; that one "
        "has a credential."
    )


@dataclass(frozen=True)
class ScorecardRecord:
    """An issued card and what it is worth now."""

    id: uuid.UUID
    public_id: str
    relation: Relation
    site_public_id: str
    site_name: str
    version: int
    code: str
    sha256: str
    pdf_sha256: dict[str, str]
    letter: Letter | None
    score: int | None
    issued_at: datetime
    valid_until: date
    status: Status
    is_in_force: bool


@dataclass(frozen=True)
class Verified:
    """What anybody may know of a card by its code: no grade, no flags, no persons."""

    public_id: str
    version: int
    status: Status
    reason: Why
    changed_at: datetime
    producer: str
    country: str
    region: str
    issuer: str
    issued_at: datetime
    valid_until: date
    sha256: str
    pdf_sha256: dict[str, str]
    successor: str | None


Last, Own = aliased(ScorecardStatus), aliased(Site)
LAST_ORDINAL = (
    select(func.max(Last.ordinal))
    .where(Last.scorecard_id == Scorecard.id)
    .correlate(Scorecard)
    .scalar_subquery()
)
# The digest of the PDF in each language; none until the card is printed.
PAPERS = tuple(
    select(ScorecardPaper.sha256)
    .where(
        ScorecardPaper.scorecard_id == Scorecard.id,
        ScorecardPaper.language == language,
    )
    .correlate(Scorecard)
    .scalar_subquery()
    .label(f"pdf_{language}")
    for language in LANGUAGES
)
SCORECARDS: Select[*tuple[Any, ...]] = (
    select(
        Scorecard.id,
        Scorecard.public_id,
        relation(Resource.SCORECARD, Action.READ).label("relation"),
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        Scorecard.version,
        Scorecard.code,
        Scorecard.sha256,
        *PAPERS,
        Scorecard.letter,
        Scorecard.score,
        Scorecard.issued_at,
        Scorecard.valid_until,
        ScorecardStatus.status,
        ScorecardStatus.reason,
        ScorecardStatus.changed_at,
        ScorecardInForce.scorecard_id.label("in_force_id"),
    )
    .join(Own, Own.id == Scorecard.site_id)
    .join(Site, Site.id == Own.kept_id)
    .join(
        ScorecardStatus,
        (ScorecardStatus.scorecard_id == Scorecard.id)
        & (ScorecardStatus.ordinal == LAST_ORDINAL),
    )
    .outerjoin(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
)
# By its own column, so that the index over it serves the list.
MINE = SCORECARDS.where(Scorecard.owner_id == bindparam("organisation_id"))
IN_FORCE = MINE.where(ScorecardInForce.site_id == bindparam("site_id"))
BY_CODE = (
    select(
        Scorecard.public_id,
        Scorecard.version,
        Scorecard.sha256,
        *PAPERS,
        Scorecard.issued_at,
        Scorecard.valid_until,
        Scorecard.content,
        Scorecard.site_id,
        ScorecardStatus.status,
        ScorecardStatus.reason,
        ScorecardStatus.changed_at,
    )
    .join(
        ScorecardStatus,
        (ScorecardStatus.scorecard_id == Scorecard.id)
        & (ScorecardStatus.ordinal == LAST_ORDINAL),
    )
    .where(Scorecard.code == bindparam("code"))
)
SUCCESSOR = (
    select(Scorecard.public_id)
    .where(
        Scorecard.site_id == bindparam("site_id"),
        Scorecard.version > bindparam("version"),
    )
    .order_by(Scorecard.version.desc())
    .limit(1)
)
EARLIER = (
    select(Scorecard.content)
    .where(
        Scorecard.owner_id == bindparam("owner_id"),
        Scorecard.site_id == bindparam("site_id"),
    )
    .order_by(Scorecard.version)
)
FIRST = (
    select(Scorecard.content)
    .where(Scorecard.owner_id == bindparam("owner_id"))
    .order_by(Scorecard.id)
    .limit(1)
)
Giver, Taker, TakerKept = aliased(Site), aliased(Site), aliased(Site)
NEWEST_COMING = (
    select(func.max(SupplyLink.season))
    .join(Taker, Taker.id == SupplyLink.to_site_id)
    .where(
        SupplyLink.owner_id == bindparam("owner_id"),
        Taker.kept_id == bindparam("site_id"),
    )
)
GOING_TO_MILLS = (
    select(
        TakerKept.id.label("mill"),
        SupplyLink.season,
        SupplyLink.volume_share_basis_points.label("share"),
    )
    .join(Giver, Giver.id == SupplyLink.from_site_id)
    .join(Taker, Taker.id == SupplyLink.to_site_id)
    .join(TakerKept, TakerKept.id == Taker.kept_id)
    .where(
        SupplyLink.owner_id == bindparam("owner_id"),
        Giver.kept_id == bindparam("site_id"),
        TakerKept.kind == SiteKind.MILL,
    )
)


def scorecard(session: Session, scope: Scope, public_id: str) -> ScorecardRecord:
    """Return one card that the caller issued, or that is of a site it operates, or shown.

    Raise ScorecardNotFound for any other.
    """
    scope.require(Permission.READ_SCORECARDS)
    missing = ScorecardNotFound(scorecard=public_id)
    return ANY_SEEN.one(session, sight_of(scope), public_id, missing)


def own_scorecard(session: Session, scope: Scope, public_id: str) -> ScorecardRecord:
    """Return one card that the caller issued, or raise ScorecardNotFound."""
    scope.require(Permission.READ_SCORECARDS)
    missing = ScorecardNotFound(scorecard=public_id)
    return _seen_as(Relation.OWN).one(session, sight_of(scope), public_id, missing)


def scorecards(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    in_force: bool = False,
    seen_as: Relation | None = Relation.OWN,
    newest_first: bool = False,
    **wanted: str | date | None,
) -> Page[ScorecardRecord]:
    """Return a page of cards in the order of issue, or the other way round.

    They are the caller's own, those of sites it operates, or those shown to it; with
    `seen_as` None all of these. `wanted` filters by site (public id), letter, status (as
    it was noted), and the days that it is valid until (`until_from`, `until_to`);
    `in_force` leaves out the others.
    """
    scope.require(Permission.READ_SCORECARDS)
    listing = ANY_SEEN if seen_as is None else _seen_as(seen_as)
    return listing.page(
        session,
        sight_of(scope),
        rows=rows,
        after=after,
        wanted={**wanted, "in_force": in_force or None},
        newest_first=newest_first,
    )


def in_force(session: Session, scope: Scope, site_id: SiteId) -> ScorecardRecord | None:
    """Return the card that speaks for a site now, expired or not."""
    scope.require(Permission.READ_SCORECARDS)
    row = session.execute(
        IN_FORCE, {**sight_of(scope), "site_id": site_id}
    ).one_or_none()
    return None if row is None else _record(row)


def canonical_content(session: Session, scope: Scope, public_id: str) -> bytes:
    """Return the exact bytes of a card's JSON, as they were issued."""
    found = scorecard(session, scope, public_id)
    return session.execute(
        select(Scorecard.content).where(Scorecard.id == found.id)
    ).scalar_one()


def printed_pdf(session: Session, scope: Scope, public_id: str, language: str) -> str:
    """Return the digest of a card's PDF, or raise CardNotPrinted while it is made."""
    digests = scorecard(session, scope, public_id).pdf_sha256
    if language not in digests:
        raise CardNotPrinted(scorecard=public_id)
    return digests[language]


def credential(session: Session, scope: Scope, public_id: str) -> tuple[str, str]:
    """Return a card's credential and its digest; raise CardNotPrinted until it is made.

    Raise CardUnsigned for a card from before there were any.
    """
    card = scorecard(session, scope, public_id)
    found = session.execute(
        select(ScorecardCredential.content, ScorecardCredential.sha256).where(
            ScorecardCredential.scorecard_id == card.id
        )
    ).one_or_none()
    if found is not None:
        return found.content, found.sha256
    told = json.loads(canonical_content(session, scope, public_id))
    if told["issuer"]["key_kind"] == KeyKind.NONE:
        raise CardUnsigned(scorecard=public_id)
    raise CardNotPrinted(scorecard=public_id)


def earlier_cards(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[content.Scorecard, ...]:
    """Return every card of a site as it was issued, the first version first."""
    scope.require(Permission.READ_SCORECARDS)
    found = session.execute(
        EARLIER, {"owner_id": scope.organisation_id, "site_id": site_id}
    ).scalars()
    return tuple(
        content.Scorecard.model_validate_json(one, strict=True) for one in found
    )


def supply_of(session: Session, scope: Scope, site: SiteRecord) -> Supply:
    """Return who supplies a site and which mills it supplies, each in its newest season.

    Suppliers are all producers and mills upstream, the members of groups among them. It
    is told, too, how far they were assessed.
    """
    scope.require(Permission.READ_REGISTER)
    values = {"owner_id": scope.organisation_id, "site_id": site.id}
    season = session.scalar(NEWEST_COMING, values)
    base = None if season is None else supply_base(session, scope, site, season=season)
    suppliers = frozenset() if base is None else base.sites
    going = _of_newest_season(session.execute(GOING_TO_MILLS, values).all())
    mills = {link.mill for link in going}
    return Supply(
        suppliers=len(suppliers),
        assessed=sum(
            len(assessed_among(session, scope, some)) for some in batches(suppliers)
        ),
        traced_basis_points=int(base.traced_share * WHOLE)
        if base is not None and base.known_share
        else None,
        mills=len(mills),
        share_of_mill_basis_points=_whole([link.share for link in going])
        if len(mills) == 1
        else None,
    )


def is_demonstration(session: Session, scope: Scope) -> bool:
    """Tell whether the cards of an organisation tell of invented sites.

    The demonstration's first card was issued while it was loaded, and says so for good.
    """
    scope.require(Permission.READ_SCORECARDS)
    first = session.scalar(FIRST, {"owner_id": scope.organisation_id})
    return first is not None and Limit.DEMONSTRATION in json.loads(first)["limits"]


def verify(session: Session, code: str) -> Verified:
    """Return what the public may know of a card; this alone takes no Scope.

    The code is the credential: it is random, stands on the card, and lists nothing.
    """
    found = session.execute(BY_CODE, {"code": _read_aloud(code)}).one_or_none()
    if found is None:
        raise CodeUnknown(code=code[:20])
    card = json.loads(found.content)
    successor = session.scalar(
        SUCCESSOR, {"site_id": found.site_id, "version": found.version}
    )
    return Verified(
        public_id=found.public_id,
        version=found.version,
        status=_status(found),
        reason=Why(found.reason),
        changed_at=found.changed_at,
        producer=card["producer"]["name"],
        country=card["producer"]["country"],
        region=card["producer"]["admin1"],
        issuer=card["issuer"]["name"],
        issued_at=found.issued_at,
        valid_until=found.valid_until,
        sha256=found.sha256,
        pdf_sha256=_papers(found),
        successor=successor,
    )


def _read_aloud(code: str) -> str:
    """Return a code as it is kept, however it was typed."""
    letters = code.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    kept = [letter for letter in letters if letter.lower() in ALPHABET]
    return "-".join("".join(kept[at : at + 4]) for at in range(0, len(kept), 4))


def _of_newest_season(
    links: Sequence[Row[*tuple[Any, ...]]],
) -> list[Row[*tuple[Any, ...]]]:
    newest = max((link.season for link in links), default=None)
    return [link for link in links if link.season == newest]


def _whole(shares: Sequence[int | None]) -> int | None:
    known = [share for share in shares if share is not None]
    return sum(known) if known else None


def _status(row: Row[*tuple[Any, ...]]) -> Status:
    return status_on(
        clock.today(), noted=Status(row.status), valid_until=row.valid_until
    )


def _papers(row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    """Return the digest of the PDF in each language; nothing until it is printed."""
    found = {language: getattr(row, f"pdf_{language}") for language in LANGUAGES}
    return {language: digest for language, digest in found.items() if digest}


def _record(row: Row[*tuple[Any, ...]]) -> ScorecardRecord:
    return ScorecardRecord(
        id=row.id,
        public_id=row.public_id,
        relation=Relation(row.relation),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        version=row.version,
        code=row.code,
        sha256=row.sha256,
        pdf_sha256=_papers(row),
        letter=None if row.letter is None else Letter(row.letter),
        score=row.score,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        status=_status(row),
        is_in_force=row.in_force_id is not None,
    )


ANY_SEEN = Listing(
    SCORECARDS.where(visible(Resource.SCORECARD, Action.READ)),
    Scorecard.id,
    Scorecard.public_id,
    _record,
    {
        **equal_to(
            site=Site.public_id, letter=Scorecard.letter, status=ScorecardStatus.status
        ),
        "in_force": ScorecardInForce.scorecard_id.is_not(None),
        "until_from": Scorecard.valid_until >= bindparam("until_from"),
        "until_to": Scorecard.valid_until <= bindparam("until_to"),
    },
)


@functools.cache
def _seen_as(wanted: Relation) -> Listing[ScorecardRecord]:
    """Return the cards that the caller reaches in one way."""
    if wanted is Relation.OWN:
        return replace(ANY_SEEN, statement=MINE)
    seen = SCORECARDS.where(visible(Resource.SCORECARD, Action.READ, {wanted}))
    return replace(ANY_SEEN, statement=seen)
