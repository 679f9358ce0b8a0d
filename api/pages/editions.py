"""Editions of the rules: which is in force, one beside another, and rules on trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.editions import book_of, edition_document, require_publisher
from api.pages.editions_told import ToldComparison, told_comparison
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.pages.tables import csv_response, pager, read_list, wants_csv
from api.routing import feature_router
from api.service import Service
from compliance import limits
from compliance.editions import actions, queries
from compliance.editions.queries import EditionRecord, Publication
from compliance.findings.deadlines import RED_FLAGS
from compliance.idempotency import Answer
from compliance.identity.people import colleagues_called
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate
from compliance.verdicts.queries import TrialRecord, on_trial
from rules import Outcome, Rule, Status
from rules.comparing import compare

NOTES = {
    "published": N_("The edition is in force: visits are judged by it from now on."),
    "in_force": N_("It was in force already. Nothing changed."),
}

editions = feature_router("/editions", "pages")


@dataclass(frozen=True)
class SeenEdition:
    """An edition, when it came into force, and what it can be compared with."""

    edition: EditionRecord
    publications: tuple[Publication, ...]
    names: Mapping[str, str]
    """What those of the reader's organisation who published it are called."""
    others: tuple[str, ...]
    in_force: EditionRecord | None
    may_publish: bool
    scope: Scope


@dataclass(frozen=True)
class Trial:
    """A rule on trial: what it said so far, and what it would do if it counted."""

    rule: Rule
    told: tuple[TrialRecord, ...]

    @property
    def visits(self) -> int:
        return sum(one.visits for one in self.told)

    @property
    def fired(self) -> tuple[TrialRecord, ...]:
        return tuple(one for one in self.told if one.outcome is Outcome.NON_CONFORMITY)

    @property
    def findings(self) -> int:
        return sum(one.visits for one in self.fired)

    @property
    def red_flags(self) -> int:
        return sum(one.visits for one in self.fired if one.severity in RED_FLAGS)

    @property
    def open_questions(self) -> int:
        return sum(
            one.visits for one in self.told if one.outcome is Outcome.UNDETERMINED
        )


@editions.get("", include_in_schema=False)
async def show_editions(request: Request) -> Response:
    """Show the editions that are kept, and a form to try a book."""
    return await list_page(request, Form())


async def list_page(
    request: Request, form: Form, *, mistakes: Sequence[object] = ()
) -> Response:
    """Return the list of editions; `mistakes` are those of a book that was sent."""
    seen = await read_list(
        request,
        lambda session, _scope, rows, after: queries.editions(
            session, rows=rows, after=after
        ),
    )
    if wants_csv(request):
        return csv_response([edition_document(one) for one in seen.rows], "editions")
    scope = seen.scope
    note = NOTES.get(request.query_params.get("done", ""))
    book = hop.service_of(request).book
    return page(
        request,
        "editions.html",
        scope=scope,
        status=form.status,
        editions=seen.rows,
        form=form,
        mistakes=mistakes,
        may_try=scope.may(Permission.PUBLISH_RULES),
        megabytes=limits.BOOK_BYTES // limits.MEGABYTE,
        on_trial=sum(rule.status is Status.SHADOW for rule in book.rules),
        done_note=translate(note, language_of(request, scope)) if note else None,
        **pager(request, seen.next_after),
    )


@editions.get("/on-trial", include_in_schema=False)
async def show_trials(request: Request) -> Response:
    """Show the rules on trial: how often each fired, and what counting it would change."""
    book = hop.service_of(request).book
    rules = [rule for rule in book.rules if rule.status is Status.SHADOW]

    def work(session: Session, scope: Scope) -> tuple[list[Trial], Scope]:
        told = on_trial(session, scope, [rule.id for rule in rules])
        found = [
            Trial(rule, tuple(one for one in told if one.rule == rule.id))
            for rule in rules
        ]
        return found, scope

    trials, scope = await hop.read(request, work)
    if wants_csv(request):
        return csv_response(
            [
                {
                    "rule": one.rule,
                    "outcome": one.outcome,
                    "severity": one.severity,
                    "visits": one.visits,
                    "sites": one.sites,
                    "last_on": one.last_on,
                }
                for trial in trials
                for one in trial.told
            ],
            "rules-on-trial",
        )
    return page(
        request,
        "editions_on_trial.html",
        scope=scope,
        trials=trials,
        book=book,
    )


@editions.get("/{edition}", include_in_schema=False)
async def show_edition(request: Request, edition: str) -> Response:
    """Show one edition, when it was in force, and what can be done with it."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> SeenEdition:
        return _see(session, scope, service, edition)

    return await _edition_page(request, await hop.read(request, work), Form())


async def _edition_page(request: Request, seen: SeenEdition, form: Form) -> Response:
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "edition.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=form,
        may_try=seen.scope.may(Permission.PUBLISH_RULES),
        done_note=translate(note, language_of(request, seen.scope)) if note else None,
    )


def _see(session: Session, scope: Scope, service: Service, edition: str) -> SeenEdition:
    found = queries.edition(session, edition)
    publications = queries.publications(session, found)
    publishers = {one.published_by for one in publications}
    return SeenEdition(
        edition=found,
        publications=publications,
        names=colleagues_called(session, scope, publishers),
        others=tuple(one for one in queries.names(session) if one != found.edition),
        in_force=queries.in_force(session),
        may_publish=may_publish(service, scope),
        scope=scope,
    )


def may_publish(service: Service, scope: Scope) -> bool:
    """Tell whether the reader's organisation publishes rules here, and the reader too."""
    lets = service.settings.lets_publish(scope.organisation_public_id)
    return lets and scope.may(Permission.PUBLISH_RULES)


@editions.get("/{edition}/diff/{other}", include_in_schema=False)
async def show_difference(request: Request, edition: str, other: str) -> Response:
    """Show how the other edition differs from the first."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> tuple[ToldComparison, Scope]:
        found = [queries.edition(session, name) for name in (edition, other)]
        before, after = (book_of(session, service, one) for one in found)
        language = language_of(request, scope)
        told = told_comparison(before, after, compare(before, after), language)
        return told, scope

    told, scope = await hop.read(request, work)
    return page(
        request,
        "edition_diff.html",
        scope=scope,
        told=told,
        may_try=scope.may(Permission.PUBLISH_RULES),
    )


@editions.post("/{edition}/publish", include_in_schema=False)
async def publish_kept(request: Request, edition: str) -> Response:
    """Let an edition that is kept be in force again."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        require_publisher(service, scope)
        book_of(session, service, queries.edition(session, edition))
        published = actions.publish_kept(session, scope, edition)
        name = published.edition.edition
        done = "published" if published.has_changed else "in_force"
        return go_to(f"/editions/{name}", done=done)

    async def again(form: Form) -> Response:
        seen = await hop.read(
            request, lambda session, scope: _see(session, scope, service, edition)
        )
        return await _edition_page(request, seen, form)

    response = await sent(request, await form_of(request), work, again)
    await service.read(service.shelf.follow)
    return response
