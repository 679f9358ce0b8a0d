"""Sealing: what heads fix, on both databases, and what they refuse to fix."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.problems import Problem
from compliance.proofs import keys
from compliance.proofs.anchoring import HistoryContradicted
from compliance.proofs.keys import SigningKeyExposed, SigningKeyMissing
from compliance.proofs.models import TrailSeal, TrailTile, TrailTreeHead
from compliance.proofs.sealing import Sealed, extents, seal_trees
from compliance.proofs.tiles import log_tree, organisation_tree
from compliance.proofs.working import seal_trails
from compliance.trail import TrailEntry, TrailHead, merkle
from compliance.trail.verify_trail import verify
from tests.conftest import Tenant
from tests.trails import History, history, lines_of, note_many, sealing_in, told


def seal(database: Database, key_file: Path) -> Sealed:
    with database.writing() as session:
        return seal_trees(session, key_file)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "key.pem"


@pytest.fixture
def past(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> History:
    return history(database, found_tenant, tmp_path)


def leaves(session: Session, tenant: Tenant) -> list[bytes]:
    digests = session.scalars(
        select(TrailEntry.sha256)
        .where(TrailEntry.organisation_id == tenant.id)
        .order_by(TrailEntry.sequence)
    )
    return [merkle.leaf_hash(one) for one in digests]


def let_tampering_in(session: Session, table: str) -> None:
    """Do what the database's owner can do: take the refusals away."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"DROP TRIGGER {table}_no_update"))
        session.execute(text(f"DROP TRIGGER {table}_no_delete"))
        return
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def test_a_head_fixes_every_organisation_that_has_grown(
    database: Database, tenant: Tenant, stranger: Tenant, key_file: Path
) -> None:
    first = seal(database, key_file)
    note_many(database, tenant, 5)
    second = seal(database, key_file)
    third = seal(database, key_file)

    with database.reading() as session:
        known = extents(session)
        rows = session.execute(select(TrailSeal.organisation_id, TrailSeal.number))
        seals = {(row.organisation_id, row.number) for row in rows}
        expected = merkle.root_of(leaves(session, tenant))
    assert first.head is not None
    assert seals == {(tenant.id, 1), (stranger.id, 1), (tenant.id, 2)}
    assert (second.entries, third.head, third.entries) == (5, None, 0)
    assert known[tenant.id].root == expected


def test_roots_and_proofs_are_those_of_the_whole_tree_whatever_the_tiles(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    for count in (200, 100, 400, 37):
        note_many(database, tenant, count)
        seal(database, key_file)

    with database.reading() as session:
        hashes = leaves(session, tenant)
        tree = organisation_tree(session, tenant.id)
        stored = session.scalars(
            select(TrailTile.sha256).where(TrailTile.tree_id == tenant.id)
        ).all()
        for size in (1, 255, 256, 257, 512, 700, len(hashes)):
            assert tree.hash_of(0, size) == merkle.root_of(hashes[:size])
        proof = merkle.inclusion_proof(tree.hash_of, 300, len(hashes))
    assert len(stored) == len(hashes) // 256 == 2
    merkle.verify_inclusion(
        hashes[300], 300, len(hashes), proof, merkle.root_of(hashes)
    )


def test_the_log_is_one_tree_over_every_snapshot(past: History) -> None:
    with past.database.reading() as session:
        heads = session.scalars(
            select(TrailTreeHead).order_by(TrailTreeHead.number)
        ).all()
        snapshots = [merkle.leaf_hash(head.snapshot) for head in heads]
        proof = merkle.consistency_proof(log_tree(session).hash_of, 2, 6)

    roots = [bytes.fromhex(json.loads(head.statement)["root"]) for head in heads]
    assert roots == [merkle.root_of(snapshots[: n + 1]) for n in range(len(heads))]
    merkle.verify_consistency(2, 6, proof, roots[1], roots[5])


def test_every_export_agrees_with_itself_and_with_the_anchors(past: History) -> None:
    for number, lines in enumerate(past.exports[:6], 1):
        report = verify(lines, anchors=past.anchors[:number])

        assert report.faults == []


def test_a_slot_of_a_later_head_is_shown_though_nothing_was_added(
    past: History, stranger: Tenant
) -> None:
    note_many(past.database, stranger, 1)
    past.seal()

    lines = past.export()

    report = verify(lines, anchors=past.anchors)
    last = told(lines[lines_of(lines, "seal")[-1]])
    assert report.faults == []
    assert last["number"] == 7


def test_what_neighbours_see_changes_with_every_head(past: History) -> None:
    """Else one organisation could tell from its proofs whether another did anything."""
    lines = past.exports[-1]
    paths = [json.dumps(told(lines[n])["path"]) for n in lines_of(lines, "seal")]

    assert len(set(paths)) == len(paths)


def test_the_key_is_its_owners_alone(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    seal(database, key_file)
    mode = stat.S_IMODE(key_file.stat().st_mode)
    key_file.chmod(0o640)
    note_many(database, tenant, 1)

    with pytest.raises(SigningKeyExposed):
        seal(database, key_file)

    assert mode == 0o600


@pytest.mark.usefixtures("tenant")
def test_no_second_first_key_is_made_when_the_file_is_gone(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    seal(database, key_file)
    key_file.unlink()
    note_many(database, tenant, 1)

    with pytest.raises(SigningKeyMissing):
        seal(database, key_file)

    assert not key_file.exists()


def test_a_key_that_the_database_does_not_know_signs_nothing(
    database: Database, tenant: Tenant, key_file: Path, tmp_path: Path
) -> None:
    seal(database, key_file)
    keys._make(tmp_path / "other.pem").sign(b"")
    note_many(database, tenant, 1)

    with pytest.raises(SigningKeyMissing):
        seal(database, tmp_path / "other.pem")


def test_a_rotation_that_was_cut_off_after_its_commit_is_ended(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    seal(database, key_file)
    with database.writing() as session:
        after = keys.rotate(session, key_file)
    note_many(database, tenant, 1)

    sealed = seal(database, key_file)

    assert sealed.head is not None
    assert sealed.head.key_id == after.key_id
    assert keys.read(key_file).public_key() == after.private.public_key()


def test_a_rotation_that_was_not_committed_changes_nothing(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    first = seal(database, key_file)
    with database.writing() as session:
        keys.rotate(session, key_file)
        session.rollback()
    note_many(database, tenant, 1)

    second = seal(database, key_file)

    assert first.head is not None
    assert second.head is not None
    assert first.head.key_id == second.head.key_id


def test_a_file_that_holds_no_key_is_said_to_hold_none(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    seal(database, key_file)
    key_file.write_bytes(b"-----BEGIN NOTHING-----")
    note_many(database, tenant, 1)

    with pytest.raises(Problem, match="no Ed25519 key"):
        seal(database, key_file)


def test_a_chain_that_was_broken_is_told_of_and_left_and_others_are_sealed(
    database: Database, tenant: Tenant, stranger: Tenant, key_file: Path
) -> None:
    note_many(database, tenant, 4)
    with database.writing() as session:
        let_tampering_in(session, "trail")
        session.execute(
            update(TrailEntry)
            .where(TrailEntry.organisation_id == tenant.id, TrailEntry.sequence == 8)
            .values(leaf=b'{"previous":"","sequence":8}')
        )
        session.commit()

    sealed = seal(database, key_file)

    with database.reading() as session:
        assert set(extents(session)) == {stranger.id}
    assert [(one.organisation_id, one.sequence) for one in sealed.broken] == [
        (tenant.id, 8)
    ]


def test_a_chain_that_became_shorter_than_what_was_sealed_is_told_of(
    database: Database, tenant: Tenant, key_file: Path
) -> None:
    seal(database, key_file)
    with database.writing() as session:
        session.execute(update(TrailHead).values(sequence=2))
        session.commit()

    sealed = seal(database, key_file)

    assert [(one.organisation_id, one.sequence) for one in sealed.broken] == [
        (tenant.id, 3)
    ]


def test_nothing_is_sealed_on_a_database_that_the_anchors_contradict(
    past: History, tmp_path: Path
) -> None:
    elsewhere = sealing_in(tmp_path / "elsewhere")
    elsewhere.places.file.parent.mkdir(parents=True)  # type: ignore[union-attr]
    last = json.loads(past.anchors[-1])
    head = {**json.loads(last["head"]), "number": 7}
    line = json.dumps({**last, "head": json.dumps(head)}) + "\n"
    elsewhere.places.file.write_text(line, "utf-8")  # type: ignore[union-attr]

    with (
        past.database.writing() as session,
        pytest.raises(HistoryContradicted, match="holds head 7 otherwise"),
    ):
        seal_trails(session, elsewhere)
