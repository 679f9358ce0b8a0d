"""What the codes of audits and their review are called on a page."""

from collections.abc import Mapping
from enum import StrEnum

from audits.competence.models import QualificationKind
from audits.competence.policy import Who
from audits.reviews.models import About, RemarkKind, ReplyCode
from audits.reviews.queries import ReplyState
from audits.submissions.answered import Given
from audits.submissions.decision import Effect
from audits.submissions.queries import DerivativeState
from audits.visits.models import Purpose, TeamRole, VoidReason
from compliance.texts import N_, NP_

# What whoever answers for a site chooses from; everybody else reads it of the site.
OWN_ANSWERS: Mapping[ReplyCode, str] = {
    ReplyCode.AGREES: N_("We agree with what was found"),
    ReplyCode.CORRECTS_FACTS: N_("We correct facts"),
    ReplyCode.DISPUTES: N_("We dispute it"),
    ReplyCode.GIVES_CONTEXT: N_("We give context"),
}
WORDS_OF_REVIEWS: Mapping[type[StrEnum], Mapping[str, str]] = {
    Given: {
        Given.ANSWERED: NP_("question", "Answered"),
        Given.CANNOT_TELL: N_("Could not be told"),
        Given.NOT_ANSWERED: N_("Not answered"),
        Given.NOT_ASKED: N_("Not asked"),
        Given.SEALED: N_("Answered and sealed: it is about a person"),
    },
    Effect: {
        Effect.CREATE: N_("New"),
        Effect.REPEAT: N_("Here already"),
        Effect.REFUSE_OTHER: N_("Other answers stand under its id"),
        Effect.REFUSE_SUPERSEDED: N_("It was corrected already"),
        Effect.REFUSE_WITHDRAWN: N_("It was taken out"),
        Effect.REFUSE_OUT_OF_DATE: N_("It corrects what was corrected already"),
        Effect.REFUSE_BASE_WITHDRAWN: N_("It corrects what was taken out"),
        Effect.REFUSE_BASE_UNKNOWN: N_("It corrects what never came"),
    },
    Purpose: {
        Purpose.UNSTATED: N_("Not stated"),
        Purpose.INITIAL: N_("First visit"),
        Purpose.FULL: N_("Full audit"),
        Purpose.FOLLOW_UP: N_("Follow-up visit"),
        Purpose.SPOT_CHECK: N_("Spot check"),
        Purpose.INVESTIGATION: N_("Investigation"),
    },
    TeamRole: {
        TeamRole.LEAD: N_("Leads the team"),
        TeamRole.AUDITOR: NP_("team", "Auditor"),
        TeamRole.INTERVIEWER: N_("Interviews"),
        TeamRole.INTERPRETER: N_("Interprets"),
        TeamRole.OBSERVER: N_("Observes"),
    },
    VoidReason: {
        VoidReason.CALLED_OFF: N_("It was called off"),
        VoidReason.NOT_LET_IN: N_("The team was not let in"),
        VoidReason.NOBODY_THERE: N_("Nobody was there"),
        VoidReason.UNSAFE: N_("It was not safe"),
        VoidReason.ENTERED_TWICE: N_("It was entered twice"),
        VoidReason.ANOTHER_SITE: N_("The answers are of another site"),
        VoidReason.NOT_INDEPENDENT: N_("The team was not independent"),
        VoidReason.TEST_DATA: N_("It was only a test"),
    },
    RemarkKind: {
        RemarkKind.NOT_ANSWERED: N_("An answer is missing"),
        RemarkKind.UNCLEAR: N_("The answer is not clear"),
        RemarkKind.CONTRADICTORY: N_("It contradicts another answer"),
        RemarkKind.IMPLAUSIBLE: N_("It can hardly be so"),
        RemarkKind.EVIDENCE_MISSING: N_("Evidence is missing"),
        RemarkKind.ANOTHER_SITE: N_("It may be of another site"),
        RemarkKind.ANOTHER_DAY: N_("It may be of another day"),
        RemarkKind.TOO_FEW_INTERVIEWS: N_("Too few people were interviewed"),
    },
    About: {
        About.VISIT: N_("The visit as a whole"),
        About.SECTION: N_("A section"),
        About.QUESTION: N_("A question"),
        About.FACT: N_("A fact"),
    },
    ReplyCode: {
        ReplyCode.AGREES: N_("The site agrees"),
        ReplyCode.CORRECTS_FACTS: N_("The site corrects facts"),
        ReplyCode.DISPUTES: N_("The site disputes it"),
        ReplyCode.GIVES_CONTEXT: N_("The site explains the circumstances"),
        ReplyCode.WAIVES: N_("The site waives its reply"),
    },
    ReplyState: {
        ReplyState.DUE: N_("The site still has time"),
        ReplyState.OVER: N_("The time has passed without a reply"),
        ReplyState.ANSWERED: N_("The site has replied"),
        ReplyState.CLOSED: N_("Closed with the audit"),
    },
    QualificationKind: {
        QualificationKind.LEAD_AUDITOR: N_("Lead auditor"),
        QualificationKind.IDENTIFICATION: N_("Identifying children and forced labour"),
        QualificationKind.REFERRAL: N_("Referring people to help"),
        QualificationKind.SAFEGUARDING: N_("Safeguarding"),
        QualificationKind.INTERVIEWING_CHILDREN: N_("Interviewing children"),
    },
    Who: {
        Who.LEAD: N_("Whoever leads the team"),
        Who.SOMEBODY: N_("Somebody of the team"),
        Who.EVERYBODY: N_("Everybody of the team"),
        Who.INTERVIEWERS: N_("Whoever interviews"),
    },
    DerivativeState: {
        DerivativeState.PENDING: N_("A smaller copy is still being made"),
        DerivativeState.MADE: N_("Ready to be looked at"),
        DerivativeState.NOT_MADE: N_("Of this kind of file nothing is shown"),
        DerivativeState.REFUSED: N_("It could not be read safely"),
        DerivativeState.SEALED: N_("Sealed: it is about a person"),
    },
}
