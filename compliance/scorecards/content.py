"""The scorecard as one closed document: codes, ranges and names of places, never a person."""

import hashlib
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self

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
    WorkersWithheld,
)

CANONICALISATION = "RFC 8785"
SMALLEST_SCOPE_WITH_RANGES = 10


REGISTER_PATTERNS: dict[RegisterScheme, str] = {
    RegisterScheme.ATALAYA: r"(?=.*\d)(?=.*[A-Z])[0-9A-Z]+(-[0-9A-Z]+)*",
    RegisterScheme.GLN: r"\d{13}",
    RegisterScheme.OS_HUB: r"[A-Z]{2}\d{7}[0-9A-Z]{6}",
    RegisterScheme.UNIVERSAL_MILL_LIST: r"PO\d{10}",
    RegisterScheme.RSPO: r"RSPO-\d{6,9}|\d-\d{4}-\d{2}-\d{3}-\d{2}",
    RegisterScheme.ISCC: r"(EU|PLUS)-ISCC-Cert-[A-Z]{2}\d{3}-\d{4,12}",
    RegisterScheme.RAINFOREST_ALLIANCE: r"RA[_-]\d{6,14}",
    RegisterScheme.FAIRTRADE: r"FLO ?ID ?\d{1,6}",
    RegisterScheme.COMMON_CODE: r"4C-\d{4,12}",
}


def _one_line(name: str, *, most_digits: int) -> str:
    """Refuse what is no name: an address, a telephone number, a line break."""
    if name != " ".join(name.split()) or not name.isprintable():
        raise ValueError("A name is one line, with single spaces.")
    if not any(character.isalpha() for character in name):
        raise ValueError("A name holds letters.")
    digits = sum(character.isdigit() for character in name)
    if re.search(r"[@<>{}\\]|://", name) or digits > most_digits:
        raise ValueError("A name holds no address, telephone or identity number.")
    return name


def _without_contact(name: str) -> str:
    return _one_line(name, most_digits=4)


def _instrument(name: str) -> str:
    """Accept what a law is called, with its number and year.

    Whether there is such a law is for `strangers_to_book` to say.
    """
    return _one_line(name, most_digits=8)


def _place(name: str) -> str:
    if not all(letter.isalpha() or letter in " .,'’()-\u0303" for letter in name):
        raise ValueError("The name of a place holds letters only.")
    return _without_contact(name)


def _article(article: str) -> str:
    if not re.fullmatch(r"[\w ().,;:§°º/–-]+", article) or not re.search(
        r"\d|\b[IVX]+\b", article
    ):
        raise ValueError("An article is told by its number.")
    return article


def _utc_second(instant: datetime) -> datetime:
    if instant.utcoffset() != timedelta(0) or instant.microsecond:
        raise ValueError("The issue instant is in UTC and in whole seconds.")
    return instant.astimezone(UTC)


Name = Annotated[
    str, Field(min_length=1, max_length=120), AfterValidator(_without_contact)
]
Instrument = Annotated[
    str, Field(min_length=2, max_length=120), AfterValidator(_instrument)
]
Place = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_place)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Reference = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{1,6}$")]
Did = Annotated[
    str, Field(pattern=r"^did:web:[a-z0-9.-]+(%3A[0-9]{1,5})?(:[a-z0-9-]+)*$")
]
Edition = Annotated[str, Field(pattern=r"^[0-9]{4}\.[0-9]{1,2}(\.[0-9]{1,3})?$")]
RuleId = Annotated[
    str, Field(pattern=rf"^({'|'.join(Topic)})\.[a-z][a-z0-9_]{{1,60}}$")
]


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


class Fieldwork(_Part):
    from_on: date
    to_on: date
    notice: Notice
    payer_kind: PayerKind
    season: Season


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
        str, Field(min_length=1, max_length=60), AfterValidator(_article)
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
    share_done: Percent
    status: FindingStatus
    agreed_on: date
    due_on: date

    @property
    def is_the_buyers(self) -> bool:
        return self.text_code.startswith("buyer_")


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
    schema_version: Literal["1.0"]
    id: Annotated[str, Field(pattern=r"^SC-[0-9]{4}-[A-Z]{2}-[0-9A-Z]{4,10}$")]
    version: Annotated[int, Field(ge=1)]
    supersedes: Annotated[int, Field(ge=1)] | None
    status: Status
    issued_at: Annotated[datetime, AfterValidator(_utc_second)]
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
    return rfc8785.dumps(card.model_dump(mode="json"))


def content_sha256(card: Scorecard) -> str:
    """Return the hash over everything but `integrity`."""
    content = card.model_dump(mode="json", exclude={"integrity"})
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


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
