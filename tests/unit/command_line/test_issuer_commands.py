"""`atalaya issuer …` and `atalaya scorecards verify`: keys told, replaced, and used offline."""

from pathlib import Path

import pytest

from api.cli import main
from compliance.signatures.keys import IssuerFiles, opened, pem_of
from tests.signing import issuer, signed_card, stranger


@pytest.fixture
def data(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation on this test's database."""
    monkeypatch.setenv("ATALAYA_DATABASE_URL", database_url)
    return tmp_path / "data"


def test_keys_are_told_and_replaced(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data", str(data)]
    shown = main(["issuer", "show", *where])
    first = opened(IssuerFiles(data / "issuer_key.pem")).kid
    told_first = capsys.readouterr().out

    rotated = main(["issuer", "rotate", "--at-once", *where])
    second = opened(IssuerFiles(data / "issuer_key.pem")).kid
    told_rotated = capsys.readouterr().out
    main(["issuer", "show", *where])
    told_last = capsys.readouterr().out.splitlines()
    unknown = main(["issuer", "withdraw", "no-such-key", *where])

    assert (shown, rotated, unknown) == (0, 0, 1)
    assert "did:web:127.0.0.1%3A8000" in told_first
    assert first in told_first
    assert second in told_rotated
    (old,) = [line for line in told_last if first in line]
    (new,) = [line for line in told_last if second in line]
    assert ("withdrawn" in old, "signs" in new) == (True, True)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_card_is_checked_offline_with_the_issuers_certificates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    card, ours, theirs = (tmp_path / name for name in ("c.pdf", "o.pem", "t.pem"))
    card.write_bytes(signed_card(language))
    ours.write_text(pem_of(issuer().certificates))
    theirs.write_text(pem_of(stranger().certificates))
    check = ["scorecards", "verify", "--language", language]

    statuses = [
        main([*check, str(card), "--certificates", str(ours)]),
        main([*check, str(card), "--certificates", str(theirs)]),
        main([*check, str(tmp_path / "none.pdf"), "--certificates", str(ours)]),
    ]

    assert statuses == [0, 1, 1]
    assert issuer().kid in capsys.readouterr().out
