"""So many requests in so much time: of each credential, and of each address without one.

A bucket holds what may be sent at once and fills at a steady rate. Each credential has
its own, so that nobody is kept waiting by somebody else's program; who shows none shares
that of the address. A credential that is not good costs its address, and when that is
spent only credentials that were good before come in from there: guessing is slow, and
keeps no one out. Scorecards are verified by anybody, so that has a bucket of its own.

Buckets are in memory, of each process: with several, a caller has so many times as much.
"""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.device_addresses import SECRET
from api.problems import problem_response
from api.signing_in import network_of
from compliance import limits
from compliance.problems import Kind, Problem
from compliance.settings import Settings
from compliance.texts import N_

Key = tuple[str, bytes | str]

COOKIE_NAME = b"atalaya_session="
JWT_DOTS = 2
NEVER_LIMITED = ("/livez", "/readyz", "/static/")
VERIFYING = "/v/"
ASKING_MUCH = "/v1/risk/query"


class TooManyRequests(Problem):
    kind = Kind.TOO_MANY
    title = N_("Too many requests in too short a time")
    detail = N_(
        "Wait {retry_after} s and send it again. The header RateLimit-Policy says how "
        "many are taken in which time, RateLimit how many are left."
    )


@dataclass(frozen=True)
class Rate:
    """What a bucket holds, and how fast it fills."""

    name: str
    per_second: float
    at_once: int

    @property
    def policy(self) -> str:
        """Return the header that tells it (draft-ietf-httpapi-ratelimit-headers)."""
        window = math.ceil(self.at_once / self.per_second)
        return f'"{self.name}";q={self.at_once};w={window}'


@dataclass
class Buckets:
    """What is left to each of many; who was not seen for longest is forgotten first.

    A bucket that was forgotten is full when it is asked for again, as it would be by
    then: it is only forgotten where so many others came since.
    """

    rate: Rate
    left: OrderedDict[Key, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, key: Key, now: float, cost: float = 1.0) -> float:
        """Take what a request costs and return what is left; below 0 it was not taken.

        Then it is how much is missing. `now` is in seconds of a clock that never jumps.
        """
        left = self.look(key, now) - cost
        self.left[key] = (left if left >= 0 else left + cost, now)
        self.left.move_to_end(key)
        if len(self.left) > limits.RATE_BUCKETS:
            self.left.popitem(last=False)
        return left

    def look(self, key: Key, now: float) -> float:
        """Return what is left, and take nothing."""
        rate = self.rate
        known = self.left.get(key)
        if known is None:
            return float(rate.at_once)
        left, at = known
        return min(rate.at_once, left + (now - at) * rate.per_second)

    def told(self, left: float) -> str:
        """Return the header that tells what is left, and when all is there again."""
        missing = (self.rate.at_once - max(left, 0)) / self.rate.per_second
        return f'"{self.rate.name}";r={max(0, int(left))};t={math.ceil(missing)}'

    def wait(self, left: float) -> int:
        """Return the whole seconds until what is missing will be there."""
        return max(1, math.ceil(-left / self.rate.per_second))


class RateLimits:
    """Refuse what comes too fast, and tell everybody how much they may still send."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.is_on = settings.rate_limits == "on"
        self.seconds = seconds
        self.credentials = Buckets(
            Rate("credential", settings.requests_per_second, settings.requests_at_once)
        )
        self.addresses = Buckets(
            Rate(
                "address",
                settings.address_requests_per_second,
                limits.ADDRESS_SECONDS_AT_ONCE * settings.address_requests_per_second,
            )
        )
        self.refused = Buckets(self.addresses.rate)
        self.verifying = Buckets(
            Rate(
                "verify",
                settings.verifications_per_minute / 60,
                settings.verifications_per_minute,
            )
        )
        self.good: OrderedDict[Key, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_limited = scope["type"] == "http" and self.is_on
        if not is_limited or scope["path"].startswith(NEVER_LIMITED):
            await self.app(scope, receive, send)
            return
        now, address = self.seconds(), _address(scope)
        credential = _credential(scope)
        buckets, left = self._take(scope["path"], address, credential, now)
        if left < 0:
            await self._refuse(scope, receive, send, buckets, left)
            return

        async def send_and_tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = buckets.rate.policy
                headers["RateLimit"] = buckets.told(left)
                if credential is not None:
                    self._note(credential, address, message["status"], now)
            await send(message)

        await self.app(scope, receive, send_and_tell)

    def _take(
        self, path: str, address: Key, credential: Key | None, now: float
    ) -> tuple[Buckets, float]:
        """Take from the bucket a request is of, and return it with what is left."""
        if path.startswith(VERIFYING):
            return self.verifying, self.verifying.take(address, now)
        if credential is None:
            return self.addresses, self.addresses.take(address, now)
        if credential not in self.good:
            spent = self.refused.look(address, now) - 1
            if spent < 0:
                return self.refused, spent
        cost = limits.RISK_QUERY_REQUESTS if path == ASKING_MUCH else 1
        return self.credentials, self.credentials.take(credential, now, cost)

    def _note(self, credential: Key, address: Key, status: int, now: float) -> None:
        """Remember a credential that was good; one that was not costs its address."""
        if status == 401:
            self.good.pop(credential, None)
            self.refused.take(address, now)
            return
        self.good[credential] = None
        self.good.move_to_end(credential)
        if len(self.good) > limits.RATE_BUCKETS:
            self.good.popitem(last=False)

    async def _refuse(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        buckets: Buckets,
        left: float,
    ) -> None:
        problem = TooManyRequests(retry_after=buckets.wait(left))
        response = problem_response(Request(scope), problem)
        response.headers["RateLimit-Policy"] = buckets.rate.policy
        response.headers["RateLimit"] = buckets.told(left)
        await response(scope, receive, send)


def _address(scope: Scope) -> Key:
    client = scope.get("client")
    return "address", network_of(client[0] if client else "")


def _credential(scope: Scope) -> Key | None:
    """Return what tells a credential from others; None where none was shown.

    What is kept of it opens nothing. An access token that was found good stands for its
    client, so that fetching another brings no more. Digest answers anew at each request,
    so that it counts as the address.
    """
    secret = scope.get(SECRET)
    if secret is not None:
        return "device", _mark(secret.encode())
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[:7].lower() == b"digest ":
                return None
            return _bearer(scope, value)
        if name == b"cookie" and COOKIE_NAME in value:
            session = value.partition(COOKIE_NAME)[2].partition(b";")[0]
            return "session", _mark(session)
    return None


def _bearer(scope: Scope, value: bytes) -> Key:
    if value.count(b".") == JWT_DOTS:
        service = getattr(scope["app"].state, "service", None)
        token = value.partition(b" ")[2].strip().decode("latin-1")
        claims = None if service is None else service.tokens.known(token)
        if claims is not None:
            return "client", claims.client_id
    return "key", _mark(value)


def _mark(secret: bytes) -> bytes:
    return hashlib.blake2b(secret, digest_size=16).digest()
