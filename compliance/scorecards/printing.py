"""The job that prints an issued card: its PDFs are drawn and signed, its credential made.

It is done beside the issue and not in it: drawing and signing take a good part of a
second, and a timestamp service may be slow. A signature is never the same twice, so what
is kept first stays: the rows are added together, or not at all.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import insert_new
from compliance.editions.shelf import Shelf
from compliance.files import Files
from compliance.identifiers import OrganisationId
from compliance.identity.scope import SYSTEM
from compliance.jobs import JSON, Doing, TwoSteps, Work, enqueue
from compliance.registry.models import Site
from compliance.scorecards import content
from compliance.scorecards.codes import KeyKind
from compliance.scorecards.credential import Grounds, credential_of
from compliance.scorecards.drawing import Titles, draw
from compliance.scorecards.models import (
    Scorecard,
    ScorecardCredential,
    ScorecardPaper,
)
from compliance.scorecards.status_lists import place_of
from compliance.signatures.jose import signed
from compliance.signatures.keys import IssuerFiles, Key, OperatorsKeyAbsent, opened
from compliance.signatures.pdf import sign_pdf
from compliance.signatures.registering import register
from compliance.texts import LANGUAGES
from rules import Book

PRINT = "scorecard.print"
LANGUAGE_OF_CREDENTIAL = "en"


@dataclass(frozen=True)
class Printer:
    """What a card is printed and signed with."""

    shelf: Shelf
    files: Files
    public_url: str
    key_files: IssuerFiles
    timestamp_url: str | None = None


@dataclass(frozen=True)
class Printed:
    """The papers of a card before they are kept; the PDFs are in the file store."""

    card_id: UUID
    public_id: str
    digests: Mapping[str, str]
    credential: str
    key: Key
    made_at: datetime


def ask_to_print(
    session: Session, organisation_id: OrganisationId, card_id: UUID
) -> None:
    """Have a card printed once this commits; asked twice, it is printed once."""
    enqueue(
        session,
        kind=PRINT,
        organisation_id=organisation_id,
        arguments={"card": str(card_id)},
        dedup_key=str(card_id),
    )


def handlers(printer: Printer) -> dict[str, Doing]:
    """Return the handler that prints a card."""

    def prepare(session: Session, work: Work) -> Printed | None:
        return print_card(session, printer, UUID(str(work.arguments["card"])))

    def keep(session: Session, work: Work, printed: Printed | None) -> dict[str, JSON]:
        if printed is None or work.organisation_id is None:
            return {"printed": False}
        return {"printed": keep_papers(session, work.organisation_id, printed)}

    return {PRINT: TwoSteps(prepare, keep)}


def print_card(session: Session, printer: Printer, card_id: UUID) -> Printed | None:
    """Return the papers of a card; None where they were made before.

    Raise IssuerKeyUnusable or TimestampRefused where it must be tried again.
    """
    row = session.execute(
        select(Scorecard.public_id, Scorecard.content, Site.public_id.label("site"))
        .join(Site, Site.id == Scorecard.site_id)
        .where(
            Scorecard.id == card_id,
            ~exists().where(ScorecardCredential.scorecard_id == Scorecard.id),
        )
    ).one_or_none()
    if row is None:
        return None
    card = content.Scorecard.model_validate_json(row.content, strict=True)
    key = _key_for(card, printer.key_files)
    made_at = clock.now()
    rules = {flag.indicator for flag in card.flags}
    titles = titles_of(printer.shelf.homes_of(session, rules))
    digests = {
        language: printer.files.keep(
            sign_pdf(
                draw(card, language, titles),
                key,
                at=made_at,
                timestamp_url=printer.timestamp_url,
            )
        )
        for language in LANGUAGES
    }
    grounds = Grounds(
        public_url=printer.public_url,
        site_public_id=row.site,
        place=place_of(session, card_id),
        pdf_sha256=digests[LANGUAGE_OF_CREDENTIAL],
        pdf_language=LANGUAGE_OF_CREDENTIAL,
    )
    credential = signed(credential_of(card, grounds), key, did=card.issuer.did or "")
    return Printed(card_id, row.public_id, digests, credential, key, made_at)


def keep_papers(
    session: Session, organisation_id: OrganisationId, printed: Printed
) -> bool:
    """Keep the papers of a card, unless another worker was a moment earlier."""
    register(session, printed.key)
    sha256 = hashlib.sha256(printed.credential.encode("ascii")).hexdigest()
    kid, made_at = printed.key.kid, printed.made_at
    is_first = insert_new(
        session,
        ScorecardCredential,
        scorecard_id=printed.card_id,
        content=printed.credential,
        sha256=sha256,
        made_at=made_at,
        kid=kid,
    )
    if not is_first:
        return False
    for language, digest in printed.digests.items():
        session.add(
            ScorecardPaper(
                scorecard_id=printed.card_id,
                language=language,
                sha256=digest,
                made_at=made_at,
                kid=kid,
            )
        )
    trail.record(
        session,
        organisation_id=organisation_id,
        actor=SYSTEM,
        action="scorecard.signed",
        subject_id=printed.public_id,
        key=kid,
        credential=sha256,
        pdf=dict(printed.digests),
    )
    return True


def titles_of(homes: Mapping[str, Book]) -> Titles:
    """Return what the books call the rule of each flag."""
    return lambda rule, language: (
        homes[rule].rule_by_id[rule].title.in_language(language)
    )


def _key_for(card: content.Scorecard, files: IssuerFiles) -> Key:
    """Return the key in force; a card that names the operator's takes no test key."""
    key = opened(files)
    if key.is_test and card.issuer.key_kind is KeyKind.OPERATOR:
        raise OperatorsKeyAbsent(scorecard=card.id)
    return key
