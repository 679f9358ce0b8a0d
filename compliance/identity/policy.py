"""Who may do what to which thing: one table, read by the code, the tests and the page.

`HOLDERS` says which roles hold a permission. `POLICY` says, for every action, which
permissions it asks for and how far it reaches: to one's own things, to those of a site
one operates, to those another organisation shares, or to anybody. What a line does not
reach is not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.identity.models import Role
from compliance.texts import N_


class Permission(StrEnum):
    READ_REGISTER = N_("read the register")
    CHANGE_REGISTER = N_("change the register")
    READ_CHECKLISTS = N_("read checklists")
    CHANGE_CHECKLISTS = N_("change checklists")
    SUBMIT_VISITS = N_("submit visits")
    READ_VISITS = N_("read visits")
    SUPERVISE_VISITS = N_("supervise visits")
    MANAGE_FIELDWORK = N_("manage fieldwork")
    READ_FINDINGS = N_("read findings")
    DECIDE_FINDINGS = N_("decide on findings")
    ANSWER_FINDINGS = N_("answer findings")
    COMMIT = N_("make and answer commitments")
    READ_STATEMENTS = N_("read what people wrote and gave as proof")
    READ_CASE_WORDS = N_("read how far a protected case is")
    OPEN_CASES = N_("open protected cases")
    READ_RISK = N_("read the risk of sites")
    READ_SCORECARDS = N_("read scorecards")
    ISSUE_SCORECARDS = N_("issue scorecards")
    KEEP_LISTS = N_("keep public lists")
    DECIDE_MATCHES = N_("decide on matches with public lists")
    READ_TRAIL = N_("read the trail")
    MANAGE_PEOPLE = N_("manage people")
    MANAGE_KEYS = N_("manage keys")
    SHARE = N_("share sites with other organisations")
    PUBLISH_RULES = N_("publish rules")
    SET_POLICIES = N_("set policies")
    READ_ALERTS = N_("read alerts")
    MANAGE_ALERTS = N_("say where alerts are sent")
    READ_JOBS = N_("see jobs")
    RETRY_JOBS = N_("have failed jobs tried again")


class Relation(StrEnum):
    """How a caller stands to a thing; `other` and `anonymous` are nearly nothing."""

    OWN = "own"
    OPERATES = "operates"
    SHARED_RISK = "shared:risk"
    SHARED_SCORECARD = "shared:scorecard"
    OTHER = "other"
    ANONYMOUS = "anonymous"


class Resource(StrEnum):
    SITE = "site"
    LAND_AND_PEOPLE = "land and people of a site"
    REGISTER = "rest of the register"
    CHECKLIST = "checklist"
    VISIT = "visit"
    DEVICE = "device"
    ASSIGNMENT = "assignment"
    DRAW = "draw"
    REPLY = "right of reply"
    QUALIFICATION = "qualification"
    VERDICT = "verdict"
    FINDING = "finding"
    REMEDY = "remedy"
    COMMITMENT = "commitment"
    PLAN = "plan of a site"
    CORRECTIVE_ACTION = "corrective action"
    STATEMENT = "statement or proof"
    CASE_MARK = "reference of a protected case"
    RISK = "risk of a site"
    SCORECARD = "scorecard"
    PUBLIC_LIST = "public list"
    LIST_MATCH = "match with a public list"
    EXCLUSION = "exclusion by a public list"
    CARD_ANSWER = "answer to a scorecard"
    CONSENT = "consent"
    REQUEST = "request for consent"
    TRAIL = "trail"
    PERSON = "person"
    KEY = "key"
    EDITION = "edition"
    POLICY = "policy"
    ALERT = "alert"
    RECEIVER = "receiver of alerts"
    JOB = "job"
    ACCOUNT = "one's own account"
    PAGE = "page of one's own sites"
    NOTICE = "public notice"


class Action(StrEnum):
    READ = "read"
    CHANGE = "change"
    SUBMIT = "submit"
    SUPERVISE = "supervise"
    EXPLAIN = "explain"
    ANSWER = "answer"
    DECIDE = "decide"
    ISSUE = "issue"
    GIVE = "give"
    TAKE_BACK = "take back"
    SEND = "send"
    MANAGE = "manage"
    PUBLISH = "publish"
    IMPORT = "import"


EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
IN_THE_FIELD = ADMINISTRATOR | {Role.AUDITOR}
REVIEWING = ADMINISTRATOR | {Role.REVIEWER}
MANAGING = ADMINISTRATOR | {Role.MANAGER}

HOLDERS: Mapping[Permission, frozenset[Role]] = {
    Permission.READ_REGISTER: EVERYBODY,
    Permission.CHANGE_REGISTER: ADMINISTRATOR,
    Permission.READ_CHECKLISTS: EVERYBODY,
    Permission.CHANGE_CHECKLISTS: ADMINISTRATOR,
    Permission.SUBMIT_VISITS: IN_THE_FIELD,
    Permission.READ_VISITS: IN_THE_FIELD | REVIEWING,
    Permission.SUPERVISE_VISITS: REVIEWING,
    Permission.MANAGE_FIELDWORK: REVIEWING,
    Permission.READ_FINDINGS: EVERYBODY,
    Permission.DECIDE_FINDINGS: REVIEWING,
    Permission.ANSWER_FINDINGS: MANAGING,
    Permission.COMMIT: MANAGING,
    Permission.READ_STATEMENTS: REVIEWING | MANAGING,
    # Who answers for the site does not learn that a case about somebody there exists.
    Permission.READ_CASE_WORDS: EVERYBODY - {Role.MANAGER},
    Permission.OPEN_CASES: REVIEWING,
    Permission.READ_RISK: EVERYBODY,
    Permission.READ_SCORECARDS: EVERYBODY,
    Permission.ISSUE_SCORECARDS: REVIEWING,
    Permission.KEEP_LISTS: ADMINISTRATOR,
    Permission.DECIDE_MATCHES: REVIEWING,
    Permission.READ_TRAIL: ADMINISTRATOR,
    Permission.MANAGE_PEOPLE: ADMINISTRATOR,
    Permission.MANAGE_KEYS: ADMINISTRATOR,
    Permission.SHARE: MANAGING,
    Permission.PUBLISH_RULES: ADMINISTRATOR,
    Permission.SET_POLICIES: ADMINISTRATOR,
    Permission.READ_ALERTS: EVERYBODY,
    Permission.MANAGE_ALERTS: ADMINISTRATOR,
    Permission.READ_JOBS: EVERYBODY,
    Permission.RETRY_JOBS: ADMINISTRATOR,
}

OWN = frozenset({Relation.OWN})
OPERATED = OWN | {Relation.OPERATES}
SHARED = frozenset({Relation.SHARED_RISK, Relation.SHARED_SCORECARD})
ANYBODY = frozenset(Relation)
SIGNED_IN = ANYBODY - {Relation.ANONYMOUS}


@dataclass(frozen=True)
class Line:
    """One action: what it asks of a role, and which things it reaches."""

    resource: Resource
    action: Action
    needs: frozenset[Permission]
    reaches: frozenset[Relation]

    def roles(self, relation: Relation) -> frozenset[Role]:
        """Return the roles that may do it to a thing they stand in `relation` to."""
        if relation not in self.reaches:
            return frozenset()
        return frozenset(
            role for role in Role if all(role in HOLDERS[one] for one in self.needs)
        )


def _line(
    resource: Resource,
    action: Action,
    *needs: Permission,
    reaches: frozenset[Relation] = OWN,
) -> Line:
    return Line(resource, action, frozenset(needs), reaches)


POLICY: tuple[Line, ...] = (
    _line(
        Resource.SITE,
        Action.READ,
        Permission.READ_REGISTER,
        reaches=OPERATED | SHARED,
    ),
    _line(Resource.SITE, Action.CHANGE, Permission.CHANGE_REGISTER),
    _line(
        Resource.LAND_AND_PEOPLE,
        Action.READ,
        Permission.READ_REGISTER,
        reaches=OPERATED,
    ),
    _line(Resource.LAND_AND_PEOPLE, Action.CHANGE, Permission.CHANGE_REGISTER),
    _line(Resource.REGISTER, Action.READ, Permission.READ_REGISTER),
    _line(Resource.REGISTER, Action.CHANGE, Permission.CHANGE_REGISTER),
    _line(Resource.CHECKLIST, Action.READ, Permission.READ_CHECKLISTS),
    _line(Resource.CHECKLIST, Action.CHANGE, Permission.CHANGE_CHECKLISTS),
    _line(Resource.VISIT, Action.SUBMIT, Permission.SUBMIT_VISITS),
    _line(Resource.VISIT, Action.READ, Permission.READ_VISITS),
    _line(Resource.VISIT, Action.SUPERVISE, Permission.SUPERVISE_VISITS),
    _line(
        Resource.VISIT,
        Action.IMPORT,
        Permission.SUBMIT_VISITS,
        Permission.SUPERVISE_VISITS,
    ),
    _line(Resource.REPLY, Action.READ, Permission.READ_FINDINGS, reaches=OPERATED),
    _line(Resource.REPLY, Action.ANSWER, Permission.ANSWER_FINDINGS, reaches=OPERATED),
    _line(Resource.QUALIFICATION, Action.READ, Permission.MANAGE_FIELDWORK),
    _line(Resource.QUALIFICATION, Action.MANAGE, Permission.MANAGE_FIELDWORK),
    _line(Resource.DEVICE, Action.READ, Permission.MANAGE_FIELDWORK),
    _line(
        # A device may do what an auditor may, so only who may that can let one in.
        Resource.DEVICE,
        Action.MANAGE,
        Permission.MANAGE_FIELDWORK,
        Permission.SUBMIT_VISITS,
    ),
    _line(Resource.DEVICE, Action.TAKE_BACK, Permission.MANAGE_FIELDWORK),
    _line(Resource.ASSIGNMENT, Action.READ, Permission.SUBMIT_VISITS),
    _line(Resource.ASSIGNMENT, Action.MANAGE, Permission.MANAGE_FIELDWORK),
    # Who is to be visited is known to those who plan it, and never to the mill.
    _line(Resource.DRAW, Action.MANAGE, Permission.MANAGE_FIELDWORK),
    _line(
        Resource.DRAW,
        Action.SUBMIT,
        Permission.MANAGE_FIELDWORK,
        Permission.SUBMIT_VISITS,
    ),
    _line(
        Resource.VERDICT,
        Action.EXPLAIN,
        Permission.READ_VISITS,
        Permission.READ_FINDINGS,
    ),
    _line(Resource.FINDING, Action.READ, Permission.READ_FINDINGS, reaches=OPERATED),
    _line(
        Resource.FINDING, Action.ANSWER, Permission.ANSWER_FINDINGS, reaches=OPERATED
    ),
    _line(Resource.FINDING, Action.DECIDE, Permission.DECIDE_FINDINGS),
    _line(Resource.REMEDY, Action.READ, Permission.READ_FINDINGS, reaches=OPERATED),
    _line(Resource.REMEDY, Action.ANSWER, Permission.ANSWER_FINDINGS, reaches=OPERATED),
    _line(Resource.REMEDY, Action.DECIDE, Permission.DECIDE_FINDINGS),
    # Who made a commitment reads it too, however it stands to the site by then.
    _line(Resource.COMMITMENT, Action.READ, Permission.READ_REGISTER, reaches=OPERATED),
    _line(Resource.COMMITMENT, Action.GIVE, Permission.COMMIT, reaches=SHARED),
    _line(Resource.COMMITMENT, Action.ANSWER, Permission.COMMIT, reaches=OPERATED),
    _line(
        Resource.PLAN,
        Action.READ,
        Permission.READ_REGISTER,
        Permission.READ_FINDINGS,
        reaches=OPERATED,
    ),
    _line(
        Resource.CORRECTIVE_ACTION,
        Action.READ,
        Permission.READ_FINDINGS,
        reaches=OPERATED,
    ),
    _line(
        Resource.CORRECTIVE_ACTION,
        Action.ANSWER,
        Permission.ANSWER_FINDINGS,
        reaches=OPERATED,
    ),
    _line(Resource.CORRECTIVE_ACTION, Action.DECIDE, Permission.DECIDE_FINDINGS),
    _line(
        Resource.CASE_MARK,
        Action.READ,
        Permission.READ_FINDINGS,
        Permission.READ_CASE_WORDS,
    ),
    _line(Resource.CASE_MARK, Action.MANAGE, Permission.OPEN_CASES),
    _line(
        Resource.STATEMENT,
        Action.READ,
        Permission.READ_STATEMENTS,
        reaches=OPERATED,
    ),
    _line(
        Resource.RISK,
        Action.READ,
        Permission.READ_RISK,
        reaches=OPERATED | {Relation.SHARED_RISK},
    ),
    _line(
        Resource.SCORECARD,
        Action.READ,
        Permission.READ_SCORECARDS,
        reaches=OPERATED | {Relation.SHARED_SCORECARD},
    ),
    _line(Resource.SCORECARD, Action.ISSUE, Permission.ISSUE_SCORECARDS),
    _line(Resource.PUBLIC_LIST, Action.READ, Permission.READ_REGISTER),
    _line(Resource.PUBLIC_LIST, Action.IMPORT, Permission.KEEP_LISTS),
    _line(Resource.LIST_MATCH, Action.READ, Permission.READ_REGISTER),
    _line(Resource.LIST_MATCH, Action.DECIDE, Permission.DECIDE_MATCHES),
    _line(Resource.EXCLUSION, Action.READ, Permission.READ_REGISTER),
    _line(
        Resource.EXCLUSION,
        Action.DECIDE,
        Permission.DECIDE_MATCHES,
        Permission.ISSUE_SCORECARDS,
    ),
    _line(
        Resource.CARD_ANSWER,
        Action.READ,
        Permission.READ_SCORECARDS,
        reaches=OPERATED | {Relation.SHARED_SCORECARD},
    ),
    _line(
        Resource.CARD_ANSWER,
        Action.ANSWER,
        Permission.READ_SCORECARDS,
        Permission.ANSWER_FINDINGS,
        reaches=OPERATED,
    ),
    _line(
        Resource.CONSENT, Action.READ, Permission.READ_REGISTER, reaches=OWN | SHARED
    ),
    _line(Resource.CONSENT, Action.GIVE, Permission.SHARE, reaches=OPERATED),
    _line(Resource.CONSENT, Action.TAKE_BACK, Permission.SHARE),
    _line(Resource.REQUEST, Action.READ, Permission.READ_REGISTER),
    _line(Resource.REQUEST, Action.SEND, Permission.SHARE, reaches=SIGNED_IN - OWN),
    _line(Resource.REQUEST, Action.ANSWER, Permission.SHARE),
    _line(Resource.TRAIL, Action.READ, Permission.READ_TRAIL),
    _line(Resource.PERSON, Action.MANAGE, Permission.MANAGE_PEOPLE),
    _line(Resource.KEY, Action.MANAGE, Permission.MANAGE_KEYS),
    _line(Resource.EDITION, Action.READ, reaches=SIGNED_IN),
    _line(Resource.EDITION, Action.PUBLISH, Permission.PUBLISH_RULES),
    _line(Resource.POLICY, Action.READ, Permission.READ_REGISTER),
    _line(Resource.POLICY, Action.CHANGE, Permission.SET_POLICIES),
    _line(Resource.ALERT, Action.READ, Permission.READ_ALERTS),
    _line(Resource.ALERT, Action.CHANGE, Permission.READ_ALERTS),
    _line(Resource.RECEIVER, Action.MANAGE, Permission.MANAGE_ALERTS),
    _line(Resource.JOB, Action.READ, Permission.READ_JOBS),
    _line(Resource.JOB, Action.CHANGE, Permission.RETRY_JOBS),
    _line(Resource.ACCOUNT, Action.CHANGE, reaches=SIGNED_IN),
    _line(Resource.PAGE, Action.READ, Permission.READ_REGISTER),
    _line(Resource.NOTICE, Action.READ, reaches=ANYBODY),
)

LINES: Mapping[tuple[Resource, Action], Line] = {
    (line.resource, line.action): line for line in POLICY
}


def reach(resource: Resource, action: Action) -> frozenset[Relation]:
    """Return how the caller may stand to what it does `action` to."""
    return LINES[resource, action].reaches
