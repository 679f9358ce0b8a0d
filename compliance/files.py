"""The file store: content by its SHA-256, behind one small port.

A file is on disk, and so is the folder entry that names it, before the database row
that speaks of it is committed. The same content twice is one file.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from compliance import clock

ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Files:
    """A folder of files named by the SHA-256 of their content."""

    folder: Path

    def keep(self, content: bytes) -> str:
        """Store `content` durably and return its SHA-256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        with tempfile.NamedTemporaryFile(dir=self.incoming(), delete=False) as file:
            file.write(content)
        self.take(Path(file.name), digest)
        return digest

    def take(self, path: Path, digest: str) -> None:
        """Move a finished file of this store's incoming folder to its place."""
        place = self._place(digest)
        if place.exists():
            path.unlink()
            return
        sync(path)
        if not place.parent.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            sync(place.parent.parent)
        path.replace(place)
        sync(place.parent)

    def read(self, digest: str) -> bytes:
        """Return the content with this digest; FileNotFoundError if there is none."""
        return self._place(digest).read_bytes()

    def path(self, digest: str) -> Path:
        """Return where a large file can be read piece by piece."""
        return self._place(digest)

    def incoming(self) -> Path:
        """Return the folder where a file may be written before `take`."""
        folder = self.folder / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def sweep(self) -> int:
        """Remove what was left half-received a day ago or more; return how many."""
        oldest = clock.now().timestamp() - ABANDONED_SECONDS
        left = [
            one for one in self.incoming().iterdir() if one.stat().st_mtime < oldest
        ]
        for one in left:
            one.unlink(missing_ok=True)
        return len(left)

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
