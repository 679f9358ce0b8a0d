"""Passwords, kept as argon2id at the size OWASP asks for (19 MiB, two passes)."""

import argon2

from compliance.problems import Kind, Problem
from compliance.texts import N_

MINIMUM_LENGTH = 15  # NIST SP 800-63B-4, 3.1.1.2: a password used alone
MAXIMUM_LENGTH = 256

HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Checked when no such person exists, so that both answers take the same time.
NOBODY = HASHER.hash("nobody has this password")


class PasswordTooShort(Problem):
    """The password is easier to guess than it looks."""

    kind = Kind.INVALID
    title = N_("The password is too short")
    detail = N_(
        "A password has at least {minimum} characters; this one has {length}. A "
        "sentence that only you would think of is a good one."
    )


def hash_password(password: str) -> str:
    """Return what is kept of a password; a short one is refused."""
    if len(password) < MINIMUM_LENGTH:
        raise PasswordTooShort(minimum=MINIMUM_LENGTH, length=len(password))
    return HASHER.hash(password)


def is_password(kept: str | None, given: str) -> bool:
    """Tell whether `given` is the password; None stands for an unknown person."""
    if len(given) > MAXIMUM_LENGTH:
        return False
    try:
        HASHER.verify(kept or NOBODY, given)
    except argon2.exceptions.VerificationError:
        return False
    return kept is not None
