"""A file of a public list: what an edition of it would be, and taking it whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.pages.forms import CORRECTABLE, FieldWrong, Form, go_to, refused, sent
from api.pages.list_keeping import LISTS, list_page
from api.pages.readers import reader_of
from api.pages.rendering import language_of
from api.pages.uploads import Upload, upload_of
from api.public_lists_wire import report_document
from api.routing import feature_router
from api.wire import Country
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Problem
from compliance.public_lists import actions, queries
from compliance.public_lists.actions import Publication
from compliance.public_lists.entries import without_twins
from compliance.public_lists.models import Category
from compliance.public_lists.queries import ListRecord
from compliance.public_lists.reading import (
    DayOrder,
    Names,
    Reading,
    ReadList,
    read_public_list,
)
from compliance.texts import N_

FILE = "file"
FIELDS = (
    "edition_on",
    "source",
    "licence",
    "country",
    "names",
    "days",
    "columns",
    "is_empty",
    "step",
)
BAD_COUNTRY = N_("Write the two letters of a country, such as CO.")
BAD_TEXT = N_("Write at least a few words, at most 500 characters.")

list_importing = feature_router(LISTS, "pages")


@list_importing.post("/{public_list}/editions", include_in_schema=False)
async def import_edition(request: Request, public_list: str) -> Response:
    """Import a file as an edition, whole or not at all; or tell what it would make."""
    found = await hop.read(request, partial(_keepable, public_list=public_list))
    files = {FILE: limits.PUBLIC_LIST_BYTES}
    async with upload_of(request, FIELDS, files) as upload:
        language = language_of(request, await reader_of(request))
        try:
            said = _said(upload, found.category)
            read = await run_in_threadpool(_read, upload, said.reading)
        except Problem as problem:
            if problem.kind not in CORRECTABLE:
                raise
            told = refused(upload.form, problem, language)
            return await list_page(request, public_list, told)
        report = report_document(read, language, limits.PUBLIC_LIST_REPORTED)
        if upload.form.value("step") != "import":
            kept = Form(upload.form.values, upload.form.lists)
            return await list_page(request, public_list, kept, report=report)
        return await _take(request, found, upload, said, (read, report))


@dataclass(frozen=True)
class _Said:
    """What the form says of a file: how to read it, and of what day it is."""

    reading: Reading
    edition_on: date
    source: str
    licence: str
    is_empty: bool


def _said(upload: Upload, category: Category) -> _Said:
    form = upload.form
    upload.file(FILE)
    day = form.day("edition_on")
    assert day is not None  # noqa: S101 - it is not optional
    country = form.value("country").strip().upper() or None
    if country is not None:
        try:
            TypeAdapter(Country).validate_python(country)
        except ValidationError as error:
            raise FieldWrong("country", BAD_COUNTRY) from error
    lines = form.value("columns").splitlines()
    columns = tuple(line.strip() for line in lines if line.strip())
    names = form.chosen("names", Names) or Names.MIXED
    days = form.chosen("days", DayOrder)
    return _Said(
        reading=Reading(category, columns[:20], country, names, days),
        edition_on=day,
        source=_text(form, "source", 4, 500),
        licence=_text(form, "licence", 2, 200),
        is_empty=form.value("is_empty") == "yes",
    )


def _text(form: Form, name: str, least: int, most: int) -> str:
    text = form.required(name)
    if not least <= len(text) <= most:
        raise FieldWrong(name, BAD_TEXT)
    return text


def _read(upload: Upload, reading: Reading) -> ReadList:
    # What the file was called tells nothing: it is not asked for.
    return without_twins(read_public_list(upload.parts[FILE].path, "", reading))


def _keepable(session: Session, scope: Scope, *, public_list: str) -> ListRecord:
    found = queries.public_list(session, scope, public_list)
    scope.require(Permission.KEEP_LISTS)
    return found


async def _take(
    request: Request,
    found: ListRecord,
    upload: Upload,
    said: _Said,
    told: tuple[ReadList, Mapping[str, Any]],
) -> Response:
    read, report = told
    service, part = hop.service_of(request), upload.parts[FILE]
    publication = Publication(
        said.edition_on,
        said.source,
        said.licence,
        part.sha256,
        part.size,
        said.is_empty,
    )

    def work(session: Session, scope: Scope) -> Answer:
        made, is_new = actions.import_edition(
            session, scope, keyring_of(service), found.public_id, publication, read
        )
        if made.is_file_kept and part.path.exists():
            service.files.take(part.path, part.sha256)
        path = f"{LISTS}/{found.public_id}"
        return go_to(path, done="imported" if is_new else "same")

    async def again(form: Form) -> Response:
        return await list_page(request, found.public_id, form, report=report)

    body = f"{part.sha256} {sorted(upload.form.values.items())}".encode()
    return await sent(request, upload.form, work, again, body=body)
