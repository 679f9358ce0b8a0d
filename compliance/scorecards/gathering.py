"""What is being done at a site, gathered from every package that knows a part of it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance.commitments.queries import commitments_to_site
from compliance.corrective_actions.queries import actions_of_site
from compliance.database import one_of
from compliance.findings.cases import CaseWord
from compliance.findings.lifecycle import State
from compliance.findings.models import CaseMark
from compliance.findings.queries import FindingRecord
from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.queries import SiteRecord
from compliance.registry.workforce.queries import hired_in
from compliance.remedies.queries import remedies_of_site
from compliance.risk.reading import levels_of, risk_of_suppliers, risk_of_takers
from compliance.scorecards.codes import RiskLevel, SiteKind
from compliance.scorecards.material import Visit, Work
from rules import Topic

CASE_WORDS = select(CaseMark.word).where(
    one_of(CaseMark.finding_id, "findings"), CaseMark.is_current
)
AUDIT_FIRM = select(Organisation.name).where(
    Organisation.id == bindparam("organisation_id"),
    Organisation.kind == OrganisationKind.AUDIT_FIRM,
)


def work_of(
    session: Session,
    scope: Scope,
    site: SiteRecord,
    *,
    findings: Sequence[FindingRecord],
    visit: Visit,
) -> Work:
    """Return what is being done about the findings of a site, and by how many workers.

    The workers are those of the season of the fieldwork. Who audits is told where the
    organisation that visits is an audit firm; others visit for themselves.
    """
    scope.require(Permission.ISSUE_SCORECARDS)
    of_children = [
        finding.id
        for finding in findings
        if finding.topic is Topic.CHILD_LABOUR and finding.state is not State.WITHDRAWN
    ]
    words = (
        session.execute(CASE_WORDS, {"findings": of_children}).scalars()
        if of_children
        else ()
    )
    of_farms, of_mills = _risks(session, scope, site)
    return Work(
        actions=actions_of_site(session, scope, site.id),
        remedies=remedies_of_site(session, scope, site.id),
        commitments=commitments_to_site(session, scope, site.id),
        child_cases=tuple(CaseWord(word) for word in words),
        workers=hired_in(
            session,
            scope,
            site.id,
            season=visit.season_name,
            year=visit.to_on.year,
        ),
        audit_firm=session.scalar(
            AUDIT_FIRM, {"organisation_id": scope.organisation_id}
        ),
        risk_of_farms=of_farms,
        risk_of_mills=of_mills,
    )


def _risks(
    session: Session, scope: Scope, site: SiteRecord
) -> tuple[RiskLevel, RiskLevel]:
    """Return the risk of the farms and of the mills of the chain; no data is unknown."""
    levels = levels_of(session, scope, site.id)
    own = RiskLevel(levels.get(site.id, RiskLevel.UNKNOWN))
    if SiteKind(site.kind) is SiteKind.MILL:
        return RiskLevel(risk_of_suppliers(session, scope, site.id)), own
    return own, RiskLevel(risk_of_takers(session, scope, site.id))
