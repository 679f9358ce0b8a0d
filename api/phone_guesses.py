"""Wrong passwords of devices are counted, and each further one must wait longer.

Only who comes by name and password is counted: nobody guesses an address of 260 random
bits. A counter is of one device from one address, so that nobody else is kept waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fastapi import Request
from sqlalchemy.orm import Session

from api import hop
from api.phones import phone_credential
from api.signing_in import address_of
from compliance.identity import throttle
from compliance.identity.scope import DeviceNamed, NotSignedIn, Scope
from compliance.identity.throttle import Attempt, SignInDelayed
from compliance.problems import Kind, Problem
from compliance.texts import N_

Result = TypeVar("Result")


class DeviceMustWait(Problem):
    kind = Kind.TOO_MANY
    title = N_("Too many wrong passwords came from this device")
    detail = N_(
        "Wait {retry_after} s and try again. If the password was lost, ask your "
        "supervisor for a new code and scan it in the same app; nothing on it is lost."
    )


async def read(request: Request, work: Callable[[Session, Scope], Result]) -> Result:
    """Run `work` for a device in a reading transaction, as `hop.read` does.

    Raise DeviceMustWait where too many wrong passwords came before.
    """
    shown = phone_credential(request)
    if not isinstance(shown, DeviceNamed):
        return await hop.read(request, work)
    service, attempt = hop.service_of(request), Attempt(shown.name, address_of(request))
    with _told():
        await service.read(
            lambda session: throttle.refuse_waiting(session, attempt), system=True
        )
    try:
        return await hop.read(request, work)
    except NotSignedIn:
        with _told():
            await service.write(
                lambda session: throttle.count_failure(session, attempt), system=True
            )
        raise


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SignInDelayed as delayed:
        raise DeviceMustWait(**delayed.facts) from delayed
