"""What may be given away: a role or scopes, never more than the giver has.

A scope of OAuth 2 (RFC 6749, 3.3) is the name of a permission, such as
`read_register`. What a credential may do is what its role holds, and of that only what
its scopes name.
"""

from collections.abc import Mapping, Set

from compliance.identity.models import Role
from compliance.identity.permissions import PERMISSIONS, Permission
from compliance.problems import Kind, Problem
from compliance.texts import N_

SCOPES: Mapping[str, Permission] = {one.name.lower(): one for one in Permission}


class MoreThanYouHave(Problem):
    """Somebody tried to give a role, or scopes, beyond their own."""

    kind = Kind.FORBIDDEN
    title = N_("You cannot give more than you have")
    detail = N_(
        "The role {role} may do what you may not yourself: {beyond}. Choose a role "
        "within your own, or ask somebody who has more."
    )


def permissions_named(scopes: str) -> frozenset[Permission]:
    """Return the permissions that scopes name; a word that names none gives none."""
    return frozenset(SCOPES[word] for word in scopes.split(" ") if word in SCOPES)


def written(permissions: Set[Permission]) -> str:
    """Return permissions as scopes are written: names parted by spaces, sorted."""
    return " ".join(sorted(one.name.lower() for one in permissions))


def reach(
    role: Role, scopes: frozenset[Permission] | None = None
) -> frozenset[Permission]:
    """Return all that a credential of `role`, made for `scopes`, could do."""
    held = PERMISSIONS[role]
    return held if scopes is None else held & scopes


def require_within(
    own: frozenset[Permission],
    role: Role,
    scopes: frozenset[Permission] | None = None,
) -> None:
    """Go on only where `own` holds all that the role with those scopes could do."""
    beyond = reach(role, scopes) - own
    if beyond:
        raise MoreThanYouHave(role=role, beyond=written(beyond))
