"""For anybody: how grading works, what cannot be known here, and how a card is verified.

Every figure on these pages is read from the policies, the rule book and the grading
itself, so that what is told is what is done.
"""

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.forms import Form
from api.pages.grading_told import told_bands, told_gates, told_weights
from api.pages.legal_values import CHECKED
from api.pages.readers import reader_of
from api.pages.rendering import language_of, page
from api.routing import feature_router
from compliance import clock
from compliance.findings.deadlines import DEADLINES, RED_FLAGS
from compliance.identity.scope import Scope
from compliance.policies.queries import Whose, holding
from compliance.remedies.policy import SMALL_COUNTS
from compliance.scorecards.codes import PeopleRange, Status
from compliance.scorecards.content import SMALLEST_SCOPE_WITH_RANGES
from compliance.scorecards.policy import GRADING, GradingPolicy
from compliance.texts import N_, translate
from rules import Book, Outcome, Severity, Topic, wording
from rules import Status as RuleStatus
from rules.places import country_name

explained = feature_router("", "pages")

# A code as it is printed, or the address that ends in one.
CODE = re.compile(r"([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})")
NO_CODE = N_("Write the code that stands on the card, such as ABCD-1234-EF56.")


@dataclass(frozen=True)
class Surety:
    """How many values of the law the book has of one sureness."""

    told: str
    count: int
    is_checked: bool


@explained.get("/grading", include_in_schema=False)
async def show_grading(request: Request) -> Response:
    """Show how a grade comes about, with the figures that are in force."""
    scope = await reader_of(request)
    language = language_of(request, scope)
    today = clock.today()
    policy, whose = GRADING.on(today), Whose.PRODUCT
    if scope is not None:

        def work(session: Session, mine: Scope) -> tuple[GradingPolicy, Whose]:
            found = holding(session, mine, GRADING, today)
            return found.entry, found.whose

        policy, whose = await hop.read(request, work)
    return page(
        request,
        "grading.html",
        scope=scope,
        policy=policy,
        is_own=whose is not Whose.PRODUCT,
        bands=told_bands(policy),
        weights=told_weights(policy),
        heavier=tuple(
            (Topic(topic.value), weight)
            for topic, weight in policy.topic_weights.items()
            if weight > 1
        ),
        gates=told_gates(policy, language),
        outcomes=tuple(Outcome),
        severities=tuple(Severity),
        red_flags=RED_FLAGS,
        statuses=tuple(one for one in Status if one is not Status.DRAFT),
        ranges=tuple(one.value for one in PeopleRange),
        smallest=SMALLEST_SCOPE_WITH_RANGES,
        suppressed=SMALL_COUNTS.on(today).suppressed_below,
    )


@explained.get("/limits", include_in_schema=False)
async def show_limits(request: Request) -> Response:
    """Show what this service cannot know, in words."""
    scope = await reader_of(request)
    language = language_of(request, scope)
    book = hop.service_of(request).book
    today = clock.today()
    sureties = _sureties(book, language)
    policy = GRADING.on(today)
    return page(
        request,
        "limits.html",
        scope=scope,
        book=book,
        sureties=sureties,
        values=sum(one.count for one in sureties),
        unsure=sum(one.count for one in sureties if not one.is_checked),
        on_trial=sum(one.status is RuleStatus.SHADOW for one in book.rules),
        countries=sorted(country_name(one, language) for one in book.countries),
        suppressed=SMALL_COUNTS.on(today).suppressed_below,
        smallest=SMALLEST_SCOPE_WITH_RANGES,
        longest=max(policy.fieldwork_months),
        season=policy.season,
        notice=policy.notice,
        deadlines=DEADLINES.on(today),
    )


@explained.get("/verify", include_in_schema=False)
async def show_verify(request: Request) -> Response:
    """Show a field for the code of a card; one that was written leads to its page."""
    written = request.query_params.get("code")
    form = Form()
    scope = await reader_of(request)
    if written is not None:
        code = code_of(written)
        if code is not None:
            return RedirectResponse(f"/v/{quote(code)}", 303)
        told = translate(NO_CODE, language_of(request, scope))
        form = Form({"code": written[:100]}, errors={"code": told}, status=422)
    return page(
        request, "verify_entry.html", scope=scope, status=form.status, form=form
    )


def code_of(written: str) -> str | None:
    """Return the code in what somebody wrote, spaces and addresses forgiven."""
    last = written.strip().rstrip("/").rpartition("/")[2].partition("?")[0]
    code = "-".join(last.upper().split())
    found = CODE.fullmatch(code)
    return "-".join(found.groups()) if found else None


def _sureties(book: Book, language: str) -> tuple[Surety, ...]:
    """Return how surely the values of the law are known, the surest first."""
    counted = Counter(
        row.confidence
        for parameter in book.parameters.values()
        for row in parameter.values
    )
    return tuple(
        Surety(told.in_language(language), counted[one], one in CHECKED)
        for one, told in wording.CONFIDENCE.items()
        if counted[one]
    )
