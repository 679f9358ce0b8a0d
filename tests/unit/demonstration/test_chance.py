"""Draws depend on their words and on nothing else."""

import hashlib

from api.demonstration.chance import Chance


def test_the_first_bytes_are_the_digest_of_the_words_and_the_turn() -> None:
    expected = hashlib.sha256(b"a/b" + bytes(8)).digest()

    drawn = Chance("a", "b").bytes(32)

    assert drawn == expected


def test_other_words_draw_otherwise() -> None:
    one, other = Chance("a", "b"), Chance("a", "c")

    assert one.bytes(16) != other.bytes(16)


def test_a_source_does_not_repeat_itself() -> None:
    chance = Chance("a")

    drawn = {chance.bytes(16) for _ in range(200)}

    assert len(drawn) == 200


def test_numbers_stay_between_their_ends_and_reach_both() -> None:
    chance = Chance("ends")

    drawn = {chance.between(3, 5) for _ in range(200)}

    assert drawn == {3, 4, 5}


def test_some_of_the_things_are_never_the_same_twice() -> None:
    chance = Chance("some")

    drawn = chance.some(range(10), 10)

    assert sorted(drawn) == list(range(10))
