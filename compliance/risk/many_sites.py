"""How PostgreSQL reads the whole portfolio of an organisation that has very many sites.

It takes each clause of row-level security to be dear, and so holds a look at the risk of
each site on its own to be no worse than to read both tables side by side: for 100,000
sites that takes twice as long. How many sites there are is counted first, up to what
tells the two apart, because side by side is the wrong way for an organisation of few
sites among the many of others. What a filter on the sites leaves few of is looked up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import CALLER
from compliance.risk.narrowing import Asked

MANY = 5_000
COUNTED = select(func.count()).select_from(
    select(Site.id).where(Site.owner_id == CALLER).limit(bindparam("many")).subquery()
)
SIDE_BY_SIDE = text("SET LOCAL enable_nestloop TO off")
IN_MEMORY = text("SET LOCAL work_mem TO '32MB'")
AS_BEFORE = (
    text("SET LOCAL enable_nestloop TO DEFAULT"),
    text("SET LOCAL work_mem TO DEFAULT"),
)


@contextmanager
def side_by_side(session: Session, scope: Scope, way: Asked) -> Iterator[None]:
    """Have whole tables joined while the context lasts, where very many sites are read.

    A statement that fails leaves the setting to the end of its transaction.
    """
    if not (way.reads_most and _has_many(session, scope)):
        yield
        return
    session.execute(SIDE_BY_SIDE)
    session.execute(IN_MEMORY)
    yield
    for statement in AS_BEFORE:
        session.execute(statement)


def _has_many(session: Session, scope: Scope) -> bool:
    if session.get_bind().dialect.name != "postgresql":
        return False
    asked = {"organisation_id": scope.organisation_id, "many": MANY}
    return session.scalar(COUNTED, asked) == MANY
