"""Every kind of task there is: what it is called, of whom it is asked, where it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from compliance.identity.permissions import Permission
from compliance.texts import N_


class TaskKind(StrEnum):
    """What is to be done, in the order in which it is told where all else is equal."""

    ACKNOWLEDGE = "acknowledge"
    REFER = "refer"
    DECIDE_DISPUTE = "decide_dispute"
    ANSWER_FINDING = "answer_finding"
    GIVE_PLAN = "give_plan"
    REPLY = "reply"
    SETTLE_REMEDY = "settle_remedy"
    DO_ACTION = "do_action"
    PROPOSE_AGAIN = "propose_again"
    DECIDE_EXTENSION = "decide_extension"
    VERIFY_ACTION = "verify_action"
    AGREE_ACTION = "agree_action"
    MAKE_VISIT = "make_visit"
    FILL_ASSIGNED = "fill_assigned"
    MEND_VISIT = "mend_visit"
    FOLLOW_VISIT = "follow_visit"
    REVIEW = "review"
    GO_ON_REVIEWING = "go_on_reviewing"
    CONCLUDE = "conclude"
    FOLLOW_RETURNED = "follow_returned"
    MEND_SUBMISSION = "mend_submission"
    PLACE_SUBMISSION = "place_submission"
    LOOK_AT_REFUSED = "look_at_refused"
    PLAN_VISIT = "plan_visit"
    DECIDE_MATCH = "decide_match"
    DECIDE_EXCLUSION = "decide_exclusion"
    RENEW_CARD = "renew_card"
    SUSPENDED_CARD = "suspended_card"
    ANSWER_REQUEST = "answer_request"
    KEEP_COMMITMENT = "keep_commitment"
    ANSWER_COMMITMENT = "answer_commitment"
    DECIDE_IMPORT = "decide_import"
    MEND_CHECKLIST = "mend_checklist"
    PUBLISH_EDITION = "publish_edition"
    FAILED_JOB = "failed_job"


KINDS: Sequence[TaskKind] = tuple(TaskKind)


@dataclass(frozen=True)
class Errand:
    """A kind of task: what it is called, what it asks of a role, where it is done."""

    label: str
    many: str
    needs: frozenset[Permission]
    path: str


def _errand(label: str, many: str, path: str, *needs: Permission) -> Errand:
    return Errand(label, many, frozenset(needs), path)


FINDING, ACTION, AUDIT = "/findings/{}", "/actions/{}", "/audits/{}"
ERRANDS: Mapping[TaskKind, Errand] = {
    TaskKind.ACKNOWLEDGE: _errand(
        N_("Acknowledge the red flag"),
        N_("Red flags to acknowledge"),
        FINDING,
        Permission.DECIDE_FINDINGS,
    ),
    TaskKind.REFER: _errand(
        N_("Decide who is told"),
        N_("Referrals to decide"),
        FINDING,
        Permission.OPEN_CASES,
    ),
    TaskKind.DECIDE_DISPUTE: _errand(
        N_("Decide the dispute"),
        N_("Disputes to decide"),
        FINDING,
        Permission.DECIDE_FINDINGS,
    ),
    TaskKind.ANSWER_FINDING: _errand(
        N_("Answer the finding"),
        N_("Findings to answer"),
        FINDING,
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.GIVE_PLAN: _errand(
        N_("Propose corrective actions"),
        N_("Findings without a plan"),
        FINDING,
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.REPLY: _errand(
        N_("Use the right of reply"),
        N_("Replies due"),
        "/replies/{}",
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.SETTLE_REMEDY: _errand(
        N_("Make good what is owed"),
        N_("Remedies owed"),
        FINDING,
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.DO_ACTION: _errand(
        N_("Do the corrective action"),
        N_("Corrective actions to do"),
        ACTION,
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.PROPOSE_AGAIN: _errand(
        N_("Propose the action again: it was sent back"),
        N_("Actions sent back"),
        ACTION,
        Permission.ANSWER_FINDINGS,
    ),
    TaskKind.DECIDE_EXTENSION: _errand(
        N_("Decide on more time"),
        N_("Requests for more time"),
        ACTION,
        Permission.DECIDE_FINDINGS,
    ),
    TaskKind.VERIFY_ACTION: _errand(
        N_("Verify what was done"),
        N_("Actions to verify"),
        ACTION,
        Permission.DECIDE_FINDINGS,
    ),
    TaskKind.AGREE_ACTION: _errand(
        N_("Agree the action, or send it back"),
        N_("Actions to agree"),
        ACTION,
        Permission.DECIDE_FINDINGS,
    ),
    TaskKind.MAKE_VISIT: _errand(
        N_("Make the visit: you are on its team"),
        N_("Visits of your team"),
        AUDIT,
        Permission.SUBMIT_VISITS,
    ),
    TaskKind.FILL_ASSIGNED: _errand(
        N_("Make the visit assigned to you"),
        N_("Visits assigned to you"),
        "/my-visits",
        Permission.SUBMIT_VISITS,
    ),
    TaskKind.MEND_VISIT: _errand(
        N_("Answer the reviewer’s remarks"),
        N_("Visits returned to you"),
        AUDIT,
        Permission.SUBMIT_VISITS,
    ),
    TaskKind.FOLLOW_VISIT: _errand(
        N_("See that the visit is made"),
        N_("Planned visits whose days have begun"),
        AUDIT,
        Permission.MANAGE_FIELDWORK,
    ),
    TaskKind.REVIEW: _errand(
        N_("Review the visit"),
        N_("Visits to review"),
        AUDIT,
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.GO_ON_REVIEWING: _errand(
        N_("Go on with your review"),
        N_("Reviews you began"),
        AUDIT,
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.CONCLUDE: _errand(
        N_("Conclude the visit: the right of reply is over"),
        N_("Visits to conclude"),
        AUDIT,
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.FOLLOW_RETURNED: _errand(
        N_("Waits for mended answers: you returned it"),
        N_("Visits you returned"),
        AUDIT,
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.MEND_SUBMISSION: _errand(
        N_("See why the answers could not be assessed"),
        N_("Answers that could not be assessed"),
        "/submissions/{}",
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.PLACE_SUBMISSION: _errand(
        N_("Say which site the answers are of"),
        N_("Answers that wait for their site"),
        "/submissions/{}",
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.LOOK_AT_REFUSED: _errand(
        N_("Look at answers that were refused and kept"),
        N_("Answers refused this month"),
        "/submissions?show=refused",
        Permission.SUPERVISE_VISITS,
    ),
    TaskKind.PLAN_VISIT: _errand(
        N_("Plan the visit: the site was drawn"),
        N_("Drawn sites without a visit"),
        "/draws/{}",
        Permission.MANAGE_FIELDWORK,
    ),
    TaskKind.DECIDE_MATCH: _errand(
        N_("Say whether a public list names them"),
        N_("Matches to decide"),
        "/list-matches/{}",
        Permission.DECIDE_MATCHES,
    ),
    TaskKind.DECIDE_EXCLUSION: _errand(
        N_("Confirm what a public list calls for"),
        N_("Proposals to confirm"),
        "/list-matches/{}",
        Permission.DECIDE_MATCHES,
        Permission.ISSUE_SCORECARDS,
    ),
    TaskKind.RENEW_CARD: _errand(
        N_("Renew the scorecard"),
        N_("Scorecards that expire"),
        "/scorecards/{}",
        Permission.ISSUE_SCORECARDS,
    ),
    TaskKind.SUSPENDED_CARD: _errand(
        N_("See why the scorecard is suspended"),
        N_("Suspended scorecards"),
        "/scorecards/{}",
        Permission.ISSUE_SCORECARDS,
    ),
    TaskKind.ANSWER_REQUEST: _errand(
        N_("Answer a request to see your sites"),
        N_("Requests to answer"),
        "/consents/requests/{}",
        Permission.SHARE,
    ),
    TaskKind.KEEP_COMMITMENT: _errand(
        N_("Keep what your company promised"),
        N_("Commitments to keep"),
        "/commitments/{}",
        Permission.COMMIT,
    ),
    TaskKind.ANSWER_COMMITMENT: _errand(
        N_("Say whether you take it up, or whether it was kept"),
        N_("Commitments to answer"),
        "/commitments/{}",
        Permission.COMMIT,
    ),
    TaskKind.DECIDE_IMPORT: _errand(
        N_("Decide about the list of sites"),
        N_("Lists that wait for you"),
        "/imports/{}",
        Permission.CHANGE_REGISTER,
    ),
    TaskKind.MEND_CHECKLIST: _errand(
        N_("Mend the checklist: devices cannot read it"),
        N_("Checklists refused by the validator"),
        "/checklists/{}",
        Permission.CHANGE_CHECKLISTS,
    ),
    TaskKind.PUBLISH_EDITION: _errand(
        N_("Try the new edition, and publish it"),
        N_("Editions in shadow"),
        "/editions/{}",
        Permission.PUBLISH_RULES,
    ),
    TaskKind.FAILED_JOB: _errand(
        N_("See why background work failed"),
        N_("Failed jobs"),
        "/jobs/{}",
        Permission.RETRY_JOBS,
    ),
}
