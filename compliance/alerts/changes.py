"""From what to what something went, in words of fixed lists, and why as a class."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A step that an alert tells of; each part has a fixed list, and none is a sentence.

    `before` and `after` are states of a scorecard or levels of risk. `reason` is the class
    of reason that the public may know; `topic` and `standing` are the kind of what was
    found and how sure it is, for those who may read the scorecard. `letter_before` and
    `letter_after` are grades, and go to programs and never into a mail. `code` is what a
    scorecard is verified by.
    """

    before: str | None = None
    after: str | None = None
    reason: str | None = None
    topic: str | None = None
    standing: str | None = None
    version: int | None = None
    letter_before: str | None = None
    letter_after: str | None = None
    code: str | None = None


NO_CHANGE = Change()
