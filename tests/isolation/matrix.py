"""The matrix: every route × every role × every way to stand to a thing.

What must happen is read off the policy; what happens, the application says. A route is
one line of `routes.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from compliance.identity.models import Role
from compliance.identity.policy import HOLDERS, LINES, Action, Relation, Resource
from tests.conftest import Tenant
from tests.isolation.speaking import Answer, Request
from tests.isolation.world import Place, World

DONE = frozenset({200, 201, 202, 204})
REFUSED = frozenset({403, 404})
NOT_SIGNED_IN = frozenset({401})
TO_SIGN_IN = frozenset({303, 401})

Body = Callable[[World, Place], object]


class Outcome(Enum):
    """What must come of a request."""

    TOLD = auto()  # it is done, and a list holds the site's things
    SILENT = auto()  # it is done, and nothing of the site is told
    REFUSED = auto()


@dataclass(frozen=True)
class Asks:
    """What a route asks for, and how it is tried.

    A list is tried by whether the site's things are in it. What is `nobodys` is no
    site's: every organisation has its own, or makes one. `queries` are put to the
    address one after the other; `names` tell which of the site's names fills a part of
    the address where it is not that of the part.
    """

    resource: Resource
    action: Action
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    queries: tuple[str, ...] = ("",)
    is_list: bool = False
    is_nobodys: bool = False
    # Who is told of some of it by a consent, beside those the policy's line reaches.
    follows: frozenset[Relation] = frozenset()
    done: frozenset[int] = DONE
    refused: frozenset[int] = REFUSED
    anonymous: frozenset[int] = NOT_SIGNED_IN

    def outcome(self, relation: Relation, role: Role | None) -> Outcome:
        """Return what the policy says; no role is that of nobody signed in."""
        line = LINES[self.resource, self.action]
        if role is None:
            is_open = Relation.ANONYMOUS in line.reaches
            return Outcome.TOLD if is_open else Outcome.REFUSED
        if not all(role in HOLDERS[one] for one in line.needs):
            return Outcome.REFUSED
        if relation in line.reaches | self.follows:
            return Outcome.TOLD
        is_anybodys = self.is_list or self.is_nobodys
        return Outcome.SILENT if is_anybodys else Outcome.REFUSED

    def is_worth_asking(self, caller: "Caller") -> bool:
        """Leave out what can tell nothing new: what all may do, said by each of them."""
        line = LINES[self.resource, self.action]
        if Relation.ANONYMOUS in line.reaches:
            return caller.called in ANYBODY
        return bool(line.needs) or caller.role in {None, Role.ANALYST}

    def requests(
        self, route: str, world: World, place: Place, headers: Mapping[str, str]
    ) -> tuple[Request, ...]:
        method, _, path = route.partition(" ")
        known = {**place.names, **{a: place.names[b] for a, b in self.names.items()}}
        body = None if self.body is None else self.body(world, place)
        return tuple(
            Request(
                method,
                path.format(**known) + query.format(**known),
                {**self.headers, **headers},
                body,
            )
            for query in self.queries
        )

    def fault(
        self, outcome: Outcome, statuses: set[int], leaked: str | None, *, signed: bool
    ) -> str | None:
        """Return what is wrong with what was answered, None where nothing is."""
        if outcome is Outcome.REFUSED:
            refused = self.refused if signed else self.anonymous
            if not statuses <= refused:
                return "should have been refused"
        elif not statuses <= self.done:
            return "should have been done"
        if outcome is Outcome.TOLD:
            return "tells nothing" if self.is_list and leaked is None else None
        return None if leaked is None else f"tells of {leaked}"


@dataclass(frozen=True)
class Caller:
    """Somebody with a credential, a site, and how the one stands to the other."""

    called: str
    headers: Mapping[str, str]
    role: Role | None
    place: Place
    relation: Relation


def mismatches(
    world: World, routes: Mapping[str, Asks | Sequence[Asks]], wanted: Iterable[str]
) -> list[str]:
    """Return every cell of some routes that is not as the policy says."""
    faults = []
    for route in wanted:
        asked = routes[route]
        for asks in [asked] if isinstance(asked, Asks) else asked:
            faults += _faults(world, route, asks)
    return faults


def _faults(world: World, route: str, asks: Asks) -> list[str]:
    found = [one for one in callers(world) if asks.is_worth_asking(one)]
    requests = [asks.requests(route, world, one.place, one.headers) for one in found]
    flat = [request for few in requests for request in few]
    answers = iter(world.hear(flat))
    faults = []
    for caller, few in zip(found, requests, strict=True):
        heard = [next(answers) for _ in few]
        outcome = asks.outcome(caller.relation, caller.role)
        fault = asks.fault(
            outcome,
            {one.status for one in heard},
            _leak(caller.place, few, heard),
            signed=caller.role is not None,
        )
        if fault is not None:
            statuses = [one.status for one in heard]
            faults.append(
                f"{route} ({asks.resource}, {asks.action}) as {caller.called}: "
                f"{fault}; it answered {statuses}: {heard[0].text[:200]}"
            )
    return faults


def _leak(
    place: Place, requests: Sequence[Request], heard: Sequence[Answer]
) -> str | None:
    """Return a word of the site that is told though the request did not say it."""
    said = " ".join(f"{one.path} {one.body!r}" for one in requests)
    text = "".join(one.text for one in heard)
    return next(
        (word for word in place.secrets if word in text and word not in said), None
    )


def callers(world: World) -> Iterator[Caller]:
    """Yield everybody who asks: every role of everybody, nobody, and bad credentials."""
    for called, (tenant, place, relation) in cases(world).items():
        for role in Role if called in PLAIN else (Role.ADMINISTRATOR,):
            key = tenant.headers(role)
            yield Caller(f"{called}, {role}", key, role, place, relation)
    for called, (headers, place, relation) in by_cookie(world).items():
        yield Caller(called, headers, Role.ADMINISTRATOR, place, relation)
    private, nobody = world.places["private"], Relation.ANONYMOUS
    yield Caller("nobody", {}, None, private, nobody)
    for called, bad in world.bad_credentials.items():
        yield Caller(called, bad, None, private, nobody)


ANYBODY = frozenset({"nobody", "own, analyst", "other, analyst"})
# Where every role is tried; of other strangers the strongest will do.
PLAIN = frozenset({"own", "operates", "shown the risk", "shown the cards", "other"})


def cases(world: World) -> dict[str, tuple[Tenant, Place, Relation]]:
    """Return who stands how to which site."""
    places, tenants = world.places, world.tenants
    mill, buyer = tenants["mill"], tenants["buyer"]
    return {
        "own": (tenants["exporter"], places["private"], Relation.OWN),
        "operates": (mill, places["operated"], Relation.OPERATES),
        "shown the risk": (buyer, places["risk"], Relation.SHARED_RISK),
        "shown the cards": (buyer, places["card"], Relation.SHARED_SCORECARD),
        "other": (tenants["stranger"], places["private"], Relation.OTHER),
        "operates another": (mill, places["private"], Relation.OTHER),
        "shown before": (buyer, places["ended"], Relation.OTHER),
        "shown too long ago": (buyer, places["past"], Relation.OTHER),
        "shown tomorrow": (buyer, places["coming"], Relation.OTHER),
    }


def by_cookie(world: World) -> dict[str, tuple[Mapping[str, str], Place, Relation]]:
    """Return the same of a browser, for those who differ most."""
    place = world.places["private"]
    return {
        "own, by cookie": (world.cookies["exporter"], place, Relation.OWN),
        "other, by cookie": (world.cookies["stranger"], place, Relation.OTHER),
    }
