"""Where may something be sent that a tenant names? To the public internet, unless the deployment allows more."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from services.webhooks.errors import WebhookUrlInvalid

Address = IPv4Address | IPv6Address
LONGEST_URL = 2000
# What the library's tables leave out, or did: assignments of the protocol, and an address inside a cloud.
_NOT_PUBLIC = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20")))
# All of the newer protocol that is routed in public (RFC 4291); NAT64 leads to the older one.
_ROUTED = IPv6Network("2000::/3")
# Addresses of the older protocol that are written in the newer (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_LOWEST_32_BITS = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, whichever way it is written."""
    inner = _inner(address)
    if any(not is_public(one) for one in inner):
        return False
    # A mapped address is judged by what it stands for alone.
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return True
    kinds = (address.is_multicast, address.is_reserved, address.is_unspecified, address.is_loopback)
    if isinstance(address, IPv6Address) and address not in _ROUTED and address not in _NAT64:
        return False
    is_known = any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not any(kinds) and not address.is_link_local and not is_known


def _inner(address: Address) -> list[IPv4Address]:
    """List the addresses of the older protocol that an address leads to."""
    if isinstance(address, IPv4Address):
        return []
    teredo = address.teredo or ()
    nat64 = [IPv4Address(int(address) & _LOWEST_32_BITS)] if address in _NAT64 else []
    return [one for one in (address.ipv4_mapped, address.sixtofour, *teredo) if one is not None] + nat64


def check_url(url: str, *, is_inside_allowed: bool) -> str:
    """Give an address to send to, if it is one; names are looked up when something is sent.

    Raises WebhookUrlInvalid.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise WebhookUrlInvalid(field="input.url") from error
    schemes = ("https", "http") if is_inside_allowed else ("https",)
    is_whole = parts.scheme in schemes and bool(host) and url.isascii() and url.isprintable() and " " not in url
    if not is_whole or parts.username is not None or parts.password is not None or len(url) > LONGEST_URL:
        raise WebhookUrlInvalid(field="input.url")
    number = _as_number(host or "")
    if number is not None and not is_inside_allowed and not is_public(number):
        raise WebhookUrlInvalid(field="input.url")
    return url


def _as_number(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
