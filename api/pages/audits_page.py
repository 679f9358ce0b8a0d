"""The page of an audit: the answers beside what they say, and what can be decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.pages import audits_answers
from api.pages.audits_seen import Seen, see
from api.pages.forms import Form
from api.pages.point_maps import point_map
from api.pages.rendering import language_of, page
from api.pages.submissions import (
    grouped,
    reasons,
    told_payer,
    told_season,
    told_signals,
)
from api.pages.tables import words_chosen
from api.pages.words import word
from audits.checklists.form import Question
from audits.reviews.models import RemarkKind
from audits.submissions.attachments import AttachmentRecord
from audits.submissions.queries import derivative_state
from audits.visits.models import VoidReason
from compliance import clock
from compliance.texts import N_, translate

NOTES = {
    "taken": N_("The audit is in your review now. Nobody else decides on it."),
    "returned": N_("The audit went back, with your remarks."),
    "offered": N_("The site was offered its right of reply."),
    "final": N_("The audit is final. What it found stands."),
    "voided": N_("The audit is void. What it holds can still be read."),
}
PICTURES = "image/"
ROWS_AT_MOST = 20


@dataclass(frozen=True)
class File:
    """A file of a visit: what it shows, as far as anything may be shown."""

    record: AttachmentRecord
    label: str | None
    state: str
    is_picture: bool


@dataclass(frozen=True)
class RemarkRow:
    """A line of the form of remarks; without a label the place is chosen in it."""

    number: int
    place: str
    label: str | None


async def show(request: Request, audit_id: str, form: Form | None = None) -> Response:
    """Show an audit; after a form that was refused, with what was filled in."""
    service = hop.service_of(request)
    keyring = keyring_of(service)
    wanted = words_chosen(request, "submission")
    seen = await hop.read(
        request,
        lambda session, scope: see(
            session,
            scope,
            service,
            keyring,
            audit_id,
            wanted=wanted,
            language=language_of(request, scope),
        ),
    )
    language = language_of(request, seen.scope)
    book = seen.verdicts[0].book if seen.verdicts else service.book
    places = audits_answers.places(seen.answered, language) if seen.answered else []
    groups = grouped([reasons(one, language) for one in seen.verdicts])
    done = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "audit.html",
        scope=seen.scope,
        status=form.status if form else 200,
        seen=seen,
        book=book,
        form=form or Form(),
        done_note=translate(done, language) if done else None,
        groups=groups,
        verdict=seen.verdicts[0].verdict if seen.verdicts else None,
        signals=told_signals(seen.signals, language),
        sections=audits_answers.sections(seen.answered, language)
        if seen.answered
        else (),
        others=audits_answers.others(seen.answered, book.vocabulary, language)
        if seen.answered
        else (),
        behind=audits_answers.behind(seen.answered, book, language)
        if seen.answered
        else {},
        places=places,
        remark_rows=_rows(request, form, dict(places)),
        remark_options=_options(RemarkKind, language),
        void_options=_options(VoidReason, language),
        files=_files(seen, language),
        point=point_map(
            seen.site, seen.plots, seen.answered.location if seen.answered else None
        ),
        season=told_season(seen.audit.season, language),
        payer=told_payer(seen.audit, language),
        now=clock.now(),
        address=_address(request, audit_id),
    )


def _options(among: type[StrEnum], language: str) -> list[tuple[str, str]]:
    return [(one, translate(word(one), language)) for one in among]


def _files(seen: Seen, language: str) -> list[File]:
    """Return the files of a visit, each called by the question that it answers."""
    questions = seen.answered.files if seen.answered else {}
    return [
        File(
            one,
            _label(questions.get(one.name), language),
            derivative_state(one),
            is_picture=(one.derived_type or "").startswith(PICTURES),
        )
        for one in seen.attachments.files
    ]


def _label(question: Question | None, language: str) -> str | None:
    return question.label.in_language(language) if question else None


def _rows(
    request: Request, form: Form | None, known: dict[str, str]
) -> Sequence[RemarkRow]:
    """Return the lines of the form: those that links asked for, and one to choose in."""
    told = form.value("rows") if form is not None else ""
    if form is not None and told.isdecimal() and len(told) < 4:
        count = min(int(told), ROWS_AT_MOST)
        chosen = [form.value(f"place-{number}") for number in range(count - 1)]
    else:
        asked = request.query_params.getlist("remark")
        chosen = [one for one in dict.fromkeys(asked) if one in known]
    chosen = chosen[: ROWS_AT_MOST - 1]
    rows = [
        RemarkRow(number, place, known.get(place, place))
        for number, place in enumerate(chosen)
    ]
    return [*rows, RemarkRow(len(rows), "visit", None)]


def _address(request: Request, audit_id: str) -> str:
    """Return where a further remark is asked for, with those asked for before."""
    kept = [
        f"remark={one}"
        for one in request.query_params.getlist("remark")
        if one.isascii() and one.replace(":", "").replace("_", "").isalnum()
    ]
    submission = words_chosen(request, "submission")
    if submission and submission.replace("_", "").isalnum():
        kept.insert(0, f"submission={submission}")
    return f"/audits/{audit_id}?{'&'.join([*kept, 'remark='])}"
