"""Passwords, kept as argon2id at the size OWASP asks for (19 MiB, two passes).

Length is what counts (NIST SP 800-63B-4, 3.1.1.2): any characters will do, spaces and
every script among them, and none must be of a kind. A password is brought to NFKC
first, so that the same one typed on another keyboard is the same.
"""

import unicodedata
from collections.abc import Iterable
from typing import NewType

import argon2

from compliance.identity.guessing import is_guessable
from compliance.problems import Kind, Problem
from compliance.texts import N_

PasswordHash = NewType("PasswordHash", str)

MINIMUM_LENGTH = 15  # where a password is used alone
MAXIMUM_LENGTH = 256

HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Checked when no such person exists, so that both answers take the same time.
NOBODY = PasswordHash(HASHER.hash("nobody has this password"))


class PasswordTooShort(Problem):
    """The password is easier to guess than it looks."""

    kind = Kind.INVALID
    title = N_("The password is too short")
    detail = N_(
        "A password has at least {minimum} characters; this one has {length}. A "
        "sentence that only you would think of is a good one."
    )


class PasswordTooLong(Problem):
    kind = Kind.INVALID
    title = N_("The password is too long")
    detail = N_("A password has at most {maximum} characters; this one has {length}.")


class PasswordGuessable(Problem):
    """Long enough, but among the first that anybody would try."""

    kind = Kind.INVALID
    title = N_("The password is easy to guess")
    detail = N_(
        "It is made of what is tried first: commonly used passwords, rows of a "
        "keyboard, repetitions, or names that belong to you or to this service. A "
        "sentence that only you would think of is a good one."
    )


def hash_password(password: str, context: Iterable[str] = ()) -> PasswordHash:
    """Return what is kept of a password; one that is easy to guess is refused.

    `context` are texts about the person, which a good password is not made of.
    """
    normal = normalised(password)
    if min(len(password), len(normal)) < MINIMUM_LENGTH:
        length = min(len(password), len(normal))
        raise PasswordTooShort(minimum=MINIMUM_LENGTH, length=length)
    if max(len(password), len(normal)) > MAXIMUM_LENGTH:
        length = max(len(password), len(normal))
        raise PasswordTooLong(maximum=MAXIMUM_LENGTH, length=length)
    if is_guessable(normal, context):
        raise PasswordGuessable
    return PasswordHash(HASHER.hash(_bytes(normal)))


def is_password(kept: PasswordHash | None, given: str) -> bool:
    """Tell whether `given` is the password; None stands for an unknown person."""
    if len(given) > MAXIMUM_LENGTH:
        return False
    try:
        HASHER.verify(kept or NOBODY, _bytes(normalised(given)))
    except argon2.exceptions.VerificationError:
        return False
    return kept is not None


def normalised(password: str) -> str:
    """Return a password as it is compared: one spelling for each way to type it."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
