"""The public key of a checklist whose records devices encrypt: it must be one."""

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from audits.checklists.mistakes import MistakeList, sentence
from audits.checklists.survey import Survey
from compliance.texts import N_

LEAST_BITS = 2048


def check_public_key(survey: Survey, mistakes: MistakeList) -> None:
    """Note a key that no device could encrypt for, or that anybody could break."""
    given = survey.settings.get("public_key", "")
    if given and not _is_usable(given):
        mistakes.note(
            "settings",
            2,
            "public_key",
            sentence(N_("The public key is no RSA key of 2048 bits or more.")),
            sentence(
                N_("Write it as base64 on one line, without the lines of a PEM file.")
            ),
        )


def _is_usable(given: str) -> bool:
    try:
        key = load_der_public_key(base64.b64decode(given, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS
