"""The words of corrective actions: fixed lists, so that none of them can name anybody."""

from enum import StrEnum


class RootCause(StrEnum):
    """Why it happened, as the site sees it; `not_known_yet` asks for somebody to look."""

    KNOWLEDGE_MISSING = "knowledge_missing"
    POLICY_MISSING = "policy_missing"
    PROCEDURE_NOT_FOLLOWED = "procedure_not_followed"
    SUPERVISION_LACKING = "supervision_lacking"
    AGE_CHECK_LACKING = "age_check_lacking"
    RECRUITMENT_PRACTICE = "recruitment_practice"
    LABOUR_BROKER = "labour_broker"
    PIECE_RATE_PRESSURE = "piece_rate_pressure"
    LABOUR_SHORTAGE_AT_HARVEST = "labour_shortage_at_harvest"
    HOUSEHOLD_POVERTY = "household_poverty"
    NO_SCHOOL_OR_CARE = "no_school_or_care"
    PRICE_OR_LEAD_TIME = "price_or_lead_time"
    CASH_FLOW = "cash_flow"
    EQUIPMENT_MISSING = "equipment_missing"
    NO_WORKER_VOICE = "no_worker_voice"
    RECORDS_LACKING = "records_lacking"
    NOT_KNOWN_YET = "not_known_yet"


class ActionCode(StrEnum):
    """What is done about it."""

    STOP_AND_PROTECT = "stop_and_protect"
    REPAY_WAGES = "repay_wages"
    REPAY_FEES = "repay_fees"
    GIVE_DOCUMENTS_BACK = "give_documents_back"
    ACCESS_TO_SCHOOL_OR_CARE = "access_to_school_or_care"
    CHECK_AGES = "check_ages"
    RECRUIT_OTHERWISE = "recruit_otherwise"
    WRITE_CONTRACTS = "write_contracts"
    CHANGE_PAY_OR_HOURS = "change_pay_or_hours"
    TRAIN = "train"
    WRITE_OR_CHANGE_POLICY = "write_or_change_policy"
    SUPERVISE = "supervise"
    PROVIDE_EQUIPMENT = "provide_equipment"
    REPAIR_PLACE_OR_MACHINE = "repair_place_or_machine"
    IMPROVE_HOUSING = "improve_housing"
    OPEN_GRIEVANCE_CHANNEL = "open_grievance_channel"
    KEEP_RECORDS = "keep_records"
    FOLLOW_SUPPLIERS = "follow_suppliers"
    FIND_ROOT_CAUSE = "find_root_cause"


class OwnerRole(StrEnum):
    """Who at the site sees to it: a role, never a name."""

    SITE_OWNER = "site_owner"
    MILL_MANAGER = "mill_manager"
    FARM_MANAGER = "farm_manager"
    HUMAN_RESOURCES = "human_resources"
    FIELD_SUPERVISOR = "field_supervisor"
    HEALTH_AND_SAFETY = "health_and_safety"
    GROUP_COORDINATOR = "group_coordinator"
    PURCHASING = "purchasing"


class ProofKind(StrEnum):
    """What a file shows; no kind is a picture of a person."""

    PHOTO_OF_PLACE = "photo_of_place"
    PAYROLL_EXTRACT = "payroll_extract"
    RECEIPT = "receipt"
    POLICY = "policy"
    TRAINING_RECORD = "training_record"
    CONTRACT = "contract"
    REGISTER_EXTRACT = "register_extract"
    INSPECTION_REPORT = "inspection_report"
    OTHER_DOCUMENT = "other_document"


class ExtensionReason(StrEnum):
    SUPPLIER_LATE = "supplier_late"
    PERMIT_PENDING = "permit_pending"
    MONEY_PENDING = "money_pending"
    OUT_OF_SEASON = "out_of_season"
    ROAD_OR_WEATHER = "road_or_weather"
    PEOPLE_UNREACHABLE = "people_unreachable"
    LARGER_THAN_THOUGHT = "larger_than_thought"


class StepReason(StrEnum):
    """Why an action is sent back, found not effective, or cancelled."""

    CAUSE_NOT_MET = "cause_not_met"
    NOT_ENOUGH = "not_enough"
    TOO_LATE = "too_late"
    CANNOT_BE_CHECKED = "cannot_be_checked"
    NOT_DONE = "not_done"
    DONE_IN_PART = "done_in_part"
    PROOF_DOES_NOT_SHOW_IT = "proof_does_not_show_it"
    CAUSE_STILL_THERE = "cause_still_there"
    REPLACED_BY_ANOTHER = "replaced_by_another"
    PROPOSED_TWICE = "proposed_twice"
    SITE_CLOSED = "site_closed"
    NO_LONGER_APPLIES = "no_longer_applies"


class TextKind(StrEnum):
    ROOT_CAUSE = "root_cause"
    ACTION = "action"
    REMARK = "remark"
