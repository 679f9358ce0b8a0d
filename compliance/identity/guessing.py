"""Whether a password is among the first that are guessed (NIST SP 800-63B-4, 3.1.1.2).

What is left of it is weighed when the commonly used passwords, the rows of a keyboard
and the words that belong to the person or to the service are taken out. A sentence of
many common words is a good password; three of them with a year behind are not.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "common_passwords.txt"
LEAST_LETTERS = 4  # that must be left,
MOST_SIGNS = 6  # or more than these of digits and signs: a year and a full stop
MOST_WORDS = 3  # that make no sentence
SHORTEST_WORD = 4
SHORTEST_RUN = 4
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
REPETITION = re.compile(r"(.{1,4})\1{2,}.{0,3}", re.DOTALL)


def is_guessable(password: str, context: Iterable[str] = ()) -> bool:
    """Tell whether a password says little but what anybody would try.

    `context` are texts about the person: a name, an address, an organisation.
    """
    plain = _plain(password)
    if REPETITION.fullmatch(plain):
        return True
    known = {*_common(), *(word for text in context for word in _words(text))}
    rest, taken = _without_rows(plain), set()
    for word in sorted(known, key=lambda one: (-len(one), one)):
        if word in rest:
            rest = rest.replace(word, " ")
            taken.add(word)
    letters = sum(character.isalpha() for character in rest)
    signs = sum(not (one.isalpha() or one.isspace()) for one in rest)
    is_left = letters >= LEAST_LETTERS or signs > MOST_SIGNS
    return not is_left and len(taken) <= MOST_WORDS


@cache
def _common() -> frozenset[str]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _words(text: str) -> list[str]:
    words = re.split(r"[^a-z0-9]+", _plain(text))
    return [word for word in words if len(word) >= SHORTEST_WORD]


def _plain(text: str) -> str:
    """Return a text in small letters without accents."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parted if not unicodedata.combining(one))


def _without_rows(text: str) -> str:
    """Return a text without what runs along a row, forwards or backwards."""
    rows = [*ROWS, *(row[::-1] for row in ROWS)]
    kept, place = [], 0
    while place < len(text):
        run = max(_run(text, place, row) for row in rows)
        if run < SHORTEST_RUN:
            kept.append(text[place])
            run = 1
        place += run
    return "".join(kept)


def _run(text: str, place: int, row: str) -> int:
    """Return how many characters from `place` on stand so in `row`."""
    length = SHORTEST_RUN
    while text[place : place + length] in row and place + length <= len(text):
        length += 1
    return length - 1
