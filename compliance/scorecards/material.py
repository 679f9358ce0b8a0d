"""What a scorecard is made of: what the register, the visits and a person say of a site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from compliance.commitments.queries import CommitmentRecord
from compliance.corrective_actions.queries import ActionRecord
from compliance.findings.cases import CaseWord
from compliance.findings.queries import FindingRecord
from compliance.problems import Kind, Problem
from compliance.registry.queries import SiteRecord
from compliance.remedies.queries import RemedyRecord
from compliance.scorecards import content
from compliance.scorecards.codes import (
    GateCode,
    GateValue,
    KeyKind,
    Notice,
    PayerKind,
    RiskLevel,
    Season,
    VisitIntegrity,
)
from compliance.scorecards.grading import Concealment, Sign
from compliance.texts import N_
from compliance.verdicts.queries import VerdictRecord
from rules import Book

NOT_LOOKED_FOR = Concealment()
CONCEALMENT_GATES = {
    "access": GateCode.ACCESS,
    "records": GateCode.RECORDS,
    "coaching": GateCode.COACHING,
}


class ScorecardIncomplete(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard lacks something that it must say")
    detail = N_(
        "A scorecard of {site} cannot be issued yet. See 'missing': state in the "
        "request what is not stated, and correct in the register what cannot be "
        "printed (a name of one line without numbers, a region)."
    )


@dataclass(frozen=True)
class Testimony:
    """What a visit has to say of one broken rule.

    `people` is how many of those heard it is about, None where it is about nobody one
    by one; `kinds` is how many kinds of evidence say so.
    """

    people: int | None
    kinds: int


@dataclass(frozen=True)
class Visit:
    """What the audits know of a site's last visit; None is what nobody recorded.

    `audit` and `audit_step` name it and how far its review has come; `season_name` is
    the season as the register calls it, `interviews` how many workers were heard.
    """

    submission_ids: tuple[UUID, ...]
    from_on: date
    to_on: date
    notice: Notice | None = None
    payer: PayerKind | None = None
    season: Season = Season.NOT_KNOWN
    concealment: Concealment = NOT_LOOKED_FOR
    audit: str | None = None
    audit_step: str | None = None
    is_final: bool = True
    season_name: str | None = None
    interviews: int | None = None
    integrity: VisitIntegrity = VisitIntegrity.NOT_READ
    testimony: Mapping[str, Testimony] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What the person who issues a card states of the fieldwork, by name in the trail."""

    notice: Notice | None = None
    payer: PayerKind | None = None
    had_off_site_interviews: bool | None = None
    concealment: Concealment = NOT_LOOKED_FOR


@dataclass(frozen=True)
class Supply:
    """What a site's links say: who supplies it, how far assessed, and whom it supplies.

    Its share of a mill's volume is told where it supplies one mill, and the link says it.
    """

    suppliers: int = 0
    assessed: int = 0
    traced_basis_points: int | None = None
    mills: int = 0
    share_of_mill_basis_points: int | None = None


@dataclass(frozen=True)
class Work:
    """What is being done at a site, by whom, and at what risk; None is not known."""

    actions: Sequence[ActionRecord] = ()
    remedies: Sequence[RemedyRecord] = ()
    commitments: Sequence[CommitmentRecord] = ()
    child_cases: Sequence[CaseWord] = ()
    workers: int | None = None
    audit_firm: str | None = None
    risk_of_farms: RiskLevel = RiskLevel.UNKNOWN
    risk_of_mills: RiskLevel = RiskLevel.UNKNOWN


NO_WORK = Work()


@dataclass(frozen=True)
class Imprint:
    """What the card says of itself: who issues it, when, and where it is verified."""

    public_id: str
    code: str
    issued_at: datetime
    issuer_name: str
    public_url: str
    is_demonstration: bool = False
    did: str | None = None
    key_kind: KeyKind = KeyKind.NONE


@dataclass(frozen=True)
class Material:
    """All that a card is made of."""

    site: SiteRecord
    visit: Visit
    statement: Statement
    verdicts: Sequence[VerdictRecord]
    findings: Sequence[FindingRecord]
    supply: Supply
    earlier: Sequence[content.Scorecard]
    imprint: Imprint
    homes: Mapping[str, Book]
    """For the rule of each finding, a book that has it: it may be gone from this one."""
    work: Work = NO_WORK


def stated(material: Material) -> Visit:
    """Return the visit with what the issuing person states of it.

    What the visit found stands; a statement fills what it left open. What was found to
    be concealed on the last card stays until somebody says that it is not so any more.
    """
    visit, statement = material.visit, material.statement
    before = _concealed_before(material.earlier)
    signs = {}
    for name in CONCEALMENT_GATES:
        found = {getattr(visit.concealment, name), getattr(statement.concealment, name)}
        if Sign.FOUND in found or (before[name] and Sign.CLEAR not in found):
            signs[name] = Sign.FOUND
        else:
            signs[name] = Sign.CLEAR if Sign.CLEAR in found else Sign.UNDETERMINED
    return replace(
        visit,
        notice=visit.notice or statement.notice,
        payer=visit.payer or statement.payer,
        concealment=Concealment(**signs),
    )


def _concealed_before(earlier: Sequence[content.Scorecard]) -> dict[str, bool]:
    gates = {gate.code: gate for gate in earlier[-1].grade.gates} if earlier else {}
    return {
        name: code in gates and gates[code].value is GateValue.FOUND
        for name, code in CONCEALMENT_GATES.items()
    }
