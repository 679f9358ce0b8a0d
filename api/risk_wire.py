"""What travels about risk: a list of names, the portfolio, and what explains a level."""

from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.wire import Country, Day, Season, Wire
from compliance import limits
from compliance.identity.policy import Relation
from compliance.registry.models import IdentifierScheme, SiteState
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.naming import Name
from compliance.risk.portfolio import RiskOrder
from compliance.risk.queries import NotSharedBecause, Outcome
from compliance.scorecards.codes import Letter, Status
from rules import Severity
from rules.vocabulary import Commodity, SiteKind

ONE_OF_TWO: Final = "Give 'identifiers' or 'supply_base', one of them."

SiteWord = Annotated[
    str, Field(description="Public id of a site.", examples=["site_0a1b2c3d4e5f6g7h"])
]
Score = Annotated[
    int | None,
    Field(description="0 to 100, higher is worse; null of what was never assessed."),
]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]
Value = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=limits.RISK_NAME_CHARACTERS, strict=True
    ),
]


class NamedSite(Wire):
    """A number and, where you know, whose: it is then looked for there alone."""

    scheme: Annotated[
        IdentifierScheme | None,
        Field(description="The register that gave the number; any, if left out."),
    ] = None
    value: Value


class SupplyBaseNamed(Wire):
    """Everybody who delivers to a mill of yours in a season, tier by tier."""

    mill: Annotated[str, Field(description="Public id of the mill.", max_length=40)]
    season: Season


class RiskQuestion(Wire):
    """Whose risk is asked: a list of names, or the supply base of a mill."""

    identifiers: Annotated[
        list[Value | NamedSite] | None,
        Field(
            description="Ids of sites, or numbers of other registers; each once.",
            min_length=1,
            max_length=limits.RISK_NAMES,
            fail_fast=True,
            examples=[
                [
                    "site_0a1b2c3d4e5f6g7h",
                    "PO1000000123",
                    {"scheme": "tax_number", "value": "900.123.456-8"},
                ]
            ],
        ),
    ] = None
    supply_base: SupplyBaseNamed | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "RiskQuestion":
        if (self.identifiers is None) == (self.supply_base is None):
            raise PydanticCustomError("one_of_two", ONE_OF_TWO)
        return self

    def names(self) -> list[Name]:
        return [
            Name(one) if isinstance(one, str) else Name(one.value, one.scheme)
            for one in self.identifiers or ()
        ]


class ToldWire(Wire):
    """A code, the figures in it, and the sentence they make in your language."""

    code: str
    params: Annotated[
        dict[str, Any], Field(description="Figures and codes; never a name.")
    ]
    sentence: str


class ReasonWire(ToldWire):
    """Why a part of the risk has its score; `points` is what it adds."""

    part: Annotated[str, Field(description="inherent, management or outcome.")]


class OpenFindingsWire(Wire):
    """Open findings by their severity."""

    zero_tolerance: Count
    critical: Count
    major: Count
    minor: Count


class OpenActionsWire(Wire):
    """Corrective actions that have not ended, and those of them past their day."""

    open: Count
    past_due: Count


class CardStandingWire(Wire):
    """The scorecard that speaks for a site, and what it is worth now."""

    id: str
    status: Status
    reason: str
    letter: Letter | None


class HeadlineWire(Wire):
    """Which site, how grave, how sure."""

    site: SiteWord
    name: str
    kind: SiteKind
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    relation: Annotated[
        Relation, Field(description="Own, operated, or shown to you by consent.")
    ]
    level: Annotated[
        RiskLevel, Field(description="`unknown` is no level between two: ask why.")
    ]
    score: Score
    confidence: Annotated[Percent, Field(description="How much is known, in per cent.")]
    confidence_word: ConfidenceWord
    last_visit_on: Annotated[
        Day | None, Field(description="Null: nobody ever visited it.")
    ]
    assessed_at: str | None
    is_being_assessed: Annotated[
        bool, Field(description="Something changed and is not yet in these figures.")
    ]


class ListedRisk(HeadlineWire):
    """A row of the portfolio."""

    open_zero_tolerance: Count
    open_critical: Count
    open_major: Count
    open_minor: Count
    reasons: Annotated[list[str], Field(description="Codes, part by part.")]
    gaps: Annotated[list[str], Field(description="Codes of what is not known.")]


class RiskPage(Wire):
    items: Annotated[list[ListedRisk], Field(max_length=limits.PAGE_ROWS)]
    next: str | None


class ShortRisk(HeadlineWire):
    """A risk with its reasons, as a list of names is answered."""

    reasons: list[ReasonWire]
    gaps: list[ToldWire]
    open_findings: OpenFindingsWire
    open_actions: Annotated[
        OpenActionsWire | None,
        Field(description="Null of a site you neither keep nor operate."),
    ]
    scorecard: Annotated[
        CardStandingWire | None,
        Field(description="Null where none speaks for it, or none is shown to you."),
    ]


class RiskAnswer(Wire):
    """What became of one name, in the order asked."""

    scheme: IdentifierScheme | None
    value: str
    outcome: Annotated[
        Outcome,
        Field(
            description="`not_shared` only of what you know of already; whatever else "
            "you cannot see is `not_found`, whether it exists or not."
        ),
    ]
    because: Annotated[
        NotSharedBecause | None, Field(description="Why it is not shared.")
    ]
    candidates: Annotated[
        list[str], Field(description="Ids of the sites an ambiguous name can mean.")
    ]
    share_of_mill: Annotated[
        float | None, Field(description="Of the mill's volume, where one was named.")
    ]
    risk: ShortRisk | None


class NameWire(Wire):
    """A name as it was asked for."""

    scheme: IdentifierScheme | None
    value: str


class ByLevelWire(Wire):
    """How many sites, or what share of the volume, of each level."""

    high: float
    medium: float
    low: float
    unknown: float


class RiskSummary(Wire):
    """The whole in figures; a site that two names mean counts once."""

    asked: Count
    found: Count
    ambiguous: Count
    not_shared: Count
    not_found: Count
    sites: Count
    by_level: ByLevelWire
    being_assessed: Count
    never_visited: Count
    oldest_last_visit_on: Annotated[
        Day | None, Field(description="The last visit that lies furthest back.")
    ]
    open_findings: OpenFindingsWire
    open_actions: OpenActionsWire
    scorecards: Annotated[
        dict[str, int], Field(description="Cards by what they are worth now.")
    ]
    gaps: Annotated[dict[str, int], Field(description="Sites by code of gap.")]
    volume: Annotated[
        ByLevelWire | None,
        Field(description="Shares of the mill's volume, where a mill was named."),
    ]


class RiskAnswers(Wire):
    """What became of every name, and the whole of it."""

    summary: RiskSummary
    items: Annotated[list[RiskAnswer], Field(max_length=limits.RISK_NAMES)]
    not_found: Annotated[list[NameWire], Field(max_length=limits.RISK_NAMES)]
    not_shared: Annotated[list[NameWire], Field(max_length=limits.RISK_NAMES)]
    ambiguous: Annotated[list[NameWire], Field(max_length=limits.RISK_NAMES)]


class PartWire(Wire):
    """One of the three parts, and why it has its score; null is not known."""

    score: int | None
    reasons: list[ToldWire]


class FactorWire(ToldWire):
    """What a part of the confidence rests on; a share of null counts as none."""

    share: int | None
    weight: int


class UpstreamWire(Wire):
    """A mill's supply base by volume, in per cent."""

    known_volume_share: int | None
    unknown_volume_share: int | None
    by_level: dict[str, int]


class ExplainedRisk(Wire):
    """A level, and everything it rests on."""

    decided_by: Annotated[ToldWire | None, Field(description="What set the level.")]
    parts: Annotated[
        dict[str, PartWire], Field(description="inherent, management and outcome.")
    ]
    confidence_factors: list[FactorWire]
    gaps: list[ToldWire]
    upstream: UpstreamWire | None
    formula: Annotated[str, Field(description="Version of the published formula.")]
    policy_from: Annotated[
        Day | None, Field(description="The day its constants are in force from.")
    ]
    computed_on: Day | None


class SiteRiskWire(HeadlineWire, ExplainedRisk):
    """The risk of one site with all that explains it."""

    open_findings: OpenFindingsWire
    open_actions: OpenActionsWire | None
    scorecard: CardStandingWire | None


class RiskChangeWire(ExplainedRisk):
    """What the risk became, explained as it was then."""

    id: str
    changed_at: str
    level: RiskLevel
    score: int
    confidence: Percent
    confidence_word: ConfidenceWord


class RiskHistory(Wire):
    items: Annotated[list[RiskChangeWire], Field(max_length=limits.PAGE_ROWS)]
    next: str | None


class PortfolioQuery(Wire):
    """How the portfolio is narrowed, ordered and paged."""

    after: Annotated[
        str | None,
        Field(
            description="The site after which the page begins; see the Link header.",
            max_length=40,
        ),
    ] = None
    rows: Annotated[
        int, Field(ge=1, le=limits.PAGE_ROWS, description="Rows on a page.")
    ] = limits.PAGE_ROWS_DEFAULT
    sort: Annotated[
        RiskOrder,
        Field(
            description="-score: worst first; last_visit: longest ago first; name: A to Z."
        ),
    ] = RiskOrder.REGISTERED
    relation: Annotated[
        Relation | None,
        Field(description="own, operates or shared:risk; all three if left out."),
    ] = None
    level: RiskLevel | None = None
    confidence: ConfidenceWord | None = None
    kind: Annotated[SiteKind | None, Field(description="Producers or mills.")] = None
    country: Country | None = None
    admin1: Annotated[str | None, Field(max_length=100)] = None
    municipality: Annotated[str | None, Field(max_length=100)] = None
    commodity: Commodity | None = None
    state: SiteState | None = None
    has_open: Annotated[
        Severity | None, Field(description="With an open finding of this severity.")
    ] = None
    visited_before: Annotated[
        Day | None, Field(description="Last visited before this day, or never.")
    ] = None
    name: Annotated[
        str | None,
        Field(description="Part of the name, whatever its accents.", max_length=100),
    ] = None

    def wanted(self) -> dict[str, Any]:
        """Return the filters that were given, as the query takes them."""
        paging = {"after", "rows", "sort", "relation"}
        return self.model_dump(exclude=paging, exclude_none=True)
