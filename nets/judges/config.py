"""What the judges' outputs mean, and their sizes: the facts that lie beside the tensors."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from nets.own_layout import JsonConfig


@dataclass(frozen=True)
class JudgesConfig(JsonConfig):
    """Sizes and names.

    Attributes:
        size: side of the square pictures the network sees.
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of that size.
        hidden: width of the layers that read controls.
        landmarks: how many there are.
        closer: width of the layer that looks at the surroundings of each landmark once more; 0 for judges without.
        parts: names of the parts, in the order of the label map's numbers.
        controls: names of the renderer's controls; low, high: their ranges, in natural units.
        identity: the controls that make up the identity; centre, deviation: of what the network says about them over
            renders, so that the embedding of an average face is not a direction of its own.

    Raises:
        ValueError: the lists do not fit together.
    """

    about = "judges"

    parts: tuple[str, ...]
    controls: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    identity: tuple[str, ...]
    centre: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    size: int = 128
    widths: tuple[int, ...] = (32, 64, 112, 144)
    hidden: int = 240
    landmarks: int = 72
    closer: int = 0

    def __post_init__(self) -> None:
        for entry in dataclasses.fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, list):
                object.__setattr__(self, entry.name, tuple(value))  # frozen for everybody else
        if not len(self.controls) == len(self.low) == len(self.high):
            raise ValueError("controls, low and high: must be equally long")
        if not set(self.identity) <= set(self.controls):
            raise ValueError(f"identity: {sorted(set(self.identity) - set(self.controls))} are no controls")
        if not len(self.centre) == len(self.deviation) or len(self.centre) not in (0, len(self.identity)):
            raise ValueError("centre and deviation: must be empty, or as long as identity")
        if len(self.widths) != 4 or min(*self.widths, self.hidden, self.landmarks, len(self.parts)) < 1:
            raise ValueError("widths: four of them are needed, and no size may be 0")
        if self.closer < 0:
            raise ValueError(f"closer: {self.closer} is less than 0")
        if self.size < 32 or self.size % 16:
            raise ValueError(f"size: {self.size} is not a multiple of 16 from 32 on")

    @classmethod
    def from_json(cls, text: str) -> JudgesConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        known = {entry.name for entry in dataclasses.fields(cls)}
        if not isinstance(facts, dict) or not facts.keys() <= known:
            raise ValueError(f"not a config of judges: {text[:80]}")
        try:
            return cls(**facts)
        except TypeError as error:
            raise ValueError(f"not a config of judges: {error}") from None
