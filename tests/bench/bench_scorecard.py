"""What a scorecard costs: drawn, signed and made a credential, against two typesetters.

Run by hand: `./run bench scorecard [CARDS]`. Aims for a card of two pages: 50 ms of CPU to
draw, 150 KB, and 70 MB of memory after a thousand. WeasyPrint and Typst lay out a page
that says the same, in the same run; what counts are the ratios. Each is measured in a
process of its own, so that memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from compliance.scorecards.content import Scorecard
from compliance.scorecards.drawing import draw
from tests.unit.scorecards.sample import card, titles

KILOBYTES_A_UNIT = 1 if sys.platform != "darwin" else 1024
DIFFERENT = 50
MANY = 1_000
Make = Callable[[Scorecard, str], bytes]


def drawn(told: Scorecard, language: str) -> bytes:
    return draw(told, language, titles)


def drawn_and_signed(told: Scorecard, language: str) -> bytes:
    from compliance.signatures.pdf import sign_pdf
    from tests.signing import SIGNED_AT, issuer

    return sign_pdf(drawn(told, language), issuer(), at=SIGNED_AT)


def credential(told: Scorecard, _language: str) -> bytes:
    from compliance.scorecards.credential import credential_of
    from compliance.signatures.jose import signed
    from tests.signing import issuer
    from tests.unit.scorecards.test_credential import GROUNDS

    return signed(credential_of(told, GROUNDS), issuer(), did="did:web:a").encode()


def weasyprint(told: Scorecard, language: str) -> bytes:
    from tests.bench.comparable_pages import by_weasyprint

    return by_weasyprint(told, language)


def typst(told: Scorecard, language: str) -> bytes:
    from tests.bench.comparable_pages import by_typst

    return by_typst(told, language)


MAKERS: Mapping[str, Make] = {
    "drawn": drawn,
    "drawn_and_signed": drawn_and_signed,
    "credential": credential,
    "weasyprint": weasyprint,
    "typst": typst,
}


def numbered(number: int) -> Scorecard:
    """Return another card each time, so that nothing is remembered of the last."""
    return card(id=f"SC-2026-CO-{number:06d}", version=3)


def measured(make: Make, rounds: int) -> dict[str, float]:
    """Return milliseconds of CPU, the first apart, kilobytes, and the most memory."""
    cards = [numbered(number) for number in range(DIFFERENT)]
    started = time.process_time()
    size = len(make(cards[0], "en"))
    first = time.process_time() - started

    before = time.process_time()
    for number in range(rounds):
        make(cards[number % DIFFERENT], ("en", "es")[number % 2])
    spent = time.process_time() - before

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_UNIT
    return {
        "milliseconds_of_cpu": round(1000 * spent / rounds, 1),
        "milliseconds_of_the_first": round(1000 * first, 1),
        "kilobytes": round(size / 1000, 1),
        "peak_memory_megabytes": round(peak / 1024, 1),
    }


def all_measured(rounds: int, *, memory: bool) -> dict[str, object]:
    """Measure each maker in a process of its own, and set the others against ours."""
    told = {name: _apart(name, rounds) for name in MAKERS}
    ours = told["drawn"]["milliseconds_of_cpu"]
    result: dict[str, object] = {
        "rounds": rounds,
        **told,
        "times_ours": {
            name: round(told[name]["milliseconds_of_cpu"] / ours, 2)
            for name in ("weasyprint", "typst")
        },
    }
    if memory:
        result["after_a_thousand"] = _apart("drawn_and_signed", MANY)
    return result


def _apart(name: str, rounds: int) -> dict[str, float]:
    command = [sys.executable, __file__, str(rounds), "--only", name]
    told: dict[str, float] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cards", type=int, nargs="?", default=MANY)
    parser.add_argument("--only", choices=MAKERS)
    parser.add_argument("--memory", action="store_true", help="also after a thousand")
    given = parser.parse_args(arguments)
    result = (
        measured(MAKERS[given.only], given.cards)
        if given.only
        else all_measured(given.cards, memory=given.memory)
    )
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
