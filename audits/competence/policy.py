"""The policy `competence`: who of a team must be qualified for what, and what follows."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from audits.competence.models import QualificationKind
from compliance.policies.dated import Entry, read_policy
from compliance.texts import N_

KindOfAudit = Annotated[str, Field(pattern=r"^[a-z_]{3,20}$")]


class Who(StrEnum):
    """Of whom a team needs a qualification."""

    LEAD = "lead"
    SOMEBODY = "somebody"
    EVERYBODY = "everybody"
    INTERVIEWERS = "interviewers"


class Need(BaseModel):
    """What some of a team must be qualified for on audits of some kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audits: Annotated[
        tuple[KindOfAudit, ...],
        Field(min_length=1, max_length=10, description="Kinds of audits."),
    ]
    who: Who
    qualification: QualificationKind


class Competence(Entry):
    """What is asked of a team, and whether a lapse only shows or stops the work."""

    needs: Annotated[
        tuple[Need, ...],
        Field(max_length=50, description="Who needs which qualification where."),
    ]
    refuses_team: Annotated[
        bool, Field(description="A team that lacks one cannot be set.")
    ]
    blocks_final: Annotated[
        bool,
        Field(description="An audit whose team lacked one cannot be made final."),
    ]


COMPETENCE = read_policy(
    "competence",
    N_("Competence of teams"),
    Competence,
    Path(__file__).parent / "competence.yaml",
)
