"""The words a risk is told in: each is a code with parameters, and the texts are elsewhere.

No parameter is a name, a text or a count of people. Shares are whole per cent, days are
ISO 8601, and `points` is what a reason adds to its part (a credit is negative).
"""

from enum import StrEnum


class RiskLevel(StrEnum):
    """How grave it is; `unknown` is no level between two, and never an all clear."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


class ConfidenceWord(StrEnum):
    """How sure it is; `none` is what a site has that nobody saw."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class PartCode(StrEnum):
    INHERENT = "inherent"
    MANAGEMENT = "management"
    OUTCOME = "outcome"


class ReasonCode(StrEnum):
    """Why a part has its score. Every one has `points: int`; besides:

    inherent
      goods_child_labour, goods_forced_labour   country, commodity, edition: int (a year)
      goods_not_listed                          country, commodity, edition: int
      goods_not_known                           country, commodity
      prevalence_low, _medium, _high            country, percent_tenths: int,
                                                ages: str ("5-14"), year: int
      prevalence_not_known                      country
      temporary_workers_some, _many             season: str
      migrant_workers_some, _many               season: str
      piece_rate_some, _many                    season: str
      small_workforce                           season: str  (too few to tell of parts)
      workforce_usual                           season: str  (none of the three is high)
      workforce_partly_not_known                season: str
      workforce_not_known                       -
      broker_engaged                            season: str
      broker_without_licence                    season: str
      harvest_now, harvest_not_known            commodity
    management
      management_rules                          met, not_met, undetermined: int
      management_not_known                      -
      actions_lapsed, actions_not_effective     count: int
      actions_late, actions_kept                count: int
      remedy_overdue, remedy_verified           count: int (entries of the ledger)
      disclosed_and_closed                      count: int (findings the site told of)
    outcome
      open_zero_tolerance, open_critical,
      open_major, open_minor                    count: int
      past_due, came_back                       count: int
      closed_verified                           count: int, months: int (within which)
      none_open                                 -
      not_determined                            share: int (of the rules that apply)
      outcome_not_known                         -
    """

    GOODS_CHILD_LABOUR = "goods_child_labour"
    GOODS_FORCED_LABOUR = "goods_forced_labour"
    GOODS_NOT_LISTED = "goods_not_listed"
    GOODS_NOT_KNOWN = "goods_not_known"
    PREVALENCE_LOW = "prevalence_low"
    PREVALENCE_MEDIUM = "prevalence_medium"
    PREVALENCE_HIGH = "prevalence_high"
    PREVALENCE_NOT_KNOWN = "prevalence_not_known"
    TEMPORARY_WORKERS_SOME = "temporary_workers_some"
    TEMPORARY_WORKERS_MANY = "temporary_workers_many"
    MIGRANT_WORKERS_SOME = "migrant_workers_some"
    MIGRANT_WORKERS_MANY = "migrant_workers_many"
    PIECE_RATE_SOME = "piece_rate_some"
    PIECE_RATE_MANY = "piece_rate_many"
    SMALL_WORKFORCE = "small_workforce"
    WORKFORCE_USUAL = "workforce_usual"
    WORKFORCE_PARTLY_NOT_KNOWN = "workforce_partly_not_known"
    WORKFORCE_NOT_KNOWN = "workforce_not_known"
    BROKER_ENGAGED = "broker_engaged"
    BROKER_WITHOUT_LICENCE = "broker_without_licence"
    HARVEST_NOW = "harvest_now"
    HARVEST_NOT_KNOWN = "harvest_not_known"

    MANAGEMENT_RULES = "management_rules"
    MANAGEMENT_NOT_KNOWN = "management_not_known"
    ACTIONS_LAPSED = "actions_lapsed"
    ACTIONS_NOT_EFFECTIVE = "actions_not_effective"
    ACTIONS_LATE = "actions_late"
    ACTIONS_KEPT = "actions_kept"
    REMEDY_OVERDUE = "remedy_overdue"
    REMEDY_VERIFIED = "remedy_verified"
    DISCLOSED_AND_CLOSED = "disclosed_and_closed"

    OPEN_ZERO_TOLERANCE = "open_zero_tolerance"
    OPEN_CRITICAL = "open_critical"
    OPEN_MAJOR = "open_major"
    OPEN_MINOR = "open_minor"
    PAST_DUE = "past_due"
    CAME_BACK = "came_back"
    CLOSED_VERIFIED = "closed_verified"
    NONE_OPEN = "none_open"
    NOT_DETERMINED = "not_determined"
    OUTCOME_NOT_KNOWN = "outcome_not_known"


class FactorCode(StrEnum):
    """What a confidence rests on, of the visit that tells most; a share of null is 0.

    coverage     topics: int, of: int (those with a clear answer)
    determinate  determinate: int, applicable: int (rules)
    age          visited_on: str (a day), months: int
    season       season: str (main_harvest, second_harvest, year_round_harvest,
                 outside_harvest, not_known)
    notice       notice: str (unannounced, semi_announced, announced, unknown)
    interviews   held: str | null, planned: str | null (ranges of people, such as "<10"),
                 off_site: bool | null
    time         spent_minutes: int | null, planned_minutes: int | null
    evidence     arrived: int | null, named: int | null (files)
    competence   qualified: int, team: int
    rotation     visits_before: int | null (led by the same person, at this site)
    payer        payer: str | null (site, buyer, scheme, programme, shared)
    integrity    is_flagged: bool | null (null: not worked out yet)
    """

    COVERAGE = "coverage"
    DETERMINATE = "determinate"
    AGE = "age"
    SEASON = "season"
    NOTICE = "notice"
    INTERVIEWS = "interviews"
    TIME = "time"
    EVIDENCE = "evidence"
    COMPETENCE = "competence"
    ROTATION = "rotation"
    PAYER = "payer"
    INTEGRITY = "integrity"


class GapCode(StrEnum):
    """What is not known and would have to be looked for.

    never_visited                -
    not_visited_this_harvest     last_harvest_visit_on: str | null (a day)
    harvest_not_known            commodity
    visit_old                    visited_on: str, months: int
    no_interviews                -
    interviews_below_plan        held: str, planned: str (ranges of people)
    interviews_not_known         -
    no_off_site_interviews       -
    off_site_not_known           -
    notice_not_known             -
    payer_not_known              -
    many_undetermined            share: int (of the rules that apply)
    topics_not_looked_at         count: int (of eight)
    files_missing                arrived: int, named: int
    team_not_qualified           qualified: int, team: int
    visit_not_reviewed           -  (nobody made the visit final yet)
    visit_flagged                -
    visit_not_checked            -
    workforce_not_known          -
    workforce_partly_not_known   season: str
    workforce_old                season: str
    country_not_known            country
    supply_base_not_known        -  (a mill with no supply link)
    supply_volume_not_known      share: int (of the volume, nobody says where it is from)
    suppliers_not_assessed       share: int (of the volume, from suppliers of unknown risk)
    """

    NEVER_VISITED = "never_visited"
    NOT_VISITED_THIS_HARVEST = "not_visited_this_harvest"
    HARVEST_NOT_KNOWN = "harvest_not_known"
    VISIT_OLD = "visit_old"
    NO_INTERVIEWS = "no_interviews"
    INTERVIEWS_BELOW_PLAN = "interviews_below_plan"
    INTERVIEWS_NOT_KNOWN = "interviews_not_known"
    NO_OFF_SITE_INTERVIEWS = "no_off_site_interviews"
    OFF_SITE_NOT_KNOWN = "off_site_not_known"
    NOTICE_NOT_KNOWN = "notice_not_known"
    PAYER_NOT_KNOWN = "payer_not_known"
    MANY_UNDETERMINED = "many_undetermined"
    TOPICS_NOT_LOOKED_AT = "topics_not_looked_at"
    FILES_MISSING = "files_missing"
    TEAM_NOT_QUALIFIED = "team_not_qualified"
    VISIT_NOT_REVIEWED = "visit_not_reviewed"
    VISIT_FLAGGED = "visit_flagged"
    VISIT_NOT_CHECKED = "visit_not_checked"
    WORKFORCE_NOT_KNOWN = "workforce_not_known"
    WORKFORCE_PARTLY_NOT_KNOWN = "workforce_partly_not_known"
    WORKFORCE_OLD = "workforce_old"
    COUNTRY_NOT_KNOWN = "country_not_known"
    SUPPLY_BASE_NOT_KNOWN = "supply_base_not_known"
    SUPPLY_VOLUME_NOT_KNOWN = "supply_volume_not_known"
    SUPPLIERS_NOT_ASSESSED = "suppliers_not_assessed"


class DecisionCode(StrEnum):
    """What decided the level; `decided_by` of the document, beside `level`.

    score               -
    open_finding        severity: str, is_past_due: bool
    supply              share: int (of the volume, from suppliers of high risk)
    too_little_known    -  (the level is `unknown`)
    supply_not_known    share: int (of the volume; the level is `unknown`)
    low_not_shown       -  (the score is that of `low`, the evidence is not: `medium`)
    """

    SCORE = "score"
    OPEN_FINDING = "open_finding"
    SUPPLY = "supply"
    TOO_LITTLE_KNOWN = "too_little_known"
    SUPPLY_NOT_KNOWN = "supply_not_known"
    LOW_NOT_SHOWN = "low_not_shown"
