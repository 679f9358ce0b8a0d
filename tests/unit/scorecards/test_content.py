"""The document of a scorecard: closed, ordered, hashed, and empty of persons."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from compliance.scorecards.codes import (
    Cap,
    GateCode,
    GateValue,
    KeyKind,
    Letter,
    Limit,
    PeopleRange,
    SiteKind,
    Status,
    WorkersWithheld,
)
from compliance.scorecards.content import (
    Issuer,
    Scorecard,
    canonical_bytes,
    content_sha256,
    is_intact,
    letter_after,
    people_range,
    sealed,
    strangers_to_book,
)
from tests.unit.scorecards.sample import (
    FORCED_LABOUR_OPEN,
    TITLES,
    card,
    gate,
    gates,
    grade,
    producer,
    scope,
)

UNSIGNED = Issuer(
    name="Atalaya Pacífico", audit_firm=None, did=None, key_kind=KeyKind.NONE
)
OPERATED = Issuer(
    name="Atalaya Pacífico",
    audit_firm=None,
    did="did:web:example.org",
    key_kind=KeyKind.OPERATOR,
)
PLANTED_NAME = "María Quispe Huamán"
PLANTED_TELEPHONE = "+57 311 555 0123"
# These are names by nature; a person's name cannot be told from theirs by its form.
NAMES = {
    "producer.name",
    "producer.admin1",
    "scope.municipality",
    "issuer.name",
    "issuer.audit_firm",
    "flags.citations.instrument",
}
MEMBERS = [
    "schema_version",
    "id",
    "version",
    "supersedes",
    "status",
    "issued_at",
    "valid_from",
    "valid_until",
    "issuer",
    "producer",
    "scope",
    "fieldwork",
    "grade",
    "topics",
    "flags",
    "actions",
    "chain",
    "history",
    "rulebook",
    "engine",
    "limits",
    "integrity",
]


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(card().model_dump_json())
    return read


def read(told: dict[str, Any]) -> Scorecard:
    return Scorecard.model_validate_json(json.dumps(told))


def string_places(value: Any, path: tuple[str | int, ...] = ()) -> list[Any]:
    """Return the path of every string in the document."""
    match value:
        case str():
            return [path]
        case dict():
            children = list(value.items())
        case list():
            children = list(enumerate(value))
        case _:
            children = []
    return [
        place for key, child in children for place in string_places(child, (*path, key))
    ]


def planted(told: dict[str, Any], path: tuple[str | int, ...], value: str) -> None:
    holder: Any = told
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value


def dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(step for step in path if isinstance(step, str))


PLACES = string_places(document())


def test_the_members_stand_in_the_published_order() -> None:
    members = list(document())

    assert members == MEMBERS


def test_a_card_read_back_is_the_same_card() -> None:
    told = card()

    again = Scorecard.model_validate_json(canonical_bytes(told))

    assert again == told


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_no_string_takes_a_telephone_number(path: tuple[str | int, ...]) -> None:
    told = document()
    planted(told, path, PLANTED_TELEPHONE)

    with pytest.raises(ValidationError):
        read(told)


@pytest.mark.parametrize(
    "path",
    [path for path in PLACES if dotted(path) not in NAMES],
    ids=lambda path: ".".join(map(str, path)),
)
def test_no_string_but_a_name_of_an_organisation_or_place_takes_a_name(
    path: tuple[str | int, ...],
) -> None:
    told = document()
    planted(told, path, PLANTED_NAME)

    with pytest.raises(ValidationError):
        read(told)


@pytest.mark.parametrize("holder", ["producer", "scope", "fieldwork", "grade"])
def test_no_part_takes_a_member_of_its_own(holder: str) -> None:
    told = document()
    told[holder]["remarks"] = PLANTED_NAME

    with pytest.raises(ValidationError, match="remarks"):
        read(told)


def test_a_name_of_a_law_that_the_book_does_not_know_is_found_out() -> None:
    told = document()
    told["flags"][0]["citations"][0]["instrument"] = PLANTED_NAME
    known = {cite.instrument for flag in card().flags for cite in flag.citations} | {
        "ILO C182"
    }

    strangers = strangers_to_book(read(told), rule_ids=list(TITLES), instruments=known)

    assert strangers == (PLANTED_NAME,)


def test_the_hash_is_over_everything_but_integrity() -> None:
    told = card()
    elsewhere = told.integrity.model_copy(
        update={"verify_url": "https://other.example.org/v/AAAA-BBBB"}
    )

    moved = told.model_copy(update={"integrity": elsewhere})

    assert content_sha256(moved) == content_sha256(told)
    assert is_intact(moved)


def test_the_hash_is_what_an_outsider_computes() -> None:
    """The published recipe in two lines, on the bytes that the PDF carries."""
    import hashlib

    import rfc8785

    published = json.loads(canonical_bytes(card()))
    claimed = published.pop("integrity")["sha256"]

    assert hashlib.sha256(rfc8785.dumps(published)).hexdigest() == claimed


def test_a_changed_card_is_not_intact() -> None:
    changed = card().model_copy(update={"status": Status.REVOKED})

    assert not is_intact(changed)
    assert is_intact(sealed(changed))


def test_the_letter_is_the_worst_of_score_and_gates() -> None:
    capped = gates(FORCED_LABOUR_OPEN)

    assert letter_after(Letter.B, capped) is Letter.C
    assert letter_after(Letter.E, capped) is Letter.E
    assert letter_after(Letter.A, gates()) is Letter.A
    assert letter_after(None, gates()) is None


def test_a_suspending_gate_leaves_no_letter() -> None:
    suspending = gate(GateCode.ZERO_TOLERANCE, GateValue.NO_PLAN, caps_at=Cap.SUSPENDED)

    told = grade(74, Letter.B, suspending, FORCED_LABOUR_OPEN)

    assert told.letter is None
    assert told.state == "suspended"
    assert told.binding_gates == (suspending,)


def test_a_letter_that_the_gates_do_not_give_is_refused() -> None:
    told = document()
    told["grade"]["letter"] = "B"

    with pytest.raises(ValidationError, match="worst of the score and all gates"):
        read(told)


def test_a_gate_left_out_is_refused() -> None:
    told = document()
    del told["grade"]["gates"][3]

    with pytest.raises(ValidationError, match="Every gate is told once"):
        read(told)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("zero_tolerance", {"value": "no_plan"}),
        ("zero_tolerance", {"applied": True, "caps_at": "E"}),
        ("access", {"value": "overdue", "applied": True, "caps_at": "E"}),
        ("access", {"limit": 3}),
        ("determinate_share", {"value": 79}),
        ("fieldwork_age", {"value": 366}),
        ("fieldwork_age", {"value": "clear"}),
        ("season", {"applied": True}),
    ],
)
def test_a_gate_that_contradicts_itself_is_refused(
    code: str, change: dict[str, Any]
) -> None:
    told = document()
    place = list(GateCode).index(GateCode(code))
    told["grade"]["gates"][place] |= change

    with pytest.raises(ValidationError):
        read(told)


def test_a_child_is_never_counted() -> None:
    told = document()
    (of_children,) = (
        one for one in told["flags"] if one["indicator"].startswith("child_labour.")
    )
    of_children["people_range"] = "<10"

    with pytest.raises(ValidationError, match="child is never counted"):
        read(told)


@pytest.mark.parametrize(
    "changes",
    [
        {"workers_total": None, "workers_range": PeopleRange.FROM_25},
        {
            "workers_total": None,
            "workers_withheld": WorkersWithheld.FEWER_THAN_TEN,
            "interviews_range": None,
        },
    ],
)
def test_parts_are_shown_only_where_the_whole_is_no_range(
    changes: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError, match="beside a total"):
        card(scope=scope(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"workers_total": 9},
        {"workers_total": None, "workers_range": PeopleRange.BELOW_10},
        {"workers_total": None},
        {"workers_range": PeopleRange.FROM_250},
    ],
)
def test_a_scope_tells_its_workers_in_one_safe_way(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        scope(**changes)


@pytest.mark.parametrize(
    ("count", "workers", "told"),
    [
        (0, 500, None),
        (1, 500, "<10"),
        (9, 500, "<10"),
        (10, 500, "10-24"),
        (24, 500, "10-24"),
        (25, 500, "25-49"),
        (50, 500, "50-99"),
        (100, 500, "100-249"),
        (249, 500, "100-249"),
        (250, 500, "250+"),
        (3, 9, None),
        (3, 10, "<10"),
    ],
)
def test_people_are_told_in_fixed_ranges(
    count: int, workers: int, told: str | None
) -> None:
    assert people_range(count, workers_in_scope=workers) == told


@pytest.mark.parametrize(
    ("did", "kind"),
    [
        (None, KeyKind.TEST),
        (None, KeyKind.OPERATOR),
        ("did:web:example.org", KeyKind.NONE),
    ],
)
def test_an_issuer_has_an_identity_only_where_it_signs(
    did: str | None, kind: KeyKind
) -> None:
    with pytest.raises(ValidationError, match="Who signs has an identity"):
        Issuer(name="Atalaya Pacífico", audit_firm=None, did=did, key_kind=kind)


@pytest.mark.parametrize(
    ("issuer", "limits"),
    [
        (UNSIGNED, (Limit.TEST_AUTHORITY,)),
        (OPERATED, (Limit.TEST_AUTHORITY,)),
        (card().issuer, ()),
    ],
    ids=["unsigned", "operator", "test"],
)
def test_a_test_key_is_told_among_the_limits_and_no_other(
    issuer: Issuer, limits: tuple[Limit, ...]
) -> None:
    with pytest.raises(ValidationError, match="A test key is told among the limits"):
        card(issuer=issuer, limits=limits)


def test_a_card_may_be_unsigned_and_says_so() -> None:
    told = card(issuer=UNSIGNED, limits=())

    again = read(json.loads(told.model_dump_json()))

    assert again == told
    assert again.issuer.key_kind is KeyKind.NONE


def test_a_farm_has_no_point() -> None:
    with pytest.raises(ValidationError, match="never by a point"):
        card(producer=producer(kind=SiteKind.PRODUCER, register_ids=()))


@pytest.mark.parametrize("place", ["Calle 12", "Meta\u2028Norte", "Meta ", "<b>"])
def test_a_place_is_a_name_and_no_address(place: str) -> None:
    with pytest.raises(ValidationError):
        scope(municipality=place)


@pytest.mark.parametrize(
    "place", ["Chimaltenango", "Ñe’ẽmbucú", "Đắk Lắk", "El Carmen (La Ye)"]
)
def test_a_place_keeps_the_letters_of_its_language(place: str) -> None:
    assert scope(municipality=place).municipality == place


def test_an_action_refers_to_a_flag_of_its_card() -> None:
    told = document()
    told["actions"][0]["flag"] = "RF-99"

    with pytest.raises(ValidationError, match="not on the card"):
        read(told)


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("atalaya", "3115550123"),
        ("gln", "311555012"),
        ("os_hub", "3115550123"),
        ("universal_mill_list", "1000012345"),
    ],
)
def test_a_register_id_has_the_form_of_its_register(scheme: str, value: str) -> None:
    told = document()
    told["producer"]["register_ids"] = [{"scheme": scheme, "value": value}]

    with pytest.raises(ValidationError, match="not an identifier"):
        read(told)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 16, 14, 5),  # noqa: DTZ001 - the very thing that is refused
        datetime(2026, 11, 16, 14, 5, 0, 250, tzinfo=UTC),
    ],
)
def test_the_issue_instant_is_a_second_in_utc(instant: datetime) -> None:
    with pytest.raises(ValidationError, match="whole seconds"):
        card(issued_at=instant)


def test_a_card_of_the_first_schema_stays_readable_and_intact() -> None:
    """It has no integrity of the visit, in its bytes neither."""
    first = card()
    first = sealed(
        first.model_copy(
            update={
                "schema_version": "1.0",
                "fieldwork": first.fieldwork.model_copy(update={"integrity": None}),
            }
        )
    )

    told = canonical_bytes(first)
    again = Scorecard.model_validate_json(told, strict=True)

    assert b'"integrity":null' not in told
    assert again == first
    assert is_intact(again)
    assert canonical_bytes(again) == told


@pytest.mark.parametrize(
    ("version", "integrity"), [("1.0", "explained"), ("1.1", None)]
)
def test_the_integrity_of_the_visit_is_told_since_the_second_schema(
    version: str, integrity: str | None
) -> None:
    told = document()
    told["schema_version"] = version
    told["fieldwork"]["integrity"] = integrity

    with pytest.raises(ValidationError, match="since schema"):
        read(told)


@pytest.mark.parametrize(
    ("ref", "change", "why"),
    [
        ("RM-1103", {"share_done": 67}, "counts them"),
        ("RM-1103", {"flag": "RF-14"}, "one word is told"),
        ("CA-21", {"share_done": None}, "is told"),
        ("CA-21", {"status": "broken"}, "Only a commitment"),
    ],
)
def test_a_row_of_the_plan_tells_no_person(
    ref: str, change: dict[str, Any], why: str
) -> None:
    told = document()
    (row,) = [one for one in told["actions"] if one["ref"] == ref]
    row |= change

    with pytest.raises(ValidationError, match=why):
        read(told)


def test_of_a_small_scope_no_share_of_what_people_got_is_told() -> None:
    told = document()
    told["scope"] |= {
        "workers_total": None,
        "workers_withheld": "fewer_than_ten",
        "interviews_range": None,
    }
    for flag in told["flags"]:
        flag["people_range"] = None

    with pytest.raises(ValidationError, match="would count them"):
        read(told)
