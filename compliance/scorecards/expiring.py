"""Cards whose last day is over: seen by a look every hour, and told once.

That a card has expired is worked out when it is read, so nothing is written to the card;
what is kept is that it was told.
"""

from datetime import timedelta

from sqlalchemy import bindparam, exists, literal, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.alerts.actions import raise_alert
from compliance.alerts.changes import Change
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import Alert
from compliance.identifiers import OrganisationId, SiteId
from compliance.jobs import JSON, Doing, Regular, Work, enqueue
from compliance.registry.models.consents import Subject
from compliance.scorecards.codes import Status
from compliance.scorecards.models import Scorecard, ScorecardInForce, ScorecardStatus
from compliance.scorecards.queries import LAST_ORDINAL

LOOK, TELL = "scorecards.look_for_expired", "scorecards.tell_expired"
EVERY = timedelta(hours=1)
AT_ONCE = 200
OCCASION = "card_expired "
# It speaks for a site, its last day is over, and that was not told yet.
IS_OVER = (
    Scorecard.valid_until < bindparam("today"),
    ~exists().where(
        Alert.owner_id == Scorecard.owner_id,
        Alert.occasion == literal(OCCASION).concat(Scorecard.public_id),
    ),
)
WHOSE = (
    select(Scorecard.owner_id)
    .join(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
    .where(*IS_OVER)
    .distinct()
    .order_by(Scorecard.owner_id)
)
EXPIRED = (
    select(
        Scorecard.public_id,
        Scorecard.version,
        Scorecard.letter,
        Scorecard.code,
        ScorecardInForce.site_id,
        ScorecardStatus.status,
    )
    .join(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
    .join(
        ScorecardStatus,
        (ScorecardStatus.scorecard_id == Scorecard.id)
        & (ScorecardStatus.ordinal == LAST_ORDINAL),
    )
    .where(Scorecard.owner_id == bindparam("organisation_id"), *IS_OVER)
    .order_by(Scorecard.id)
    .limit(AT_ONCE)
)


def look(session: Session, _work: Work) -> dict[str, JSON]:
    """Have it told of every organisation that has cards which have run out."""
    found = session.scalars(WHOSE, {"today": clock.today()}).all()
    for organisation_id in found:
        _ask_to_tell(session, OrganisationId(organisation_id))
    return {"organisations": len(found)}


def tell_some(session: Session, work: Work) -> dict[str, JSON]:
    """Tell of one organisation's cards that have run out, and go on if there are more."""
    if work.organisation_id is None:
        raise LookupError("A scorecard is some organisation's.")
    bound = {"organisation_id": work.organisation_id, "today": clock.today()}
    cards = session.execute(EXPIRED, bound).all()
    for card in cards:
        raise_alert(
            session,
            owner_id=work.organisation_id,
            event=AlertEvent.CARD_EXPIRED,
            subject=card.public_id,
            site_id=SiteId(card.site_id),
            occasion=f"{OCCASION}{card.public_id}",
            followers=Subject.SCORECARD,
            change=Change(
                before=card.status,
                after=Status.EXPIRED,
                version=card.version,
                letter_before=card.letter if card.status == Status.ISSUED else None,
                code=card.code,
            ),
        )
    if len(cards) == AT_ONCE:
        _ask_to_tell(session, work.organisation_id)
    return {"cards": len(cards)}


def handlers() -> dict[str, Doing]:
    return {LOOK: look, TELL: tell_some}


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: see which cards have run out."""
    return (Regular(LOOK, kind=LOOK, every=EVERY),)


def _ask_to_tell(session: Session, organisation_id: OrganisationId) -> None:
    enqueue(session, kind=TELL, organisation_id=organisation_id, arguments={})
