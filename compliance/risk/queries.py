"""What can be read of risk: that of one site, its history, and of a list of names.

A site that somebody else keeps is found only while it is shown to the caller. What a
caller knows of already, because it was shown before or the caller itself asked for it by
its id, is told as not shared; everything else is not found, whether it exists or not.
"""

import functools
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, case, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.corrective_actions.lifecycle import ENDED, OWED, State
from compliance.corrective_actions.models import CorrectiveAction
from compliance.database import Page, as_system, one_of
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
from compliance.registry.merging import same_site
from compliance.registry.models import Site, SiteIdentifier
from compliance.registry.models.consents import Consent, ConsentRequest, Reply, Subject
from compliance.registry.numbers import NOT_FOR_OTHERS
from compliance.registry.queries import SiteNotFound
from compliance.registry.visibility import CALLER, NOW, relation, sight_of, visible
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.many_texts import one_of_texts
from compliance.risk.models import SiteRisk, SiteRiskChange
from compliance.risk.naming import Name, Wanted, wanted_of
from compliance.site_marks import SiteRiskDue
from rules.vocabulary import Commodity, SiteKind


class RiskRecord(NamedTuple):
    """What is known of a site's risk; a tuple, because one answer has thousands.

    Of a site that was never assessed there is no score and no document. `relation` is
    other where the caller sees the site and not its risk; then nothing is told of it.
    """

    site_id: SiteId
    public_id: str
    name: str
    kind: SiteKind
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    relation: Relation
    level: RiskLevel
    score: int | None
    confidence: int
    confidence_word: ConfidenceWord
    open_zero_tolerance: int
    open_critical: int
    open_major: int
    open_minor: int
    last_visit_on: date | None
    document: bytes | None
    assessed_at: datetime | None
    is_being_assessed: bool

    @property
    def is_shown(self) -> bool:
        return self.relation is not Relation.OTHER


class ChangeRecord(NamedTuple):
    """What the risk of a site became, and when."""

    id: uuid.UUID
    level: RiskLevel
    score: int
    confidence: int
    confidence_word: ConfidenceWord
    document: bytes
    changed_at: datetime


class OpenActions(NamedTuple):
    """Corrective actions of a site that have not ended, and those past their day."""

    open: int
    past_due: int


class Outcome(StrEnum):
    """What became of a name on a list."""

    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    NOT_SHARED = "not_shared"
    NOT_FOUND = "not_found"


class NotSharedBecause(StrEnum):
    """Why a site the caller knows of already is not shown to it."""

    SCORECARDS_ONLY = "scorecards_only"
    CONSENT_ENDED = "consent_ended"
    REQUEST_DECLINED = "request_declined"
    REQUEST_WAITS = "request_waits"


@dataclass(frozen=True)
class Answered:
    """What became of one name: its risk, or the sites it could mean, or why not."""

    name: Name
    outcome: Outcome
    risk: RiskRecord | None = None
    candidates: tuple[str, ...] = ()
    because: NotSharedBecause | None = None


Own, Marked = aliased(Site), aliased(Site)

# A mark may be of a record that was merged into this one.
IS_DUE = (
    select(SiteRiskDue.id)
    .join(Marked, Marked.id == SiteRiskDue.site_id)
    .where(Marked.kept_id == Site.id)
    .correlate(Site)
    .exists()
)
RISKS: Select[*tuple[Any, ...]] = (
    select(
        Site.id,
        Site.public_id,
        Site.name,
        Site.kind,
        Site.country,
        Site.admin1,
        Site.municipality,
        Site.commodity,
        relation(Resource.RISK, Action.READ).label("relation"),
        SiteRisk.level,
        SiteRisk.score,
        SiteRisk.confidence,
        SiteRisk.confidence_word,
        SiteRisk.open_zero_tolerance,
        SiteRisk.open_critical,
        SiteRisk.open_major,
        SiteRisk.open_minor,
        SiteRisk.last_visit_on,
        SiteRisk.document,
        SiteRisk.assessed_at,
        IS_DUE.label("is_due"),
    )
    .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
    .where(Site.kept_id == Site.id)
)
ONE_RISK = RISKS.join(Own, Own.kept_id == Site.id).where(
    Own.public_id == bindparam("public_id"), visible(Resource.RISK, Action.READ)
)
RISKS_OF = RISKS.where(
    one_of(Site.id, "site_ids"),
    visible(Resource.SITE, Action.READ),
)

BY_ID = select(Own.public_id.label("named"), Own.kept_id).where(
    one_of_texts(Own.public_id, "ids")
)
NUMBERS = (
    select(SiteIdentifier.scheme, SiteIdentifier.value, Own.kept_id)
    .join(Own, Own.id == SiteIdentifier.site_id)
    .where(
        one_of_texts(SiteIdentifier.scheme, "schemes"),
        one_of_texts(SiteIdentifier.value, "numbers"),
    )
)
BY_OWN_NUMBER = NUMBERS.where(SiteIdentifier.owner_id == CALLER)
# Begins with the few sites that others let the caller see, never with all there are.
REACHED = union(
    select(Own.id).where(Own.operator_id == CALLER),
    select(Consent.site_id).where(Consent.grantee_id == CALLER),
)
IS_NO_PERSONS = and_(*(SiteIdentifier.scheme != one for one in sorted(NOT_FOR_OTHERS)))
BY_OTHERS_NUMBER = NUMBERS.join(Site, Site.id == Own.kept_id).where(
    SiteIdentifier.owner_id != CALLER,
    Site.id.in_(select(REACHED.subquery())),
    or_(Site.operator_id == CALLER, IS_NO_PERSONS),
)

# By the very id that was shown: a number noted since would tell whose it is.
ENDED_BEFORE = (
    select(Own.public_id)
    .join(Consent, Consent.site_id == Own.id)
    .where(
        Consent.grantee_id == CALLER,
        Consent.subject == Subject.RISK,
        Consent.valid_from <= NOW,
        or_(Consent.revoked_at.is_(None), Consent.revoked_at > Consent.valid_from),
        one_of_texts(Own.public_id, "ids"),
    )
)
# As the caller itself wrote it: whether there is such a site plays no part.
ASKED_FOR = (
    select(ConsentRequest.site, ConsentRequest.reply)
    .where(
        ConsentRequest.asker_id == CALLER,
        ConsentRequest.subject == Subject.RISK,
        one_of_texts(ConsentRequest.site, "ids"),
    )
    .order_by(ConsentRequest.id)
)

IS_OWED = and_(*(CorrectiveAction.state != one for one in sorted(set(State) - OWED)))
OPEN_ACTIONS = (
    select(
        Site.id,
        func.count().label("open"),
        func.sum(
            case(
                (and_(IS_OWED, CorrectiveAction.due_on < bindparam("today")), 1),
                else_=0,
            )
        ).label("past_due"),
    )
    .select_from(CorrectiveAction)
    .join(Own, Own.id == CorrectiveAction.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(
        one_of(Own.kept_id, "site_ids"),
        # Not as `visible`: from there SQLite would begin, with every site of the caller.
        relation(Resource.CORRECTIVE_ACTION, Action.READ) != Relation.OTHER,
        *(CorrectiveAction.state != one for one in sorted(ENDED)),
    )
    .group_by(Site.id)
)

CHANGES = (
    select(
        SiteRiskChange.id,
        SiteRiskChange.level,
        SiteRiskChange.score,
        SiteRiskChange.confidence,
        SiteRiskChange.confidence_word,
        SiteRiskChange.document,
        SiteRiskChange.changed_at,
    )
    .where(same_site(SiteRiskChange.site_id))
    .order_by(SiteRiskChange.id.desc())
    .limit(bindparam("rows"))
)


def risk_of_site(session: Session, scope: Scope, public_id: str) -> RiskRecord:
    """Return the risk of one site that the caller keeps, operates or is shown.

    Raise SiteNotFound for any other. The id of a merged record leads to the one kept.
    """
    scope.require(Permission.READ_RISK)
    row = session.execute(
        ONE_RISK, {**sight_of(scope), "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise SiteNotFound(site=public_id)
    return record_of(row)


def history(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    rows: int,
    after: str | None = None,
) -> Page[ChangeRecord]:
    """Return a page of what the risk of a site became, the latest first.

    Raise SiteNotFound where its risk is not shown to the caller, NoSuchPage where
    `after` is no change.
    """
    found = risk_of_site(session, scope, public_id)
    values: dict[str, object] = {"site_id": found.site_id, "rows": rows + 1}
    if after is not None:
        values["after_id"] = _change_named(after)
    changes = session.execute(_changes(goes_on=after is not None), values).all()
    records = tuple(_change(row) for row in changes[:rows])
    return Page(records, str(records[-1].id) if len(changes) > rows else None)


@functools.cache
def _changes(*, goes_on: bool) -> Select[*tuple[Any, ...]]:
    if not goes_on:
        return CHANGES
    return CHANGES.where(SiteRiskChange.id < bindparam("after_id"))


def _change_named(after: str) -> uuid.UUID:
    try:
        return uuid.UUID(after)
    except ValueError as wrong:
        raise NoSuchPage(after=after) from wrong


def risks_of_names(
    session: Session, scope: Scope, names: Sequence[Name], language: str
) -> tuple[Answered, ...]:
    """Return what became of each name of a list, in the list's order.

    Raise NamedTwice or NumbersMalformed, told in `language`, where the list cannot be
    read. However long the list is, it takes the same few statements.
    """
    scope.require(Permission.READ_RISK)
    wanted = wanted_of(names, language)
    meant = _meant(session, scope, names, wanted)
    records = risks_of_sites(session, scope, {one for some in meant for one in some})
    answers = [
        _answered(name, [records[one] for one in some if one in records])
        for name, some in zip(names, meant, strict=True)
    ]
    missing = [
        one.name.value
        for one in answers
        if one.outcome is Outcome.NOT_FOUND and one.name.is_site_id
    ]
    known = _known_before(session, scope, missing)
    return tuple(
        Answered(one.name, Outcome.NOT_SHARED, because=known[one.name.value])
        if one.outcome is Outcome.NOT_FOUND and one.name.value in known
        else one
        for one in answers
    )


def risks_of_sites(
    session: Session, scope: Scope, site_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, RiskRecord]:
    """Return the risk of each of some sites that the caller sees at all.

    Where it sees a site and not its risk, the record says so and no more.
    """
    scope.require(Permission.READ_RISK)
    if not site_ids:
        return {}
    found = session.execute(
        RISKS_OF, {**sight_of(scope), "site_ids": list(site_ids)}
    ).all()
    return {row.id: record_of(row) for row in found}


def open_actions(
    session: Session, scope: Scope, site_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, OpenActions]:
    """Return the open corrective actions of sites that the caller keeps or operates.

    A site without any is left out; so are all where the caller reads no findings.
    """
    if not site_ids or not scope.may(Permission.READ_FINDINGS):
        return {}
    values = {**sight_of(scope), "site_ids": list(site_ids), "today": clock.today()}
    found = session.execute(OPEN_ACTIONS, values)
    return {id_: OpenActions(open_, late) for id_, open_, late in found}


def _meant(
    session: Session, scope: Scope, names: Sequence[Name], wanted: Wanted
) -> list[set[uuid.UUID]]:
    """Return which sites each name fits, seen by the caller or not."""
    meant: list[set[uuid.UUID]] = [set() for _ in names]
    sight = sight_of(scope)
    if wanted.ids:
        found = session.execute(BY_ID, {"ids": list(wanted.ids)})
        for public_id, kept_id in found:
            meant[wanted.ids[public_id]].add(kept_id)
    if wanted.numbers:
        asked = {
            "organisation_id": sight["organisation_id"],
            "schemes": sorted(wanted.schemes),
            "numbers": list(wanted.numbers),
        }
        for statement in (BY_OWN_NUMBER, BY_OTHERS_NUMBER):
            for scheme, value, kept_id in session.execute(statement, asked):
                for place in wanted.numbers[value]:
                    if names[place].scheme in {None, scheme}:
                        meant[place].add(kept_id)
    return meant


def _answered(name: Name, seen: Sequence[RiskRecord]) -> Answered:
    if not seen:
        return Answered(name, Outcome.NOT_FOUND)
    if len(seen) > 1:
        candidates = tuple(sorted(one.public_id for one in seen))
        return Answered(name, Outcome.AMBIGUOUS, candidates=candidates)
    if seen[0].is_shown:
        return Answered(name, Outcome.FOUND, risk=seen[0])
    because = NotSharedBecause.SCORECARDS_ONLY
    return Answered(name, Outcome.NOT_SHARED, because=because)


def _known_before(
    session: Session, scope: Scope, ids: Sequence[str]
) -> Mapping[str, NotSharedBecause]:
    """Return the ids that the caller knows of already, and why it sees nothing there."""
    if not ids:
        return {}
    asked = {**sight_of(scope), "ids": list(ids)}
    known: dict[str, NotSharedBecause] = {}
    with as_system(
        session
    ):  # a site that is shown no more is hidden; its consent is not
        for (public_id,) in session.execute(ENDED_BEFORE, asked):
            known[public_id] = NotSharedBecause.CONSENT_ENDED
    del asked["now"]
    for named, reply in session.execute(ASKED_FOR, asked):
        if named is not None and reply != Reply.ACCEPTED:
            known[named] = BY_REPLY[reply]
    return known


BY_REPLY: Mapping[str | None, NotSharedBecause] = {
    None: NotSharedBecause.REQUEST_WAITS,
    Reply.DECLINED: NotSharedBecause.REQUEST_DECLINED,
}

KINDS = {one.value: one for one in SiteKind}
COMMODITIES = {one.value: one for one in Commodity}
RELATIONS = {one.value: one for one in Relation}
LEVELS = {one.value: one for one in RiskLevel}
CONFIDENCES = {one.value: one for one in ConfidenceWord}


def record_of(row: Row[*tuple[Any, ...]]) -> RiskRecord:
    """Return a row of RISKS as a record."""
    (
        id_,
        public_id,
        name,
        kind,
        country,
        admin1,
        municipality,
        commodity,
        reached_as,
        level,
        score,
        confidence,
        confidence_word,
        zero_tolerance,
        critical,
        major,
        minor,
        last_visit_on,
        document,
        assessed_at,
        is_due,
    ) = row
    is_known = level is not None and reached_as != Relation.OTHER
    return RiskRecord(
        site_id=id_,
        public_id=public_id,
        name=name,
        kind=KINDS[kind],
        country=country,
        admin1=admin1,
        municipality=municipality,
        commodity=COMMODITIES[commodity],
        relation=RELATIONS[reached_as],
        level=LEVELS[level] if is_known else RiskLevel.UNKNOWN,
        score=score if is_known else None,
        confidence=confidence if is_known else 0,
        confidence_word=CONFIDENCES[confidence_word]
        if is_known
        else ConfidenceWord.NONE,
        open_zero_tolerance=zero_tolerance if is_known else 0,
        open_critical=critical if is_known else 0,
        open_major=major if is_known else 0,
        open_minor=minor if is_known else 0,
        last_visit_on=last_visit_on if is_known else None,
        document=document if is_known else None,
        assessed_at=assessed_at if is_known else None,
        is_being_assessed=bool(is_due) and reached_as != Relation.OTHER,
    )


def _change(row: Row[*tuple[Any, ...]]) -> ChangeRecord:
    return ChangeRecord(
        id=row.id,
        level=RiskLevel(row.level),
        score=row.score,
        confidence=row.confidence,
        confidence_word=ConfidenceWord(row.confidence_word),
        document=row.document,
        changed_at=row.changed_at,
    )
