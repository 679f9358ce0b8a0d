"""The words of a row: its name, where it is, its commodity, its numbers elsewhere."""

import re
from functools import lru_cache

from compliance import limits
from compliance.imports.countries import country_meant, country_of
from compliance.imports.drafts import Draft
from compliance.imports.fields import Field
from compliance.imports.names import folded, is_damaged, is_name, mended, tidied
from compliance.imports.notes import Code, Note
from compliance.registry.models import IdentifierScheme
from compliance.registry.numbers import NumberMalformed, read_number
from rules.vocabulary import Commodity, SiteKind

NAME_CHARACTERS = 200
PLACE_CHARACTERS = 100
LOCALITY_CHARACTERS = 500
NUMBER_CHARACTERS = 100
LINE_BREAKS = 3
SHORT = 1_000
FORMULA_STARTS = ("=", "+", "@")
COMMODITIES = {
    "coffee": Commodity.COFFEE,
    "cafe": Commodity.COFFEE,
    "arabica": Commodity.COFFEE,
    "robusta": Commodity.COFFEE,
    "palm oil": Commodity.PALM_OIL,
    "palm": Commodity.PALM_OIL,
    "oil palm": Commodity.PALM_OIL,
    "palma": Commodity.PALM_OIL,
    "palma de aceite": Commodity.PALM_OIL,
    "palma africana": Commodity.PALM_OIL,
    "palma aceitera": Commodity.PALM_OIL,
    "aceite de palma": Commodity.PALM_OIL,
    "dende": Commodity.PALM_OIL,
    "oleo de palma": Commodity.PALM_OIL,
}
KINDS = {
    "producer": SiteKind.PRODUCER,
    "productor": SiteKind.PRODUCER,
    "produtor": SiteKind.PRODUCER,
    "farm": SiteKind.PRODUCER,
    "finca": SiteKind.PRODUCER,
    "fazenda": SiteKind.PRODUCER,
    "mill": SiteKind.MILL,
    "beneficio": SiteKind.MILL,
    "planta": SiteKind.MILL,
    "extractora": SiteKind.MILL,
    "usina": SiteKind.MILL,
}
_CONTACT = re.compile(r"\S@\S+\.\S|(?:\+|\b00)\d[\d ()./-]{7,}")


def read_shape(draft: Draft) -> None:
    """Note what is wrong with the row as a whole: cells too many, too few, too long."""
    row = draft.row
    if row.surplus:
        draft.notes.append(Note(Code.CELLS_SHIFTED, facts={"count": row.surplus}))
    if row.missing:
        draft.notes.append(Note(Code.CELLS_MISSING, facts={"count": row.missing}))
    if max(map(len, row.cells)) < SHORT and "\n" not in "".join(row.cells):
        return
    for heading, cell in zip(draft.layout.headings, row.cells, strict=True):
        if len(cell) > limits.IMPORT_CELL_CHARACTERS:
            facts = {"count": len(cell), "limit": limits.IMPORT_CELL_CHARACTERS}
            draft.notes.append(Note(Code.CELL_TOO_LONG, heading, cell, facts))
        elif cell.count("\n") >= LINE_BREAKS:
            facts = {"count": cell.count("\n")}
            draft.notes.append(Note(Code.QUOTE_LEFT_OPEN, heading, cell, facts))


def read_kind(draft: Draft) -> None:
    defaults = draft.layout.defaults
    draft.values["kind"] = defaults.kind
    draft.values["commodity"] = defaults.commodity
    if text := draft.given(Field.KIND):
        kind = KINDS.get(folded(text))
        if kind is None:
            draft.note(Code.KIND_UNKNOWN, Field.KIND)
        else:
            draft.values["kind"] = kind
    if text := draft.given(Field.COMMODITY):
        commodity = COMMODITIES.get(folded(text))
        if commodity is None:
            draft.note(Code.COMMODITY_UNKNOWN, Field.COMMODITY)
        else:
            draft.values["commodity"] = commodity


def read_name(draft: Draft) -> None:
    text = tidied(draft.raw(Field.NAME))
    if not text:
        draft.note(Code.NAME_MISSING, Field.NAME)
    elif not is_name(text):
        draft.note(Code.NO_NAME, Field.NAME)
    elif _CONTACT.search(text):
        draft.note(Code.HOLDS_CONTACT, Field.NAME)
    elif len(text) > NAME_CHARACTERS:
        draft.note(
            Code.NAME_TOO_LONG, Field.NAME, count=len(text), limit=NAME_CHARACTERS
        )
    else:
        draft.values["name"] = text
        _look_at(draft, Field.NAME, text)


def read_country(draft: Draft) -> None:
    text = draft.given(Field.COUNTRY)
    if not text:
        if draft.layout.defaults.country is None:
            draft.note(Code.COUNTRY_MISSING, Field.COUNTRY)
        else:
            draft.values["country"] = draft.layout.defaults.country
        return
    code = country_of(text)
    if code is not None:
        draft.values["country"] = code
        _look_at(draft, Field.COUNTRY, text)
        return
    meant = country_meant(text)
    if meant is None:
        draft.note(Code.COUNTRY_UNKNOWN, Field.COUNTRY)
    else:
        draft.note(Code.COUNTRY_MEANT, Field.COUNTRY, meant=meant)


def read_places(draft: Draft) -> None:
    """Take over where the site is, in words."""
    for name, limit in (
        (Field.ADMIN1, PLACE_CHARACTERS),
        (Field.MUNICIPALITY, PLACE_CHARACTERS),
        (Field.LOCALITY, LOCALITY_CHARACTERS),
    ):
        text = draft.given(name)
        if not text:
            continue
        if len(text) > limit:
            draft.note(Code.TEXT_TOO_LONG, name, count=len(text), limit=limit)
            continue
        draft.values[name.value] = text
        _look_at(draft, name, text)


def read_group(draft: Draft) -> None:
    text = draft.given(Field.GROUP)
    if not text:
        return
    known = draft.layout.groups.get(folded(text))
    if known is None:
        draft.note(Code.GROUP_UNKNOWN, Field.GROUP)
    else:
        draft.values["group"] = known


def read_numbers(draft: Draft) -> None:
    """Take over the numbers other registers know the site by."""
    found = {}
    for name, scheme in draft.layout.schemes:
        if text := draft.given(name):
            number = _number(draft, name, scheme, text)
            if number is not None:
                found[scheme.value] = number
    if found:
        draft.values["identifiers"] = found


def _number(
    draft: Draft, name: Field, scheme: IdentifierScheme, text: str
) -> str | None:
    if len(text) > NUMBER_CHARACTERS:
        draft.note(Code.TEXT_TOO_LONG, name, count=len(text), limit=NUMBER_CHARACTERS)
        return None
    try:
        number = read_number(scheme, text, draft.values.get("country", ""))
    except NumberMalformed as malformed:
        draft.note(Code.NUMBER_MALFORMED, name, reason=str(malformed.facts["why"]))
        return None
    for remark in number.remarks:
        facts = {key: str(value) for key, value in remark.facts.items()}
        draft.note(Code.NUMBER_ODD, name, **{**facts, "reason": remark.message})
    return number.value


def _look_at(draft: Draft, name: Field, text: str) -> None:
    """Note what a person should look at; the text itself is left as it is."""
    for code, facts in _oddities(text):
        draft.note(code, name, **facts)


@lru_cache(maxsize=20_000)
def _oddities(text: str) -> tuple[tuple[Code, dict[str, str]], ...]:
    found: list[tuple[Code, dict[str, str]]] = []
    if is_damaged(text):
        proposal = mended(text)
        if proposal is None:
            found.append((Code.ENCODING_DAMAGED, {}))
        else:
            found.append((Code.ENCODING_MENDED, {"proposal": proposal}))
    if text.startswith(FORMULA_STARTS):
        found.append((Code.FORMULA, {}))
    return tuple(found)
