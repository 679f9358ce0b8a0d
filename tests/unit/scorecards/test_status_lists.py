"""Status lists: a bit to a card, at a place that chance chose."""

import base64
import gzip
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from compliance.scorecards.status_lists import (
    BITS,
    Purpose,
    encoded,
    list_address,
    list_credential,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bits_of(text: str) -> str:
    """Return the bits as an outsider unpacks them: the first is leftmost."""
    packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    return "".join(f"{byte:08b}" for byte in gzip.decompress(packed))


@examples(max_examples=10)
@given(st.sets(st.integers(0, BITS - 1), max_size=20))
def test_a_list_gives_back_the_places_that_were_set(places: set[int]) -> None:
    bits = bits_of(encoded(places))

    assert len(bits) == 131_072
    assert {place for place, bit in enumerate(bits) if bit == "1"} == places


def test_the_first_bit_is_leftmost_and_the_text_begins_with_u() -> None:
    text = encoded([0, 9])

    assert text.startswith("uH4sI")  # base64url of a gzip head
    assert "=" not in text
    assert bits_of(text)[:16] == "1000000001000000"


def test_a_list_is_a_credential_that_is_good_for_a_day() -> None:
    address = list_address("https://cards.example.org", Purpose.REVOCATION, 2)

    told = list_credential(
        [5],
        did="did:web:cards.example.org",
        address=address,
        purpose=Purpose.REVOCATION,
        at=NOW,
    )

    assert told == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://cards.example.org/v1/status-lists/revocation/2",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:cards.example.org",
        "validFrom": "2026-11-22T12:00:00Z",
        "validUntil": "2026-11-23T12:00:00Z",
        "credentialSubject": {
            "id": "https://cards.example.org/v1/status-lists/revocation/2#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded([5]),
        },
    }
