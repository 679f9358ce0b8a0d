"""The intake itself, on both databases: nothing lost, nothing changed, all of it traced."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audits.checklists import actions as checklists
from audits.checklists import queries as checklist_queries
from audits.submissions import actions, intake, queries
from audits.submissions.arriving import ArrivedFile, parcel_of_xml
from audits.submissions.facts import Source, derive_facts
from audits.submissions.intake import Intake, Received
from audits.submissions.models import Submission
from audits.submissions.processing import StoredSubmission, Then, nothing_more
from audits.submissions.sealed import file_pieces
from audits.visits.actions import plan
from audits.visits.lifecycle import State
from audits.visits.models import Notice
from audits.visits.queries import AuditRecord, audit
from compliance import trail
from compliance.database import Database
from compliance.files import Files
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from compliance.registry.actions import register_site
from compliance.registry.queries import SiteRecord
from compliance.sealing import Keyring
from compliance.trail import TrailEntry
from rules import read_book
from rules.vocabulary import Commodity, SiteKind, Vocabulary
from tests.conftest import Tenant
from tests.field import JPEG, record, workbook

BOOK = read_book()
EVIDENCE = {
    "checklist_version": "xform",
    "submission": "content",
    "expected_attachment": "name",
    "attachment": "sha256",
    "submission_refused": "content",
    "placement": "audit_id",
    "withdrawal": "reason",
    "fact_set": "document",
}


@dataclass(frozen=True)
class Desk:
    """An intake at work, with one farm to visit."""

    database: Database
    key: str
    files: Files
    farm: SiteRecord

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.files.folder.with_name("sealing_keys.json"))

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, Scope]]:
        with self.database.writing() as session:
            yield session, scope_of(session, KeyGiven(self.key))
            trail.seal(session)

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, Scope]]:
        with self.database.reading() as session:
            yield session, scope_of(session, KeyGiven(self.key))

    def intake(self, then: Then = nothing_more) -> Intake:
        return Intake(self.files, self.keyring, BOOK.vocabulary, then)

    def receive(
        self, xml: bytes, *files: tuple[str, bytes], then: Then = nothing_more
    ) -> Received:
        arrived = [self.arrived(name, content) for name, content in files]
        with self.writing() as (session, scope):
            return intake.receive(
                session, scope, self.intake(then), parcel_of_xml(xml), arrived
            )

    def arrived(self, name: str, content: bytes) -> ArrivedFile:
        digest = hashlib.sha256(content).hexdigest()
        path = self.files.incoming() / digest
        path.write_bytes(content)
        return ArrivedFile(name, path, digest, len(content), content[:512])

    def one(self) -> queries.SubmissionRecord:
        with self.reading() as (session, scope):
            (found,) = queries.submissions(session, scope, rows=10).rows
        return found

    def audit(self) -> AuditRecord:
        with self.reading() as (session, scope):
            return audit(session, scope, self.one().audit or "")

    def trail(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            leaves = session.scalars(
                select(TrailEntry.leaf).order_by(TrailEntry.sequence)
            )
            told = [json.loads(leaf) for leaf in leaves]
        return [(entry["action"], entry["subject"]) for entry in told]


@pytest.fixture
def desk(database: Database, tenant: Tenant, tmp_path: Path) -> Desk:
    key = tenant.keys[Role.ADMINISTRATOR]
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(key))
        checklists.publish(session, scope, BOOK.vocabulary, workbook())
        farm = register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name="Finca El Recuerdo",
            country="CO",
            commodity=Commodity.COFFEE,
        )
        trail.seal(session)
    return Desk(database, key, Files(tmp_path / "files"), farm)


def break_down(session: Session, scope: Scope, stored: StoredSubmission) -> None:
    """Fail after having changed the database and the trail."""
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="half.done",
        subject_id=stored.public_id,
    )
    session.execute(text("UPDATE audit SET season = 'half done'"))
    session.execute(text("SELECT nothing FROM nowhere"))


def test_a_fault_in_what_follows_loses_nothing_and_leaves_no_half(desk: Desk) -> None:
    received = desk.receive(record(desk.farm.public_id), then=break_down)

    kept = desk.one()
    assert received.is_new
    assert kept.processing is queries.Processing.ASSESSMENT_FAILED
    assert kept.facts_sha256 is not None
    assert kept.season is None
    assert "half.done" not in {action for action, _ in desk.trail()}


def test_what_failed_can_be_done_again(desk: Desk) -> None:
    desk.receive(record(desk.farm.public_id), then=break_down)
    seen: list[StoredSubmission] = []

    with desk.writing() as (session, scope):
        actions.process_again(
            session,
            scope,
            desk.intake(lambda _session, _scope, stored: seen.append(stored)),
            submission_id=desk.one().public_id,
        )

    assert desk.one().processing is queries.Processing.DONE
    assert [stored.public_id for stored in seen] == [desk.one().public_id]


def test_a_checklist_that_asks_what_the_vocabulary_lost_keeps_the_answers(
    desk: Desk,
) -> None:
    lost = {
        name: fact
        for name, fact in BOOK.vocabulary.facts.items()
        if name != "documents_held"
    }
    smaller = Intake(desk.files, desk.keyring, Vocabulary(lost))

    with desk.writing() as (session, scope):
        parcel = parcel_of_xml(record(desk.farm.public_id, papers="yes"))
        intake.receive(session, scope, smaller, parcel)

    kept = desk.one()
    assert kept.processing is queries.Processing.FACTS_FAILED
    assert kept.facts_sha256 is None


def test_what_follows_is_told_all_it_needs(desk: Desk) -> None:
    seen: list[StoredSubmission] = []

    desk.receive(
        record(desk.farm.public_id, papers="yes", visit_notice="announced"),
        then=lambda _session, _scope, stored: seen.append(stored),
    )

    (stored,) = seen
    assert stored.site == desk.farm
    assert stored.observed_on == date(2026, 11, 3)
    assert stored.audit == desk.audit()
    assert stored.audit.notice is Notice.ANNOUNCED
    document = json.loads(stored.facts.facts.document)
    assert document["facts"] == {"documents_held": True}


def test_the_same_again_is_not_handed_on_again(desk: Desk) -> None:
    seen: list[StoredSubmission] = []

    for _ in range(3):
        desk.receive(
            record(desk.farm.public_id),
            then=lambda _session, _scope, stored: seen.append(stored),
        )

    assert len(seen) == 1


def test_facts_derived_again_from_what_is_kept_have_the_same_hash(desk: Desk) -> None:
    desk.receive(record(desk.farm.public_id, papers="unk", longest_week="60"))
    kept = desk.one()

    with desk.reading() as (session, scope):
        original = queries.original(session, scope, kept.public_id)
        version = checklist_queries.version(
            session, scope, kept.checklist, kept.version
        )
        schema = checklist_queries.schema_of_version(session, version)
    source = Source(
        original.media_type, original.content, schema, desk.farm, kept.observed_on
    )

    assert derive_facts(BOOK.vocabulary, source).sha256 == kept.facts_sha256


def test_every_change_has_its_trail_and_a_repetition_has_none(desk: Desk) -> None:
    xml = record(desk.farm.public_id, photo="a.jpg")
    before = len(desk.trail())

    desk.receive(xml)
    desk.receive(xml)
    desk.receive(xml, ("a.jpg", JPEG))
    desk.receive(xml, ("a.jpg", JPEG))
    desk.receive(record(desk.farm.public_id, papers="no"))
    desk.receive(record(desk.farm.public_id, papers="no"))

    assert [action for action, _ in desk.trail()[before:]] == [
        "submission.received",
        "audit.opened",
        "alert.raised",
        "submission.files_received",
        "submission.refused",
    ]


def test_a_planned_audit_takes_the_answers_of_its_days(desk: Desk) -> None:
    with desk.writing() as (session, scope):
        planned = plan(
            session,
            scope,
            site=desk.farm,
            fieldwork_from=date(2026, 11, 2),
            fieldwork_to=date(2026, 11, 4),
            planned_minutes=480,
        )

    desk.receive(
        record(desk.farm.public_id, visit_notice="unannounced", person_hours="6")
    )

    taken = desk.audit()
    assert taken.public_id == planned.public_id
    assert (planned.status, taken.status) == (State.PLANNED, State.SUBMITTED)
    assert (taken.planned_minutes, taken.spent_minutes) == (480, 360)
    assert taken.notice is Notice.UNANNOUNCED


def test_a_day_outside_the_plan_opens_an_audit_of_its_own(desk: Desk) -> None:
    with desk.writing() as (session, scope):
        planned = plan(
            session,
            scope,
            site=desk.farm,
            fieldwork_from=date(2026, 11, 4),
            fieldwork_to=date(2026, 11, 4),
        )

    desk.receive(record(desk.farm.public_id))

    assert desk.audit().public_id != planned.public_id


def test_a_voided_audit_does_not_take_new_answers(desk: Desk) -> None:
    desk.receive(record(desk.farm.public_id))
    voided = desk.audit()
    with desk.writing() as (session, _):
        session.execute(text("UPDATE audit SET status = 'voided'"))

    desk.receive(record(desk.farm.public_id, instance_id="uuid:2"))

    with desk.reading() as (session, scope):
        found = queries.submissions(session, scope, rows=10).rows
    assert found[0].audit == voided.public_id
    assert found[1].audit not in {None, voided.public_id}


@pytest.mark.parametrize("day", [None, "", "never"])
def test_a_record_without_a_day_was_made_when_it_began(
    desk: Desk, day: str | None
) -> None:
    desk.receive(record(desk.farm.public_id, day=day))

    assert desk.one().observed_on == date(2026, 11, 3)


def test_a_record_without_any_clock_was_there_by_receipt(desk: Desk) -> None:
    desk.receive(record(desk.farm.public_id, day=None, started=None))

    kept = desk.one()
    assert kept.observed_on == kept.received_at.date()


def test_files_are_on_disk_before_their_rows(desk: Desk) -> None:
    desk.receive(record(desk.farm.public_id, photo="a.jpg"), ("a.jpg", JPEG))

    with desk.reading() as (session, scope):
        found = queries.attachments_of(session, scope, desk.one().public_id)
        (file,) = found.files
        pieces = file_pieces(session, desk.keyring, desk.files, file.id)
    assert file.sha256 == hashlib.sha256(JPEG).digest()
    assert b"".join(pieces) == JPEG
    assert list(desk.files.incoming().iterdir()) == []


@pytest.fixture
def full(desk: Desk) -> Database:
    """A database in which every table of evidence has a row."""
    farm = desk.farm.public_id
    desk.receive(record(farm, photo="a.jpg"), ("a.jpg", JPEG))
    desk.receive(record(farm, papers="no"))
    with desk.writing() as (session, scope):
        actions.withdraw(
            session, scope, submission_id=desk.one().public_id, reason="practice"
        )
    return desk.database


@pytest.mark.parametrize(("table", "column"), list(EVIDENCE.items()))
def test_evidence_is_never_changed(full: Database, table: str, column: str) -> None:
    changes = [f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"]  # noqa: S608 - names of our own

    for change in changes:
        with (
            full.engine.connect() as connection,
            pytest.raises(DBAPIError, match=f"rows of {table} are evidence"),
        ):
            connection.execute(text(change))


def test_the_stored_hash_is_that_of_the_stored_bytes(desk: Desk) -> None:
    xml = record(desk.farm.public_id)
    desk.receive(xml)

    with desk.reading() as (session, _):
        row = session.execute(select(Submission.content, Submission.sha256)).one()

    assert row.content == xml
    assert row.sha256 == hashlib.sha256(xml).digest()
