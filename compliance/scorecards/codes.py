"""The catalogue codes of a scorecard: each has its text in every language in `texts/`."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


class SiteKind(StrEnum):
    PRODUCER = "producer"
    MILL = "mill"


class RegisterScheme(StrEnum):
    """No tax number: a smallholder's is the number of an identity document."""

    ATALAYA = "atalaya"
    GLN = "gln"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    ISCC = "iscc"
    RAINFOREST_ALLIANCE = "rainforest_alliance"
    FAIRTRADE = "fairtrade"
    COMMON_CODE = "4c"


class KeyKind(StrEnum):
    """Whose key signs the PDF; `none` while nothing signs it."""

    NONE = "none"
    TEST = "test"
    OPERATOR = "operator"


class Product(StrEnum):
    COFFEE_CHERRY = "coffee_cherry"
    PARCHMENT_COFFEE = "parchment_coffee"
    GREEN_COFFEE = "green_coffee"
    PALM_FRUIT = "palm_fruit"
    CRUDE_PALM_OIL = "crude_palm_oil"
    PALM_KERNEL = "palm_kernel"


class PeopleRange(StrEnum):
    BELOW_10 = "<10"
    FROM_10 = "10-24"
    FROM_25 = "25-49"
    FROM_50 = "50-99"
    FROM_100 = "100-249"
    FROM_250 = "250+"


class WorkersWithheld(StrEnum):
    FEWER_THAN_TEN = "fewer_than_ten"
    PARTS_SHOWN = "parts_shown"
    NOT_KNOWN = "not_known"


class ChildCases(StrEnum):
    """The one word that a protected case gives back; never how many cases there are."""

    NONE = "none"
    OPEN = "open"
    IN_REMEDIATION = "in_remediation"
    OUTCOME_VERIFIED = "outcome_verified"
    LAPSED = "lapsed"


class VisitIntegrity(StrEnum):
    """What became of the integrity signals of the visit; never which, and never whose."""

    NONE = "none"
    UNDER_REVIEW = "under_review"
    EXPLAINED = "explained"
    OPEN = "open"
    NOT_READ = "not_read"


class Notice(StrEnum):
    ANNOUNCED = "announced"
    SEMI_ANNOUNCED = "semi_announced"
    UNANNOUNCED = "unannounced"


class PayerKind(StrEnum):
    SITE = "site"
    BUYER = "buyer"
    SCHEME = "scheme"
    PROGRAMME = "programme"
    SHARED = "shared"


class Season(StrEnum):
    MAIN_HARVEST = "main_harvest"
    SECOND_HARVEST = "second_harvest"
    YEAR_ROUND_HARVEST = "year_round_harvest"
    OUTSIDE_HARVEST = "outside_harvest"
    NOT_KNOWN = "not_known"


class Letter(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Cap(StrEnum):
    """What a gate can do to a grade, from the mildest to the hardest."""

    B = "B"
    C = "C"
    D = "D"
    E = "E"
    EXPIRED = "expired"
    NOT_GRADED = "not_graded"
    SUSPENDED = "suspended"


class GradeState(StrEnum):
    GRADED = "graded"
    EXPIRED = "expired"
    NOT_GRADED = "not_graded"
    SUSPENDED = "suspended"


class GateCode(StrEnum):
    """Every gate, in the order in which a card tells them."""

    ZERO_TOLERANCE = "zero_tolerance"
    ACCESS = "access"
    RECORDS = "records"
    COACHING = "coaching"
    CHILD_LABOUR_FLAG = "child_labour_flag"
    FORCED_LABOUR_FLAG = "forced_labour_flag"
    DETERMINATE_SHARE = "determinate_share"
    CHILD_LABOUR_SHARE = "child_labour_share"
    FORCED_LABOUR_SHARE = "forced_labour_share"
    OPEN_QUESTIONS = "open_questions"
    FIELDWORK_AGE = "fieldwork_age"
    SEASON = "season"
    NOTICE = "notice"


class GateValue(StrEnum):
    """What was found at a gate that compares no number."""

    CLEAR = "clear"
    UNDETERMINED = "undetermined"
    NO_PLAN = "no_plan"
    PLAN_IN_TIME = "plan_in_time"
    PLAN_LAPSED = "plan_lapsed"
    FOUND = "found"
    OPEN = "open"
    OVERDUE = "overdue"


CODED_GATES: dict[GateCode, tuple[GateValue, ...]] = {
    GateCode.ZERO_TOLERANCE: (
        GateValue.CLEAR,
        GateValue.UNDETERMINED,
        GateValue.NO_PLAN,
        GateValue.PLAN_IN_TIME,
        GateValue.PLAN_LAPSED,
    ),
    GateCode.ACCESS: (GateValue.CLEAR, GateValue.UNDETERMINED, GateValue.FOUND),
    GateCode.RECORDS: (GateValue.CLEAR, GateValue.UNDETERMINED, GateValue.FOUND),
    GateCode.COACHING: (GateValue.CLEAR, GateValue.UNDETERMINED, GateValue.FOUND),
    GateCode.CHILD_LABOUR_FLAG: (
        GateValue.CLEAR,
        GateValue.UNDETERMINED,
        GateValue.OPEN,
        GateValue.OVERDUE,
    ),
    GateCode.FORCED_LABOUR_FLAG: (
        GateValue.CLEAR,
        GateValue.UNDETERMINED,
        GateValue.OPEN,
        GateValue.OVERDUE,
    ),
    GateCode.SEASON: (GateValue.CLEAR, GateValue.UNDETERMINED, GateValue.FOUND),
    GateCode.NOTICE: (GateValue.CLEAR, GateValue.UNDETERMINED, GateValue.FOUND),
}


class Topic(StrEnum):
    CHILD_LABOUR = "child_labour"
    FORCED_LABOUR = "forced_labour"
    WAGES_AND_HOURS = "wages_and_hours"
    RECRUITMENT_AND_CONTRACTS = "recruitment_and_contracts"
    HEALTH_AND_SAFETY = "health_and_safety"
    FREEDOM_OF_ASSOCIATION = "freedom_of_association"
    EQUAL_TREATMENT = "equal_treatment"
    GRIEVANCE_AND_MANAGEMENT = "grievance_and_management"


class Severity(StrEnum):
    """The words of the rule book, so that a card and its finding never differ."""

    ZERO_TOLERANCE = "zero_tolerance"
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class FindingStatus(StrEnum):
    RAISED = "raised"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    VERIFIED_CLOSED = "verified_closed"
    # Of a buyer's commitment alone: who made it says, or has shown, that it is not kept.
    BROKEN = "broken"


class ActionText(StrEnum):
    """What is done, as a catalogue text.

    `remedy_…` is what people are owed, `buyer_…` are the buyer's own commitments, and
    the rest are corrective actions of the site.
    """

    CORRECT_FINDING = "correct_finding"
    STOP_AND_PROTECT = "stop_and_protect"
    AGREE_PLAN = "agree_plan"
    REPAY_FEES = "repay_fees"
    PAY_WAGES_OWED = "pay_wages_owed"
    RETURN_DOCUMENTS = "return_documents"
    FREE_MOVEMENT = "free_movement"
    END_DEBT = "end_debt"
    WRITTEN_CONTRACTS = "written_contracts"
    CONTROL_RECRUITERS = "control_recruiters"
    VERIFY_AGES = "verify_ages"
    SUPPORT_SCHOOLING = "support_schooling"
    REGISTER_ADOLESCENTS = "register_adolescents"
    LIMIT_HOURS = "limit_hours"
    KEEP_REST_DAYS = "keep_rest_days"
    PROVIDE_PROTECTION = "provide_protection"
    CONTROL_PESTICIDES = "control_pesticides"
    REPAIR_HOUSING = "repair_housing"
    PROVIDE_WATER = "provide_water"
    TRAIN = "train"
    RESPECT_UNIONS = "respect_unions"
    TREAT_EQUALLY = "treat_equally"
    PREVENT_HARASSMENT = "prevent_harassment"
    OPEN_GRIEVANCE_CHANNEL = "open_grievance_channel"
    BUILD_MANAGEMENT = "build_management"
    VISIT_AGAIN = "visit_again"
    REPAY_WAGES = "repay_wages"
    GIVE_DOCUMENTS_BACK = "give_documents_back"
    ACCESS_TO_SCHOOL_OR_CARE = "access_to_school_or_care"
    CHECK_AGES = "check_ages"
    RECRUIT_OTHERWISE = "recruit_otherwise"
    WRITE_CONTRACTS = "write_contracts"
    CHANGE_PAY_OR_HOURS = "change_pay_or_hours"
    WRITE_OR_CHANGE_POLICY = "write_or_change_policy"
    SUPERVISE = "supervise"
    PROVIDE_EQUIPMENT = "provide_equipment"
    REPAIR_PLACE_OR_MACHINE = "repair_place_or_machine"
    IMPROVE_HOUSING = "improve_housing"
    KEEP_RECORDS = "keep_records"
    FOLLOW_SUPPLIERS = "follow_suppliers"
    FIND_ROOT_CAUSE = "find_root_cause"
    REMEDY_WAGES = "remedy_wages"
    REMEDY_OVERTIME = "remedy_overtime"
    REMEDY_RECRUITMENT_FEES = "remedy_recruitment_fees"
    REMEDY_DEDUCTIONS = "remedy_deductions"
    REMEDY_DOCUMENTS_RETURNED = "remedy_documents_returned"
    REMEDY_MEDICAL_CARE = "remedy_medical_care"
    REMEDY_HOUSING = "remedy_housing"
    REMEDY_COMPENSATION = "remedy_compensation"
    REMEDY_SOCIAL_SECURITY = "remedy_social_security"
    REMEDY_OTHER_REMEDY = "remedy_other_remedy"
    BUYER_CO_FUNDING = "buyer_co_funding"
    BUYER_PRICE = "buyer_price"
    BUYER_LEAD_TIME = "buyer_lead_time"
    BUYER_VOLUME_ASSURANCE = "buyer_volume_assurance"
    BUYER_TRAINING = "buyer_training"


class Tier(StrEnum):
    PLOTS = "plots"
    FARMS = "farms"
    PRODUCER_GROUPS = "producer_groups"
    COLLECTORS = "collectors"
    MILLS = "mills"
    EXPORTERS = "exporters"
    REFINERIES = "refineries"
    ROASTERS = "roasters"


class RiskLevel(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


class Limit(StrEnum):
    """What a reader must not read into the card."""

    NO_GUARANTEE = "no_guarantee"
    UNDETERMINED_NOT_MET = "undetermined_not_met"
    NOBODY_IDENTIFIABLE = "nobody_identifiable"
    NOT_ALL_SITES = "not_all_sites"
    ANNOUNCED = "announced"
    OUTSIDE_HARVEST = "outside_harvest"
    NO_OFF_SITE_INTERVIEWS = "no_off_site_interviews"
    PAID_BY_SITE = "paid_by_site"
    LAW_UNVERIFIED = "law_unverified"
    LAW_DISPUTED = "law_disputed"
    FIRST_AUDIT = "first_audit"
    TEST_AUTHORITY = "test_authority"
    DEMONSTRATION = "demonstration"
