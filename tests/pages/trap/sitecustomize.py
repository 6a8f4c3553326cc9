"""Imported by every Python that finds it: writes down and refuses each connection that leaves this machine."""

import ipaddress
import os
import sys


def _is_local(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    if host is None or text in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, given: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[1]
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = given[0]
    else:
        return
    if not _is_local(host):
        with open(os.environ["FACET_TRAP"], "a", encoding="utf-8") as log:
            log.write(f"{event} {host}\n")
        raise OSError(f"the trap refuses {host}")


if os.environ.get("FACET_TRAP"):
    sys.addaudithook(_watch)
