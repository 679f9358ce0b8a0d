"""Who the issuer is on the web: a `did:web` and the document that holds its keys."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")


def did_of(public_url: str) -> str:
    """Return the `did:web` of an address; its port is written %3A and its path with :."""
    address = urlsplit(public_url)
    host = (address.hostname or "").lower()
    port = f"%3A{address.port}" if address.port else ""
    steps = [quote(step, safe="") for step in address.path.split("/") if step]
    return ":".join(["did", "web", host + port, *steps])


def document_address(public_url: str) -> str:
    """Return where whoever reads the `did:web` looks for its document."""
    has_path = urlsplit(public_url).path.strip("/")
    return public_url + ("/did.json" if has_path else "/.well-known/did.json")


def did_document(
    did: str, public_keys: Iterable[Mapping[str, object]]
) -> dict[str, object]:
    """Return the document of the issuer, with every key that a living card needs."""
    methods = [
        {
            "id": f"{did}#{key['kid']}",
            "type": "JsonWebKey",
            "controller": did,
            "publicKeyJwk": dict(key),
        }
        for key in public_keys
    ]
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
