"""When credentials were last used, gathered in memory and written now and then.

A key's last day and a session's last minute are worth knowing, but not worth a write in
every request. What was gathered when the process is killed is lost: a session then
seems idle for a minute longer than it was.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from sqlalchemy import bindparam, or_, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identity.models import ApiKey, OauthClient, SignIn
from compliance.identity.scope import (
    CookieGiven,
    Credential,
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


@dataclass
class Usage:
    """What was used since the last writing."""

    keys: dict[str, date] = field(default_factory=dict)
    clients: dict[str, date] = field(default_factory=dict)
    sessions: dict[bytes, datetime] = field(default_factory=dict)
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
                case None:
                    pass

    @property
    def has_news(self) -> bool:
        return bool(self.keys or self.clients or self.sessions)

    def write(self, session: Session) -> None:
        """Write what was gathered; work of the product itself, for every organisation."""
        with self.lock:
            keys, self.keys = self.keys, {}
            clients, self.clients = self.clients, {}
            sessions, self.sessions = self.sessions, {}
        for statement, days in ((KEY_USED, keys), (CLIENT_USED, clients)):
            for name, day in sorted(days.items()):
                session.execute(statement, {"used": name, "day": day})
        for digest, at in sorted(sessions.items()):
            session.execute(SESSION_SEEN, {"seen": digest, "at": at})
