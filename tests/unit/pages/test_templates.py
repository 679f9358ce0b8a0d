"""Every text of a page goes through the catalogue: nothing is written out in a template."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes
from typing_extensions import override

from api.pages.rendering import TEMPLATES, environment

STATIC = TEMPLATES.parent / "static"
# Names of things that are called alike in every language, and what programs read.
NAMES = {
    "Atalaya", "API", "CSV", "GeoJSON", "HTTP", "JSON", "OAuth", "PDF", "QR", "UTC",
    "CO", "kB", "MB", "xlsx", "XForm", "XLSForm", "XLSX", "SHA", "ILO", "GPS", "ODK", "Collect", "UNTP", "RF",
}  # fmt: skip
TOLD_ATTRIBUTES = {"alt", "aria-label", "content", "data-label", "placeholder", "title"}
UNSEEN = {"code", "pre", "style", "script", "kbd"}
# What a macro puts inside a tag: an attribute, or an address.
WITHIN_TAGS = re.compile(r"""[\w-]+="[^"]*"|/[\w/-]+\?\S*""")
LETTERS = re.compile(r"[^\W\d_]{2,}")
SAID_BY_SCRIPT = re.compile(
    r"""(?:textContent|innerText|title|ariaLabel|placeholder)\s*=\s*["'`]([^"'`]*)"""
)
OURS = ["progress.js", "verify.js", "review.js", "map/map.js"]


class Told(HTMLParser):
    """What a reader would see or hear of a piece of HTML that a template holds."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.unseen = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in UNSEEN
        if tag == "meta":
            return
        for name, value in attrs:
            if name in TOLD_ATTRIBUTES and value:
                self.words += LETTERS.findall(value)

    @override
    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN

    @override
    def handle_data(self, data: str) -> None:
        if self.unseen == 0:
            self.words += LETTERS.findall(WITHIN_TAGS.sub("", data))


def written_out(source: str) -> list[str]:
    """Return the words of a template that no catalogue knows."""
    tree = environment("en").parse(source)
    # What is worked out stands as a digit, so that tags stay whole.
    pieces = [
        one.data if isinstance(one, nodes.TemplateData) else "0"
        for output in tree.find_all(nodes.Output)
        for one in output.nodes
    ]
    told = Told()
    told.feed("".join(pieces))
    return [word for word in told.words if word not in NAMES]


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name
)
def test_no_text_is_written_out_in_a_template(template: Path) -> None:
    assert written_out(template.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello there</p>", ["Hello", "there"]),
        ('<p>{{ _("Hello") }} and</p>', ["and"]),
        ('<td data-label="Name">{{ x }}</td>', ["Name"]),
        ('{% if x %}<b aria-label="Close it">×</b>{% endif %}', ["Close", "it"]),
        ('<a href="/rules" class="plain">{{ _("Rules") }}</a> PDF', []),
        ("<code>curl -H</code>", []),
    ],
)
def test_a_text_that_is_written_out_is_found(source: str, words: list[str]) -> None:
    assert written_out(source) == words


@pytest.mark.parametrize("name", OURS)
def test_no_text_is_written_out_in_a_script(name: str) -> None:
    script = (STATIC / name).read_text("utf-8")

    said = [text for text in SAID_BY_SCRIPT.findall(script) if LETTERS.search(text)]

    assert [text for text in said if not text.startswith("${")] == []


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name
)
def test_no_template_has_what_the_policy_refuses(template: Path) -> None:
    """Styles and handlers within tags would be dropped, and nobody would be told."""
    source = template.read_text("utf-8")

    refused = re.findall(r"\s(?:style|on[a-z]+|hx-on[^=]*)=", source)

    assert refused == []
