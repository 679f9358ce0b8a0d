"""What the story owes its workers, and what its buyer promised and has not kept."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from sqlalchemy.orm import Session

from api.demonstration.story import (
    Buyer,
    LineWritten,
    OwedWritten,
    Promised,
    PromiseWritten,
)
from api.demonstration.visits import Visit, instant
from compliance import clock
from compliance.commitments.actions import Promise, make
from compliance.commitments.actions import take_step as take_commitment_step
from compliance.commitments.lifecycle import Step
from compliance.database import as_system, limit_to
from compliance.findings.lifecycle import State
from compliance.findings.queries import findings_of_site
from compliance.identity.actions import add_person, found_organisation
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import CookieGiven, NotSignedIn, Scope, scope_of
from compliance.identity.sessions import known_person, start_session
from compliance.registry.consents.giving import give
from compliance.registry.models.consents import Subject
from compliance.registry.queries import site
from compliance.remedies import actions
from compliance.remedies.models import Check
from compliance.sealing import Keyring

DAYS_SHOWN = 1_000
BUYER = "buyer"


@dataclass(frozen=True)
class WriteLedger:
    """Write one line about what people of a visited site are owed."""

    visit: Visit
    owed: OwedWritten
    line: LineWritten


@dataclass(frozen=True)
class KeepPromise:
    """Show a site to the buyer, or do one thing about what it promises."""

    buyer: Buyer
    promise: PromiseWritten
    done: Promised


class NothingFound(RuntimeError):
    """A rule of the story was not broken at the visit: the story and the book differ."""


def ledger_lines(
    owed: Sequence[OwedWritten], visits: Sequence[Visit]
) -> Iterator[tuple[str, date, Role, WriteLedger]]:
    """Yield the lines of visits that are made: key, day, by whom, and what is done."""
    by_key = {visit.key: visit for visit in visits}
    for one in owed:
        visit = by_key.get(one.visit)
        if visit is None:
            continue
        for number, line in enumerate(one.lines):
            day = visit.day + timedelta(days=line.after)
            doing = WriteLedger(visit, one, line)
            yield f"remedy/{visit.key}/{number}", day, line.by, doing


def write_line(
    names: dict[str, str], session: Session, scope: Scope, doing: WriteLedger
) -> dict[str, str]:
    """Write a line of the ledger and return what names it gave."""
    line, owed = doing.line, doing.owed
    name = f"remedy/{doing.visit.key}"
    money = (
        actions.Money(line.amount, owed.currency)
        if line.amount is not None and owed.currency is not None
        else None
    )
    match line.do:
        case "enter":
            return {name: _enter(names, session, scope, doing, money)}
        case "pay":
            actions.pay(
                session,
                scope,
                names[name],
                people=line.people or 0,
                paid_on=clock.today(),
                money=money,
            )
        case "prove":
            actions.prove(
                session,
                scope,
                names[name],
                proof=line.proof,
                evidence_sha256=clock.random_bytes(32),
            )
        case "verify":
            actions.verify(session, scope, names[name], checked_by=Check.SITE)
        case _:
            assert_never(line.do)
    return {}


def _enter(
    names: dict[str, str],
    session: Session,
    scope: Scope,
    doing: WriteLedger,
    money: actions.Money | None,
) -> str:
    visit, owed = doing.visit, doing.owed
    visited = site(session, scope, names[visit.site.key])
    refs = [
        finding.public_id
        for finding in findings_of_site(session, scope, visited.id)
        if finding.rule == owed.rule and finding.state is not State.WITHDRAWN
    ]
    if not refs:
        raise NothingFound(f"{owed.rule} at {visit.key}")
    entered = actions.enter(
        session,
        scope,
        finding_ref=refs[0],
        kind=owed.kind,
        people=doing.line.people or 0,
        money=money,
        period_from=visit.day - timedelta(days=owed.days),
        period_to=visit.day,
    )
    return entered.public_id


def promise_steps(
    buyer: Buyer, promise: PromiseWritten
) -> Iterator[tuple[str, date, Role, KeepPromise]]:
    """Yield what is done about the promise: key, day, by whom, and what."""
    for done, day in promise.days():
        doing = KeepPromise(buyer, promise, done)
        yield f"promise/{promise.site}/{done}", day, Role.ADMINISTRATOR, doing


def keep_promise(
    names: dict[str, str],
    session: Session,
    scope: Scope,
    keyring: Keyring,
    doing: KeepPromise,
) -> dict[str, str]:
    """Do one thing about the buyer's promise and return what names it gave."""
    promise, buyer = doing.promise, doing.buyer
    name = f"commitment/{promise.site}"
    match doing.done:
        case Promised.SHOWN:
            return {BUYER: _show(names, session, scope, buyer, promise)}
        case Promised.OFFERED:
            with as_buyer(session, scope, buyer) as theirs:
                made = make(
                    session,
                    theirs,
                    site=names[promise.site],
                    promise=Promise(
                        promise.kind, amount=promise.amount, currency=promise.currency
                    ),
                    due_on=promise.due_on,
                )
            return {name: made.public_id}
        case Promised.ACCEPTED:
            take_commitment_step(session, scope, keyring, names[name], Step.ACCEPT)
        case Promised.BEGUN:
            with as_buyer(session, scope, buyer) as theirs:
                take_commitment_step(session, theirs, keyring, names[name], Step.BEGIN)
        case _:
            assert_never(doing.done)
    return {}


def _show(
    names: dict[str, str],
    session: Session,
    scope: Scope,
    buyer: Buyer,
    promise: PromiseWritten,
) -> str:
    """Found the buyer, and let it see the scorecards of the site; return its id."""
    with as_system(session):
        made = found_organisation(
            session, kind=OrganisationKind.BUYER, name=buyer.name, country=buyer.country
        )
        add_person(
            session,
            organisation_id=made.id,
            role=buyer.person.role,
            email=buyer.person.email,
            name=buyer.person.name,
            language=buyer.person.language,
            password=buyer.person.password,
        )
    give(
        session,
        scope,
        grantee=made.public_id,
        site=names[promise.site],
        subject=Subject.SCORECARD,
        valid_until=instant(clock.today() + timedelta(days=DAYS_SHOWN)),
    )
    return made.public_id


@contextmanager
def as_buyer(session: Session, scope: Scope, buyer: Buyer) -> Iterator[Scope]:
    """Do something as the buyer's manager, and go on as whoever it was before."""
    # A session's token must be a secret, and signing in takes no tick of the clock.
    at = clock.now()
    with clock.drawing_from(secrets.token_bytes), clock.set_to(lambda: at):
        with as_system(session):
            known = known_person(session, buyer.person.email)
            if known is None:
                raise NotSignedIn
            token = start_session(session, known).token
        theirs = scope_of(session, CookieGiven(token))
    yield theirs
    with clock.set_to(lambda: at):  # only one of the two databases asks for the time
        limit_to(session, scope.organisation_id)
