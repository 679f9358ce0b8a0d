"""Background work in a process: which handlers it has, and where its workers write.

A server works beside serving; `atalaya worker` only works, on as many machines as one
likes.
"""

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from api.card_making import printer_of
from api.intake import intake_of, keyring_of
from api.logs import configure_logging
from api.service import Service, open_service
from audits.assessments import shards, trying
from audits.assessments.shard_files import shard_files_of
from audits.checklists import validating
from audits.integrity import actions as integrity
from audits.risk_evidence import working as assessing_risk
from audits.submissions import deriving
from audits.submissions.attachments import Store
from audits.visit_imports import working as visit_imports
from compliance import jobs, limits
from compliance.alerts import delivering
from compliance.clocks import working as clocks
from compliance.exclusions import working as exclusions
from compliance.imports import working as importing
from compliance.jobs import Doing, Regular, Workplace, work_until_told, working
from compliance.proofs import working as proving
from compliance.scorecards import expiring, printing
from compliance.settings import read_settings
from compliance.texts import N_

Result = TypeVar("Result")


def handlers_of(
    service: Service,
) -> dict[str, Doing]:
    """Return what is done for each kind of job; a feature adds its line here."""
    store = Store(service.files, keyring_of(service))
    return {
        **jobs.handlers(),
        **shards.handlers(service.shelf, shard_files_of(service.settings)),
        **trying.handlers(service.shelf, service.files),
        **importing.handlers(service.files),
        **validating.handlers(),
        **integrity.after(deriving.handlers(store)),
        **integrity.handlers(store),
        **visit_imports.handlers(partial(intake_of, service)),
        **proving.handlers(proving.sealing_of(service.settings)),
        **clocks.handlers(),
        **assessing_risk.handlers(),
        **exclusions.handlers(keyring_of(service)),
        **printing.handlers(printer_of(service)),
        **expiring.handlers(),
        **delivering.handlers(
            delivering.means_of(service.settings, keyring_of(service))
        ),
    }


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often; a feature adds its line here."""
    return (
        *jobs.regular_work(),
        *proving.regular_work(),
        *clocks.regular_work(),
        *assessing_risk.regular_work(),
        *exclusions.regular_work(),
        *expiring.regular_work(),
    )


def workplace_of(service: Service) -> Workplace:
    """Return where this process's workers work; on SQLite they write in the queue."""

    def write_in_turn(
        work: Callable[[Session], Result], *, system: bool = False
    ) -> Result:
        return service.writers.submit(service.write_now, work, system=system).result()

    return Workplace(
        database=service.database,
        handlers=handlers_of(service),
        write=write_in_turn if service.database.is_sqlite else service.write_now,
        lease_seconds=service.settings.job_lease_seconds,
        regular=regular_work(),
    )


def working_beside(service: Service) -> AbstractContextManager[None]:
    """Do background work in a server's own process while the context lasts."""
    count = 1 if service.database.is_sqlite else service.settings.workers
    return working(workplace_of(service), count) if count else nullcontext()


def add_worker_options(
    worker: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    worker.add_argument(
        "--threads",
        type=int,
        default=1,
        choices=range(1, limits.WORKER_THREADS + 1),
        metavar="N",
        help=told(N_("how many jobs to do at once (default: 1)")),
    )


def worker(parsed: argparse.Namespace, _language: str) -> int:
    """Do background work until told to stop."""
    configure_logging()
    with open_service(read_settings(data=parsed.data)) as service:
        work_until_told(workplace_of(service), parsed.threads)
    return 0
