"""Which column of a list is what: found by its heading, or told by whoever imports it."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from compliance.imports.names import folded
from compliance.problems import Kind, Problem
from compliance.public_lists.models import Category
from compliance.texts import N_


class Field(StrEnum):
    """What a column can tell."""

    NAME = "name"
    ENTITY = "entity"
    COUNTRY = "country"
    COUNTRY_CODE = "country_code"
    REGION = "region"
    GOOD = "good"
    LABOUR = "labour"
    CHILD_LABOUR = "child_labour"
    FORCED_LABOUR = "forced_labour"
    FORCED_CHILD_LABOUR = "forced_child_labour"
    FROM_ON = "from_on"
    UNTIL_ON = "until_on"
    TAX_NUMBER = "tax_number"
    GLN = "gln"
    LEI = "lei"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    LICENCE_NUMBER = "licence_number"


NUMBERS = (
    Field.TAX_NUMBER,
    Field.GLN,
    Field.LEI,
    Field.OS_HUB,
    Field.UNIVERSAL_MILL_LIST,
    Field.RSPO,
    Field.LICENCE_NUMBER,
)
KINDS_OF_LABOUR = (
    Field.LABOUR,
    Field.CHILD_LABOUR,
    Field.FORCED_LABOUR,
    Field.FORCED_CHILD_LABOUR,
)
# Headings, folded, by which lists call what they tell.
HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.NAME: (
        *("name", "company", "company name", "entity", "entity name", "employer"),
        *("manufacturer", "firm", "nombre", "razon social", "empresa", "empleador"),
        *("nome", "razao social", "empregador", "organisation", "organization"),
    ),
    Field.ENTITY: (
        *("entity type", "type of entity", "person or company", "kind of entity"),
        *("tipo de persona", "tipo de pessoa", "tipo de entidad"),
    ),
    Field.COUNTRY: (
        *("country", "country name", "country area", "country or area", "pais"),
        *("pais de origen", "country of origin"),
    ),
    Field.COUNTRY_CODE: ("country code", "country iso2", "iso2", "codigo de pais"),
    Field.REGION: (
        *("region", "state", "province", "department", "departamento", "estado"),
        *("provincia", "uf"),
    ),
    Field.GOOD: (
        *("good", "goods", "good name", "product", "commodity", "merchandise"),
        *("producto", "mercancia", "bien", "produto", "mercadoria"),
    ),
    Field.LABOUR: ("kind of labour", "type of labor", "labour", "exploitation type"),
    Field.CHILD_LABOUR: ("child labor", "child labour", "trabajo infantil"),
    Field.FORCED_LABOUR: (
        *("forced labor", "forced labour", "trabajo forzoso", "trabajo forzado"),
        "trabalho forcado",
    ),
    Field.FORCED_CHILD_LABOUR: (
        *("forced child labor", "forced child labour", "cl fl"),
        "trabajo infantil forzoso",
    ),
    Field.FROM_ON: (
        *("from", "effective date", "date", "listed on", "valid from", "desde"),
        *("fecha", "inclusao no cadastro", "data de inclusao", "fecha de inclusion"),
    ),
    Field.UNTIL_ON: (
        *("until", "end date", "removal date", "valid until", "hasta"),
        *("data de exclusao", "fecha de exclusion"),
    ),
    Field.TAX_NUMBER: (
        *("tax number", "tax id", "tin", "nit", "ruc", "npwp", "cnpj", "cpf"),
        *("cnpj cpf", "cpf cnpj", "numero tributario"),
    ),
    Field.GLN: ("gln",),
    Field.LEI: ("lei",),
    Field.OS_HUB: ("os id", "os hub id", "os hub"),
    Field.UNIVERSAL_MILL_LIST: ("uml id", "universal mill list", "mill id"),
    Field.RSPO: ("rspo", "rspo number", "rspo membership"),
    Field.LICENCE_NUMBER: ("licence number", "license number", "licencia"),
}
_FIELD_OF = {one: field for field, known in HEADINGS.items() for one in known}


class ListColumnUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The list has no such column")
    detail = N_(
        "{given} cannot be used. Write FIELD=HEADING, where the field is one of {fields} "
        "and the heading one of: {headings}."
    )


class ListColumnsMissing(Problem):
    kind = Kind.INVALID
    title = N_("The list lacks a column that it needs")
    detail = N_(
        "No column was found for: {missing}. The headings, in row {row}, are: "
        "{headings}. Name the column with FIELD=HEADING, or correct the heading."
    )


def columns_of(
    headings: Sequence[str], category: Category, given: Iterable[str], row: int
) -> dict[Field, int]:
    """Return the place of each field; what is `given` as FIELD=HEADING goes first.

    Raise ListColumnUnknown or ListColumnsMissing; `row` is where the headings stand.
    """
    places: dict[Field, int] = {}
    for one in given:
        field, place = _given(one, headings)
        places[field] = place
    taken = set(places.values())
    for place, heading in enumerate(headings):
        found = _FIELD_OF.get(folded(heading))
        if found is not None and found not in places and place not in taken:
            places[found] = place
    missing = _missing(places, category)
    if missing:
        raise ListColumnsMissing(
            missing=", ".join(missing), row=row, headings=", ".join(headings)
        )
    return places


def _given(text: str, headings: Sequence[str]) -> tuple[Field, int]:
    name, equals, heading = text.partition("=")
    wanted = folded(heading)
    places = [place for place, one in enumerate(headings) if folded(one) == wanted]
    if not equals or name.strip() not in set(Field) or not places:
        raise ListColumnUnknown(
            given=text, fields=", ".join(Field), headings=", ".join(headings)
        )
    return Field(name.strip()), places[0]


def _missing(places: Mapping[Field, int], category: Category) -> list[str]:
    if category is not Category.GOODS:
        named = Field.NAME in places or any(one in places for one in NUMBERS)
        return [] if named else [Field.NAME]
    missing = [] if Field.GOOD in places else [str(Field.GOOD)]
    if Field.COUNTRY not in places and Field.COUNTRY_CODE not in places:
        missing.append(Field.COUNTRY)
    if not any(one in places for one in KINDS_OF_LABOUR):
        missing.append(Field.FORCED_LABOUR)
    return missing
