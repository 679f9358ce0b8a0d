"""What the codes of the portfolio and of scorecards are called on their pages."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.identity.policy import Relation
from compliance.texts import N_

WORDS_OF_TRADE: Mapping[type[StrEnum], Mapping[str, str]] = {
    Relation: {
        Relation.OWN: N_("Kept by you"),
        Relation.OPERATES: N_("Operated by you"),
        Relation.SHARED_RISK: N_("Shown to you"),
        Relation.SHARED_SCORECARD: N_("Shown to you"),
        Relation.OTHER: N_("Not shown to you"),
        Relation.ANONYMOUS: N_("Open to anybody"),
    },
}
