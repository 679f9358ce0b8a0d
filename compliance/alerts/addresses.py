"""Where a webhook may go: to the open internet by https, and nowhere inside.

Who may enter an address could otherwise make this server ask what only it can reach: a
database, a cloud's metadata, a printer. A name is resolved once and the very address
that was found good is connected to, so that it cannot turn into another in between.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from compliance.problems import Kind, Problem
from compliance.texts import N_

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"https": 443, "http": 80}
# Addresses of IPv4 written as IPv6 for a translator (RFC 6052, RFC 8215).
TRANSLATED = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)
# What listens below is no program of a webhook's kind, and is not to be knocked at.
FIRST_FREE_PORT = 1024
REMEDY = N_(
    "an address that begins with https:// and has no user name, no # and no port below "
    "1024 but 443"
)


class WebhookAddressRefused(Problem):
    kind = Kind.INVALID
    title = N_("A webhook cannot be sent there")
    detail = N_(
        "'address' must be {remedy}. It must be reachable from the open internet; the "
        "operator can name networks of one's own in ATALAYA_WEBHOOK_NETWORKS."
    )


class NotThere(Exception):
    """The name resolves to nothing, or to what must not be asked; the word says which."""


@dataclass(frozen=True)
class Target:
    """A webhook's address taken apart, and the one IP address to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


def networks_of(text: str | None) -> tuple[Network, ...]:
    """Return the networks of a setting, or raise ValueError where one is none."""
    wanted = (one.strip() for one in (text or "").split(","))
    return tuple(ipaddress.ip_network(one) for one in wanted if one)


def check_address(address: str, allowed: Sequence[Network]) -> None:
    """Refuse an address that can never be sent to; names are looked up when it is."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise WebhookAddressRefused(remedy=REMEDY) from None
    is_whole = host is not None and address.isascii() and address.isprintable()
    is_strange = "@" in parts.netloc or "#" in address or " " in address
    is_plain = parts.scheme == "http" and host in OWN_MACHINE
    is_known_port = port is None or port in PORTS.values() or port >= FIRST_FREE_PORT
    if (
        not is_whole
        or is_strange
        or not is_known_port
        or not (parts.scheme == "https" or is_plain)
    ):
        raise WebhookAddressRefused(remedy=REMEDY)
    written = _ip_written(host or "")
    if written is not None and not may_be_asked(written, allowed):
        raise WebhookAddressRefused(remedy=REMEDY)


def resolve(address: str, allowed: Sequence[Network]) -> Target:
    """Return where to connect, or raise NotThere.

    Every address of the name must be good: one that is not shows whose name it is.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotThere("unknown_name") from None
    ips = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not ips or not all(may_be_asked(ip, allowed) for ip in ips):
        raise NotThere("forbidden_address")
    if parts.scheme == "http" and not all(ip.is_loopback for ip in ips):
        raise NotThere("not_encrypted")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, str(ips[0]))


def may_be_asked(ip: Address, allowed: Sequence[Network]) -> bool:
    """Tell whether an address is of the open internet, or of an allowed network."""
    if any(ip.version == one.version and ip in one for one in allowed):
        return True
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not _carries_another(ip)
    )


def _carries_another(ip: Address) -> bool:
    """Tell an IPv6 address in which an IPv4 address travels; Pythons differ on them."""
    if ip.version == 4:
        return False
    is_tunnel = any((ip.ipv4_mapped, ip.sixtofour, ip.teredo))
    return is_tunnel or any(ip in one for one in TRANSLATED)


def _ip_written(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
