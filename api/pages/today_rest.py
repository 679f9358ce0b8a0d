"""What is to be done about lists, scorecards, sharing, imports, checklists and jobs."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from api.pages.today_errands import TaskKind
from api.pages.today_rows import (
    CALLER,
    Sources,
    is_one_of,
    looked_at,
    plainly,
    reached,
    row,
)
from audits.checklists.models import (
    Checklist,
    ChecklistValidation,
    ChecklistVersion,
    ValidationState,
)
from compliance.commitments.lifecycle import OUTSTANDING
from compliance.commitments.lifecycle import State as CommitmentState
from compliance.commitments.models import Commitment
from compliance.editions.models import EditionPublication, RuleEdition
from compliance.editions.queries import HOLDS
from compliance.exclusions.lifecycle import ExclusionState
from compliance.exclusions.models import Exclusion
from compliance.identity.models import Organisation
from compliance.imports.lifecycle import State as ImportState
from compliance.imports.models import SiteImport
from compliance.jobs.models import Job
from compliance.jobs.work import State as JobState
from compliance.public_lists.lifecycle import MatchState
from compliance.public_lists.models import ListMatch, PublicList
from compliance.registry.models.consents import ConsentRequest
from compliance.scorecards.codes import Status
from compliance.scorecards.models import Scorecard, ScorecardInForce, ScorecardStatus

LaterStatus, Newer = aliased(ScorecardStatus), aliased(ChecklistVersion)

PROPOSED_MATCHES = (
    row(
        ListMatch.id,
        ListMatch.public_id,
        told=PublicList.name,
        site_id=ListMatch.site_id,
        due_at=ListMatch.due_at,
    )
    .select_from(ListMatch)
    .join(PublicList, PublicList.id == ListMatch.list_id)
    .where(ListMatch.owner_id == CALLER, ListMatch.state == MatchState.PROPOSED.value)
)
# Who said that it is the same has had their say: somebody else confirms.
PROPOSED_EXCLUSIONS = (
    row(
        Exclusion.id,
        ListMatch.public_id,
        told=PublicList.name,
        site_id=Exclusion.site_id,
        due_at=Exclusion.due_at,
    )
    .select_from(Exclusion)
    .join(ListMatch, ListMatch.id == Exclusion.match_id)
    .join(PublicList, PublicList.id == ListMatch.list_id)
    .where(
        Exclusion.owner_id == CALLER,
        Exclusion.state == ExclusionState.PROPOSED.value,
        Exclusion.matched_by != bindparam("actor"),
    )
)
ENDING_CARDS = (
    row(
        Scorecard.id,
        Scorecard.public_id,
        site_id=Scorecard.site_id,
        due_on=Scorecard.valid_until,
    )
    .select_from(Scorecard)
    .join(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
    .where(
        Scorecard.owner_id == CALLER,
        Scorecard.valid_until <= bindparam("in_a_month"),
    )
)
# From the few statuses that say so, and not from all the cards that could.
SUSPENDED_CARDS = (
    row(
        Scorecard.id,
        Scorecard.public_id,
        site_id=Scorecard.site_id,
    )
    .select_from(ScorecardStatus)
    .join(Scorecard, Scorecard.id == ScorecardStatus.scorecard_id)
    .join(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
    .where(
        plainly(ScorecardStatus.status, Status.SUSPENDED),
        looked_at(Scorecard.owner_id == CALLER),
        Scorecard.valid_until >= bindparam("today"),
        ~select(LaterStatus.id)
        .where(
            LaterStatus.scorecard_id == ScorecardStatus.scorecard_id,
            LaterStatus.ordinal > ScorecardStatus.ordinal,
        )
        .correlate(ScorecardStatus)
        .exists(),
    )
)
REQUESTS = (
    row(
        ConsentRequest.id,
        ConsentRequest.public_id,
        told=Organisation.name,
    )
    .select_from(ConsentRequest)
    .join(Organisation, Organisation.id == ConsentRequest.asker_id)
    .where(ConsentRequest.supplier_id == CALLER, ConsentRequest.reply.is_(None))
)
# What was promised to us is answered; what we promised is kept.
PROMISED = row(
    Commitment.id,
    Commitment.public_id,
    told=Commitment.keeper_name,
    site_id=Commitment.site_id,
    due_on=Commitment.due_on,
).where(
    Commitment.maker_id == CALLER,
    is_one_of(Commitment.state, OUTSTANDING),
)
OFFERED = row(
    Commitment.id,
    Commitment.public_id,
    told=Commitment.maker_name,
    site_id=Commitment.site_id,
).where(
    is_one_of(
        Commitment.state, (CommitmentState.OFFERED, CommitmentState.KEPT_REPORTED)
    )
)
WAITING_IMPORTS = row(
    SiteImport.id,
    SiteImport.public_id,
    told=SiteImport.file_name,
).where(
    SiteImport.owner_id == CALLER,
    is_one_of(
        SiteImport.state, (ImportState.MAPPING, ImportState.READY, ImportState.FAILED)
    ),
)
REFUSED_CHECKLISTS = (
    row(
        Checklist.id,
        Checklist.form_id,
        told=ChecklistVersion.title,
    )
    .select_from(ChecklistValidation)
    .join(
        ChecklistVersion,
        ChecklistVersion.id == ChecklistValidation.checklist_version_id,
    )
    .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
    .where(
        ChecklistValidation.owner_id == CALLER,
        ChecklistValidation.state == ValidationState.REFUSED.value,
        Checklist.closed_at.is_(None),
        ~select(Newer.id)
        .where(
            Newer.checklist_id == ChecklistVersion.checklist_id,
            Newer.id > ChecklistVersion.id,
        )
        .correlate(ChecklistVersion)
        .exists(),
    )
)
# The book is everybody's. One that is kept after that in force, and never came into it.
NEW_EDITIONS = row(
    RuleEdition.id,
    RuleEdition.edition,
    told=RuleEdition.edition,
).where(
    RuleEdition.id > HOLDS,
    ~select(EditionPublication.id)
    .where(EditionPublication.edition_id == RuleEdition.id)
    .correlate(RuleEdition)
    .exists(),
)
FAILED_JOBS = row(Job.id, Job.public_id, told=Job.kind).where(
    Job.organisation_id == CALLER,
    plainly(Job.state, JobState.FAILED),
    Job.finished_at >= bindparam("a_month_ago"),
)
OF_THE_REST: Sources = {
    TaskKind.DECIDE_MATCH: (PROPOSED_MATCHES,),
    TaskKind.DECIDE_EXCLUSION: (PROPOSED_EXCLUSIONS,),
    TaskKind.RENEW_CARD: (ENDING_CARDS,),
    TaskKind.SUSPENDED_CARD: (SUSPENDED_CARDS,),
    TaskKind.ANSWER_REQUEST: (REQUESTS,),
    TaskKind.KEEP_COMMITMENT: (PROMISED,),
    TaskKind.ANSWER_COMMITMENT: reached(
        OFFERED, Commitment.owner_id, Commitment.site_id
    ),
    TaskKind.DECIDE_IMPORT: (WAITING_IMPORTS,),
    TaskKind.MEND_CHECKLIST: (REFUSED_CHECKLISTS,),
    TaskKind.PUBLISH_EDITION: (NEW_EDITIONS,),
    TaskKind.FAILED_JOB: (FAILED_JOBS,),
}
