"""What a device takes along to fill a checklist offline: form, law, sites, how to read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.coverage import coverage_of
from audits.checklists.form import (
    AUTOMATIC_TYPES,
    BINARY_TYPES,
    AskedFact,
    FormSchema,
    Purpose,
    Question,
    Repeat,
)
from audits.checklists.metadata import OBSERVED_ON, SITE_REFERENCE
from audits.checklists.queries import ChecklistNotFound, VersionRecord
from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    paths_of,
    read_condition,
)
from audits.checklists.units import QUESTION_UNITS
from audits.fieldwork.carried import (
    MY_SITES,
    CarriedList,
    carried_lists,
    forms_to_fill,
)
from audits.fieldwork.queries import bound_to, kept_since
from compliance import clock, limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.models import Site, SiteState
from compliance.registry.queries import SiteRecord, site, sites
from rules import Asked, Book, Commodity, SiteKind
from rules.device import device_part
from rules.texts import Text
from rules.vocabulary import Kind, Roster, Sensitive

# A visit may have been some weeks ago, and the next online day may be months ahead.
DAYS_BACK = timedelta(days=120)
DAYS_AHEAD = timedelta(days=240)
Json = dict[str, Any]
Known = tuple[tuple[SiteRecord, ...], bool]


@dataclass(frozen=True)
class Taken:
    """A version with its form and shape, and the sites it can be filled for."""

    version: VersionRecord
    xform: bytes
    schema: FormSchema
    lists: tuple[CarriedList, ...]
    sites: tuple[SiteRecord, ...]
    has_more_sites: bool


def taken(session: Session, scope: Scope, version_id: str) -> Taken:
    """Return what there is to take along for a version to fill in, by its public id."""
    scope.require(Permission.SUBMIT_VISITS)
    offered = (one.version for one in forms_to_fill(session, scope))
    found = next((one for one in offered if one.public_id == version_id), None)
    if found is None:
        raise ChecklistNotFound(checklist=version_id)
    known, has_more = _assigned(session, scope) or _sites(session, scope)
    return Taken(
        version=found,
        xform=checklists.xform_by_id(session, scope, version_id).content,
        schema=checklists.schema_of_version(session, found),
        lists=carried_lists(session, scope, version_id),
        sites=known,
        has_more_sites=has_more,
    )


def _assigned(session: Session, scope: Scope) -> Known | None:
    """Return the sites that the caller is to visit, None who was assigned none."""
    bound = {**bound_to(scope), "kept_since": kept_since()}
    mine = select(Site.public_id).where(Site.id.in_(MY_SITES)).order_by(Site.public_id)
    found = session.scalars(mine.limit(limits.FIELD_SITES + 1), bound).all()
    if not found:
        return None
    taken_along = found[: limits.FIELD_SITES]
    records = tuple(site(session, scope, public_id) for public_id in taken_along)
    return records, len(found) > len(records)


def _sites(session: Session, scope: Scope) -> Known:
    """Return the active sites of the caller's, as many as a device takes along."""
    known: list[SiteRecord] = []
    after: str | None = None
    while len(known) < limits.FIELD_SITES:
        found = sites(
            session,
            scope,
            rows=limits.PAGE_ROWS,
            after=after,
            state=SiteState.ACTIVE,
        )
        known += found.rows
        after = found.next_after
        if after is None:
            break
    return tuple(known[: limits.FIELD_SITES]), after is not None


def package(book: Book, found: Taken) -> Json:
    """Return the whole as JSON; nothing in it is needed from anywhere else."""
    schema, version = found.schema, found.version
    today = clock.today()
    return {
        "id": version.public_id,
        "form_id": version.form_id,
        "version": version.version,
        "title": version.title or version.form_id,
        "purpose": schema.purpose,
        "made_on": today.isoformat(),
        "xform": found.xform.decode(),
        "lists": {one.name: one.content.decode() for one in found.lists},
        "edition": book.edition,
        "reading": reading_of(schema),
        "no_photos": list(photographs_of_children(schema)),
        "parts": list(_parts(book, found, today)),
        "sites": [_site(one) for one in found.sites],
        "has_more_sites": found.has_more_sites,
    }


def _parts(book: Book, found: Taken, today: date) -> Iterable[Json]:
    """Yield the rules the checklist can decide, for each kind of place there is."""
    if found.schema.purpose is not Purpose.VISIT:
        return
    coverage = coverage_of(found.schema, book)
    decided = [one.rule for one in coverage.rules if one.how is not Asked.NEVER]
    places = {(one.country, one.commodity, one.kind) for one in found.sites}
    for country, commodity, kind in sorted(places):
        yield device_part(
            book,
            country=country,
            commodity=Commodity(commodity),
            site_kind=SiteKind(kind),
            first=today - DAYS_BACK,
            last=today + DAYS_AHEAD,
            only=decided,
        )


def _site(one: SiteRecord) -> Json:
    return {
        "id": one.public_id,
        "name": one.name,
        "place": ", ".join(part for part in (one.municipality, one.admin1) if part),
        "country": one.country,
        "commodity": one.commodity,
        "kind": one.kind,
    }


def reading_of(schema: FormSchema) -> Json:
    """Return how a device makes facts of a filled form, as `answers.py` does here."""
    return {
        "questions": [_question(one) for one in schema.questions],
        "repeats": [_repeat(one) for one in schema.repeats],
        "site_question": _path_named(schema, SITE_REFERENCE),
        "day_question": _path_named(schema, OBSERVED_ON),
    }


def _path_named(schema: FormSchema, name: str) -> str | None:
    question = schema.by_name.get(name)
    return question.path if question else None


def _question(one: Question) -> Json:
    return {
        "path": one.path,
        "repeat": one.repeat,
        "type": one.type,
        "label": _texts(one.label),
        "is_automatic": one.type in AUTOMATIC_TYPES,
        "fact": None if one.fact is None else _fact(one, one.fact),
        "choices": {choice.name: choice.value for choice in one.choices},
        "words": {choice.value: _texts(choice.label) for choice in one.choices}
        if one.fact is not None and one.fact.kind is Kind.CHOICES
        else {},
    }


def _texts(text: Text) -> Mapping[str, str]:
    return {"en": text.en, "es": text.es}


def _fact(question: Question, fact: AskedFact) -> Json:
    unit = question.unit or fact.unit or "number"
    return {
        "id": fact.id,
        "name": fact.name,
        "kind": fact.kind,
        "lowest": fact.lowest,
        "highest": fact.highest,
        "factor": QUESTION_UNITS[unit].factor if fact.kind is Kind.INTEGER else 1,
    }


def _repeat(one: Repeat) -> Json:
    return {
        "path": one.path,
        "roster": one.roster,
        "label": _texts(one.label),
        "row_key": one.row_key,
        "gate": _gate(one),
    }


def _gate(one: Repeat) -> list[str] | None:
    """Return the questions whose answered "no" says that there is nobody to list."""
    relevance = one.own_relevance
    if relevance is None:
        return None
    try:
        condition = read_condition(relevance.expression)
    except ConditionNotUnderstood:
        return None
    return sorted({absolute(path, one.path) for path in paths_of(condition)})


def photographs_of_children(schema: FormSchema) -> Iterable[str]:
    """Yield the questions that would photograph, film or record a child: never shown."""
    of_children = {one.path for one in schema.repeats if one.roster is Roster.CHILDREN}
    for question in schema.questions:
        if question.type in BINARY_TYPES and (
            question.repeat in of_children or question.sensitive is Sensitive.CHILD
        ):
            yield question.path
