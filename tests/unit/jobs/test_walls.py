"""Jobs behind the walls of PostgreSQL: each sees what its organisation may."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance import jobs, trail
from compliance.database import Database, open_database
from compliance.identity.models import ApiKey, Role
from compliance.identity.scope import scope_of_system
from compliance.jobs import JSON, Doing, TwoSteps, Work, work_off
from compliance.jobs.claiming import Claimed
from compliance.jobs.models import Job
from compliance.jobs.worker import do_some
from tests.conftest import Tenant
from tests.jobs import enqueued, over, workplace

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def walled(database_url: str) -> Iterator[Database]:
    """The database as a server opens it: a transaction sees nothing before it says so."""
    opened = open_database(
        database_url.replace("postgresql://", "postgresql+psycopg://")
    )
    yield opened
    opened.close()


def count_keys(session: Session, _work: Work) -> dict[str, JSON]:
    return {"keys": session.scalar(select(func.count()).select_from(ApiKey))}


def count_in_two_steps(session: Session, work: Work) -> int:
    return int(str(count_keys(session, work)["keys"]))


def told(_session: Session, _work: Work, found: object) -> dict[str, JSON]:
    return {"keys": int(str(found))}


@pytest.mark.usefixtures("stranger")
def test_a_job_sees_the_rows_of_its_organisation_alone(
    walled: Database, database: Database, tenant: Tenant
) -> None:
    handlers: dict[str, Doing] = {
        "one": count_keys,
        "two": TwoSteps(count_in_two_steps, told),
    }
    with database.writing() as session:
        for owner in (tenant.id, None):
            for kind in handlers:
                jobs.enqueue(session, kind=kind, organisation_id=owner, arguments={})

    work_off(workplace(walled, handlers))

    with database.reading() as session:
        results = [str(one) for one in session.scalars(select(Job.result))]
    assert over(database)
    own, everybodys = len(Role), 2 * len(Role)
    assert sorted(results) == sorted(
        f'{{"keys": {count}}}' for count in (own, own, everybodys, everybodys)
    )


def test_the_products_own_job_acts_for_one_organisation_after_another(
    walled: Database, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    made = enqueued(database, "note", 3)

    def note(session: Session, work: Work) -> None:
        for owner in (tenant, stranger):
            scope = scope_of_system(session, owner.id)
            trail.record(
                session,
                organisation_id=owner.id,
                actor=scope.actor,
                action="noted",
                subject_id=work.job,
            )

    place = workplace(walled, {"note": note})
    left: Sequence[Claimed] = place.claim(3)
    while left:
        left = left[do_some(place, left) :]

    with database.reading() as session:
        noted = session.scalars(
            select(trail.TrailEntry.subject_id).where(
                trail.TrailEntry.subject_id.in_(made)
            )
        ).all()
    assert over(database)
    assert sorted(noted) == sorted(made * 2)


def test_a_request_may_ask_for_work_of_the_product_itself(
    walled: Database, database: Database, tenant: Tenant
) -> None:
    with walled.writing() as session:
        scope_of_system(session, tenant.id)
        made = [
            jobs.enqueue(
                session,
                kind="note",
                organisation_id=None,
                arguments={},
                dedup_key="once",
            )
            for _ in range(2)
        ]

    assert made[0] is not None
    assert made[1] is None
    assert not over(database)
