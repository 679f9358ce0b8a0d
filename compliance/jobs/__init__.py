"""Background work: asked for in a transaction, done exactly once, watched by people."""

from compliance.jobs.actions import enqueue
from compliance.jobs.again import JobHasNotFailed, retry
from compliance.jobs.process import work_until_told, working
from compliance.jobs.progress import Progress
from compliance.jobs.queries import JobNotFound, JobRecord, jobs, parts, status
from compliance.jobs.retrying import Why
from compliance.jobs.schedules import Regular, set_schedule
from compliance.jobs.tidying import handlers, regular_work
from compliance.jobs.work import (
    FINAL,
    JSON,
    Doing,
    GiveUp,
    Handler,
    LeaseLost,
    NotYet,
    State,
    TwoSteps,
    Work,
)
from compliance.jobs.worker import Workers, Workplace, work_off, writing_here

__all__ = [
    "FINAL",
    "JSON",
    "Doing",
    "GiveUp",
    "Handler",
    "JobHasNotFailed",
    "JobNotFound",
    "JobRecord",
    "LeaseLost",
    "NotYet",
    "Progress",
    "Regular",
    "State",
    "TwoSteps",
    "Why",
    "Work",
    "Workers",
    "Workplace",
    "enqueue",
    "handlers",
    "jobs",
    "parts",
    "regular_work",
    "retry",
    "set_schedule",
    "status",
    "work_off",
    "work_until_told",
    "working",
    "writing_here",
]
