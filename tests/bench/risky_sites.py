"""Five thousand sites whose risk is known, for a bench that asks for all of them."""

from typing import Any

import orjson
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identifiers import OrganisationId, new_ids, new_public_id
from compliance.registry.folding import folded
from compliance.registry.models import IdentifierScheme, Site, SiteIdentifier
from compliance.risk.models import SiteRisk

LEVELS = (("high", "medium"), ("medium", "high"), ("low", "high"), ("unknown", "none"))
REASONS = [
    {
        "code": "goods_child_labour",
        "params": {
            "points": 20,
            "country": "CO",
            "commodity": "coffee",
            "edition": 2024,
        },
    },
    {"code": "temporary_workers_many", "params": {"points": 10, "season": "2026-main"}},
    {"code": "broker_engaged", "params": {"points": 5, "season": "2026-main"}},
]
GAPS = [
    {
        "code": "not_visited_this_harvest",
        "params": {"last_harvest_visit_on": "2025-11-03"},
    },
    {"code": "no_off_site_interviews", "params": {}},
]
FACTORS = [
    {"code": code, "share": 60, "weight": 10, "params": params}
    for code, params in (
        ("coverage", {"topics": 6, "of": 8}),
        ("season", {"season": "outside_harvest"}),
        ("notice", {"notice": "announced"}),
        ("interviews", {"held": 4, "planned": 6, "off_site": False}),
        ("payer", {"payer": "site"}),
    )
]


def document(number: int) -> bytes:
    """Return what an assessment of a usual farm is: three kilobytes less or more."""
    level, word = LEVELS[number % 4]
    counted = {"code": "open_major", "params": {"points": 12, "count": number % 3 + 1}}
    return orjson.dumps(
        {
            "level": level,
            "decided_by": {"code": "score", "params": {}},
            "score": number % 101,
            "confidence": 60,
            "confidence_word": word,
            "parts": {
                "inherent": {"score": 35, "reasons": REASONS},
                "management": {
                    "score": 20,
                    "reasons": [
                        {
                            "code": "management_rules",
                            "params": {"points": 20}
                            | {"met": 3, "not_met": 1, "undetermined": number % 7},
                        }
                    ],
                },
                "outcome": {"score": 24, "reasons": [counted]},
            },
            "confidence_factors": FACTORS,
            "gaps": GAPS,
            "upstream": None,
            "policy_from": "2026-01-01",
            "computed_on": "2026-11-22",
        }
    )


def register_at_risk(
    session: Session, owner_id: OrganisationId, count: int
) -> list[str]:
    """Register farms with a number and a known risk each, and return their ids."""
    now = clock.now()
    ids, numbers = new_ids(count), new_ids(count)
    public_ids = [new_public_id("site") for _ in ids]
    _add(
        session,
        Site,
        [
            {
                "id": id_,
                "kept_id": id_,
                "public_id": public_ids[place],
                "owner_id": owner_id,
                "kind": "producer",
                "name": f"Vereda {place}",
                "name_folded": folded(f"Vereda {place}"),
                "country": "CO",
                "commodity": "coffee",
                "state": "active",
                "source": "manual",
                "version": 1,
                "registered_at": now,
            }
            for place, id_ in enumerate(ids)
        ],
    )
    _add(
        session,
        SiteIdentifier,
        [
            {
                "id": numbers[place],
                "owner_id": owner_id,
                "site_id": id_,
                "scheme": IdentifierScheme.OWN_NUMBER.value,
                "value": f"R-{place:05}",
            }
            for place, id_ in enumerate(ids)
        ],
    )
    _add(
        session,
        SiteRisk,
        [
            {
                "site_id": id_,
                "owner_id": owner_id,
                "level": LEVELS[place % 4][0],
                "score": place % 101,
                "confidence": 60,
                "confidence_word": LEVELS[place % 4][1],
                "open_zero_tolerance": 0,
                "open_critical": 0,
                "open_major": place % 3 + 1,
                "open_minor": 0,
                "document": document(place),
                "assessed_at": now,
            }
            for place, id_ in enumerate(ids)
        ],
    )
    return public_ids


def _add(session: Session, kind: Any, rows: list[dict[str, Any]]) -> None:
    table: Table = kind.__table__
    session.execute(insert(table), rows)
