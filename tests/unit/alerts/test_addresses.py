"""Webhooks go to the open internet and nowhere inside, whatever a name resolves to."""

import socket
from collections.abc import Sequence

import pytest

from compliance.alerts.addresses import (
    NotThere,
    WebhookAddressRefused,
    check_address,
    networks_of,
    resolve,
)

INSIDE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:db8::1",
)


def in_address(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def named(monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
    """Let every name resolve to these addresses: the outside, as somebody set it up."""

    def found(
        _host: str, port: int, **_how: object
    ) -> Sequence[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("ip", INSIDE)
def test_what_only_this_machine_can_reach_is_never_asked(
    monkeypatch: pytest.MonkeyPatch, ip: str
) -> None:
    named(monkeypatch, ip)

    with pytest.raises(NotThere, match="forbidden_address"):
        resolve("https://hooks.example/", ())
    with pytest.raises(WebhookAddressRefused):
        check_address(f"https://{in_address(ip)}/", ())


def test_one_bad_address_among_good_ones_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(monkeypatch, "93.184.216.34", "10.0.0.1")

    with pytest.raises(NotThere, match="forbidden_address"):
        resolve("https://hooks.example/", ())


def test_the_very_address_that_was_checked_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(monkeypatch, "93.184.216.34")

    target = resolve("https://hooks.example/a?b=c", ())

    assert (target.ip, target.host, target.port) == (
        "93.184.216.34",
        "hooks.example",
        443,
    )
    assert target.path == "/a?b=c"


def test_a_network_of_ones_own_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "10.1.2.3")

    target = resolve(
        "https://inside.example/", networks_of("192.168.0.0/16, 10.1.0.0/16")
    )

    assert target.ip == "10.1.2.3"


def test_without_encryption_only_ones_own_machine_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(monkeypatch, "10.1.2.3")

    with pytest.raises(NotThere, match="not_encrypted"):
        resolve("http://localhost/", networks_of("10.1.0.0/16"))


def test_a_name_that_nobody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_names: object, **_how: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    with pytest.raises(NotThere, match="unknown_name"):
        resolve("https://hooks.example/", ())


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example/a b",
        "https://hooks.example:99999/",
        "https://hooks.example:25/",
        "https://hooks.example:0/",
        "https://[::1",
        "https://hooks.example/\r\nX: y",
        "hooks.example",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(address: str) -> None:
    with pytest.raises(WebhookAddressRefused):
        check_address(address, ())


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example:8443/", "http://localhost:8080/", "https://8.8.8.8/"],
)
def test_a_good_address_is_taken(address: str) -> None:
    check_address(address, ())
