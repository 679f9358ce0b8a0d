"""What a password must be, and that the same one is the same however it is typed."""

import time
from statistics import median

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance.identity import guessing
from compliance.identity.guessing import is_guessable
from compliance.identity.passwords import (
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    PasswordGuessable,
    PasswordTooLong,
    PasswordTooShort,
    hash_password,
    is_password,
    normalised,
)

SENTENCE = "los cafetos florecen tarde"
SALUTATION = "\ufdfa"  # one character that NFKC spells out in eighteen


@pytest.mark.parametrize("password", ["", "short", "fourteen chars"])
def test_a_short_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooShort) as refused:
        hash_password(password)

    assert refused.value.facts == {"minimum": 15, "length": len(password)}


def test_a_password_of_the_least_length_is_taken() -> None:
    password = "vaca lejos 9 río"[:MINIMUM_LENGTH]

    assert is_password(hash_password(password), password)


def test_the_longest_password_is_taken_and_a_longer_one_is_not() -> None:
    longest = (SENTENCE * 20)[:MAXIMUM_LENGTH]

    kept = hash_password(longest)

    assert is_password(kept, longest)
    assert not is_password(kept, longest[:-1])
    with pytest.raises(PasswordTooLong):
        hash_password(longest + "x")


def test_every_character_of_a_long_password_counts() -> None:
    kept = hash_password(SENTENCE * 5 + "a")

    assert not is_password(kept, SENTENCE * 5 + "b")


@pytest.mark.parametrize(
    "password",
    [
        "   spaces   are   fine   ",
        "только кириллица здесь",
        "咖啡树开花晚了而且今年的雨水特别多",
        "🌱🐄🌧️🚜 finca lejana 🌱🐄🌧️",
        "7391-2284-9917-0045",
        "!@&%$?=)(/+*#:;,.-_<>|",
    ],
)
def test_any_characters_will_do_and_none_is_asked_for(password: str) -> None:
    assert is_password(hash_password(password), password)


def test_a_password_is_the_same_from_another_keyboard() -> None:
    composed, decomposed = (
        "ma\u00f1ana en la monta\u00f1a",
        "man\u0303ana en la montan\u0303a",
    )

    assert is_password(hash_password(composed), decomposed)


def test_a_sign_that_is_written_out_long_is_still_one_sign() -> None:
    with pytest.raises(PasswordTooShort):
        hash_password(SALUTATION)


def test_a_password_that_grows_too_long_when_written_out_is_refused() -> None:
    with pytest.raises(PasswordTooLong):
        hash_password("x" + SALUTATION * 20)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234567!!",
        "P@ssw0rd P@ssw0rd 2026",
        "contraseña contraseña",
        "contraseña1234567",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "zxcvbnm123456789",
        "123456789987654321",
        "aaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "Atalaya-Atalaya-2026",
        "colombia futbol 2026",
        "tequiero teamo 1234",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordGuessable):
        hash_password(password)


@pytest.mark.parametrize(
    "password",
    [
        SENTENCE,
        "una contraseña larga y buena",
        "iloveyou princess sunshine dragon",
        "correct horse battery staple",
    ],
)
def test_a_sentence_is_taken_even_of_common_words(password: str) -> None:
    assert not is_guessable(password)


def test_what_belongs_to_the_person_is_no_password() -> None:
    context = ("Rosalba Quintero", "rosalba.quintero@laderas.example")

    assert is_guessable("Rosalba Quintero 1987", context)
    assert is_guessable("quintero@laderas.example", context)
    assert not is_guessable("Rosalba Quintero 1987")


def test_the_list_is_written_as_it_is_compared() -> None:
    words = guessing._common()

    assert len(words) > 100
    assert [word for word in words if guessing._plain(word) != word] == []


@settings(max_examples=20)
@given(st.text(min_size=MINIMUM_LENGTH, max_size=40))
def test_whatever_is_taken_is_known_again(password: str) -> None:
    assume(len(normalised(password)) >= MINIMUM_LENGTH and not is_guessable(password))

    kept = hash_password(password)

    assert is_password(kept, password)
    assert is_password(kept, normalised(password))
    assert not is_password(kept, password + "x")


def test_an_unknown_person_takes_as_long_as_a_wrong_password() -> None:
    kept = hash_password(SENTENCE)

    def seconds(of: object) -> float:
        began = time.thread_time()
        assert not is_password(of, "a wrong password here")  # type: ignore[arg-type]
        return time.thread_time() - began

    known = median(seconds(kept) for _ in range(5))
    unknown = median(seconds(None) for _ in range(5))

    assert unknown > known / 3
    assert known > unknown / 3
