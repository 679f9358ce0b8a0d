"""What is hashed and signed, as bytes: RFC 8785 canonical JSON that says what it is.

Hashes and keys stand in it in hexadecimal, instants in UTC.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import rfc8785

from compliance.trail import merkle

LOG = uuid.UUID(int=0)


def key_id_of(public_key: bytes) -> str:
    """Return the name of an Ed25519 key: the first half of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:32]


@dataclass(frozen=True)
class SignedHead:
    """A head as anybody may see it: the log's size and root, and who signed them."""

    number: int
    statement: bytes
    snapshot: bytes
    key_id: str
    signature: bytes

    @property
    def document(self) -> dict[str, str]:
        """The head as it travels; the statement is the very text that was signed."""
        return {
            "head": self.statement.decode(errors="replace"),
            "snapshot": self.snapshot.decode(errors="replace"),
            "key": self.key_id,
            "signature": self.signature.hex(),
        }


def seal_leaf(
    organisation_id: uuid.UUID, *, number: int, size: int, root: bytes
) -> bytes:
    """Return the hash of what head `number` says of one organisation's tree.

    The number makes it another hash in each snapshot, so that neighbours in the tree
    cannot tell whether this organisation did anything.
    """
    return merkle.leaf_hash(seal_statement(organisation_id, number, size, root))


def seal_statement(
    organisation_id: uuid.UUID, number: int, size: int, root: bytes
) -> bytes:
    """Return what head `number` says of one organisation's tree."""
    return (
        f'{{"kind":"trail_seal","number":{number},"organisation":"{organisation_id}",'
        f'"root":"{root.hex()}","size":{size}}}'
    ).encode()


def snapshot_statement(
    *, number: int, at: datetime, organisations: int, root: bytes
) -> bytes:
    """Return what a head says of all organisations together; it is public."""
    return rfc8785.dumps(
        {
            "kind": "trail_snapshot",
            "number": number,
            "at": at.isoformat(),
            "organisations": organisations,
            "root": root.hex(),
        }
    )


def head_statement(
    *, log: str, number: int, at: datetime, root: bytes, key_id: str
) -> bytes:
    """Return what is signed: the log has `number` snapshots and this root."""
    return rfc8785.dumps(
        {
            "kind": "trail_head",
            "log": log,
            "number": number,
            "at": at.isoformat(),
            "root": root.hex(),
            "key": key_id,
        }
    )


def key_statement(
    public_key: bytes,
    *,
    log: str,
    ordinal: int,
    from_head: int,
    at: datetime,
    signed_by: str,
) -> bytes:
    """Return what presents a key; the key before it signs this, the first one itself."""
    return rfc8785.dumps(
        {
            "kind": "trail_key",
            "log": log,
            "ordinal": ordinal,
            "public_key": public_key.hex(),
            "from_head": from_head,
            "at": at.isoformat(),
            "signed_by": signed_by,
        }
    )


def hexadecimal(hashes: Sequence[bytes]) -> list[str]:
    """Return hashes as they travel."""
    return [one.hex() for one in hashes]
