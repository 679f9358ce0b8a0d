"""The key that signs scorecards: made once, checked when it is read, known when it signed."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from compliance import clock
from compliance.database import Database
from compliance.scorecards.issuer_keys import known_keys, listed_keys
from compliance.signatures.keys import (
    IssuerCertificatesUnusable,
    IssuerFiles,
    IssuerKeyIsOperators,
    IssuerKeyUnusable,
    opened,
    pem_of,
    replace,
)
from compliance.signatures.registering import (
    IssuerKeyRetired,
    NoSuchIssuerKey,
    register,
    rotate,
    withdraw,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: NOW):
        yield


@pytest.fixture
def files(tmp_path: Path) -> IssuerFiles:
    return IssuerFiles(tmp_path / "issuer_key.pem")


def pem(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(
        Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def operators(folder: Path) -> IssuerFiles:
    """Return a key and certificates as an operator brings them."""
    made = opened(IssuerFiles(folder / "made.pem"))
    certificates = folder / "chain.pem"
    certificates.write_text(pem_of(made.certificates))
    return IssuerFiles(folder / "made.pem", certificates)


def test_a_test_key_is_made_once_for_its_owner_alone(files: IssuerFiles) -> None:
    with ThreadPoolExecutor(4) as pool:
        kids = {key.kid for key in pool.map(lambda _: opened(files), range(4))}

    assert len(kids) == 1
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert [one.name for one in files.key.parent.iterdir()] == [files.key.name]


def test_a_test_key_has_a_certificate_that_says_so_and_may_sign(
    files: IssuerFiles,
) -> None:
    leaf, root = opened(files).certificates

    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    limits = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert "test" in leaf.subject.rfc4514_string()
    assert "vouched for by nobody" in root.subject.rfc4514_string()
    assert (usage.digital_signature, usage.content_commitment) == (True, True)
    assert (usage.key_cert_sign, limits.ca) == (False, False)
    assert leaf.not_valid_after_utc > NOW + timedelta(days=3650)
    leaf.verify_directly_issued_by(root)


def test_what_signs_verifies_with_the_public_half(files: IssuerFiles) -> None:
    key = opened(files)

    signature = key.sign(b"a scorecard")

    public = key.certificates[0].public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signature, b"a scorecard", ec.ECDSA(hashes.SHA256()))
    assert key.public_jwk()["kid"] == key.kid
    assert "d" not in key.public_jwk()


def test_an_operators_key_is_no_test_key(tmp_path: Path) -> None:
    brought = operators(tmp_path)

    key = opened(brought)

    assert not key.is_test
    with pytest.raises(IssuerKeyIsOperators):
        replace(brought)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(rsa.generate_private_key(65537, 2048)),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    files: IssuerFiles, content: bytes
) -> None:
    files.key.write_bytes(content)

    with pytest.raises(IssuerKeyUnusable):
        opened(files)


def test_a_key_without_its_certificate_is_refused(files: IssuerFiles) -> None:
    files.key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))

    with pytest.raises(IssuerCertificatesUnusable):
        opened(files)


def test_certificates_that_ran_out_are_refused(tmp_path: Path) -> None:
    brought = operators(tmp_path)
    late = NOW + timedelta(days=4000)

    with clock.set_to(lambda: late), pytest.raises(IssuerCertificatesUnusable):
        opened(brought)


def test_certificates_of_another_key_are_refused(tmp_path: Path) -> None:
    brought = operators(tmp_path)
    brought.key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))

    with pytest.raises(IssuerCertificatesUnusable):
        opened(brought)


def test_a_key_that_was_replaced_signs_nothing_more(
    database: Database, files: IssuerFiles
) -> None:
    old, kept = opened(files), files.key.read_bytes()
    with database.writing() as session:
        register(session, old)
        register(session, old)

    with database.writing() as session:
        replaced = rotate(session, files)

    files.key.write_bytes(kept)
    assert (replaced.before, replaced.after != old.kid) == (old.kid, True)
    with pytest.raises(IssuerKeyRetired), database.writing() as session:
        register(session, opened(files))


def test_a_key_without_living_cards_is_listed_only_while_it_signs(
    database: Database, files: IssuerFiles
) -> None:
    with database.writing() as session:
        register(session, opened(files))
        rotate(session, files)

    with database.reading() as session:
        current = opened(files)
        listed = [one["kid"] for one in listed_keys(session, current)]
        known = [one.kid for one in known_keys(session, current)]

    assert listed == [current.kid]
    assert len(known) == 2


def test_a_key_that_was_never_used_is_listed_and_one_withdrawn_is_not(
    database: Database, files: IssuerFiles
) -> None:
    key = opened(files)
    with database.reading() as session:
        before = [one["kid"] for one in listed_keys(session, key)]
    with pytest.raises(NoSuchIssuerKey), database.writing() as session:
        withdraw(session, key.kid)

    with database.writing() as session:
        register(session, key)
        withdraw(session, key.kid)

    with database.reading() as session:
        after = listed_keys(session, key)
    assert (before, after) == ([key.kid], [])
