"""From the XForm that devices get to the schema that facts are read by."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from audits.checklists.form import (
    AskedFact,
    Choice,
    FormSchema,
    Group,
    Purpose,
    Question,
    QuestionType,
    Relevance,
    Repeat,
)
from audits.checklists.relevance import ConditionNotUnderstood, read_condition
from audits.checklists.xlsform import NAMESPACE, Conversion
from rules.texts import LANGUAGES, Text
from rules.vocabulary import FactDefinition, Roster, Sensitive

_X = "{http://www.w3.org/2002/xforms}"
_H = "{http://www.w3.org/1999/xhtml}"
_JR = "{http://openrosa.org/javarosa}"
_VF = f"{{{NAMESPACE}}}"
_ITEXT = re.compile(r"jr:itext\('(.+)'\)")
_CHOICE_LIST = re.compile(r"instance\('([^']+)'\)")
_CSV = "jr://file-csv/"
_LANGUAGE_CODE = re.compile(r"\((\w+)\)\s*$")

_INPUT_TYPES = {
    "string": QuestionType.TEXT,
    "int": QuestionType.INTEGER,
    "decimal": QuestionType.DECIMAL,
    "date": QuestionType.DATE,
    "time": QuestionType.TIME,
    "dateTime": QuestionType.DATE_TIME,
    "geopoint": QuestionType.GEOPOINT,
    "geotrace": QuestionType.GEOTRACE,
    "geoshape": QuestionType.GEOSHAPE,
    "barcode": QuestionType.BARCODE,
}
_CONTROL_TYPES = {
    "select1": QuestionType.SELECT_ONE,
    "select": QuestionType.SELECT_MULTIPLE,
    "trigger": QuestionType.ACKNOWLEDGE,
}
_UPLOAD_TYPES = {
    "image": QuestionType.IMAGE,
    "audio": QuestionType.AUDIO,
    "video": QuestionType.VIDEO,
}
_PRELOADS = {
    ("timestamp", "start"): QuestionType.START,
    ("timestamp", "end"): QuestionType.END,
    ("date", "today"): QuestionType.TODAY,
    ("property", "deviceid"): QuestionType.DEVICE_ID,
}


def schema_of(conversion: Conversion) -> FormSchema:
    """Return the schema of a converted checklist."""
    return schema_from_xform(conversion.xform, conversion.facts)


def schema_from_xform(xform: bytes, facts: Mapping[str, FactDefinition]) -> FormSchema:
    """Derive the schema again from the published XForm and the facts of its edition."""
    # The bytes are our own conversion's; entities are refused all the same.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return _Reader(etree.fromstring(xform, parser), facts).schema()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk through the primary instance stands."""

    relevance: tuple[Relevance, ...] = ()
    repeat: str | None = None


class _Reader:
    def __init__(
        self, document: etree._Element, facts: Mapping[str, FactDefinition]
    ) -> None:
        model = _only(document, f"{_H}head/{_X}model")
        self._title = document.findtext(f"{_H}head/{_H}title") or ""
        self._facts = facts
        self._instance = _only(model, f"{_X}instance")[0]
        self._binds = {
            bind.get("nodeset", ""): bind for bind in model.findall(f"{_X}bind")
        }
        self._texts = _texts(model)
        self._choices = _choices(model, self._texts)
        body = _only(document, f"{_H}body")
        self._controls = {
            control.get("ref"): control for control in body.iter() if control.get("ref")
        }
        self._repeated = {repeat.get("nodeset") for repeat in body.iter(f"{_X}repeat")}
        self._questions: list[Question] = []
        self._groups: list[Group] = []
        self._repeats: list[Repeat] = []

    def schema(self) -> FormSchema:
        root = etree.QName(self._instance).localname
        self._walk(self._instance, f"/{root}", _Place())
        return FormSchema(
            form_id=self._instance.get("id", ""),
            version=self._instance.get("version", ""),
            title=self._title,
            root=root,
            questions=tuple(self._questions),
            groups=tuple(self._groups),
            repeats=tuple(self._repeats),
            purpose=self._purpose(),
        )

    def _purpose(self) -> Purpose:
        stated = {bind.get(f"{_VF}purpose") for bind in self._binds.values()} - {None}
        return Purpose(str(stated.pop())) if stated else Purpose.VISIT

    def _walk(self, element: etree._Element, path: str, place: _Place) -> None:
        # pyxform writes each repeat twice: the template, then a first entry.
        by_name = {etree.QName(child).localname: child for child in element}
        for name, child in by_name.items():
            child_path = f"{path}/{name}"
            if child_path == f"/{path.split('/')[1]}/meta":
                self._read_meta(child, child_path)
            elif len(child) or child_path in self._repeated:
                self._read_group(child, child_path, place)
            else:
                self._read_question(name, child_path, place)

    def _read_meta(self, meta: etree._Element, path: str) -> None:
        for child in meta:
            if etree.QName(child).localname == "audit":
                self._read_question("audit", f"{path}/audit", _Place())

    def _read_group(self, element: etree._Element, path: str, place: _Place) -> None:
        name = etree.QName(element).localname
        relevance = place.relevance + self._relevance(path)
        label = self._label(path, "label")
        if path not in self._repeated:
            self._groups.append(Group(path, name, label, relevance))
            self._walk(element, path, _Place(relevance, place.repeat))
            return
        roster = self._bound(path, "roster")
        self._repeats.append(
            Repeat(
                path,
                name,
                label,
                Roster(roster) if roster else None,
                self._row_key(path),
                relevance,
            )
        )
        self._walk(element, path, _Place(relevance, path))

    def _read_question(self, name: str, path: str, place: _Place) -> None:
        definition = self._facts.get(self._bound(path, "fact") or "")
        sensitive = self._bound(path, "sensitive")
        kind = self._type(path)
        self._questions.append(
            Question(
                path=path,
                name=name,
                type=kind,
                label=self._label(path, "label"),
                hint=self._label(path, "hint"),
                fact=_asked(definition) if definition else None,
                unit=self._bound(path, "unit"),
                sensitive=Sensitive(sensitive)
                if sensitive
                else (definition.sensitive if definition else None),
                choices=self._choices_at(path),
                required=self._attribute(path, "required") == "true()",
                relevance=place.relevance + self._relevance(path),
                repeat=place.repeat,
            )
        )

    def _type(self, path: str) -> QuestionType:
        bind = self._binds.get(path)
        if path.endswith("/meta/audit"):
            return QuestionType.AUDIT_LOG
        if bind is None:
            return QuestionType.OTHER
        preload = (bind.get(f"{_JR}preload", ""), bind.get(f"{_JR}preloadParams", ""))
        control = self._controls.get(path)
        if preload in _PRELOADS:
            return _PRELOADS[preload]
        if control is None:
            calculated = bind.get("calculate") is not None
            return QuestionType.CALCULATED if calculated else QuestionType.OTHER
        return _control_type(control, bind)

    def _row_key(self, path: str) -> str | None:
        """The calculated question of a repeat that gives each entry a uuid once."""
        for nodeset, bind in self._binds.items():
            made = (bind.get("calculate") or "").replace(" ", "")
            if nodeset.rpartition("/")[0] == path and made == "once(uuid())":
                return nodeset
        return None

    def _relevance(self, path: str) -> tuple[Relevance, ...]:
        expression = self._attribute(path, "relevant").strip()
        return (Relevance(path, expression),) if expression else ()

    def _choices_at(self, path: str) -> tuple[Choice, ...]:
        control = self._controls.get(path)
        itemset = control.find(f"{_X}itemset") if control is not None else None
        if itemset is None:
            return ()
        listed = _CHOICE_LIST.search(itemset.get("nodeset", ""))
        return self._choices.get(listed[1], ()) if listed else ()

    def _label(self, path: str, kind: str) -> Text:
        control = self._controls.get(path)
        label = control.find(f"{_X}{kind}") if control is not None else None
        if label is None:
            return Text("", "")
        reference = _ITEXT.fullmatch(label.get("ref", ""))
        if reference:
            return self._texts.get(reference[1], Text("", ""))
        plain = _flat(label)
        return Text(plain, plain)

    def _bound(self, path: str, attribute: str) -> str | None:
        return self._attribute(path, f"{_VF}{attribute}").strip() or None

    def _attribute(self, path: str, attribute: str) -> str:
        bind = self._binds.get(path)
        return str(bind.get(attribute, "")) if bind is not None else ""


def _only(element: etree._Element, path: str) -> etree._Element:
    """Return what every XForm has."""
    found = element.find(path)
    if found is None:
        raise ValueError(f"This is no XForm: it has no {path}.")
    return found


def _control_type(control: etree._Element, bind: etree._Element) -> QuestionType:
    tag = etree.QName(control).localname
    if tag in _CONTROL_TYPES:
        return _CONTROL_TYPES[tag]
    if tag == "upload":
        if "signature" in control.get("appearance", ""):
            return QuestionType.SIGNATURE
        media = control.get("mediatype", "").partition("/")[0]
        return _UPLOAD_TYPES.get(media, QuestionType.FILE)
    if bind.get("readonly") == "true()" and bind.get("calculate") is None:
        return QuestionType.NOTE
    return _INPUT_TYPES.get(bind.get("type", "string"), QuestionType.OTHER)


def _asked(definition: FactDefinition) -> AskedFact:
    return AskedFact(
        id=definition.id,
        name=definition.name,
        roster=definition.roster,
        kind=definition.kind,
        unit=definition.unit.name if definition.unit else None,
        lowest=definition.lowest,
        highest=definition.highest,
        options=tuple(definition.options),
    )


def _texts(model: etree._Element) -> dict[str, Text]:
    """Return the texts of the form by their id, in the languages of the product."""
    told: dict[str, dict[str, str]] = {}
    for translation in model.iterfind(f"{_X}itext/{_X}translation"):
        code = _LANGUAGE_CODE.search(translation.get("lang", ""))
        if code is None or code[1] not in LANGUAGES:
            continue
        for text in translation.iterfind(f"{_X}text"):
            values = [
                value for value in text.iterfind(f"{_X}value") if not value.get("form")
            ]
            if values:
                told.setdefault(text.get("id", ""), {})[code[1]] = _flat(values[0])
    return {
        key: Text(**{language: texts.get(language, "") for language in LANGUAGES})
        for key, texts in told.items()
    }


def _choices(
    model: etree._Element, texts: Mapping[str, Text]
) -> dict[str, tuple[Choice, ...]]:
    return {
        instance.get("id", ""): tuple(_choice_items(instance, texts))
        for instance in model.findall(f"{_X}instance")[1:]
    }


def _choice_items(
    instance: etree._Element, texts: Mapping[str, Text]
) -> Iterator[Choice]:
    for item in instance.iter(f"{_X}item"):
        name = item.findtext(f"{_X}name") or ""
        plain = item.findtext(f"{_X}label") or ""
        label = texts.get(item.findtext(f"{_X}itextId") or "", Text(plain, plain))
        yield Choice(name, label, item.findtext(f"{_X}vf_value") or name)


def _flat(element: etree._Element) -> str:
    """Return the text of a label; an answer quoted in it shows as an ellipsis."""
    parts = [element.text or ""]
    for child in element:
        parts += ["…", child.tail or ""]
    return " ".join("".join(parts).split())


def files_referred_to(xform: bytes) -> tuple[str, ...]:
    """Return the names of the CSV files that a form looks things up in, each once."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    model = _only(etree.fromstring(xform, parser), f"{_H}head/{_X}model")
    sources = (instance.get("src", "") for instance in model.iterfind(f"{_X}instance"))
    named = (one.removeprefix(_CSV) for one in sources if one.startswith(_CSV))
    return tuple(sorted(set(named)))


def conditions_not_understood(schema: FormSchema) -> tuple[tuple[Relevance, str], ...]:
    """Return the conditions beyond our subset of XPath, each with the reason."""
    refused: dict[Relevance, str] = {}
    bearers: list[Question | Group | Repeat] = [
        *schema.questions,
        *schema.groups,
        *schema.repeats,
    ]
    for relevance in {one for bearer in bearers for one in bearer.relevance}:
        try:
            read_condition(relevance.expression)
        except ConditionNotUnderstood as error:
            refused[relevance] = str(error)
    return tuple(sorted(refused.items(), key=lambda item: item[0].path))
