"""What the codes of checklists, editions and public lists are called on a page."""

from collections.abc import Mapping
from enum import StrEnum

from audits.assessments.changes import Turn
from audits.checklists.form import Purpose, QuestionType
from audits.checklists.models import ValidationState
from compliance.exclusions.lifecycle import (
    Effect,
    ExclusionReason,
    ExclusionState,
    Verdict,
)
from compliance.public_lists.lifecycle import Decision, MatchReason, MatchState
from compliance.public_lists.models import Category, SubjectKind
from compliance.public_lists.reading import DayOrder, Names, RowOutcome
from compliance.texts import N_
from rules import Asked
from rules.comparing import ChangeKind
from rules.vocabulary import Roster

WORDS_OF_AUTHORS: Mapping[type[StrEnum], Mapping[str, str]] = {
    Asked: {
        Asked.NEVER: N_("Cannot be decided"),
        Asked.ONLY_IF: N_("Only on conditions"),
        Asked.WEAK: N_("May stay open"),
        Asked.ALWAYS: N_("Always decided"),
    },
    ValidationState: {
        ValidationState.WAITING: N_("Being validated"),
        ValidationState.ACCEPTED: N_("Accepted by the validator"),
        ValidationState.REFUSED: N_("Refused by the validator"),
        ValidationState.NOT_RUN: N_("Not validated"),
        ValidationState.SHIPPED: N_("Came with the product, validated"),
    },
    Purpose: {
        Purpose.VISIT: N_("Visit"),
        Purpose.SELF_ASSESSMENT: N_("Self-assessment"),
        Purpose.COMMUNITY: N_("About a community"),
    },
    QuestionType: {
        QuestionType.TEXT: N_("Text"),
        QuestionType.INTEGER: N_("Whole number"),
        QuestionType.DECIMAL: N_("Number"),
        QuestionType.DATE: N_("Day"),
        QuestionType.TIME: N_("Time of day"),
        QuestionType.DATE_TIME: N_("Day and time"),
        QuestionType.SELECT_ONE: N_("One of"),
        QuestionType.SELECT_MULTIPLE: N_("Any of"),
        QuestionType.GEOPOINT: N_("Point on the map"),
        QuestionType.GEOTRACE: N_("Line on the map"),
        QuestionType.GEOSHAPE: N_("Area on the map"),
        QuestionType.BARCODE: N_("Barcode"),
        QuestionType.IMAGE: N_("Photograph"),
        QuestionType.AUDIO: N_("Recording"),
        QuestionType.VIDEO: N_("Video"),
        QuestionType.FILE: N_("File"),
        QuestionType.SIGNATURE: N_("Signature"),
        QuestionType.NOTE: N_("Told, not asked"),
        QuestionType.ACKNOWLEDGE: N_("To be confirmed"),
        QuestionType.CALCULATED: N_("Calculated"),
        QuestionType.START: N_("Begin of the interview"),
        QuestionType.END: N_("End of the interview"),
        QuestionType.TODAY: N_("Today"),
        QuestionType.DEVICE_ID: N_("Device"),
        QuestionType.AUDIT_LOG: N_("Log of the interview"),
        QuestionType.OTHER: N_("Other"),
    },
    Roster: {
        Roster.CHILDREN: N_("each child"),
        Roster.WORKERS: N_("each worker"),
    },
    ChangeKind: {
        ChangeKind.ADDED: N_("Added"),
        ChangeKind.GONE: N_("Taken out"),
        ChangeKind.CHANGED: N_("Changed"),
    },
    Turn: {
        Turn.NEW: N_("Newly not met"),
        Turn.GONE: N_("No longer not met"),
        Turn.NEWLY_UNDETERMINED: N_("Newly undetermined"),
        Turn.NO_LONGER_UNDETERMINED: N_("No longer undetermined"),
        Turn.SEVERITY_CHANGED: N_("Weighs otherwise"),
        Turn.OTHERWISE: N_("Otherwise changed"),
    },
    MatchState: {
        MatchState.PROPOSED: N_("Waits for a decision"),
        MatchState.SAME: N_("It is the same"),
        MatchState.NOT_SAME: N_("It is another"),
        MatchState.WATCH: N_("Being watched"),
        MatchState.GONE: N_("Left the list before anybody decided"),
    },
    Decision: {
        Decision.SAME: N_("It is the same"),
        Decision.NOT_SAME: N_("It is another"),
        Decision.WATCH: N_("Not clear yet: watch it"),
    },
    MatchReason: {
        MatchReason.NUMBER_CONFIRMED: N_("The number was confirmed"),
        MatchReason.REGISTER_LOOKED_UP: N_("Looked up in a public register"),
        MatchReason.CONFIRMED_BY_SITE: N_("The site confirmed it"),
        MatchReason.PUBLISHER_CONFIRMED: N_("The publisher confirmed it"),
        MatchReason.OTHER_NUMBER: N_("It has another number"),
        MatchReason.OTHER_PLACE: N_("It is in another place"),
        MatchReason.OTHER_OWNER: N_("It belongs to somebody else"),
        MatchReason.NAME_ALONE: N_("Only the name is alike"),
        MatchReason.WAITING_FOR_PUBLISHER: N_("The publisher was asked"),
        MatchReason.WAITING_FOR_SITE: N_("The site was asked"),
        MatchReason.DECIDED_WRONGLY: N_("The decision before was wrong"),
        MatchReason.FOUND: N_("Found by comparing"),
        MatchReason.ENTRY_CHANGED: N_("The entry changed"),
        MatchReason.LEFT_THE_LIST: N_("It left the list"),
        MatchReason.BACK_ON_THE_LIST: N_("It is on the list again"),
    },
    Category: {
        Category.GOODS: N_("Goods and countries"),
        Category.IMPORT_BAN: N_("Import ban"),
        Category.EMPLOYER_REGISTER: N_("Register of employers"),
        Category.AUTHORITY_DECISION: N_("Decision of an authority"),
        Category.OWN_LIST: N_("List of your own"),
    },
    SubjectKind: {
        SubjectKind.SITE: N_("Site"),
        SubjectKind.ORGANISATION: N_("Organisation"),
        SubjectKind.BROKER: N_("Broker or crew leader"),
    },
    RowOutcome: {
        RowOutcome.ENTRY: N_("Taken over"),
        RowOutcome.PERSON: N_("A person, without the name"),
        RowOutcome.LEFT_OUT: N_("Left out"),
        RowOutcome.REFUSED: N_("Cannot be used"),
    },
    Names: {
        Names.MIXED: N_("Companies and people"),
        Names.COMPANIES: N_("Companies only"),
    },
    DayOrder: {
        DayOrder.DAY_FIRST: N_("Day first, such as 22/11/2026"),
        DayOrder.MONTH_FIRST: N_("Month first, such as 11/22/2026"),
    },
    Effect: {
        Effect.SUSPEND: N_("Suspend its scorecard"),
        Effect.LIFT: N_("Lift the suspension"),
    },
    ExclusionState: {
        ExclusionState.PROPOSED: N_("Waits for a second person"),
        ExclusionState.ACCEPTED: N_("Accepted"),
        ExclusionState.DECLINED: N_("Declined"),
        ExclusionState.WITHDRAWN: N_("No longer needed"),
    },
    Verdict: {
        Verdict.ACCEPT: N_("Accept"),
        Verdict.DECLINE: N_("Decline"),
    },
    ExclusionReason: {
        ExclusionReason.LISTING_IN_FORCE: N_("The listing is in force"),
        ExclusionReason.AUTHORITY_CONFIRMED: N_("An authority confirmed it"),
        ExclusionReason.PRECAUTION: N_("As a precaution"),
        ExclusionReason.OTHER_SITE_MEANT: N_("Another site is meant"),
        ExclusionReason.OTHER_GOOD_MEANT: N_("Another good is meant"),
        ExclusionReason.MATCH_DOUBTED: N_("The match is doubted"),
        ExclusionReason.CONDITIONS_MET: N_("The conditions are met"),
        ExclusionReason.LEFT_THE_LIST: N_("It left the list"),
        ExclusionReason.NOT_THE_SAME: N_("It is not the same"),
        ExclusionReason.LISTED_ELSEWHERE: N_("It stands on another list"),
        ExclusionReason.DOUBT_REMAINS: N_("A doubt remains"),
    },
}
