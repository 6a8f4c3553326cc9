"""The inversion encoder: from a puppet's picture to w_plus of a generator.

pSp (Richardson et al. 2021) with e4e's w and deltas (Tov et al. 2021, section 4.1), scaled down: the judges' network
sees the picture, and a few layers turn what it sees into one w and a small step for every row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, relu

from nets.judges import Judges, JudgesConfig
from nets.judges.reading import resample, to_square
from nets.own_layout import JsonConfig, OwnLayout


@dataclass(frozen=True)
class EncoderConfig(JsonConfig):
    """Sizes: the judges' network, rows and width of w_plus, width of the layers, channels that keep their place."""

    about = "an encoder"

    judges: JudgesConfig
    num_ws: int
    w_dim: int
    hidden: int = 448
    placed: int = 24

    def __post_init__(self) -> None:
        if min(self.num_ws, self.w_dim, self.hidden, self.placed) < 1:
            raise ValueError("every size must be at least 1")

    @classmethod
    def from_json(cls, text: str) -> EncoderConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = cls.facts(text)
        judges = JudgesConfig.from_json(json.dumps(facts.pop("judges")))
        return cls(judges, **{name: int(value) for name, value in facts.items()})


class Encoder(nn.Module):
    """Pictures [N, 3, s, s] in -1..1 of the judges' size → w_plus [N, num_ws, w_dim]."""

    centre: Tensor
    deviation: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.judges = Judges(config.judges)
        cells = (config.judges.size // 16) ** 2
        self.place = nn.Conv2d(config.judges.widths[3], config.placed, 1)
        self.first = nn.Linear(self.judges.summary + config.placed * cells, config.hidden)
        self.second = nn.Linear(config.hidden, config.hidden)
        self.to_w = nn.Linear(config.hidden, config.w_dim)
        self.to_deltas = nn.Linear(config.hidden, config.num_ws * config.w_dim)
        nn.init.zeros_(self.to_deltas.weight)
        nn.init.zeros_(self.to_deltas.bias)
        self.register_buffer("centre", torch.zeros(config.w_dim))  # of w over the generator's pictures
        self.register_buffer("deviation", torch.ones(config.w_dim))

    def codes(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """w [N, w_dim] and the rows' deltas [N, num_ws, w_dim], both in units of w's deviation about its mean."""
        seen, placed = self.see(pictures)
        return self.tell(seen, placed)

    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """The judges' summary [N, summary], and their coarsest features [N, C, s/16, s/16]."""
        evidence = self.judges.look(pictures)
        return evidence.seen, evidence.sixteenth

    def tell(self, seen: Tensor, sixteenth: Tensor) -> tuple[Tensor, Tensor]:
        """`codes` from what `see` gave."""
        placed = relu(self.place(sixteenth)).flatten(1)
        x = gelu(self.first(torch.cat([seen, placed.to(seen.dtype)], 1)))
        x = x + gelu(self.second(x))
        return self.to_w(x), self.to_deltas(x).unflatten(1, (self.config.num_ws, self.config.w_dim))

    def forward(self, pictures: Tensor) -> Tensor:
        """w_plus of pictures of the judges' size; `encode` takes any."""
        w, deltas = self.codes(pictures)
        return self.centre + self.deviation * (w[:, None] + deltas)


def encode(encoder: Encoder, pictures: Tensor, num_ws: int | None = None) -> Tensor:
    """w_plus [N, num_ws, w_dim] of pictures [N, 3, h, w] in -1..1, of any size; differentiable.

    num_ws: rows for a larger generator of the same W: those of its finest blocks are like the last that is known.

    Raises:
        ValueError: something else than colour pictures, or fewer rows than the encoder makes.
    """
    if pictures.ndim != 4 or pictures.shape[1] != 3 or not pictures.numel():
        raise ValueError(f"pictures: expected [N, 3, h, w], got {list(pictures.shape)}")
    more = (num_ws or encoder.config.num_ws) - encoder.config.num_ws
    if more < 0:
        raise ValueError(f"num_ws: this encoder makes {encoder.config.num_ws} rows, not {num_ws}")
    found: Tensor = encoder(resample(to_square(pictures)[0], encoder.config.judges.size))
    return torch.cat([found, found[:, -1:].expand(-1, more, -1)], 1)


_LAYOUT = OwnLayout(lambda text: Encoder(EncoderConfig.from_json(text)), "no encoder")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
