"""What audits look like when they travel: wire models, and documents made of records."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from api.wire import Day, Instant, Season, Wire
from audits.competence.gaps import Gap
from audits.competence.models import QualificationKind
from audits.competence.policy import Who
from audits.reviews.models import About, RemarkKind
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind, Notice, Purpose, TeamRole, VoidReason
from audits.visits.queries import AuditRecord, MemberRecord

MINUTES = 60 * 24 * 60
PublicId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+_[0-9a-z]+$", max_length=40, strict=True)
]
Payer = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$", strict=True),
    Field(description="Who pays, as a code.", examples=["programme"]),
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$", strict=True)]
People = Annotated[int, Field(ge=0, le=100, strict=True)]


class AuditWire(Wire):
    """A visit, its circumstances, and how far its review is."""

    id: str
    site: str
    kind: AuditKind
    purpose: Purpose
    status: State
    fieldwork_from: Day
    fieldwork_to: Day
    season: str | None
    notice: Notice
    payer: str | None
    programme: str | None
    planned_minutes: int | None
    spent_minutes: int | None
    women: int | None
    men: int | None
    reviewer: Annotated[
        str | None, Field(description="Who has it in review: a person, or a key.")
    ]
    finalised_at: Instant | None
    void_reason: VoidReason | None


class AuditPage(Wire):
    items: list[AuditWire]
    next: str | None


class GapWire(Wire):
    """A qualification that the policy `competence` asks for and the team lacks."""

    who: Who
    qualification: QualificationKind
    member: str | None


class MemberWire(Wire):
    """Somebody who goes along, or a device that does."""

    person: str | None
    device: str | None
    role: TeamRole
    languages: list[str]
    attended: bool | None


class AuditDetail(AuditWire):
    """A visit with who goes along, and what they lack today."""

    members: list[MemberWire]
    lacking: list[GapWire]


class NewAudit(Wire):
    """An audit to be planned."""

    site: PublicId
    fieldwork_from: Day
    fieldwork_to: Day
    purpose: Purpose = Purpose.UNSTATED
    notice: Notice = Notice.UNKNOWN
    season: Season | None = None
    payer: Payer | None = None
    programme: Annotated[
        PublicId | None, Field(description="Whose policies it goes by.")
    ] = None
    planned_minutes: Annotated[
        int | None, Field(ge=0, le=MINUTES, strict=True, description="Of all people.")
    ] = None


class NewTeamMember(Wire):
    """One of your people or devices; say one of both."""

    person: PublicId | None = None
    device: PublicId | None = None
    role: TeamRole
    languages: Annotated[list[Language], Field(max_length=10)] = Field(
        default_factory=list
    )
    attended: Annotated[
        bool | None, Field(description="Whether they came; leave it out before.")
    ] = None

    @model_validator(mode="after")
    def names_one(self) -> "NewTeamMember":
        if (self.person is None) == (self.device is None):
            raise ValueError("Give 'person' or 'device', one of both.")
        return self


class Team(Wire):
    """Who goes along, and the mix of them in numbers; no names of anybody else."""

    members: Annotated[list[NewTeamMember], Field(max_length=50)]
    women: People | None = None
    men: People | None = None


class Taking(Wire):
    """Taking an audit into review."""

    from_another: Annotated[
        bool,
        Field(
            strict=True,
            description="Take it over from whoever has it in review; for administrators.",
        ),
    ] = False


class NewRemarkWire(Wire):
    """What is to be mended, and where."""

    kind: RemarkKind
    about: About = About.VISIT
    code: Annotated[
        str | None,
        StringConstraints(pattern=r"^[a-z][a-z0-9_.\-/]{0,99}$", strict=True),
        Field(description="The name of the question, section or fact, as it is coded."),
    ] = None
    text: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=2000, strict=True),
        Field(
            description="In words. It is sealed and shown to those who read the visit; "
            "never name a worker or a child."
        ),
    ] = None

    @model_validator(mode="after")
    def says_where(self) -> "NewRemarkWire":
        if (self.about is About.VISIT) != (self.code is None):
            raise ValueError("Give 'code' for anything but the visit as a whole.")
        return self


class Returning(Wire):
    """An audit that goes back to be mended."""

    remarks: Annotated[list[NewRemarkWire], Field(min_length=1, max_length=100)]


class Voiding(Wire):
    """Why an audit does not count."""

    reason: VoidReason


class RemarkWire(Wire):
    """A remark, and the submission that answered it."""

    number: int
    about: About
    code: str | None
    kind: RemarkKind
    text: str | None
    made_by: str
    made_at: Instant
    answered_by: str | None


class RemarkList(Wire):
    items: list[RemarkWire]


def audit_document(found: AuditRecord) -> dict[str, Any]:
    """Return an audit as the API tells it."""
    return {
        "id": found.public_id,
        "site": found.site_public_id,
        "kind": found.kind,
        "purpose": found.purpose,
        "status": found.status,
        "fieldwork_from": found.fieldwork_from,
        "fieldwork_to": found.fieldwork_to,
        "season": found.season,
        "notice": found.notice,
        "payer": found.payer,
        "programme": found.programme,
        "planned_minutes": found.planned_minutes,
        "spent_minutes": found.spent_minutes,
        "women": found.women,
        "men": found.men,
        "reviewer": found.reviewer,
        "finalised_at": found.finalised_at,
        "void_reason": found.void_reason,
    }


def member_document(member: MemberRecord) -> dict[str, Any]:
    """Return somebody of a team as the API tells it."""
    return {
        "person": member.person,
        "device": member.device,
        "role": member.role,
        "languages": list(member.languages),
        "attended": member.attended,
    }


def gap_document(gap: Gap) -> dict[str, Any]:
    """Return what a team lacks as the API tells it."""
    return {
        "who": gap.who,
        "qualification": gap.qualification,
        "member": gap.member,
    }
