"""Every policy the product knows: what a programme may decide for itself, and where."""

from collections.abc import Mapping
from typing import Any

from audits.competence.policy import COMPETENCE
from audits.integrity.policy import POLICY as INTEGRITY
from audits.sampling.policy import INTERVIEWS, SAMPLING
from audits.visits.policy import FIELDWORK, RIGHT_OF_REPLY
from compliance.alerts.policy import ALERTS
from compliance.clocks.policy import CLOCKS
from compliance.corrective_actions.policy import FOLLOWING
from compliance.findings.deadlines import DEADLINES
from compliance.policies.dated import Policy
from compliance.public_lists.policy import LISTS
from compliance.remedies.policy import REMEDIES, SMALL_COUNTS
from compliance.risk.policy import RISK
from compliance.scorecards.policy import GRADING

# By name. A policy is added by a line here; `docs/policies.md` is printed from it.
POLICIES: Mapping[str, Policy[Any]] = {
    policy.name: policy
    for policy in (
        DEADLINES,
        FOLLOWING,
        GRADING,
        RISK,
        SAMPLING,
        INTERVIEWS,
        FIELDWORK,
        COMPETENCE,
        RIGHT_OF_REPLY,
        REMEDIES,
        SMALL_COUNTS,
        CLOCKS,
        ALERTS,
        INTEGRITY,
        LISTS,
    )
}
