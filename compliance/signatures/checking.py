"""Whether a PDF is what the issuer signed, checked without a network.

A signature can be intact and yet not speak for the whole file: whoever appends a revision
leaves it so. Both are asked, as is whose key it was.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from compliance.signatures.keys import kid_of
from compliance.texts import N_


class Fault(StrEnum):
    UNREADABLE = "unreadable"
    NOT_SIGNED = "not_signed"
    ALTERED = "altered"
    ADDED_TO = "added_to"
    NOT_SEALED = "not_sealed"
    UNKNOWN_KEY = "unknown_key"


SENTENCES: dict[Fault, str] = {
    Fault.UNREADABLE: N_("The file cannot be read as a PDF."),
    Fault.NOT_SIGNED: N_("The file carries no signature, or more than one."),
    Fault.ALTERED: N_("What was signed was changed afterwards."),
    Fault.ADDED_TO: N_("Something was added after the signature."),
    Fault.NOT_SEALED: N_("The signature does not forbid later changes."),
    Fault.UNKNOWN_KEY: N_("It was signed with a key that is not the issuer's."),
}


@dataclass(frozen=True)
class Checked:
    """What a check found; without faults the file is as the issuer signed it."""

    faults: tuple[Fault, ...]
    kid: str | None = None
    signer: str | None = None
    signed_at: datetime | None = None
    timestamped_at: datetime | None = None

    @property
    def is_genuine(self) -> bool:
        return not self.faults


def check_pdf(pdf: bytes, certificates: Sequence[x509.Certificate]) -> Checked:
    """Check the signature of a PDF against the issuer's certificates, or above them."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    # It tells in its log what is told here as a fault.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    try:
        signatures = PdfFileReader(BytesIO(pdf), strict=False).embedded_signatures
        if len(signatures) != 1:
            return Checked((Fault.NOT_SIGNED,))
        return _checked(signatures[0], certificates)
    except Exception:  # noqa: BLE001 - the library raises anything for a broken file
        return Checked((Fault.UNREADABLE,))


def _checked(signature: Any, certificates: Sequence[x509.Certificate]) -> Checked:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    status = validate_pdf_signature(
        signature, signer_validation_context=_context(certificates)
    )
    kid = kid_of(x509.load_der_x509_certificate(status.signing_cert.dump()))
    is_known = kid in {kid_of(one) for one in certificates if _has_our_curve(one)}
    whole = SignatureCoverageLevel.ENTIRE_FILE
    holds = {
        Fault.ALTERED: status.intact and status.valid,
        Fault.ADDED_TO: status.coverage is whole,
        Fault.NOT_SEALED: signature.docmdp_level is MDPPerm.NO_CHANGES,
        Fault.UNKNOWN_KEY: is_known or status.trusted,
    }
    stamp = status.timestamp_validity
    return Checked(
        faults=tuple(fault for fault in Fault if not holds.get(fault, True)),
        kid=kid,
        signer=status.signing_cert.subject.native.get("common_name"),
        signed_at=status.signer_reported_dt,
        timestamped_at=stamp.timestamp if stamp and stamp.intact else None,
    )


def _context(certificates: Sequence[x509.Certificate]) -> Any:
    """Trust the certificates that are given and nothing else; ask nobody outside."""
    from asn1crypto.x509 import Certificate
    from pyhanko_certvalidator import ValidationContext

    given = [Certificate.load(one.public_bytes(Encoding.DER)) for one in certificates]
    return ValidationContext(trust_roots=given, allow_fetching=False)


def _has_our_curve(certificate: x509.Certificate) -> bool:
    key: Any = certificate.public_key()
    return getattr(getattr(key, "curve", None), "name", None) == "secp256r1"
