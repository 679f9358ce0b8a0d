"""Why a finding stands, in sentences: all of it for who may read the visit, the law for
everybody else.

The sentences of a verdict tell what was found of each member of a roster, and counts of
small groups: who runs the site could see from them who spoke. So the site's side, and
whoever does not read visits, is told the rule, the law of the day with its values, and
what would set it right; never what anybody was found to be.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from api.rulebook import parameters_of
from api.service import Service
from audits.assessments.queries import (
    LogicNotAtHand,
    NotAssessed,
    VerdictNotFound,
    explain_verdict,
)
from audits.submissions.queries import SubmissionNotFound
from compliance.findings.queries import FindingRecord, StepRecord
from compliance.findings.standing import STANDING_WORDS
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.texts import translate
from rules import Book, LegalValue, Outcome, ParameterDefinition, Rule, wording
from rules.explanation import tell_since
from rules.parameters import EVERYWHERE
from rules.places import country_name
from rules.quantities import YES_NO, tell_amount

UNTOLD = (NotAssessed, VerdictNotFound, LogicNotAtHand, SubmissionNotFound)


@dataclass(frozen=True)
class Explanation:
    """`tells_of` says how much: what the visit found, or the rule and its law alone."""

    tells_of: str
    sentences: tuple[str, ...]
    remedy: str | None


def explanation(
    session: Session,
    scope: Scope,
    service: Service,
    found: FindingRecord,
    steps: tuple[StepRecord, ...],
    language: str,
) -> Explanation:
    """Return why a finding stands, as far as the caller may know it."""
    rule = service.book.rule_by_id.get(found.rule)
    remedy = rule.remedy.in_language(language) if rule else None
    sure = (
        ()
        if found.standing is None
        else (translate(STANDING_WORDS[found.standing], language),)
    )
    told = _of_visit(session, scope, service, found, steps, language)
    if told is not None:
        return Explanation("visit", (*told, *sure), remedy)
    if rule is None:
        return Explanation("rule", sure, remedy)
    of_rule = rule_sentences(service.book, rule, found, language=language)
    return Explanation("rule", (*of_rule, *sure), remedy)


def _of_visit(
    session: Session,
    scope: Scope,
    service: Service,
    found: FindingRecord,
    steps: tuple[StepRecord, ...],
    language: str,
) -> tuple[str, ...] | None:
    """Return what the last visit that saw it tells; None to whom it is not told."""
    if found.relation is not Relation.OWN or not scope.may(Permission.READ_VISITS):
        return None
    sources = [one.source for one in steps if one.was_seen and one.source]
    try:
        explained = explain_verdict(
            session,
            scope,
            service.shelf,
            sources[-1] if sources else found.source,
            found.rule,
            language=language,
        )
    except UNTOLD:
        return None
    return explained.sentences


def rule_sentences(
    book: Book, rule: Rule, found: FindingRecord, *, language: str
) -> tuple[str, ...]:
    """Return the rule, the values of the law it reads on the day, and what it cites."""
    country = found.country
    outcome = wording.OUTCOME[Outcome.NON_CONFORMITY].in_language(language)
    severity = wording.SEVERITY[found.severity].in_language(language)
    heading = f"{rule.title.in_language(language)}: {outcome}, {severity}."
    law = [
        sentence
        for name in parameters_of(rule, book)
        for sentence in _law_sentences(
            book.parameters[name], country, found.observed_on, language
        )
    ]
    cited = "; ".join(
        wording.ARTICLE.in_language(language).format(
            id=one.instrument,
            title=book.instruments[one.instrument].title.in_language(language),
            article=one.article,
        )
        for one in rule.cites
        if book.instruments[one.instrument].country in {None, country}
    )
    return (heading, *law, wording.CITES.in_language(language).format(cited))


def _law_sentences(
    parameter: ParameterDefinition, country: str, day: date, language: str
) -> list[str]:
    """Return each value that holds, a country's own before the international ones."""
    rows = [row for row in parameter.values if row.holds_on(day)]
    own = [row for row in rows if row.country == country]
    told = [
        _law(row, parameter, country, language)
        for row in own or [row for row in rows if row.country == EVERYWHERE]
    ]
    return [f"{one[:1].upper()}{one[1:]}." for one in told]


def _law(
    row: LegalValue, parameter: ParameterDefinition, country: str, language: str
) -> str:
    is_international = row.country == EVERYWHERE
    where = (
        wording.INTERNATIONAL.in_language(language)
        if is_international
        else country_name(country, language)
    )
    told = wording.LAW.in_language(language).format(
        title=parameter.title.in_language(language),
        country=where,
        cites=row.cites,
        since=tell_since(row, language),
        confidence=wording.CONFIDENCE[row.confidence].in_language(language),
    )
    value = (
        YES_NO[row.value].in_language(language)
        if isinstance(row.value, bool)
        else tell_amount(row.value, parameter.unit, country, language)
    )
    return f"{told}: {value}"
