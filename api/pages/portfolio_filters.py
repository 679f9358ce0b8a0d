"""By what the pages of the portfolio are narrowed, as it stands in their address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from api.pages.tables import FilterUnknown, chosen, day_chosen, words_chosen
from compliance.identity.policy import Relation
from compliance.registry.models import SiteState
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.narrowing import EVERY_WAY, Narrowing
from compliance.risk.portfolio import RiskOrder
from rules import Severity
from rules.vocabulary import Commodity, SiteKind

WORDS_LONGEST = 100
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
# The names of the filters, as the interface at /v1/risk has them too.
NAMES = (
    "level",
    "confidence",
    "kind",
    "country",
    "admin1",
    "municipality",
    "commodity",
    "state",
    "relation",
    "has_open",
    "visited_before",
    "name",
)


@dataclass(frozen=True)
class Narrowed:
    """What a reader chose: how the portfolio is narrowed, and in what order it is told."""

    seen_as: Relation | None
    has_open: Severity | None
    order: RiskOrder
    wanted: Mapping[str, Narrowing]
    given: Mapping[str, str]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.given)

    def value(self, name: str) -> str:
        """Return what stands in the field of a filter."""
        return self.given.get(name, "")

    def query(self) -> str:
        """Return the filters as an address has them, the order among them."""
        sort = {} if self.order is STANDARD else {"sort": self.order.value}
        return urlencode({**self.given, **sort})


STANDARD = RiskOrder.WORST


def narrowed_by(request: Request) -> Narrowed:
    """Return what the address narrows the portfolio by; raise FilterUnknown."""
    wanted: dict[str, Narrowing] = {
        "level": chosen(request, "level", RiskLevel),
        "confidence": chosen(request, "confidence", ConfidenceWord),
        "kind": chosen(request, "kind", SiteKind),
        "commodity": chosen(request, "commodity", Commodity),
        "state": chosen(request, "state", SiteState),
        "visited_before": day_chosen(request, "visited_before"),
    }
    for name in ("admin1", "municipality", "name"):
        wanted[name] = _short(request, name)
    wanted["country"] = _country(request)
    given = {name: words_chosen(request, name) for name in NAMES}
    return Narrowed(
        seen_as=_way(request),
        has_open=chosen(request, "has_open", Severity),
        order=chosen(request, "sort", RiskOrder) or STANDARD,
        wanted=wanted,
        given={name: value for name, value in given.items() if value is not None},
    )


def _short(request: Request, name: str) -> str | None:
    text = words_chosen(request, name)
    if text is not None and len(text) > WORDS_LONGEST:
        raise FilterUnknown(
            filter=name, given=f"{text[:40]}…", choices=f"≤ {WORDS_LONGEST}"
        )
    return text


def _country(request: Request) -> str | None:
    text = words_chosen(request, "country")
    if text is not None and COUNTRY.fullmatch(text) is None:
        raise FilterUnknown(filter="country", given=text[:40], choices="CO, EC, PE, …")
    return text


def _way(request: Request) -> Relation | None:
    way = chosen(request, "relation", Relation)
    if way is not None and way not in EVERY_WAY:
        raise FilterUnknown(
            filter="relation", given=way.value, choices=", ".join(sorted(EVERY_WAY))
        )
    return way
