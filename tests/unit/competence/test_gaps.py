"""What a team lacks follows from who goes along, what they hold, and what is asked."""

import pytest

from audits.competence.gaps import Gap, Goer, gaps
from audits.competence.models import QualificationKind
from audits.competence.policy import COMPETENCE, Competence, Need, Who
from audits.visits.models import AuditKind, TeamRole
from compliance.identifiers import PersonId, new_id

LEADING = QualificationKind.LEAD_AUDITOR
MARTA, JUAN = PersonId(new_id()), PersonId(new_id())
LEAD = Goer("person_marta", TeamRole.LEAD, MARTA)
INTERVIEWER = Goer("person_juan", TeamRole.INTERVIEWER, JUAN)
PHONE = Goer("device_x", TeamRole.INTERVIEWER, None)


def asking(who: Who, *audits: str) -> Competence:
    need = Need(audits=audits or ("farm_visit",), who=who, qualification=LEADING)
    return COMPETENCE.entries[0].model_copy(update={"needs": (need,)})


@pytest.mark.parametrize(
    ("who", "lacking"),
    [
        (Who.LEAD, []),
        (Who.SOMEBODY, []),
        (Who.EVERYBODY, ["person_juan", "device_x"]),
        (Who.INTERVIEWERS, ["person_juan", "device_x"]),
    ],
)
def test_a_qualification_is_asked_of_those_it_is_asked_of(
    who: Who, lacking: list[str]
) -> None:
    held = {MARTA: frozenset({LEADING})}

    found = gaps(asking(who), "farm_visit", [LEAD, INTERVIEWER, PHONE], held)

    assert [one.member for one in found] == lacking


def test_a_team_without_a_lead_lacks_a_qualified_one() -> None:
    found = gaps(asking(Who.LEAD), "farm_visit", [INTERVIEWER], {})

    assert found == (Gap(Who.LEAD, LEADING),)


def test_other_qualifications_do_not_count() -> None:
    held = {MARTA: frozenset(set(QualificationKind) - {LEADING})}

    assert gaps(asking(Who.SOMEBODY), "farm_visit", [LEAD], held) == (
        Gap(Who.SOMEBODY, LEADING),
    )


def test_nothing_is_asked_on_other_kinds_of_audits() -> None:
    assert gaps(asking(Who.LEAD, "mill_audit"), "farm_visit", [], {}) == ()


def test_what_ships_names_kinds_and_roles_that_there_are() -> None:
    kinds = {kind for need in COMPETENCE.entries[0].needs for kind in need.audits}

    assert kinds <= set(AuditKind)
    assert {TeamRole.LEAD, TeamRole.INTERVIEWER} == {"lead", "interviewer"}
