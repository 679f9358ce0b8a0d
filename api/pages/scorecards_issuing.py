"""Issuing the scorecard of a site: what its last visit left open, its grade, and the deed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.card_making import issue_card, press_of, visit_for_card
from api.pages import figures
from api.pages.figures import Grade
from api.pages.forms import CORRECTABLE, Form, form_of, go_to, refused, sent
from api.pages.options import Options, codes_told, texts_told
from api.pages.rendering import language_of, page
from api.pages.scorecards_parts import ToldCard
from api.pages.scorecards_told import told_card
from api.pages.tables import words_chosen
from api.pages.words import STATED
from api.routing import feature_router
from audits.visits.models import Notice as NoticeTold
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Problem
from compliance.registry.queries import SiteRecord, site
from compliance.scorecards import actions
from compliance.scorecards.actions import Press
from compliance.scorecards.codes import Notice, PayerKind
from compliance.scorecards.content import Scorecard
from compliance.scorecards.grading import Concealment, Sign
from compliance.scorecards.material import ScorecardIncomplete, Statement, Visit
from compliance.texts import N_, translate

SIGNS: Mapping[Sign, str] = {
    Sign.CLEAR: N_("Looked for, and not found"),
    Sign.FOUND: N_("Looked for, and found"),
}
# Each with what it asks; what is left empty was not looked for.
CONCEALED: Mapping[str, str] = {
    "access": N_("Were places or people kept from the auditors?"),
    "records": N_("Were records falsified, or kept twice?"),
    "coaching": N_("Were workers told what to answer?"),
}
YES, NO = "yes", "no"
FIELDS = ("notice", "payer", "off_site", *CONCEALED)

scorecards_issuing = feature_router("/sites/{site_id}/scorecard", "pages")


@dataclass(frozen=True)
class Asked:
    """The form, what the visit says already, and the card it would make; one may lack."""

    scope: Scope
    form: Form
    site: SiteRecord
    visit: Visit | None
    in_force: Grade | None
    card: Scorecard | None
    titles: Mapping[str, str]
    unprintable: tuple[str, ...]


@scorecards_issuing.get("", include_in_schema=False)
async def show_form(request: Request, site_id: str) -> Response:
    """Show what the visit left open, and once that is said, the grade that follows."""
    given = {name: words_chosen(request, name) or "" for name in FIELDS}
    return await _form_page(request, site_id, Form(given))


@scorecards_issuing.post("", include_in_schema=False)
async def issue(request: Request, site_id: str) -> Response:
    """Issue the card if it has the grade that was seen; the one before is superseded."""
    form = await form_of(request)
    press = press_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        card = issue_card(
            session,
            scope,
            press,
            site_id,
            _statement(form),
            seen=form.value("seen") or None,
        )
        return go_to(f"/scorecards/{card.public_id}", done="issued")

    return await sent(
        request, form, work, lambda form: _form_page(request, site_id, form)
    )


def _statement(form: Form) -> Statement:
    """Return what the form states of the fieldwork; raise FieldWrong."""
    off_site = form.value("off_site")
    return Statement(
        notice=form.chosen("notice", Notice),
        payer=form.chosen("payer", PayerKind),
        had_off_site_interviews=off_site == YES if off_site in {YES, NO} else None,
        concealment=Concealment(
            **{name: form.chosen(name, Sign) or Sign.UNDETERMINED for name in CONCEALED}
        ),
    )


async def _form_page(request: Request, site_id: str, form: Form) -> Response:
    press = press_of(hop.service_of(request))
    asked = await hop.read(
        request,
        lambda session, scope: _ask(request, session, scope, press, site_id, form),
    )
    language = language_of(request, asked.scope)
    return page(
        request,
        "scorecard_new.html",
        scope=asked.scope,
        status=asked.form.status,
        asked=asked,
        form=asked.form,
        fields=FIELDS,
        told=_told(asked, language),
        seen=asked.card and actions.outcome_of(asked.card),
        notices=codes_told(
            (one for one in NoticeTold if one is not NoticeTold.UNKNOWN), language
        ),
        payers=tuple(
            (one.value, translate(STATED[one.value], language)) for one in PayerKind
        ),
        signs=texts_told(SIGNS, language),
        yes_no=_yes_no(language),
        concealed=CONCEALED,
    )


def _ask(
    request: Request,
    session: Session,
    scope: Scope,
    press: Press,
    site_id: str,
    form: Form,
) -> Asked:
    scope.require(Permission.ISSUE_SCORECARDS)
    found = site(session, scope, site_id)
    visit = visit_for_card(session, scope, press.shelf, found.id)
    asked = Asked(
        scope=scope,
        form=form,
        site=found,
        visit=visit,
        in_force=figures.grades(session, scope, [found.id]).get(found.id),
        card=None,
        titles={},
        unprintable=(),
    )
    if visit is None or not visit.is_final or form.status != Form.status:
        return asked
    try:
        card = actions.draft(
            session,
            scope,
            press,
            site=found,
            visit=visit,
            statement=_statement(form),
        )
    except ScorecardIncomplete as problem:
        return replace(asked, unprintable=_unprintable(problem))
    except Problem as problem:
        if problem.kind not in CORRECTABLE:
            raise
        return replace(asked, form=refused(form, problem, language_of(request, scope)))
    language = language_of(request, scope)
    flags = {flag.indicator for flag in card.flags}
    titles = {
        rule: book.rule_by_id[rule].title.in_language(language)
        for rule, book in press.shelf.homes_of(session, flags).items()
    }
    return replace(asked, card=card, titles=titles)


def _unprintable(problem: ScorecardIncomplete) -> tuple[str, ...]:
    """Return what the register says in a way that no card can print."""
    missing = cast(list[Mapping[str, str]], problem.facts["missing"])
    return tuple(one["what"] for one in missing if one["why"] != "not_stated")


def _told(asked: Asked, language: str) -> ToldCard | None:
    if asked.card is None:
        return None
    return told_card(
        asked.card, language, lambda rule, _language: asked.titles.get(rule, rule)
    )


def _yes_no(language: str) -> Options:
    return ((YES, translate(N_("Yes"), language)), (NO, translate(N_("No"), language)))
