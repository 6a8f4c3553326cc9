"""Neural style with features from a formula: a photograph painted in the manner of another picture.

On every scale, coarse to fine, L-BFGS lowers (Gatys, Ecker and Bethge 2016, equation 7, covariances for Gram matrices)

    L(x) = content * L_content(x) + sum over taps l of L_style_l(x) + smooth * TV(x) + out-of-range penalty

where every channel is measured in units of the style's own deviation. So fine colour detail counts, which
keeps specks of foreign colour away. Then the picture is repainted with pieces of the style picture (`patches`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import Node

from editors.style.objective import Objective
from editors.style.patches import StylePatches
from editors.style.trained import TrainedObjective
from nets.colour import covariance
from nets.features import FeatureNet
from nets.gabor import GaborPyramid, to_opponent, to_rgb
from nets.seen import among

CHUNK = 6  # iterations between two live frames
LIGHT_KEPT = 0.6  # of the luminance that the descent found, after repainting


@dataclass(frozen=True)
class Settings:
    """How to paint.

    Attributes:
        size: longer side of the result in pixels.
        content: weight of the photograph's structure against the style.
        smooth: weight of the total variation.
        stroke: size of the strokes; 1 lays the style picture over the same area as the photograph.
        effort: iterations on the coarsest scale; each finer one gets half as many.
        colours: ``"style"``, ``"content"`` (the palette of the photograph) or ``"light"`` (its very colours, only
            luminance is painted).
        repaint: whether to repaint with pieces of the style picture.
        seed: of the random mixing layer.
    """

    size: int = 512
    content: float = 4.0
    smooth: float = 1.0
    stroke: float = 1.0
    effort: int = 40
    colours: str = "style"
    repaint: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Frame:
    """One state: RGB [1, 3, h, w] in 0..1 on its scale, share done, note; between scales what to go on from."""

    picture: Tensor
    done: float
    note: str
    state: Mapping[str, Any] | None = None


def scales(size: int) -> list[int]:
    """Longer sides from coarse to fine, doubling: 512 → [128, 256, 512]."""
    steps = max(0, math.ceil(math.log2(size / 160)))
    return [round(size / 2**k) for k in range(steps, -1, -1)]


def paint(
    content: Tensor,
    style: Tensor,
    settings: Settings,
    state: Mapping[str, Any] | None = None,
    seen: Tensor | None = None,
    trained: FeatureNet | None = None,
    shown: Tensor | None = None,
    check_stop: Callable[[], None] = lambda: None,
) -> Iterator[Frame]:
    """Paint `content` in the manner of `style`, both RGB [1, 3, h, w] in 0..1 of any size.

    Yields the picture every few iterations. Deterministic for a given seed and number of threads.

    Args:
        state: of a frame of an earlier call with the same pictures and settings; the work goes on from there and gives
            the same picture as in one go.
        seen: [1, 1, h, w], 1 where the style is and 0 where it is clear; None: all of it is there.
        trained: features that were trained on photographs, in place of the Gabor pyramid.
        shown: as `seen`, of the content: what is clear in it has no manner, and its colours do not count.
        check_stop: called several times a second; what it raises ends the work.
    """
    net = GaborPyramid(seed=settings.seed).to(content)
    plan = _plan(settings)
    first, x = (int(state["scale"]), torch.tensor(state["x"]).to(content)) if state else (0, None)
    for scale in range(first, len(plan)):
        side, rounds = plan[scale]
        check_stop()
        goal = fit(content, side)
        brush, there = _lay(style, goal, settings.stroke, seen)
        colours, own = among(brush, there), among(goal, shown)
        if settings.colours == "style":
            goal = covariance(goal, colours, own).clamp(0, 1)
        else:
            brush = covariance(brush, own, colours).clamp(0, 1)
        x = to_opponent(goal) if x is None else resize(x, goal.shape[2], goal.shape[3])
        check_stop()
        patches = StylePatches(brush, seen=there, check_stop=check_stop) if settings.repaint else None
        weights = settings.content, settings.smooth
        kind = partial(TrainedObjective, trained) if trained is not None else partial(Objective, net)
        objective = kind(to_opponent(goal), to_opponent(brush), *weights, there, shown)
        note = f"{goal.shape[3]} x {goal.shape[2]} px"
        for count, latest in _descend(objective, x, rounds, check_stop):
            x = latest
            if count < rounds:
                live = _shown(_repaint(x, patches, pace=5, votes=1), content, settings)
                yield Frame(live, _share(plan, scale, count), f"{note}, {count} of {rounds}")
        x = _repaint(x, patches, pace=3 if side < 400 else 4, votes=2)
        finished = scale + 1 == len(plan)
        state = None if finished else {"scale": scale + 1, "x": x.cpu().numpy()}
        yield Frame(_shown(x, content, settings), 1.0 if finished else _share(plan, scale, rounds), note, state)


def fit(picture: Tensor, side: int) -> Tensor:
    """Resize to a longer side of `side` pixels, the shape kept; a very long picture is at least 16 pixels wide."""
    height, width = picture.shape[2:]
    scale = side / max(height, width)
    return resize(picture, max(16, round(height * scale)), max(16, round(width * scale))).clamp(0, 1)


def _lay(style: Tensor, goal: Tensor, stroke: float, seen: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """The style picture at the scale at which what is seen of it covers `stroke` squared times the area of the goal.

    And which of its pixels are seen.
    """
    there = style.shape[2] * style.shape[3] * (1.0 if seen is None else seen.mean().item())
    scale = stroke * math.sqrt(goal.shape[2] * goal.shape[3] / there)
    height, width = (max(16, round(side * scale)) for side in style.shape[2:])
    laid = resize(style, height, width).clamp(0, 1)
    return laid, None if seen is None else (resize(seen, height, width) > 0.5).to(style)


def resize(picture: Tensor, height: int, width: int) -> Tensor:
    """Resize [N, C, h, w], bicubic, on the CPU: rare enough, and not every device has it."""
    resized = F.interpolate(picture.cpu(), (height, width), mode="bicubic", antialias=True, align_corners=False)
    return resized.to(picture)


def _look_on_the_way_back(loss: Tensor, check_stop: Callable[[], None]) -> None:
    """Have `check_stop` called between the parts of a backward pass, which is longer than the way there."""
    seen: set[Node] = set()
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            node.register_prehook(lambda _: check_stop())
            waiting += [each for each, _ in node.next_functions]


def _descend(
    objective: Objective | TrainedObjective, x: Tensor, rounds: int, check_stop: Callable[[], None]
) -> Iterator[tuple[int, Tensor]]:
    """L-BFGS from x: (iterations made, picture) after every chunk. Ends early where the numbers do."""
    x = x.clone().requires_grad_(True)
    exact = {"tolerance_grad": 0, "tolerance_change": 0}
    memory = 20 if x.numel() < 1e6 else 8
    optimiser = torch.optim.LBFGS([x], history_size=memory, line_search_fn="strong_wolfe", **exact)

    def closure() -> Tensor:
        check_stop()
        optimiser.zero_grad()
        loss = objective(x)
        _look_on_the_way_back(loss, check_stop)
        loss.backward()
        return loss

    best, count = x.detach().clone(), 0
    while count < rounds:
        chunk = min(CHUNK, rounds - count)
        optimiser.param_groups[0].update(max_iter=chunk, max_eval=chunk + chunk // 4 + 1)
        with torch.enable_grad():
            optimiser.step(closure)
        if not torch.isfinite(x).all():
            break
        best, count = x.detach().clone(), count + chunk
        yield count, best
    if count < rounds:
        yield rounds, best


def _repaint(x: Tensor, patches: StylePatches | None, pace: int, votes: int) -> Tensor:
    """Colours from pieces of the style picture; of the light, part stays, because voting blunts fine strokes."""
    if patches is None:
        return x
    pieces = to_opponent(patches.repaint(to_rgb(x).clamp(0, 1), pace, votes))
    return torch.cat([torch.lerp(pieces[:, :1], x[:, :1], LIGHT_KEPT), pieces[:, 1:]], 1)


def _shown(x: Tensor, content: Tensor, settings: Settings) -> Tensor:
    """RGB in 0..1; with ``colours="light"`` the colours are the photograph's own."""
    if settings.colours == "light":
        own = to_opponent(resize(content, x.shape[2], x.shape[3]).clamp(0, 1))
        x = torch.cat([x[:, :1], own[:, 1:]], 1)
    return to_rgb(x).clamp(0, 1)


def _plan(settings: Settings) -> list[tuple[int, int]]:
    """(longer side, iterations) of every scale, coarse to fine."""
    return [(side, max(4, settings.effort >> k)) for k, side in enumerate(scales(settings.size))]


def _share(plan: list[tuple[int, int]], scale: int, count: int) -> float:
    """Share of the work done, by pixels times iterations."""
    total = sum(side * side * (rounds + 6) for side, rounds in plan)
    past = sum(side * side * (rounds + 6) for side, rounds in plan[:scale])
    return min(0.999, (past + plan[scale][0] ** 2 * count) / total)
