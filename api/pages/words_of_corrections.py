"""What the codes of findings, corrective actions and what follows are called."""

from collections.abc import Mapping
from enum import StrEnum

from audits.reviews.models import ReplyCode
from audits.reviews.queries import ReplyState
from compliance.commitments.lifecycle import CommitmentKind, CommitmentProof, Side
from compliance.commitments.lifecycle import State as CommitmentState
from compliance.commitments.lifecycle import Step as CommitmentStep
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    ProofKind,
    RootCause,
    StepReason,
    TextKind,
)
from compliance.corrective_actions.lifecycle import State as ActionState
from compliance.corrective_actions.lifecycle import Step as ActionStep
from compliance.corrective_actions.urgency import Turn
from compliance.findings.cases import CaseWord
from compliance.findings.lifecycle import EvidenceKind, Reason
from compliance.findings.lifecycle import Step as FindingStep
from compliance.findings.standing import Basis, Body
from compliance.findings.standing import Standing as FindingStanding
from compliance.remedies.balance import EntryKind
from compliance.remedies.balance import Standing as RemedyStanding
from compliance.remedies.models import AdjustingReason, Check, RemedyKind
from compliance.remedies.models import Proof as RemedyProof
from compliance.texts import N_, NP_

WORDS_OF_CORRECTIONS: Mapping[type[StrEnum], Mapping[str, str]] = {
    FindingStanding: {
        FindingStanding.INDICATOR: N_("Indicator"),
        FindingStanding.SUSPECTED: N_("Suspected"),
        FindingStanding.CONFIRMED: N_("Confirmed"),
    },
    Basis: {
        Basis.COMPETENT_BODY: N_("A competent body stated it"),
        Basis.PROOF_OF_AGE: N_("A proof of age"),
        Basis.SEEN_BY_TWO_VISITS: N_("Two visits saw it"),
        Basis.ADMITTED_BY_SITE: N_("The site admitted it"),
    },
    Body: {
        Body.LABOUR_INSPECTORATE: N_("Labour inspectorate"),
        Body.PROSECUTOR: N_("Prosecutor"),
        Body.COURT: N_("Court"),
        Body.CHILD_PROTECTION_AUTHORITY: N_("Child-protection authority"),
        Body.HUMAN_RIGHTS_INSTITUTION: N_("Human-rights institution"),
        Body.ILO_SUPERVISORY_BODY: N_("ILO supervisory body"),
    },
    FindingStep: {
        FindingStep.RAISE: N_("Raised by a visit"),
        FindingStep.SEE_AGAIN: N_("Seen again by a visit"),
        FindingStep.ACCEPT: N_("Accepted by the site"),
        FindingStep.DISPUTE: N_("Disputed by the site"),
        FindingStep.UPHOLD: N_("Upheld after the dispute"),
        FindingStep.WITHDRAW: N_("Withdrawn"),
        FindingStep.CONFIRM: N_("Confirmed"),
        FindingStep.AGREE_PLAN: N_("Plan agreed"),
        FindingStep.CLOSE: N_("Closed"),
        FindingStep.REOPEN: N_("Found again and reopened"),
    },
    Reason: {
        Reason.FACTS_WRONG: N_("The facts are wrong"),
        Reason.LAW_DOES_NOT_APPLY: N_("The law does not apply here"),
        Reason.ANOTHER_SITE: N_("It is about another site"),
        Reason.CORRECTED_BEFORE_VISIT: N_("It was corrected before the visit"),
    },
    EvidenceKind: {
        EvidenceKind.DESK: N_("At a desk, from the papers and pictures"),
        EvidenceKind.SITE: N_("At the site, by somebody who went there"),
    },
    CaseWord: {
        CaseWord.NOT_OPENED: N_("Not opened yet"),
        CaseWord.NOT_NEEDED: N_("Not needed"),
        CaseWord.OPENED: N_("Opened"),
        CaseWord.REFERRED: N_("Referred"),
        CaseWord.IN_FOLLOW_UP: N_("In follow-up"),
        CaseWord.OUTCOME_VERIFIED: N_("Outcome verified"),
        CaseWord.CLOSED_WITHOUT_OUTCOME: N_("Closed without an outcome"),
    },
    ActionState: {
        ActionState.PROPOSED: N_("Proposed, waiting for agreement"),
        ActionState.SENT_BACK: N_("Sent back to the site"),
        ActionState.AGREED: N_("Agreed, to be started"),
        ActionState.IN_PROGRESS: N_("In progress"),
        ActionState.REPORTED_DONE: N_("Reported done, waiting for a check"),
        ActionState.VERIFIED: N_("Verified"),
        ActionState.NOT_EFFECTIVE: N_("Did not work, to be taken up again"),
        ActionState.CANCELLED: N_("Cancelled"),
    },
    ActionStep: {
        ActionStep.PROPOSE: N_("Proposed"),
        ActionStep.PROPOSE_AGAIN: N_("Proposed again"),
        ActionStep.AGREE: N_("Agreed"),
        ActionStep.SEND_BACK: N_("Sent back"),
        ActionStep.START: N_("Started"),
        ActionStep.REPORT_DONE: N_("Reported done"),
        ActionStep.VERIFY: N_("Verified"),
        ActionStep.FIND_INEFFECTIVE: N_("Found not to work"),
        ActionStep.CANCEL: N_("Cancelled"),
    },
    Turn: {
        Turn.SITE: N_("The site"),
        Turn.REVIEW: N_("The reviewer"),
    },
    RootCause: {
        RootCause.KNOWLEDGE_MISSING: N_("People did not know"),
        RootCause.POLICY_MISSING: N_("There was no policy"),
        RootCause.PROCEDURE_NOT_FOLLOWED: N_("The procedure was not followed"),
        RootCause.SUPERVISION_LACKING: N_("Nobody supervised it"),
        RootCause.AGE_CHECK_LACKING: N_("Ages were not checked"),
        RootCause.RECRUITMENT_PRACTICE: N_("The way people are recruited"),
        RootCause.LABOUR_BROKER: N_("A labour broker or crew leader"),
        RootCause.PIECE_RATE_PRESSURE: N_("Pressure of piece rates"),
        RootCause.LABOUR_SHORTAGE_AT_HARVEST: N_("Not enough hands at harvest"),
        RootCause.HOUSEHOLD_POVERTY: N_("Poverty of the household"),
        RootCause.NO_SCHOOL_OR_CARE: N_("No school or care for children near"),
        RootCause.PRICE_OR_LEAD_TIME: N_("Price or lead time of the buyer"),
        RootCause.CASH_FLOW: N_("Money comes too late"),
        RootCause.EQUIPMENT_MISSING: N_("Equipment is missing"),
        RootCause.NO_WORKER_VOICE: N_("Workers have no way to speak up"),
        RootCause.RECORDS_LACKING: N_("Records are missing"),
        RootCause.NOT_KNOWN_YET: N_("Not known yet"),
    },
    ActionCode: {
        ActionCode.STOP_AND_PROTECT: N_("Stop the harm and protect those harmed"),
        ActionCode.REPAY_WAGES: N_("Pay back wages"),
        ActionCode.REPAY_FEES: N_("Pay back recruitment fees"),
        ActionCode.GIVE_DOCUMENTS_BACK: N_("Give documents back"),
        ActionCode.ACCESS_TO_SCHOOL_OR_CARE: N_("Give access to school or care"),
        ActionCode.CHECK_AGES: N_("Check ages at hiring"),
        ActionCode.RECRUIT_OTHERWISE: N_("Recruit in another way"),
        ActionCode.WRITE_CONTRACTS: N_("Write contracts"),
        ActionCode.CHANGE_PAY_OR_HOURS: N_("Change pay or hours"),
        ActionCode.TRAIN: N_("Train people"),
        ActionCode.WRITE_OR_CHANGE_POLICY: N_("Write or change a policy"),
        ActionCode.SUPERVISE: N_("Supervise"),
        ActionCode.PROVIDE_EQUIPMENT: N_("Provide equipment"),
        ActionCode.REPAIR_PLACE_OR_MACHINE: N_("Repair a place or a machine"),
        ActionCode.IMPROVE_HOUSING: N_("Improve housing"),
        ActionCode.OPEN_GRIEVANCE_CHANNEL: N_("Open a grievance channel"),
        ActionCode.KEEP_RECORDS: N_("Keep records"),
        ActionCode.FOLLOW_SUPPLIERS: N_("Follow suppliers"),
        ActionCode.FIND_ROOT_CAUSE: N_("Find the root cause"),
    },
    OwnerRole: {
        OwnerRole.SITE_OWNER: N_("Owner of the site"),
        OwnerRole.MILL_MANAGER: N_("Manager of the mill"),
        OwnerRole.FARM_MANAGER: N_("Manager of the farm"),
        OwnerRole.HUMAN_RESOURCES: N_("Human resources"),
        OwnerRole.FIELD_SUPERVISOR: N_("Field supervisor"),
        OwnerRole.HEALTH_AND_SAFETY: N_("Health and safety"),
        OwnerRole.GROUP_COORDINATOR: N_("Coordinator of the group"),
        OwnerRole.PURCHASING: N_("Purchasing"),
    },
    ProofKind: {
        ProofKind.PHOTO_OF_PLACE: N_("Photo of a place or a thing"),
        ProofKind.PAYROLL_EXTRACT: N_("Extract of the payroll"),
        ProofKind.RECEIPT: N_("Receipt"),
        ProofKind.POLICY: N_("Policy"),
        ProofKind.TRAINING_RECORD: N_("Record of a training"),
        ProofKind.CONTRACT: N_("Contract"),
        ProofKind.REGISTER_EXTRACT: N_("Extract of a register"),
        ProofKind.INSPECTION_REPORT: N_("Report of an inspection"),
        ProofKind.OTHER_DOCUMENT: N_("Another document"),
    },
    ExtensionReason: {
        ExtensionReason.SUPPLIER_LATE: N_("A supplier is late"),
        ExtensionReason.PERMIT_PENDING: N_("A permit is pending"),
        ExtensionReason.MONEY_PENDING: N_("Money is pending"),
        ExtensionReason.OUT_OF_SEASON: N_("It cannot be done out of season"),
        ExtensionReason.ROAD_OR_WEATHER: N_("The road or the weather"),
        ExtensionReason.PEOPLE_UNREACHABLE: N_("People cannot be reached"),
        ExtensionReason.LARGER_THAN_THOUGHT: N_("It is larger than thought"),
    },
    StepReason: {
        StepReason.CAUSE_NOT_MET: N_("It does not meet the cause"),
        StepReason.NOT_ENOUGH: N_("It is not enough"),
        StepReason.TOO_LATE: N_("It is too late"),
        StepReason.CANNOT_BE_CHECKED: N_("It cannot be checked"),
        StepReason.NOT_DONE: N_("It was not done"),
        StepReason.DONE_IN_PART: N_("It was done in part"),
        StepReason.PROOF_DOES_NOT_SHOW_IT: N_("The proof does not show it"),
        StepReason.CAUSE_STILL_THERE: N_("The cause is still there"),
        StepReason.REPLACED_BY_ANOTHER: N_("Another action replaces it"),
        StepReason.PROPOSED_TWICE: N_("It was proposed twice"),
        StepReason.SITE_CLOSED: N_("The site closed"),
        StepReason.NO_LONGER_APPLIES: N_("It no longer applies"),
    },
    TextKind: {
        TextKind.ROOT_CAUSE: N_("Why it happened"),
        TextKind.ACTION: N_("What is done about it"),
        TextKind.REMARK: NP_("text", "Remark"),
    },
    ReplyCode: {
        ReplyCode.AGREES: N_("We agree with what was found"),
        ReplyCode.CORRECTS_FACTS: N_("We correct facts"),
        ReplyCode.DISPUTES: N_("We dispute it"),
        ReplyCode.GIVES_CONTEXT: N_("We give context"),
        ReplyCode.WAIVES: N_("We say nothing to it"),
    },
    ReplyState: {
        ReplyState.DUE: N_("You can answer"),
        ReplyState.OVER: N_(
            "The time is over; an answer is still taken until the audit is final"
        ),
        ReplyState.ANSWERED: N_("Answered"),
        ReplyState.CLOSED: N_("Closed: the audit is final"),
    },
    RemedyKind: {
        RemedyKind.WAGES: N_("Wages"),
        RemedyKind.OVERTIME: N_("Overtime"),
        RemedyKind.RECRUITMENT_FEES: N_("Recruitment fees"),
        RemedyKind.DEDUCTIONS: N_("Deductions"),
        RemedyKind.DOCUMENTS_RETURNED: N_("Documents given back"),
        RemedyKind.SCHOOL_PLACE: N_("A place at school"),
        RemedyKind.MEDICAL_CARE: N_("Medical care"),
        RemedyKind.HOUSING: N_("Housing"),
        RemedyKind.COMPENSATION: N_("Compensation"),
        RemedyKind.SOCIAL_SECURITY: N_("Social security"),
        RemedyKind.OTHER_REMEDY: N_("Another remedy"),
    },
    AdjustingReason: {
        AdjustingReason.PEOPLE_RECOUNTED: N_("The people were counted again"),
        AdjustingReason.AMOUNT_RECALCULATED: N_("The amount was worked out again"),
        AdjustingReason.AUTHORITY_DECIDED: N_("An authority decided it"),
        AdjustingReason.ENTERED_BY_MISTAKE: N_("It was entered by mistake"),
    },
    RemedyProof: {
        RemedyProof.PAYROLL_EXTRACT: N_("Extract of the payroll"),
        RemedyProof.BANK_TRANSFER: N_("Bank transfer"),
        RemedyProof.SIGNED_RECEIPTS_SEEN: N_("Signed receipts were seen"),
        RemedyProof.WORKER_INTERVIEWS: N_("Interviews with workers"),
        RemedyProof.SITE_VISIT: N_("Visit to the site"),
        RemedyProof.AUTHORITY_STATEMENT: N_("Statement of an authority"),
    },
    Check: {
        Check.DESK: N_("At a desk, from the papers and pictures"),
        Check.SITE: N_("At the site, by somebody who went there"),
    },
    EntryKind: {
        EntryKind.OWED: N_("Owed"),
        EntryKind.ADJUSTED: N_("Adjusted"),
        EntryKind.PAID: N_("Paid"),
        EntryKind.PROVEN: N_("Proven"),
        EntryKind.VERIFIED: N_("Verified by somebody independent"),
    },
    RemedyStanding: {
        RemedyStanding.OWED: N_("Nothing paid yet"),
        RemedyStanding.PART_PAID: N_("Paid in part"),
        RemedyStanding.PAID_UNPROVEN: N_("Paid, not proven yet"),
        RemedyStanding.PROVEN: N_("Paid and proven"),
        RemedyStanding.VERIFIED: N_("Verified by somebody independent"),
        RemedyStanding.CANCELLED: N_("Cancelled before anything was paid"),
    },
    CommitmentKind: {
        CommitmentKind.PRICE: N_("Price"),
        CommitmentKind.LEAD_TIME: N_("Lead time"),
        CommitmentKind.CO_FUNDING: N_("Co-funding"),
        CommitmentKind.VOLUME_ASSURANCE: N_("Volume assurance"),
        CommitmentKind.TRAINING: N_("Training"),
    },
    CommitmentProof: {
        CommitmentProof.CONTRACT: N_("Contract"),
        CommitmentProof.PURCHASE_ORDER: N_("Purchase order"),
        CommitmentProof.INVOICE: N_("Invoice"),
        CommitmentProof.BANK_TRANSFER: N_("Bank transfer"),
        CommitmentProof.TRAINING_RECORD: N_("Record of a training"),
        CommitmentProof.SITE_VISIT: N_("Visit to the site"),
    },
    Side: {
        Side.MAKER: N_("The buyer"),
        Side.SUPPLIER: N_("The supplier"),
    },
    CommitmentState: {
        CommitmentState.OFFERED: N_("Offered, waiting for an answer"),
        CommitmentState.ACCEPTED: N_("Accepted, to begin"),
        CommitmentState.DECLINED: NP_("commitment", "Declined"),
        CommitmentState.IN_FORCE: N_("In force"),
        CommitmentState.KEPT_REPORTED: N_("Reported kept, waiting for the supplier"),
        CommitmentState.KEPT_CONFIRMED: N_("Kept, as the supplier confirms"),
        CommitmentState.BROKEN: N_("Broken"),
        CommitmentState.WITHDRAWN: N_("Withdrawn"),
    },
    CommitmentStep: {
        CommitmentStep.OFFER: N_("Offered"),
        CommitmentStep.ACCEPT: NP_("commitment", "Accepted"),
        CommitmentStep.DECLINE: NP_("commitment", "Declined"),
        CommitmentStep.WITHDRAW: N_("Withdrawn"),
        CommitmentStep.BEGIN: NP_("commitment", "Begun"),
        CommitmentStep.REPORT_KEPT: N_("Reported kept"),
        CommitmentStep.CONFIRM: N_("Confirmed as kept"),
        CommitmentStep.CONTEST: N_("Contested"),
        CommitmentStep.BREAK: N_("Broken"),
    },
}
