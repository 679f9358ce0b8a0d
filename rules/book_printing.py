"""The whole book as one page to read: what each rule asks, where, and on what it stands."""

from collections.abc import Iterator

from rules.definitions import Book, Period, Rule, Scopes, Status, Topic
from rules.expressions import Condition
from rules.phrases import phrase
from rules.places import country_name
from rules.quantities import tell_day
from rules.wording import SEVERITY

LANGUAGE = "en"
_TOPIC = {
    Topic.CHILD_LABOUR: "Child labour",
    Topic.FORCED_LABOUR: "Forced labour",
    Topic.WAGES_AND_HOURS: "Wages and hours",
    Topic.RECRUITMENT_AND_CONTRACTS: "Recruitment and contracts",
    Topic.HEALTH_AND_SAFETY: "Health and safety",
    Topic.FREEDOM_OF_ASSOCIATION: "Freedom of association",
    Topic.EQUAL_TREATMENT: "Equal treatment",
    Topic.GRIEVANCE_AND_MANAGEMENT: "Grievance and management",
}


def printed(book: Book) -> str:
    """Return the book as Markdown, in English, topic by topic in its order."""
    lines = ["# The rules", "", _opening(book)]
    for topic in Topic:
        rules = [rule for rule in book.rules if rule.topic is topic]
        if rules:
            lines += ["", f"## {_TOPIC[topic]}"]
        for rule in rules:
            lines += ["", *_rule(rule, book)]
    return "\n".join(lines) + "\n"


def _opening(book: Book) -> str:
    return (
        f"{book.title.in_language(LANGUAGE)}: edition {book.edition}, "
        f"{len(book.rules)} rules for {len(book.countries)} countries, "
        f"{len(book.parameters)} legal parameters, {len(book.vocabulary.facts)} facts. "
        "This page is printed from the book (`atalaya rules print`); the book is what "
        "counts. What the law says in a country on a day: "
        "`atalaya law CO --on 2026-11-03`."
    )


def _rule(rule: Rule, book: Book) -> Iterator[str]:
    severity = SEVERITY[rule.severity].in_language(LANGUAGE)
    yield f"### {rule.title.in_language(LANGUAGE)}"
    yield ""
    yield f"- `{rule.id}`, {severity}, {_since(rule.in_force)}{_watched(rule)}"
    for limit in _limits(rule.scopes):
        yield f"- {limit}"
    if rule.applies_when is not None:
        yield f"- Applies when: {_phrase(rule.applies_when, book)}"
    yield f"- Not in conformity when: {_phrase(rule.flag_when, book)}"
    cites = "; ".join(f"{one.instrument}, {one.article}" for one in rule.cites)
    yield f"- Cites: {cites}"
    yield f"- First: {rule.remedy.in_language(LANGUAGE)}"
    if rule.note is not None:
        yield f"- Note: {rule.note.in_language(LANGUAGE)}"


def _since(period: Period) -> str:
    since = f"since {tell_day(period.start, LANGUAGE)}"
    if period.end is None:
        return since
    return f"{since}, before {tell_day(period.end, LANGUAGE)}"


def _watched(rule: Rule) -> str:
    return ", counts in no grade" if rule.status is Status.SHADOW else ""


def _limits(scopes: Scopes) -> Iterator[str]:
    """Yield where alone a rule applies; nothing for one that applies everywhere."""
    places = sorted(country_name(one, LANGUAGE) for one in scopes.countries)
    limits: dict[str, list[str]] = {
        "countries": places,
        "commodities": sorted(one.replace("_", " ") for one in scopes.commodities),
        "kinds of site": sorted(one.value for one in scopes.site_kinds),
    }
    for what, names in limits.items():
        if names:
            yield f"Only these {what}: {', '.join(names)}"


def _phrase(condition: Condition, book: Book) -> str:
    return phrase(condition, book, LANGUAGE)
