"""Passwords at the edge: checked in their own queue, counted, and told by a cookie.

A password costs 19 MiB and some 45 ms, on purpose, so it is never weighed on a thread
that the database waits for.
"""

import functools
import ipaddress

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.service import SignInBusy
from compliance import clock
from compliance.identifiers import OrganisationId
from compliance.identity import throttle
from compliance.identity.passwords import PasswordHash, hash_password, is_password
from compliance.identity.sessions import (
    KnownPerson,
    StartedSession,
    end_session,
    known_person,
    normal_email,
    start_session,
)
from compliance.identity.throttle import Attempt

NETWORK_BITS = 64  # what one household or office has of IPv6


def attempt_of(request: Request, email: str) -> Attempt:
    """Return the go at an account that a request is."""
    return Attempt(normal_email(email), address_of(request))


def address_of(request: Request) -> str:
    """Return where a request comes from; of IPv6 the network, which is one customer's."""
    return network_of(request.client.host if request.client else "")


@functools.lru_cache(maxsize=10_000)
def network_of(host: str) -> str:
    """Return an address as it is counted: of IPv6 the network, else what it is."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))


async def proven(request: Request, email: str, given: str) -> KnownPerson | None:
    """Return whose password this is, None where it is wrong or nobody has the address.

    Raise SignInDelayed after too many wrong ones, SignInBusy when too many people try.
    """
    service, attempt = hop.service_of(request), attempt_of(request, email)

    def count(session: Session) -> KnownPerson | None:
        throttle.begin(session, attempt)
        return known_person(session, email)

    person = await service.write(count, system=True)
    kept = person.password_hash if person else None
    try:
        is_right = await service.passwords.run(lambda: is_password(kept, given))
    except SignInBusy:
        await service.write(
            lambda session: throttle.take_back(session, attempt), system=True
        )
        raise
    return person if is_right else None


async def hashed(request: Request, chosen: str, *context: str) -> PasswordHash:
    """Return what is kept of a new password, or raise what is wrong with it."""
    return await hop.service_of(request).passwords.run(
        lambda: hash_password(chosen, context)
    )


def start(
    request: Request,
    session: Session,
    person: KnownPerson,
    *,
    by: str = "password",
    into: OrganisationId | None = None,
) -> StartedSession:
    """Start the session of somebody who has shown who they are; any before it ends."""
    before = request.cookies.get(hop.cookie_name(request))
    if before is not None:
        end_session(session, before)
    address_sha256 = attempt_of(request, person.email).address_sha256
    return start_session(
        session, person, address_sha256=address_sha256, by=by, into=into
    )


def forgive(request: Request, session: Session, person: KnownPerson) -> None:
    """Forget the wrong passwords that came before the right one."""
    throttle.succeed(session, attempt_of(request, person.email))


def give_cookie(request: Request, response: Response, started: StartedSession) -> None:
    """Let the browser keep a session's token, hidden from scripts and other sites.

    It is told for how long, not until when: clocks of phones go wrong by days.
    """
    response.set_cookie(
        hop.cookie_name(request),
        started.token,
        max_age=int((started.expires_at - clock.now()).total_seconds()),
        secure=hop.service_of(request).settings.cookies_are_secure,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(request: Request, response: Response) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(
        hop.cookie_name(request),
        secure=hop.service_of(request).settings.cookies_are_secure,
        httponly=True,
        samesite="lax",
    )
