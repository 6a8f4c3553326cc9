"""A drag in one look: from a code and pairs of points to a step in w, with no picture and no optimisation.

In the spirit of UserControllableLT (Endo 2022, "User-Controllable Latent Transformer for StyleGAN Image Layout
Editing"): a small network in latent space that has learnt which w moves which points where. It knows a set of marks,
such as the landmarks of a face, and where each lies in the picture of a w. A point of the picture is carried by the
marks around it; far from all of them it counts as ground that does not move. A few rounds of the same layers look where
their own step would bring the points, and correct it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from nets.own_layout import JsonConfig, OwnLayout


@dataclass(frozen=True)
class FlowConfig(JsonConfig):
    """Sizes: width of w, marks, width of the layers, rounds. Lengths are in halves of the picture's side.

    near: how far a mark carries what lies around it. ground: as far from all marks as this, half a point is ground.
    """

    about = "a latent drag"

    w_dim: int
    marks: int
    hidden: int = 400
    rounds: int = 3
    near: float = 0.03
    ground: float = 0.2

    def __post_init__(self) -> None:
        if min(self.w_dim, self.marks, self.hidden, self.rounds, self.near, self.ground) <= 0:
            raise ValueError("every size must be above 0")


class Flow(NamedTuple):
    """What the network says of a batch of N drags with P pairs each.

    w: the code after the drag, [N, w_dim]. ends: where it expects the points to have come, [N, P, 2].
    marks: where it expects the marks then, [N, marks, 2]. grip: how much of each point the marks carry, [N, P], 0..1.
    """

    w: Tensor
    ends: Tensor
    marks: Tensor
    grip: Tensor


class Layers(nn.Module):
    """Three layers of one width with a step over the second."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs] → [N, outputs]."""
        x = gelu(self.first(x))
        result: Tensor = self.last(x + gelu(self.second(x)))
        return result


class DragFlow(nn.Module):
    """w [N, w_dim], handles and targets [N, P, 2] in -1..1 of the picture (edges, x right, y down) → a `Flow`.

    `given` [N, P] is 1 for pairs that count, where drags of a batch have different numbers of them.
    """

    centre: Tensor
    deviation: Tensor

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.config, marks = config, config.marks
        self.place = Layers(config.w_dim, config.hidden * 5 // 8, 2 * marks)
        self.move = Layers(config.w_dim + 5 * marks, config.hidden, config.w_dim)
        nn.init.zeros_(self.move.last.weight)
        nn.init.zeros_(self.move.last.bias)
        self.register_buffer("centre", torch.zeros(config.w_dim))  # of w over the generator's pictures
        self.register_buffer("deviation", torch.ones(config.w_dim))

    def where(self, w: Tensor) -> Tensor:
        """Where the marks lie in the picture of w [N, w_dim]: [N, marks, 2]."""
        found: Tensor = self.place((w - self.centre) / self.deviation)
        return found.unflatten(1, (self.config.marks, 2))

    def carried(self, points: Tensor, marks: Tensor) -> Tensor:
        """How much each mark [N, marks, 2] carries each point [N, P, 2]: [N, P, marks]; the rest is ground."""
        reach = 2 * self.config.near**2
        close = -(points[:, :, None] - marks[:, None]).square().sum(-1) / reach
        ground = close.new_full((*close.shape[:2], 1), -(self.config.ground**2) / reach)
        return torch.cat([close, ground], 2).softmax(2)[..., :-1]

    def forward(self, w: Tensor, handles: Tensor, targets: Tensor, given: Tensor | None = None) -> Flow:
        """The drag, in `config.rounds` rounds."""
        given = torch.ones_like(handles[..., 0]) if given is None else given
        start = self.where(w)
        share = self.carried(handles, start)
        held = (share * given[..., None]).sum(1)  # how much is asked of each mark
        spread = share * given[..., None] / (held[:, None] + 1e-3)
        marks, ends = start, handles
        for _ in range(self.config.rounds):
            left = (spread[..., None] * (targets - ends)[:, :, None]).sum(1)
            seen = [(w - self.centre) / self.deviation, marks.flatten(1), held, (left * 8).flatten(1)]
            w = w + self.deviation * self.move(torch.cat(seen, 1))
            marks = self.where(w)
            ends = handles + share @ (marks - start)
        return Flow(w, ends, marks, share.sum(2))


@torch.no_grad()
def flowed(net: DragFlow, w_plus: Tensor, pairs: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """One drag of w_plus [num_ws, w_dim]: every row takes the step that their mean takes.

    pairs: [P, 2, 2], handle and target, (x, y) in pixels of a picture of size (height, width); a pixel's centre is a
    whole number. Returns w_plus, the ends [P, 2] that the network expects, in pixels, and the grip [P].
    Raises ValueError when the network is for codes of another width.
    """
    if w_plus.shape[1] != net.config.w_dim:
        raise ValueError(f"w_plus: expected rows of {net.config.w_dim}, got {w_plus.shape[1]}")
    scale = torch.tensor([size[1] / 2, size[0] / 2]).to(w_plus)
    points = ((pairs.to(w_plus) + 0.5) / scale - 1)[None]
    w = w_plus.mean(0, keepdim=True)
    flow = net(w, points[:, :, 0], points[:, :, 1])
    return w_plus + (flow.w - w), (flow.ends[0] + 1) * scale - 0.5, flow.grip[0]


_LAYOUT = OwnLayout(lambda text: DragFlow(FlowConfig.from_json(text)), "no latent drag")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
