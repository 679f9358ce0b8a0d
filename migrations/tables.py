"""Every module that declares tables, imported so that the metadata are whole."""

from types import ModuleType

import audits.checklists.models
import audits.submissions.models
import audits.visits.models
import compliance.findings.models
import compliance.idempotency
import compliance.identity.models
import compliance.registry.models
import compliance.scorecards.models
import compliance.trail
import compliance.verdicts.models

KNOWN: tuple[ModuleType, ...] = (
    audits.checklists.models,
    audits.submissions.models,
    audits.visits.models,
    compliance.findings.models,
    compliance.idempotency,
    compliance.identity.models,
    compliance.registry.models,
    compliance.scorecards.models,
    compliance.trail,
    compliance.verdicts.models,
)
