"""One visit: its circumstances, and what every rule said of its answers and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form
from api.pages.rendering import language_of, page
from api.pages.tables import words_chosen
from api.pages.words import STATED
from api.routing import feature_router
from audits.assessments.queries import NotAssessed, Told, told_verdicts
from audits.integrity.codes import Signal, State
from audits.integrity.queries import OwnVisit, VisitSignals, signals_of_visit
from audits.integrity.sentences import TITLES, sentence_of
from audits.submissions.queries import State as Standing
from audits.submissions.queries import SubmissionRecord, submission
from audits.visits.queries import AuditRecord, audit
from compliance.editions.shelf import Shelf
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.queries import SiteRecord, site, sites
from compliance.texts import N_, translate
from compliance.verdicts.queries import VerdictRecord
from rules import Outcome, Severity, wording

ORDER = (
    Outcome.NON_CONFORMITY,
    Outcome.UNDETERMINED,
    Outcome.CONFORMITY,
    Outcome.NOT_APPLICABLE,
)

NOTES = {
    "placed": N_("The submission has its site now."),
    "processed": N_("The submission was processed again."),
    "withdrawn": N_("The submission was taken out. Nothing rests on it any more."),
}
SITES_FOUND = 20
submissions = feature_router("/submissions", "pages")


@dataclass(frozen=True)
class Reasons:
    """A verdict's sentences by their part: what was seen, what is open, on what law."""

    verdict: VerdictRecord
    seen: tuple[str, ...]
    open_questions: tuple[str, ...]
    basis: str | None


@dataclass(frozen=True)
class Seen:
    """All that the page of a visit shows, read in one transaction."""

    scope: Scope
    submission: SubmissionRecord
    site: SiteRecord | None
    audit: AuditRecord | None
    verdicts: tuple[Told, ...]
    signals: VisitSignals | None
    found: tuple[SiteRecord, ...]


@dataclass(frozen=True)
class SignalTold:
    """A signal as a reviewer reads it."""

    signal: Signal
    title: str
    state: State
    is_doubtful: bool
    sentence: str
    measure: float | None
    is_reason: bool
    submission: str | None
    photograph: str | None


@submissions.get("/{submission_id}", include_in_schema=False)
async def show_submission(request: Request, submission_id: str) -> Response:
    """Show a visit and the reasons of every verdict, in the reader's language."""
    return await show(request, submission_id)


async def show(
    request: Request, submission_id: str, form: Form | None = None
) -> Response:
    """Show a visit; after a form that was refused, with what was filled in."""
    service = hop.service_of(request)
    name = words_chosen(request, "find")
    seen = await hop.read(
        request,
        lambda session, scope: _see(
            session,
            scope,
            service.shelf,
            submission_id,
            language_of(request, scope),
            name,
        ),
    )
    done = NOTES.get(request.query_params.get("done", ""))
    language = language_of(request, seen.scope)
    told = [reasons(one, language) for one in seen.verdicts]
    return page(
        request,
        "submission.html",
        scope=seen.scope,
        status=form.status if form else 200,
        seen=seen,
        form=form or Form(),
        find=name,
        may_supervise=seen.scope.may(Permission.SUPERVISE_VISITS)
        and seen.submission.state is Standing.CURRENT,
        done_note=translate(done, language) if done else None,
        book=seen.verdicts[0].book if seen.verdicts else service.book,
        groups=grouped(told),
        verdict=seen.verdicts[0].verdict if seen.verdicts else None,
        signals=told_signals(seen.signals, language),
        season=told_season(seen.submission.season, language),
        payer=told_payer(seen.audit, language),
    )


def _see(
    session: Session,
    scope: Scope,
    shelf: Shelf,
    submission_id: str,
    language: str,
    name: str | None,
) -> Seen:
    found = submission(session, scope, submission_id)
    return Seen(
        scope=scope,
        submission=found,
        site=None if found.site is None else site(session, scope, found.site),
        audit=None if found.audit is None else audit(session, scope, found.audit),
        verdicts=_verdicts(session, scope, shelf, submission_id, language),
        signals=_signals(session, scope, submission_id),
        found=()
        if name is None
        else sites(session, scope, rows=SITES_FOUND, name=name).rows,
    )


def _signals(session: Session, scope: Scope, submission_id: str) -> VisitSignals | None:
    """Return the signals for a reviewer; none where the role ends, or of an own visit."""
    if not scope.may(Permission.SUPERVISE_VISITS):
        return None
    try:
        return signals_of_visit(session, scope, submission_id)
    except OwnVisit:
        return None


def _verdicts(
    session: Session, scope: Scope, shelf: Shelf, submission_id: str, language: str
) -> tuple[Told, ...]:
    """Return the verdicts; none while there are none, or where the role ends."""
    if not scope.may(Permission.READ_FINDINGS):
        return ()
    try:
        return told_verdicts(session, scope, shelf, submission_id, language=language)
    except NotAssessed:
        return ()


def told_signals(
    found: VisitSignals | None, language: str
) -> list[tuple[State, list[SignalTold]]]:
    """Return the signals by how they stand: what fired first, what is unknown last."""
    if found is None:
        return []
    told = [
        SignalTold(
            signal=one.signal,
            title=translate(TITLES[one.signal], language),
            state=one.reading.state,
            is_doubtful=one.reading.is_doubtful,
            sentence=sentence_of(one.signal, one.reading, language),
            measure=one.reading.measure,
            is_reason=one.signal in found.reasons,
            submission=_referred(one.reading.evidence.get("submission")),
            photograph=_referred(one.reading.evidence.get("attachment")),
        )
        for one in found.signals
    ]
    grouped = [(state, [one for one in told if one.state is state]) for state in State]
    return [(state, group) for state, group in grouped if group]


def _referred(reference: object) -> str | None:
    return reference if isinstance(reference, str) else None


def reasons(told: Told, language: str) -> Reasons:
    """Part the sentences of a verdict; the first one only repeats its heading."""
    if not told.sentences:
        return Reasons(told.verdict, (), (), None)
    _heading, *between, basis = told.sentences
    needed = wording.NEEDED.in_language(language)
    cut = between.index(needed) if needed in between else len(between)
    return Reasons(told.verdict, tuple(between[:cut]), tuple(between[cut + 1 :]), basis)


def grouped(told: Iterable[Reasons]) -> list[tuple[Outcome, list[Reasons]]]:
    """Group by outcome, the gravest first, and in the order of the book within."""
    gravity = list(Severity)
    kept = sorted(told, key=lambda one: gravity.index(one.verdict.severity))
    grouped = [
        (outcome, [one for one in kept if one.verdict.outcome is outcome])
        for outcome in ORDER
    ]
    return [(outcome, group) for outcome, group in grouped if group]


def told_season(season: str | None, language: str) -> str | None:
    """Return `2026-main` as a reader says it."""
    if season is None:
        return None
    year, _, harvest = season.partition("-")
    told = translate(STATED.get(harvest, harvest), language)
    return f"{year}, {told}" if told else year


def told_payer(visit: AuditRecord | None, language: str) -> str | None:
    """Return who paid, as far as anybody said."""
    if visit is None or visit.payer is None:
        return None
    return translate(STATED.get(visit.payer, visit.payer), language)
