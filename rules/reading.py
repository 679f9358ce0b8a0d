"""From the files of a book to its definitions: one reading tells every mistake."""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import rfc8785

from rules.definitions import Book, Period, Rule, Topic
from rules.directions import refuse_wrong_directions
from rules.hashes import logic_hash, text_hash
from rules.mistakes import BookRejected, MistakeList, Place, suggestion
from rules.names import Names
from rules.parameters import EVERYWHERE, ParameterDefinition
from rules.reading_facts import read_facts
from rules.reading_law import (
    read_indicators,
    read_instruments,
    read_parameters,
    read_sources,
)
from rules.reading_rules import (
    ReadRule,
    Registers,
    check_derived,
    read_derived,
    read_period,
    read_rule,
)
from rules.scalars import (
    read_bilingual,
    read_country,
    read_day,
    read_entries,
    read_items,
    read_text,
)
from rules.texts import Text
from rules.vocabulary import Vocabulary
from rules.whole_book import (
    refuse_cycles,
    refuse_missing_examples,
    refuse_missing_law,
)
from rules.yaml_events import YamlNode, read_yaml

_PACKAGED_BOOK = Path(__file__).with_name("book")
_SINGLE_FILES = ("edition.yaml", "instruments.yaml", "sources.yaml")
_FOLDERS = ("facts", "derived", "parameters", "indicators", *Topic)


@dataclass(frozen=True, slots=True)
class _Edition:
    name: str
    title: Text
    in_force: Period
    valid_until: date | None
    countries: frozenset[str]


def read_book(folder: Path | None = None) -> Book:
    """Read and check a book, the packaged one by default.

    Raise BookRejected with every mistake in every file if there is any.
    """
    mistakes = MistakeList()
    contents = _read_contents(folder or _PACKAGED_BOOK, mistakes)
    with _nothing_collected():
        book = _read_files(contents, mistakes)
    if book is None or mistakes.all():
        raise BookRejected(mistakes.all())
    return book


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the collector away: reading makes a book and no garbage, and it took two fifths."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_contents(folder: Path, mistakes: MistakeList) -> dict[str, bytes]:
    """Return the bytes of every file by its path in the book, in order of the path."""
    contents = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_dir() or any(
            part.startswith((".", "__")) for part in relative.parts
        ):
            continue
        name = relative.as_posix()
        if _is_expected(name):
            contents[name] = path.read_bytes()
        else:
            _note_stray(name, mistakes)
    for name in _SINGLE_FILES:
        if name not in contents:
            mistakes.note(Place(name, 1, 1), "the file is missing.", "Add it.")
    return contents


def _is_expected(name: str) -> bool:
    first, _, rest = name.partition("/")
    if not rest:
        return name in _SINGLE_FILES
    return first in _FOLDERS and "/" not in rest and rest.endswith(".yaml")


def _note_stray(name: str, mistakes: MistakeList) -> None:
    first, _, rest = name.partition("/")
    known = _FOLDERS if rest else _SINGLE_FILES
    mistakes.note(
        Place(name, 1, 1),
        "this file has no place in a book.",
        suggestion(first, known) or f"Folders: {', '.join(_FOLDERS)}.",
    )


def _read_files(contents: Mapping[str, bytes], mistakes: MistakeList) -> Book | None:
    nodes = {}
    for name, content in contents.items():
        node = read_yaml(name, content, mistakes)
        if node is not None:
            nodes[name] = node
    sources = read_sources(nodes.get("sources.yaml"), mistakes)
    instruments = read_instruments(nodes.get("instruments.yaml"), mistakes)
    indicators = read_indicators(_in_folder(nodes, "indicators"), mistakes)
    vocabulary = Vocabulary(read_facts(_in_folder(nodes, "facts"), mistakes))
    parameters = read_parameters(_in_folder(nodes, "parameters"), sources, mistakes)
    edition = _read_edition(nodes.get("edition.yaml"), parameters, mistakes)

    waiting = read_derived(_in_folder(nodes, "derived"), vocabulary, mistakes)
    homes = {derived_id: roster for derived_id, (_, _, roster) in waiting.items()}
    names = Names(vocabulary, homes, parameters)
    derived, derived_uses = check_derived(waiting, names, mistakes)
    has_cycle = refuse_cycles(derived_uses, mistakes)

    registers = Registers(instruments, indicators, edition.countries)
    read = _read_rules(nodes, names, registers, mistakes)
    if has_cycle or len(derived) < len(waiting):
        return None
    for one in read:
        refuse_missing_law(
            one.rule, one.uses, derived_uses, parameters, edition.countries, mistakes
        )
        refuse_missing_examples(one.rule, derived, mistakes)
        refuse_wrong_directions(one.rule, derived, vocabulary, mistakes)
    book = Book(
        edition.name,
        edition.title,
        edition.in_force,
        edition.valid_until,
        book_hash(contents),
        edition.countries,
        vocabulary,
        parameters,
        derived,
        tuple(one.rule for one in read),
        instruments,
        indicators,
        sources,
    )
    return replace(book, rules=tuple(_hashed(rule, book) for rule in book.rules))


def _in_folder(nodes: Mapping[str, YamlNode], folder: str) -> dict[str, YamlNode]:
    """Return the files of one folder by their bare name."""
    return {
        path.removeprefix(f"{folder}/").removesuffix(".yaml"): node
        for path, node in nodes.items()
        if path.startswith(f"{folder}/")
    }


def _read_rules(
    nodes: Mapping[str, YamlNode],
    names: Names,
    registers: Registers,
    mistakes: MistakeList,
) -> list[ReadRule]:
    """Read the rules, topic by topic in the order of the topics."""
    rules = []
    for topic in Topic:
        for path, node in nodes.items():
            if path.startswith(f"{topic}/"):
                rule = read_rule(path, node, names, registers, mistakes)
                if rule is not None:
                    rules.append(rule)
    return rules


def _read_edition(
    node: YamlNode | None,
    parameters: Mapping[str, ParameterDefinition],
    mistakes: MistakeList,
) -> _Edition:
    entries = read_entries(
        node,
        "edition.yaml",
        mistakes,
        required=["edition", "title", "in_force"],
        optional=["valid_until", "countries"],
    )
    countries = frozenset(
        read_country(item, mistakes)
        for item in read_items(entries.get("countries"), "'countries'", mistakes)
    )
    return _Edition(
        read_text(entries.get("edition"), "'edition'", mistakes),
        read_bilingual(entries.get("title"), "the title of the edition", mistakes),
        read_period(entries.get("in_force"), mistakes),
        read_day(entries.get("valid_until"), "'valid_until'", mistakes),
        countries or _countries_of(parameters),
    )


def _countries_of(parameters: Mapping[str, ParameterDefinition]) -> frozenset[str]:
    """Return every country whose law is spoken of; that is where the book applies."""
    with_values = {
        row.country for parameter in parameters.values() for row in parameter.values
    }
    with_gaps = {gap.country for one in parameters.values() for gap in one.gaps}
    return frozenset((with_values | with_gaps) - {EVERYWHERE})


def book_hash(contents: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of a book: of the hashes of its files, by path."""
    hashes = {
        name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
    }
    return hashlib.sha256(rfc8785.dumps(hashes)).hexdigest()


def _hashed(rule: Rule, book: Book) -> Rule:
    return replace(rule, logic_hash=logic_hash(rule, book), text_hash=text_hash(rule))
