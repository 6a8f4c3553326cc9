"""What an editor measures of its own work, by the name under which its last step reports it, for comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Reported(NamedTuple):
    """title, unit: as of a `metrics.Metric`; doc: what it says, one sentence."""

    title: str
    unit: str
    better: Literal["lower", "higher"]
    doc: str


REPORTED: Mapping[str, Reported] = {
    "diversity_kept": Reported(
        "Diversity kept", "of 1", "higher",
        "How different people are from each other, in an untrained network's features, as a share of before.",
    ),
    "identity_kept": Reported(
        "Identity kept (ours)", "", "higher", "Mean cosine of a puppet's identity before and after; our own judge."
    ),
    "landmarks_px": Reported(
        "Landmarks moved (ours)", "px at 256", "lower", "Mean distance of landmarks before and after; our own judge."
    ),
    "side_effects": Reported(
        "Side effects of directions", "of before", "lower",
        "What five directions change besides, after in units of before; 1 is no worse. Measured where asked for.",
    ),
}  # fmt: skip
