"""Who may do what: one table, read by the code and by the tests alike."""

from enum import StrEnum

from compliance.identity.models import Role
from compliance.problems import Kind, Problem
from compliance.texts import N_


class Permission(StrEnum):
    READ_REGISTER = N_("read the register")
    CHANGE_REGISTER = N_("change the register")
    READ_CHECKLISTS = N_("read checklists")
    CHANGE_CHECKLISTS = N_("change checklists")
    SUBMIT_VISITS = N_("submit visits")
    READ_VISITS = N_("read visits")
    SUPERVISE_VISITS = N_("supervise visits")
    READ_FINDINGS = N_("read findings")
    DECIDE_FINDINGS = N_("decide on findings")
    ANSWER_FINDINGS = N_("answer findings")
    READ_SCORECARDS = N_("read scorecards")
    ISSUE_SCORECARDS = N_("issue scorecards")
    READ_TRAIL = N_("read the trail")


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
