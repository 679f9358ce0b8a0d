"""What the codes of samples, assignments and devices are called on a page."""

from collections.abc import Mapping
from enum import StrEnum

from audits.fieldwork.queries import AssignmentState
from audits.sampling.models import SwapReason
from audits.sampling.policy import RiskLevel as HeldRisk
from audits.sampling.queries import Standing
from audits.sampling.quotas import Unknown
from compliance.identity.devices import DeviceState, Way
from compliance.texts import N_, NP_

WORDS_OF_PLANNING: Mapping[type[StrEnum], Mapping[str, str]] = {
    HeldRisk: {
        HeldRisk.LOW: N_("Low"),
        HeldRisk.MEDIUM: N_("Medium"),
        HeldRisk.HIGH: N_("High"),
        HeldRisk.RED_FLAG: N_("A red flag is open"),
    },
    SwapReason: {
        SwapReason.ACCESS_REFUSED: N_("Nobody was let in"),
        SwapReason.UNSAFE: N_("It is not safe to go there"),
        SwapReason.UNREACHABLE: N_("The way there is cut"),
        SwapReason.CLOSED: N_("Nobody works there any more"),
        SwapReason.NO_HARVEST: N_("Nothing is picked there this season"),
        SwapReason.OUT_OF_BASE: N_("It does not deliver to the mill any more"),
        SwapReason.DUPLICATE: N_("It is the same place as another of the sample"),
    },
    Standing: {
        Standing.DRAWN: N_("Drawn"),
        Standing.SWAPPED_IN: N_("Came in for another"),
        Standing.SWAPPED_OUT: N_("Cannot be visited"),
        Standing.RESERVE: N_("In reserve"),
    },
    Unknown: {
        Unknown.NO_PROFILE: N_("nobody has stated who works there this season"),
        Unknown.HIRED_UNKNOWN: N_("it is not known how many are hired"),
    },
    AssignmentState: {
        AssignmentState.OPEN: N_("To be visited"),
        AssignmentState.VISITED: N_("Visited"),
        AssignmentState.WITHDRAWN: NP_("assignment", "Taken back"),
    },
    DeviceState: {
        DeviceState.WAITING: N_("Its code waits to be scanned"),
        DeviceState.IN_USE: N_("In use"),
        DeviceState.LAPSED: N_("Nobody scanned its code in time"),
        DeviceState.EXPIRED: NP_("device", "Expired"),
        DeviceState.REVOKED: N_("Let in no more"),
    },
    Way: {
        Way.ADDRESS: N_("By a secret address (the usual way)"),
        Way.PASSWORD: N_("By a name and a password (older apps)"),
    },
}
