"""What the codes of the product are called on a page; the catalogue translates them."""

from collections.abc import Mapping
from enum import StrEnum

from api.pages.words_of_authors import WORDS_OF_AUTHORS
from api.pages.words_of_corrections import WORDS_OF_CORRECTIONS
from api.pages.words_of_desks import WORDS_OF_DESKS
from api.pages.words_of_planning import WORDS_OF_PLANNING
from api.pages.words_of_reviews import WORDS_OF_REVIEWS
from api.pages.words_of_trade import WORDS_OF_TRADE
from audits.submissions.queries import Completeness, Processing
from audits.submissions.queries import State as SubmissionState
from audits.visits.lifecycle import State as VisitState
from audits.visits.models import AuditKind, Notice
from compliance.alerts.telling import CARD_REASONS
from compliance.findings.lifecycle import State as FindingState
from compliance.identity.models import Role
from compliance.registry.models import IdentifierScheme
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.scorecards.codes import Letter, Status
from compliance.scorecards.lifecycle import Why
from compliance.texts import N_
from rules import Commodity, Outcome, Severity, SiteKind, Topic
from rules.definitions import InstrumentKind
from rules.definitions import Status as RuleStatus
from rules.parameters import Sector

WORDS: Mapping[type[StrEnum], Mapping[str, str]] = {
    **WORDS_OF_AUTHORS,
    **WORDS_OF_CORRECTIONS,
    **WORDS_OF_PLANNING,
    **WORDS_OF_REVIEWS,
    **WORDS_OF_TRADE,
    **WORDS_OF_DESKS,
    SiteKind: {
        SiteKind.PRODUCER: N_("Producer"),
        SiteKind.MILL: N_("Mill"),
    },
    Commodity: {
        Commodity.COFFEE: N_("Coffee"),
        Commodity.PALM_OIL: N_("Palm oil"),
    },
    Severity: {
        Severity.ZERO_TOLERANCE: N_("Zero tolerance"),
        Severity.CRITICAL: N_("Critical"),
        Severity.MAJOR: N_("Major"),
        Severity.MINOR: N_("Minor"),
    },
    Outcome: {
        Outcome.NON_CONFORMITY: N_("Not met"),
        Outcome.UNDETERMINED: N_("Could not be determined"),
        Outcome.CONFORMITY: N_("Met"),
        Outcome.NOT_APPLICABLE: N_("Does not apply"),
    },
    Topic: {
        Topic.CHILD_LABOUR: N_("Child labour"),
        Topic.FORCED_LABOUR: N_("Forced labour"),
        Topic.WAGES_AND_HOURS: N_("Wages and working time"),
        Topic.RECRUITMENT_AND_CONTRACTS: N_("Recruitment and contracts"),
        Topic.HEALTH_AND_SAFETY: N_("Health and safety"),
        Topic.FREEDOM_OF_ASSOCIATION: N_("Freedom of association"),
        Topic.EQUAL_TREATMENT: N_("Equal treatment and harassment"),
        Topic.GRIEVANCE_AND_MANAGEMENT: N_("Grievances and management"),
    },
    FindingState: {
        FindingState.RAISED: N_("Raised, awaiting the site’s answer"),
        FindingState.DISPUTED: N_("Disputed by the site"),
        FindingState.ACCEPTED: N_("Accepted, being corrected"),
        FindingState.CLOSED: N_("Closed after a check"),
        FindingState.WITHDRAWN: N_("Withdrawn"),
    },
    Status: {
        Status.DRAFT: N_("Draft"),
        Status.ISSUED: N_("Valid"),
        Status.SUPERSEDED: N_("Superseded"),
        Status.SUSPENDED: N_("Suspended"),
        Status.REVOKED: N_("Revoked"),
        Status.EXPIRED: N_("Expired"),
    },
    Why: {why: CARD_REASONS[why] for why in Why},
    Notice: {
        Notice.ANNOUNCED: N_("Announced"),
        Notice.SEMI_ANNOUNCED: N_("Semi-announced"),
        Notice.UNANNOUNCED: N_("Unannounced"),
        Notice.UNKNOWN: N_("Not stated"),
    },
    AuditKind: {
        AuditKind.FARM_VISIT: N_("Farm visit"),
        AuditKind.MILL_AUDIT: N_("Mill audit"),
        AuditKind.SELF_ASSESSMENT: N_("Self-assessment"),
    },
    VisitState: {
        VisitState.PLANNED: N_("Planned"),
        VisitState.SUBMITTED: N_("Answers received"),
        VisitState.IN_REVIEW: N_("In review"),
        VisitState.RETURNED: N_("Returned for correction"),
        VisitState.RIGHT_OF_REPLY: N_("Awaiting the site’s reply"),
        VisitState.FINAL: N_("Final"),
        VisitState.VOIDED: N_("Voided"),
    },
    SubmissionState: {
        SubmissionState.CURRENT: N_("Current"),
        SubmissionState.SUPERSEDED: N_("Replaced by a correction"),
        SubmissionState.WITHDRAWN: N_("Taken out by a supervisor"),
    },
    Processing: {
        Processing.DONE: N_("Read and assessed"),
        Processing.AWAITING_SITE: N_("Waiting: its site is not known yet"),
        Processing.ENCRYPTED: N_("Waiting: it is encrypted and was not opened yet"),
        Processing.KEPT: N_("Kept: it is no visit, so nothing is assessed"),
        Processing.FACTS_FAILED: N_("Waiting: its answers could not be read"),
        Processing.ASSESSMENT_FAILED: N_("Waiting: it could not be assessed"),
    },
    Completeness: {
        Completeness.COMPLETE: N_("All files have come"),
        Completeness.ATTACHMENTS_MISSING: N_("Some files have not come yet"),
    },
    Role: {
        Role.ADMINISTRATOR: N_("Administrator"),
        Role.AUDITOR: N_("Auditor"),
        Role.REVIEWER: N_("Reviewer"),
        Role.MANAGER: N_("Manager"),
        Role.ANALYST: N_("Analyst"),
    },
    RuleStatus: {
        RuleStatus.ACTIVE: N_("In use"),
        RuleStatus.SHADOW: N_("On trial: told, but counted in no grade"),
    },
    Sector: {
        Sector.ALL: N_("All sectors"),
        Sector.AGRICULTURE: N_("Agriculture"),
        Sector.INDUSTRY: N_("Industry"),
    },
    InstrumentKind: {
        InstrumentKind.CONVENTION: N_("Convention"),
        InstrumentKind.LAW: N_("Law"),
        InstrumentKind.STANDARD: N_("Standard"),
        InstrumentKind.GUIDANCE: N_("Guidance"),
    },
    IdentifierScheme: {
        IdentifierScheme.TAX_NUMBER: N_("Tax number"),
        IdentifierScheme.GLN: "GLN",
        IdentifierScheme.LEI: "LEI",
        IdentifierScheme.OS_HUB: "OS Hub",
        IdentifierScheme.UNIVERSAL_MILL_LIST: "Universal Mill List",
        IdentifierScheme.RSPO: "RSPO",
        IdentifierScheme.ISCC: "ISCC",
        IdentifierScheme.RAINFOREST_ALLIANCE: "Rainforest Alliance",
        IdentifierScheme.FAIRTRADE: "Fairtrade",
        IdentifierScheme.FOUR_C: "4C",
        IdentifierScheme.NATIONAL_COFFEE_REGISTER: N_("National coffee register"),
        IdentifierScheme.OWN_NUMBER: N_("Own number"),
    },
    Letter: {letter: letter.value for letter in Letter},
    RiskLevel: {
        RiskLevel.HIGH: N_("High risk"),
        RiskLevel.MEDIUM: N_("Medium risk"),
        RiskLevel.LOW: N_("Low risk"),
        RiskLevel.UNKNOWN: N_("Risk unknown"),
    },
    ConfidenceWord: {
        ConfidenceWord.HIGH: N_("well founded"),
        ConfidenceWord.MEDIUM: N_("partly founded"),
        ConfidenceWord.LOW: N_("hardly founded"),
        ConfidenceWord.NONE: N_("no basis"),
    },
}
# The payers and seasons that checklists name; others are told as they were written.
STATED: Mapping[str, str] = {
    "buyer": N_("The buyer"),
    "site": N_("The site itself"),
    "scheme": N_("The scheme"),
    "programme": N_("A programme"),
    "public": N_("A public body"),
    "shared": N_("Costs are shared"),
    "main": N_("main harvest"),
    "mid": N_("second harvest"),
}


def word(value: StrEnum) -> str:
    """Return the message of the catalogue for a code."""
    return WORDS[type(value)][value]
