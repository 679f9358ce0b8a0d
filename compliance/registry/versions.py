"""Two people at one thing: the second learns that the first was there."""

from compliance.problems import Kind, Problem
from compliance.texts import N_


class Overtaken(Problem):
    kind = Kind.STALE
    title = N_("Somebody changed this a moment before")
    detail = N_(
        "You saw version {seen} of {thing}, and version {version} is there now. Read it "
        "again and decide anew."
    )


def refuse_stale(thing: str, *, seen: int | None, version: int) -> None:
    """Raise Overtaken unless `seen` is the version, or nobody says what was seen."""
    if seen is not None and seen != version:
        raise Overtaken(thing=thing, seen=seen, version=version)
