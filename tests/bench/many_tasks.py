"""A hundred thousand sites with all that waits at them, on either database.

Rows go in past every policy, key and trigger: what is asked for is their number, and
that each kind of task finds its own among many that are not.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import psycopg

from compliance.identifiers import OrganisationId, new_ids

Row = Sequence[object]
Fill = Callable[[str, str, Iterable[Row]], None]
ANSWERS, CARD = b"a" * 6_000, b"c" * 5_000  # as long as they usually are
FINDINGS, CLOCKED, CARDS, VISITS, ACTIONS = 0.6, 0.2, 0.5, 0.6, 0.3  # to a site
OPERATED = 0.02  # sites of somebody else that the organisation operates
STATES = ("raised", "accepted", "disputed", "closed")
SEVERITIES = ("critical", "major", "minor")
VISIT_STATES = ("submitted", "planned", "final", "final", "final")
ACTION_STATES = ("proposed", "agreed", "in_progress", "reported_done", "verified")


def fill(url: str, owner_id: OrganisationId, other_id: OrganisationId, n: int) -> None:
    """Give an organisation `n` sites and what waits at them; `url` is a superuser's."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        _fill_all(_into_sqlite(file), owner_id, other_id, n)
        file.commit()
        file.close()
        return
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers
        _fill_all(_into_postgresql(connection), owner_id, other_id, n)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _fill_all(into: Fill, owner: UUID, other: UUID, n: int) -> None:
    now = datetime.now(UTC)
    sites, operated = new_ids(n), new_ids(round(n * OPERATED))
    site = (
        "id kept_id public_id owner_id operator_id kind name name_folded country "
        "commodity state source version registered_at"
    )
    for whose, operator, ids in ((owner, None, sites), (other, owner, operated)):
        into("site", site, (_site(whose, operator, id_, now) for id_ in ids))
        _findings(into, whose, ids, now)
        _visits(into, whose, ids, now)
        _cards(into, whose, ids, now)


def _site(whose: UUID, operator: UUID | None, id_: UUID, now: datetime) -> Row:
    name = f"Finca {id_.hex[-12:]}"
    return (
        *(id_, id_, f"site_{id_.hex}", whose, operator, "producer"),
        *(name, name.lower(), "CO", "coffee", "active", "manual", 1, now),
    )


def _findings(into: Fill, whose: UUID, sites: Sequence[UUID], now: datetime) -> None:
    today, none = now.date(), UUID(int=0)
    findings = new_ids(round(len(sites) * FINDINGS))
    into(
        "finding",
        "id public_id owner_id site_id number rule_id topic severity state raised_at "
        "raised_by observed_on observed_at last_seen_on due_on acknowledge_by refer_by "
        "acknowledged_at closed_on source_kind source first_verdict_id last_verdict_id",
        (
            (
                *(id_, f"F-{id_.hex}", whose, sites[at], 1),
                *("child_labour.minimum_age", "child_labour", SEVERITIES[at % 3]),
                *(STATES[at % 4], now, "key_bench", today, now, today),
                *(_day(today, at), _hour(now, at), _hour(now, at)),
                *(now if at % 10 else None, today if at % 4 == 3 else None),
                *("submission", "submission_bench", none, none),
            )
            for at, id_ in enumerate(findings)
        ),
    )
    clocked = findings[: round(len(sites) * CLOCKED)]
    clock = (
        "id owner_id site_id subject kind started_at due_at known_at round soon_at "
        "last_at escalate_at"
    )
    into(
        "clock",
        clock,
        (
            _clock(whose, sites[at], f"F-{id_.hex}", "referral", _hour(now, at))
            for at, id_ in enumerate(findings[: len(clocked)])
        ),
    )
    actions = new_ids(round(len(sites) * ACTIONS))
    into(
        "corrective_action",
        "id public_id owner_id site_id finding_id number round root_cause action "
        "owner_role due_on first_due_on state proposed_at ended_on extended key_id",
        (
            (
                *(id_, f"action_{id_.hex}", whose, sites[at], findings[at], 1, 0),
                *("unknown", "check_ages", "manager", _day(today, at)),
                *(_day(today, at), ACTION_STATES[at % 5], now),
                *(today if at % 5 == 4 else None, 0, none),
            )
            for at, id_ in enumerate(actions)
        ),
    )
    into(
        "clock",
        clock,
        (
            _clock(whose, sites[at], f"action_{id_.hex}", "verification", now)
            for at, id_ in enumerate(actions)
            if at % 5 == 3
        ),
    )


def _clock(whose: UUID, site: UUID, subject: str, kind: str, due: datetime) -> Row:
    return (*new_ids(1), whose, site, subject, kind, due, due, due, 1, due, due, due)


def _visits(into: Fill, whose: UUID, sites: Sequence[UUID], now: datetime) -> None:
    today, none = now.date(), UUID(int=0)
    count = round(len(sites) * VISITS)
    audits, submissions = new_ids(count), new_ids(count)
    into(
        "audit",
        "id public_id owner_id site_id kind purpose notice fieldwork_from fieldwork_to "
        "status created_at",
        (
            (
                *(id_, f"audit_{id_.hex}", whose, sites[at], "farm_visit", "full"),
                *("announced", _day(today, at), _day(today, at)),
                *(VISIT_STATES[at % 5], now),
            )
            for at, id_ in enumerate(audits)
        ),
    )
    into(
        "audit_reply",
        "id public_id owner_id site_id audit_id audit ordinal kind fieldwork_from "
        "fieldwork_to offered_by offered_at due_at code answered_at",
        (
            (
                *(id_, f"reply_{id_.hex}", whose, sites[at], audits[at], "audit_bench"),
                *(1, "farm_visit", today, today, "key_bench", now),
                now + timedelta(days=at % 30 - 10),
                *(("agrees", now) if at % 3 else (None, None)),
            )
            for at, id_ in enumerate(new_ids(count // 2))
        ),
    )
    checklist = new_ids(2)
    into(
        "checklist",
        "id public_id owner_id form_id created_at",
        [(checklist[0], "visit_" + whose.hex, whose, "visit", now)],
    )
    into(
        "submission",
        "id public_id owner_id checklist_id checklist_version_id instance_id "
        "media_type content sha256 meaning_sha256 observed_on actor received_at",
        (
            (
                *(id_, f"answer_{id_.hex}", whose, *checklist, f"uuid:{id_}"),
                *("application/json", ANSWERS, b"s" * 32, b"m" * 32, today),
                *("key_bench", now),
            )
            for id_ in submissions
        ),
    )
    into(
        "placement",
        "submission_id audit_id actor placed_at",
        (
            (submission, audits[at], "key_bench", now)
            for at, submission in enumerate(submissions)
        ),
    )
    into(
        "assignment",
        "id public_id owner_id site_id person_id due_on assigned_by assigned_at",
        (
            (
                *(id_, f"assign_{id_.hex}", whose, sites[at], none),
                *(_day(today, at), "key_bench", now),
            )
            for at, id_ in enumerate(new_ids(count // 2))
        ),
    )


def _cards(into: Fill, whose: UUID, sites: Sequence[UUID], now: datetime) -> None:
    today = now.date()
    cards = new_ids(round(len(sites) * CARDS))
    into(
        "scorecard",
        "id public_id owner_id site_id version code content sha256 letter score "
        "issued_at valid_until",
        (
            (
                *(id_, f"SC-{id_.hex}", whose, sites[at], 1, id_.hex[-20:], CARD),
                *("0" * 64, "ABCDE"[at % 5], at % 101, now),
                today + timedelta(days=at % 365 - 5),
            )
            for at, id_ in enumerate(cards)
        ),
    )
    into(
        "scorecard_status",
        "id scorecard_id ordinal status reason actor changed_at",
        (
            (
                *(*new_ids(1), id_, 1, "issued" if at % 200 else "suspended"),
                *("issued", "key_bench", now),
            )
            for at, id_ in enumerate(cards)
        ),
    )
    into(
        "scorecard_in_force",
        "site_id scorecard_id",
        ((sites[at], id_) for at, id_ in enumerate(cards)),
    )


def _day(today: date, at: int) -> date:
    return today + timedelta(days=at % 60 - 20)


def _hour(now: datetime, at: int) -> datetime:
    return now + timedelta(hours=at % 240 - 120)


def _into_postgresql(connection: psycopg.Connection[Any]) -> Fill:
    def into(table: str, columns: str, rows: Iterable[Row]) -> None:
        statement = f"COPY {table} ({', '.join(columns.split())}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    return into


def _into_sqlite(connection: sqlite3.Connection) -> Fill:
    def into(table: str, columns: str, rows: Iterable[Row]) -> None:
        names = columns.split()
        places = ", ".join("?" * len(names))
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608 - our own names
            (tuple(map(_kept, row)) for row in rows),
        )

    return into


def _kept(value: object) -> object:
    """Return a value as the product keeps it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date | time) else value
