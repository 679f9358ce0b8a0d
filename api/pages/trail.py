"""The trail: who did what and when in plain words, and the proof of every entry."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import orjson
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.rendering import language_of, page
from api.pages.site_names import names_of_sites
from api.pages.tables import (
    FilterUnknown,
    Listed,
    csv_response,
    day_chosen,
    listed,
    pager,
    wants_csv,
    words_chosen,
)
from api.pages.trail_words import DEEDS, KINDS
from api.pages.written import beginning
from api.routing import feature_router
from api.stored import as_attachment
from api.trail import proof_document
from compliance.database import Page
from compliance.identity.people import names_of
from compliance.identity.permissions import Permission
from compliance.identity.scope import SYSTEM, Scope
from compliance.proofs import queries
from compliance.proofs.queries import Entry, EntryNotSealed, EntryProof
from compliance.texts import N_, translate

A_DAY = timedelta(days=1)
FAR = date(2200, 1, 1)  # there is no entry of a later day
NUMBER = re.compile(r"[0-9]{1,15}")
# Where the page of a thing is, by what its id begins with.
PLACES: Mapping[str, str] = {
    "person_": "/people/",
    "atl_": "/keys/",
    "client_": "/keys/clients/",
    "site_": "/sites/",
    "submission_": "/submissions/",
    "SC-": "/scorecards/",
    "consent_": "/consents/",
    "asking_": "/consents/requests/",
    "receiver_": "/webhooks/",
    "import_": "/imports/",
}

trail = feature_router("/trail", "pages")


@dataclass(frozen=True)
class Asked:
    """What the trail is searched for."""

    subject: str | None
    actor: str | None
    kind: str | None
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Told:
    """An entry in words: what happened, by whom, and where its thing is."""

    entry: Entry
    deed: str
    actor_name: str | None
    kind: str | None
    place: str | None
    name: str | None


@trail.get("", include_in_schema=False)
async def show_trail(request: Request) -> Response:
    """Search the trail, the newest entry first."""
    subject, actor = words_chosen(request, "subject"), words_chosen(request, "actor")
    kind = words_chosen(request, "kind")
    if kind is not None and kind not in KINDS:
        raise FilterUnknown(filter="kind", given=kind[:40], choices=", ".join(KINDS))
    first, last = day_chosen(request, "since"), day_chosen(request, "until")

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[Entry]:
        return queries.entries(
            session,
            scope,
            rows=rows,
            after=_number(after),
            subject=subject,
            actor=actor,
            kind=kind,
            since=None if first is None else beginning(first),
            until=None if last is None else beginning(min(last, FAR) + A_DAY),
            order="newest",
        )

    def work(session: Session, scope: Scope) -> tuple[Listed[Entry], tuple[Told, ...]]:
        found = listed(request, session, scope, page_of)
        shown = () if wants_csv(request) else found.rows
        return found, _told(session, scope, shown, language_of(request, scope))

    seen, entries = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_as_row(one) for one in seen.rows], "trail")
    language = language_of(request, seen.scope)
    return page(
        request,
        "trail.html",
        scope=seen.scope,
        entries=entries,
        asked=Asked(subject, actor, kind, first, last),
        kinds=tuple((one, translate(told, language)) for one, told in KINDS.items()),
        base=hop.service_of(request).settings.resolved_public_url,
        **pager(request, seen.next_after),
    )


@trail.get("/{entry}", include_in_schema=False)
async def show_entry(request: Request, entry: str) -> Response:
    """Show one entry with all that it says, and what proves it."""
    number = _number(entry) or 0

    def work(session: Session, scope: Scope) -> Response:
        known = queries.entry(session, scope, number)
        language = language_of(request, scope)
        (told,) = _told(session, scope, (known,), language)
        return page(
            request,
            "trail_entry.html",
            scope=scope,
            told=told,
            facts=tuple((name, _written(value)) for name, value in known.facts.items()),
            proof=_proof(session, scope, number),
            base=hop.service_of(request).settings.resolved_public_url,
        )

    return await hop.read(request, work)


@trail.get("/{entry}/proof.json", include_in_schema=False)
async def download_proof(request: Request, entry: str) -> Response:
    """Download what leads from an entry to a signed head, step by step."""
    number = _number(entry) or 0
    proof = await hop.read(
        request, lambda session, scope: queries.entry_proof(session, scope, number)
    )
    return Response(
        orjson.dumps(proof_document(proof), option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={
            "Content-Disposition": as_attachment(f"trail-entry-{number}.json"),
            "Cache-Control": "private, no-store",
        },
    )


def _proof(session: Session, scope: Scope, number: int) -> EntryProof | None:
    try:
        return queries.entry_proof(session, scope, number)
    except EntryNotSealed:
        return None


def _number(text: str | None) -> int | None:
    """Return the number of an entry; what is none is answered as the list's beginning."""
    return int(text) if text and NUMBER.fullmatch(text) else None


def _told(
    session: Session, scope: Scope, entries: Sequence[Entry], language: str
) -> tuple[Told, ...]:
    names: Mapping[str, str] = {}
    if scope.may(Permission.MANAGE_PEOPLE):
        people = {one.actor for one in entries} | {one.subject for one in entries}
        names = names_of(session, scope, people)
    sites = names_of_sites(session, scope, (one.subject for one in entries))
    return tuple(_one_told(one, {**sites, **names}, language) for one in entries)


def _one_told(entry: Entry, names: Mapping[str, str], language: str) -> Told:
    deed = DEEDS.get(entry.action)
    by_product = translate(N_("The product itself"), language)
    begins = next((one for one in KINDS if entry.subject.startswith(one)), None)
    place = None if begins is None else PLACES.get(begins)
    return Told(
        entry=entry,
        deed=entry.action if deed is None else translate(deed, language),
        actor_name=by_product if entry.actor == SYSTEM else names.get(entry.actor),
        kind=None if begins is None else translate(KINDS[begins], language),
        place=None if place is None else f"{place}{entry.subject}",
        name=names.get(entry.subject),
    )


def _written(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _as_row(one: Entry) -> dict[str, object]:
    return {
        "entry": one.sequence,
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "sha256": one.sha256,
    }
