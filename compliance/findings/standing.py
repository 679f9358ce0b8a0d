"""How sure it is that what was found is child or forced labour, in three steps.

The rules take a finding as far as *suspected*. A person confirms, on a basis that is
named; forced labour is confirmed by the statement of a competent body and nothing else
(ILO Convention 29, article 2, says what it is; inspectors, prosecutors and courts say
that it was).
"""

from collections.abc import Mapping
from enum import StrEnum

from compliance.findings.deadlines import RED_FLAGS
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Grounds, Rule, Severity, Topic
from rules import Step as RuleStep


class Standing(StrEnum):
    """The weakest first."""

    INDICATOR = "indicator"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"


class Basis(StrEnum):
    """On what a person confirms a finding."""

    COMPETENT_BODY = "competent_body"
    PROOF_OF_AGE = "proof_of_age"
    SEEN_BY_TWO_VISITS = "seen_by_two_visits"
    ADMITTED_BY_SITE = "admitted_by_site"


class Body(StrEnum):
    """What kind of body stated it; which one, its statement tells."""

    LABOUR_INSPECTORATE = "labour_inspectorate"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    CHILD_PROTECTION_AUTHORITY = "child_protection_authority"
    HUMAN_RIGHTS_INSTITUTION = "human_rights_institution"
    ILO_SUPERVISORY_BODY = "ilo_supervisory_body"


# Conventions that say what is done to somebody by force, whatever topic a rule is of.
FORCED_LABOUR_INSTRUMENTS = frozenset(
    {"ILO C029", "ILO P029", "ILO C105", "Palermo Protocol", "UN 1956"}
)
STANDING_TOPICS = frozenset({Topic.CHILD_LABOUR, Topic.FORCED_LABOUR})

STANDING_WORDS: Mapping[Standing, str] = {
    Standing.INDICATOR: N_(
        "How sure it is: an indicator. It asks to be looked into; by itself it does not "
        "say that there is child labour or forced labour."
    ),
    Standing.SUSPECTED: N_(
        "How sure it is: suspected. What was seen fits what the law describes; no "
        "person has confirmed it, and forced labour is confirmed only by a competent "
        "body."
    ),
    Standing.CONFIRMED: N_("How sure it is: confirmed by a person, on a named basis."),
}


class CompetentBodyNeeded(Problem):
    kind = Kind.CONFLICT
    title = N_("Only a competent body confirms forced labour")
    detail = N_(
        "Forced labour is confirmed with the statement of a competent body: send "
        "'basis' {basis} with 'body', 'body_reference' and 'stated_on'. Bodies: "
        "{bodies}."
    )


class NothingToConfirm(Problem):
    kind = Kind.CONFLICT
    title = N_("This finding has no standing to confirm")
    detail = N_(
        "{finding} is about {topic}. Only findings on child labour and forced labour "
        "are indicators, suspected or confirmed."
    )


class PersonNeeded(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Only a person confirms a finding")
    detail = N_(
        "A key or a program cannot confirm a finding. Sign in at /sign-in and confirm "
        "it yourself."
    )


class NotLower(Problem):
    kind = Kind.CONFLICT
    title = N_("Upholding a finding does not make it graver")
    detail = N_(
        "{finding} is {standing}; a dispute can leave it so or lower it, not make it "
        "{wanted}."
    )


def standing_of(rule: Rule, severity: Severity, grounds: Grounds) -> Standing | None:
    """Return how far the rules take a finding, None where its topic has no standing.

    Forced labour is suspected where the book combines involuntariness with menace,
    which is what its rule's own step says; each sign alone is an indicator. Child
    labour is suspected where what was seen is a red flag on settled law; a proof that
    lacks, or law that nobody checked, is an indicator.
    """
    if rule.topic is Topic.FORCED_LABOUR:
        is_suspected = rule.step is RuleStep.SUSPECTED
    elif rule.topic is Topic.CHILD_LABOUR:
        is_suspected = severity in RED_FLAGS and grounds is Grounds.SETTLED
    else:
        return None
    return Standing.SUSPECTED if is_suspected else Standing.INDICATOR


def is_forced_labour(rule: Rule) -> bool:
    """Tell whether a rule speaks of forced labour, of adults or of children."""
    cited = {one.instrument for one in rule.cites}
    return rule.topic is Topic.FORCED_LABOUR or (
        rule.topic is Topic.CHILD_LABOUR
        and not cited.isdisjoint(FORCED_LABOUR_INSTRUMENTS)
    )


def surer(one: Standing | None, other: Standing | None) -> Standing | None:
    """Return the stronger of two; none is weaker than any."""
    order: list[Standing | None] = [None, *Standing]
    return max(one, other, key=order.index)
