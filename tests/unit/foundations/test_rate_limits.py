"""A bucket lets so much through in so much time; a caller spends nobody else's."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from api.rate_limits import Buckets, Rate, RateLimits
from compliance import limits
from compliance.settings import Settings

SLOW = Rate("slow", per_second=2.0, at_once=3)
ME, OTHER = ("key", b"me"), ("key", b"other")


@given(
    gaps=st.lists(
        st.floats(min_value=0, max_value=0.6, allow_nan=False), min_size=5, max_size=30
    )
)
def test_no_more_is_let_through_than_was_there_and_came_in_since(
    gaps: list[float],
) -> None:
    buckets, now, let_through = Buckets(SLOW), 0.0, 0
    for gap in gaps:
        now += gap
        let_through += buckets.take(ME, now) >= 0

        assert let_through <= SLOW.at_once + SLOW.per_second * now + 1e-6


def test_whoever_waits_as_long_as_was_said_is_let_in() -> None:
    buckets = Buckets(SLOW)

    taken = [buckets.take(ME, 10.0) for _ in range(4)]

    assert taken == [2.0, 1.0, 0.0, -1.0]
    assert buckets.take(ME, 10.0 + buckets.wait(taken[-1])) >= 0
    assert buckets.take(OTHER, 10.0) == 2.0
    assert (SLOW.policy, buckets.told(1.0)) == ('"slow";q=3;w=2', '"slow";r=1;t=1')


def test_whoever_was_not_seen_for_longest_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "RATE_BUCKETS", 2)
    buckets = Buckets(SLOW)

    for name in (b"a", b"b", b"a", b"c"):
        buckets.take(("key", name), 0.0)

    assert [key for _, key in buckets.left] == [b"a", b"c"]


class Speaking:
    """A limited application that says 401 to the bad and 200 to the rest."""

    def __init__(self, folder: Path, **rates: Any) -> None:
        settings = Settings(
            data=folder,
            requests_per_second=1,
            requests_at_once=2,
            address_requests_per_second=1,
            verifications_per_minute=2,
        )
        chosen = settings.model_copy(update=rates)
        self.seconds = 0.0
        self.limited = RateLimits(self.answer, chosen, lambda: self.seconds)

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        is_bad = any(b"bad" in value for _, value in scope["headers"])
        status = 401 if is_bad else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def hear(
        self, path: str, key: str | None = None, host: str = "192.0.2.1"
    ) -> tuple[int, dict[str, str]]:
        """Return the status and the headers of an answer."""
        heard: list[Message] = []

        async def send(message: Message) -> None:
            heard.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
        scope = {
            "type": "http",
            "path": path,
            "method": "GET",
            "query_string": b"",
            "headers": headers,
            "client": (host, 1),
            "server": ("localhost", 80),
            "scheme": "http",
        }
        asyncio.run(self.limited(scope, receive, send))
        told = {name.decode(): value.decode() for name, value in heard[0]["headers"]}
        return heard[0]["status"], told

    def statuses(self, calls: Iterable[tuple[str, str | None]]) -> list[int]:
        return [self.hear(path, key)[0] for path, key in calls]


def test_each_credential_has_its_own_and_is_told_how_much_is_left(
    tmp_path: Path,
) -> None:
    speaking = Speaking(tmp_path)

    _, first = speaking.hear("/v1/risk", "mine")
    speaking.hear("/v1/risk", "mine")
    status, refused = speaking.hear("/v1/risk", "mine")
    others = speaking.hear("/v1/risk", "another")[0]
    healthy = speaking.statuses([("/livez", "mine")] * 9)
    speaking.seconds += int(refused["retry-after"])
    later = speaking.hear("/v1/risk", "mine")[0]

    assert first["ratelimit"] == '"credential";r=1;t=1'
    assert first["ratelimit-policy"] == '"credential";q=2;w=2'
    assert (status, refused["retry-after"]) == (429, "1")
    assert refused["content-type"] == "application/problem+json"
    assert (others, later, set(healthy)) == (200, 200, {200})


def test_guessing_is_slow_and_keeps_out_nobody_who_was_in(tmp_path: Path) -> None:
    speaking = Speaking(tmp_path)
    speaking.hear("/v1/risk", "mine")

    guesses = speaking.statuses(("/v1/risk", f"bad-{number}") for number in range(25))
    mine = speaking.hear("/v1/risk", "mine")[0]
    elsewhere = speaking.hear("/v1/risk", "bad-x", host="192.0.2.9")[0]

    assert guesses == [401] * 20 + [429] * 5
    assert (mine, elsewhere) == (200, 401)


def test_verifying_is_counted_apart_by_address_whatever_is_shown(
    tmp_path: Path,
) -> None:
    speaking = Speaking(tmp_path)

    codes = speaking.statuses(
        [("/v/A", None), ("/v/B", "mine"), ("/v/C", None), ("/v1/rules", None)]
    )
    network = [speaking.hear("/v/A", host=f"2001:db8::{one}")[0] for one in range(3)]

    assert codes == [200, 200, 429, 200]
    assert network == [200, 200, 429]


def test_limits_can_be_switched_off(tmp_path: Path) -> None:
    speaking = Speaking(tmp_path, rate_limits="off")

    statuses = speaking.statuses([("/v1/risk", "mine")] * 9)

    assert set(statuses) == {200}
