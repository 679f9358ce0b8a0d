"""What the law says of a site: a dated book of rules, and readers that explain."""

from rules.answers import (
    Answers,
    AnswersRejected,
    Cause,
    Fault,
    RosterMember,
    read_answers,
)
from rules.citing import cites_in
from rules.coverage import (
    Asked,
    Decided,
    Needs,
    RuleCoverage,
    cover,
    needs_of,
    unused_facts,
)
from rules.definitions import (
    Book,
    Citation,
    DerivedDefinition,
    Example,
    Grounds,
    Indicator,
    Instrument,
    Outcome,
    Rule,
    Scopes,
    Severity,
    Source,
    Status,
    Step,
    Topic,
    Verdict,
)
from rules.examples import check_examples
from rules.explanation import tell
from rules.mistakes import BookRejected, Mistake
from rules.one_audit import assess
from rules.parameters import Confidence, LegalValue, ParameterDefinition, Reading
from rules.reading import read_book
from rules.texts import LANGUAGES, Text
from rules.traces import Trace
from rules.tracing import Explainer, explain
from rules.units import UNITS, QuantityRefused, Unit, read_quantity, whole_number_in
from rules.vocabulary import (
    AnswerValue,
    Commodity,
    FactDefinition,
    Kind,
    Roster,
    Sensitive,
    SiteKind,
    Vocabulary,
)

__all__ = [
    "LANGUAGES",
    "UNITS",
    "AnswerValue",
    "Answers",
    "AnswersRejected",
    "Asked",
    "Book",
    "BookRejected",
    "Cause",
    "Citation",
    "Commodity",
    "Confidence",
    "Decided",
    "DerivedDefinition",
    "Example",
    "Explainer",
    "FactDefinition",
    "Fault",
    "Grounds",
    "Indicator",
    "Instrument",
    "Kind",
    "LegalValue",
    "Mistake",
    "Needs",
    "Outcome",
    "ParameterDefinition",
    "QuantityRefused",
    "Reading",
    "Roster",
    "RosterMember",
    "Rule",
    "RuleCoverage",
    "Scopes",
    "Sensitive",
    "Severity",
    "SiteKind",
    "Source",
    "Status",
    "Step",
    "Text",
    "Topic",
    "Trace",
    "Unit",
    "Verdict",
    "Vocabulary",
    "assess",
    "check_examples",
    "cites_in",
    "cover",
    "explain",
    "needs_of",
    "read_answers",
    "read_book",
    "read_quantity",
    "tell",
    "unused_facts",
    "whole_number_in",
]
