"""How an outsider checks a card: every command of the guide, in both languages, and tampering.

docs/scorecards_verifying.md tells of them; `check_pdf` is our own check, and must refuse
whatever pdfsig's two lines refuse.
"""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import page
import pikepdf
import pytest
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.generic import NameObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from typing_extensions import override

from compliance.scorecards.content import Scorecard, is_intact
from compliance.scorecards.drawing import draw
from compliance.signatures.checking import Fault, check_pdf
from compliance.signatures.pdf import TimestampRefused, sign_pdf
from tests.signing import SIGNED_AT, issuer, signed_card, stranger
from tests.unit.scorecards.cards import CARDS
from tests.unit.scorecards.sample import card, titles

TOOLS = ("qpdf", "pdfsig", "pdfinfo", "pdffonts", "pdfdetach", "pdftoppm", "zbarimg")
LARGEST = 150_000

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS),
    reason=f"needs {', '.join(TOOLS)}: poppler-utils, qpdf, zbar-tools",
)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True)


def lines_of_pdfsig(path: Path) -> int:
    told = run("pdfsig", "-nocert", path).stdout
    return len(re.findall("Total document signed|Signature is Valid", told))


@pytest.fixture(params=["en", "es"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A signed card as a file, in each language."""
    made = tmp_path / "card.pdf"
    made.write_bytes(signed_card(request.param))
    return made


def test_every_command_of_the_guide_passes(path: Path, tmp_path: Path) -> None:
    checked = run("qpdf", "--check", path)
    fonts = run("pdffonts", path).stdout.splitlines()
    embedded = fonts[0].index("emb")
    run("pdfdetach", "-save", "1", "-o", tmp_path / "card.json", path)
    attached = json.loads((tmp_path / "card.json").read_bytes())
    run("pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-png", path, tmp_path / "p")
    (image,) = tmp_path.glob("p*.png")
    read = run("zbarimg", "-q", "--raw", image).stdout.strip()

    assert checked.returncode == 0, checked.stderr
    assert lines_of_pdfsig(path) == 2
    assert re.search(r"Tagged: +yes", run("pdfinfo", path).stdout)
    assert len(fonts) > 2
    assert {row[embedded : embedded + 3] for row in fonts[2:]} == {"yes"}
    assert attached == json.loads(card().model_dump_json())
    assert is_intact(Scorecard.model_validate_json(json.dumps(attached), strict=True))
    assert read == card().integrity.verify_url
    for profile in ("3a", "ua1"):
        judged = page.validate_pdf(str(path), profile=profile)
        assert judged.is_compliant, str(judged)


def test_our_own_check_agrees_and_says_whose_key_it_was(path: Path) -> None:
    leaf, root = issuer().certificates

    by_key = check_pdf(path.read_bytes(), [leaf])
    by_authority = check_pdf(path.read_bytes(), [root])

    assert by_key.is_genuine
    assert by_authority.is_genuine
    assert (by_key.kid, by_key.signed_at) == (issuer().kid, SIGNED_AT)
    assert by_key.timestamped_at is None


def flipped(pdf: bytes) -> bytes:
    """Return the file with one bit of its first stream changed."""
    at = pdf.index(b"stream\n") + 40
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def with_other_attachment(pdf: bytes) -> bytes:
    """Return the file with a better grade attached, in the place of the real one."""
    with pikepdf.open(BytesIO(pdf)) as document:
        (specification,) = document.Root.AF
        better = specification.EF.F.read_bytes().replace(
            b'"letter":"C"', b'"letter":"A"'
        )
        specification.EF.F.write(better)
        written = BytesIO()
        document.save(written)
    return written.getvalue()


def with_appended_attachment(pdf: bytes) -> bytes:
    """Return the file with a better grade attached in a revision at its end."""
    writer: Any = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    specification = writer.root["/AF"][0]
    better = specification["/EF"]["/F"].data.replace(b'"letter":"C"', b'"letter":"A"')
    added = writer.add_object(StreamObject(stream_data=better))
    specification["/EF"][NameObject("/F")] = added
    writer.update_container(specification)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (flipped, Fault.ALTERED),
        (with_other_attachment, Fault.ALTERED),
        (with_appended_attachment, Fault.ADDED_TO),
        (lambda pdf: pdf + b"\n% a line\n", Fault.ADDED_TO),
    ],
)
def test_what_was_tampered_with_is_refused_by_pdfsig_and_by_us(
    path: Path, tamper: Callable[[bytes], bytes], fault: Fault
) -> None:
    path.write_bytes(tamper(path.read_bytes()))

    checked = check_pdf(path.read_bytes(), issuer().certificates)

    assert lines_of_pdfsig(path) < 2
    assert fault in checked.faults


def test_what_is_not_the_issuers_is_refused() -> None:
    theirs = sign_pdf(draw(card(), "en", titles), stranger(), at=SIGNED_AT)

    told = {
        name: check_pdf(pdf, issuer().certificates).faults
        for name, pdf in {
            "theirs": theirs,
            "unsigned": draw(card(), "en", titles),
            "no pdf": b"%PDF-1.7 and nothing more",
        }.items()
    }

    assert told == {
        "theirs": (Fault.UNKNOWN_KEY,),
        "unsigned": (Fault.NOT_SIGNED,),
        "no pdf": (Fault.UNREADABLE,),
    }


def test_signing_leaves_the_metadata_and_every_page_as_they_were() -> None:
    plain, signed = draw(card(), "en", titles), signed_card("en")

    with (
        pikepdf.open(BytesIO(plain)) as before,
        pikepdf.open(BytesIO(signed)) as after,
    ):
        metadata = [one.Root.Metadata.read_bytes() for one in (before, after)]
        information = [dict(one.docinfo) for one in (before, after)]
        (reference,) = after.Root.AcroForm.Fields[0].V.Reference
        permission = int(reference.TransformParams.P)
        sub_filter = str(after.Root.AcroForm.Fields[0].V.SubFilter)

    assert signed.startswith(plain)
    assert metadata[0] == metadata[1]
    assert information[0] == information[1]
    assert (permission, sub_filter) == (1, "/ETSI.CAdES.detached")
    assert len(signed) - len(plain) <= 8_000
    assert len(signed) <= LARGEST


@pytest.mark.parametrize("state", ["E", "suspended", "not_graded"])
def test_cards_of_every_kind_stay_archival_when_signed(
    tmp_path: Path, state: str
) -> None:
    made = tmp_path / "card.pdf"
    made.write_bytes(sign_pdf(draw(CARDS[state], "es", titles), issuer(), at=SIGNED_AT))

    for profile in ("3a", "ua1"):
        judged = page.validate_pdf(str(made), profile=profile)
        assert judged.is_compliant, str(judged)


@contextmanager
def timestamp_service(*, answers: bool) -> Iterator[str]:
    """Run a timestamp service on this machine and return its address."""
    stamper = _stamper()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            reply = asyncio.run(
                stamper.async_request_tsa_response(TimeStampReq.load(asked))
            )
            self.send_response(200 if answers else 503)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply.dump())

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _stamper() -> Any:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Some timestamps")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(SIGNED_AT - timedelta(days=1))
        .not_valid_after(SIGNED_AT + timedelta(days=99))
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = Certificate.load(made.public_bytes(Encoding.DER))
    above: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call] # not typed there
    above.register(certificate)
    key_of_service = PrivateKeyInfo.load(private)
    return DummyTimeStamper(certificate, key_of_service, above, fixed_dt=SIGNED_AT)


def test_a_timestamp_says_when_it_was_signed(tmp_path: Path) -> None:
    made = tmp_path / "card.pdf"

    with timestamp_service(answers=True) as url:
        made.write_bytes(
            sign_pdf(
                draw(card(), "en", titles), issuer(), at=SIGNED_AT, timestamp_url=url
            )
        )

    checked = check_pdf(made.read_bytes(), issuer().certificates)
    assert checked.is_genuine
    assert checked.timestamped_at == SIGNED_AT
    assert lines_of_pdfsig(made) == 2
    assert page.validate_pdf(str(made), profile="3a").is_compliant


def test_without_the_timestamp_that_was_asked_for_nothing_is_signed() -> None:
    plain = draw(card(), "en", titles)

    with timestamp_service(answers=False) as url, pytest.raises(TimestampRefused):
        sign_pdf(plain, issuer(), at=SIGNED_AT, timestamp_url=url)
