"""What an operator can set: `ATALAYA_*` in the environment or in a `.env` file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from compliance.texts import N_, translate

MISTAKE = N_("The setting {name} cannot be used: {reason}. It was given as {value}.")


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
            value=repr(mistake["input"]),
        )
        for mistake in error.errors()
    ]
