"""`atalaya assess FILE`: one visit from a file, every verdict with its reasons."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.strict_json import JsonRefused, read_json
from audits.assessments.judging import Assessment, assess_answers
from audits.checklists.actions import library_workbooks
from audits.checklists.answers import Fault, facts_of
from audits.checklists.form import FormSchema
from audits.checklists.instance import Instance, InstanceRejected, read_instance
from audits.checklists.mistakes import ChecklistRejected, Mistake
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from compliance import limits
from compliance.texts import N_, translate
from rules import AnswersRejected, Book, Outcome, Severity, Verdict, read_book

NO_FILE = N_("There is no file {file}.")
TOO_LARGE = N_("{file} is larger than {limit} bytes; a visit is not.")
NOT_JSON = N_("{file}, line {line}, column {column}: this is not JSON ({reason}).")
NOT_ANSWERS = N_(
    "{file} holds no answers document: an object with country, commodity, site_kind, "
    "observed_on and facts is expected."
)
NO_CHECKLIST = N_(
    "{file} was filled with the checklist {form} version {version}, which is not in the "
    "product. Give its workbook with --checklist FILE.xlsx. Known: {known}."
)
OTHER_CHECKLIST = N_(
    "{file} was filled with the checklist {form} version {version}; the workbook given "
    "is {given}."
)
NEEDED = N_("{file} does not say {what}. Add {option}.")
NOTHING_DECIDED = N_("No verdicts: {count} mistakes in {file}.")
COUNTS = N_(
    "Edition {edition}: {non_conformity} not in conformity, {undetermined} "
    "undetermined, {conformity} in conformity, {not_applicable} do not apply."
)
OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.NON_CONFORMITY: N_("Not in conformity"),
    Outcome.UNDETERMINED: N_("Undetermined"),
    Outcome.CONFORMITY: N_("In conformity"),
    Outcome.NOT_APPLICABLE: N_("Does not apply"),
}
EXPLAINED = (Outcome.NON_CONFORMITY, Outcome.UNDETERMINED)


@dataclass(frozen=True)
class Misused(Exception):
    """The file cannot be assessed; each line says what is wrong and what is right."""

    lines: tuple[str, ...]


def assess(parsed: argparse.Namespace, language: str) -> int:
    """Run the command; 0 whatever the verdicts are, 2 when the file cannot be used."""
    book = read_book()
    try:
        document = _document(parsed, book, language)
        assessment = assess_answers(book, document)
    except Misused as misused:
        sys.stderr.write("\n".join(misused.lines) + "\n")
        return 2
    except AnswersRejected as rejected:
        for fault in rejected.faults:
            wrong = fault.message.followed_by(fault.remedy).in_language(language)
            sys.stderr.write(f"{parsed.file}: {fault.path}: {wrong}\n")
        count = len(rejected.faults)
        told = translate(NOTHING_DECIDED, language, count=count, file=parsed.file)
        sys.stderr.write(told + "\n")
        return 2
    if parsed.json:
        sys.stdout.write(as_json(assessment, language) + "\n")
    else:
        sys.stdout.write(as_table(assessment, language) + "\n")
    return 0


def as_json(assessment: Assessment, language: str) -> str:
    """Return every verdict with its trace and sentences as JSON."""
    return json.dumps(
        {
            "edition": assessment.book.edition,
            "book_sha256": assessment.book.sha256,
            "verdicts": [
                {
                    "rule": verdict.rule,
                    "outcome": verdict.outcome,
                    "severity": verdict.severity,
                    "grounds": verdict.grounds,
                    "logic_hash": verdict.logic_hash,
                    "told": assessment.told(verdict.rule, language),
                    "trace": assessment.trace(verdict.rule).as_json(),
                }
                for verdict in assessment.verdicts
            ],
        },
        ensure_ascii=False,
        indent=2,
        default=str,
    )


def as_table(assessment: Assessment, language: str) -> str:
    """Return the verdicts as a person reads them: the gravest first, with reasons."""
    counts = Counter(verdict.outcome for verdict in assessment.verdicts)
    lines = [
        translate(
            COUNTS,
            language,
            edition=assessment.book.edition,
            **{outcome: counts[outcome] for outcome in Outcome},
        )
    ]
    for outcome, word in OUTCOME_WORDS.items():
        verdicts = assessment.with_outcome(outcome)
        if not verdicts:
            continue
        heading = translate(word, language)
        lines += ["", heading, "-" * len(heading)]
        lines += _rows(assessment, verdicts, language)
    return "\n".join(lines)


def _rows(
    assessment: Assessment, verdicts: Iterable[Verdict], language: str
) -> Iterable[str]:
    rules = {rule.id: rule for rule in assessment.book.rules}
    weight = {severity: place for place, severity in enumerate(Severity)}
    for verdict in sorted(verdicts, key=lambda one: weight[one.severity]):
        if verdict.outcome in EXPLAINED:
            first, *reasons = assessment.told(verdict.rule, language)
            yield f"{verdict.rule}: {first}"
            yield from (f"    {reason}" for reason in reasons)
        else:
            title = rules[verdict.rule].title.in_language(language)
            yield f"{verdict.rule}: {title}"


def _document(
    parsed: argparse.Namespace, book: Book, language: str
) -> Mapping[str, object]:
    content = _content(parsed.file, language)
    if content.lstrip()[:1] == b"<":
        return _from_instance(content, parsed, book, language)
    return _from_json(content, parsed, language)


def _content(file: Path, language: str) -> bytes:
    if not file.is_file():
        raise Misused((translate(NO_FILE, language, file=file),))
    if file.stat().st_size > limits.XML_BYTES:
        raise Misused(
            (translate(TOO_LARGE, language, file=file, limit=limits.XML_BYTES),)
        )
    return file.read_bytes()


def _from_json(
    content: bytes, parsed: argparse.Namespace, language: str
) -> Mapping[str, object]:
    try:
        document = read_json(content)
    except json.JSONDecodeError as error:
        reason = (
            translate(error.message, language, **error.facts)
            if isinstance(error, JsonRefused)
            else error.msg
        )
        where = {"line": error.lineno, "column": error.colno}
        raise Misused(
            (translate(NOT_JSON, language, file=parsed.file, reason=reason, **where),)
        ) from error
    if not isinstance(document, dict):
        raise Misused((translate(NOT_ANSWERS, language, file=parsed.file),))
    return {**document, **_given(parsed)}


def _given(parsed: argparse.Namespace) -> dict[str, object]:
    """Return what the command line says; it goes before what the file says."""
    given = {
        "country": parsed.country,
        "commodity": parsed.commodity,
        "site_kind": parsed.site_kind,
        "observed_on": parsed.day,
    }
    return {name: value for name, value in given.items() if value is not None}


def _from_instance(
    content: bytes, parsed: argparse.Namespace, book: Book, language: str
) -> Mapping[str, object]:
    try:
        instance = read_instance(content)
    except InstanceRejected as rejected:
        told = f"{rejected.message.in_language(language)} {rejected.remedy.in_language(language)}"
        raise Misused((f"{parsed.file}: {told}",)) from rejected
    schema = _schema(instance, parsed, book, language)
    reading = facts_of(schema, instance)
    if reading.faults:
        raise Misused(
            tuple(_fault(parsed.file, one, language) for one in reading.faults)
        )
    known: dict[str, Any] = {
        "site_kind": "mill" if schema.form_id.startswith("mill") else "producer",
        "observed_on": reading.metadata.observed_on
        and reading.metadata.observed_on.isoformat(),
        **_given(parsed),
    }
    needed = {
        "country": (N_("in which country the visit was"), "--country"),
        "commodity": (N_("for which commodity"), "--commodity"),
        "observed_on": (N_("the day of the facts"), "--day"),
    }
    missing = tuple(
        translate(
            NEEDED,
            language,
            file=parsed.file,
            what=translate(what, language),
            option=option,
        )
        for name, (what, option) in needed.items()
        if not known.get(name)
    )
    if missing:
        raise Misused(missing)
    return {**reading.document(), **known}


def _fault(file: Path, fault: Fault, language: str) -> str:
    message, remedy = (
        fault.message.in_language(language),
        fault.remedy.in_language(language),
    )
    return f"{file}: {fault.path}: {message} {remedy}"


def _mistake(mistake: Mistake, language: str) -> str:
    place = f"{mistake.sheet}:{mistake.row}:{mistake.column}"
    message = mistake.message.in_language(language)
    return f"{place}: {message} {mistake.remedy.in_language(language)}".rstrip()


def _schema(
    instance: Instance, parsed: argparse.Namespace, book: Book, language: str
) -> FormSchema:
    """Return the schema of the checklist this record was filled with."""
    facts: dict[str, object] = {
        "file": parsed.file,
        "form": instance.form_id,
        "version": instance.version,
    }
    if parsed.checklist is not None:
        try:
            schema = schema_of(convert(parsed.checklist.read_bytes(), book.vocabulary))
        except ChecklistRejected as rejected:
            raise Misused(
                tuple(
                    f"{parsed.checklist}: {_mistake(mistake, language)}"
                    for mistake in rejected.mistakes
                )
            ) from rejected
        if (schema.form_id, schema.version) != (instance.form_id, instance.version):
            given = f"{schema.form_id} {schema.version}"
            raise Misused((translate(OTHER_CHECKLIST, language, given=given, **facts),))
        return schema
    schemas = [schema_of(convert(one, book.vocabulary)) for one in library_workbooks()]
    for schema in schemas:
        if (schema.form_id, schema.version) == (instance.form_id, instance.version):
            return schema
    known = ", ".join(f"{schema.form_id} {schema.version}" for schema in schemas)
    raise Misused((translate(NO_CHECKLIST, language, known=known, **facts),))
