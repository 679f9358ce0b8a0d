"""Records a device encrypted before it sent them: the envelope, and how it is opened.

The cipher is the field's own (ODK, encrypted forms): one key to a record under RSA-OAEP,
each file under AES-256 in CFB with a vector that counts on, so that order matters, and a
digest over all of it. It proves that the parts belong together, not who made them.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from lxml import etree

from audits.checklists.instance import Instance, Node
from compliance.problems import Kind, Problem
from compliance.texts import N_

BLOCK_BITS = 128
KEY_BYTES = 32
ENDING = ".enc"
SHA256 = hashes.SHA256()
PADDING = OAEP(mgf=MGF1(algorithm=SHA256), algorithm=SHA256, label=None)


class EnvelopeIncomplete(Problem):
    kind = Kind.INVALID
    title = N_("The encrypted record is not complete")
    detail = N_(
        "The record {instance_id} says that it is encrypted, but {missing} is missing. "
        "Send it again from the device, unchanged."
    )


class PrivateKeyUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The file holds no private key")
    detail = N_("{path} must hold an RSA private key as PEM, without a password.")


class OtherPrivateKey(Problem):
    kind = Kind.INVALID
    title = N_("This private key does not open the record")
    detail = N_(
        "The record {instance_id} was encrypted for another key than that of {path}. "
        "Use the key whose public half stands in its version of the checklist."
    )


class EnvelopeChanged(Problem):
    kind = Kind.CONFLICT
    title = N_("The encrypted record is not as it was made")
    detail = N_(
        "A file of the record {instance_id} was changed, exchanged or put in another "
        "order after the device encrypted it. Nothing was taken from it."
    )


@dataclass(frozen=True)
class Envelope:
    """An encrypted record: what it names in clear, and in which order."""

    form_id: str
    version: str
    instance_id: str
    encrypted_key: str
    media: tuple[str, ...]
    record: str
    signature: str

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.media, self.record)


@dataclass(frozen=True)
class Opened:
    """What was in an envelope: the record, and its files by their own names."""

    record: bytes
    media: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class PrivateKey:
    path: str
    key: RSAPrivateKey

    @property
    def sha256(self) -> bytes:
        """The fingerprint of its public half, as the checklist has it."""
        return hashlib.sha256(
            self.key.public_key().public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
        ).digest()


def read_private_key(path: str, content: bytes) -> PrivateKey:
    """Return the key in a file, or raise PrivateKeyUnusable."""
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as fault:
        raise PrivateKeyUnusable(path=path) from fault
    if not isinstance(key, RSAPrivateKey):
        raise PrivateKeyUnusable(path=path)
    return PrivateKey(path, key)


def read_envelope(instance: Instance) -> Envelope:
    """Return what an encrypted record says in clear, or raise EnvelopeIncomplete."""
    root = instance.root

    def wanted(name: str) -> str:
        text = next((one.text for one in root.named(name) if one.text), "")
        if not text:
            raise EnvelopeIncomplete(instance_id=instance.instance_id, missing=name)
        return "".join(text.split()) if name.startswith("base64") else text

    return Envelope(
        form_id=instance.form_id,
        version=instance.version,
        instance_id=instance.instance_id,
        encrypted_key=wanted("base64EncryptedKey"),
        media=_media(root),
        record=wanted("encryptedXmlFile"),
        signature=wanted("base64EncryptedElementSignature"),
    )


def readable_envelope(instance: Instance) -> bytes:
    """Return an envelope without the names of its files, which may name people."""
    root = etree.Element(
        instance.root.name,
        {"id": instance.form_id, "version": instance.version, "encrypted": "yes"},
    )
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = instance.instance_id
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def open_envelope(
    envelope: Envelope, private: PrivateKey, content_of: Callable[[str], bytes]
) -> Opened:
    """Decrypt an envelope; raise OtherPrivateKey or EnvelopeChanged."""
    key = _record_key(envelope, private)
    vector = bytearray(
        hashlib.md5(_joined(envelope, key), usedforsecurity=False).digest()
    )
    plain: dict[str, bytes] = {}
    for number, name in enumerate(envelope.files):
        vector[number % len(vector)] = (vector[number % len(vector)] + 1) % 256
        plain[name] = _decrypted(envelope, key, bytes(vector), content_of(name))
    _verify(envelope, private, plain)
    media = tuple((_own_name(name), plain[name]) for name in envelope.media)
    return Opened(plain[envelope.record], media)


def _joined(envelope: Envelope, key: bytes) -> bytes:
    return envelope.instance_id.encode() + key


def _media(root: Node) -> tuple[str, ...]:
    return tuple(
        file.text
        for media in root.named("media")
        for file in media.named("file")
        if file.text
    )


def _own_name(name: str) -> str:
    return name.removesuffix(ENDING)


def _record_key(envelope: Envelope, private: PrivateKey) -> bytes:
    try:
        key = private.key.decrypt(
            base64.b64decode(envelope.encrypted_key, validate=True), PADDING
        )
    except (ValueError, binascii.Error) as fault:
        raise OtherPrivateKey(
            instance_id=envelope.instance_id, path=private.path
        ) from fault
    if len(key) != KEY_BYTES:
        raise EnvelopeChanged(instance_id=envelope.instance_id)
    return key


def _decrypted(envelope: Envelope, key: bytes, vector: bytes, content: bytes) -> bytes:
    decryptor = Cipher(AES256(key), CFB(vector)).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    unpadder = padding.PKCS7(BLOCK_BITS).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as fault:
        raise EnvelopeChanged(instance_id=envelope.instance_id) from fault


def signed_text(envelope: Envelope, plain: Mapping[str, bytes]) -> str:
    """Return the text whose digest a device adds: what belongs together, in order."""
    lines = [envelope.form_id]
    if envelope.version:
        lines.append(envelope.version)
    lines += [envelope.encrypted_key, envelope.instance_id]
    lines += [
        f"{_own_name(name)}::{_md5(plain[name]).hex()}" for name in envelope.files
    ]
    return "\n".join(lines) + "\n"


def _verify(
    envelope: Envelope, private: PrivateKey, plain: Mapping[str, bytes]
) -> None:
    expected = _md5(signed_text(envelope, plain).encode())
    try:
        told = private.key.decrypt(
            base64.b64decode(envelope.signature, validate=True), PADDING
        )
    except (ValueError, binascii.Error) as fault:
        raise EnvelopeChanged(instance_id=envelope.instance_id) from fault
    if not hmac.compare_digest(told, expected):
        raise EnvelopeChanged(instance_id=envelope.instance_id)


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()
