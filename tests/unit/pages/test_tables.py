"""Where a page of a list leads, and filters that are on or off."""

import pytest
from fastapi import Request

from api.pages.tables import FilterUnknown, is_on, pager


def asked(query: str) -> Request:
    """Return a request for a list, as the address has it."""
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/findings",
            "headers": [],
            "query_string": query.encode(),
        }
    )


def test_the_first_page_leads_on_with_its_filters_and_not_back() -> None:
    leads = pager(asked("topic=wages&done=kept"), "F-7")

    assert leads == {"next_page": "/findings?topic=wages&after=F-7", "first_page": None}


def test_the_last_page_leads_back_to_the_first_with_its_filters() -> None:
    leads = pager(asked("topic=wages&after=F-7"), None)

    assert leads == {"next_page": None, "first_page": "/findings?topic=wages"}


def test_a_page_between_leads_both_ways() -> None:
    leads = pager(asked("after=F-7"), "F-9")

    assert leads == {"next_page": "/findings?after=F-9", "first_page": "/findings"}


@pytest.mark.parametrize("query", ["", "overdue=", "overdue=%20", "late=yes"])
def test_a_filter_that_was_left_open_is_off(query: str) -> None:
    assert not is_on(asked(query), "overdue")


def test_a_filter_is_on_by_yes_and_by_nothing_else() -> None:
    assert is_on(asked("overdue=yes"), "overdue")

    with pytest.raises(FilterUnknown):
        is_on(asked("overdue=no"), "overdue")
