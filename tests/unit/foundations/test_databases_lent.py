"""The tests' own databases come back as migrations leave them."""

import psycopg

from tests import postgres


def test_a_database_is_swept_and_lent_again(databases: postgres.Databases) -> None:
    with databases.lent() as first, psycopg.connect(first) as used:
        used.execute("SET app.system = 'yes'")
        used.execute("CREATE TEMPORARY TABLE passing (number integer)")
        used.execute(
            "INSERT INTO organisation (id, public_id, kind, name, country, created_at) "
            "VALUES (gen_random_uuid(), 'org_x', 'exporter', 'Puerto', 'CO', now())"
        )
        used.commit()

    with databases.lent() as second, psycopg.connect(second) as again:
        again.execute("SET app.system = 'yes'")
        left = again.execute("SELECT count(*) FROM organisation").fetchone()

    assert second == first
    assert left == (0,)


def test_a_database_whose_schema_was_changed_is_not_lent_again(
    databases: postgres.Databases,
) -> None:
    with databases.lent() as first, psycopg.connect(first) as used:
        used.execute("ALTER TABLE trail DISABLE TRIGGER USER")
        used.commit()

    with databases.lent() as second:
        pass

    assert second != first
