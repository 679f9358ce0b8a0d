"""A trace told in sentences: what was found, against which law, and what is missing."""

from datetime import date
from typing import assert_never

from rules import wording
from rules.answers import Cause
from rules.definitions import Outcome
from rules.expressions import Compare, Count, Every, Literal, Some, Value
from rules.parameters import EVERYWHERE, Confidence, LegalValue
from rules.phrases import (
    COMPARED,
    ROSTER,
    dimension_of,
    has_arithmetic,
    phrase,
    phrase_value,
    unit_of,
)
from rules.places import country_name
from rules.quantities import YES_NO, tell_amount, tell_answer, tell_day, tell_number
from rules.texts import Text
from rules.traces import (
    DerivedSeen,
    FactSeen,
    LawSeen,
    LeafSeen,
    MemberSeen,
    Open,
    OpenFact,
    OpenLaw,
    OpenRoster,
    RosterSeen,
    Seen,
    Trace,
    Truth,
    leaves_of,
)
from rules.vocabulary import AnswerValue, Roster


def tell(trace: Trace, language: str) -> list[str]:
    """Return the sentences of a trace, in the order a person wants them."""
    return _Teller(trace, language).sentences()


class _Teller:
    """Holds what every sentence needs: the trace, and the language of the reader."""

    def __init__(self, trace: Trace, language: str) -> None:
        self._trace = trace
        self._language = language
        self._country = country_name(trace.country, language)
        self._day = tell_day(trace.observed_on, language)
        self._places: dict[tuple[Roster, str | None], int] = {
            (roster, key): place
            for roster, keys in trace.people.items()
            for place, key in enumerate(keys, start=1)
        }

    def sentences(self) -> list[str]:
        trace = self._trace
        told = [self._heading()]
        if trace.verdict.grounds in wording.GROUNDS:
            told.append(self._say(wording.GROUNDS[trace.verdict.grounds]))
        told += [
            self._say(wording.LIMIT[limit], country=self._country, day=self._day)
            for limit in trace.limits
        ]
        if trace.applies is False and not trace.limits:
            told.append(self._say(wording.NOT_APPLICABLE))
        told += [_sentence(one) for seen in trace.because for one in self._seen(seen)]
        told += self._readings()
        if trace.would_settle:
            told.append(self._say(wording.NEEDED))
            told += [self._open(one) for one in trace.would_settle]
        told.append(self._citations())
        return list(dict.fromkeys(told))

    def _say(self, text: Text, **named: object) -> str:
        return text.in_language(self._language).format(**named)

    def _word(self, text: Text) -> str:
        return text.in_language(self._language)

    def _heading(self) -> str:
        verdict, rule = self._trace.verdict, self._trace.rule
        outcome = self._word(wording.OUTCOME[verdict.outcome])
        if verdict.outcome is Outcome.NON_CONFORMITY:
            outcome = f"{outcome}, {self._word(wording.SEVERITY[verdict.severity])}"
        return f"{self._word(rule.title)}: {outcome}."

    def _citations(self) -> str:
        trace = self._trace
        cited = [
            self._say(
                wording.ARTICLE,
                id=one.instrument,
                title=self._word(trace.book.instruments[one.instrument].title),
                article=one.article,
            )
            for one in trace.cites
        ]
        return self._word(wording.CITES).format("; ".join(cited))

    def _seen(self, seen: Seen) -> list[str]:
        match seen:
            case LeafSeen():
                return [self._leaf(seen)]
            case DerivedSeen(definition, truth, because):
                title = self._word(definition.title)
                parts = [part for one in because for part in self._seen(one)]
                return [f"{title}: {self._truth(truth)} ({'; '.join(parts)})"]
            case RosterSeen():
                return self._roster(seen)
            case _:
                assert_never(seen)

    def _truth(self, truth: Truth) -> str:
        if truth is None:
            return self._word(Text("not known", "no se sabe"))
        return self._word(YES_NO[truth])

    def _leaf(self, seen: LeafSeen) -> str:
        if isinstance(seen.node, Compare):
            return self._comparison(seen, seen.node)
        if seen.law:
            return "; ".join(self._legal_fact(law) for law in seen.law)
        return "; ".join(self._fact(fact) for fact in seen.facts)

    def _fact(self, seen: FactSeen) -> str:
        return f"{self._word(seen.definition.title)}: {self._answer(seen)}"

    def _answer(self, seen: FactSeen) -> str:
        if seen.value is None:
            cause = wording.CAUSE[seen.cause or Cause.NOT_ASKED]
            return self._word(wording.UNKNOWN).format(self._word(cause))
        return tell_answer(
            seen.value, seen.definition, self._trace.country, self._language
        )

    def _legal_fact(self, law: LawSeen) -> str:
        if law.chosen is None:
            return self._no_law(law)
        value = self._legal_value(law.chosen, law)
        return f"{self._law(law, law.chosen)}: {value}"

    def _no_law(self, law: LawSeen) -> str:
        title = self._word(law.definition.title)
        return self._say(
            wording.NO_LAW, title=title, country=self._country, day=self._day
        )

    def _legal_value(self, row: LegalValue, law: LawSeen) -> str:
        if isinstance(row.value, bool):
            return self._truth(row.value)
        return tell_amount(
            row.value, law.definition.unit, self._trace.country, self._language
        )

    def _law(self, law: LawSeen, row: LegalValue) -> str:
        is_international = row.country == EVERYWHERE
        where = self._word(wording.INTERNATIONAL) if is_international else self._country
        return self._say(
            wording.LAW,
            title=self._word(law.definition.title),
            country=where,
            cites=row.cites,
            since=tell_since(row, self._language),
            confidence=self._word(wording.CONFIDENCE[row.confidence]),
        )

    def _comparison(self, seen: LeafSeen, node: Compare) -> str:
        law = [
            self._law(one, one.chosen) if one.chosen else self._no_law(one)
            for one in seen.law
            if one.chosen or one.age is not None or not one.definition.by_age
        ]
        told_law = f" ({'; '.join(law)})" if law else ""
        if seen.left is None or seen.right is None:
            return self._open_comparison(seen, node) + told_law
        relation = self._relation(seen.left, seen.right)
        left, right = self._side(seen.left, node), self._side(seen.right, node)
        if has_arithmetic(node):
            facts = "; ".join(self._fact(fact) for fact in seen.facts)
            sums = [
                self._sum(node.left, left, node),
                self._sum(node.right, right, node),
            ]
            told = f"{sums[0]}, {relation} {sums[1]}"
            return f"{facts}; {told}{told_law}"
        if len(seen.facts) == 2:
            told_right = f"{self._fact(seen.facts[1])}"
            return f"{self._fact(seen.facts[0])}, {relation} {told_right}{told_law}"
        return f"{self._phrase(node.left, node)}: {left}, {relation} {right}{told_law}"

    def _open_comparison(self, seen: LeafSeen, node: Compare) -> str:
        facts = "; ".join(self._fact(fact) for fact in seen.facts)
        if seen.right is None or isinstance(seen.right, bool):
            return facts
        compared = self._word(COMPARED[node.comparison])
        bound = f"{compared} {self._side(seen.right, node)}"
        return facts + self._word(wording.MATTERS).format(bound)

    def _relation(self, left: AnswerValue, right: AnswerValue) -> str:
        is_day = isinstance(left, date)
        sign = "=" if left == right else ("<" if _is_less(left, right) else ">")
        return self._word((wording.EARLIER if is_day else wording.RELATION)[sign])

    def _side(self, value: AnswerValue, node: Compare) -> str:
        if isinstance(value, date):
            return tell_day(value, self._language)
        if not isinstance(value, int):
            return str(value)
        book = self._trace.book
        dimension = dimension_of(node.left, book) or dimension_of(node.right, book)
        unit = unit_of(dimension)
        if unit is None:
            return tell_number(value, self._language)
        return tell_amount(value, unit, self._trace.country, self._language)

    def _phrase(self, side: Value, node: Compare) -> str:
        book = self._trace.book
        dimension = dimension_of(node.left, book) or dimension_of(node.right, book)
        return phrase_value(side, book, self._language, self._trace.country, dimension)

    def _sum(self, side: Value, told: str, node: Compare) -> str:
        """Tell what a side came to; a bare number is told once."""
        if isinstance(side, Literal):
            return told
        return f"{self._phrase(side, node)} = {told}"

    def _roster(self, seen: RosterSeen) -> list[str]:
        people = self._word(ROSTER[seen.node.roster])
        if seen.cause is not None:
            cause = self._word(wording.CAUSE[seen.cause])
            return [self._word(wording.ROSTER_UNKNOWN).format(_capital(people), cause)]
        if not seen.size:
            return [self._word(wording.NOBODY_LISTED).format(_capital(people))]
        if isinstance(seen.node, Every) and seen.truth:
            return self._roster_heading(seen, people)
        members = [self._member(one, seen.node.roster) for one in seen.members]
        return [*self._roster_heading(seen, people), *members]

    def _roster_heading(self, seen: RosterSeen, people: str) -> list[str]:
        what = phrase(
            seen.node.item, self._trace.book, self._language, self._trace.country
        )
        match seen.node:
            case Some():
                template = None if seen.members else wording.NONE_OF
            case Every():
                template = wording.EACH_OF if seen.truth else None
            case Count(_, _, comparison, number):
                bound = f"{self._word(COMPARED[comparison])} {number}"
                told = self._say(
                    wording.COUNTED,
                    n=seen.size,
                    people=people,
                    sure=seen.sure,
                    unknown=seen.unknown,
                    bound=bound,
                    what=what,
                )
                return [told]
            case _:
                assert_never(seen.node)
        if template is None:
            return []
        return [self._say(template, n=seen.size, people=people, what=what)]

    def _member(self, seen: MemberSeen, roster: Roster) -> str:
        parts = [part for one in seen.because for part in self._seen(one)]
        return f"{self._person(roster, seen.key)}: {'; '.join(parts)}"

    def _person(self, roster: Roster, key: str | None) -> str:
        """Return who is meant by their place in the answers; a key tells a reader nothing."""
        return self._word(wording.PERSON[roster]).format(self._places[roster, key])

    def _readings(self) -> list[str]:
        """Tell disputed readings side by side, each law once."""
        disputed = {
            (law.definition.name, law.age): law
            for one in leaves_of(self._trace.because)
            if isinstance(one, LeafSeen)
            for law in one.law
            if len(law.in_force) > 1
        }
        return [self._reading(law) for law in disputed.values()]

    def _reading(self, law: LawSeen) -> str:
        readings = [
            f"{self._legal_value(row, law)} ({row.cites})" for row in law.in_force
        ]
        return self._say(
            wording.READINGS,
            title=self._word(law.definition.title),
            country=self._country,
            readings="; ".join(readings),
            taken=self._word(wording.TAKEN[self._trace.reading]),
        )

    def _open(self, one: Open) -> str:
        match one:
            case OpenFact(definition, member, cause, decides_alone):
                title = _capital(self._word(definition.title))
                if definition.roster is not None:
                    person = self._person(definition.roster, member)
                    title = f"{title} ({_small(person)})"
                told = f"{title}: {self._word(wording.CAUSE[cause])}."
                return f"{told} {self._word(wording.ALONE)}" if decides_alone else told
            case OpenRoster(roster, cause):
                people = _capital(self._word(ROSTER[roster]))
                return f"{people}: {self._word(wording.CAUSE[cause])}."
            case OpenLaw(definition):
                title = _capital(self._word(definition.title))
                told = self._say(
                    wording.NO_LAW, title=title, country=self._country, day=self._day
                )
                return f"{told}."
            case _:
                assert_never(one)


def tell_since(row: LegalValue, language: str) -> str:
    """Tell from when a value holds, no more exactly than it is known."""
    if row.start is None:
        return wording.SINCE_OPEN.in_language(language)
    if row.confidence is Confidence.RATIFICATION:
        return wording.SINCE_UNSURE.in_language(language)
    since = wording.SINCE.in_language(language)
    if row.confidence is Confidence.YEAR_ONLY:
        year = wording.ON_YEAR.in_language(language)
        return since.format(year.format(row.start.year))
    return since.format(tell_day(row.start, language))


def _is_less(left: AnswerValue, right: AnswerValue) -> bool:
    if isinstance(left, date) and isinstance(right, date):
        return left < right
    return isinstance(left, int) and isinstance(right, int) and left < right


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    told = _capital(text)
    return told if told.endswith((".", ":")) else f"{told}."
