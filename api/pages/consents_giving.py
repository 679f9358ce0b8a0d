"""Giving consents: which sites, what of them, to whom, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.tables import words_chosen
from api.pages.written import beginning, end_of_day, near_day
from api.routing import feature_router
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.consents import giving, queries
from compliance.registry.consents.giving import ConsentExists, PeriodUnusable
from compliance.registry.consents.queries import Party, Side
from compliance.registry.links.queries import links_to
from compliance.registry.models.consents import Subject
from compliance.registry.queries import RUN, SiteNotFound, SiteRecord, site, sites
from compliance.texts import N_, translate
from rules import SiteKind

OFFERED = 50
KNOWN_PARTIES = 50
NO_SITE = N_("Mark at least one site; look for it by a part of its name first.")
NO_PERIOD = N_(
    "Choose a last day after today and after the first one, at most about three years on."
)
ALREADY_SHOWN = N_(
    "{site} is shown to them already, until {day}. Unmark it, or take that consent back "
    "first."
)

giving_pages = feature_router("/consents", "pages")


@dataclass(frozen=True)
class Choice:
    """The sites that a form offers: found by name, or those that supply a mill."""

    offered: tuple[SiteRecord, ...]
    name: str | None
    mill: SiteRecord | None
    mills: tuple[SiteRecord, ...]
    has_more: bool = False


@giving_pages.get("/new", include_in_schema=False)
async def ask_what(request: Request) -> Response:
    """Show the form to let somebody see something."""
    return await _form_page(request, Form())


async def _form_page(request: Request, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> Response:
        scope.require(Permission.SHARE)
        return page(
            request,
            "consent_new.html",
            scope=scope,
            status=form.status,
            form=form,
            choice=choice_of(session, scope, request, form),
            subjects=codes_told(Subject, language_of(request, scope)),
            known=_known_parties(session, scope),
            today=clock.today(),
        )

    return await hop.read(request, work)


def choice_of(session: Session, scope: Scope, request: Request, form: Form) -> Choice:
    """Return the sites to choose from, those that were marked before among them."""
    name = words_chosen(request, "name")
    mill_id = words_chosen(request, "mill")
    mills = sites(
        session, scope, rows=OFFERED, among=RUN, kind=SiteKind.MILL.value
    ).rows
    marked = _of_ids(session, scope, (*form.all("sites"), *_asked_site(request)))
    if mill_id is not None:
        mill = site(session, scope, mill_id, among=RUN)
        supplying = dict.fromkeys(
            link.from_public_id
            for link in links_to(session, scope, mill_id)
            if not link.is_from_group
        )
        few = list(supplying)[: limits.CONSENT_SITES]
        found = (mill, *_of_ids(session, scope, few))
        return Choice(found, name, mill, mills, len(supplying) > len(few))
    listed = sites(session, scope, rows=OFFERED, among=RUN, name=name)
    by_id = {one.public_id: one for one in (*marked, *listed.rows)}
    has_more = listed.next_after is not None
    return Choice(tuple(by_id.values()), name, None, mills, has_more)


def _asked_site(request: Request) -> tuple[str, ...]:
    asked = words_chosen(request, "site")
    return () if asked is None else (asked,)


def _of_ids(
    session: Session, scope: Scope, ids: Iterable[str]
) -> tuple[SiteRecord, ...]:
    """Return the sites of some ids that the caller may share; others are left out."""
    found = []
    for one in dict.fromkeys(ids):
        try:
            found.append(site(session, scope, one, among=RUN))
        except SiteNotFound:
            continue
    return tuple(found)


def _known_parties(session: Session, scope: Scope) -> tuple[Party, ...]:
    """Return whom something was shown to, or who asked for it, before."""
    given = queries.consents(session, scope, Side.GIVEN, rows=KNOWN_PARTIES).rows
    asked = queries.requests(
        session, scope, rows=KNOWN_PARTIES, side=Side.RECEIVED
    ).rows
    parties = [*(one.grantee for one in given), *(one.asker for one in asked)]
    return tuple(dict.fromkeys(parties))


@giving_pages.post("", include_in_schema=False)
async def give(request: Request) -> Response:
    """Let a buyer or exporter see something of some sites, for a time."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.SHARE)
        chosen_sites = marked_sites(form)
        grantee = form.required("grantee").strip()
        subject = form.choice("subject", Subject)
        begins, ends = period_of(form)
        try:
            for one in chosen_sites:
                giving.give(
                    session,
                    scope,
                    grantee=grantee,
                    site=one,
                    subject=subject,
                    valid_from=begins,
                    valid_until=ends,
                )
        except PeriodUnusable:
            raise FieldWrong("last_day", NO_PERIOD) from None
        except ConsentExists as known:
            told = already_shown(session, scope, known, language_of(request, scope))
            raise FieldWrong("sites_marked", told) from None
        return go_to("/consents", done="given")

    return await sent(request, form, work, lambda one: _form_page(request, one))


def already_shown(
    session: Session, scope: Scope, known: ConsentExists, language: str
) -> str:
    """Return in words, not ids, which of the marked sites is shown already."""
    shown = site(session, scope, str(known.facts["site"]), among=RUN)
    until = datetime.fromisoformat(str(known.facts["valid_until"]))
    return translate(
        ALREADY_SHOWN,
        language,
        site=shown.name,
        day=format_date(until, "d MMM y", locale=language),
    )


def marked_sites(form: Form) -> tuple[str, ...]:
    """Return the sites that were marked; raise FieldWrong for none, or too many."""
    found = tuple(dict.fromkeys(form.all("sites")))
    if not 0 < len(found) <= limits.CONSENT_SITES:
        raise FieldWrong("sites_marked", NO_SITE)
    return found


def period_of(form: Form) -> tuple[datetime | None, datetime]:
    """Return from when (None: from now) until when; the last day is within."""
    first = near_day(form, "first_day", optional=True)
    ends = end_of_day(form, "last_day")
    if ends is None:
        raise FieldWrong("last_day", NO_PERIOD)
    is_later = first is not None and first > clock.today()
    return (beginning(first) if first is not None and is_later else None), ends
