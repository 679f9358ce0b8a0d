"""The guides are held true: pictures, links, pages, labels, and both languages alike."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from api.pages.navigation import GROUPS

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
ERRANDS = ROOT / "tests" / "e2e" / "errands"
CATALOGUE = ROOT / "compliance" / "locales" / "es.po"
WEB_FORM = ROOT / "web" / "form" / "src" / "texts.js"
LANGUAGES = ("en", "es")
WIDTHS = ("390", "1280")
# What the pages of the menu are called when a test shoots them one after the other.
OF_THE_MENU = {
    f"menu{place.path.replace('/', '-')}"
    for group in GROUPS
    for place in group.places
    if place.path != "/field"
}

FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
PAGE = re.compile(r"`(/[^`\s]*)`")
CALL = re.compile(r"`(?:GET|POST|PUT|DELETE) (/[^`\s]*)`")
LABEL = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TEXT_OF_THE_FORM = re.compile(r'(en|es): "((?:[^"\\]|\\.)*)"')
NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")
METHODS = {"get", "post", "put", "patch", "delete", "api_route"}


def guides(language: str) -> list[Path]:
    return sorted((GUIDES / language).glob("*.md"))


ALL = [path for language in LANGUAGES for path in guides(language)]
EVERYWHERE = [GUIDES / "README.md", *ALL]


def named(path: Path) -> str:
    return str(path.relative_to(GUIDES))


def prose(path: Path) -> str:
    """Return a guide without the code in it."""
    return FENCED.sub("", path.read_text("utf-8"))


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets where Markdown is read."""
    return NOT_IN_AN_ANCHOR.sub("", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {anchor(one) for one in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)}


@cache
def shots() -> tuple[re.Pattern[str], ...]:
    """Return what the errands call their pictures; what is only known there is open."""
    found = []
    for path in ERRANDS.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="shot"), args=[name]):
                    found.append(_pattern(name))
                case _:
                    pass
    return tuple(re.compile(one) for one in found)


def _pattern(name: ast.expr) -> str:
    match name:
        case ast.Constant(value=str(written)):
            return re.escape(written)
        case ast.JoinedStr(values=[ast.Constant(value="menu"), *_]):
            return "|".join(re.escape(one) for one in sorted(OF_THE_MENU))
        case ast.JoinedStr(values=parts):
            return "".join(
                re.escape(part.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
                else r"[\w-]+"
                for part in parts
            )
        case _:
            raise TypeError(f"A picture needs a name that can be read: {name}")


@cache
def routes() -> tuple[re.Pattern[str], ...]:
    """Return the paths of the app, read from its routers without starting it."""
    found = {path for file in (ROOT / "api").rglob("*.py") for path in _routes_of(file)}
    return tuple(re.compile(re.sub(r"\\\{.*?\\\}", ".+", one)) for one in found)


def _routes_of(file: Path) -> Iterator[str]:
    text = file.read_text("utf-8")
    if "feature_router(" not in text:
        return
    tree = ast.parse(text)
    known: dict[str, str] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))
            ):
                known[name] = text
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="feature_router"), args=[prefix, *_]),
            ):
                known[name] = _text(prefix, known)
            case _:
                pass
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=router), attr=method),
                args=[path, *_],
            ) if method in METHODS and router in known:
                yield re.escape((known[router] + _text(path, known)) or "/")


def _text(node: ast.expr, known: Mapping[str, str]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return known.get(name, f"<{name}>")
        case _:
            return f"<{ast.unparse(node)}>"


@cache
def labels(language: str) -> frozenset[str]:
    """Return what pages say in a language, with what is filled in as three dots."""
    with CATALOGUE.open("rb") as file:
        texts = {
            text
            for message in read_po(file, locale="es")
            for text in _forms(message.id if language == "en" else message.string)
        }
    of_the_form = TEXT_OF_THE_FORM.findall(WEB_FORM.read_text("utf-8"))
    texts |= {text for code, text in of_the_form if code == language}
    return frozenset(PLACEHOLDER.sub("…", text) for text in texts if text)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_both_languages_have_the_same_guides() -> None:
    english, spanish = ([path.name for path in guides(one)] for one in LANGUAGES)

    assert english == spanish
    assert len(english) == 8


@pytest.mark.parametrize("name", [path.name for path in guides("en")])
def test_both_languages_have_the_same_steps(name: str) -> None:
    english, spanish = (prose(GUIDES / one / name) for one in LANGUAGES)

    assert len(STEP.findall(english)) == len(STEP.findall(spanish)) > 0
    assert english.count("\n## ") == spanish.count("\n## ")


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_picture_is_taken_by_a_test_and_is_there(path: Path) -> None:
    untaken, lacking, untold = [], [], []
    for told, address in PICTURE.findall(prose(path)):
        name = Path(address).stem
        shot, _, screen = name.rpartition(f"_{path.parent.name}_")
        if screen not in WIDTHS or not any(one.fullmatch(shot) for one in shots()):
            untaken.append(name)
        lacking += [] if (path.parent / address).is_file() else [name]
        untold += [] if told.strip() else [name]

    assert (untaken, untold) == ([], [])
    assert lacking == []


@pytest.mark.parametrize("path", EVERYWHERE, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    dead = []
    for address in LINK.findall(prose(path)):
        place, _, within = address.partition("#")
        target = (path.parent / place) if place else path
        is_there = target.exists() and (not within or within in anchors(target))
        dead += [] if is_there else [address]

    assert dead == []


@pytest.mark.parametrize("path", EVERYWHERE, ids=named)
def test_every_page_that_is_named_is_a_page(path: Path) -> None:
    text = prose(path)
    paths = {*PAGE.findall(text), *CALL.findall(text)}

    assert sorted(p for p in paths if not any(r.fullmatch(p) for r in routes())) == []


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_label_is_what_a_page_says(path: Path) -> None:
    written = {" ".join(one.split()) for one in LABEL.findall(prose(path))}

    assert sorted(written - labels(path.parent.name)) == []
