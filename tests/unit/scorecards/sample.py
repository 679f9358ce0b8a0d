"""Whole, valid cards on invented people and places, for the tests and the bench."""

from datetime import UTC, date, datetime
from typing import Any

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
    Notice,
    PayerKind,
    PeopleRange,
    Product,
    RegisterScheme,
    RiskLevel,
    Season,
    Severity,
    SiteKind,
    Status,
    Tier,
    Topic,
    VisitIntegrity,
)
from compliance.scorecards.content import (
    Action,
    ChainTier,
    Citation,
    Fieldwork,
    Flag,
    Gate,
    Grade,
    Integrity,
    Issuer,
    PastScore,
    Point,
    Producer,
    RegisterId,
    Rulebook,
    Scope,
    Scorecard,
    TopicResult,
    letter_after,
    sealed,
)

TITLES = {
    "recruitment_and_contracts.fees_charged": (
        "Recruitment fees charged to migrant harvest workers",
        "Cobro de comisiones de contratación a cosecheros migrantes",
    ),
    "forced_labour.documents_held": (
        "Identity documents held by the labour contractor",
        "Documentos de identidad retenidos por el contratista",
    ),
    "wages_and_hours.overtime_limit": (
        "Harvest-season overtime above the legal limit",
        "Horas extra en cosecha por encima del límite legal",
    ),
    "wages_and_hours.minimum_wage": (
        "Piece rate below the minimum wage on low-yield days",
        "Pago a destajo bajo el salario mínimo en días de bajo rendimiento",
    ),
    "child_labour.age_not_checked": (
        "Ages are not checked where fruit is collected",
        "No se verifica la edad donde se recolecta el fruto",
    ),
    "health_and_safety.protective_equipment": (
        "Missing protective equipment for pesticide crews",
        "Falta equipo de protección para cuadrillas de plaguicidas",
    ),
    "recruitment_and_contracts.contract_language": (
        "Contracts not in the worker’s language",
        "Contratos que no están en el idioma del trabajador",
    ),
    "child_labour.hazardous_work": (
        "A child does hazardous work",
        "Un niño realiza trabajo peligroso",
    ),
}


def titles(rule_id: str, language: str) -> str:
    return TITLES[rule_id][("en", "es").index(language)]


def gate(
    code: GateCode,
    value: GateValue | int | None,
    *,
    caps_at: Cap | None = None,
    limit: int | None = None,
) -> Gate:
    return Gate(
        code=code,
        limit=limit,
        value=value,
        applied=caps_at is not None,
        caps_at=caps_at,
    )


CLEAR_GATES = {
    GateCode.ZERO_TOLERANCE: gate(GateCode.ZERO_TOLERANCE, GateValue.CLEAR),
    GateCode.ACCESS: gate(GateCode.ACCESS, GateValue.CLEAR),
    GateCode.RECORDS: gate(GateCode.RECORDS, GateValue.CLEAR),
    GateCode.COACHING: gate(GateCode.COACHING, GateValue.UNDETERMINED),
    GateCode.CHILD_LABOUR_FLAG: gate(GateCode.CHILD_LABOUR_FLAG, GateValue.CLEAR),
    GateCode.FORCED_LABOUR_FLAG: gate(GateCode.FORCED_LABOUR_FLAG, GateValue.CLEAR),
    GateCode.DETERMINATE_SHARE: gate(GateCode.DETERMINATE_SHARE, 80, limit=80),
    GateCode.CHILD_LABOUR_SHARE: gate(GateCode.CHILD_LABOUR_SHARE, 91, limit=60),
    GateCode.FORCED_LABOUR_SHARE: gate(GateCode.FORCED_LABOUR_SHARE, 88, limit=60),
    GateCode.OPEN_QUESTIONS: gate(GateCode.OPEN_QUESTIONS, 71, limit=70),
    GateCode.FIELDWORK_AGE: gate(GateCode.FIELDWORK_AGE, 32, limit=365),
    GateCode.SEASON: gate(GateCode.SEASON, GateValue.CLEAR),
    GateCode.NOTICE: gate(GateCode.NOTICE, GateValue.CLEAR),
}
FORCED_LABOUR_OPEN = gate(GateCode.FORCED_LABOUR_FLAG, GateValue.OPEN, caps_at=Cap.C)


def gates(*changed: Gate) -> tuple[Gate, ...]:
    told = CLEAR_GATES | {gate.code: gate for gate in changed}
    return tuple(told[code] for code in GateCode)


def grade(score: int | None, by_score: Letter | None, *changed: Gate) -> Grade:
    told = gates(*changed)
    return Grade(
        letter=letter_after(by_score, told),
        score=score,
        letter_by_score=by_score,
        gates=told,
    )


def topic(  # a row of the table of topics
    code: Topic, score: int | None, previous: int | None, *counts: int
) -> TopicResult:
    met, not_met, undetermined, not_applicable = counts
    applicable = met + not_met + undetermined
    share = (met + not_met) * 100 // applicable if applicable else None
    return TopicResult(
        code=code,
        score=score,
        previous=previous,
        determinate_share=share,
        met=met,
        not_met=not_met,
        undetermined=undetermined,
        not_applicable=not_applicable,
    )


TOPICS = (
    topic(Topic.CHILD_LABOUR, 81, 74, 20, 2, 2, 3),
    topic(Topic.FORCED_LABOUR, 52, 55, 16, 6, 3, 0),
    topic(Topic.WAGES_AND_HOURS, 61, 48, 18, 4, 4, 2),
    topic(Topic.RECRUITMENT_AND_CONTRACTS, 57, 51, 11, 3, 5, 6),
    topic(Topic.HEALTH_AND_SAFETY, 78, 70, 34, 1, 2, 8),
    topic(Topic.FREEDOM_OF_ASSOCIATION, 70, 70, 8, 0, 5, 1),
    topic(Topic.EQUAL_TREATMENT, 76, 66, 11, 1, 3, 1),
    topic(Topic.GRIEVANCE_AND_MANAGEMENT, 84, None, 16, 2, 12, 2),
)


def cites(*pairs: str) -> tuple[Citation, ...]:
    split = [pair.rsplit("|", 1) for pair in pairs]
    return tuple(Citation(instrument=name, article=article) for name, article in split)


def flag(  # a row of the table of flags
    ref: str,
    indicator: str,
    severity: Severity,
    status: FindingStatus,
    due_on: date | None,
    *cited: str,
    people: PeopleRange | None = None,
    sources: int = 2,
) -> Flag:
    return Flag(
        ref=ref,
        indicator=indicator,
        severity=severity,
        citations=cites(*cited),
        people_range=people,
        sources=sources,
        status=status,
        due_on=due_on,
    )


FLAGS = (
    flag(
        "RF-07",
        "forced_labour.documents_held",
        Severity.CRITICAL,
        FindingStatus.IN_PROGRESS,
        date(2026, 12, 16),
        "ILO C029|2(1)",
        "ILO P029|2",
        "Código Sustantivo del Trabajo|59",
        people=PeopleRange.FROM_10,
        sources=3,
    ),
    flag(
        "RF-11",
        "recruitment_and_contracts.fees_charged",
        Severity.MAJOR,
        FindingStatus.OVERDUE,
        date(2026, 11, 10),
        "ILO C181|7",
        "Decreto 1072 de 2015|2.2.6.1.2.1",
        people=PeopleRange.BELOW_10,
    ),
    flag(
        "RF-03",
        "wages_and_hours.overtime_limit",
        Severity.MAJOR,
        FindingStatus.DISPUTED,
        date(2027, 1, 31),
        "ILO C001|2",
        "Código Sustantivo del Trabajo|161, 167A",
        people=PeopleRange.FROM_100,
        sources=4,
    ),
    flag(
        "RF-09",
        "wages_and_hours.minimum_wage",
        Severity.MAJOR,
        FindingStatus.VERIFIED_CLOSED,
        date(2026, 10, 20),
        "ILO C095|8",
        "Código Sustantivo del Trabajo|148",
        people=PeopleRange.FROM_25,
    ),
    flag(
        "RF-14",
        "child_labour.age_not_checked",
        Severity.MAJOR,
        FindingStatus.PLANNED,
        date(2027, 2, 28),
        "ILO C138|9(3)",
        "Ley 1098 de 2006|35",
    ),
    flag(
        "RF-12",
        "health_and_safety.protective_equipment",
        Severity.MINOR,
        FindingStatus.VERIFIED_CLOSED,
        None,
        "ILO C184|12",
        people=PeopleRange.FROM_25,
        sources=3,
    ),
    flag(
        "RF-15",
        "recruitment_and_contracts.contract_language",
        Severity.MINOR,
        FindingStatus.ACCEPTED,
        date(2027, 3, 31),
        "Código Sustantivo del Trabajo|39",
        people=None,
        sources=1,
    ),
)


def action(  # a row of the plan
    ref: str,
    of_flag: str | None,
    text_code: ActionText,
    share_done: int | None,
    status: FindingStatus,
    agreed_on: date,
    due_on: date,
) -> Action:
    return Action(
        ref=ref,
        flag=of_flag,
        text_code=text_code,
        share_done=share_done,
        status=status,
        agreed_on=agreed_on,
        due_on=due_on,
    )


ACTIONS = (
    action(
        "CA-21",
        "RF-11",
        ActionText.REPAY_FEES,
        60,
        FindingStatus.OVERDUE,
        date(2026, 9, 7),
        date(2026, 11, 10),
    ),
    action(
        "CA-22",
        "RF-07",
        ActionText.RETURN_DOCUMENTS,
        85,
        FindingStatus.IN_PROGRESS,
        date(2026, 9, 14),
        date(2026, 12, 16),
    ),
    action(
        "CA-18",
        "RF-03",
        ActionText.LIMIT_HOURS,
        40,
        FindingStatus.IN_PROGRESS,
        date(2026, 9, 20),
        date(2027, 1, 31),
    ),
    action(
        "CA-16",
        "RF-09",
        ActionText.PAY_WAGES_OWED,
        100,
        FindingStatus.VERIFIED_CLOSED,
        date(2026, 9, 7),
        date(2026, 10, 15),
    ),
    action(
        "CA-25",
        "RF-14",
        ActionText.VERIFY_AGES,
        10,
        FindingStatus.PLANNED,
        date(2026, 10, 6),
        date(2027, 2, 28),
    ),
    action(
        "CA-13",
        "RF-12",
        ActionText.PROVIDE_PROTECTION,
        100,
        FindingStatus.VERIFIED_CLOSED,
        date(2026, 9, 7),
        date(2026, 10, 30),
    ),
    action(
        "RM-1103",
        "RF-11",
        ActionText.REMEDY_RECRUITMENT_FEES,
        75,
        FindingStatus.IN_PROGRESS,
        date(2026, 9, 7),
        date(2026, 12, 7),
    ),
    action(
        "RM-0701",
        "RF-07",
        ActionText.REMEDY_DOCUMENTS_RETURNED,
        None,
        FindingStatus.PLANNED,
        date(2026, 10, 20),
        date(2026, 11, 20),
    ),
    action(
        "BC-30",
        None,
        ActionText.BUYER_CO_FUNDING,
        0,
        FindingStatus.PLANNED,
        date(2026, 11, 2),
        date(2027, 1, 15),
    ),
)


def card(**changes: Any) -> Scorecard:
    """Return a sealed card of a mill graded C, with the changes that a test asks for."""
    members: dict[str, Any] = {
        "schema_version": "1.1",
        "id": "SC-2026-CO-000417",
        "version": 3,
        "supersedes": 2,
        "status": Status.ISSUED,
        "issued_at": datetime(2026, 11, 16, 14, 5, 0, tzinfo=UTC),
        "valid_from": date(2026, 11, 16),
        "valid_until": date(2027, 8, 15),
        "issuer": Issuer(
            name="Atalaya Pacífico",
            audit_firm="Verity Audit Services",
            did="did:web:scorecards.example.org",
            key_kind=KeyKind.TEST,
        ),
        "producer": producer(),
        "scope": scope(),
        "fieldwork": Fieldwork(
            from_on=date(2026, 10, 12),
            to_on=date(2026, 10, 15),
            notice=Notice.SEMI_ANNOUNCED,
            payer_kind=PayerKind.BUYER,
            season=Season.MAIN_HARVEST,
            integrity=VisitIntegrity.EXPLAINED,
        ),
        "grade": grade(74, Letter.B, FORCED_LABOUR_OPEN),
        "topics": TOPICS,
        "flags": FLAGS,
        "actions": ACTIONS,
        "chain": (
            ChainTier(
                tier=Tier.PLOTS, count=412, volume_share=91, risk=RiskLevel.MEDIUM
            ),
            ChainTier(
                tier=Tier.COLLECTORS, count=11, volume_share=38, risk=RiskLevel.UNKNOWN
            ),
            ChainTier(tier=Tier.MILLS, count=1, volume_share=100, risk=RiskLevel.LOW),
            ChainTier(
                tier=Tier.REFINERIES, count=2, volume_share=100, risk=RiskLevel.HIGH
            ),
        ),
        "history": (
            PastScore(year=2022, score=41, letter=Letter.D),
            PastScore(year=2023, score=49, letter=Letter.D),
            PastScore(year=2024, score=None, letter=None),
            PastScore(year=2025, score=63, letter=Letter.C),
        ),
        "rulebook": Rulebook(
            id="atalaya-core", edition="2026.11", sha256="9c1e0b7f" * 8
        ),
        "engine": "0.1.0",
        "limits": (
            Limit.NO_GUARANTEE,
            Limit.UNDETERMINED_NOT_MET,
            Limit.NOBODY_IDENTIFIABLE,
            Limit.TEST_AUTHORITY,
        ),
        "integrity": Integrity(
            canonicalisation="RFC 8785",
            sha256="0" * 64,
            verify_url="https://scorecards.example.org/v/7Q4M-K2XH",
        ),
    }
    return sealed(Scorecard(**(members | changes)))


def producer(**changes: Any) -> Producer:
    members: dict[str, Any] = {
        "name": "Extractora Valle Verde, S.A.",
        "kind": SiteKind.MILL,
        "country": "CO",
        "admin1": "Meta",
        "register_ids": (
            RegisterId(scheme=RegisterScheme.ATALAYA, value="CO-MILL-00417"),
            RegisterId(scheme=RegisterScheme.UNIVERSAL_MILL_LIST, value="PO1000012345"),
        ),
    }
    return Producer(**(members | changes))


def scope(**changes: Any) -> Scope:
    members: dict[str, Any] = {
        "municipality": "San Martín",
        "point": Point(latitude_tenths=37, longitude_tenths=-737),
        "sites": 12,
        "sites_visited": 9,
        "products": (Product.PALM_FRUIT, Product.CRUDE_PALM_OIL),
        "workers_total": 1340,
        "workers_range": None,
        "workers_withheld": None,
        "interviews_range": PeopleRange.FROM_50,
        "volume_traced_share": 91,
        "child_cases": ChildCases.NONE,
    }
    return Scope(**(members | changes))
