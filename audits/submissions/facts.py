"""From the bytes of a submission to its facts: derived, and always derivable again."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from audits.checklists.answers import Fault, facts_of
from audits.checklists.form import FormSchema
from audits.checklists.instance import Instance, read_instance
from audits.submissions.arriving import JSON
from audits.submissions.models import FactSet
from audits.submissions.written import read_written
from compliance import clock
from compliance.database import insert_new
from compliance.identifiers import new_id
from compliance.identity.scope import Scope
from compliance.registry.queries import SiteRecord
from rules.answers import AnswersRejected, read_answers
from rules.vocabulary import Vocabulary

GIVEN_CHARACTERS = 80
_STEP = re.compile(r"[.\[]([^.\[\]]+)")


@dataclass(frozen=True)
class Source:
    """All that facts are derived from."""

    media_type: str
    content: bytes
    schema: FormSchema
    site: SiteRecord
    observed_on: date
    # The content as it was read already; it is read again where this is None.
    instance: Instance | None = None


@dataclass(frozen=True)
class Facts:
    """An answers document in canonical form, and the answers that could not be read."""

    document: bytes
    faults: bytes

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.document).digest()


@dataclass(frozen=True)
class StoredFacts:
    id: uuid.UUID
    facts: Facts


def derive_facts(vocabulary: Vocabulary, source: Source) -> Facts:
    """Derive the facts; the same source under the same vocabulary gives the same bytes.

    Raise AnswersRejected if the vocabulary cannot hold what the checklist asked.
    """
    answers, faults = _answers(source)
    document = {
        "country": source.site.country,
        "commodity": str(source.site.commodity),
        "site_kind": str(source.site.kind),
        "observed_on": source.observed_on.isoformat(),
        **answers,
    }
    read_answers(vocabulary, document)
    return Facts(canonical(document), canonical([_plain(one) for one in faults]))


def canonical(value: object) -> bytes:
    """Return a JSON value in the one form that has a hash (RFC 8785)."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON values by contract


def _answers(source: Source) -> tuple[dict[str, object], tuple[Fault, ...]]:
    if source.media_type == JSON:
        return read_written(source.content).answers(), ()
    instance = source.instance or read_instance(source.content)
    reading = facts_of(source.schema, instance)
    return reading.document(), reading.faults


def _plain(fault: Fault) -> dict[str, object]:
    """Return a fault with its sentences as message and facts, to be told in any language."""
    return {
        "path": fault.path,
        "given": fault.value,
        "message": fault.message.message,
        "message_facts": dict(fault.message.facts),
        "remedy": fault.remedy.message,
        "remedy_facts": dict(fault.remedy.facts),
    }


def refused_answers(
    document: Mapping[str, Any], rejected: AnswersRejected
) -> list[dict[str, object]]:
    """Return what is wrong with written answers as field, what was given, and remedy."""
    return [
        {
            "field": fault.path.removeprefix("$."),
            "given": _given(document, fault.path),
            "remedy": fault.message.followed_by(fault.remedy),
        }
        for fault in rejected.faults
    ]


def _given(document: Mapping[str, Any], path: str) -> str | None:
    """Return the value at a path such as `$.children[0].age`, shortened."""
    value: Any = document
    for step in _STEP.findall(path):
        try:
            value = value[int(step)] if step.isdigit() else value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return json.dumps(value, ensure_ascii=False)[:GIVEN_CHARACTERS]


def keep_facts(
    session: Session,
    scope: Scope,
    submission_id: uuid.UUID,
    vocabulary: Vocabulary,
    facts: Facts,
) -> StoredFacts:
    """Keep the facts of a submission, once for each vocabulary."""
    identifier, digest = new_id(), vocabulary_sha256(vocabulary)
    is_new = insert_new(
        session,
        FactSet,
        id=identifier,
        owner_id=scope.organisation_id,
        submission_id=submission_id,
        vocabulary_sha256=digest,
        document=facts.document,
        sha256=facts.sha256,
        faults=facts.faults,
        derived_at=clock.now(),
    )
    if is_new:
        return StoredFacts(identifier, facts)
    kept = session.execute(
        select(FactSet.id, FactSet.document, FactSet.faults).where(
            FactSet.submission_id == submission_id, FactSet.vocabulary_sha256 == digest
        )
    ).one()
    return StoredFacts(kept.id, Facts(kept.document, kept.faults))


# A vocabulary is kept beside its digest, so that its id cannot come to mean another.
_DIGESTS: dict[int, tuple[Vocabulary, bytes]] = {}


def vocabulary_sha256(vocabulary: Vocabulary) -> bytes:
    """Return the fingerprint of what facts may be: their types, units and options."""
    known = _DIGESTS.get(id(vocabulary))
    if known is None:
        described = {
            fact.id: {
                "kind": str(fact.kind),
                "unit": fact.unit.name if fact.unit else None,
                "range": [fact.lowest, fact.highest],
                "options": sorted(fact.options),
            }
            for fact in vocabulary.facts.values()
        }
        digest = hashlib.sha256(canonical(described)).digest()
        known = _DIGESTS[id(vocabulary)] = (vocabulary, digest)
    return known[1]
