"""How much CPU, how many bytes and how much memory a scorecard's PDF takes.

Run by hand: `python -m tests.bench.bench_scorecard`. Aims (a two-page card): 50 ms of
CPU, 150 KB, and 70 MB of memory after a thousand.
"""

import json
import resource
import sys
import time

from compliance.scorecards.content import Scorecard
from compliance.scorecards.drawing import draw
from tests.unit.scorecards.sample import card, titles

ROUNDS = 1_000
KILOBYTES_A_UNIT = 1 if sys.platform != "darwin" else 1024


def numbered(told: Scorecard, number: int) -> Scorecard:
    """Return another card each time, so that nothing is remembered of the last."""
    return card(id=f"SC-2026-CO-{number:06d}", version=3, producer=told.producer)


def measured() -> dict[str, float]:
    told = card()
    started = time.process_time()
    size = len(draw(told, "en", titles))
    first = time.process_time() - started

    cards = [numbered(told, number) for number in range(50)]
    before = time.process_time()
    for number in range(ROUNDS):
        draw(cards[number % 50], ("en", "es")[number % 2], titles)
    spent = time.process_time() - before

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_UNIT
    return {
        "milliseconds_of_cpu": round(1000 * spent / ROUNDS, 1),
        "milliseconds_of_the_first": round(1000 * first, 1),
        "kilobytes": round(size / 1000, 1),
        "peak_memory_megabytes": round(peak / 1024, 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(), indent=2) + "\n")
