"""From a declared net to a network that can be called.

The best source that can be had is used, and it is said plainly if that is not the first.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from registry.errors import EditorError, LicenceNeeded, OutOfMemory, Stopped, WeightsMissing
from registry.weights import lock
from registry.weights.building import build
from registry.weights.declare import Net, Weights
from registry.weights.download_errors import DownloadError
from registry.weights.fetch import attempt
from registry.weights.local import Local, embedded_sha256
from registry.weights.memory import Key, NetCache, net_budget_bytes

nets = NetCache(net_budget_bytes)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A network, ready to use, and where it came from.

    Attributes:
        module: what `Net.build` made, in eval mode, without gradients for its weights, on the device. It is shared:
            copy it before changing it.
        record: for the recipe: net, repo, file, revision, sha256, licence, embedded (it comes with
            Facet or with a plugin), title, and attribution, notice and what was left out of the file
            if there are any.
        weights: the source it came from.
        notice: why it is not the first source, a line to show; empty if it is.
    """

    module: Any
    record: dict[str, Any]
    weights: Weights
    notice: str = ""

    @property
    def attribution(self) -> str:
        """The line that the licence asks to show, or empty."""
        return self.weights.attribution


@dataclass
class _Passed:
    """The sources that could not be used, and why."""

    reasons: list[tuple[Weights, str, EditorError]] = field(default_factory=list)

    def note(self, weights: Weights, problem: DownloadError | EditorError) -> None:
        if isinstance(problem, DownloadError):
            plain = {"unreachable": "The Hub can't be reached", "offline": "Facet is offline"}.get(problem.kind)
            self.reasons.append((weights, plain or str(problem.error(weights)), problem.error(weights)))
        else:
            self.reasons.append((weights, str(problem), problem))

    def notice(self, used: Weights) -> str:
        if not self.reasons:
            return ""
        why = self.reasons[0][1].rstrip(".")
        return f"{why}: using {'the embedded ' if used.embedded else ''}{used.label.removesuffix(' (embedded)')}"


def load_net(
    net: Net,
    device: str = "cpu",
    *,
    dtype: torch.dtype = torch.float32,
    owner: object | None = None,
    stopping: Callable[[], bool] | None = None,
) -> Loaded:
    """The network, from the cache of loaded ones or from the first source that can be had.

    Args:
        net: the declaration.
        device: where it is to be.
        dtype: floating type of its weights.
        owner: the network is not evicted while this object lives; give the run's context.
        stopping: polled during a download.

    Raises:
        LicenceNeeded: a source that comes before every usable one awaits the user's acceptance.
        WeightsMissing, WeightsCorrupt: none of the sources can be used; says why the first cannot.
        OutOfMemory: it does not fit.
        Stopped: `stopping` gave True.
    """
    passed = _Passed()
    for weights in net.sources:
        try:
            return _load(net, weights, device, dtype, owner, stopping, passed.notice(weights))
        except DownloadError as trouble:
            if trouble.kind == "stopped":
                raise Stopped(f"The download of {weights.name} was stopped.") from None
            passed.note(weights, trouble)
        except (LicenceNeeded, OutOfMemory, Stopped):
            raise
        except EditorError as problem:
            passed.note(weights, problem)
    if not passed.reasons:
        raise WeightsMissing(f"The net {net.name!r} names no source of weights.")
    raise passed.reasons[0][2] from None


def _load(
    net: Net,
    weights: Weights,
    device: str,
    dtype: torch.dtype,
    owner: object | None,
    stopping: Callable[[], bool] | None,
    notice: str,
) -> Loaded:
    local = _in_memory(net, weights, device, dtype) or attempt(weights, stopping)
    return load_local(net, weights, local, device, dtype=dtype, owner=owner, notice=notice)


def load_local(
    net: Net,
    weights: Weights,
    local: Local,
    device: str,
    *,
    dtype: torch.dtype = torch.float32,
    owner: object | None = None,
    notice: str = "",
) -> Loaded:
    """The network in a file that is already here and verified; arguments and errors as `load_net`."""

    def make() -> _Made:
        return _Made(*build(net, weights, local, device, dtype, give_room=nets.clear), local)

    made: _Made = nets.get(_key(net, local.sha256, device, dtype), device, make, local.size, owner)
    record = {
        "net": net.name,
        "repo": local.repo,
        "file": weights.name if weights.embedded else local.file,
        "revision": local.revision,
        "sha256": local.sha256,
        "licence": weights.licence,
        "embedded": weights.embedded and not weights.own,
        "title": weights.label,
    }
    if weights.attribution:
        record["attribution"] = weights.attribution
    if notice:
        record["notice"] = notice
    if made.left_out:
        record["left_out"] = list(made.left_out)
    return Loaded(made.module, record, weights, notice)


@dataclass(frozen=True)
class _Made:
    """What is kept: the network, what was left out of its file, and the file."""

    module: Any
    left_out: tuple[str, ...]
    local: Local


def _key(net: Net, sha256: str, device: str, dtype: torch.dtype) -> Key:
    """Two builders may take different parts of one file; a builder made for one run only must not be kept for it."""
    build: Any = net.build
    if not hasattr(build, "__self__"):  # a bound method is a new object each time, so a reference to it dies at once
        build = weakref.ref(build)
    return (sha256, build, device, dtype)


def _in_memory(net: Net, weights: Weights, device: str, dtype: torch.dtype) -> Local | None:
    """The file of these weights if a network of it is in memory; found without reading it again."""
    sha256 = embedded_sha256(weights) if weights.embedded else lock.pin_of(weights).sha256
    made: _Made | None = nets.peek(_key(net, sha256, device, dtype)) if sha256 else None
    return made.local if made is not None else None
