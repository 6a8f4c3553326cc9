"""Styles that were taught: what is kept of one, and the network that has it besides its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facet import Artifact, BadInput, Context, Subject
from nets.fast_style import FastStyle, with_styles

KIND, YOURS = "style", "yours:"
EARLIER = {
    "324099f2ab76efe46cc5d541fd9b78046ddaec3d5ff8d385e646720e5a1df092",
    "6edb9829ce1add03bd38b0a840815c827298c09b87ad4050d0e99bf88064d1db",
}
"""sha256 of embedded networks before this one, whose styles it can still take."""

ANEW = "Teach it again, or choose another one."


def network_sha256(ctx: Context) -> str:
    """sha256 of the file that this run has its fast style network from."""
    return str(next(row["sha256"] for row in ctx.weights_used if row["net"] == "fast_style"))


def with_taught(ctx: Context, used: Mapping[str, str]) -> FastStyle:
    """The fast style network with those of the used styles that are the user's own, under the names given here.

    Args:
        ctx: of the run.
        used: input → the style that it chose.

    Raises:
        BadInput: one is missing, damaged, or belongs to another network.
    """
    network: FastStyle = ctx.net("fast_style")
    for field, name in used.items():
        if not name.startswith(YOURS) or name in network.config.styles:
            continue
        kept, rows = ctx.kept(name, field)
        if kept.facts.get("network_sha256") not in EARLIER | {network_sha256(ctx)}:
            raise BadInput(field, f"“{kept.name}” was taught to another network than Facet has now", ANEW)
        try:
            network = with_styles(network, {name: rows})
        except ValueError as problem:
            raise BadInput(field, f"“{kept.name}” cannot be used: {problem}", ANEW) from None
    return network


def artifact(ctx: Context, style: Subject, name: str, rows: Mapping[str, Any], facts: Mapping[str, Any]) -> Artifact:
    """A taught style as it is kept."""
    called = name.strip() or f"Like {style.sample_id or f'picture {style.sha256[:8]}'}"
    about = {"reference_sha256": style.sha256, "reference": style.sample_id, "network_sha256": network_sha256(ctx)}
    return Artifact(KIND, called, rows, facts={**facts, **about})
