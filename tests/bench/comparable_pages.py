"""The same card laid out by others: as a web page for WeasyPrint, as a source for Typst.

Each page says what ours says (grade, gates, topics, flags, plan, chain, limits, the code),
in the same fonts, tagged, as PDF/A-3a with the JSON attached; without our drawings.
"""

import html
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import segno

from compliance.scorecards.content import Scorecard, canonical_bytes
from compliance.scorecards.credential import gate_in_words
from compliance.scorecards.drawing.words import Words
from tests.unit.scorecards.sample import titles

FONTS = Path("compliance/scorecards/fonts").absolute()
Table = tuple[str, Sequence[Sequence[str]]]
STYLE = f"""
@font-face {{ font-family: Inter; src: url("file://{FONTS}/Inter-Regular.ttf") }}
@font-face {{ font-family: Inter; font-weight: 700;
  src: url("file://{FONTS}/Inter-Bold.ttf") }}
@page {{ size: A4; margin: 38pt }}
body {{ font: 8pt Inter; color: #16242B }}
h1 {{ font-size: 22pt }} h2 {{ font-size: 11.2pt }}
table {{ width: 100%; border-collapse: collapse }}
th, td {{ border-bottom: .6pt solid #DCE3E6; padding: 2pt; text-align: left }}
.letter {{ font: 700 80pt Inter; color: #D99A1C }}
"""


def tables(card: Scorecard, language: str) -> list[Table]:
    """Return what the card says as tables, the same for both."""
    words = Words(language)
    return [
        (
            words.label("topics"),
            [
                [
                    words.code("topic", one.code),
                    str(one.score),
                    str(one.previous),
                    f"{one.determinate_share} %",
                    *map(str, (one.met, one.not_met, one.undetermined)),
                ]
                for one in card.topics
            ],
        ),
        (
            "",
            [
                [gate_in_words(words, one), words.code("effect", one.caps_at or "none")]
                for one in card.grade.gates
            ],
        ),
        (
            "",
            [
                [
                    one.ref,
                    titles(one.indicator, language),
                    words.code("severity", one.severity),
                    "; ".join(f"{a.instrument}, {a.article}" for a in one.citations),
                    words.code("finding_status", one.status),
                    str(one.due_on),
                ]
                for one in card.flags
            ],
        ),
        (
            "",
            [
                [
                    one.ref,
                    words.code("finding_status", one.status),
                    str(one.share_done),
                    str(one.due_on),
                ]
                for one in card.actions
            ],
        ),
        ("", [[one.tier, str(one.count), one.risk] for one in card.chain]),
        ("", [[words.code("limit", one)] for one in card.limits]),
    ]


def code_of(card: Scorecard) -> str:
    """Return the QR code as a drawing."""
    out = io.BytesIO()
    segno.make(card.integrity.verify_url, error="m", mask=2).save(
        out, kind="svg", xmldecl=False
    )
    return out.getvalue().decode()


def by_weasyprint(card: Scorecard, language: str) -> bytes:
    import weasyprint

    parts = [
        f"<html lang={language}><title>{card.id}</title><style>{STYLE}</style>",
        f"<h1>{html.escape(card.producer.name)}</h1>",
        f"<p class=letter>{card.grade.letter}</p><p>{card.grade.score}</p>",
        f"<div role=img aria-label=code>{code_of(card)}</div>",
    ]
    for heading, rows in tables(card, language):
        parts.append(f"<h2>{html.escape(heading)}</h2><table>")
        parts += [
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
            for row in rows
        ]
        parts.append("</table>")
    attached = weasyprint.Attachment(
        file_obj=io.BytesIO(canonical_bytes(card)), name="card.json"
    )
    made: bytes = weasyprint.HTML(string="".join(parts)).write_pdf(
        pdf_variant="pdf/a-3a", pdf_tags=True, attachments=[attached]
    )
    return made


def by_typst(card: Scorecard, language: str) -> bytes:
    import typst

    parts = [
        f'#set document(title: "{card.id}", date: datetime(year: 2026, month: 11, day: 16))',
        f'#set text(font: "Inter", size: 8pt, lang: "{language}")',
        '#set page(paper: "a4", margin: 38pt)',
        (
            '#pdf.attach("card.json", bytes(sys.inputs.card), relationship: "source", '
            'mime-type: "application/json", description: "The card")'
        ),
        f"= #{_quoted(card.producer.name)}",
        f'#text(size: 80pt, fill: rgb("#D99A1C"))[{card.grade.letter}]',
        f"{card.grade.score}",
        '#image(bytes(sys.inputs.code), format: "svg", alt: "code", width: 60pt)',
    ]
    for heading, rows in tables(card, language):
        cells = ", ".join(_quoted(cell) for row in rows for cell in row)
        parts.append(f"== #{_quoted(heading or '-')}")
        parts.append(f"#table(columns: {len(rows[0])}, stroke: 0.6pt, {cells})")
    made: bytes = typst.compile(
        "\n".join(parts).encode(),
        format="pdf",
        font_paths=_fonts(),
        pdf_standards="a-3a",
        sys_inputs={"card": canonical_bytes(card).decode(), "code": code_of(card)},
    )
    return made


@cache
def _fonts() -> Any:
    """Return the fonts, read once as ours are."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
