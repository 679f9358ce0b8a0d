"""What a team lacks: pure, from who goes along, what they hold, and what is asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audits.competence.models import QualificationKind
from audits.competence.policy import Competence, Need, Who
from compliance.identifiers import PersonId

LEAD, INTERVIEWER = "lead", "interviewer"
NOTHING: frozenset[QualificationKind] = frozenset()


@dataclass(frozen=True)
class Goer:
    """Somebody of a team; of a device that is nobody's, nobody knows who carries it."""

    named: str
    role: str
    person_id: PersonId | None


@dataclass(frozen=True)
class Gap:
    """A qualification that is asked for and not held; of somebody, or of the team."""

    who: Who
    qualification: QualificationKind
    member: str | None = None


def gaps(
    policy: Competence,
    kind: str,
    team: Sequence[Goer],
    held: Mapping[PersonId, frozenset[QualificationKind]],
) -> tuple[Gap, ...]:
    """Return what a team of an audit of `kind` lacks, in the order of the policy."""
    asked = [need for need in policy.needs if kind in need.audits]
    return tuple(gap for need in asked for gap in _of(need, team, held))


def _of(
    need: Need,
    team: Sequence[Goer],
    held: Mapping[PersonId, frozenset[QualificationKind]],
) -> Iterator[Gap]:
    if need.who is Who.SOMEBODY:
        if not any(_holds(one, need, held) for one in team):
            yield Gap(need.who, need.qualification)
        return
    asked = _asked(need.who, team)
    if need.who is Who.LEAD and not asked:
        yield Gap(need.who, need.qualification)
    for one in asked:
        if not _holds(one, need, held):
            yield Gap(need.who, need.qualification, one.named)


def _asked(who: Who, team: Sequence[Goer]) -> Collection[Goer]:
    wanted = {Who.LEAD: LEAD, Who.INTERVIEWERS: INTERVIEWER}.get(who)
    return [one for one in team if wanted is None or one.role == wanted]


def _holds(
    one: Goer,
    need: Need,
    held: Mapping[PersonId, frozenset[QualificationKind]],
) -> bool:
    if one.person_id is None:
        return False
    return need.qualification in held.get(one.person_id, NOTHING)
