"""What the signals of one submission are derived from, read where the seals are open.

Text and answers leave here only as a profile and, for the moment of one job, as the text
that becomes a sketch; none of it is written down.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from audits.checklists.form import FormSchema, Purpose, QuestionType, schema_from_json
from audits.checklists.instance import (
    Instance,
    InstanceRejected,
    nodes_at,
    read_instance,
)
from audits.checklists.metadata import metadata_of
from audits.checklists.models import ChecklistVersion
from audits.integrity.interview_log import InterviewLog, log_of, read_log
from audits.integrity.picture_hashes import PictureHashes, hashes_of
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Heads, Place, Profile
from audits.integrity.profiling import (
    Answers,
    Taken,
    answers_of,
    children_of,
    contradictions_in,
    heads_of,
    pictures_of,
    place_of,
    position_of,
    span_of,
    words_by_path,
)
from audits.integrity.text_sketches import words_of
from audits.submissions import attachments
from audits.submissions.arriving import JSON
from audits.submissions.attachments import AttachmentRecord, Store
from audits.submissions.models import Decryption, FactSet, Placement, Submission
from audits.submissions.pictures import KINDS, Position
from audits.submissions.sealed import file_pieces, original_of
from audits.visit_imports.models import VisitImportRow
from audits.visits.models import Audit
from compliance.identifiers import OrganisationId
from compliance.identity.models import Device, Person
from compliance.identity.scope import KEY_MARK, SYSTEM
from compliance.limits import DERIVED_FROM_BYTES, XML_BYTES
from compliance.registry.models import Site
from compliance.sealing import SealBroken, SealingKeyMissing
from compliance.verdicts.models import Assessment, Verdict
from rules import Outcome

MICRO = 1_000_000
# A device's clock is believed this far back and no further: visits wait for a signal.
BELIEVED = timedelta(days=60)
NO_ANSWERS = Answers(0, 0, 0.0, {}, "")
Own = aliased(Site)


@dataclass(frozen=True)
class Placed:
    """A visit with its site, as far as its signals need it."""

    id: uuid.UUID
    public_id: str
    owner_id: OrganisationId
    site_id: uuid.UUID
    checklist_id: uuid.UUID
    actor: str
    auditor: str | None
    alike: str
    point: Position | None
    area: int | None
    media_type: str
    schema: bytes
    began_at: datetime | None
    ended_at: datetime | None
    received_at: datetime

    @property
    def observed_at(self) -> datetime:
        """Return when the visit was, by the device's clock where that can be."""
        began_at = self.began_at
        earliest = self.received_at - BELIEVED
        if began_at is None or not earliest <= began_at <= self.received_at:
            return self.received_at
        return began_at


@dataclass(frozen=True)
class Hashed:
    """A picture that answers a question, and its hashes where it has any."""

    attachment_id: uuid.UUID
    sha256: bytes
    hashes: PictureHashes | None
    taken: Taken


@dataclass(frozen=True)
class Gathered:
    """All that becomes of one submission before it is compared with others."""

    placed: Placed
    profile: Profile
    pictures: tuple[Hashed, ...]
    text: str = field(repr=False)


@dataclass(frozen=True)
class _Opened:
    """The record as it can be read; both None of answers that a program wrote."""

    schema: FormSchema | None = None
    instance: Instance | None = None


def gather(
    session: Session,
    store: Store,
    owner_id: OrganisationId,
    public_id: str,
    policy: IntegrityPolicy,
) -> Gathered | None:
    """Return what a submission gives; None where it is no visit, or has no site yet."""
    placed = _placed(session, owner_id, public_id)
    if placed is None:
        return None
    opened = _opened(session, store, placed)
    answers, place, heads = (
        NO_ANSWERS,
        place_of(None, None, placed.point, None),
        Heads(),
    )
    document = _facts(session, placed.id)
    facts = document.get("facts") or {}
    words: dict[str, int] = {}
    if opened.schema is not None and opened.instance is not None:
        answers = answers_of(opened.schema, opened.instance)
        place = _place(placed, opened.schema, opened.instance)
        heads = heads_of(opened.schema, opened.instance, facts)
        words = words_by_path(opened.schema)
    else:
        heads = Heads(contradictions=contradictions_in(facts))
    files = attachments.in_force(session, placed.id)
    span = span_of(placed.began_at, placed.ended_at)
    pictures = tuple(_pictures(session, store, opened, files))
    allowed = place.site_radius + policy.distance_metres
    log = _log(session, store, opened, files)
    declared, listed = children_of(document)
    text_words = len(words_of(answers.text))
    profile = Profile(
        observed_at=placed.observed_at,
        place=place,
        span=span,
        log=log_of(log, words, placed.point, allowed, policy) if log else None,
        asked=answers.asked or None,
        answered=answers.answered or len(facts),
        reading_seconds=answers.reading_seconds or None,
        choices=answers.choices,
        heads=heads,
        children_declared=declared,
        children_listed=listed,
        text_words=text_words,
        pictures=pictures_of([one.taken for one in pictures], span),
        non_conformities=_non_conformities(session, placed.id),
        auditor=placed.auditor,
    )
    text = answers.text if text_words >= policy.text_words else ""
    return Gathered(placed, profile, pictures, text)


def _placed(
    session: Session, owner_id: OrganisationId, public_id: str
) -> Placed | None:
    row = session.execute(
        select(
            Submission.id,
            Submission.checklist_id,
            Submission.actor,
            func.coalesce(Decryption.started_at, Submission.started_at).label("began"),
            func.coalesce(Decryption.ended_at, Submission.ended_at).label("ended"),
            func.coalesce(Decryption.media_type, Submission.media_type).label("media"),
            Submission.received_at,
            ChecklistVersion.schema,
            ChecklistVersion.purpose,
            Site.id.label("site_id"),
            Site.kind,
            Site.commodity,
            Site.country,
            Site.latitude_microdegrees,
            Site.longitude_microdegrees,
            Site.area_square_metres,
        )
        .join(ChecklistVersion, ChecklistVersion.id == Submission.checklist_version_id)
        .join(Placement, Placement.submission_id == Submission.id)
        .join(Audit, Audit.id == Placement.audit_id)
        .join(Own, Own.id == Audit.site_id)
        .join(Site, Site.id == Own.kept_id)
        .outerjoin(Decryption, Decryption.submission_id == Submission.id)
        .where(Submission.owner_id == owner_id, Submission.public_id == public_id)
    ).one_or_none()
    if row is None or row.purpose != Purpose.VISIT:
        return None
    return Placed(
        id=row.id,
        public_id=public_id,
        owner_id=owner_id,
        site_id=row.site_id,
        checklist_id=row.checklist_id,
        actor=row.actor,
        auditor=_auditor(session, row.actor, public_id),
        alike=f"{row.kind} {row.commodity} {row.country}",
        point=_point(row),
        area=row.area_square_metres,
        media_type=row.media,
        schema=row.schema,
        began_at=row.began,
        ended_at=row.ended,
        received_at=row.received_at,
    )


def _point(row: Row[*tuple[Any, ...]]) -> Position | None:
    if row.latitude_microdegrees is None or row.longitude_microdegrees is None:
        return None
    return Position(
        row.latitude_microdegrees / MICRO, row.longitude_microdegrees / MICRO
    )


def _auditor(session: Session, actor: str, public_id: str) -> str | None:
    """Return the person, or the device of nobody in particular, that made a visit.

    A program's key may send for many, and an import is not made by who uploads it.
    """
    if actor == SYSTEM or actor.startswith(f"{KEY_MARK}_"):
        return None
    imported = select(VisitImportRow.number).where(
        VisitImportRow.submission == public_id
    )
    if session.scalar(imported.limit(1)) is not None:
        return None
    person = session.scalar(
        select(Person.public_id)
        .join(Device, Device.person_id == Person.id)
        .where(Device.public_id == actor)
    )
    return person or actor


def _opened(session: Session, store: Store, placed: Placed) -> _Opened:
    if placed.media_type == JSON:
        return _Opened()
    try:
        instance = read_instance(original_of(session, store.keyring, placed.id))
    except (InstanceRejected, SealBroken, SealingKeyMissing):
        return _Opened()
    return _Opened(schema_from_json(placed.schema), instance)


def _place(placed: Placed, schema: FormSchema, instance: Instance) -> Place:
    point, accuracy = position_of(metadata_of(schema, instance))
    return place_of(point, accuracy, placed.point, placed.area)


def _facts(session: Session, submission_id: uuid.UUID) -> dict[str, Any]:
    document = session.scalar(
        select(FactSet.document)
        .where(FactSet.submission_id == submission_id)
        .order_by(FactSet.id.desc())
        .limit(1)
    )
    found: dict[str, Any] = json.loads(document) if document else {}
    return found


def _non_conformities(session: Session, submission_id: uuid.UUID) -> int | None:
    """Return what the newest edition found; None where nothing was assessed."""
    newest = session.scalar(
        select(Assessment.id)
        .where(Assessment.submission_id == submission_id)
        .order_by(Assessment.id.desc())
        .limit(1)
    )
    if newest is None:
        return None
    return session.execute(
        select(func.count()).where(
            Verdict.assessment_id == newest,
            Verdict.outcome == Outcome.NON_CONFORMITY,
            Verdict.is_shadow.is_(False),
        )
    ).scalar_one()


def _names(opened: _Opened, kind: QuestionType) -> set[str]:
    """Return the names of files that answer questions of a kind; a signature is none."""
    if opened.schema is None or opened.instance is None:
        return set()
    return {
        node.text
        for question in opened.schema.questions
        if question.type is kind
        for node in nodes_at(opened.instance.root, question.path)
    }


def _pictures(
    session: Session, store: Store, opened: _Opened, files: Sequence[AttachmentRecord]
) -> Iterator[Hashed]:
    """Yield the pictures that answer a question; of one about a person no hash is made."""
    names = _names(opened, QuestionType.IMAGE)
    for file in files:
        if file.name not in names or file.is_sensitive or file.media_type not in KINDS:
            continue
        hashes = _hashes(session, store, file)
        taken = Taken(
            file.distance_metres, file.minutes_after_start, is_plain=hashes is None
        )
        yield Hashed(file.id, file.sha256, hashes, taken)


def _hashes(
    session: Session, store: Store, file: AttachmentRecord
) -> PictureHashes | None:
    if file.size > DERIVED_FROM_BYTES:
        return None
    try:
        return hashes_of(_content(session, store, file))
    except Exception:  # noqa: BLE001 - a damaged picture fails in many ways
        return None


def _log(
    session: Session, store: Store, opened: _Opened, files: Sequence[AttachmentRecord]
) -> InterviewLog | None:
    names = _names(opened, QuestionType.AUDIT_LOG)
    for file in files:
        if file.name in names and file.size <= XML_BYTES:
            try:
                return read_log(_content(session, store, file))
            except (SealBroken, SealingKeyMissing):
                return None
    return None


def _content(session: Session, store: Store, file: AttachmentRecord) -> bytes:
    return b"".join(file_pieces(session, store.keyring, store.files, file.id))
