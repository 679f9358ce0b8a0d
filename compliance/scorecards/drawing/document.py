"""From one card to one file: the pages, their metadata, and the JSON that they tell."""

from compliance.scorecards.codes import KeyKind, Status
from compliance.scorecards.content import Scorecard, canonical_bytes, is_intact
from compliance.scorecards.drawing.archive import attach, describe
from compliance.scorecards.drawing.attention import (
    draw_glance,
    draw_key_figures,
    draw_priorities,
    draw_scope,
)
from compliance.scorecards.drawing.closing import closing_height, draw_closing
from compliance.scorecards.drawing.findings import draw_findings
from compliance.scorecards.drawing.flow import Flow
from compliance.scorecards.drawing.grade import draw_grade
from compliance.scorecards.drawing.header import (
    draw_footers,
    draw_header,
    draw_running_header,
)
from compliance.scorecards.drawing.performance import (
    draw_determinable,
    draw_history,
    draw_topics,
)
from compliance.scorecards.drawing.place import draw_chain_and_place
from compliance.scorecards.drawing.plan import draw_plan
from compliance.scorecards.drawing.sheet import Sheet
from compliance.scorecards.drawing.telling import Telling, Titles
from compliance.scorecards.drawing.words import Words


class CardAltered(ValueError):
    """The content is not what its integrity says; such a card is never drawn."""


def draw(card: Scorecard, language: str, titles: Titles) -> bytes:
    """Return the card as a tagged PDF/A-3a file with its JSON attached.

    The same card and language give the same bytes. The file is unsigned; where the
    card names a key, it holds the invisible field that a signature fills later.
    """
    if not is_intact(card):
        raise CardAltered(f"The content of {card.id} does not have the hash it claims.")
    words = Words(language)
    sheet = Sheet()
    telling = Telling(sheet, card, words, titles)
    _front(telling)
    sheet.next_page()
    _back(telling)
    draw_footers(telling, sheet.page_number)
    if card.issuer.key_kind is not KeyKind.NONE:
        sheet.signature_field(words.label("signature"))
    _archive(telling)
    return sheet.file()


def _front(telling: Telling) -> None:
    if telling.card.status is Status.DRAFT:
        telling.sheet.watermark(telling.words.code("status", Status.DRAFT).upper())
    draw_header(telling)
    y = draw_grade(telling)
    y = draw_key_figures(telling, y + 26)
    y = draw_scope(telling, y + 17)
    heading = y + 23
    bottom = draw_topics(telling, heading)
    after = draw_determinable(telling, heading)
    draw_history(telling, after + 23, bottom + 4)
    y = draw_glance(telling, bottom + 26)
    draw_priorities(telling, y + 23)


def _back(telling: Telling) -> None:
    if telling.card.status is Status.DRAFT:
        telling.sheet.watermark(telling.words.code("status", Status.DRAFT).upper())
    draw_running_header(telling)
    flow = Flow(telling)
    draw_findings(flow)
    draw_plan(flow)
    draw_chain_and_place(flow, closing_height(telling))
    draw_closing(flow)


def _archive(telling: Telling) -> None:
    card, words = telling.card, telling.words
    content = canonical_bytes(card)
    title = words.label(
        "document_title", id=card.id, version=card.version, name=card.producer.name
    )
    describe(
        telling.sheet.document,
        title=title,
        author=card.issuer.name,
        subject=words.label("document_subject"),
        language=words.language,
        instant=card.issued_at,
        content=content,
    )
    attach(
        telling.sheet.document,
        name=f"{card.id}-v{card.version}.json",
        content=content,
        description=words.label("attachment"),
        instant=card.issued_at,
    )
