"""Clocks never run backwards, whatever a device, or the server's own clock, says."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import assume, example, given
from hypothesis import strategies as st

from compliance.clocks.observing import (
    AHEAD_OF_UTC,
    FIRST_INSTANT,
    LONGEST_AWAY,
    Doubt,
    observe,
)
from rules import read_book

PUBLISHED = datetime(2026, 9, 1, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime(2099, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def instants(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    whole = st.integers(0, int((last - first).total_seconds()))
    return whole.map(lambda seconds: first + timedelta(seconds=seconds))


anything = instants(datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
receipts = instants(PUBLISHED + timedelta(days=1), PUBLISHED + timedelta(days=365))
spans = st.timedeltas(timedelta(0), timedelta(hours=24))
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@st.composite
def visits(draw: st.DrawFn) -> tuple[datetime, datetime, date, datetime]:
    """Return when a visit truly began and ended, its day there, and its receipt."""
    began = draw(
        instants(PUBLISHED + timedelta(days=1), PUBLISHED + timedelta(days=300))
    )
    ended = began + draw(spans)
    received = ended + draw(st.timedeltas(timedelta(0), timedelta(days=90)))
    return began, ended, began.astimezone(draw(zones)).date(), received


@given(receipts, st.none() | days, st.none() | anything, st.none() | anything)
def test_nothing_is_observed_after_its_receipt_or_before_all_memory(
    received: datetime, day: date | None, start: datetime | None, end: datetime | None
) -> None:
    for not_before in (None, PUBLISHED):
        seen = observe(
            received_at=received,
            declared_on=day,
            started_at=start,
            ended_at=end,
            not_before=not_before,
        )

        assert seen.at <= received
        assert seen.at >= FIRST_INSTANT - timedelta(hours=24)


@given(visits())
def test_a_device_that_tells_the_truth_is_believed(
    visit: tuple[datetime, datetime, date, datetime],
) -> None:
    began, ended, day, received = visit

    seen = observe(
        received_at=received,
        declared_on=day,
        started_at=began,
        ended_at=ended,
        not_before=PUBLISHED,
    )

    assert seen.at == began
    assert not seen.doubts


@given(visits(), anything, anything, st.booleans())
@example((RECEIVED - 2 * HOUR, RECEIVED - HOUR, date(2026, 11, 22), RECEIVED), EPOCH, EPOCH, True)  # fmt: skip
@example((RECEIVED - 2 * HOUR, RECEIVED - HOUR, date(2026, 11, 22), RECEIVED), FAR, FAR, True)  # fmt: skip
@example((RECEIVED - 2 * HOUR, RECEIVED - HOUR, date(2026, 11, 22), RECEIVED), FAR, EPOCH, False)  # fmt: skip
def test_an_impossible_clock_gets_no_more_time_than_a_true_one(
    visit: tuple[datetime, datetime, date, datetime],
    start: datetime,
    end: datetime,
    is_declared: bool,  # noqa: FBT001 - hypothesis hands it over so
) -> None:
    began, _, day, received = visit
    assume(not PUBLISHED - timedelta(days=1) <= start <= received)

    seen = observe(
        received_at=received,
        declared_on=day if is_declared else None,
        started_at=start,
        ended_at=end,
        not_before=PUBLISHED,
    )

    assert seen.doubts
    assert seen.at <= began


@given(
    visits(), st.timedeltas(timedelta(seconds=1), timedelta(hours=30)), st.booleans()
)
def test_a_jump_back_in_the_middle_gets_no_more_time(
    visit: tuple[datetime, datetime, date, datetime],
    jump: timedelta,
    was_right_at_first: bool,  # noqa: FBT001 - hypothesis hands it over so
) -> None:
    """The clock was right and fell back, or was ahead and was put right."""
    began, ended, day, received = visit
    start = began if was_right_at_first else began + jump
    end = ended - jump if was_right_at_first else ended
    assume(end < start <= received)

    for declared in (day, None):
        seen = observe(
            received_at=received,
            declared_on=declared,
            started_at=start,
            ended_at=end,
            not_before=PUBLISHED,
        )

        assert Doubt.RUNS_BACKWARDS in seen.doubts
        assert seen.at <= began


@given(st.none() | days, st.none() | anything, st.none() | anything, receipts, spans)
def test_the_same_record_received_later_was_not_observed_earlier(
    day: date | None,
    start: datetime | None,
    end: datetime | None,
    received: datetime,
    later: timedelta,
) -> None:
    def seen_at(receipt: datetime) -> datetime:
        return observe(
            received_at=receipt,
            declared_on=day,
            started_at=start,
            ended_at=end,
            not_before=PUBLISHED,
        ).at

    assert seen_at(received) <= seen_at(received + later)


def test_a_day_alone_begins_where_the_site_lies() -> None:
    day = date(2026, 11, 20)

    planadas = observe(received_at=RECEIVED, declared_on=day, country="CO")
    somewhere = observe(received_at=RECEIVED, declared_on=day, country="ZZ")

    assert planadas.at == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert somewhere.at == datetime(2026, 11, 19, 10, tzinfo=UTC)


def test_every_country_with_a_law_has_its_first_hour() -> None:
    assert set(AHEAD_OF_UTC) == read_book().countries


def test_what_nobody_tells_anything_of_was_there_as_long_as_it_can_have_been() -> None:
    asked = observe(received_at=RECEIVED, not_before=PUBLISHED)
    unknown = observe(received_at=RECEIVED)

    assert asked.at == PUBLISHED
    assert unknown.at == RECEIVED - LONGEST_AWAY
