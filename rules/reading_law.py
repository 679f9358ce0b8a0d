"""Reading what the law says: legal parameters, and the registers they cite."""

from datetime import timedelta

from rules.definitions import Indicator, Instrument, InstrumentKind, Source
from rules.mistakes import MistakeList, suggestion
from rules.parameters import (
    EVERYWHERE,
    Confidence,
    LegalGap,
    LegalValue,
    ParameterDefinition,
    Sector,
    Stricter,
    overlap,
)
from rules.reading_facts import read_base_unit
from rules.scalars import (
    Entries,
    read_bilingual,
    read_country,
    read_day,
    read_entries,
    read_items,
    read_number,
    read_open_entries,
    read_optional_bilingual,
    read_text,
    read_word,
    read_yes_no,
)
from rules.units import UNITS, QuantityRefused, Unit, read_quantity, whole_number_in
from rules.vocabulary import Kind
from rules.yaml_events import Scalar, YamlNode

_DIRECTIONS = {
    Kind.INTEGER: (Stricter.HIGHER, Stricter.LOWER),
    Kind.YES_NO: (Stricter.TRUE, Stricter.FALSE),
}


def read_parameters(
    files: dict[str, YamlNode], sources: dict[str, Source], mistakes: MistakeList
) -> dict[str, ParameterDefinition]:
    """Read every parameter, by the name of its file."""
    return {
        name: _read_parameter(name, node, sources, mistakes)
        for name, node in files.items()
    }


def _read_parameter(
    name: str, node: YamlNode, sources: dict[str, Source], mistakes: MistakeList
) -> ParameterDefinition:
    what = f"the parameter '{name}'"
    entries = read_entries(
        node,
        what,
        mistakes,
        required=["title", "type", "stricter", "values"],
        optional=["unit", "by_age", "gaps"],
    )
    kind = _read_kind(entries, what, mistakes)
    unit = read_base_unit(entries.get("unit"), mistakes)
    by_age = read_yes_no(entries.get("by_age"), "'by_age'", mistakes)
    values = [
        _read_value(item, kind, unit, sources, mistakes, by_age=by_age)
        for item in read_items(entries.get("values"), "'values'", mistakes)
    ]
    _refuse_overlaps(values, mistakes)
    return ParameterDefinition(
        name,
        read_bilingual(entries.get("title"), f"the title of '{name}'", mistakes),
        kind,
        unit,
        _read_stricter(entries, kind, mistakes),
        by_age,
        tuple(values),
        _read_gaps(entries.get("gaps"), mistakes),
    )


def _read_kind(entries: Entries, what: str, mistakes: MistakeList) -> Kind:
    kind = read_word(entries.get("type"), Kind, "type of parameter", mistakes)
    if kind is None:
        return Kind.INTEGER
    if kind not in _DIRECTIONS:
        mistakes.note(
            entries.place_of("type"),
            f"{what} cannot be {kind}.",
            "A legal value is an integer or yes_no.",
        )
        return Kind.INTEGER
    if kind is Kind.INTEGER and entries.get("unit") is None:
        mistakes.note(
            entries.place, f"{what} is an integer and needs 'unit'.", "Add it."
        )
    if kind is Kind.YES_NO and entries.get("unit") is not None:
        mistakes.note(
            entries.key_place("unit"),
            f"{what} is yes_no and has no unit.",
            "Remove it.",
        )
    return kind


def _read_stricter(entries: Entries, kind: Kind, mistakes: MistakeList) -> Stricter:
    stricter = read_word(entries.get("stricter"), Stricter, "direction", mistakes)
    directions = _DIRECTIONS[kind]
    if stricter is not None and stricter not in directions:
        mistakes.note(
            entries.place_of("stricter"),
            f"'{stricter}' does not fit a parameter that is {kind}.",
            f"Write '{directions[0]}' or '{directions[1]}'.",
        )
    return stricter or directions[0]


def _read_value(
    node: YamlNode,
    kind: Kind,
    unit: Unit | None,
    sources: dict[str, Source],
    mistakes: MistakeList,
    *,
    by_age: bool,
) -> LegalValue:
    entries = read_entries(
        node,
        "a legal value",
        mistakes,
        required=["country", "sector", "from", "to", "value", "cites", "confidence"],
        optional=["sources", "note", "unit", "age_from", "age_below"],
    )
    start = read_day(entries.get("from"), "'from'", mistakes)
    last = read_day(entries.get("to"), "'to'", mistakes)
    if start is not None and last is not None and last < start:
        mistakes.note(
            entries.place_of("to"),
            "'to' lies before 'from'.",
            "'to' is the last day in force.",
        )
    age_from, age_below = _read_ages(entries, mistakes, by_age=by_age)
    return LegalValue(
        _read_country_of_value(entries.get("country"), mistakes),
        read_word(entries.get("sector"), Sector, "sector", mistakes) or Sector.ALL,
        start,
        # The file names the last day in force; inside, a period ends before its end.
        None if last is None else last + timedelta(days=1),
        _read_amount(entries, kind, unit, mistakes),
        read_text(entries.get("cites"), "'cites'", mistakes),
        _read_sources(entries.get("sources"), sources, mistakes),
        read_word(entries.get("confidence"), Confidence, "confidence", mistakes)
        or Confidence.UNVERIFIED,
        age_from,
        age_below,
        read_optional_bilingual(entries.get("note"), "the note", mistakes),
        entries.place,
    )


def _read_country_of_value(node: YamlNode | None, mistakes: MistakeList) -> str:
    if isinstance(node, Scalar) and node.text == EVERYWHERE:
        return EVERYWHERE
    return read_country(node, mistakes)


def _read_amount(
    entries: Entries, kind: Kind, unit: Unit | None, mistakes: MistakeList
) -> int | bool:
    node = entries.get("value")
    own_unit = entries.get("unit")
    if kind is Kind.YES_NO:
        return read_yes_no(node, "the value", mistakes)
    wanted = unit or UNITS["number"]
    if own_unit is None or not isinstance(node, Scalar):
        return read_number(node, wanted, "the value", mistakes)
    try:
        written = f"{node.text} {own_unit.text if isinstance(own_unit, Scalar) else ''}"
        return whole_number_in(read_quantity(written.strip()), wanted)
    except QuantityRefused as refused:
        mistakes.note(
            node.place, f"the value: {refused}", f"Write it in {wanted.name}."
        )
        return 0


def _read_ages(
    entries: Entries, mistakes: MistakeList, *, by_age: bool
) -> tuple[int | None, int | None]:
    ages = []
    for key in ("age_from", "age_below"):
        node = entries.get(key)
        is_absent = node is None or (isinstance(node, Scalar) and node.is_null)
        if not is_absent and not by_age:
            mistakes.note(
                entries.key_place(key),
                f"'{key}' needs 'by_age: true' on the parameter.",
                f"Add it, or remove '{key}'.",
            )
        years = UNITS["years"]
        ages.append(
            None if is_absent else read_number(node, years, f"'{key}'", mistakes)
        )
    age_from, age_below = ages
    if age_from is not None and age_below is not None and age_from >= age_below:
        mistakes.note(
            entries.place_of("age_below"),
            "'age_below' must be above 'age_from'.",
            "'age_below' is the first age it no longer holds for.",
        )
    return age_from, age_below


def _read_sources(
    node: YamlNode | None, sources: dict[str, Source], mistakes: MistakeList
) -> tuple[str, ...]:
    found = []
    for item in read_items(node, "'sources'", mistakes):
        source = read_text(item, "a source", mistakes)
        if source and source not in sources:
            mistakes.note(
                item.place,
                f"the source '{source}' is not in sources.yaml.",
                suggestion(source, sources),
            )
        found.append(source)
    return tuple(found)


def _read_gaps(node: YamlNode | None, mistakes: MistakeList) -> tuple[LegalGap, ...]:
    """Read the gaps, each a reason and the countries it is the reason of."""
    gaps: dict[str, LegalGap] = {}
    for item in read_items(node, "'gaps'", mistakes):
        entries = read_entries(item, "a gap", mistakes, required=["countries", "why"])
        why = read_bilingual(entries.get("why"), "the reason of a gap", mistakes)
        for one in read_items(entries.get("countries"), "'countries'", mistakes):
            country = read_country(one, mistakes)
            if country in gaps:
                mistakes.note(
                    one.place, f"the gap of {country} is stated twice.", "Keep one."
                )
            gaps[country] = LegalGap(country, why)
    return tuple(gaps.values())


def _refuse_overlaps(values: list[LegalValue], mistakes: MistakeList) -> None:
    for number, row in enumerate(values):
        rivals = [
            other
            for other in values[:number] + values[number + 1 :]
            if overlap(row, other)
        ]
        if row.place is None:
            continue
        _refuse_rivals(row, rivals, values[:number], mistakes)


def _refuse_rivals(
    row: LegalValue,
    rivals: list[LegalValue],
    above: list[LegalValue],
    mistakes: MistakeList,
) -> None:
    is_disputed = row.confidence is Confidence.DISPUTED
    assert row.place is not None  # noqa: S101 - only read rows come here
    if is_disputed and not rivals:
        mistakes.note(
            row.place,
            "a disputed value stands alone.",
            "Add the other readings as rows of the same country and period.",
        )
    for other in rivals:
        both_disputed = is_disputed and other.confidence is Confidence.DISPUTED
        if both_disputed or other not in above or other.place is None:
            continue
        mistakes.note(
            row.place,
            f"this value for {row.country} ({row.sector}) overlaps in time with line "
            f"{other.place.line}.",
            "End the earlier one the day before, or mark both 'confidence: disputed'.",
        )


def read_sources(node: YamlNode | None, mistakes: MistakeList) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for key, value in read_open_entries(node, "sources.yaml", mistakes).items():
        entries = read_entries(
            value,
            f"the source '{key.text}'",
            mistakes,
            required=["title", "publisher", "read"],
            optional=["year", "url"],
        )
        sources[key.text] = Source(
            key.text,
            read_text(entries.get("title"), "'title'", mistakes),
            read_text(entries.get("publisher"), "'publisher'", mistakes),
            _read_year(entries.get("year"), mistakes),
            _read_url(entries.get("url"), mistakes),
            read_text(entries.get("read"), "'read'", mistakes),
        )
    return sources


def _read_year(node: YamlNode | None, mistakes: MistakeList) -> int | None:
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return None
    return read_number(node, UNITS["number"], "'year'", mistakes)


def _read_url(node: YamlNode | None, mistakes: MistakeList) -> str | None:
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return None
    url = read_text(node, "'url'", mistakes)
    if url and not url.startswith(("https://", "http://")):
        mistakes.note(node.place, f"'{url}' is no web address.", "Use https://….")
    return url


def read_instruments(
    node: YamlNode | None, mistakes: MistakeList
) -> dict[str, Instrument]:
    instruments: dict[str, Instrument] = {}
    for key, value in read_open_entries(node, "instruments.yaml", mistakes).items():
        what = f"the instrument '{key.text}'"
        entries = read_entries(
            value, what, mistakes, required=["title", "kind"], optional=["country"]
        )
        kind = read_word(
            entries.get("kind"), InstrumentKind, "kind of instrument", mistakes
        )
        title = read_bilingual(entries.get("title"), what, mistakes)
        instruments[key.text] = Instrument(
            key.text,
            title,
            kind or InstrumentKind.LAW,
            read_country(entries.get("country"), mistakes) or None,
        )
    return instruments


def read_indicators(
    files: dict[str, YamlNode], mistakes: MistakeList
) -> dict[str, Indicator]:
    """Read the indicators of forced labour: one to a file, which is named for it."""
    indicators = {}
    for name, node in files.items():
        entries = read_entries(
            node,
            f"the indicator '{name}'",
            mistakes,
            required=["title"],
            optional=["id", "dimensions", "description"],
        )
        indicators[name] = Indicator(
            name,
            read_bilingual(entries.get("title"), f"the title of '{name}'", mistakes),
            tuple(
                read_text(item, "a dimension", mistakes)
                for item in read_items(
                    entries.get("dimensions"), "'dimensions'", mistakes
                )
            ),
            read_optional_bilingual(
                entries.get("description"), "'description'", mistakes
            ),
        )
    return indicators
