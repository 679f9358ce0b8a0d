"""What can be done about scorecards: issue one, and keep it with its papers."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.editions.shelf import Shelf
from compliance.findings.queries import findings_of_site
from compliance.identifiers import SiteId, new_id, random_word
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies import queries as policies
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.registry.queries import SiteRecord
from compliance.scorecards import content
from compliance.scorecards.codes import KeyKind, Status
from compliance.scorecards.composing import compose
from compliance.scorecards.gathering import work_of
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.material import Imprint, Material, Statement, Visit
from compliance.scorecards.models import Scorecard, ScorecardInForce
from compliance.scorecards.noting import note
from compliance.scorecards.policy import GRADING
from compliance.scorecards.printing import ask_to_print
from compliance.scorecards.queries import (
    ScorecardRecord,
    earlier_cards,
    in_force,
    is_demonstration,
    scorecard,
    supply_of,
)
from compliance.scorecards.status_lists import assign_place
from compliance.scorecards.suspending import carry_over
from compliance.signatures.did import did_of
from compliance.texts import N_
from compliance.verdicts.queries import verdicts_of_submission
from rules import Book

NUMBER_CHARACTERS = 8
CODE_GROUPS = 3  # of four characters, five random bits each


class NothingToGrade(Problem):
    kind = Kind.CONFLICT
    title = N_("The site has nothing that could be graded")
    detail = N_(
        "{site} has no assessed submission. A scorecard follows from a visit whose "
        "answers were judged by the rule book."
    )


class AuditNotFinal(Problem):
    kind = Kind.CONFLICT
    title = N_("The audit is not final yet")
    detail = N_(
        "The last visit to {site} is the audit {audit}, which is {step}. A scorecard "
        "speaks of what stands: have it reviewed, let the site reply, and make it final "
        "at POST /v1/audits/{audit}/finalise."
    )


class GradeChanged(Problem):
    kind = Kind.CONFLICT
    title = N_("The grade is another one by now")
    detail = N_(
        "What it rests on has changed since you looked, and nothing was issued. See the "
        "grade again, and issue it then."
    )


class RuleBookOver(Problem):
    kind = Kind.CONFLICT
    title = N_("The rule book is no longer valid")
    detail = N_(
        "The edition {edition} was valid until {valid_until}; nothing can be issued "
        "under it any more. Install a release with a newer edition."
    )


class RuleNotKept(Problem):
    kind = Kind.CONFLICT
    title = N_("A finding rests on a rule that no edition has")
    detail = N_(
        "The findings of {site} rest on {rules}, which stand in no edition that is "
        "kept here. Publish the edition that raised them, and then this one again."
    )


@dataclass(frozen=True)
class Press:
    """What a card is made with: the book, the address, whose key will sign it.

    The shelf has the books of rules that are gone from this one.

    `is_demonstration` marks the first cards of the demonstration; those that follow in
    its organisation are marked after the first.
    """

    book: Book
    shelf: Shelf
    public_url: str
    key_kind: KeyKind
    is_demonstration: bool = False


def issue(
    session: Session,
    scope: Scope,
    press: Press,
    *,
    site: SiteRecord,
    visit: Visit | None,
    statement: Statement,
    seen: str | None = None,
) -> ScorecardRecord:
    """Issue the card of a site from what is known now; the one before is superseded.

    `seen` is the outcome that a draft had for whoever issues it: of another one nothing
    is issued.
    """
    scope.require(Permission.ISSUE_SCORECARDS)
    _lock_site(session, scope, site.id)
    card = draft(session, scope, press, site=site, visit=visit, statement=statement)
    if seen is not None and seen != outcome_of(card):
        raise GradeChanged
    _keep(session, scope, site.id, card)
    return scorecard(session, scope, card.id)


def draft(
    session: Session,
    scope: Scope,
    press: Press,
    *,
    site: SiteRecord,
    visit: Visit | None,
    statement: Statement,
) -> content.Scorecard:
    """Return the card that would be issued now; nothing of it is kept.

    Its number and its code are its own: what is issued has others.
    """
    scope.require(Permission.ISSUE_SCORECARDS)
    if visit is None:
        raise NothingToGrade(site=site.public_id)
    if not visit.is_final:
        raise AuditNotFinal(
            site=site.public_id, audit=visit.audit, step=visit.audit_step
        )
    issued_at = clock.now().replace(microsecond=0)
    last_day = press.book.valid_until
    if last_day is not None and issued_at.date() > last_day:
        raise RuleBookOver(edition=press.book.edition, valid_until=last_day.isoformat())
    findings = findings_of_site(session, scope, site.id)
    rules = {finding.rule for finding in findings}
    homes = press.shelf.homes_of(session, rules)
    if rules - homes.keys():
        lacking = ", ".join(sorted(rules - homes.keys()))
        raise RuleNotKept(site=site.public_id, rules=lacking)
    return compose(
        press.book,
        policies.in_force(session, scope, GRADING, issued_at.date()),
        Material(
            site=site,
            visit=visit,
            statement=statement,
            verdicts=[
                verdict
                for submission_id in visit.submission_ids
                for verdict in verdicts_of_submission(session, scope, submission_id)
            ],
            findings=findings,
            homes=homes,
            supply=supply_of(session, scope, site),
            work=work_of(session, scope, site, findings=findings, visit=visit),
            earlier=earlier_cards(session, scope, site.id),
            imprint=Imprint(
                public_id=f"SC-{issued_at.year}-{site.country}-"
                f"{random_word(NUMBER_CHARACTERS).upper()}",
                code="-".join(random_word(4).upper() for _ in range(CODE_GROUPS)),
                issued_at=issued_at,
                issuer_name=scope.organisation_name,
                public_url=press.public_url,
                is_demonstration=press.is_demonstration
                or is_demonstration(session, scope),
                did=did_of(press.public_url),
                key_kind=press.key_kind,
            ),
        ),
    )


def outcome_of(card: content.Scorecard) -> str:
    """Return in one word what grade a card has, or why it has none."""
    grade = card.grade
    return f"{grade.state}.{grade.letter or ''}.{'' if grade.score is None else grade.score}"


def _lock_site(session: Session, scope: Scope, site_id: SiteId) -> None:
    """Let one card at a time be issued for a site.

    The lock leaves alone what only refers to the site: the visit itself does.
    """
    session.execute(
        select(Site.id)
        .where(Site.owner_id == scope.organisation_id, Site.id == site_id)
        .with_for_update(key_share=True)
    ).one()


def _keep(
    session: Session,
    scope: Scope,
    site_id: SiteId,
    card: content.Scorecard,
) -> None:
    """Keep the card, give it its bit in the status lists, and have it printed."""
    card_id = new_id()
    session.execute(
        insert(Scorecard).values(
            id=card_id,
            public_id=card.id,
            owner_id=scope.organisation_id,
            site_id=site_id,
            version=card.version,
            code=card.integrity.verify_url.rpartition("/")[2],
            content=content.canonical_bytes(card),
            sha256=card.integrity.sha256,
            letter=card.grade.letter,
            score=card.grade.score,
            issued_at=card.issued_at,
            valid_until=card.valid_until,
        )
    )
    assign_place(session, card_id)
    ask_to_print(session, scope.organisation_id, card_id)
    before = in_force(session, scope, site_id)
    if before is not None:
        note(
            session,
            scope,
            before.id,
            before.public_id,
            Status.SUPERSEDED,
            Why.NEWER_VERSION,
        )
        session.execute(
            delete(ScorecardInForce).where(ScorecardInForce.site_id == site_id)
        )
    session.execute(
        insert(ScorecardInForce).values(site_id=site_id, scorecard_id=card_id)
    )
    reason = Why.ZERO_TOLERANCE if card.status is Status.SUSPENDED else Why.ISSUED
    note(
        session,
        scope,
        card_id,
        card.id,
        card.status,
        reason,
        sha256=card.integrity.sha256,
    )
    if before is not None:
        carry_over(session, scope, before.id, scorecard(session, scope, card.id))
