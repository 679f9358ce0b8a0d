"""Questions that need each other, or themselves, to be worked out: no device can.

pyxform lets a cycle pass, and a phone then refuses to open the form at all.
"""

from collections.abc import Iterator, Mapping

from audits.checklists.mistakes import MistakeList, sentence
from audits.checklists.survey import Survey, SurveyRow
from compliance.texts import N_

# What a device works out again whenever something it refers to changes.
WORKED_OUT = ("calculation", "relevant", "choice_filter", "repeat_count")


def check_cycles(survey: Survey, mistakes: MistakeList) -> None:
    """Note each ring of questions once, at its first row."""
    needs = {
        name: tuple(one for one in _needed(row) if one in survey.named)
        for name, row in survey.named.items()
    }
    for ring in _rings(needs):
        row = min((survey.named[name] for name in ring), key=lambda one: one.number)
        mistakes.note(
            "survey",
            row.number,
            _heading(row, ring),
            sentence(
                N_("The question needs itself to be worked out: {ring}."),
                ring=" → ".join((*ring, ring[0])),
            ),
            sentence(N_("Break the ring: take one of these references out.")),
        )


def _needed(row: SurveyRow) -> Iterator[str]:
    return (name for column in WORKED_OUT for name in row.references(column))


def _heading(row: SurveyRow, ring: tuple[str, ...]) -> str:
    columns = (
        column for column in WORKED_OUT if set(row.references(column)) & set(ring)
    )
    return row.heading(next(columns, WORKED_OUT[0]))


def _rings(needs: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield rings by a walk in depth that keeps no stack of calls: forms can be long."""
    finished: set[str] = set()
    for start in needs:
        path: list[str] = []
        on_path: set[str] = set()
        waiting = [(start, False)]
        while waiting:
            name, is_left = waiting.pop()
            if is_left:
                on_path.discard(path.pop())
                finished.add(name)
            elif name in on_path:
                yield tuple(path[path.index(name) :])
            elif name not in finished:
                path.append(name)
                on_path.add(name)
                waiting.append((name, True))
                waiting += [(one, False) for one in reversed(needs[name])]
