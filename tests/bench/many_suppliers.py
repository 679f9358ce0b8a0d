"""A hundred thousand suppliers with a known risk, a point and a history, on PostgreSQL."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg

from compliance import clock
from compliance.identifiers import OrganisationId, new_ids, new_public_id
from compliance.registry.folding import folded
from tests.bench.risky_sites import LEVELS, document

FARMS = ("Recuerdo", "Mirador", "Porvenir", "Peñón", "Diviso", "Guayabal", "Esperanza")
PLACES = ("Alto", "Bajo", "Nuevo", "Viejo", "Hondo", "Claro")
REGIONS = ("Tolima", "Huila", "Cauca", "Nariño", "Antioquia")
UNASSESSED = 10  # one of so many was never assessed
DOCUMENTS = 84  # kinds of documents; each is made once


def register_many(url: str, owner_id: OrganisationId, count: int) -> list[str]:
    """Register suppliers past every policy, and return their ids; `url` is a superuser's."""
    ids, public_ids = new_ids(count), [new_public_id("site") for _ in range(count)]
    kept = [document(number) for number in range(DOCUMENTS)]
    now = clock.now()
    with psycopg.connect(url) as connection:
        _copy(
            connection,
            "site",
            "id kept_id public_id owner_id kind name name_folded country admin1 "
            "municipality commodity latitude_microdegrees longitude_microdegrees state "
            "source version registered_at",
            (
                (
                    ids[at],
                    ids[at],
                    public_ids[at],
                    owner_id,
                    "mill" if at % 200 == 0 else "producer",
                    *_named(at),
                    "active",
                    "manual",
                    1,
                    now,
                )
                for at in range(count)
            ),
        )
        assessed = [at for at in range(count) if at % UNASSESSED]
        _copy(
            connection,
            "site_risk",
            "site_id owner_id level score confidence confidence_word "
            "open_zero_tolerance open_critical open_major open_minor last_visit_on "
            "document assessed_at",
            (
                (
                    ids[at],
                    owner_id,
                    LEVELS[at % 4][0],
                    at % 101,
                    60,
                    LEVELS[at % 4][1],
                    int(at % 50 == 0),
                    int(at % 20 == 0),
                    at % 3,
                    at % 2,
                    _visited(at),
                    kept[at % DOCUMENTS],
                    now,
                )
                for at in assessed
            ),
        )
        changes = new_ids(2 * len(assessed))
        _copy(
            connection,
            "site_risk_change",
            "id owner_id site_id level score confidence confidence_word document "
            "changed_at",
            (
                (
                    changes[2 * place + turn],
                    owner_id,
                    ids[at],
                    LEVELS[at % 4][0],
                    (at + 30 * (1 - turn)) % 101,
                    60,
                    LEVELS[at % 4][1],
                    b"{}",
                    now - timedelta(days=200 * (1 - turn) + 1),
                )
                for place, at in enumerate(assessed)
                for turn in range(2)
            ),
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE site, site_risk, site_risk_change")
    return public_ids


def _named(at: int) -> tuple[object, ...]:
    name = f"Finca {FARMS[at % 7]} {PLACES[at % 6]} {at}"
    turn, spread = at * 2.399963, math.sqrt(at % 1_000 / 1_000)
    region = at % len(REGIONS)
    return (
        name,
        folded(name),
        "EC" if at % 8 == 0 else "CO",
        REGIONS[region],
        f"Municipio {at % 120}",
        "palm_oil" if at % 8 == 0 else "coffee",
        round(1e6 * (1.5 + 1.3 * region + spread * math.sin(turn))),
        round(1e6 * (-77 + 0.7 * region + spread * math.cos(turn))),
    )


def _visited(at: int) -> date | None:
    return None if at % 3 == 0 else date(2026, 11, 1) - timedelta(days=at % 900)


def _copy(
    connection: psycopg.Connection[Any],
    table: str,
    columns: str,
    rows: Iterable[Sequence[object]],
) -> None:
    names: Iterator[str] = iter(columns.split())
    statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
