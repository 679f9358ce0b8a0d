"""The steps of an import of visits as a job."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from audits.submissions.intake import Intake
from audits.visit_imports import actions
from audits.visit_imports.actions import Prepared
from audits.visit_imports.queries import State
from compliance.identifiers import OrganisationId
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, TwoSteps, Work


def handlers(intake_now: Callable[[], Intake]) -> dict[str, Doing]:
    """Return what takes visits in; `intake_now` gives the rules in force at that time."""

    def prepare(session: Session, work: Work) -> Prepared | None:
        scope = _scope(session, work)
        return actions.prepare(session, scope, intake_now().store, _import(work))

    def keep(
        session: Session, work: Work, prepared: Prepared | None
    ) -> Mapping[str, JSON]:
        scope = _scope(session, work)
        record = actions.keep(session, scope, intake_now(), _import(work), prepared)
        if record.state is State.RUNNING:
            actions.ask(session, scope, record.public_id)
        return {"state": record.state, "rows": record.rows_done}

    return {actions.STEP: TwoSteps(prepare=prepare, keep=keep)}


def _scope(session: Session, work: Work) -> Scope:
    if work.organisation_id is None:
        raise ValueError("an import belongs to an organisation")
    return scope_of_system(session, OrganisationId(work.organisation_id))


def _import(work: Work) -> str:
    return str(work.arguments["import"])
