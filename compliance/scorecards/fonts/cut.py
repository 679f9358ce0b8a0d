"""Makes the fonts of the scorecard from Inter's static cuts; run by hand, see README.md."""

import sys
from pathlib import Path
from typing import Any

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

CUTS = (
    "Inter-Regular",
    "Inter-Medium",
    "Inter-SemiBold",
    "Inter-Bold",
    "InterDisplay-SemiBold",
    "InterDisplay-Bold",
)
TABULAR = ("Inter-Regular", "Inter-SemiBold")
# Guaraní's g with tilde has no code point; it gets a private one, and the PDF's text
# layer gives back the two characters that it stands for.
GUARANI = {0xE000: ("g", "gtilde.made"), 0xE001: ("G", "Gtilde.made")}
SYMBOLS = "–—‘’‚“”„†•…‰′″‹›€™−×÷≤≥≈≠±→←↑↓✓✗▲▼◆●○■□°№₂₃·�"
LETTERS = (
    set(range(0x20, 0x7F))
    | set(range(0xA0, 0x180))
    | set(range(0x1EA0, 0x1EFA))
    | {0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x218, 0x219, 0x21A, 0x21B, 0x1EBC, 0x1EBD}
    | {0x300, 0x301, 0x302, 0x303, 0x306, 0x308, 0x309, 0x30C, 0x323, 0x327}
    | {ord(symbol) for symbol in SYMBOLS}
    | set(GUARANI)
)
FIGURES = {ord(sign) for sign in " 0123456789.,:%+–−±-<>/·"} | set(
    range(ord("A"), ord("Z") + 1)
)


def cut(source: Path, target: Path) -> None:
    for name in CUTS:
        font = _with_guarani(_opened(source, name))
        _write(font, LETTERS, target / f"{name}.ttf")
    for name in TABULAR:
        font = _with_tabular_figures(_opened(source, name))
        _write(font, FIGURES, target / f"{name}-Tabular.ttf")


def _opened(source: Path, name: str) -> TTFont:
    (path,) = source.rglob(f"{name}.woff2")
    font = TTFont(path)
    font.flavor = None
    return font


def _write(font: TTFont, codes: set[int], path: Path) -> None:
    options = Options()
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    # The folder's licence and this instant tell enough; the same input, the same bytes.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(path)


def _with_tabular_figures(font: TTFont) -> TTFont:
    """Give the digits the glyphs that the feature `tnum` would give them."""
    table = font["GSUB"].table
    lookups = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    swaps: dict[str, str] = {}
    for index in lookups:
        for subtable in table.LookupList.Lookup[index].SubTable:
            swaps |= getattr(subtable, "ExtSubTable", subtable).mapping
    for part in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            part.cmap[code] = swaps.get(part.cmap[code], part.cmap[code])
    return font


def _with_guarani(font: TTFont) -> TTFont:
    """Set the combining tilde upon g and G where the font's own anchors say."""
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder() + [made for _, made in GUARANI.values()]
    for code, (base, made) in GUARANI.items():
        right, up = _offset_of_mark(font, base, "tildecomb")
        pen = TTGlyphPen(glyphs)
        pen.addComponent(base, (1, 0, 0, 1, 0, 0))
        pen.addComponent("tildecomb", (1, 0, 0, 1, right, up))
        font["glyf"][made] = pen.glyph()
        font["hmtx"][made] = font["hmtx"][base]
        for part in font["cmap"].tables:
            if part.isUnicode():
                part.cmap[code] = made
    font.setGlyphOrder(order)
    font["glyf"].setGlyphOrder(order)
    return font


def _offset_of_mark(font: TTFont, base: str, mark: str) -> tuple[int, int]:
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for wrapped in lookup.SubTable:
            table: Any = getattr(wrapped, "ExtSubTable", wrapped)
            if type(table).__name__ != "MarkBasePos":
                continue
            if mark not in table.MarkCoverage.glyphs:
                continue
            if base not in table.BaseCoverage.glyphs:
                continue
            record = table.MarkArray.MarkRecord[table.MarkCoverage.glyphs.index(mark)]
            bases = table.BaseArray.BaseRecord[table.BaseCoverage.glyphs.index(base)]
            anchor = bases.BaseAnchor[record.Class]
            if anchor is not None:
                at = record.MarkAnchor
                right = anchor.XCoordinate - at.XCoordinate
                return right, anchor.YCoordinate - at.YCoordinate
    raise LookupError(f"The font says nowhere how {mark} sits upon {base}.")


if __name__ == "__main__":
    cut(Path(sys.argv[1]), Path(__file__).parent)
