"""What a drawn card says in each state, and what it must not say."""

from functools import cache
from itertools import combinations

import pytest

from compliance.scorecards.codes import GateCode, Letter, Limit, Status
from compliance.scorecards.content import Gate
from compliance.scorecards.drawing import CardAltered, draw, look
from compliance.scorecards.drawing.place import MAP_HEIGHT, MOST_EXTRA
from compliance.scorecards.drawing.words import catalogue
from tests.unit.scorecards.cards import CARDS, LONG_NAME, SUSPENDING, TOO_OLD
from tests.unit.scorecards.pdf_reading import WATERMARK, Piece, pieces, text_of
from tests.unit.scorecards.sample import card, grade, titles

LANGUAGES = ("en", "es")
EVERY_CARD = [(state, language) for state in CARDS for language in LANGUAGES]
NOTHING_OPEN = {
    "en": "No zero-tolerance",
    "es": "Sin sospecha de tolerancia cero",
}


@cache
def drawn(state: str, language: str) -> bytes:
    return draw(CARDS[state], language, titles)


def flowing(state: str, language: str) -> str:
    """Return the text with lines joined, so that a wrapped sentence can be found."""
    return " ".join(text_of(drawn(state, language)).split())


def said(*path: str, language: str) -> str:
    found = catalogue(path[0])
    for step in path[1:]:
        found = found[step]
    return str(found[language])


@cache
def body(state: str, language: str) -> list[Piece]:
    return [piece for piece in pieces(drawn(state, language)) if piece.size < WATERMARK]


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_no_two_texts_touch(state: str, language: str) -> None:
    placed = body(state, language)

    touching = [
        (one.text, other.text)
        for one, other in combinations(placed, 2)
        if one.overlaps(other)
    ]

    assert touching == []


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_every_text_stays_between_the_margins(state: str, language: str) -> None:
    outside = [
        piece.text
        for piece in body(state, language)
        if piece.x < look.MARGIN - 0.5
        or piece.x + piece.width > look.RIGHT + 0.5
        or not 10 < piece.y < look.PAGE_HEIGHT - 10
    ]

    assert outside == []


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_no_text_is_smaller_than_the_smallest(state: str, language: str) -> None:
    smallest = min(piece.size for piece in body(state, language))

    assert smallest >= look.SMALLEST


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_nothing_is_cut_but_hashes(state: str, language: str) -> None:
    cut = [piece.text for piece in body(state, language) if "…" in piece.text]

    hashes = [text for text in cut if "SHA-256" in text or text.endswith("…)")]

    assert cut == hashes


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_every_gate_is_told_with_its_effect(state: str, language: str) -> None:
    told = text_of(drawn(state, language)).splitlines()

    effects = [
        said("codes", "effect", effect, language=language)
        for effect in (
            "none",
            *(cap for cap in catalogue("codes")["effect"] if cap != "none"),
        )
    ]

    assert sum(told.count(effect) for effect in set(effects)) == len(GateCode)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["D", "E", "suspended"])
def test_an_open_zero_tolerance_matter_is_never_said_to_be_absent(
    state: str, language: str
) -> None:
    told = flowing(state, language)

    assert NOTHING_OPEN[language] not in told
    absent = said("labels", "glance_no_zero_tolerance", language=language)
    assert absent not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["A", "B", "C"])
def test_a_site_without_a_zero_tolerance_matter_is_said_to_have_none(
    state: str, language: str
) -> None:
    assert NOTHING_OPEN[language] in flowing(state, language)


@pytest.mark.parametrize(("letter", "colour"), look.GRADE_COLOURS.items())
def test_the_letter_stands_in_its_own_size(letter: str, colour: str) -> None:
    large = [piece for piece in body(letter, "en") if piece.size > 60 - 1]
    letters = [
        piece for piece in pieces(drawn(letter, "en")) if piece.size >= WATERMARK
    ]

    assert large == []
    assert [piece.text for piece in letters] == [letter]
    assert colour.startswith("#")


@pytest.mark.parametrize("state", ["suspended", "not_graded", "expired"])
def test_a_card_without_a_letter_shows_none(state: str) -> None:
    large = [
        piece.text for piece in pieces(drawn(state, "en")) if piece.size >= WATERMARK
    ]

    assert large == []
    assert "capped from" not in flowing(state, "en")


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("C", "Why this grade"),
        ("suspended", "Why there is no letter"),
        ("not_graded", "Why there is no grade"),
        ("expired", "Why there is no grade"),
    ],
)
def test_the_reasons_are_headed_by_what_they_explain(state: str, heading: str) -> None:
    assert heading in flowing(state, "en")


def test_the_score_stays_visible_under_a_cap() -> None:
    told = flowing("E", "en")

    assert "capped from B" in told
    assert "Score 74 alone would be grade B" in told


@pytest.mark.parametrize(
    ("state", "pill"),
    [
        ("C", "VALID"),
        ("draft", "DRAFT"),
        ("suspended", "SUSPENDED"),
        ("superseded", "SUPERSEDED"),
        ("revoked", "REVOKED"),
        ("expired", "EXPIRED"),
    ],
)
def test_the_head_says_whether_to_rely_on_the_card(state: str, pill: str) -> None:
    lines = text_of(drawn(state, "en")).splitlines()

    assert pill in lines
    assert [line for line in lines if line == "VALID"] == ["VALID"] * (pill == "VALID")


@pytest.mark.parametrize(
    ("gate", "pill"), [(SUSPENDING, "SUSPENDED"), (TOO_OLD, "EXPIRED")]
)
def test_a_grade_withheld_by_a_gate_is_never_headed_as_valid(
    gate: Gate, pill: str
) -> None:
    told = card(status=Status.ISSUED, grade=grade(74, Letter.B, gate))

    lines = text_of(draw(told, "en", titles)).splitlines()

    assert pill in lines
    assert "VALID" not in lines


@pytest.mark.parametrize(
    "state", ["draft", "superseded", "revoked", "suspended", "expired"]
)
def test_a_card_not_in_force_names_no_day_until_which_it_holds(state: str) -> None:
    assert "15 Aug 2027" not in flowing(state, "en")


def test_a_draft_says_so_across_every_page() -> None:
    large = [piece for piece in pieces(drawn("draft", "es")) if piece.size >= WATERMARK]

    across = [piece.page for piece in large if piece.text == "BORRADOR"]

    assert across == [1, 2]


def test_open_flags_without_a_plan_say_that_none_is_agreed() -> None:
    assert "No plan agreed yet" in flowing("suspended", "en")
    assert "No plan is needed" not in flowing("suspended", "en")


def test_no_open_flag_needs_no_plan() -> None:
    assert "No plan is needed" in flowing("B", "en")
    assert "No plan agreed yet" not in flowing("B", "en")


def test_a_small_scope_shows_no_number_of_people() -> None:
    told = flowing("not_graded", "en")

    assert "workers: too few to tell" in told
    assert "workers in scope" not in told
    assert "confidential interviews" not in told


def test_a_country_without_an_outline_is_told_in_words() -> None:
    assert "No outline of this country is kept." in flowing("not_graded", "en")


def test_a_farm_is_placed_by_its_municipality() -> None:
    told = flowing("not_graded", "en")

    assert "Farms are placed by municipality only" in told
    assert "Shown to 0.1°" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_speaks_of_a_signature_only_where_there_is_one(language: str) -> None:
    unsigned, signed = flowing("farm", language), flowing("C", language)

    of_signing = [
        said("labels", "signer", language=language),
        said("labels", "key", language=language),
        said("codes", "limit", "test_authority", language=language),
        "did:web",
    ]
    without = said("codes", "key_kind", "none", language=language)

    assert [told in unsigned for told in of_signing] == [False] * 4
    assert [told in signed for told in of_signing] == [True] * 4
    assert without in unsigned
    assert without not in signed


def test_a_farm_tells_whose_volume_its_share_is_of() -> None:
    told = flowing("farm", "en")

    assert "1 Farm <1% of the mill’s volume 1 Mill volume unknown" in told
    assert said("labels", "chain_none", language="en") not in told
    assert "412 Plots 91% of volume" in flowing("C", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_place_of_a_farm_stands_under_its_map(language: str) -> None:
    placed = [piece for piece in body("farm", language) if piece.page == 2]
    heading = said("labels", "place", language=language)

    (top,) = [piece.y for piece in placed if piece.text == heading]
    (place,) = [piece for piece in placed if piece.text.startswith("Planadas, Tolima")]

    assert 100 < top - place.y < MAP_HEIGHT + MOST_EXTRA + 30


def test_what_does_not_fit_goes_on_under_a_head_of_its_own() -> None:
    placed = pieces(drawn("crowded", "en"))

    pages = {piece.page for piece in placed}
    continued = {piece.page for piece in placed if piece.text.endswith("(continued)")}

    assert pages == {1, 2, 3, 4}
    assert continued
    assert 1 not in continued


def test_every_flag_of_a_crowded_card_is_told_once() -> None:
    told = text_of(drawn("crowded", "en")).splitlines()

    refs = [flag.ref for flag in CARDS["crowded"].flags]

    assert [told.count(ref) for ref in refs] == [1] * len(refs)


def test_a_long_name_is_told_whole_in_the_head() -> None:
    heading = [
        piece.text for piece in pieces(drawn("crowded", "en")) if piece.mark == "/H1"
    ]

    assert " ".join(heading) == LONG_NAME


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_limit_is_told_in_words(language: str) -> None:
    told = flowing("crowded", language)

    missing = [
        limit
        for limit in Limit
        if said("codes", "limit", limit, language=language) not in told
    ]

    assert missing == []


def test_the_title_of_a_flag_comes_from_the_rule_book() -> None:
    told = draw(card(), "es", lambda rule, language: f"{language} {rule}")

    text = " ".join(text_of(told).split())

    assert "es forced_labour.documents_hel" in text


def test_a_card_that_was_altered_is_not_drawn() -> None:
    altered = card().model_copy(update={"status": Status.REVOKED})

    with pytest.raises(CardAltered, match="SC-2026-CO-000417"):
        draw(altered, "en", titles)
