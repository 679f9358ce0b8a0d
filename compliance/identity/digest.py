"""HTTP Digest as field apps speak it (RFC 2617, `qop=auth`, MD5): pure, and nowhere else.

MD5 is what the protocol names. It is used here alone, over passwords of 260 random bits
that belong to one device each, and never over a password that a person chose. Nonces are
not kept: each carries its time and our signature over it, and may be used many times,
because devices count upwards on one nonce.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from compliance import clock, limits

REALM = "Atalaya"
OPAQUE = hashlib.sha256(REALM.encode()).hexdigest()[:32]
GOOD_FOR = timedelta(minutes=limits.DIGEST_NONCE_MINUTES)
TIME_DIGITS, SIGN_DIGITS = 10, 32
_NONCE = re.compile(r"[0-9a-f]{42}")
_MEMBER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
_ESCAPED = re.compile(r"\\(.)")
NEEDED = frozenset({"username", "realm", "nonce", "uri", "response"})


@dataclass(frozen=True)
class DigestAnswer:
    """What a device answered to a challenge, for a request of one method."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    method: str
    qop: str = ""
    nc: str = ""
    cnonce: str = ""

    def is_right(self, ha1: bytes) -> bool:
        """Tell whether who answered knows the password that `ha1` was made of."""
        expected = response_of(ha1.hex(), self)
        return hmac.compare_digest(expected.encode(), self.response.lower().encode())


def ha1_of(username: str, password: str, realm: str = REALM) -> bytes:
    """Return what is kept of a device's password: MD5(username:realm:password)."""
    return bytes.fromhex(_md5(f"{username}:{realm}:{password}"))


def response_of(ha1: str, answer: DigestAnswer) -> str:
    """Return the right answer in hexadecimal (RFC 2617, 3.2.2.1)."""
    ha2 = _md5(f"{answer.method}:{answer.uri}")
    if answer.qop:
        counted = f"{answer.nonce}:{answer.nc}:{answer.cnonce}:{answer.qop}"
        return _md5(f"{ha1}:{counted}:{ha2}")
    return _md5(f"{ha1}:{answer.nonce}:{ha2}")


def read_answer(written: str, method: str) -> DigestAnswer | None:
    """Return what stands behind `Digest` in a header, None where it is no answer."""
    found = _members(written)
    qop = found.get("qop", "")
    if not found.keys() >= NEEDED or qop not in {"", "auth"}:
        return None
    if found.get("algorithm", "MD5").upper() != "MD5":
        return None
    if qop and not (found.get("nc") and found.get("cnonce")):
        return None
    return DigestAnswer(
        username=found["username"],
        realm=found["realm"],
        nonce=found["nonce"],
        uri=found["uri"],
        response=found["response"],
        method=method,
        qop=qop,
        nc=found.get("nc", ""),
        cnonce=found.get("cnonce", ""),
    )


def _members(written: str) -> Mapping[str, str]:
    """Return the members of a header by name; their values are quoted or bare."""
    return {
        match[1].lower(): match[3] or _ESCAPED.sub(r"\1", match[2] or "")
        for match in _MEMBER.finditer(written)
    }


def make_nonce(secret: bytes) -> str:
    """Return a nonce of this moment that everybody with `secret` knows again."""
    return _signed(secret, f"{_now():0{TIME_DIGITS}x}")


def is_genuine(nonce: str, secret: bytes) -> bool:
    """Tell whether a nonce was made with `secret`, however long ago."""
    if not _NONCE.fullmatch(nonce):
        return False
    return hmac.compare_digest(nonce, _signed(secret, nonce[:TIME_DIGITS]))


def is_stale(nonce: str) -> bool:
    """Tell whether a genuine nonce has had its time."""
    age = _now() - int(nonce[:TIME_DIGITS], 16)
    return age >= GOOD_FOR.total_seconds()


def challenge(secret: bytes, domain: str, *, is_stale: bool = False) -> str:
    """Return what a device is asked with; `is_stale` makes it answer by itself again."""
    told = (
        f'Digest realm="{REALM}", domain="{domain}", qop="auth", algorithm=MD5, '
        f'nonce="{make_nonce(secret)}", opaque="{OPAQUE}"'
    )
    return f"{told}, stale=TRUE" if is_stale else told


def _signed(secret: bytes, moment: str) -> str:
    sign = hmac.new(secret, f"nonce {moment}".encode(), hashlib.sha256).hexdigest()
    return moment + sign[:SIGN_DIGITS]


def _now() -> int:
    return int(clock.now().timestamp())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
