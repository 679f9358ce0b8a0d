"""Keep of the pictures that the tests took those that the guides show, made smaller.

`./run pictures` runs it: python tests/guide_pictures.py FOLDER
"""

import re
import sys
from pathlib import Path

from PIL import Image

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
SHOWN = re.compile(r"\(\.\./pictures/([\w-]+\.png)\)")
COLOURS = 64
TALLEST = 1_600


def shown() -> set[str]:
    """Return the names of the pictures that the guides show."""
    guides = [path.read_text("utf-8") for path in GUIDES.glob("*/*.md")]
    return {name for text in guides for name in SHOWN.findall(text)}


def main(taken: Path) -> int:
    wanted = shown()
    lacking = sorted(name for name in wanted if not (taken / name).exists())
    if lacking:
        sys.stderr.write(f"No test takes: {', '.join(lacking)}\n")
        return 1
    for old in (GUIDES / "pictures").glob("*.png"):
        old.unlink()
    for name in sorted(wanted):
        with Image.open(taken / name) as picture:
            top = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
            small = top.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS)
            small.save(GUIDES / "pictures" / name, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
