"""What the running product makes cards with: the book, the addresses, whose key, the visit."""

from dataclasses import replace

from sqlalchemy.orm import Session

from api.service import Service
from audits.assessments.testimony import testimony_of
from audits.assessments.visits import last_visit
from audits.integrity.queries import integrity_of
from compliance.editions.shelf import Shelf
from compliance.identifiers import SiteId
from compliance.identity.scope import Scope
from compliance.registry.queries import site as site_named
from compliance.scorecards import actions
from compliance.scorecards.actions import Press
from compliance.scorecards.codes import KeyKind
from compliance.scorecards.material import Statement, Visit
from compliance.scorecards.printing import Printer
from compliance.scorecards.queries import ScorecardRecord
from compliance.signatures.keys import files_of


def press_of(service: Service) -> Press:
    """Return what the cards of this running product are made with."""
    return Press(
        book=service.book,
        shelf=service.shelf,
        public_url=service.settings.resolved_public_url,
        key_kind=KeyKind.TEST
        if files_of(service.settings).is_test
        else KeyKind.OPERATOR,
    )


def printer_of(service: Service) -> Printer:
    """Return what the cards of this running product are printed and signed with."""
    return Printer(
        shelf=service.shelf,
        files=service.files,
        public_url=service.settings.resolved_public_url,
        key_files=files_of(service.settings),
        timestamp_url=service.settings.timestamp_url,
    )


def visit_for_card(
    session: Session, scope: Scope, shelf: Shelf, site_id: SiteId
) -> Visit | None:
    """Return the last visit of a site with all that the audits know for its card."""
    visit = last_visit(session, scope, site_id)
    if visit is None:
        return None
    return replace(
        visit,
        integrity=integrity_of(session, scope, visit.submission_ids),
        testimony=testimony_of(session, scope, shelf, visit.submission_ids),
    )


def issue_card(
    session: Session,
    scope: Scope,
    press: Press,
    site: str,
    statement: Statement,
    seen: str | None = None,
) -> ScorecardRecord:
    """Issue the card of a site (its public id) from its last visit, if it is as `seen`."""
    found = site_named(session, scope, site)
    return actions.issue(
        session,
        scope,
        press,
        site=found,
        visit=visit_for_card(session, scope, press.shelf, found.id),
        statement=statement,
        seen=seen,
    )
