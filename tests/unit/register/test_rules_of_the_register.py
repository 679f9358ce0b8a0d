"""Small laws: shares, names, counts of people, certificates and licences by day."""

from datetime import date
from decimal import Decimal

import pytest

from compliance.registry.brokers.licence import LicenceStanding, licence_on
from compliance.registry.certificates.standing import Standing, standing_on
from compliance.registry.days import DaysOutOfOrder, refuse_disorder
from compliance.registry.filters import containing
from compliance.registry.folding import folded
from compliance.registry.models import CertificateStatus
from compliance.registry.shares import (
    SharesOverWhole,
    basis_points,
    refuse_over_whole,
    share_of,
)
from compliance.registry.workforce.counts import (
    Counts,
    MoreThanHired,
    PartsOverTotal,
    Workforce,
    whole,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Peñón  Alto", "penon alto"),
        ("  FINCA  LA\tVEGA ", "finca la vega"),
        ("Straße", "strasse"),
        ("Cafeﬁ", "cafefi"),
        ("云南", "云南"),
        ("İstanbul", "istanbul"),
    ],
)
def test_names_are_compared_without_accents_and_case(given: str, kept: str) -> None:
    assert folded(given) == kept


def test_a_name_that_is_sought_is_no_pattern() -> None:
    assert containing("50% Ñandú_x\\") == "%50\\% nandu\\_x\\\\%"


@pytest.mark.parametrize(
    ("share", "points"),
    [
        (None, None),
        (0.0, 0),
        (1.0, 10_000),
        (0.57, 5_700),
        (0.29, 2_900),
        (1 / 3, 3_333),
    ],
)
def test_shares_are_kept_in_basis_points_rounded_down(
    share: float | None, points: int | None
) -> None:
    assert basis_points(share) == points


def test_basis_points_read_as_the_share_they_were() -> None:
    assert share_of(1_250) == 0.125
    assert share_of(None) is None


@pytest.mark.parametrize("parts", [3, 6, 7, 11, 13, 99])
def test_equal_parts_of_the_whole_are_never_more_than_it(parts: int) -> None:
    assert parts * (basis_points(1 / parts) or 0) <= 10_000


def test_a_share_over_the_whole_is_refused_with_the_sum() -> None:
    with pytest.raises(SharesOverWhole) as refused:
        refuse_over_whole(
            giver="site_a", taker="site_b", season="2026", others=9_000, points=1_001
        )

    assert refused.value.facts["total"] == "100.01"
    assert Decimal(str(refused.value.facts["others"])) == 90


def test_the_whole_itself_and_an_unknown_share_are_taken() -> None:
    for points in (1_000, None):
        refuse_over_whole(
            giver="site_a", taker="site_b", season="2026", others=9_000, points=points
        )


def test_days_come_in_their_order() -> None:
    refuse_disorder(valid_from=date(2026, 1, 1), valid_until=date(2026, 1, 1))
    refuse_disorder(valid_from=None, valid_until=date(2026, 1, 1))
    with pytest.raises(DaysOutOfOrder) as refused:
        refuse_disorder(valid_from=date(2026, 1, 2), valid_until=date(2026, 1, 1))

    assert refused.value.facts["first"] == "valid_from"


def test_a_total_follows_from_women_and_men() -> None:
    filled = whole(Workforce(permanent=Counts(women=2, men=3)))

    assert filled.permanent == Counts(5, 2, 3)
    assert filled.temporary == Counts()


def test_one_sex_alone_makes_no_total() -> None:
    assert whole(Workforce(family_help=Counts(women=2))).family_help.total is None


def test_a_remainder_whose_sex_is_not_stated_is_taken() -> None:
    assert whole(Workforce(temporary=Counts(9, 3, 4))).temporary == Counts(9, 3, 4)


@pytest.mark.parametrize("counts", [Counts(4, 2, 3), Counts(1, 2), Counts(0, None, 1)])
def test_women_and_men_are_not_more_than_all(counts: Counts) -> None:
    with pytest.raises(PartsOverTotal) as refused:
        whole(Workforce(temporary=counts))

    assert refused.value.facts["category"] == "temporary"


@pytest.mark.parametrize(
    ("workforce", "of"),
    [
        (
            Workforce(Counts(2), Counts(3), migrant=Counts(6)),
            "total",
        ),
        (
            Workforce(Counts(2), Counts(3), piece_rate=Counts(6)),
            "total",
        ),
        (
            Workforce(Counts(5, 1, 4), Counts(5, 1, 4), migrant=Counts(9, 3, 2)),
            "women",
        ),
        (
            Workforce(Counts(5, 4, 1), Counts(5, 4, 1), piece_rate=Counts(9, 2, 3)),
            "men",
        ),
    ],
)
def test_migrant_and_piece_workers_are_some_of_the_hired(
    workforce: Workforce, of: str
) -> None:
    with pytest.raises(MoreThanHired) as refused:
        whole(workforce)

    assert refused.value.facts["of"] == of


def test_what_is_hired_and_not_known_limits_nothing() -> None:
    stated = Workforce(permanent=Counts(2), migrant=Counts(40))

    assert whole(stated) == stated


def test_family_help_is_not_hired() -> None:
    stated = Workforce(Counts(0), Counts(0), family_help=Counts(4))

    assert whole(stated) == stated


FIRST, LAST = date(2026, 1, 10), date(2026, 12, 31)
ACTIVE, SUSPENDED, WITHDRAWN = CertificateStatus
STANDINGS = [
    (date(2026, 1, 9), ACTIVE, None, Standing.NOT_YET),
    (date(2026, 1, 10), ACTIVE, None, Standing.IN_FORCE),
    (date(2026, 12, 31), ACTIVE, None, Standing.IN_FORCE),
    (date(2027, 1, 1), ACTIVE, None, Standing.EXPIRED),
    (date(2026, 5, 31), SUSPENDED, date(2026, 6, 1), Standing.IN_FORCE),
    (date(2026, 6, 1), SUSPENDED, date(2026, 6, 1), Standing.SUSPENDED),
    (date(2027, 1, 1), SUSPENDED, date(2026, 6, 1), Standing.SUSPENDED),
    (date(2026, 6, 1), WITHDRAWN, date(2026, 6, 1), Standing.WITHDRAWN),
    (date(2026, 1, 9), WITHDRAWN, date(2026, 6, 1), Standing.NOT_YET),
]


@pytest.mark.parametrize(("day", "status", "since", "standing"), STANDINGS)
def test_a_certificate_stands_by_its_days_and_its_body(
    day: date, status: CertificateStatus, since: date | None, standing: Standing
) -> None:
    assert standing is standing_on(
        day,
        valid_from=FIRST,
        valid_until=LAST,
        status=status,
        status_since=since,
    )


@pytest.mark.parametrize(
    ("day", "number", "begins", "ends", "standing"),
    [
        (date(2026, 6, 1), "L-1", FIRST, LAST, LicenceStanding.IN_FORCE),
        (date(2026, 12, 31), "L-1", None, LAST, LicenceStanding.IN_FORCE),
        (date(2027, 1, 1), "L-1", FIRST, LAST, LicenceStanding.EXPIRED),
        (date(2026, 1, 9), "L-1", FIRST, LAST, LicenceStanding.NOT_YET),
        (date(2026, 6, 1), "L-1", FIRST, None, LicenceStanding.NOT_KNOWN),
        (date(2026, 6, 1), None, None, None, LicenceStanding.NOT_KNOWN),
    ],
)
def test_a_licence_stands_by_its_days_and_without_a_last_day_proves_nothing(
    day: date,
    number: str | None,
    begins: date | None,
    ends: date | None,
    standing: LicenceStanding,
) -> None:
    assert standing is licence_on(
        day, number=number, valid_from=begins, valid_until=ends
    )
