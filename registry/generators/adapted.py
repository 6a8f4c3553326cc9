"""Generators that come with Facet as a difference from an embedded one: a megabyte each instead of a whole network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from registry.readers import read_tensors
from registry.weights import Weights, embedded

Build = Callable[[Any], Any]


@cache
def onto(build: Build, base: Weights) -> Build:
    """A builder for files of differences from `base`, which makes of the sum what `build` makes of a whole file.

    It is the same function for the same arguments, so that loaded networks are shared. A file that does not say that
    it holds differences is built as it is: the source to fall back on.
    """

    def built(contents: Any) -> Any:
        if contents.plain.get("base") is None:
            return build(contents)
        local = embedded(base)
        if contents.plain["base"] != local.sha256:
            raise ValueError(
                f"it was learned on another {base.label}, whose sha256 begins {str(contents.plain['base'])[:12]}"
            )
        whole = read_tensors(local.path)
        state = dict(whole.group(""))
        for name, difference in contents.group("").items():
            if name not in state or state[name].shape != difference.shape:
                raise ValueError(f"it does not fit {base.label}: {name[:60]!r}")
            state[name] = state[name].float() + difference.float()
        return build(replace(whole, tensors={"": state}))

    return built
