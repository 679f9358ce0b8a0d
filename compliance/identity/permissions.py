"""Who may do what: one table, read by the code and by the tests alike."""

from enum import StrEnum

from compliance.identity.models import Role
from compliance.problems import Kind, Problem
from compliance.texts import N_


class Permission(StrEnum):
    READ_REGISTER = "read the register"
    CHANGE_REGISTER = "change the register"
    READ_CHECKLISTS = "read checklists"
    CHANGE_CHECKLISTS = "change checklists"
    SUBMIT_VISITS = "submit visits"
    READ_VISITS = "read visits"
    SUPERVISE_VISITS = "supervise visits"
    READ_FINDINGS = "read findings"
    DECIDE_FINDINGS = "decide on findings"
    ANSWER_FINDINGS = "answer findings"
    READ_SCORECARDS = "read scorecards"
    ISSUE_SCORECARDS = "issue scorecards"
    READ_TRAIL = "read the trail"


READ = frozenset(
    {
        Permission.READ_REGISTER,
        Permission.READ_CHECKLISTS,
        Permission.READ_SCORECARDS,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.AUDITOR: READ
    | {Permission.SUBMIT_VISITS, Permission.READ_VISITS, Permission.READ_FINDINGS},
    Role.REVIEWER: READ
    | {
        Permission.READ_VISITS,
        Permission.SUPERVISE_VISITS,
        Permission.READ_FINDINGS,
        Permission.DECIDE_FINDINGS,
        Permission.ISSUE_SCORECARDS,
    },
    Role.MANAGER: READ | {Permission.READ_FINDINGS, Permission.ANSWER_FINDINGS},
    Role.ANALYST: READ | {Permission.READ_FINDINGS},
}


class NotAllowed(Problem):
    """The caller's role does not reach this far."""

    kind = Kind.FORBIDDEN
    title = N_("Your role does not allow this")
    detail = N_(
        "The role {role} may not {permission}. Roles that may: {roles}. Ask an "
        "administrator of your organisation."
    )


def roles_that_may(permission: Permission) -> tuple[Role, ...]:
    """Return the roles that hold `permission`, in the order of the enum."""
    return tuple(role for role in Role if permission in PERMISSIONS[role])
