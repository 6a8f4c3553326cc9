"""Who sends a request: the owner, a guest, or a page of a stranger's that a browser was led to. Gradio-free."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

FORWARDING = ("forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip")
"""Headers that only a proxy sets; any that begins with `FORWARDING_FAMILIES` is one, too."""
FORWARDING_FAMILIES = ("x-forwarded-", "x-original-", "cf-", "fly-", "x-amzn-", "x-envoy-")

Headers = Mapping[str, str]
"""Names in lower case."""


@dataclass(frozen=True)
class Callers:
    """What the page knows of those who may call it.

    Attributes:
        local: it listens on this machine's own address only.
        names: other host names it is called by, in lower case and without a port.
        any_name: the platform in front of it judges names (a Space).
    """

    local: bool = False
    names: frozenset[str] = frozenset()
    any_name: bool = False

    def knows(self, host: str) -> bool:
        """Whether a Host header is one of ours. Addresses of numbers are: no stranger's page can have one of them."""
        name = host_name(host)
        return self.any_name or not name or is_address(name) or name in self._names

    def same_site(self, headers: Headers) -> bool:
        """Whether a request that changes something comes from our own page, or from no page at all."""
        origin = headers.get("origin")
        if origin is None or self.any_name:
            return True
        try:
            parts = urlsplit(origin.lower())
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not parts.hostname:  # "null" is a sandboxed page or a file
            return False
        host = headers.get("host", "").lower()
        if is_loopback(parts.hostname) and is_loopback(host_name(host)):
            return parts.netloc == host  # another port is another program
        forwarded = headers.get("x-forwarded-host", "").lower()
        return parts.hostname in {host_name(host), *map(host_name, forwarded.split(","))} | self.names

    def is_owner(self, headers: Headers) -> bool:
        """Whether it is the person whose machine this is: no proxy between, and the page is called by a local name."""
        name = host_name(headers.get("host", ""))
        return (
            self.local
            and is_loopback(name)
            and is_loopback(host_name(headers.get("origin", "//localhost").partition("//")[2]))
            and not any(map(_is_forwarding, headers))
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        own = socket.gethostname().lower()
        return self.names | {"localhost", own, f"{own.partition('.')[0]}.local"}


def host_name(host: str) -> str:
    """The name in a Host header: without the port and the brackets of IPv6, in lower case."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")


def is_address(name: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether it means this machine for everybody who says it."""
    return name == "localhost" or (is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_forwarding(header: str) -> bool:
    return header in FORWARDING or header.startswith(FORWARDING_FAMILIES)
