"""Loading networks before the page opens, for hosts that should not keep the first visitor waiting (and ZeroGPU)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from registry.errors import EditorError
from registry.execution.chosen import executor
from registry.plugins import Registry
from registry.settings import listed
from registry.weights import Net, cached_path, licence, load_net, pin_of


@dataclass(frozen=True)
class Preloaded:
    """What became of one network: how long it took, and a notice or the reason why it could not be loaded."""

    name: str
    seconds: float
    ok: bool
    notice: str = ""

    @property
    def text(self) -> str:
        """One line for the log."""
        return f"{self.name}: {f'{self.seconds:.1f} s' if self.ok else 'not loaded'}. {self.notice}".rstrip(" .") + "."


def preload(registry: Registry, names: str | None = None, device: str = "") -> list[Preloaded]:
    """Load the nets that ``FACET_PRELOAD`` names, so that the first run finds them in memory.

    Call it on the main thread before launching. On ZeroGPU networks are put on ``cuda`` here, outside any worker:
    that is how they come to every worker.

    Args:
        registry: the loaded editors.
        names: names separated by commas; None reads ``FACET_PRELOAD``. A net's name loads it, with a download if need
            be. An editor's name, or ``all``, loads those of its nets whose files are here: an editor may offer many.
        device: where to; empty for the device that runs will use.

    Returns:
        One row per net, in order. Nothing is raised: a page without a network is better than no page.
    """
    wanted = listed("PRELOAD") if names is None else [name.strip() for name in names.split(",") if name.strip()]
    rows = []
    for name in wanted:
        nets = _named(registry, name)
        if not nets:
            rows.append(Preloaded(name, 0.0, False, "No net has this name, and no editor with files that are here"))
        for net in nets:
            rows.append(_load(net, device or executor().pick_device()))
    return rows


def _named(registry: Registry, name: str) -> list[Net]:
    found = []
    for spec in registry:
        for net in spec.nets:
            if name == net.name or (name in ("all", spec.id) and _here(net)):
                found.append(net)
    return list(dict.fromkeys(found))


def _here(net: Net) -> bool:
    """Whether the first source needs no download and no answer from anybody."""
    first = net.sources[0] if net.sources else None
    if first is None or first.embedded:
        return first is not None
    try:
        return licence.accepted(first) and cached_path(first, pin_of(first)) is not None
    except EditorError:
        return False


def _load(net: Net, device: str) -> Preloaded:
    started = time.perf_counter()
    try:
        loaded = load_net(net, device, owner=_forever)
    except EditorError as problem:
        return Preloaded(net.name, time.perf_counter() - started, False, str(problem))
    return Preloaded(net.name, time.perf_counter() - started, True, loaded.notice)


class _Forever:
    """The owner of what was preloaded: it lives as long as the process, so that nothing of it is evicted."""


_forever = _Forever()
