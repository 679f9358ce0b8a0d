"""Sealing and anchoring as jobs: nobody waits for them, and they are tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.jobs import JSON, Doing, Regular, TwoSteps, Work, enqueue
from compliance.proofs import anchoring
from compliance.proofs.anchoring import Places, Shown, WitnessRefused
from compliance.proofs.sealing import Sealed, seal_trees
from compliance.settings import Settings

SEAL, SHOW_FILE, SHOW_WITNESS = "trail.anchor", "trail.file", "trail.witness"


@dataclass(frozen=True)
class Sealing:
    """What sealing needs to know: the signing key, and the places heads are shown to."""

    key_file: Path
    places: Places


def sealing_of(settings: Settings) -> Sealing:
    """Return what the operator set."""
    places = Places(settings.trail_anchor_file, settings.trail_witness_url)
    return Sealing(settings.resolved_trail_key_file, places)


def handlers(sealing: Sealing) -> dict[str, Doing]:
    """Return the handlers of the trail's jobs by their kind."""

    def seal(session: Session, _work: Work) -> Mapping[str, JSON]:
        sealed = seal_trails(session, sealing)
        ask_to_show(session, sealing.places)
        return result_of(sealed)

    def look(session: Session, _work: Work) -> Sequence[Shown]:
        return show_file(session, sealing.places)

    def ask(session: Session, _work: Work) -> Sequence[Shown]:
        return show_witness(session, sealing.places)

    def kept(session: Session, _work: Work, shown: Sequence[Shown]) -> dict[str, JSON]:
        return {"shown": anchoring.keep(session, shown)}

    return {
        SEAL: seal,
        SHOW_FILE: TwoSteps(look, kept),
        SHOW_WITNESS: TwoSteps(ask, kept),
    }


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: seal what was recorded."""
    every = timedelta(minutes=limits.TRAIL_SEAL_MINUTES)
    return (Regular(SEAL, kind=SEAL, every=every),)


def seal_trails(session: Session, sealing: Sealing) -> Sealed:
    """Seal what was committed, unless the anchors say that this is not the history."""
    anchoring.refuse_contradicted(session, sealing.places.file)
    return seal_trees(session, sealing.key_file)


def ask_to_show(session: Session, places: Places) -> None:
    """Ask for a job for each place that has not been shown every head.

    A place that failed for long is asked again each hour, and with each new head.
    """
    hour = f"{clock.now():%Y-%m-%dT%H}"
    asked = {
        SHOW_FILE: places.file and anchoring.file_name(places.file),
        SHOW_WITNESS: places.witness and anchoring.witness_name(places.witness),
    }
    for kind, place in asked.items():
        heads = anchoring.waiting(session, place) if place else ()
        if heads:
            enqueue(
                session,
                kind=kind,
                organisation_id=None,
                arguments={},
                dedup_key=f"{place} {heads[-1].number} {hour}",
            )


def show_file(session: Session, places: Places) -> list[Shown]:
    """Write the heads that are waiting to the file."""
    if places.file is None:
        return []
    heads = anchoring.waiting(session, anchoring.file_name(places.file))
    return anchoring.write_to_file(places.file, heads)


def show_witness(session: Session, places: Places) -> list[Shown]:
    """Send the heads that are waiting to the witness, each with its proof.

    Where it fails after some, those are kept and the rest waits for the next time.
    """
    if places.witness is None:
        return []
    place, shown = anchoring.witness_name(places.witness), list[Shown]()
    heads = anchoring.waiting(session, place)
    before = anchoring.last_shown(session, place, heads[0].number) if heads else 0
    for head in heads:
        proof = anchoring.proof_between(session, before, head.number)
        try:
            answer = anchoring.send_to_witness(
                places.witness, head, proof_from=before, proof=proof
            )
        except WitnessRefused:
            if not shown:
                raise
            break
        shown.append(answer)
        before = head.number
    return shown


def result_of(sealed: Sealed) -> dict[str, JSON]:
    """Return what a run is told as."""
    return {
        "head": sealed.head.number if sealed.head else None,
        "entries": sealed.entries,
        "broken": [
            {"organisation": str(one.organisation_id), "entry": one.sequence}
            for one in sealed.broken
        ],
    }
