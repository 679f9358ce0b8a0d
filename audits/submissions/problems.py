"""Why answers are not taken, each with what the person who sends them can do."""

from audits.submissions.decision import Effect
from compliance.problems import Kind, Problem
from compliance.texts import N_


class OtherAnswersThere(Problem):
    kind = Kind.CONFLICT
    title = N_("Other answers were already received under this id")
    detail = N_(
        "The record {instance_id} came before with other answers, and those stay. What "
        "you sent is kept aside for your supervisor: ask which of the two holds."
    )


class RecordSuperseded(Problem):
    kind = Kind.CONFLICT
    title = N_("This record was corrected since")
    detail = N_(
        "The record {instance_id} was received and then corrected; the correction "
        "holds. Nothing is lost: you can delete this copy."
    )


class RecordWithdrawn(Problem):
    kind = Kind.CONFLICT
    title = N_("This record was withdrawn")
    detail = N_(
        "A supervisor withdrew the record {instance_id}; it may not be sent again. Ask "
        "your supervisor if you think it should count."
    )


class EditOutOfDate(Problem):
    kind = Kind.CONFLICT
    title = N_("The copy you edited is out of date")
    detail = N_(
        "Somebody else has already corrected the record {deprecated_id}. What you sent "
        "is kept aside for your supervisor, who can compare the two."
    )


class EditedRecordWithdrawn(Problem):
    kind = Kind.CONFLICT
    title = N_("The record you edited was withdrawn")
    detail = N_(
        "A supervisor withdrew the record {deprecated_id}. What you sent is kept aside: "
        "ask your supervisor whether to send it as a new record."
    )


class EditedRecordUnknown(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The record you edited never arrived")
    detail = N_(
        "The record {deprecated_id} is not here. Send the original from the device that "
        "holds it, and then this correction."
    )


class ChecklistClosed(Problem):
    kind = Kind.CONFLICT
    title = N_("This checklist is closed for new work")
    detail = N_(
        "The checklist {checklist} was closed on {closed_on} and this record was begun "
        "later. What you sent is kept aside: ask your supervisor which checklist to use."
    )


class InstanceIdTooLong(Problem):
    kind = Kind.INVALID
    title = N_("The record's id is too long")
    detail = N_("An instance id has at most {limit} characters.")


class AnswersUnusable(Problem):
    kind = Kind.INVALID
    title = N_("Some answers cannot be used")
    detail = N_(
        "Nothing was stored. See 'errors': each names an answer, what was given and "
        "what would be right."
    )


REFUSALS: dict[Effect, type[Problem]] = {
    Effect.REFUSE_OTHER: OtherAnswersThere,
    Effect.REFUSE_SUPERSEDED: RecordSuperseded,
    Effect.REFUSE_WITHDRAWN: RecordWithdrawn,
    Effect.REFUSE_OUT_OF_DATE: EditOutOfDate,
    Effect.REFUSE_BASE_WITHDRAWN: EditedRecordWithdrawn,
    Effect.REFUSE_BASE_UNKNOWN: EditedRecordUnknown,
}
