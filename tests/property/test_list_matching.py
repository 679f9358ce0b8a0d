"""Laws of matching with public lists: names are themselves however they are written,
the order of rows never matters, and nothing that a person said is undone."""

import unicodedata
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from compliance.public_lists.entries import entries_of
from compliance.public_lists.legal_forms import core
from compliance.public_lists.lifecycle import STEPS, MatchState, after_edition
from compliance.public_lists.matching import Named, Registered, Sign, proposals
from compliance.public_lists.models import SubjectKind
from compliance.public_lists.reading import Listed
from compliance.public_lists.schemes import NumberScheme

WORDS = st.sampled_from(
    [
        "Cumbre",
        "Peñón",
        "Contoh",
        "Jaya",
        "Río",
        "Verde",
        "Öst",
        "Palmera",
        "São",
        "Roca",
    ]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
FORMS = st.sampled_from(
    [
        "",
        "S.A.",
        "S.A.S.",
        "SAS",
        "Ltda.",
        "Ltd",
        "Sdn. Bhd.",
        "Tbk",
        "GmbH",
        "S. de R.L.",
    ]
)
BEFORE = st.sampled_from(["", "PT ", "PT. ", "CV "])


def registered(
    name: str, place: int = 0, numbers: frozenset[tuple[str, ...]] = frozenset()
) -> Registered:
    return Registered(
        SubjectKind.SITE, f"site_{place}", name, "CO", "", numbers=numbers
    )


@given(name=NAMES, form=FORMS, other=FORMS, before=BEFORE, data=st.data())
def test_a_name_matches_itself_whatever_its_form_case_and_accents(
    name: str, form: str, other: str, before: str, data: st.DataObject
) -> None:
    plain = "".join(
        one
        for one in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(one)
    )
    written = data.draw(st.sampled_from([name, name.upper(), plain, plain.lower()]))
    words = data.draw(st.permutations(written.split()))
    entry = Named("e", f"{before}{' '.join(words)} {other}", "CO", "")

    (found,) = proposals([entry], [registered(f"{name} {form}")], names_alike=88)

    assert found.score == 100
    assert found.evidence == ((Sign.SAME_NAME, {}),)


@given(names=st.lists(NAMES, min_size=1, max_size=4), form=FORMS)
def test_the_order_of_rows_and_sites_changes_nothing(
    names: list[str], form: str
) -> None:
    entries = [
        Named(str(place), f"{name} {form}", "CO", "")
        for place, name in enumerate(names)
    ]
    sites = [registered(name, place) for place, name in enumerate(names)]
    expected = proposals(entries, sites, names_alike=80)

    for order in list(permutations(range(len(names))))[::5]:
        shuffled = [entries[place] for place in order]
        assert proposals(shuffled, sites[::-1], names_alike=80) == expected


@given(
    rows=st.lists(
        st.tuples(NAMES, st.sampled_from(["CO", "MY", None]), st.booleans()), max_size=5
    ),
    data=st.data(),
)
def test_the_order_of_rows_changes_no_entry(
    rows: list[tuple[str, str | None, bool]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))

    def digest(_scheme: NumberScheme, value: str, _country: str | None) -> bytes:
        return value.encode()

    first, second = (
        {
            (one.key, one.fingerprint)
            for one in entries_of(
                (_listed(row, said) for row, said in enumerate(order, start=2)), digest
            )
        }
        for order in (rows, shuffled)
    )

    assert first == second


@given(name=NAMES, number=st.integers(10**8, 10**9).map(str))
def test_a_number_matches_exactly_and_a_name_of_another_country_never(
    name: str, number: str
) -> None:
    numbers = frozenset({("tax_number", "CO", number)})
    elsewhere = Named("elsewhere", name, "MY", "")
    same = Named("same", "Wholly Other", "CO", "", numbers=numbers)
    near = Named(
        "near", None, "CO", "", numbers=frozenset({("tax_number", "CO", f"{number}1")})
    )
    without = Named("without", name, None, "")

    found = proposals(
        [elsewhere, same, near, without],
        [registered(name, numbers=numbers)],
        names_alike=70,
    )

    assert [(one.entry, one.score) for one in found] == [("same", 100)]
    assert found[0].evidence[0] == (Sign.SAME_NUMBER, {"scheme": "tax_number"})


@given(
    state=st.sampled_from(MatchState), is_listed=st.booleans(), is_changed=st.booleans()
)
def test_an_edition_never_decides_and_never_leaves_the_table(
    state: MatchState,
    is_listed: bool,  # noqa: FBT001 - hypothesis draws it
    is_changed: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    after = after_edition(
        state, is_listed=is_listed, is_changed=is_listed and is_changed
    )

    assert after is state or after in STEPS[state]
    assert after is state or after in {MatchState.PROPOSED, MatchState.GONE}
    assert state is not MatchState.SAME or after is MatchState.SAME


def test_words_that_stand_for_a_form_alone_still_name_somebody() -> None:
    assert core("PT") == "pt"
    assert core("S.A.") == "sa"
    assert core("J R Cumbre") == "cumbre j r"


def _listed(row: int, said: tuple[str, str | None, bool]) -> Listed:
    name, country, forced = said
    return Listed(
        row=row,
        is_person=False,
        name=name,
        country=country,
        region=None,
        good=None,
        commodity=None,
        child_labour=False,
        forced_labour=forced,
        forced_child_labour=False,
        from_on=None,
        until_on=None,
    )
