"""Every module that declares tables, imported so that the metadata are whole."""

from types import ModuleType

import audits.assessments.models
import audits.checklists.models
import audits.competence.models
import audits.fieldwork.models
import audits.integrity.models
import audits.reviews.models
import audits.sampling.models
import audits.submissions.models
import audits.visit_imports.models
import audits.visits.models
import compliance.alerts.models
import compliance.clocks.models
import compliance.commitments.models
import compliance.corrective_actions.models
import compliance.editions.models
import compliance.exclusions.models
import compliance.findings.models
import compliance.idempotency
import compliance.identity.models
import compliance.imports.models
import compliance.jobs.models
import compliance.policies.models
import compliance.proofs.models
import compliance.public_lists.models
import compliance.registry.models
import compliance.registry.models.consents
import compliance.remedies.models
import compliance.risk.models
import compliance.scorecards.answers_models
import compliance.scorecards.models
import compliance.sealing.models
import compliance.signatures.models
import compliance.site_marks
import compliance.trail
import compliance.verdicts.models

KNOWN: tuple[ModuleType, ...] = (
    audits.assessments.models,
    audits.checklists.models,
    audits.competence.models,
    audits.fieldwork.models,
    audits.sampling.models,
    audits.reviews.models,
    audits.integrity.models,
    audits.submissions.models,
    audits.visit_imports.models,
    audits.visits.models,
    compliance.alerts.models,
    compliance.clocks.models,
    compliance.commitments.models,
    compliance.corrective_actions.models,
    compliance.editions.models,
    compliance.exclusions.models,
    compliance.findings.models,
    compliance.idempotency,
    compliance.identity.models,
    compliance.imports.models,
    compliance.proofs.models,
    compliance.jobs.models,
    compliance.policies.models,
    compliance.public_lists.models,
    compliance.registry.models,
    compliance.registry.models.consents,
    compliance.remedies.models,
    compliance.risk.models,
    compliance.scorecards.answers_models,
    compliance.scorecards.models,
    compliance.sealing.models,
    compliance.signatures.models,
    compliance.site_marks,
    compliance.trail,
    compliance.verdicts.models,
)
