"""The trail: who did what to which thing and when, chained so that none can be lost.

An action records its entry in its own transaction; the entries are sealed into the
organisation's chain just before the commit. `merkle` is the tree that later proves
them, `verify_trail` the script by which an outsider checks an exported trail.
"""

from compliance.trail.models import TrailEntry, TrailHead
from compliance.trail.recording import START, begin, leaf_of, record, seal

__all__ = [
    "START",
    "TrailEntry",
    "TrailHead",
    "begin",
    "leaf_of",
    "record",
    "seal",
]
