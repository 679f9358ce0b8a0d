"""A signed JSON document as one line of text (JWS, compact; VC-JOSE-COSE)."""

import base64
from collections.abc import Mapping

import orjson
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from compliance.signatures.keys import ALGORITHM, Key

COORDINATE_BYTES = 32
MEDIA_TYPE = "application/vc+jwt"


def signed(credential: Mapping[str, object], key: Key, *, did: str) -> str:
    """Return a verifiable credential as `vc+jwt`, signed with the issuer's key.

    The signature is made by `Key.sign` alone, so that the key need not be in memory.
    """
    header = {
        "alg": ALGORITHM,
        "typ": "vc+jwt",
        "cty": "vc",
        "kid": f"{did}#{key.kid}",
    }
    content = f"{_part(orjson.dumps(header))}.{_part(orjson.dumps(credential))}"
    r, s = decode_dss_signature(key.sign(content.encode("ascii")))
    signature = r.to_bytes(COORDINATE_BYTES) + s.to_bytes(COORDINATE_BYTES)
    return f"{content}.{_part(signature)}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
