"""Sites whose small numbers are known here, and all that is published of them."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from compliance.findings.lifecycle import State
from compliance.findings.models import SourceKind
from compliance.findings.queries import FindingRecord
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.policy import Relation
from compliance.registry.queries import SiteRecord
from compliance.remedies.balance import EntryKind
from compliance.remedies.models import RemedyKind
from compliance.remedies.queries import EntryRecord, RemedyRecord
from compliance.scorecards.codes import Notice, PayerKind, Season
from compliance.scorecards.composing import compose
from compliance.scorecards.content import Scorecard
from compliance.scorecards.material import (
    Imprint,
    Material,
    Statement,
    Supply,
    Testimony,
    Visit,
    Work,
)
from compliance.scorecards.policy import policy_on, read_policies
from compliance.verdicts.queries import VerdictRecord
from rules import (
    Book,
    Commodity,
    Grounds,
    Outcome,
    Severity,
    SiteKind,
    Topic,
    read_book,
)

RULES = (
    "recruitment_and_contracts.written_contract",
    "wages_and_hours.premiums",
    "wages_and_hours.deductions",
)
FIRST = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOBODY = uuid.UUID(int=0)
KIND = RemedyKind.DOCUMENTS_RETURNED


@cache
def book() -> Book:
    return read_book()


@dataclass(frozen=True)
class Numbers:
    """The people of one site at one visit, as nobody but this test knows them."""

    workers: int
    heard: int
    affected: tuple[int, ...]
    owed: int
    given: int

    @classmethod
    def drawn(cls, chance: Random) -> "Numbers":
        workers = chance.choice([*range(4, 14), *range(14, 60, 3)])
        heard = chance.randint(1, workers)
        owed = chance.randint(1, workers)
        return cls(
            workers=workers,
            heard=heard,
            affected=tuple(chance.randint(0, heard) for _ in RULES),
            owed=owed,
            given=chance.randint(0, owed),
        )

    def after(self, chance: Random) -> "Numbers":
        """Return the numbers of the next season: one person more or less here and there."""
        workers = max(1, self.workers + chance.choice([-1, 0, 1]))
        heard = min(workers, max(1, self.heard + chance.choice([-1, 0, 1])))
        return replace(
            self,
            workers=workers,
            heard=heard,
            affected=tuple(
                min(heard, max(0, one + chance.choice([-1, 0, 1])))
                for one in self.affected
            ),
            given=min(self.owed, self.given + chance.choice([0, 1])),
        )


@dataclass(frozen=True)
class Stage:
    """One visit of a site, and the cards that were issued on it."""

    numbers: Numbers
    cards: tuple[Scorecard, ...]


def seasons_of_site(
    place: int, chance: Random, *, visits: int = 2
) -> tuple[Stage, ...]:
    """Return the visits of a site; on each two cards were issued, a month apart."""
    numbers = Numbers.drawn(chance)
    earlier: list[Scorecard] = []
    told = []
    for visit in range(visits):
        on = FIRST.date() + timedelta(days=120 * visit)
        cards = []
        for month in (1, 2):
            issued_at = datetime.combine(on, FIRST.timetz()) + timedelta(
                days=28 * month
            )
            card = compose(
                book(),
                policy_on(issued_at.date(), read_policies()),
                material(place, numbers, on, issued_at, earlier),
            )
            cards.append(card)
            earlier.append(card)
        told.append(Stage(numbers, tuple(cards)))
        numbers = numbers.after(chance)
    return tuple(told)


def material(
    place: int,
    numbers: Numbers,
    on: date,
    issued_at: datetime,
    earlier: Sequence[Scorecard],
) -> Material:
    """Return all that a card of the site is made of."""
    broken = [rule for rule, some in zip(RULES, numbers.affected, strict=True) if some]
    findings = [
        finding(place, number, rule, on) for number, rule in enumerate(RULES, 1)
    ]
    return Material(
        site=site(place),
        visit=Visit(
            submission_ids=(),
            from_on=on,
            to_on=on,
            notice=Notice.UNANNOUNCED,
            payer=PayerKind.PROGRAMME,
            season=Season.MAIN_HARVEST,
            interviews=numbers.heard,
            testimony={
                rule: Testimony(people=some, kinds=1)
                for rule, some in zip(RULES, numbers.affected, strict=True)
                if some
            },
        ),
        statement=Statement(had_off_site_interviews=True),
        verdicts=[verdict(rule, on, broken=rule in broken) for rule in RULES],
        findings=findings,
        supply=Supply(),
        earlier=earlier,
        imprint=Imprint(
            public_id=f"SC-{issued_at.year}-CO-{place:04}A{len(earlier)}",
            code="AAAA-BBBB-CCCC",
            issued_at=issued_at,
            issuer_name="Atalaya Pacífico",
            public_url="https://atalaya.example",
        ),
        homes=dict.fromkeys(RULES, book()),
        work=Work(
            workers=numbers.workers,
            remedies=(remedy(findings[0], numbers, on, issued_at),),
        ),
    )


def site(place: int) -> SiteRecord:
    return SiteRecord(
        id=SiteId(uuid.UUID(int=place + 1)),
        public_id=f"site_{place}",
        kind=SiteKind.PRODUCER,
        name=f"Finca {place}",
        country="CO",
        admin1="Tolima",
        municipality="Planadas",
        commodity=Commodity.COFFEE,
        latitude=None,
        longitude=None,
        area_square_metres=None,
        group_public_id=None,
        group_name=None,
    )


def finding(place: int, number: int, rule: str, on: date) -> FindingRecord:
    at = datetime.combine(on, FIRST.timetz())
    return FindingRecord(
        id=uuid.UUID(int=1000 * place + number),
        public_id=f"F-{place}-{number}",
        relation=Relation.OWN,
        site_id=SiteId(uuid.UUID(int=place + 1)),
        site_public_id=f"site_{place}",
        site_name=f"Finca {place}",
        country="CO",
        number=number,
        rule=rule,
        topic=Topic(rule.partition(".")[0]),
        severity=Severity.MAJOR,
        state=State.ACCEPTED,
        raised_at=at,
        raised_by="key_a",
        observed_on=on,
        observed_at=at,
        last_seen_on=on,
        due_on=on + timedelta(days=90),
        acknowledge_by=None,
        refer_by=None,
        acknowledged_at=None,
        plan_agreed_on=None,
        plan_due_on=None,
        closed_on=None,
        source_kind=SourceKind.SUBMISSION,
        source="sub_a",
        owner_id=NOBODY,
    )


def verdict(rule: str, on: date, *, broken: bool) -> VerdictRecord:
    return VerdictRecord(
        id=NOBODY,
        site_id=SiteId(NOBODY),
        site_public_id="site",
        audit_id=NOBODY,
        submission_id=NOBODY,
        edition=book().edition,
        book_sha256=book().sha256,
        observed_on=on,
        decided_at=datetime.combine(on, FIRST.timetz()),
        rule=rule,
        topic=Topic(rule.partition(".")[0]),
        outcome=Outcome.NON_CONFORMITY if broken else Outcome.CONFORMITY,
        severity=Severity.MAJOR,
        grounds=Grounds.SETTLED,
        is_shadow=False,
        logic_hash="x",
    )


def remedy(
    of: FindingRecord, numbers: Numbers, on: date, now: datetime
) -> RemedyRecord:
    counts = {EntryKind.OWED: numbers.owed, EntryKind.PAID: numbers.given}
    return RemedyRecord(
        id=NOBODY,
        public_id="remedy_a",
        relation=Relation.OWN,
        owner_id=OrganisationId(NOBODY),
        site_id=of.site_id,
        site_public_id=of.site_public_id,
        site_name=of.site_name,
        finding=of.public_id,
        kind=KIND,
        currency=None,
        period_from=on,
        period_to=on,
        due_on=on + timedelta(days=90),
        entered_by="key_a",
        entered_at=now,
        entries=tuple(
            EntryRecord(
                ordinal=ordinal,
                entry=kind,
                amount=None,
                people=people,
                reason=None,
                paid_on=None,
                proof=None,
                evidence_sha256=None,
                checked_by=None,
                actor="key_a",
                made_at=now,
            )
            for ordinal, (kind, people) in enumerate(counts.items(), 1)
            if people
        ),
    )


def document(card: Scorecard) -> dict[str, object]:
    read: dict[str, object] = json.loads(card.model_dump_json())
    return read
