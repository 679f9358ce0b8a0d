"""HTTP Digest: the example of the standard, what devices write, and nonces in time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import clock, limits
from compliance.identity.digest import (
    DigestAnswer,
    challenge,
    ha1_of,
    is_genuine,
    is_stale,
    make_nonce,
    read_answer,
    response_of,
)
from tests.visits import TODAY

SECRET = b"a secret of the test"
# RFC 2617, 3.5.
MUFASA = DigestAnswer(
    username="Mufasa",
    realm="testrealm@host.com",
    nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
    uri="/dir/index.html",
    response="6629fae49393a05397450978507c4ef1",
    method="GET",
    qop="auth",
    nc="00000001",
    cnonce="0a4f113b",
)
QUOTED = (
    'username="Mufasa", realm="testrealm@host.com", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", '
    'qop=auth, nc=00000001, cnonce="0a4f113b", '
    'response="6629fae49393a05397450978507c4ef1", opaque="x"'
)
HA1 = ha1_of("Mufasa", "Circle Of Life", "testrealm@host.com")


def test_the_example_of_the_standard_comes_out() -> None:
    assert response_of(HA1.hex(), MUFASA) == "6629fae49393a05397450978507c4ef1"
    assert MUFASA.is_right(HA1)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "HEAD"},
        {"uri": "/dir/index.html?deviceID=x"},
        {"nc": "00000002"},
        {"cnonce": "0a4f113c"},
        {"nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c094"},
        {"qop": ""},
        {"response": ""},
    ],
)
def test_an_answer_to_anything_else_is_wrong(changes: dict[str, str]) -> None:
    assert not replace(MUFASA, **changes).is_right(HA1)


def test_without_qop_the_older_answer_is_reckoned() -> None:
    # RFC 2069 has MD5(HA1:nonce:HA2); the figure is that of `printf | md5sum`.
    older = replace(MUFASA, qop="", nc="", cnonce="")

    assert response_of(HA1.hex(), older) == "670fd8c2df070c60b045671b8b24ff02"


@pytest.mark.parametrize(
    "written",
    [
        QUOTED,
        QUOTED.replace('"', "").replace("00000001", '"00000001"'),
        QUOTED.replace(", ", ",") + ",algorithm=MD5",
    ],
    ids=["quoted", "bare", "close together"],
)
def test_values_may_be_quoted_or_bare(written: str) -> None:
    assert read_answer(written, "GET") == MUFASA


def test_a_quotation_mark_in_a_value_is_escaped() -> None:
    written = r'username="a \"b\" c, d", realm="r", nonce="n", uri="/", response="x"'

    answer = read_answer(written, "GET")

    assert answer is not None
    assert answer.username == 'a "b" c, d'


@pytest.mark.parametrize(
    "written",
    [
        "",
        'username="a"',
        'username="a", realm="r", nonce="n", uri="/", response="x", qop="auth-int"',
        'username="a", realm="r", nonce="n", uri="/", response="x", qop="auth"',
        'username="a", realm="r", nonce="n", uri="/", response="x", algorithm=SHA-256',
    ],
)
def test_what_is_no_answer_to_our_challenge_is_none(written: str) -> None:
    assert read_answer(written, "GET") is None


@given(st.text(max_size=200))
def test_whatever_is_written_there_is_read_without_a_fault(written: str) -> None:
    answer = read_answer(written, "GET")

    assert answer is None or answer.method == "GET"


def test_a_nonce_is_good_for_its_time_and_then_stale() -> None:
    minutes = limits.DIGEST_NONCE_MINUTES
    with clock.set_to(lambda: TODAY):
        nonce = make_nonce(SECRET)

    with clock.set_to(lambda: TODAY + timedelta(minutes=minutes, seconds=-1)):
        before = is_stale(nonce)
    with clock.set_to(lambda: TODAY + timedelta(minutes=minutes)):
        after = is_stale(nonce)

    assert minutes >= 15
    assert is_genuine(nonce, SECRET)
    assert (before, after) == (False, True)


@pytest.mark.parametrize("place", [0, 9, 10, 41])
def test_a_nonce_that_was_changed_is_no_longer_ours(place: int) -> None:
    nonce = make_nonce(SECRET)
    digit = "1" if nonce[place] == "0" else "0"

    changed = nonce[:place] + digit + nonce[place + 1 :]

    assert not is_genuine(changed, SECRET)
    assert not is_genuine(nonce, b"another secret")
    assert not is_genuine(nonce + "0", SECRET)


def test_a_challenge_says_stale_only_where_it_is() -> None:
    assert challenge(SECRET, "/openrosa/").startswith('Digest realm="Atalaya", domain=')
    assert 'qop="auth", algorithm=MD5, nonce="' in challenge(SECRET, "/openrosa/")
    assert "stale" not in challenge(SECRET, "/openrosa/")
    assert challenge(SECRET, "/openrosa/", is_stale=True).endswith(", stale=TRUE")
