"""What a reviewer reads of each signal: its name, a sentence with its numbers, and why
nothing can be said where that is so."""

import string
from collections.abc import Mapping

from audits.integrity.codes import Evidence, Reading, Signal, Why
from compliance.texts import N_, translate

TITLES: Mapping[Signal, str] = {
    Signal.DISTANCE: N_("Distance to the site"),
    Signal.LOCATION_JUMPS: N_("Jumps of the location"),
    Signal.PICTURE_ELSEWHERE: N_("Photographs taken elsewhere"),
    Signal.TIME_ON_SITE: N_("Time for each answer"),
    Signal.SHORT_INTERVIEW: N_("Length of the interview"),
    Signal.FASTER_THAN_READING: N_("Answers faster than reading"),
    Signal.SAME_SECOND: N_("Answers in the same second"),
    Signal.EVEN_PACE: N_("Evenness of the pace"),
    Signal.EDITED_AWAY: N_("Answers changed away from the site"),
    Signal.STRAIGHT_LINING: N_("One pattern of answers"),
    Signal.FEW_QUESTIONS: N_("Questions answered"),
    Signal.CHILDREN_NOT_LISTED: N_("Children declared and listed"),
    Signal.HEAD_COUNTS: N_("Numbers of people"),
    Signal.COPIED_TEXT: N_("Text of earlier reports"),
    Signal.REUSED_PICTURE: N_("Photographs of earlier visits"),
    Signal.COMPLIANT_STREAK: N_("Visits in a row without a finding"),
    Signal.DETECTION_RATE: N_("Findings compared with other auditors"),
    Signal.SAME_AUDITOR: N_("The same auditor again"),
}
# The first whose numbers are all there is told.
TOLD: Mapping[Signal, tuple[str, ...]] = {
    Signal.DISTANCE: (
        N_(
            "The device was {distance_metres} m from the registered point, of which "
            "{allowed_metres} m may be the site itself and the accuracy; the limit is "
            "{limit_metres} m beyond."
        ),
    ),
    Signal.LOCATION_JUMPS: (
        N_(
            "{jumps} jumps among {entries} places of the log; a jump is a kilometre and "
            "more, faster than {limit_kmh} km/h."
        ),
    ),
    Signal.PICTURE_ELSEWHERE: (
        N_(
            "By the camera's own data the farthest photograph was taken {metres} m from "
            "the visit (limit {limit_metres} m) and {days} days outside of it (limit "
            "{limit_minutes} minutes)."
        ),
        N_(
            "By the camera's own data the farthest photograph was taken {metres} m from "
            "the visit (limit {limit_metres} m) and {minutes} minutes outside of it "
            "(limit {limit_minutes})."
        ),
    ),
    Signal.TIME_ON_SITE: (
        N_(
            "{seconds_per_answer} seconds for each of {answers} answers; less than "
            "{limit_seconds} is too little beside {peers} other visits."
        ),
    ),
    Signal.SHORT_INTERVIEW: (
        N_("{minutes} minutes from beginning to end; the limit is {limit_minutes}."),
    ),
    Signal.FASTER_THAN_READING: (
        N_(
            "{too_fast} of {questions} questions were left before they could be read; "
            "the limit is a share of {limit_share}."
        ),
        N_(
            "The whole took {seconds} seconds; reading the questions alone takes "
            "{least_seconds}."
        ),
    ),
    Signal.SAME_SECOND: (
        N_(
            "{same_second} of {questions} questions were left in the same second as "
            "another; the limit is a share of {limit_share}."
        ),
    ),
    Signal.EVEN_PACE: (
        N_(
            "The times of {questions} questions spread by {spread}; less than "
            "{limit_spread} is more even than a conversation."
        ),
    ),
    Signal.EDITED_AWAY: (
        N_(
            "{changes_away} of {changes} changed answers were changed away from the "
            "site or hours later, of {questions} questions; the limit is a share of "
            "{limit_share}."
        ),
    ),
    Signal.STRAIGHT_LINING: (
        N_(
            "The longest pattern goes over {longest_run} of {answers} answers; beside "
            "{peers} other visits it surprises by {bits} bits (limit {limit_bits})."
        ),
    ),
    Signal.FEW_QUESTIONS: (
        N_(
            "{answered} of {asked} questions were answered; the limit is a share of "
            "{limit_share}."
        ),
    ),
    Signal.CHILDREN_NOT_LISTED: (
        N_("{listed} children are in the list, compared with what the site declares."),
    ),
    Signal.HEAD_COUNTS: (
        N_(
            "{payroll} people are on the payroll and {most_elsewhere} in the housing or "
            "the harvest; up to {slack} more are let pass. Facts that exclude each "
            "other: {contradictions}."
        ),
        N_("Facts of the site that exclude each other: {contradictions}."),
    ),
    Signal.COPIED_TEXT: (
        N_(
            "The words are alike by {similarity} (1 is the same) to those of "
            "{submission}; the limit is {limit_similarity}."
        ),
        N_("No earlier report is alike; the limit is {limit_similarity}."),
    ),
    Signal.REUSED_PICTURE: (
        N_(
            "A photograph differs in {bits} of 120 features from one of {submission}; "
            "{limit_bits} and fewer is the same picture, 60 is chance."
        ),
        N_("No photograph of {pictures} is one of an earlier visit."),
    ),
    Signal.COMPLIANT_STREAK: (
        N_(
            "{streak} visits in a row without a finding; by what others find at like "
            "sites the chance of that is {chance} (limit {limit_chance})."
        ),
        N_("{streak} visits in a row without a finding."),
    ),
    Signal.DETECTION_RATE: (
        N_(
            "The auditor found something in {found} of {visits} visits to like sites, "
            "the usual share is {usual_share}; so few by chance: {chance} (limit "
            "{limit_chance}, {peers} other auditors)."
        ),
    ),
    Signal.SAME_AUDITOR: (
        N_(
            "{visits} visits in a row by the same auditor; told from {limit_visits} on."
        ),
    ),
}
WHY: Mapping[Why, str] = {
    Why.NO_POINT: N_("The device told no place."),
    Why.SITE_HAS_NO_POINT: N_("The site has no registered point."),
    Why.POINT_TOO_COARSE: N_("The device's place is too coarse to say anything."),
    Why.NO_TIMES: N_("The device did not tell beginning and end."),
    Why.TIMES_IMPOSSIBLE: N_("The end is before the beginning: the clock was changed."),
    Why.MORE_THAN_A_DAY: N_("It was finished more than a day after it began."),
    Why.NO_LOG: N_("The checklist keeps no log of the interview, or none came."),
    Why.LOG_TOO_SHORT: N_("The log of the interview has too few questions."),
    Why.LOG_WITHOUT_PLACES: N_("The log of the interview has no places."),
    Why.LOG_WITHOUT_CHANGES: N_("The log of the interview does not keep changes."),
    Why.TOO_FEW_ANSWERS: N_("There is too little to judge by."),
    Why.TOO_FEW_PEERS: N_("There are too few other visits to compare with."),
    Why.NOT_ASKED: N_("The checklist did not ask, or it was not answered."),
    Why.NO_TEXT: N_("The report has too few words to compare."),
    Why.NO_PICTURE: N_("No photograph came that answers a question."),
    Why.PICTURES_TELL_NOTHING: N_("The photographs tell nothing of this."),
    Why.AUDITOR_NOT_KNOWN: N_("It is not known which person made the visit."),
    Why.NOT_ASSESSED: N_("The visit was not assessed yet."),
}
MINUTES_A_DAY = 24 * 60
DAYS_FROM = 2
_FORMATTER = string.Formatter()


def sentence_of(signal: Signal, reading: Reading, language: str) -> str:
    """Return what a reviewer reads of a signal, with its numbers."""
    if reading.why is not None:
        return translate(WHY[reading.why], language)
    evidence = _in_days(signal, reading.evidence)
    for text in TOLD[signal]:
        if _names(text) <= evidence.keys():
            return translate(text, language, **_numbers(evidence, language))
    return translate(TITLES[signal], language)


def _in_days(signal: Signal, evidence: Evidence) -> Evidence:
    """Add the days where minutes are too many to be pictured."""
    minutes = evidence.get("minutes")
    if signal is not Signal.PICTURE_ELSEWHERE or not isinstance(minutes, int):
        return evidence
    days = minutes // MINUTES_A_DAY
    return {**evidence, "days": days} if days >= DAYS_FROM else evidence


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in _FORMATTER.parse(text) if name}


def _numbers(evidence: Evidence, language: str) -> dict[str, object]:
    """Return numbers as the language writes them: a comma for the point in Spanish."""
    if language.partition("-")[0] != "es":
        return dict(evidence)
    return {
        name: str(value).replace(".", ",") if isinstance(value, float) else value
        for name, value in evidence.items()
    }
