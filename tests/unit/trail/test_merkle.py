"""RFC 6962 trees: others' vectors, and the laws between roots and proofs."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from compliance.trail import merkle
from compliance.trail.merkle import ProofRefused

VECTORS = Path(__file__).parents[2] / "data/vectors"
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(200)]
TREE = merkle.ranges_of(LEAVES)
SIZES = st.integers(1, len(LEAVES))


def cases(name: str, *, fails: bool) -> list[Any]:
    lines = (VECTORS / f"rfc6962_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    return [
        pytest.param(one, id=one["file"]) for one in read if one["wantErr"] is fails
    ]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def check_inclusion(case: dict[str, Any]) -> None:
    merkle.verify_inclusion(
        decoded(case["leafHash"]),
        case["leafIdx"],
        case["treeSize"],
        [decoded(one) for one in case["proof"] or ()],
        decoded(case["root"]),
    )


def check_consistency(case: dict[str, Any]) -> None:
    merkle.verify_consistency(
        case["size1"],
        case["size2"],
        [decoded(one) for one in case["proof"] or ()],
        decoded(case["root1"]),
        decoded(case["root2"]),
    )


@pytest.mark.parametrize("case", cases("inclusion", fails=False))
def test_a_right_inclusion_proof_is_taken(case: dict[str, Any]) -> None:
    check_inclusion(case)


@pytest.mark.parametrize("case", cases("inclusion", fails=True))
def test_a_wrong_inclusion_proof_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProofRefused):
        check_inclusion(case)


@pytest.mark.parametrize("case", cases("consistency", fails=False))
def test_a_right_consistency_proof_is_taken(case: dict[str, Any]) -> None:
    check_consistency(case)


@pytest.mark.parametrize("case", cases("consistency", fails=True))
def test_a_wrong_consistency_proof_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProofRefused):
        check_consistency(case)


def test_no_vector_is_left_out() -> None:
    counts = [
        len(cases(name, fails=fails))
        for name in ("inclusion", "consistency")
        for fails in (False, True)
    ]

    assert sum(counts[:2]) == sum(counts[2:]) == 98


@pytest.mark.parametrize(
    "name", ["arrays", "french", "structures", "unicode", "values", "weird"]
)
def test_canonical_json_is_that_of_the_standard(name: str) -> None:
    given_json = (VECTORS / f"rfc8785/{name}.input.json").read_bytes()
    wanted = (VECTORS / f"rfc8785/{name}.output.json").read_bytes()

    assert rfc8785.dumps(json.loads(given_json)) == wanted


@given(size=SIZES, data=st.data())
def test_every_leaf_proves_itself_and_no_other(size: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != place or size < 2))

    proof = merkle.inclusion_proof(TREE, place, size)

    root = TREE(0, size)
    merkle.verify_inclusion(LEAVES[place], place, size, proof, root)
    with pytest.raises(ProofRefused):
        merkle.verify_inclusion(LEAVES[other], place + size, size, proof, root)


@given(sizes=st.tuples(SIZES, SIZES).map(sorted))
def test_every_tree_is_shown_to_begin_every_later_one(sizes: list[int]) -> None:
    before, after = sizes

    proof = merkle.consistency_proof(TREE, before, after)

    merkle.verify_consistency(before, after, proof, TREE(0, before), TREE(0, after))


@given(before=SIZES, after=SIZES, changed=st.integers(0, 199))
def test_a_rewritten_tree_is_never_shown_to_go_on(
    before: int, after: int, changed: int
) -> None:
    before, after = sorted((before, after))
    rewritten = [*LEAVES]
    rewritten[changed % before] = merkle.leaf_hash(b"rewritten")
    tree = merkle.ranges_of(rewritten)

    proof = merkle.consistency_proof(tree, before, after)

    with pytest.raises(ProofRefused):
        merkle.verify_consistency(before, after, proof, TREE(0, before), tree(0, after))


@pytest.mark.parametrize(("place", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(place: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        merkle.inclusion_proof(TREE, place, size)


@pytest.mark.parametrize(("before", "after"), [(3, 2), (0, 2)])
def test_no_proof_is_made_backwards_or_from_nothing(before: int, after: int) -> None:
    with pytest.raises(ValueError, match="cannot be shown to begin"):
        merkle.consistency_proof(TREE, before, after)
