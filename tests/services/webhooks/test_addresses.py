"""Is nothing inside a network taken for the public internet, whichever way it is written?"""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from services.webhooks.addresses import check_url, is_public
from services.webhooks.errors import WebhookUrlInvalid

_INSIDE = {
    "loopback": ("127.0.0.1", "127.8.8.8", "::1"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd12:3456::1"),
    "link local": ("169.254.0.1", "fe80::1"),
    "metadata of clouds": ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    "shared by carriers": ("100.64.0.1",),
    "multicast": ("224.0.0.1", "239.1.1.1", "224.0.1.1", "ff02::1", "ff0e::1"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),  # noqa: S104 - nothing is bound to it.
    "reserved": ("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "2001:db8::1"),
    "mapped": ("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
    "tunnelled": ("2002:0a00:0001::1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "::127.0.0.1"),
}


@pytest.mark.parametrize("address", [one for listed in _INSIDE.values() for one in listed])
def test_knows_what_is_inside(address: str) -> None:
    assert not is_public(ip_address(address))

    host = f"[{address}]" if ":" in address else address
    with pytest.raises(WebhookUrlInvalid):
        check_url(f"https://{host}/", is_inside_allowed=False)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_knows_what_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "https:///nowhere",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nHost: x",
        "https://钩子.example.org/",
        f"https://hooks.example.org/{'a' * 2000}",
        "hooks.example.org",
        "",
    ],
)
def test_takes_no_other_address(url: str) -> None:
    with pytest.raises(WebhookUrlInvalid):
        check_url(url, is_inside_allowed=False)


def test_takes_what_a_deployment_allows() -> None:
    assert check_url("http://10.0.0.1:8080/hook", is_inside_allowed=True) == "http://10.0.0.1:8080/hook"
    assert check_url("https://hooks.example.org/a?b=c", is_inside_allowed=False) == "https://hooks.example.org/a?b=c"
