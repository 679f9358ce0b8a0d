"""Facts of an invented farm about which nearly everything is known, for tests of risk."""

from datetime import date

from compliance.risk.facts import SiteFacts, Tally, Visit, Workforce
from compliance.risk.inherent import children_of, goods_of
from compliance.risk.policy import RISK
from rules.vocabulary import Commodity

ON = date(2026, 11, 22)
POLICY = RISK.on(ON)
GOOD = Visit(
    visited_on=date(2026, 11, 3),
    season="main_harvest",
    harvest="2026-main",
    notice="unannounced",
    payer="programme",
    interviews_held=6,
    interviews_planned=6,
    had_off_site=True,
    spent_minutes=480,
    planned_minutes=480,
    files_arrived=4,
    files_named=4,
    team=2,
    qualified=2,
    led_before=0,
    is_flagged=False,
    is_reviewed=True,
)
CLEAN = SiteFacts(
    on=ON,
    country="CO",
    commodity="coffee",
    goods=goods_of("CO", Commodity.COFFEE, ON),
    children=children_of("CO", ON),
    workforce=Workforce("2026-main", hired=40, temporary=10, migrant=4, piece_rate=30),
    is_harvest=True,
    harvest="2026-main",
    rules=Tally(met=60, not_met=0, undetermined=0),
    management=Tally(met=10),
    topics_determined=8,
    visits=(GOOD,),
)
