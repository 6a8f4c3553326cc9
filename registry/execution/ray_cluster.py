"""Joining a Ray cluster, or beginning one on this machine; every refusal is a sentence."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

from registry.bounds import shown
from registry.errors import BadInput

NEEDS = "needs Ray: pip install “facet-editors[ray]”, on every machine of the cluster"


@contextlib.contextmanager
def joined(address: str, cpus: int) -> Iterator[Any]:
    """The module `ray`, connected; left again at the end.

    Args:
        address: as Ray has it: ``auto``, ``host:6379``, ``ray://host:10001``; empty begins one here.
        cpus: how many cores one that is begun here has.

    Raises:
        BadInput: Ray is not installed, or nobody answers there.
    """
    try:
        import ray
    except ImportError:
        raise BadInput("ray", NEEDS) from None
    _check_answers(address)
    how: dict[str, Any] = {"address": address} if address else {"num_cpus": cpus, "include_dashboard": False}
    try:
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **how)
    except Exception as problem:  # Ray raises many kinds of errors where nobody answers
        why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise _no_cluster(address, why) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def gpus_of(ray: Any) -> int:
    """GPUs of the whole cluster."""
    return int(ray.cluster_resources().get("GPU", 0))


def _check_answers(address: str) -> None:
    """Ray itself would try for minutes. Raises BadInput if nobody answers at a host and port."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return
    except (OSError, OverflowError) as problem:
        raise _no_cluster(address, str(problem)) from None


def _no_cluster(address: str, why: str) -> BadInput:
    fix = "Begin one with “ray start --head”, or leave the address out for this machine alone."
    return BadInput("ray", f"finds no cluster at {shown(address)} ({why[:120]})", fix)
