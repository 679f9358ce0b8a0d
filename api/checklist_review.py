"""What a checklist can decide, as documents of the API and as lines of the command line."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from api.form_validation import validated, validation_document, validation_lines
from api.wire import Wire
from audits.checklists.changes import Changes
from audits.checklists.conditions_told import told_condition
from audits.checklists.coverage import Coverage, CoveredRule
from audits.checklists.form import FormSchema, Relevance
from audits.checklists.mistakes import ChecklistRejected
from audits.checklists.models import ValidationState
from audits.checklists.review import Review, review
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from compliance import limits
from compliance.settings import read_settings
from compliance.texts import N_, translate
from rules import Asked, Book, SiteKind, read_book

HOW_WORDS = {
    Asked.NEVER: N_("never"),
    Asked.ONLY_IF: N_("only if"),
    Asked.WEAK: N_("weak"),
    Asked.ALWAYS: N_("always"),
}
NO_FILE = N_("There is no file {file}.")
TOO_LARGE = N_("{file} is larger than {limit} bytes; a checklist is not.")
USABLE = N_(
    "{title} ({form}, version {version}) can be published: {questions} questions."
)
MISTAKES = N_("Mistakes: {count}. Nothing can be published until they are put right.")
BY_EDITION = N_("Rules of edition {edition} it can decide:")
NEVER_ASKED = N_("nobody asks: {facts}")
LEFT_BLANK = N_("may be left blank: {facts}")
ASKED_ONLY_IF = N_("{facts}: asked only if {condition}")
CHANGED = N_("Against version {version}:")
UNCHANGED = N_("nothing changed")
ADDED = N_("added: {path}")
REMOVED = N_("removed: {path}")
MOVED = N_("moved: {before} → {path}")
ASPECTS = {
    "type": N_("type of answer"),
    "fact": N_("fact"),
    "unit": N_("unit"),
    "required": N_("whether it must be answered"),
    "condition": N_("condition"),
    "label": N_("text"),
    "choices": N_("choices"),
}
SHIFTED = N_("rule {rule}: {before} before, {after} now")
LESS_SURELY = N_("less surely decided")


class ConditionWire(Wire):
    """A condition in words, and where in the form it stands."""

    path: str
    expression: str
    told: str


class AskedWire(Wire):
    """A fact or roster that is asked only on conditions, all of which must hold."""

    name: str
    conditions: list[ConditionWire]


class CoveredRuleWire(Wire):
    """What a checklist can make of a rule; its least sure fact decides `decided`."""

    rule: str
    title: str
    site_kinds: list[SiteKind]
    decided: Asked
    can_flag: bool
    can_clear: bool
    never_asked: list[str]
    may_be_blank: list[str]
    only_if: list[AskedWire]


class CoverageWire(Wire):
    checklist: str
    version: str
    edition: str
    rulebook_sha256: str
    counts: dict[Asked, int]
    items: list[CoveredRuleWire]
    facts_no_rule_reads: list[str]


class ChangedQuestionWire(Wire):
    path: str
    aspects: list[str]
    choices_added: list[str]
    choices_removed: list[str]


class MovedWire(Wire):
    before: str
    after: str


class RuleShiftWire(Wire):
    rule: str
    before: Asked
    after: Asked
    is_worse: bool


class ChangesWire(Wire):
    """What is not as it was in the version before."""

    against: str
    added: list[str]
    removed: list[str]
    moved: list[MovedWire]
    changed: list[ChangedQuestionWire]
    rules: list[RuleShiftWire]


class ReviewWire(Wire):
    """A workbook that could be published, and what would come of it."""

    checklist: str
    version: str
    title: str
    warnings: list[str]
    coverage: CoverageWire
    changes: ChangesWire | None


def coverage_document(
    schema: FormSchema,
    coverage: Coverage,
    book: Book,
    language: str,
    site_kind: SiteKind | None = None,
) -> dict[str, Any]:
    """Return a coverage, of the rules for one kind of site or of all."""
    rules = rules_for(coverage, site_kind)
    return {
        "checklist": schema.form_id,
        "version": schema.version,
        "edition": coverage.edition,
        "rulebook_sha256": coverage.book_sha256,
        "counts": {str(how): sum(rule.how is how for rule in rules) for how in Asked},
        "items": [
            {
                "rule": rule.rule,
                "title": book.rule_by_id[rule.rule].title.in_language(language),
                "site_kinds": rule.site_kinds,
                "decided": rule.how,
                "can_flag": rule.can_flag,
                "can_clear": rule.can_clear,
                "never_asked": rule.missing,
                "may_be_blank": rule.weak,
                "only_if": [
                    {
                        "name": name,
                        "conditions": [
                            _condition_document(one, schema, language)
                            for one in conditions
                        ],
                    }
                    for name, conditions in rule.only_if.items()
                ],
            }
            for rule in rules
        ],
        "facts_no_rule_reads": coverage.unread,
    }


def rules_for(
    coverage: Coverage, site_kind: SiteKind | None
) -> tuple[CoveredRule, ...]:
    """Return the rules that concern a kind of site, or all."""
    return tuple(
        rule
        for rule in coverage.rules
        if site_kind is None or not rule.site_kinds or site_kind in rule.site_kinds
    )


def _condition_document(
    condition: Relevance, schema: FormSchema, language: str
) -> dict[str, str]:
    return {
        "path": condition.path,
        "expression": " ".join(condition.expression.split()),
        "told": told_condition(condition, schema, language),
    }


def changes_document(changes: Changes, against: str) -> dict[str, Any]:
    """Return what is not as it was in the version `against`."""
    return {
        "against": against,
        "added": changes.added,
        "removed": changes.removed,
        "moved": [{"before": one, "after": other} for one, other in changes.moved],
        "changed": [
            {
                "path": one.path,
                "aspects": one.aspects,
                "choices_added": one.choices_added,
                "choices_removed": one.choices_removed,
            }
            for one in changes.changed
        ],
        "rules": [
            {
                "rule": one.rule,
                "before": one.before,
                "after": one.after,
                "is_worse": one.is_worse,
            }
            for one in changes.rules
        ],
    }


def review_document(
    reviewed: Review, before: FormSchema | None, book: Book, language: str
) -> dict[str, Any]:
    """Return what an author wants to know before publishing."""
    schema, changes = reviewed.schema, reviewed.changes
    return {
        "checklist": schema.form_id,
        "version": schema.version,
        "title": schema.title,
        "warnings": [one.in_language(language) for one in reviewed.warnings],
        "coverage": coverage_document(schema, reviewed.coverage, book, language),
        "changes": changes_document(changes, before.version)
        if before is not None and changes is not None
        else None,
    }


def check_checklist(parsed: argparse.Namespace, language: str) -> int:
    """`atalaya checklists check FILE`: every mistake, or what the rules gain from it.

    What ODK Validate refuses is a mistake too, where there is a Java to run it.
    """
    book = read_book()
    try:
        content = [_content(parsed.file, language)]
        if parsed.against is not None:
            content.append(_content(parsed.against, language))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        before = (
            schema_of(convert(content[1], book.vocabulary)) if content[1:] else None
        )
        reviewed = review(content[0], book, before)
    except ChecklistRejected as rejected:
        for mistake in rejected.mistakes:
            place = f"{mistake.sheet}:{mistake.row}:{mistake.column}"
            told = mistake.message.in_language(language)
            remedy = mistake.remedy.in_language(language)
            sys.stderr.write(f"{place}: {told} {remedy}".rstrip() + "\n")
        count = len(rejected.mistakes)
        sys.stderr.write(translate(MISTAKES, language, count=count) + "\n")
        return 1
    validation = validated(reviewed.xform, read_settings())
    is_refused = validation is not None and validation.state is ValidationState.REFUSED
    if parsed.json:
        document = review_document(reviewed, before, book, language)
        document["validation"] = validation_document(validation)
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return int(is_refused)
    told_of_form = "\n".join(validation_lines(validation, language)) + "\n"
    if is_refused:
        sys.stderr.write(told_of_form)
        return 1
    kind = None if parsed.site_kind is None else SiteKind(parsed.site_kind)
    lines = _lines(reviewed, before, book, kind, language)
    sys.stdout.write("\n".join(lines) + "\n\n" + told_of_form)
    return 0


def add_checklist_options(
    checking: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    """Add what `atalaya checklists check` can be told."""
    checking.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the workbook (XLSForm, .xlsx)")),
    )
    checking.add_argument(
        "--against",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the workbook of the version before, to tell what changed")),
    )
    checking.add_argument(
        "--site-kind",
        choices=[str(kind) for kind in SiteKind],
        help=told(N_("tell only the rules for producers, or for mills")),
    )
    checking.add_argument(
        "--json", action="store_true", help=told(N_("print everything as JSON"))
    )


def _content(path: Path, language: str) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(translate(NO_FILE, language, file=path))
    if path.stat().st_size > limits.WORKBOOK_BYTES:
        limit = limits.WORKBOOK_BYTES
        raise OSError(translate(TOO_LARGE, language, file=path, limit=limit))
    return path.read_bytes()


def _lines(
    reviewed: Review,
    before: FormSchema | None,
    book: Book,
    site_kind: SiteKind | None,
    language: str,
) -> Iterator[str]:
    schema = reviewed.schema
    yield translate(
        USABLE,
        language,
        title=schema.title,
        form=schema.form_id,
        version=schema.version,
        questions=len(schema.questions),
    )
    for warning in reviewed.warnings:
        yield f"  ! {warning.in_language(language)}"
    yield ""
    yield translate(BY_EDITION, language, edition=reviewed.coverage.edition)
    rules = rules_for(reviewed.coverage, site_kind)
    for how in Asked:
        found = [rule for rule in rules if rule.how is how]
        yield f"{translate(HOW_WORDS[how], language)}: {len(found)}"
        for rule in found:
            title = book.rule_by_id[rule.rule].title.in_language(language)
            yield f"  {rule.rule}: {title}"
            yield from (f"      {line}" for line in _why(rule, schema, language))
    if before is not None and reviewed.changes is not None:
        yield ""
        yield translate(CHANGED, language, version=before.version)
        lines = [*_changes(reviewed.changes, language)]
        yield from (f"  {line}" for line in lines or [translate(UNCHANGED, language)])


def _why(rule: CoveredRule, schema: FormSchema, language: str) -> Iterator[str]:
    if rule.missing:
        yield translate(NEVER_ASKED, language, facts=", ".join(rule.missing))
    if rule.weak:
        yield translate(LEFT_BLANK, language, facts=", ".join(rule.weak))
    facts_on: dict[str, list[str]] = {}
    for name, conditions in rule.only_if.items():
        told = [told_condition(one, schema, language) for one in conditions]
        facts_on.setdefault("; ".join(dict.fromkeys(told)), []).append(name)
    for condition, names in facts_on.items():
        yield translate(
            ASKED_ONLY_IF, language, facts=", ".join(names), condition=condition
        )


def _changes(changes: Changes, language: str) -> Iterator[str]:
    for path in changes.added:
        yield translate(ADDED, language, path=path)
    for path in changes.removed:
        yield translate(REMOVED, language, path=path)
    for before, path in changes.moved:
        yield translate(MOVED, language, before=before, path=path)
    for one in changes.changed:
        told = [translate(ASPECTS[aspect], language) for aspect in one.aspects]
        choices = [f"+{name}" for name in one.choices_added]
        choices += [f"-{name}" for name in one.choices_removed]
        yield " ".join([f"{one.path}: {', '.join(told)}", *choices])
    for shift in changes.rules:
        told_shift = translate(
            SHIFTED,
            language,
            rule=shift.rule,
            before=translate(HOW_WORDS[shift.before], language),
            after=translate(HOW_WORDS[shift.after], language),
        )
        mark = f" ({translate(LESS_SURELY, language)})" if shift.is_worse else ""
        yield told_shift + mark
