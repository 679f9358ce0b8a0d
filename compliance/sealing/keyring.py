"""The keys that wrap all other keys of what is sealed: a file, newest key last.

The file is made when the first thing is sealed, for its owner's eyes only, and never
leaves the machines that serve and work. Older keys stay in it until nothing is wrapped
with them any more.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from compliance.problems import Kind, Problem
from compliance.sealing.cipher import KEY_BYTES, make_key
from compliance.texts import N_

PRIVATE = 0o600


class SealingKeysUnusable(Problem):
    """The file cannot be read, or holds something else."""

    kind = Kind.UNAVAILABLE
    title = N_("The sealing keys cannot be used")
    detail = N_(
        "{path} must hold the sealing keys as 'atalaya sealing rotate' writes them, "
        "readable by the server. Restore it from your backup: nothing else opens what "
        "was sealed."
    )


class SealingKeyMissing(Problem):
    """A key that something was wrapped with is not in the file."""

    kind = Kind.UNAVAILABLE
    title = N_("A sealing key is missing")
    detail = N_(
        "What is asked for was sealed under the key {key}, which {path} does not hold. "
        "Restore that key from your backup."
    )


@dataclass(frozen=True)
class WrappingKey:
    id: str
    key: bytes


@dataclass(frozen=True)
class Keyring:
    """The file of the wrapping keys, read when it is needed."""

    path: Path

    def newest(self) -> WrappingKey:
        """Return the key to wrap with now; the file is made if there is none."""
        if not self.path.exists():
            self._add_first()
        return self._keys()[-1]

    def named(self, key_id: str) -> WrappingKey:
        """Return an older key, or raise SealingKeyMissing."""
        keys = self._keys() if self.path.exists() else ()
        for one in keys:
            if one.id == key_id:
                return one
        raise SealingKeyMissing(key=key_id, path=str(self.path))

    def ids(self) -> tuple[str, ...]:
        """Return the names of the keys in the file, the newest last."""
        return tuple(one.id for one in self._keys()) if self.path.exists() else ()

    def add(self) -> WrappingKey:
        """Put a fresh key at the end: from now on everything is wrapped with it."""
        keys = self._keys() if self.path.exists() else ()
        added = _fresh()
        self._replace((*keys, added))
        return added

    def keep_only(self, key_id: str) -> None:
        """Forget every other key; what was wrapped with them opens no more."""
        self._replace((self.named(key_id),))

    def _keys(self) -> tuple[WrappingKey, ...]:
        try:
            written = json.loads(self.path.read_bytes())
            keys = tuple(
                WrappingKey(str(one["id"]), base64.b64decode(one["key"], validate=True))
                for one in written["keys"]
            )
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise SealingKeysUnusable(path=str(self.path)) from fault
        if not keys or any(len(one.key) != KEY_BYTES for one in keys):
            raise SealingKeysUnusable(path=str(self.path))
        return keys

    def _add_first(self) -> None:
        temporary = self._write_beside((_fresh(),))
        try:
            os.link(temporary, self.path)  # fails where another was a moment earlier
            _sync_folder(self.path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()

    def _replace(self, keys: tuple[WrappingKey, ...]) -> None:
        self._write_beside(keys).replace(self.path)
        _sync_folder(self.path)

    def _write_beside(self, keys: tuple[WrappingKey, ...]) -> Path:
        written = [
            {"id": one.id, "key": base64.b64encode(one.key).decode()} for one in keys
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump({"keys": written}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        return temporary


def _fresh() -> WrappingKey:
    """Return a new key; its name too is the system's own chance, as the key is.

    The file outlives a transaction that is undone, so that a repeatable source would
    give other draws the second time.
    """
    return WrappingKey(f"seal_{secrets.token_hex(5)}", make_key())


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
