"""The policy as a page for people: who may do what, and to whose things."""

from collections.abc import Iterable

from compliance.identity.models import Role
from compliance.identity.policy import HOLDERS, POLICY, Line, Relation

OPENING = """# Who may do what

Printed from the policy (`compliance/identity/policy.py`) by `atalaya permissions`; a test holds it. What a line does not reach is
*not found*; what a role may not do is *refused*.

- **own**: kept by the caller's organisation. **operates**: of a site that it runs, and another organisation keeps.
- **shared:risk**, **shared:scorecard**: of a site whose owner or operator gave it a consent that is in force.
- **other**: of anybody else. **anonymous**: nobody is signed in.

## Roles

"""
MIDDLE = "\n## Actions\n\n"
EVERYBODY, NOBODY = "everybody", "–"


def printed_policy() -> str:
    """Return the page, in English and in Markdown."""
    return OPENING + _table(_role_rows()) + MIDDLE + _table(_action_rows())


def _role_rows() -> Iterable[list[str]]:
    yield ["may", *Role]
    for permission, holders in HOLDERS.items():
        yield [permission.value, *("yes" if one in holders else "" for one in Role)]


def _action_rows() -> Iterable[list[str]]:
    yield ["thing", "action", *Relation]
    for line in POLICY:
        yield [line.resource, line.action, *(_cell(line, one) for one in Relation)]


def _cell(line: Line, relation: Relation) -> str:
    if relation is Relation.ANONYMOUS:
        return "anybody" if relation in line.reaches else NOBODY
    roles = line.roles(relation)
    if len(roles) == len(Role):
        return EVERYBODY
    return ", ".join(role for role in Role if role in roles) or NOBODY


def _table(rows: Iterable[list[str]]) -> str:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
