"""One card for every state that a reader can meet."""

from datetime import date

from compliance.scorecards.codes import (
    ActionText,
    Cap,
    ChildCases,
    FindingStatus,
    GateCode,
    GateValue,
    KeyKind,
    Letter,
    Limit,
    PeopleRange,
    Product,
    RiskLevel,
    Severity,
    SiteKind,
    Status,
    Tier,
    WorkersWithheld,
)
from compliance.scorecards.content import (
    ChainTier,
    Issuer,
    Point,
    Scorecard,
)
from tests.unit.scorecards.sample import (
    ACTIONS,
    FLAGS,
    FORCED_LABOUR_OPEN,
    TOPICS,
    action,
    card,
    flag,
    gate,
    grade,
    producer,
    scope,
    topic,
)

ZERO_TOLERANCE_FLAG = flag(
    "RF-01",
    "child_labour.hazardous_work",
    Severity.ZERO_TOLERANCE,
    FindingStatus.RAISED,
    date(2026, 11, 22),
    "ILO C182|3(d)",
    "ILO C138|3",
)
SUSPENDING = gate(GateCode.ZERO_TOLERANCE, GateValue.NO_PLAN, caps_at=Cap.SUSPENDED)
LAPSED = gate(GateCode.ZERO_TOLERANCE, GateValue.PLAN_LAPSED, caps_at=Cap.E)
UNDETERMINED = (
    GateCode.ZERO_TOLERANCE,
    GateCode.ACCESS,
    GateCode.RECORDS,
    GateCode.CHILD_LABOUR_FLAG,
    GateCode.FORCED_LABOUR_FLAG,
)
NOTHING_DETERMINED = (
    *(gate(code, GateValue.UNDETERMINED) for code in UNDETERMINED),
    gate(GateCode.DETERMINATE_SHARE, 0, caps_at=Cap.NOT_GRADED, limit=40),
    gate(GateCode.CHILD_LABOUR_SHARE, 0, caps_at=Cap.C, limit=60),
    gate(GateCode.FORCED_LABOUR_SHARE, 0, caps_at=Cap.C, limit=60),
    gate(GateCode.OPEN_QUESTIONS, None, limit=0),
)
TOO_OLD = gate(GateCode.FIELDWORK_AGE, 731, caps_at=Cap.EXPIRED, limit=730)
LONG_NAME = "Cooperativa Multiactiva de Pequeños Productores Ñande Yvy G̃uaraní Đắk Lắk y Anexos S.A.S."
ALL_UNDETERMINED = tuple(
    topic(result.code, None, None, 0, 0, 9, 2) for result in TOPICS
)


def smallholder() -> Scorecard:
    """Return a farm of so few people that not even a range of them may be told."""
    return card(
        producer=producer(
            name="Finca El Mirador",
            kind=SiteKind.PRODUCER,
            country="PE",
            admin1="San Martín",
            register_ids=(),
        ),
        scope=scope(
            municipality="Moyobamba",
            point=None,
            sites=1,
            sites_visited=1,
            products=(Product.COFFEE_CHERRY,),
            workers_total=None,
            workers_withheld=WorkersWithheld.FEWER_THAN_TEN,
            interviews_range=None,
            volume_traced_share=None,
            child_cases=None,
        ),
        grade=grade(None, None, *NOTHING_DETERMINED),
        topics=ALL_UNDETERMINED,
        flags=(),
        actions=(),
        chain=(),
        history=(),
        version=1,
        supersedes=None,
    )


def crowded() -> Scorecard:
    """Return a card with more of everything than two pages hold, and long names."""
    return card(
        producer=producer(
            name=LONG_NAME, country="EC", admin1="Santo Domingo de los Tsáchilas"
        ),
        scope=scope(
            municipality="San Vicente de la Santísima Trinidad de Chucurí",
            point=Point(latitude_tenths=-3, longitude_tenths=-792),
            products=tuple(Product),
        ),
        issuer=Issuer(
            name="Fundación Internacional para el Trabajo Decente en las Cadenas",
            audit_firm="Bureau of Agricultural Social Assurance and Verification Ltd.",
            did="did:web:scorecards.trabajo-decente.example.org%3A8443:issuers:one",
            key_kind=KeyKind.TEST,
        ),
        flags=tuple(
            one.model_copy(update={"ref": f"RF-{turn}{one.ref[3:]}"})
            for turn in range(1, 4)
            for one in FLAGS
        ),
        actions=tuple(
            action(
                f"CA-{place}",
                None,
                text,
                25 * (place % 5) if text.startswith("remedy_") else place,
                list(FindingStatus)[place % 7],
                date(2026, 9, 1 + place % 20),
                date(2027, 1 + place % 9, 10),
            )
            for place, text in enumerate(ActionText)
        ),
        chain=tuple(
            ChainTier(
                tier=tier,
                count=1 + 400 * place,
                volume_share=None if place == 2 else 100 - place,
                risk=list(RiskLevel)[place % 4],
            )
            for place, tier in enumerate(Tier)
        ),
        limits=tuple(Limit),
    )


def supplying_farm() -> Scorecard:
    """Return an unsigned card of a farm that supplies one mill with little."""
    return card(
        issuer=Issuer(
            name="Exportadora Dos Laderas",
            audit_firm=None,
            did=None,
            key_kind=KeyKind.NONE,
        ),
        limits=(Limit.NO_GUARANTEE, Limit.FIRST_AUDIT, Limit.DEMONSTRATION),
        producer=producer(
            name="Finca El Guadual de la Bruma",
            kind=SiteKind.PRODUCER,
            admin1="Tolima",
            register_ids=(),
        ),
        scope=scope(
            municipality="Planadas",
            point=None,
            sites=1,
            sites_visited=1,
            products=(Product.PARCHMENT_COFFEE,),
            workers_total=None,
            workers_withheld=WorkersWithheld.NOT_KNOWN,
            interviews_range=None,
            volume_traced_share=None,
        ),
        grade=grade(
            100,
            Letter.A,
            gate(GateCode.DETERMINATE_SHARE, 49, caps_at=Cap.C, limit=60),
            gate(GateCode.OPEN_QUESTIONS, 49, caps_at=Cap.D, limit=85),
        ),
        flags=(),
        actions=(),
        chain=(
            ChainTier(tier=Tier.FARMS, count=1, volume_share=0, risk=RiskLevel.UNKNOWN),
            ChainTier(
                tier=Tier.MILLS, count=1, volume_share=None, risk=RiskLevel.UNKNOWN
            ),
        ),
        history=(),
        version=1,
        supersedes=None,
    )


def ungraded_for_age() -> Scorecard:
    return card(grade=grade(74, Letter.B, TOO_OLD))


CARDS = {
    "A": card(
        grade=grade(91, Letter.A, gate(GateCode.OPEN_QUESTIONS, 86, limit=85)),
        topics=tuple(
            result.model_copy(update={"score": min(100, 20 + (result.score or 0))})
            for result in TOPICS
        ),
        flags=FLAGS[3:4],
        actions=ACTIONS[3:4],
        history=(),
        version=1,
        supersedes=None,
    ),
    "B": card(
        grade=grade(74, Letter.B),
        flags=(),
        actions=(),
        scope=scope(
            workers_total=None,
            workers_range=PeopleRange.FROM_250,
            child_cases=ChildCases.OUTCOME_VERIFIED,
        ),
    ),
    "C": card(),
    "D": card(
        scope=scope(child_cases=ChildCases.OPEN),
        grade=grade(
            74,
            Letter.B,
            gate(GateCode.ZERO_TOLERANCE, GateValue.PLAN_IN_TIME, caps_at=Cap.D),
        ),
        flags=(ZERO_TOLERANCE_FLAG, *FLAGS),
    ),
    "E": card(
        scope=scope(child_cases=ChildCases.OPEN),
        grade=grade(
            74,
            Letter.B,
            FORCED_LABOUR_OPEN,
            LAPSED,
            gate(GateCode.ACCESS, GateValue.FOUND, caps_at=Cap.E),
        ),
        flags=(ZERO_TOLERANCE_FLAG, *FLAGS),
    ),
    "suspended": card(
        scope=scope(child_cases=ChildCases.OPEN),
        status=Status.SUSPENDED,
        grade=grade(74, Letter.B, SUSPENDING, FORCED_LABOUR_OPEN),
        flags=(ZERO_TOLERANCE_FLAG, *FLAGS[:2]),
        actions=(),
    ),
    "not_graded": smallholder(),
    "expired": ungraded_for_age(),
    "draft": card(status=Status.DRAFT),
    "superseded": card(status=Status.SUPERSEDED),
    "revoked": card(status=Status.REVOKED),
    "farm": supplying_farm(),
    "crowded": crowded(),
}
