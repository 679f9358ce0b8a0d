"""An organisation at work without HTTP: answers taken in, audits reviewed, all scoped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from api.intake import after_received
from audits.checklists import actions as checklists
from audits.submissions.arriving import parcel_of_xml
from audits.submissions.intake import Intake, Received, receive
from audits.visits.queries import AuditRecord, audits
from compliance import trail
from compliance.database import Database
from compliance.files import Files
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from compliance.registry.actions import register_site
from compliance.registry.queries import SiteRecord
from compliance.sealing import Keyring
from rules import read_book
from rules.vocabulary import Commodity, SiteKind
from tests.conftest import Tenant
from tests.field import record, workbook

BOOK = read_book()
Done = TypeVar("Done")


@dataclass(frozen=True)
class Office:
    """An organisation that visits one farm, and a key for each of its roles."""

    database: Database
    tenant: Tenant
    files: Files
    farm: SiteRecord
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.files.folder.with_name("sealing_keys.json"))

    @contextmanager
    def writing(self, role: Role) -> Iterator[tuple[Session, Scope]]:
        with self.database.writing() as session:
            yield session, scope_of(session, KeyGiven(self.tenant.keys[role]))
            trail.seal(session)

    def do(self, role: Role, work: Callable[[Session, Scope], Done]) -> Done:
        """Do something in a transaction of its own, as somebody of this role."""
        with self.writing(role) as (session, scope):
            return work(session, scope)

    def send(self, day: str = "2026-11-03", **answers: str) -> Received:
        """Take in the answers of a visit that is a new one each time, and assess them.

        `papers="yes"` says that somebody's papers are held, which no law allows.
        """
        intake = Intake(
            self.files, self.keyring, BOOK.vocabulary, partial(after_received, BOOK)
        )
        xml = record(
            self.farm.public_id,
            instance_id=f"uuid:{next(self.numbers)}",
            day=day,
            **answers,
        )
        return self.do(
            Role.AUDITOR,
            lambda session, scope: receive(session, scope, intake, parcel_of_xml(xml)),
        )

    def last_audit(self) -> AuditRecord:
        """Return the audit that was planned or opened last."""
        return self.do(
            Role.REVIEWER,
            lambda session, scope: audits(session, scope, rows=200).rows[-1],
        )


def opened_office(database: Database, tenant: Tenant, folder: Path) -> Office:
    """Publish a checklist and register a farm."""
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        checklists.publish(session, scope, BOOK.vocabulary, workbook())
        farm = register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name="Finca El Recuerdo",
            country="CO",
            admin1="Tolima",
            commodity=Commodity.COFFEE,
        )
        trail.seal(session)
    return Office(database, tenant, Files(folder / "files"), farm)
