"""A PDF signed as PAdES B-B, or B-T with a timestamp, after which nothing may change.

The field that is filled was drawn with the page, so that it stands in the structure tree;
metadata stay as they were written, because those of an archive must agree. The library is
imported where it is used: it takes more than a second of a start that seldom needs it.
"""

import asyncio
from datetime import datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from typing_extensions import override

from compliance.problems import Kind, Problem
from compliance.signatures.keys import Key
from compliance.texts import N_

FIELD = "Signature"
DIGEST = "sha256"
TIMESTAMP_SECONDS = 10
# Room in the file, in bytes: beside the certificates, and for a timestamp.
CONTAINER_BYTES = 1_400
TIMESTAMP_BYTES = 9_000
SIGNATURE_BYTES = 72  # the most that ECDSA with P-256 takes as DER


class TimestampRefused(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The timestamp service did not answer as it should")
    detail = N_("{url} gave no timestamp: {reason}. The card is signed when it does.")


def sign_pdf(
    pdf: bytes, key: Key, *, at: datetime, timestamp_url: str | None = None
) -> bytes:
    """Return the file with its signature, added at its end; `at` is the claimed time.

    Raise TimestampRefused where a timestamp is wanted and not to be had.
    """
    return asyncio.run(_sign(pdf, key, at, timestamp_url))


async def _sign(pdf: bytes, key: Key, at: datetime, timestamp_url: str | None) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import (
        PdfCMSEmbedder,
        SigIOSetup,
        SigMDPSetup,
        SigObjSetup,
    )
    from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    class Writer(IncrementalPdfFileWriter):
        @override
        def _update_meta(self) -> None:
            """Leave Info and XMP alone: they say when the card was issued."""

    writer = Writer(BytesIO(pdf), strict=False)
    writer.register_extension(ESIC_EXTENSION_1)
    embedding = PdfCMSEmbedder().write_cms(FIELD, writer, existing_fields_only=True)
    next(embedding)
    embedding.send(
        SigObjSetup(
            SignatureObject(
                timestamp=at,
                subfilter=SigSeedSubFilter.PADES,
                bytes_reserved=_room(key, with_timestamp=timestamp_url is not None),
            ),
            SigMDPSetup(DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
        )
    )
    prepared, output = embedding.send(SigIOSetup(DIGEST, in_place=False))
    embedding.send(await _container(prepared.document_digest, key, timestamp_url))
    written: bytes = output.getvalue()
    return written


async def _container(digest: bytes, key: Key, timestamp_url: str | None) -> Any:
    """Return the CMS over a digest; the key signs its attributes, and nothing else."""
    from pyhanko.sign.signers import ExternalSigner
    from pyhanko.sign.timestamps import HTTPTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    leaf, *above = (_converted(one) for one in key.certificates)
    registry: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call] # not typed there
    registry.register_multiple(above)

    def signer(signature: bytes) -> Any:
        return ExternalSigner(leaf, registry, signature_value=signature)

    blank = signer(bytes(SIGNATURE_BYTES))
    attributes = await blank.signed_attrs(digest, DIGEST, use_pades=True)
    stamper = (
        HTTPTimeStamper(timestamp_url, timeout=TIMESTAMP_SECONDS)
        if timestamp_url
        else None
    )
    try:
        return await signer(
            key.sign(attributes.dump())
        ).async_sign_prescribed_attributes(DIGEST, attributes, timestamper=stamper)
    except OSError as fault:
        reason = type(fault).__name__
        raise TimestampRefused(url=timestamp_url, reason=reason) from fault


def _room(key: Key, *, with_timestamp: bool) -> int:
    """Return how many hexadecimal digits the container may take."""
    certificates = sum(len(one.public_bytes(Encoding.DER)) for one in key.certificates)
    stamp = TIMESTAMP_BYTES if with_timestamp else 0
    return 2 * (CONTAINER_BYTES + certificates + stamp)


def _converted(certificate: x509.Certificate) -> Any:
    from asn1crypto.x509 import Certificate

    return Certificate.load(certificate.public_bytes(Encoding.DER))
