"""Where an organisation's tree stands in the snapshot of a head, with the path there."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from compliance.database import as_system
from compliance.proofs.sealing import Extent, extents, slots, snapshot_leaves
from compliance.trail import merkle


@dataclass(frozen=True)
class Placed:
    """An organisation's tree in a snapshot: its slot among so many, and the path."""

    extent: Extent
    slot: int
    slots: int
    path: list[bytes]


def seal_at(session: Session, organisation_id: uuid.UUID, number: int) -> Placed | None:
    """Return what head `number` says of the organisation, worked out again.

    None where it says nothing of one that was founded later.

    A snapshot speaks of every organisation; only hashes of the others go into the path.
    """
    with as_system(session):
        known, places = extents(session, number), slots(session)
    if organisation_id not in places or organisation_id not in known:
        return None
    leaves = snapshot_leaves(number, known, places)
    slot = places[organisation_id]
    path = (
        merkle.inclusion_proof(merkle.ranges_of(leaves), slot, len(leaves))
        if slot < len(leaves)
        else []  # the tables were tampered with; whoever checks this will see it
    )
    return Placed(known[organisation_id], slot, len(leaves), path)
