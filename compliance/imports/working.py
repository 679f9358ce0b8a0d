"""The steps of imports that are done in the background, as jobs know them."""

from collections.abc import Mapping
from functools import partial

from sqlalchemy.orm import Session

from compliance.files import Files
from compliance.identifiers import OrganisationId
from compliance.identity.scope import Scope, scope_of_system
from compliance.imports import applying, staging
from compliance.imports.actions import APPLY, READ
from compliance.imports.staging import Prepared
from compliance.jobs import JSON, Doing, TwoSteps, Work


def handlers(files: Files) -> dict[str, Doing]:
    """Return what reads and what applies imports."""
    return {
        READ: TwoSteps(prepare=partial(_prepare, files), keep=_keep),
        APPLY: partial(_apply, files),
    }


def _prepare(files: Files, session: Session, work: Work) -> Prepared:
    scope = _scope(session, work)
    return staging.prepare(session, scope, files, _import(work), work.report)


def _keep(session: Session, work: Work, prepared: Prepared) -> Mapping[str, JSON]:
    scope = _scope(session, work)
    return {"state": staging.keep(session, scope, _import(work), prepared)}


def _apply(files: Files, session: Session, work: Work) -> Mapping[str, JSON]:
    scope = _scope(session, work)
    return dict(applying.apply(session, scope, files, _import(work), work.report))


def _scope(session: Session, work: Work) -> Scope:
    if work.organisation_id is None:
        raise ValueError("an import belongs to an organisation")
    return scope_of_system(session, OrganisationId(work.organisation_id))


def _import(work: Work) -> str:
    return str(work.arguments["import"])
