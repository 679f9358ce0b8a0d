"""The key that signs scorecards: one function that signs, and the certificates for it.

Where the operator sets nothing, a test key is made at the first use, in a file that holds
the key and its certificates, and every card says so. `opened` is the one place where a
private key is touched; a key in a hardware module takes its place there, with a `sign` of
its own, and nothing else changes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from compliance import clock
from compliance.files import sync
from compliance.identifiers import random_word
from compliance.problems import Kind, Problem
from compliance.settings import Settings
from compliance.signatures.authority import certify
from compliance.texts import N_

ALGORITHM = "ES256"
PRIVATE = 0o600

Sign = Callable[[bytes], bytes]


class IssuerKeyUnusable(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The key that signs scorecards cannot be used")
    detail = N_(
        "{path} must hold a private key of the curve P-256 (PEM, without a password). "
        "Cards are issued all the same; they are signed when it is there again."
    )


class IssuerCertificatesUnusable(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The certificates of the key that signs scorecards cannot be used")
    detail = N_(
        "{path} must hold certificates (PEM): that of the key first, valid today and "
        "fit to sign documents, then those above it. Cards are issued all the same; "
        "they are signed when they are there."
    )


class OperatorsKeyAbsent(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The operator's key is not there any more")
    detail = N_(
        "The scorecard {scorecard} names the operator's key, and a test key cannot take "
        "its place. Set ATALAYA_ISSUER_CERTIFICATES_FILE again; it is signed then."
    )


class IssuerKeyIsOperators(Problem):
    kind = Kind.CONFLICT
    title = N_("The key that signs scorecards is yours to change")
    detail = N_(
        "ATALAYA_ISSUER_CERTIFICATES_FILE names certificates of your own. Put the new "
        "key and its certificates in place of {path} and {certificates}; what the old "
        "key signed stays good."
    )


@dataclass(frozen=True)
class IssuerFiles:
    """Where the key lies, and the certificates, if the operator has some."""

    key: Path
    certificates: Path | None = None

    @property
    def is_test(self) -> bool:
        return self.certificates is None


@dataclass(frozen=True)
class Key:
    """A key that signs: `sign` returns an ECDSA signature with SHA-256, as DER."""

    kid: str
    is_test: bool
    certificates: tuple[x509.Certificate, ...]
    sign: Sign = field(repr=False)

    def public_jwk(self) -> dict[str, object]:
        """Return the public half as RFC 7517 has it."""
        return public_jwk(self.certificates[0])

    def certificates_pem(self) -> str:
        return pem_of(self.certificates)


def files_of(settings: Settings) -> IssuerFiles:
    """Return what the operator set."""
    return IssuerFiles(
        settings.resolved_issuer_key_file, settings.issuer_certificates_file
    )


def opened(files: IssuerFiles) -> Key:
    """Return the key to sign with; a test key is made first where there is none.

    Raise IssuerKeyUnusable, or IssuerCertificatesUnusable, for something else.
    """
    if files.is_test and not files.key.exists():
        _make_once(files.key)
    private = _private_key(files.key)
    certificates = read_certificates(files.certificates or files.key)
    if _spki(certificates[0]) != private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ) or not (files.is_test or _may_sign_now(certificates[0])):
        raise IssuerCertificatesUnusable(path=str(files.certificates or files.key))
    return Key(
        kid=kid_of(certificates[0]),
        is_test=files.is_test,
        certificates=certificates,
        sign=lambda content: private.sign(content, ec.ECDSA(hashes.SHA256())),
    )


def replace(files: IssuerFiles) -> Key:
    """Put a fresh test key in the file's place and return it."""
    if files.certificates is not None:
        raise IssuerKeyIsOperators(
            path=str(files.key), certificates=str(files.certificates)
        )
    files.key.parent.mkdir(parents=True, exist_ok=True)
    _write_beside(files.key).replace(files.key)
    sync(files.key.parent)
    return opened(files)


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file; the first is that of the key."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as fault:
        raise IssuerCertificatesUnusable(path=str(path)) from fault


def certificates_from(pem: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(pem.encode("ascii")))


def pem_of(certificates: tuple[x509.Certificate, ...]) -> str:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates).decode()


def kid_of(certificate: x509.Certificate) -> str:
    """Return the name of the key in a certificate: its thumbprint (RFC 7638)."""
    return ECKey.import_key(_spki_pem(certificate)).thumbprint()


def public_jwk(certificate: x509.Certificate) -> dict[str, object]:
    key = ECKey.import_key(_spki_pem(certificate))
    return {
        **key.as_dict(private=False),
        "kid": key.thumbprint(),
        "use": "sig",
        "alg": ALGORITHM,
    }


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as fault:
        raise IssuerKeyUnusable(path=str(path)) from fault
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise IssuerKeyUnusable(path=str(path))
    return key


def _may_sign_now(certificate: x509.Certificate) -> bool:
    now = clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _make_once(path: Path) -> None:
    """Make the file; where two begin at once, the first file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _write_beside(path)
    try:
        os.link(temporary, path)
        sync(path.parent)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _write_beside(path: Path) -> Path:
    """Write a fresh key with its certificates, for its owner's eyes only."""
    private = ec.generate_private_key(ec.SECP256R1())
    content = private.private_bytes(
        Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + pem_of(certify(private.public_key())).encode("ascii")
    temporary = path.with_name(f"{path.name}.{random_word(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def _spki_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
