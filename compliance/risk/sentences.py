"""The sentences that explain a risk: one for each code, filled in the reader's language.

A document of a risk holds codes and numbers alone, so that it says the same to every
reader, and holds no text that could name somebody.
"""

import string
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from compliance.risk.codes import DecisionCode, FactorCode, GapCode, ReasonCode
from compliance.texts import N_, translate
from rules.places import country_name
from rules.quantities import YES_NO, tell_day, tell_number

Params = Mapping[str, Any]

REASONS: Mapping[StrEnum, str] = {
    ReasonCode.GOODS_CHILD_LABOUR: N_(
        "The list of goods made with child labour names {commodity} from {country} "
        "(edition {edition})."
    ),
    ReasonCode.GOODS_FORCED_LABOUR: N_(
        "The list of goods made with forced labour names {commodity} from {country} "
        "(edition {edition})."
    ),
    ReasonCode.GOODS_NOT_LISTED: N_(
        "The lists of goods made with child or forced labour do not name {commodity} "
        "from {country} (edition {edition})."
    ),
    ReasonCode.GOODS_NOT_KNOWN: N_(
        "No list of goods has been read for {commodity} from {country}."
    ),
    ReasonCode.PREVALENCE_LOW: N_(
        "Few children work in {country}: {percent_tenths} of those aged {ages} ({year})."
    ),
    ReasonCode.PREVALENCE_MEDIUM: N_(
        "Some children work in {country}: {percent_tenths} of those aged {ages} "
        "({year})."
    ),
    ReasonCode.PREVALENCE_HIGH: N_(
        "Many children work in {country}: {percent_tenths} of those aged {ages} "
        "({year})."
    ),
    ReasonCode.PREVALENCE_NOT_KNOWN: N_(
        "How many children work in {country} is not known here."
    ),
    ReasonCode.TEMPORARY_WORKERS_SOME: N_(
        "Part of the workforce is temporary (season {season})."
    ),
    ReasonCode.TEMPORARY_WORKERS_MANY: N_(
        "Most of the workforce is temporary (season {season})."
    ),
    ReasonCode.MIGRANT_WORKERS_SOME: N_(
        "Part of the workforce came from elsewhere to work (season {season})."
    ),
    ReasonCode.MIGRANT_WORKERS_MANY: N_(
        "Most of the workforce came from elsewhere to work (season {season})."
    ),
    ReasonCode.PIECE_RATE_SOME: N_(
        "Part of the workforce is paid by the piece (season {season})."
    ),
    ReasonCode.PIECE_RATE_MANY: N_(
        "Most of the workforce is paid by the piece (season {season})."
    ),
    ReasonCode.SMALL_WORKFORCE: N_(
        "The workforce is too small to tell of its parts (season {season})."
    ),
    ReasonCode.WORKFORCE_USUAL: N_(
        "Neither temporary work, migration nor piece rates stand out in the workforce "
        "(season {season})."
    ),
    ReasonCode.WORKFORCE_PARTLY_NOT_KNOWN: N_(
        "The workforce is known in part only (season {season})."
    ),
    ReasonCode.WORKFORCE_NOT_KNOWN: N_("Nobody has said who works there."),
    ReasonCode.BROKER_ENGAGED: N_(
        "Workers come through a labour broker or crew leader (season {season})."
    ),
    ReasonCode.BROKER_WITHOUT_LICENCE: N_(
        "Workers come through a labour broker without a licence in force "
        "(season {season})."
    ),
    ReasonCode.HARVEST_NOW: N_("The harvest of {commodity} is on."),
    ReasonCode.HARVEST_NOT_KNOWN: N_(
        "When {commodity} is harvested there is not known."
    ),
    ReasonCode.MANAGEMENT_RULES: N_(
        "Rules about how the site is managed: met {met}, not met {not_met}, not "
        "determined {undetermined}."
    ),
    ReasonCode.MANAGEMENT_NOT_KNOWN: N_(
        "Nothing has been determined about how the site is managed."
    ),
    ReasonCode.ACTIONS_LAPSED: N_(
        "Corrective actions that lapsed long after their day: {count}."
    ),
    ReasonCode.ACTIONS_NOT_EFFECTIVE: N_(
        "Corrective actions found not to be effective: {count}."
    ),
    ReasonCode.ACTIONS_LATE: N_("Corrective actions past their day: {count}."),
    ReasonCode.ACTIONS_KEPT: N_("Corrective actions done and verified: {count}."),
    ReasonCode.REMEDY_OVERDUE: N_("Remedies owed past their day: {count}."),
    ReasonCode.REMEDY_VERIFIED: N_("Remedies made good and verified: {count}."),
    ReasonCode.DISCLOSED_AND_CLOSED: N_(
        "Findings that the site told of itself and closed: {count}."
    ),
    ReasonCode.OPEN_ZERO_TOLERANCE: N_("Open zero-tolerance findings: {count}."),
    ReasonCode.OPEN_CRITICAL: N_("Open critical findings: {count}."),
    ReasonCode.OPEN_MAJOR: N_("Open major findings: {count}."),
    ReasonCode.OPEN_MINOR: N_("Open minor findings: {count}."),
    ReasonCode.PAST_DUE: N_("Open findings past their day: {count}."),
    ReasonCode.CAME_BACK: N_(
        "Findings that came back after they were closed: {count}."
    ),
    ReasonCode.CLOSED_VERIFIED: N_(
        "Findings closed and verified within {months} months: {count}."
    ),
    ReasonCode.NONE_OPEN: N_("No finding is open."),
    ReasonCode.NOT_DETERMINED: N_(
        "Of the rules that apply, {share} could not be determined."
    ),
    ReasonCode.OUTCOME_NOT_KNOWN: N_("No visit says what workers meet there."),
}

FACTORS: Mapping[StrEnum, str] = {
    FactorCode.COVERAGE: N_("Topics with a clear answer: {topics} of {of}."),
    FactorCode.DETERMINATE: N_(
        "Rules that could be determined: {determinate} of {applicable} that apply."
    ),
    FactorCode.AGE: N_(
        "Day of the visit that tells most: {visited_on}. Months since: {months}."
    ),
    FactorCode.SEASON: N_("Season of the visit: {season}."),
    FactorCode.NOTICE: N_("Notice given before the visit: {notice}."),
    FactorCode.INTERVIEWS: N_(
        "Interviews held: {held}; planned: {planned}; some off site: {off_site}."
    ),
    FactorCode.TIME: N_(
        "Minutes spent on the visit: {spent_minutes}; planned: {planned_minutes}."
    ),
    FactorCode.EVIDENCE: N_("Files of evidence that arrived: {arrived} of {named}."),
    FactorCode.COMPETENCE: N_(
        "Members of the team with the qualifications in force: {qualified} of {team}."
    ),
    FactorCode.ROTATION: N_(
        "Visits that the same person had led there before: {visits_before}."
    ),
    FactorCode.PAYER: N_("Who paid for the visit: {payer}."),
    FactorCode.INTEGRITY: N_("Signals of a doubtful visit: {is_flagged}."),
}

GAPS: Mapping[StrEnum, str] = {
    GapCode.NEVER_VISITED: N_("Nobody has visited the site."),
    GapCode.NOT_VISITED_THIS_HARVEST: N_(
        "No visit in this harvest. Last visit in a harvest: {last_harvest_visit_on}."
    ),
    GapCode.HARVEST_NOT_KNOWN: N_(
        "When {commodity} is harvested there is not known, so no visit can be placed in "
        "a harvest."
    ),
    GapCode.VISIT_OLD: N_(
        "The last visit was on {visited_on}. Months since: {months}."
    ),
    GapCode.NO_INTERVIEWS: N_("No worker was interviewed."),
    GapCode.INTERVIEWS_BELOW_PLAN: N_("Interviews held: {held} of {planned} planned."),
    GapCode.INTERVIEWS_NOT_KNOWN: N_("How many were interviewed is not known."),
    GapCode.NO_OFF_SITE_INTERVIEWS: N_("Nobody was interviewed off site."),
    GapCode.OFF_SITE_NOT_KNOWN: N_(
        "Whether anybody was interviewed off site is not known."
    ),
    GapCode.NOTICE_NOT_KNOWN: N_("Whether the visit was announced is not known."),
    GapCode.PAYER_NOT_KNOWN: N_("Who paid for the visit is not known."),
    GapCode.MANY_UNDETERMINED: N_(
        "Of the rules that apply, {share} could not be determined."
    ),
    GapCode.TOPICS_NOT_LOOKED_AT: N_("Topics that nobody looked at: {count} of eight."),
    GapCode.FILES_MISSING: N_(
        "Files of evidence that arrived: {arrived} of {named} named."
    ),
    GapCode.TEAM_NOT_QUALIFIED: N_(
        "Members of the team with the qualifications in force: {qualified} of {team}."
    ),
    GapCode.VISIT_FLAGGED: N_("The visit carries signals that a reviewer must weigh."),
    GapCode.VISIT_NOT_CHECKED: N_("The visit has not been checked for such signals."),
    GapCode.VISIT_NOT_REVIEWED: N_("No second person has reviewed the visit yet."),
    GapCode.WORKFORCE_NOT_KNOWN: N_("Nobody has said who works there."),
    GapCode.WORKFORCE_PARTLY_NOT_KNOWN: N_(
        "The workforce is known in part only (season {season})."
    ),
    GapCode.WORKFORCE_OLD: N_("What is known of the workforce is of season {season}."),
    GapCode.COUNTRY_NOT_KNOWN: N_("Of {country} no data are kept here."),
    GapCode.SUPPLY_BASE_NOT_KNOWN: N_("Who delivers to this mill is not known."),
    GapCode.SUPPLY_VOLUME_NOT_KNOWN: N_(
        "Of the volume, {share} comes from where nobody has said."
    ),
    GapCode.SUPPLIERS_NOT_ASSESSED: N_(
        "Of the volume, {share} comes from suppliers whose risk is unknown."
    ),
}

DECISIONS: Mapping[StrEnum, str] = {
    DecisionCode.SCORE: N_("The score decided the level."),
    DecisionCode.OPEN_FINDING: N_(
        "An open finding decided the level: {severity}; past its day: {is_past_due}."
    ),
    DecisionCode.SUPPLY: N_(
        "The supply base decided the level: {share} of the volume comes from suppliers "
        "of high risk."
    ),
    DecisionCode.TOO_LITTLE_KNOWN: N_(
        "Too little is known to say a level. That is no sign that all is well."
    ),
    DecisionCode.SUPPLY_NOT_KNOWN: N_(
        "Of the volume, {share} comes from suppliers nobody knows enough of, so no "
        "level can be said."
    ),
    DecisionCode.LOW_NOT_SHOWN: N_(
        "The score alone would be low; the evidence is too thin to show it, so the level "
        "is medium."
    ),
}

# What is told another way where a place of a sentence holds a certain value.
OTHERWISE: Mapping[tuple[StrEnum, str, object], str] = {
    (DecisionCode.OPEN_FINDING, "is_past_due", True): N_(
        "An open finding decided the level: {severity}, past its day."
    ),
    (DecisionCode.OPEN_FINDING, "is_past_due", False): N_(
        "An open finding decided the level: {severity}."
    ),
    (GapCode.TEAM_NOT_QUALIFIED, "team", 0): N_("Nobody was named as the team."),
    (FactorCode.COMPETENCE, "team", 0): N_("Nobody was named as the team."),
}

NOT_KNOWN = N_("not known")
WITH_POINTS = N_("{sentence} ({points})")
# Words that stand for a code in a sentence.
WORDS: Mapping[str, str] = {
    "coffee": N_("coffee"),
    "palm_oil": N_("palm oil"),
    "unannounced": N_("unannounced"),
    "semi_announced": N_("announced within a window of days"),
    "announced": N_("announced"),
    "unknown": NOT_KNOWN,
    "not_known": NOT_KNOWN,
    "main_harvest": N_("main harvest"),
    "second_harvest": N_("second harvest"),
    "year_round_harvest": N_("harvested all year round"),
    "outside_harvest": N_("outside the harvest"),
    "site": N_("the site itself"),
    "buyer": N_("a buyer"),
    "scheme": N_("a certification scheme"),
    "programme": N_("a programme"),
    "shared": N_("several together"),
    "zero_tolerance": N_("zero tolerance"),
    "critical": N_("critical"),
    "major": N_("major"),
    "minor": N_("minor"),
}


def tell_reason(code: str, params: Params, language: str) -> str:
    """Return why a part has its score, and by how much: `points` stand behind it."""
    sentence = _tell(REASONS, code, params, language)
    points = params.get("points")
    if not points:
        return sentence
    sign = "+" if points > 0 else ""
    told = f"{sign}{tell_number(points, language)}"
    return translate(WITH_POINTS, language, sentence=sentence, points=told)


def tell_factor(code: str, params: Params, language: str) -> str:
    """Return what a part of the confidence rests on."""
    return _tell(FACTORS, code, params, language)


def tell_gap(code: str, params: Params, language: str) -> str:
    """Return what is not known and would have to be looked for."""
    return _tell(GAPS, code, params, language)


def tell_decision(code: str, params: Params, language: str) -> str:
    """Return what decided the level."""
    return _tell(DECISIONS, code, params, language)


def places(message: str) -> frozenset[str]:
    """Return the names of the places that a sentence fills."""
    return frozenset(
        name for _, name, _, _ in string.Formatter().parse(message) if name
    )


def _tell(
    sentences: Mapping[StrEnum, str], code: str, params: Params, language: str
) -> str:
    """Return a sentence, filled; a code of a later version stands for itself."""
    message = sentences.get(code)  # type: ignore[call-overload]  # a StrEnum is its text
    if message is None:
        return code
    for (known, name, value), otherwise in OTHERWISE.items():
        if known == code and params.get(name) == value:
            message = otherwise
    told = {name: _told(name, params.get(name), language) for name in places(message)}
    return translate(message, language, **told)


def _told(name: str, value: object, language: str) -> str:
    match value:
        case None:
            return translate(NOT_KNOWN, language)
        case bool():
            return YES_NO[value].in_language(language)
        case int():
            return NUMBERS.get(name, tell_number)(value, language)
        case str():
            return TEXTS.get(name, _word)(value, language)
        case _:
            return str(value)


def _word(code: str, language: str) -> str:
    return translate(WORDS.get(code, code), language)


def _day(text: str, language: str) -> str:
    return tell_day(date.fromisoformat(text), language)


def _ages(text: str, _language: str) -> str:
    return text.replace("-", "–")


def _year(year: int, _language: str) -> str:
    return str(year)


def _percent(share: int, language: str, decimals: int = 0) -> str:
    space = "\N{NO-BREAK SPACE}" if language == "es" else ""
    return f"{tell_number(share, language, decimals)}{space}%"


def _tenths(share: int, language: str) -> str:
    return _percent(share, language, decimals=1)


NUMBERS: Mapping[str, Callable[[int, str], str]] = {
    "edition": _year,
    "year": _year,
    "share": _percent,
    "percent_tenths": _tenths,
}
TEXTS: Mapping[str, Callable[[str, str], str]] = {
    "country": country_name,
    "ages": _ages,
    "visited_on": _day,
    "last_harvest_visit_on": _day,
}
