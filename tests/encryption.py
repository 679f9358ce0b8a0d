"""A device that encrypts as the field's apps do, written from their description."""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256

RSA_OAEP = OAEP(mgf=MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


@dataclass(frozen=True)
class KeyPair:
    private: rsa.RSAPrivateKey

    @property
    def public_text(self) -> str:
        """The public half as a checklist's settings have it."""
        der = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    @property
    def pem(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def seal(self, content: bytes) -> str:
        sealed = self.private.public_key().encrypt(content, RSA_OAEP)
        return base64.b64encode(sealed).decode()


def key_pair() -> KeyPair:
    return KeyPair(rsa.generate_private_key(65537, 2048))


def encrypted(
    keys: KeyPair,
    record: bytes,
    files: Sequence[tuple[str, bytes]] = (),
    *,
    form_id: str,
    version: str = "1",
    instance_id: str = "uuid:1",
) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return the envelope and the encrypted files, the record as the last of them."""
    secret = os.urandom(32)
    seed = bytearray(hashlib.md5(instance_id.encode() + secret).digest())  # noqa: S324 - the format's own
    wrapped = keys.seal(secret)
    lines, sent = [form_id, version, wrapped, instance_id], []
    for count, (name, content) in enumerate([*files, ("submission.xml", record)]):
        seed[count % 16] = (seed[count % 16] + 1) % 256
        fill = 16 - len(content) % 16
        encryptor = Cipher(AES256(secret), CFB(bytes(seed))).encryptor()
        sent.append((f"{name}.enc", encryptor.update(content + bytes([fill]) * fill)))
        lines.append(f"{name}::{hashlib.md5(content).hexdigest()}")  # noqa: S324 - the format's own
    text = "\n".join(lines) + "\n"
    signature = keys.seal(hashlib.md5(text.encode()).digest())  # noqa: S324 - the format's own
    media = "".join(f"<media><file>{name}.enc</file></media>" for name, _ in files)
    envelope = (
        '<data xmlns="http://www.opendatakit.org/xforms/encrypted" encrypted="yes" '
        f'id="{form_id}" version="{version}">'
        f"<base64EncryptedKey>{wrapped}</base64EncryptedKey>"
        '<orx:meta xmlns:orx="http://openrosa.org/xforms">'
        f"<orx:instanceID>{instance_id}</orx:instanceID></orx:meta>{media}"
        "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
        f"<base64EncryptedElementSignature>{signature}"
        "</base64EncryptedElementSignature></data>"
    )
    return envelope.encode(), sent
