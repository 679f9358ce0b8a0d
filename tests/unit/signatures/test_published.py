"""What the issuer publishes of itself: its name on the web, and lines that it signed."""

import json

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey

from compliance.signatures.did import did_document, did_of, document_address
from compliance.signatures.jose import signed
from tests.signing import issuer, stranger

DID = "did:web:cards.example.org"


@pytest.mark.parametrize(
    ("public_url", "did", "address"),
    [
        (
            "https://Cards.Example.org",
            "did:web:cards.example.org",
            "https://Cards.Example.org/.well-known/did.json",
        ),
        (
            "http://127.0.0.1:8000",
            "did:web:127.0.0.1%3A8000",
            "http://127.0.0.1:8000/.well-known/did.json",
        ),
        (
            "https://example.org:8443/social/cards",
            "did:web:example.org%3A8443:social:cards",
            "https://example.org:8443/social/cards/did.json",
        ),
    ],
)
def test_an_address_has_one_did_and_its_document_one_place(
    public_url: str, did: str, address: str
) -> None:
    assert did_of(public_url) == did
    assert document_address(public_url) == address


def test_the_document_names_each_key_and_what_it_is_for() -> None:
    keys = [issuer().public_jwk(), stranger().public_jwk()]

    document = did_document(DID, keys)

    first, second = (f"{DID}#{key['kid']}" for key in keys)
    assert document["id"] == DID
    assert document["assertionMethod"] == [first, second]
    methods = document["verificationMethod"]
    assert isinstance(methods, list)
    assert methods[0] == {
        "id": first,
        "type": "JsonWebKey",
        "controller": DID,
        "publicKeyJwk": keys[0],
    }


def test_a_credential_is_a_line_that_any_reader_of_jws_checks() -> None:
    line = signed({"id": "urn:a", "name": "Ñ"}, issuer(), did=DID)

    read = jws.deserialize_compact(line, ECKey.import_key(_jwk()), algorithms=["ES256"])

    assert read.headers() == {
        "alg": "ES256",
        "typ": "vc+jwt",
        "cty": "vc",
        "kid": f"{DID}#{issuer().kid}",
    }
    assert json.loads(read.payload) == {"id": "urn:a", "name": "Ñ"}


def test_another_issuers_line_is_refused() -> None:
    line = signed({"id": "urn:a"}, stranger(), did=DID)

    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(line, ECKey.import_key(_jwk()), algorithms=["ES256"])


def _jwk() -> dict[str, str | list[str]]:
    return {name: str(value) for name, value in issuer().public_jwk().items()}
