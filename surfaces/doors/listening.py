"""The address that the page listens on: judged before anything is loaded, in the words that the user typed."""

from __future__ import annotations

import argparse
import errno
import os
import socket

from surfaces.doors.callers import is_address, is_loopback


def port_number(text: str) -> int:
    """A port out of the command line. Raises argparse.ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 65535, not “{text[:20]}”")
    return int(text)


def bare(host: str) -> str:
    """An IPv6 address without its brackets; anything else as it is."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def bracketed(host: str) -> str:
    """A host as it stands in an address of the web."""
    return f"[{host}]" if is_address(host) and ":" in host else host


def shown(host: str) -> str:
    """What to type into a browser on this machine."""
    return bracketed({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host))


def is_local(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    return is_loopback(bare(host))


def checked_port(host: str, port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        SystemExit: nothing can listen there; the sentence says why and what to type instead.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            if os.name != "nt":  # there it would take a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except (OSError, UnicodeError) as problem:
        raise SystemExit(f"Facet cannot listen on port {port} of {host}: {_why(problem)}") from None


def _why(problem: OSError | UnicodeError) -> str:
    code = getattr(problem, "errno", None)
    if code == errno.EADDRINUSE:
        return "it is taken. Choose another one with --port; 0 takes any that is free."
    if code in (errno.EACCES, errno.EPERM):
        return "that needs more rights. Choose one above 1023 with --port."
    if code in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) or isinstance(problem, (socket.gaierror, UnicodeError)):
        return "that is no address of this machine. Use --host 127.0.0.1, or 0.0.0.0 for all of its addresses."
    return f"{getattr(problem, 'strerror', None) or problem}."
