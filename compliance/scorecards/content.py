"""The scorecard as one closed document: codes, ranges and names of places, never a person."""

import hashlib
import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from compliance.scorecards.codes import (
    CODED_GATES,
    ActionText,
    Cap,
    ChildCases,
    FindingStatus,
    GateCode,
    GateValue,
    GradeState,
    KeyKind,
    Letter,
    Limit,
    Notice,
    PayerKind,
    PeopleRange,
    Product,
    RegisterScheme,
    RiskLevel,
    Season,
    Severity,
    SiteKind,
    Status,
    Tier,
    Topic,
    VisitIntegrity,
    WorkersWithheld,
)
from compliance.scorecards.spelling import (
    REGISTER_PATTERNS,
    Count,
    Country,
    Did,
    Edition,
    Instrument,
    Name,
    Percent,
    Place,
    Reference,
    RuleId,
    Sha256,
    article_number,
    utc_second,
)

CANONICALISATION = "RFC 8785"
SCHEMA_VERSION: Final = "1.1"
SMALLEST_SCOPE_WITH_RANGES = 10
# What people got of what they are owed is told in quarters: a finer share of few people
# is a count of them.
REMEDY_STEPS = (0, 25, 50, 75, 100)
# What a document of the first schema has not, so that its hash stays what it was.
SINCE_1_1 = {"fieldwork": {"integrity"}}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Issuer(_Part):
    name: Name
    audit_firm: Name | None
    did: Did | None
    key_kind: KeyKind

    @model_validator(mode="after")
    def has_an_identity_only_where_it_signs(self) -> Self:
        if (self.did is None) is not (self.key_kind is KeyKind.NONE):
            raise ValueError("Who signs has an identity; who does not sign has none.")
        return self


class RegisterId(_Part):
    scheme: RegisterScheme
    value: Annotated[str, Field(max_length=40)]

    @model_validator(mode="after")
    def has_the_form_of_its_scheme(self) -> Self:
        if not re.fullmatch(REGISTER_PATTERNS[self.scheme], self.value, re.ASCII):
            raise ValueError(f"This is not an identifier of the scheme {self.scheme}.")
        return self


class Producer(_Part):
    name: Name
    kind: SiteKind
    country: Country
    admin1: Place
    register_ids: tuple[RegisterId, ...]


class Point(_Part):
    """A place to 0.1°, in tenths, so that nothing finer can be written."""

    latitude_tenths: Annotated[int, Field(ge=-900, le=900)]
    longitude_tenths: Annotated[int, Field(ge=-1800, le=1800)]


class Scope(_Part):
    municipality: Place | None
    point: Point | None
    sites: Count
    sites_visited: Count
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    workers_total: Annotated[int, Field(ge=SMALLEST_SCOPE_WITH_RANGES)] | None
    workers_range: PeopleRange | None
    workers_withheld: WorkersWithheld | None
    interviews_range: PeopleRange | None
    volume_traced_share: Percent | None
    child_cases: ChildCases | None

    @model_validator(mode="after")
    def tells_workers_in_one_way(self) -> Self:
        ways = (self.workers_total, self.workers_range, self.workers_withheld)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("Workers are a total, a range, or withheld: one of these.")
        if self.workers_range is PeopleRange.BELOW_10:
            raise ValueError("A scope of fewer than ten workers is withheld.")
        if self.sites_visited > self.sites:
            raise ValueError("More sites visited than there are in scope.")
        return self

    @property
    def parts_may_be_shown(self) -> bool:
        return (
            self.workers_total is not None
            or self.workers_withheld is WorkersWithheld.PARTS_SHOWN
        )

    @property
    def may_tell_shares(self) -> bool:
        return self.workers_withheld is not WorkersWithheld.FEWER_THAN_TEN


class Fieldwork(_Part):
    from_on: date
    to_on: date
    notice: Notice
    payer_kind: PayerKind
    season: Season
    # Since 1.1.
    integrity: VisitIntegrity | None = None


class Gate(_Part):
    """A condition on the grade; `caps_at` is empty where it did not bite."""

    code: GateCode
    limit: Annotated[int, Field(ge=0, le=3660)] | None
    value: Annotated[int, Field(ge=0, le=36600)] | GateValue | None
    applied: bool
    caps_at: Cap | None

    @model_validator(mode="after")
    def is_told_in_its_own_terms(self) -> Self:
        if self.applied is not (self.caps_at is not None):
            raise ValueError("A gate that applied says where it caps, and no other.")
        coded = CODED_GATES.get(self.code)
        if coded is not None and (self.limit is not None or self.value not in coded):
            raise ValueError(f"{self.code} takes no limit, and one of {list(coded)}.")
        if coded is None and (self.limit is None or isinstance(self.value, GateValue)):
            raise ValueError(f"{self.code} compares a number with a limit.")
        if coded is None and self.applied is not self._number_is_beyond_its_limit():
            raise ValueError(f"{self.value} against {self.limit} says otherwise.")
        # What could not be determined may bite or not: the policy of the day says so.
        bites = self.value not in {GateValue.CLEAR, GateValue.UNDETERMINED}
        agrees = self.applied is bites or self.value is GateValue.UNDETERMINED
        if coded is not None and not agrees:
            raise ValueError(f"{self.value} and applied={self.applied} do not agree.")
        return self

    def _number_is_beyond_its_limit(self) -> bool:
        if not isinstance(self.value, int) or self.limit is None:
            return False
        if self.code is GateCode.FIELDWORK_AGE:
            return self.value > self.limit
        return self.value < self.limit


class Grade(_Part):
    letter: Letter | None
    score: Percent | None
    letter_by_score: Letter | None
    gates: tuple[Gate, ...]

    @model_validator(mode="after")
    def follows_from_its_gates(self) -> Self:
        if tuple(gate.code for gate in self.gates) != tuple(GateCode):
            raise ValueError("Every gate is told once, in the order of the catalogue.")
        if (self.score is None) is not (self.letter_by_score is None):
            raise ValueError("A score has a letter, and a letter a score.")
        if self.letter != letter_after(self.letter_by_score, self.gates):
            raise ValueError("The letter is not the worst of the score and all gates.")
        return self

    @property
    def state(self) -> GradeState:
        hardest = hardest_cap(self.gates)
        if hardest in (Cap.SUSPENDED, Cap.NOT_GRADED, Cap.EXPIRED):
            return GradeState(hardest)
        return GradeState.GRADED if self.letter else GradeState.NOT_GRADED

    @property
    def binding_gates(self) -> tuple[Gate, ...]:
        """The gates that set the outcome, not those that would have capped higher."""
        hardest = hardest_cap(self.gates)
        if hardest is None or self.letter == self.letter_by_score:
            return ()
        return tuple(gate for gate in self.gates if gate.caps_at is hardest)


class TopicResult(_Part):
    code: Topic
    score: Percent | None
    previous: Percent | None
    determinate_share: Percent | None
    met: Count
    not_met: Count
    undetermined: Count
    not_applicable: Count

    @model_validator(mode="after")
    def agrees_with_its_counts(self) -> Self:
        determinate = self.met + self.not_met
        applicable = determinate + self.undetermined
        if (self.score is None) is not (determinate == 0):
            raise ValueError("A score needs a determinate rule, and each one gives it.")
        if (self.determinate_share is None) is not (applicable == 0):
            raise ValueError("A determinate share needs an applicable rule.")
        if self.determinate_share is not None:
            exact = 100 * determinate / applicable
            if abs(self.determinate_share - exact) >= 1:
                raise ValueError(f"The determinate share should be about {exact:.0f}.")
        return self


class Citation(_Part):
    instrument: Instrument
    article: Annotated[
        str, Field(min_length=1, max_length=60), AfterValidator(article_number)
    ]


class Flag(_Part):
    ref: Reference
    indicator: RuleId
    severity: Severity
    citations: Annotated[tuple[Citation, ...], Field(min_length=1)]
    people_range: PeopleRange | None
    # How many *kinds* of evidence agree; there are eight, so this counts no person.
    sources: Annotated[int, Field(ge=1, le=8)]
    status: FindingStatus
    due_on: date | None

    @model_validator(mode="after")
    def counts_no_child(self) -> Self:
        if self.topic is Topic.CHILD_LABOUR and self.people_range is not None:
            raise ValueError("A child is never counted, in a range or otherwise.")
        return self

    @model_validator(mode="after")
    def is_no_commitment(self) -> Self:
        if self.status is FindingStatus.BROKEN:
            raise ValueError("Only a commitment is broken.")
        return self

    @property
    def topic(self) -> Topic:
        return Topic(self.indicator.partition(".")[0])

    @property
    def is_open(self) -> bool:
        return self.status is not FindingStatus.VERIFIED_CLOSED


class Action(_Part):
    ref: Reference
    flag: Reference | None
    text_code: ActionText
    share_done: Percent | None
    status: FindingStatus
    agreed_on: date
    due_on: date

    @model_validator(mode="after")
    def tells_of_people_in_quarters_only(self) -> Self:
        if not self.is_a_remedy and self.share_done is None:
            raise ValueError("How far an action or a commitment has come is told.")
        if self.is_a_remedy and self.share_done not in (None, *REMEDY_STEPS):
            raise ValueError("A finer share of what people are owed counts them.")
        if self.status is FindingStatus.BROKEN and not self.is_the_buyers:
            raise ValueError("Only a commitment is broken.")
        return self

    @property
    def is_the_buyers(self) -> bool:
        return self.text_code.startswith("buyer_")

    @property
    def is_a_remedy(self) -> bool:
        return self.text_code.startswith("remedy_")

    @property
    def is_unfinished(self) -> bool:
        return self.status not in {FindingStatus.VERIFIED_CLOSED, FindingStatus.BROKEN}


class ChainTier(_Part):
    tier: Tier
    count: Count
    volume_share: Percent | None
    risk: RiskLevel


class PastScore(_Part):
    year: Annotated[int, Field(ge=1990, le=2200)]
    score: Percent | None
    letter: Letter | None


class Rulebook(_Part):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    edition: Edition
    sha256: Sha256


class Integrity(_Part):
    canonicalisation: Literal["RFC 8785"]
    sha256: Sha256
    verify_url: Annotated[
        str,
        Field(
            max_length=90,
            pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?/v/[0-9A-Z]{4}(-[0-9A-Z]{4}){1,3}$",
        ),
    ]


class Scorecard(_Part):
    schema_version: Literal["1.0", "1.1"]
    id: Annotated[str, Field(pattern=r"^SC-[0-9]{4}-[A-Z]{2}-[0-9A-Z]{4,10}$")]
    version: Annotated[int, Field(ge=1)]
    supersedes: Annotated[int, Field(ge=1)] | None
    status: Status
    issued_at: Annotated[datetime, AfterValidator(utc_second)]
    valid_from: date
    valid_until: date
    issuer: Issuer
    producer: Producer
    scope: Scope
    fieldwork: Fieldwork
    grade: Grade
    topics: tuple[TopicResult, ...]
    flags: tuple[Flag, ...]
    actions: tuple[Action, ...]
    chain: tuple[ChainTier, ...]
    history: tuple[PastScore, ...]
    rulebook: Rulebook
    engine: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,5}){1,2}$")]
    limits: tuple[Limit, ...]
    integrity: Integrity

    @model_validator(mode="after")
    def tells_what_its_schema_has(self) -> Self:
        is_told = self.fieldwork.integrity is not None
        if is_told is not (self.schema_version == SCHEMA_VERSION):
            raise ValueError("The integrity of the visit is told since schema 1.1.")
        return self

    @model_validator(mode="after")
    def keeps_its_dates_in_order(self) -> Self:
        if self.supersedes is not None and self.supersedes >= self.version:
            raise ValueError("A card supersedes an earlier version.")
        if self.valid_from > self.valid_until:
            raise ValueError("Validity ends before it begins.")
        if self.fieldwork.from_on > self.fieldwork.to_on:
            raise ValueError("The fieldwork ends before it begins.")
        return self

    @model_validator(mode="after")
    def tells_every_topic_once(self) -> Self:
        if tuple(topic.code for topic in self.topics) != tuple(Topic):
            raise ValueError("Every topic is told once, in the order of the catalogue.")
        return self

    @model_validator(mode="after")
    def refers_to_what_it_holds(self) -> Self:
        refs = [flag.ref for flag in self.flags]
        strangers = {action.flag for action in self.actions} - {None, *refs}
        if strangers:
            raise ValueError(f"Actions refer to flags not on the card: {strangers}.")
        all_refs = refs + [action.ref for action in self.actions]
        if len(set(all_refs)) < len(all_refs):
            raise ValueError("A reference stands twice.")
        return self

    @model_validator(mode="after")
    def warns_of_a_test_key_where_there_is_one(self) -> Self:
        is_told = Limit.TEST_AUTHORITY in self.limits
        if is_told is not (self.issuer.key_kind is KeyKind.TEST):
            raise ValueError("A test key is told among the limits, and no other key.")
        return self

    @model_validator(mode="after")
    def lets_nobody_be_found(self) -> Self:
        parts = [flag.people_range for flag in self.flags if flag.people_range]
        if parts and not self.scope.parts_may_be_shown:
            raise ValueError(
                "Ranges of people are shown only beside a total, or a withheld one."
            )
        if (
            self.scope.workers_withheld is WorkersWithheld.FEWER_THAN_TEN
            and self.scope.interviews_range is not None
        ):
            raise ValueError("A scope of fewer than ten workers shows no range.")
        of_children = {
            flag.ref for flag in self.flags if flag.topic is Topic.CHILD_LABOUR
        }
        for action in self.actions:
            if not action.is_a_remedy:
                continue
            if action.flag in of_children:
                raise ValueError("Of what is done for a child one word is told.")
            if action.share_done is not None and not self.scope.may_tell_shares:
                raise ValueError("A share of so few people would count them.")
        if self.producer.kind is SiteKind.PRODUCER and self.scope.point is not None:
            raise ValueError("A farm is placed by its municipality, never by a point.")
        return self


def hardest_cap(gates: Collection[Gate]) -> Cap | None:
    order = list(Cap)
    caps = [gate.caps_at for gate in gates if gate.caps_at is not None]
    return max(caps, key=order.index, default=None)


def letter_after(by_score: Letter | None, gates: Collection[Gate]) -> Letter | None:
    """Return the worst of the score's letter and the gates; none is no letter at all."""
    hardest = hardest_cap(gates)
    if by_score is None or hardest in (Cap.SUSPENDED, Cap.NOT_GRADED, Cap.EXPIRED):
        return None
    return max(by_score, Letter(hardest)) if hardest else by_score


def people_range(count: int, *, workers_in_scope: int) -> PeopleRange | None:
    """Return the fixed range of a count, or nothing where the scope is too small."""
    if workers_in_scope < SMALLEST_SCOPE_WITH_RANGES or count < 1:
        return None
    floors = dict(zip((1, 10, 25, 50, 100, 250), PeopleRange, strict=True))
    return floors[max(floor for floor in floors if floor <= count)]


def canonical_bytes(card: Scorecard) -> bytes:
    """Return the one spelling of the document that is hashed, stored and attached."""
    return rfc8785.dumps(_document(card))


def content_sha256(card: Scorecard) -> str:
    """Return the hash over everything but `integrity`."""
    told = _document(card)
    del told["integrity"]
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _document(card: Scorecard) -> dict[str, Any]:
    """Return the members that the card's own schema has."""
    is_old = card.schema_version != SCHEMA_VERSION
    excluded: dict[str, Any] = dict(SINCE_1_1) if is_old else {}
    return card.model_dump(mode="json", exclude=excluded)


def sealed(card: Scorecard) -> Scorecard:
    """Return the card with the hash that its content has."""
    integrity = card.integrity.model_copy(update={"sha256": content_sha256(card)})
    return card.model_copy(update={"integrity": integrity})


def is_intact(card: Scorecard) -> bool:
    """Tell whether the content is what its `integrity` says it is."""
    return card.integrity.sha256 == content_sha256(card)


def strangers_to_book(
    card: Scorecard, *, rule_ids: Collection[str], instruments: Collection[str]
) -> tuple[str, ...]:
    """Return the rules and instruments named on the card that no rule book knows."""
    named = {flag.indicator for flag in card.flags} - set(rule_ids)
    cited = {cite.instrument for flag in card.flags for cite in flag.citations}
    return tuple(sorted(named | (cited - set(instruments))))
