"""RFC 6962 Merkle trees (section 2.1): roots, and proofs made and verified.

A tree is known by a function that returns the hash of any range of its leaves, so that
a caller decides what is kept and what is worked out anew. Sizes and places count
leaves; hashes are SHA-256, 32 bytes.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence

RangeHash = Callable[[int, int], bytes]  # the hash of the leaves from … to before …

EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofRefused(ValueError):
    """A proof does not prove what it is given for; the message says why not."""


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf that holds `content`."""
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """Return how many of `size` leaves, 2 or more, stand left of the top node."""
    return 1 << ((size - 1).bit_length() - 1)


def ranges_of(leaves: Sequence[bytes]) -> RangeHash:
    """Return the range hashes of a tree whose leaf hashes are all at hand.

    Each is worked out once, so that many proofs cost little more than one.
    """

    @functools.cache
    def hash_of(start: int, stop: int) -> bytes:
        if stop == start:
            return EMPTY_ROOT
        if stop - start == 1:
            return leaves[start]
        middle = start + split(stop - start)
        return node_hash(hash_of(start, middle), hash_of(middle, stop))

    return hash_of


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        alone = level[-1:] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in pairs] + alone
    return level[0]


def inclusion_proof(hash_of: RangeHash, place: int, size: int) -> list[bytes]:
    """Return what leads from the leaf at `place` to the root of the first `size`."""
    if not 0 <= place < size:
        raise ValueError(f"there is no leaf {place} among {size}")
    proof: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + split(stop - start)
        if place < middle:
            proof.append(hash_of(middle, stop))
            stop = middle
        else:
            proof.append(hash_of(start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(hash_of: RangeHash, before: int, after: int) -> list[bytes]:
    """Return what shows that the first `before` leaves begin the first `after`."""
    if not 0 < before <= after:
        raise ValueError(f"{before} leaves cannot be shown to begin {after}")
    if before == after:
        return []
    proof: list[bytes] = []
    start, stop, is_whole = 0, after, True
    while before < stop:
        middle = start + split(stop - start)
        if before <= middle:
            proof.append(hash_of(middle, stop))
            stop = middle
        else:
            proof.append(hash_of(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        proof.append(hash_of(start, stop))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return if `proof` leads from the leaf's hash to the root, else ProofRefused."""
    if not 0 <= place < size:
        raise ProofRefused(f"there is no leaf {place} among {size}")
    hashes, (found,), last = _whole(proof), _whole([leaf]), size - 1
    while last > 0:
        if place % 2 == 1:
            found = node_hash(_next(hashes), found)
        elif place < last:
            found = node_hash(found, _next(hashes))
        place, last = place >> 1, last >> 1
    if hashes:
        raise ProofRefused(f"the proof is {len(hashes)} hashes too long")
    if found != root:
        raise ProofRefused("the proof leads to another root")


def verify_consistency(
    before: int,
    after: int,
    proof: Sequence[bytes],
    before_root: bytes,
    after_root: bytes,
) -> None:
    """Return if the tree of `before` leaves begins that of `after`, else ProofRefused.

    An empty tree begins every tree: that shows nothing, and is refused.
    """
    if not 0 <= before <= after or (before == 0) != (after == 0):
        raise ProofRefused(f"{before} leaves cannot be shown to begin {after}")
    hashes = _whole(proof)
    if after == 0:
        found_before = found_after = EMPTY_ROOT
    elif before == after:
        found_before = found_after = before_root
    else:
        found_before, found_after = _replay(before, after, hashes, before_root)
    if hashes:
        raise ProofRefused(f"the proof is {len(hashes)} hashes too long")
    if found_before != before_root:
        raise ProofRefused("the proof does not hold the earlier tree")
    if found_after != after_root:
        raise ProofRefused("the proof leads to another later root")


def _replay(
    before: int, after: int, hashes: list[bytes], before_root: bytes
) -> tuple[bytes, bytes]:
    """Return both roots as the proof has them; takes the hashes it uses."""
    place, last = before - 1, after - 1
    while place % 2 == 1:
        place, last = place >> 1, last >> 1
    found_before = found_after = _next(hashes) if place else before_root
    while last > 0:
        if place % 2 == 1:
            left = _next(hashes)
            found_before = node_hash(left, found_before)
            found_after = node_hash(left, found_after)
        elif place < last:
            found_after = node_hash(found_after, _next(hashes))
        place, last = place >> 1, last >> 1
    return found_before, found_after


def _whole(proof: Sequence[bytes]) -> list[bytes]:
    if any(len(one) != hashlib.sha256().digest_size for one in proof):
        raise ProofRefused("a hash has not 32 bytes")
    return list(proof)


def _next(hashes: list[bytes]) -> bytes:
    if not hashes:
        raise ProofRefused("the proof is too short")
    return hashes.pop(0)
