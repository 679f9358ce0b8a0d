"""What each role may do, read off the policy, and the problem of a role that may not."""

from compliance.identity.models import Role
from compliance.identity.policy import HOLDERS, Permission
from compliance.problems import Kind, Problem
from compliance.texts import N_

__all__ = ["PERMISSIONS", "NotAllowed", "Permission", "roles_that_may"]

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset(one for one, holders in HOLDERS.items() if role in holders)
    for role in Role
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
    return tuple(role for role in Role if role in HOLDERS[permission])
