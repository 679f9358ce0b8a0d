"""What an operator can set: `ATALAYA_*` in the environment or in a `.env` file."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from compliance import limits
from compliance.texts import N_, translate

MISTAKE = N_("The setting {name} cannot be used: {reason}. It was given as {value}.")

OIDC_INCOMPLETE = (
    "the issuer, the client id and the client secret are set together, or none of them"
)
SMTP_URL = re.compile(r"^smtps?://([^@/\s]+@)?[^@/\s]+/?$")
NO_MAIL_SERVER = "write smtps://user:password@host or smtp://host:port"
MAIL_INCOMPLETE = "the mail server and the sender are set together, or neither"
ISSUER_INCOMPLETE = "certificates are of a key: set the file of the key as well"
# Settings that hold secrets: what was given for them is never told.
SECRET = frozenset({"oidc_client_secret", "smtp_url"})


class SettingsRejected(Exception):
    """One or more settings cannot be used; the message names each and says why."""


class Settings(BaseSettings):
    """Every setting with its meaning; `docs/settings.md` is held equal to this."""

    model_config = SettingsConfigDict(
        env_prefix="ATALAYA_", env_file=".env", extra="ignore", frozen=True
    )

    data: Annotated[
        Path, Field(description="The folder that holds the database and the files.")
    ] = Path("var")
    database_url: Annotated[
        str | None,
        Field(
            description="A PostgreSQL address such as postgresql://user@host/name; "
            "without it an SQLite file in the data folder is used.",
            pattern=r"^(postgresql(\+psycopg)?|sqlite)://",
        ),
    ] = None
    host: Annotated[str, Field(description="The address the server listens on.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Field(description="The port the server listens on.", ge=0, le=65535)
    ] = 8000
    public_url: Annotated[
        str | None,
        Field(
            description="The address people reach the server by, printed on "
            "scorecards; without it, host and port.",
            pattern=r"^https?://[^/]+(/.*)?$",
        ),
    ] = None
    reader_threads: Annotated[
        int, Field(description="Threads that read, in each process.", ge=1, le=64)
    ] = 2
    writer_threads: Annotated[
        int,
        Field(
            description="Threads that write, in each process, on PostgreSQL; SQLite "
            "always has one.",
            ge=1,
            le=64,
        ),
    ] = 3
    workers: Annotated[
        int,
        Field(
            description="Threads that do background work in each server process, on "
            "PostgreSQL; 0 leaves it to `atalaya worker`. SQLite always has one.",
            ge=0,
            le=limits.WORKER_THREADS,
        ),
    ] = 1
    job_lease_seconds: Annotated[
        float,
        Field(
            description="Seconds after which the work of a worker that is not heard "
            "of any more is given to another.",
            ge=1,
            le=3600,
        ),
    ] = limits.JOB_LEASE_SECONDS
    odk_validate: Annotated[
        Literal["auto", "off"],
        Field(
            description="Whether ODK Validate looks at each checklist that is "
            "published: auto where Java is found (version 8 or later), off never."
        ),
    ] = "auto"
    trail_key_file: Annotated[
        Path | None,
        Field(
            description="The file of the key that signs the trail, made at the first "
            "sealing; without it, trail_key.pem in the data folder."
        ),
    ] = None
    trail_anchor_file: Annotated[
        Path | None,
        Field(
            description="A file, best on another machine, that every signed head of the "
            "trail is appended to."
        ),
    ] = None
    trail_witness_url: Annotated[
        str | None,
        Field(
            description="The address of a witness that every signed head of the trail "
            "is posted to and that answers with its own signature.",
            pattern=r"^https?://[^/]+",
        ),
    ] = None

    issuer_key_file: Annotated[
        Path | None,
        Field(
            description="The file of the private key (PEM, P-256) that signs "
            "scorecards; without it, issuer_key.pem in the data folder, where a test "
            "key is made when the first card is signed. Processes on several machines "
            "share one."
        ),
    ] = None
    issuer_certificates_file: Annotated[
        Path | None,
        Field(
            description="The certificates (PEM) of a key of your own, its own first, "
            "then those above it; set with the key. Without it cards are signed with a "
            "test key, and say so.",
        ),
    ] = None
    timestamp_url: Annotated[
        str | None,
        Field(
            description="A timestamp service (RFC 3161) that says when a scorecard was "
            "signed; without it the signature tells the time itself.",
            pattern=r"^https?://[^/]+",
        ),
    ] = None

    sealing_keys_file: Annotated[
        Path | None,
        Field(
            description="The file of the keys that seal what names people and the "
            "originals of attachments; without it, sealing_keys.json in the data "
            "folder. It is made when the first thing is sealed; keep a copy elsewhere, "
            "for nothing else opens what was sealed."
        ),
    ] = None
    signing_key: Annotated[
        Path | None,
        Field(
            description="The file of the private key (PEM, P-256) that signs access "
            "tokens; without it, signing_key.pem in the data folder. It is made at "
            "the first start."
        ),
    ] = None
    oidc_issuer: Annotated[
        str | None,
        Field(
            description="An OpenID Connect issuer by which people may sign in as well; "
            "it needs a client there and its secret. https, but on one's own machine.",
            pattern=r"^(https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/])",
        ),
    ] = None
    oidc_client_id: Annotated[
        str | None, Field(description="What that issuer calls this service.")
    ] = None
    oidc_client_secret: Annotated[
        SecretStr | None,
        Field(description="The secret of that client.", validate_default=True),
    ] = None

    field_key_file: Annotated[
        Path | None,
        Field(
            description="The file of the private keys (PEM, P-256) that open what was "
            "finished on a device; without it, field_key.pem in the data folder. It is "
            "made when it is first needed. Keep a copy: without it sealed records are "
            "lost. A new key goes in front of the old ones."
        ),
    ] = None
    field_contact: Annotated[
        str | None,
        Field(
            description="Whom an auditor calls when a child or a worker may be in "
            "danger, as a name and a number; the web form shows it offline.",
            max_length=300,
        ),
    ] = None

    smtp_url: Annotated[
        SecretStr | None,
        Field(
            description="The mail server that takes alerts: smtps://user:password@host "
            "or smtp://… (587, STARTTLS; plain on one's own machine only). Without it "
            "alerts stay in the product and go to webhooks.",
        ),
    ] = None
    mail_from: Annotated[
        str | None,
        Field(
            description="The address that mail of alerts is from; set with the server.",
            pattern=r"^[^@\s<>,;]{1,64}@[^@\s<>,;]+$",
            validate_default=True,
        ),
    ] = None
    webhook_networks: Annotated[
        str | None,
        Field(
            description="Networks of one's own that webhooks may go to, such as "
            "10.1.0.0/16, with commas between; without it only to the open internet.",
        ),
    ] = None

    rate_limits: Annotated[
        Literal["on", "off"],
        Field(description="Whether requests are limited in their rate."),
    ] = "on"
    requests_per_second: Annotated[
        int,
        Field(
            description="Requests that each credential may send for good, in each "
            "process.",
            ge=1,
            le=100_000,
        ),
    ] = 50
    requests_at_once: Annotated[
        int,
        Field(
            description="Requests that each credential may send at once, in each "
            "process.",
            ge=1,
            le=1_000_000,
        ),
    ] = 500
    address_requests_per_second: Annotated[
        int,
        Field(
            description="Requests that each address may send without a credential, and "
            "with one that is not good, in each process; twenty times as many at once.",
            ge=1,
            le=100_000,
        ),
    ] = 50
    verifications_per_minute: Annotated[
        int,
        Field(
            description="Scorecards that each address may verify, in each process.",
            ge=1,
            le=100_000,
        ),
    ] = 120

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not SMTP_URL.match(url.get_secret_value()):
            raise ValueError(NO_MAIL_SERVER)
        return url

    @field_validator("mail_from")
    @classmethod
    def _mail_is_whole(cls, sender: str | None, info: ValidationInfo) -> str | None:
        if (info.data.get("smtp_url") is None) != (sender is None):
            raise ValueError(MAIL_INCOMPLETE)
        return sender

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, text: str | None) -> str | None:
        for one in (text or "").split(","):
            if one.strip():
                ipaddress.ip_network(one.strip())
        return text

    @property
    def resolved_field_key_file(self) -> Path:
        """Where the keys lie that open what was finished on a device."""
        return self.field_key_file or self.data / "field_key.pem"

    @field_validator("issuer_certificates_file")
    @classmethod
    def _issuer_is_whole(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is not None and info.data.get("issuer_key_file") is None:
            raise ValueError(ISSUER_INCOMPLETE)
        return path

    @property
    def resolved_issuer_key_file(self) -> Path:
        """Where the key lies that signs scorecards."""
        return self.issuer_key_file or self.data / "issuer_key.pem"

    @field_validator("oidc_client_secret")
    @classmethod
    def _oidc_is_whole(
        cls, secret: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        others = [info.data.get(name) for name in ("oidc_issuer", "oidc_client_id")]
        if any(others) != (secret is not None) or any(others) != all(others):
            raise ValueError(OIDC_INCOMPLETE)
        return secret

    @property
    def resolved_signing_key_file(self) -> Path:
        """Where the private key is that signs access tokens."""
        return self.signing_key or self.data / "signing_key.pem"

    @property
    def resolved_sealing_keys_file(self) -> Path:
        """Where the keys lie that seal what names people."""
        return self.sealing_keys_file or self.data / "sealing_keys.json"

    @property
    def resolved_trail_key_file(self) -> Path:
        """Where the key lies that signs the trail."""
        return self.trail_key_file or self.data / "trail_key.pem"

    rules_publishers: Annotated[
        str | None,
        Field(
            description="Public ids of the organisations whose administrators may "
            "publish rules over HTTP, for everybody here, with commas between; * lets "
            "every organisation; without it only the command line publishes."
        ),
    ] = None

    def lets_publish(self, organisation: str) -> bool:
        """Tell whether an organisation (public id) may publish rules for everybody."""
        named = {one.strip() for one in (self.rules_publishers or "").split(",")}
        return "*" in named or organisation in named

    @property
    def resolved_database_url(self) -> str:
        """The address SQLAlchemy opens, with the driver named."""
        if self.database_url is None:
            return f"sqlite:///{(self.data / 'atalaya.sqlite').absolute()}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def resolved_public_url(self) -> str:
        """The address without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def cookies_are_secure(self) -> bool:
        """Whether the session cookie travels over https only."""
        return self.resolved_public_url.startswith("https://")


def read_settings(**given: object) -> Settings:
    """Return the settings; what the command line gave goes before the environment."""
    known = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**known)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise SettingsRejected("\n".join(_told(error, "en"))) from error


def _told(error: ValidationError, language: str) -> list[str]:
    return [
        translate(
            MISTAKE,
            language,
            name="ATALAYA_" + str(mistake["loc"][0]).upper(),
            reason=mistake["msg"],
            value="***" if mistake["loc"][0] in SECRET else repr(mistake["input"]),
        )
        for mistake in error.errors()
    ]
