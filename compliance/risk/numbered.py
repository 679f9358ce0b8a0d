"""Which of the caller's own sites goes by a number, whatever register gave it."""

import uuid

from sqlalchemy.orm import Session

from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.risk.naming import Name, wanted_of
from compliance.risk.queries import BY_ID, BY_OWN_NUMBER
from compliance.texts import DEFAULT_LANGUAGE


def sites_numbered(session: Session, scope: Scope, text: str) -> frozenset[uuid.UUID]:
    """Return the keys of the sites that an id or a number means; of none, nothing.

    A public id may be of anybody's site: whoever narrows a list by it sees their own.
    """
    scope.require(Permission.READ_REGISTER)
    wanted = wanted_of([Name(text)], DEFAULT_LANGUAGE)
    if wanted.ids:
        named = session.execute(BY_ID, {"ids": list(wanted.ids)})
        return frozenset(kept_id for _, kept_id in named)
    asked = {
        "organisation_id": scope.organisation_id,
        "schemes": sorted(wanted.schemes),
        "numbers": list(wanted.numbers),
    }
    found = session.execute(BY_OWN_NUMBER, asked)
    return frozenset(kept_id for _, _, kept_id in found)
