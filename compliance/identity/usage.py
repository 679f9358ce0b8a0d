"""When credentials were last used, gathered in memory and written now and then.

A key's last day and a session's last minute are worth knowing, but not worth a write in
every request. What was gathered when the process is killed is lost: a session then
seems idle for a minute longer than it was.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identity.models import (
    ApiKey,
    Device,
    DeviceSighting,
    OauthClient,
    SignIn,
)
from compliance.identity.scope import (
    CookieGiven,
    Credential,
    DeviceAddressGiven,
    DeviceNamed,
    KeyGiven,
    Scope,
    TokenGiven,
    digest_of,
)

KEY_USED = (
    update(ApiKey)
    .where(
        ApiKey.public_id == bindparam("used"),
        or_(ApiKey.last_used_on.is_(None), ApiKey.last_used_on < bindparam("day")),
    )
    .values(last_used_on=bindparam("day"))
)
CLIENT_USED = (
    update(OauthClient)
    .where(
        OauthClient.public_id == bindparam("used"),
        or_(
            OauthClient.last_used_on.is_(None),
            OauthClient.last_used_on < bindparam("day"),
        ),
    )
    .values(last_used_on=bindparam("day"))
)
SESSION_SEEN = (
    update(SignIn)
    .where(
        SignIn.token_sha256 == bindparam("seen"), SignIn.last_seen_at < bindparam("at")
    )
    .values(last_seen_at=bindparam("at"))
)

DEVICE_SEEN = (
    update(DeviceSighting)
    .where(
        DeviceSighting.device_id.in_(
            select(Device.id).where(Device.public_id == bindparam("seen"))
        ),
        or_(
            DeviceSighting.last_seen_at.is_(None),
            DeviceSighting.last_seen_at < bindparam("at"),
        ),
    )
    .values(
        first_seen_at=func.coalesce(DeviceSighting.first_seen_at, bindparam("at")),
        last_seen_at=bindparam("at"),
        user_agent=func.coalesce(bindparam("program"), DeviceSighting.user_agent),
    )
)
PROGRAM_CHARACTERS = 200


@dataclass
class Usage:
    """What was used since the last writing."""

    keys: dict[str, date] = field(default_factory=dict)
    clients: dict[str, date] = field(default_factory=dict)
    sessions: dict[bytes, datetime] = field(default_factory=dict)
    devices: dict[str, tuple[datetime, str | None]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def note(self, credential: Credential | None, scope: Scope) -> None:
        """Note that a credential was good just now."""
        with self.lock:
            match credential:
                case KeyGiven():
                    self.keys[scope.actor] = clock.today()
                case TokenGiven():
                    self.clients[scope.actor] = clock.today()
                case CookieGiven(text):
                    self.sessions[digest_of(text)] = clock.now()
                case (
                    DeviceAddressGiven(user_agent=program)
                    | DeviceNamed(user_agent=program)
                ):
                    self.devices[scope.actor] = (clock.now(), program)
                case None:
                    pass

    @property
    def has_news(self) -> bool:
        return bool(self.keys or self.clients or self.sessions or self.devices)

    def write(self, session: Session) -> None:
        """Write what was gathered; work of the product itself, for every organisation."""
        with self.lock:
            keys, self.keys = self.keys, {}
            clients, self.clients = self.clients, {}
            sessions, self.sessions = self.sessions, {}
            devices, self.devices = self.devices, {}
        for statement, days in ((KEY_USED, keys), (CLIENT_USED, clients)):
            for name, day in sorted(days.items()):
                session.execute(statement, {"used": name, "day": day})
        for digest, at in sorted(sessions.items()):
            session.execute(SESSION_SEEN, {"seen": digest, "at": at})
        for name, (at, program) in sorted(devices.items()):
            told = program and program[:PROGRAM_CHARACTERS]
            session.execute(DEVICE_SEEN, {"seen": name, "at": at, "program": told})
