"""The pages of an import: upload, columns, report, pairs side by side, progress.

No script is needed: while background work goes on a page asks for itself again.
"""

from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.imports import begin, require_importing
from api.imports_wire import note_document, told_notices, told_reasons, trouble_document
from api.multipart import Part, received_parts
from api.pages.imports_telling import (
    CHOICES,
    MARKS,
    OUTCOMES,
    ROW_STATES,
    STATES,
    comparison,
    field_choices,
)
from api.pages.rendering import facts_of_form, language_of, page
from api.receiving import Received
from api.routing import feature_router
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import NotSignedIn, Scope
from compliance.imports import actions, deciding, queries
from compliance.imports.actions import APPLY, READ
from compliance.imports.deciding import Decision
from compliance.imports.lifecycle import Choice, RowState, State
from compliance.imports.mapping import missing
from compliance.imports.queries import ImportRecord, RowNotFound, RowRecord, Wanted
from compliance.imports.reading import format_of
from compliance.jobs import status
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate
from rules.vocabulary import Commodity, SiteKind

ROWS = 50
LISTS = 25
AT_WORK = frozenset({State.READING, State.APPLYING})
SHOWN = ("all", "new", "same", "perhaps", "undecided", "refused", "warned")
FILE, WORDS = "file", 300
SMALLER = {
    FILE: limits.IMPORT_BYTES,
    "kind": WORDS,
    "commodity": WORDS,
    "country": WORDS,
}
CERTAIN = 95

imports = feature_router("/imports", "pages")


class FileNotChosen(Problem):
    kind = Kind.INVALID
    title = N_("No file was chosen")
    detail = N_("Choose a list on your computer: CSV, .xlsx, .xls or GeoJSON.")


class ChoiceUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The form cannot be understood")
    detail = N_(
        "'{field}' was sent as '{given}'. Open the page again and choose there."
    )


@imports.get("", include_in_schema=False)
async def show_imports(request: Request, after: str | None = None) -> Response:
    """Show the form to upload a list, and the lists that were uploaded."""

    def work(session: Session, scope: Scope) -> Response:
        found = queries.imports(session, scope, rows=LISTS, after=after)
        return page(
            request,
            "imports.html",
            scope=scope,
            lists=found.rows,
            next_after=found.next_after,
            is_first_page=after is None,
            states=_told(STATES, request, scope),
            kinds=tuple(SiteKind),
            commodities=tuple(Commodity),
            may_import=scope.may(Permission.CHANGE_REGISTER),
            megabytes=limits.IMPORT_BYTES // limits.MEGABYTE,
            most_rows=format_decimal(
                limits.IMPORT_ROWS, locale=language_of(request, scope)
            ),
        )

    try:
        return await hop.read(request, work)
    except NotSignedIn:
        return RedirectResponse("/sign-in?next=/imports", 303)


@imports.post("", include_in_schema=False)
async def upload(request: Request) -> Response:
    """Take a list in from the form and show how its reading goes on."""
    await hop.read(request, require_importing)
    service = hop.service_of(request)
    async with received_parts(request, service.files.incoming(), SMALLER) as parts:
        given = {part.name: part for part in parts}
        file = given.get(FILE)
        if file is None or not file.size:
            raise FileNotChosen
        format_of(file.path)
        kind = _chosen(SiteKind, given, "kind")
        commodity = _chosen(Commodity, given, "commodity")
        country = _text(given.get("country")).upper() or None
        if country is not None and not (len(country) == 2 and country.isalpha()):
            raise ChoiceUnknown(field="country", given=country[:20])

        def work(session: Session, scope: Scope) -> Answer:
            record = begin(
                service,
                session,
                scope,
                Received(file.path, file.sha256, file.size),
                file_name=file.file_name or "list",
                kind=kind,
                commodity=commodity,
                country=country,
            )
            return _go_to(f"/imports/{record.public_id}")

        return await hop.write(request, work, body=file.sha256.encode())


def _text(part: Part | None) -> str:
    return "" if part is None else part.content().decode("utf-8", "replace").strip()


def _chosen(
    kinds: type[SiteKind] | type[Commodity], given: dict[str, Part], name: str
) -> Any:
    text = _text(given.get(name))
    try:
        return kinds(text)
    except ValueError as error:
        raise ChoiceUnknown(field=name, given=text[:20]) from error


def _go_to(path: str) -> Answer:
    return Answer(303, b"", (("Location", path),))


@imports.get("/{site_import}", include_in_schema=False)
async def show_import(
    request: Request, site_import: str, show: str = "", after: int = 0
) -> Response:
    """Show how far an import is: its progress, its columns, its report, its outcome."""

    def work(session: Session, scope: Scope) -> Response:
        record = queries.site_import(session, scope, site_import)
        if record.state in AT_WORK:
            return _progress_page(request, session, scope, record)
        if record.state is State.MAPPING:
            return _columns_page(request, scope, record)
        return _report_page(request, session, scope, record, show, max(0, after))

    return await hop.read(request, work)


def _progress_page(
    request: Request, session: Session, scope: Scope, record: ImportRecord
) -> Response:
    job = None if record.job is None else status(session, scope, record.job)
    language = language_of(request, scope)
    return page(
        request,
        "import_progress.html",
        scope=scope,
        record=record,
        job=job,
        has_failed=job is not None and job.state == "failed",
        why=None if job is None or job.why is None else job.why.told(language),
        states=_told(STATES, request, scope),
        may_import=scope.may(Permission.CHANGE_REGISTER),
    )


def _columns_page(request: Request, scope: Scope, record: ImportRecord) -> Response:
    language = language_of(request, scope)
    needed = missing({}, country=record.country)
    return page(
        request,
        "import_columns.html",
        scope=scope,
        record=record,
        fields=field_choices(record.columns, needed, language),
        trouble=trouble_document(record, language),
        notices=told_notices(record, language),
        may_import=scope.may(Permission.CHANGE_REGISTER),
    )


def _report_page(
    request: Request,
    session: Session,
    scope: Scope,
    record: ImportRecord,
    show: str,
    after: int,
) -> Response:
    language = language_of(request, scope)
    shown = show if show in SHOWN else _first_shown(record)
    found = queries.rows(
        session,
        scope,
        record.public_id,
        rows=ROWS,
        after=after,
        wanted=_wanted(shown),
    )
    return page(
        request,
        "import.html",
        scope=scope,
        record=record,
        shown=shown,
        filters=_filters(record),
        rows=[_row_told(row, language) for row in found.rows],
        next_page=None
        if found.next_after is None
        else _address(record, shown, found.next_after),
        first_page=_address(record, shown, None) if after else None,
        fields=[
            one for one in field_choices(record.columns, (), language) if one.chosen
        ],
        states=_told(STATES, request, scope),
        row_states=_told(ROW_STATES, request, scope),
        choices=_told(CHOICES, request, scope),
        outcomes=_told(OUTCOMES, request, scope),
        marks=MARKS,
        notices=told_notices(record, language),
        trouble=trouble_document(record, language),
        before=queries.same_file(session, scope, record),
        certain=CERTAIN,
        may_import=scope.may(Permission.CHANGE_REGISTER),
    )


def _first_shown(record: ImportRecord) -> str:
    if record.state is State.READY and record.counts.undecided:
        return "undecided"
    return "all"


def _wanted(shown: str) -> Wanted:
    if shown in {"undecided", "warned"}:
        return Wanted(undecided=shown == "undecided", warned=shown == "warned")
    return Wanted() if shown == "all" else Wanted(state=RowState(shown))


def _filters(record: ImportRecord) -> list[tuple[str, int]]:
    counts = record.counts
    numbers = {
        "all": counts.rows,
        **{name: getattr(counts, name) for name in SHOWN if name != "all"},
    }
    return [(name, numbers[name]) for name in SHOWN]


def _address(record: ImportRecord, shown: str, after: str | None) -> str:
    chosen = {"show": shown} if after is None else {"show": shown, "after": after}
    return f"/imports/{record.public_id}?{urlencode(chosen)}#rows"


def _row_told(row: RowRecord, language: str) -> dict[str, Any]:
    best = row.candidates[0] if row.candidates else None
    return {
        "record": row,
        "name": row.found.get("name") or next((one for one in row.cells if one), "–"),
        "place": ", ".join(
            row.found[one] for one in ("municipality", "admin1") if row.found.get(one)
        ),
        "best": best,
        "reasons": () if best is None else told_reasons(best, language),
        "notes": [note_document(note, language) for note in row.notes],
    }


@imports.get("/{site_import}/columns", include_in_schema=False)
async def show_columns(request: Request, site_import: str) -> Response:
    """Show what the columns are taken to mean, and a form to say otherwise."""
    return await hop.read(
        request,
        lambda session, scope: _columns_page(
            request, scope, queries.site_import(session, scope, site_import)
        ),
    )


@imports.post("/{site_import}/columns", include_in_schema=False)
async def map_columns(request: Request, site_import: str) -> Response:
    """Take what the columns mean from the form and read the list anew."""
    given = dict(facts_of_form(await request.body()))
    country = given.pop("country", "").strip().upper() or None
    columns = {
        name.removeprefix("field."): column
        for name, column in given.items()
        if name.startswith("field.") and column
    }

    def work(session: Session, scope: Scope) -> Answer:
        actions.map_columns(
            session, scope, site_import, columns=columns, country=country
        )
        actions.ask(session, scope, site_import, READ)
        return _go_to(f"/imports/{site_import}")

    return await hop.write(request, work)


@imports.get("/{site_import}/rows/{row}", include_in_schema=False)
async def show_row(request: Request, site_import: str, row: int) -> Response:
    """Show a row beside the sites it might be, to decide about it."""

    def work(session: Session, scope: Scope) -> Response:
        record = queries.site_import(session, scope, site_import)
        if not 0 < row < limits.LARGEST_ROW_NUMBER:
            raise RowNotFound(site_import=site_import, row=row)
        found = queries.row(session, scope, site_import, row)
        language = language_of(request, scope)
        return page(
            request,
            "import_row.html",
            scope=scope,
            record=record,
            row=found,
            told=_row_told(found, language),
            compared=comparison(session, scope, site_import, found, language),
            cells=list(zip(record.headings, found.cells, strict=True)),
            row_states=_told(ROW_STATES, request, scope),
            choices=_told(CHOICES, request, scope),
            marks=MARKS,
            may_decide=scope.may(Permission.CHANGE_REGISTER)
            and record.state is State.READY
            and found.state is not RowState.REFUSED,
        )

    return await hop.read(request, work)


@imports.post("/{site_import}/rows/{row}", include_in_schema=False)
async def decide_row(request: Request, site_import: str, row: int) -> Response:
    """Take a decision from the form and go on to the next row that waits."""
    given = facts_of_form(await request.body()).get("decision", "")

    def work(session: Session, scope: Scope) -> Answer:
        if not 0 < row < limits.LARGEST_ROW_NUMBER:
            raise RowNotFound(site_import=site_import, row=row)
        deciding.decide(session, scope, site_import, row, _decision(given))
        waiting = queries.rows(
            session, scope, site_import, rows=1, wanted=Wanted(undecided=True)
        ).rows
        if not waiting:
            return _go_to(f"/imports/{site_import}")
        return _go_to(f"/imports/{site_import}/rows/{waiting[0].number}")

    return await hop.write(request, work)


def _decision(given: str) -> Decision:
    kind, _, value = given.partition(":")
    if kind == "site" and value:
        return Decision(Choice.SAME_AS, site=value)
    if kind == "row" and value.isdecimal() and len(value) < 9:
        return Decision(Choice.SAME_AS, row=int(value))
    if kind == "back":
        return Decision(None)
    if kind in {Choice.NEW, Choice.SKIP}:
        return Decision(Choice(kind))
    raise ChoiceUnknown(field="decision", given=given[:20])


@imports.post("/{site_import}/decisions", include_in_schema=False)
async def decide_rows(request: Request, site_import: str) -> Response:
    """Decide alike about all rows that wait and are likely enough."""
    given = facts_of_form(await request.body())
    choice, score = given.get("choice", ""), given.get("least_score", "")
    if choice not in set(Choice) or not score.isdecimal() or int(score) > 100:
        raise ChoiceUnknown(field="choice", given=f"{choice} {score}"[:20])

    def work(session: Session, scope: Scope) -> Answer:
        deciding.decide_many(
            session, scope, site_import, Choice(choice), least_score=int(score)
        )
        return _go_to(f"/imports/{site_import}")

    return await hop.write(request, work)


@imports.post("/{site_import}/confirm", include_in_schema=False)
async def confirm(request: Request, site_import: str) -> Response:
    """Have the list registered as decided."""
    given = facts_of_form(await request.body())

    def work(session: Session, scope: Scope) -> Answer:
        skips = given.get("undecided") == "skip"
        actions.confirm(session, scope, site_import, skips_undecided=skips)
        actions.ask(session, scope, site_import, APPLY)
        return _go_to(f"/imports/{site_import}")

    return await hop.write(request, work)


@imports.post("/{site_import}/cancel", include_in_schema=False)
async def cancel(request: Request, site_import: str) -> Response:
    """Give an import up."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.cancel(session, scope, site_import)
        return _go_to(f"/imports/{site_import}")

    return await hop.write(request, work)


@imports.post("/{site_import}/resume", include_in_schema=False)
async def resume(request: Request, site_import: str) -> Response:
    """Have a step done again that failed for good."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.resume(session, scope, site_import)
        return _go_to(f"/imports/{site_import}")

    return await hop.write(request, work)


def _told(words: Any, request: Request, scope: Scope) -> dict[Any, str]:
    language = language_of(request, scope)
    return {key: translate(text, language) for key, text in words.items()}
