"""Movement from landmarks that are read in both pictures: robust where the likeness is poor, for turns and smiles."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.flow import box
from nets.judges import Judges, read
from nets.warp import thin_plates

SEEN = 0.4  # visibility from which a landmark counts, in both pictures
SURE = 0.5  # that there is a face at all
STIFFNESS, STIFF = 2e-4, 0.5
"""How little the plate bends to a single landmark's error, in squared shares of the side; and where only the head as a
whole is to move."""
RIM = 5  # knots along each side that hold the rim
EYES, MOUTH = (range(36, 42), range(42, 48)), range(60, 68)
"""Of iBUG's 68: what lies around each eye, and around what shows between the lips."""
LEAST_OPEN = 0.03
"""What landmarks of something closed still leave between them, as area over squared width."""
NOT_HEAD = ("background", "cloth")
GLASSES = 0.015
"""Share of a face's square that is glasses, where a face wears some."""

ASTRAY = 0.3
"""How far landmarks of an eye may lie from where a detector has it, in eye distances. Of 158 squares of photographs and
paintings, 19 were further off: profiles, drawings, dark glasses, veils of hair."""
COLOURFUL = (0.03, 0.06)
"""A picture's mean distance between its strongest and weakest channel: below it is black and white, above it is not."""
GREY, SKIN = torch.tensor([0.299, 0.587, 0.114]), torch.tensor([1.18, 0.97, 0.86])
"""What the channels count in grey, and a skin's tone of lightness 1."""


class Face(NamedTuple):
    """One picture's: how surely there is a face, places [n, 2] in shares of the side, which count, head [h, w].

    glasses [h, w]: how surely there are glasses at a place, 0..1.
    """

    present: float
    places: Tensor
    counts: Tensor
    head: Tensor
    glasses: Tensor

    @property
    def eyes(self) -> list[Tensor]:
        """The landmarks of both eyes, [6, 2] each."""
        return [self.places[list(eye)] for eye in EYES]

    @property
    def wears_glasses(self) -> bool:
        """Whether there are any worth the name."""
        return self.glasses_share > GLASSES

    @property
    def glasses_share(self) -> float:
        """Which share of the square is glasses, 0..1."""
        return _share(self.glasses)


class Marks(NamedTuple):
    """Landmarks in both pictures, in shares of the side: before, after [n, 2], which count [n], and what is head.

    head [h, w]: how much of the picture is head in either of them, 0..1. glasses [2, h, w]: how surely there are some
    before and after, 0..1, where they are put on; else None.
    """

    before: Tensor
    after: Tensor
    counts: Tensor
    head: Tensor
    glasses: Tensor | None = None


@torch.no_grad()
def seen(judges: Judges, picture: Tensor, careful: bool = True) -> Face:
    """What the judges see in a picture [3, s, s] in 0..1; careful: four looks instead of one."""
    found = read(judges, _tinted(picture)[None] * 2 - 1, careful=careful)
    names = judges.config.parts
    away = [names.index(name) for name in NOT_HEAD if name in names]
    places = found.landmarks[0] / picture.shape[-1]
    head = 1 - found.parts[0, away].sum(0)
    glasses = found.parts[0, names.index("glasses")] if "glasses" in names else torch.zeros_like(head)
    return Face(float(found.present), places, found.visibility[0] > SEEN, head, glasses)


def _tinted(picture: Tensor) -> Tensor:
    """A black-and-white picture [3, h, w] in a skin's tone; one with colours as it is.

    The judges learnt from colours alone: shadows around grey eyes are glasses to them; in a skin's tone they are not.
    """
    colours = float((picture.amax(0) - picture.amin(0)).mean())
    share = min(1.0, max(0.0, (COLOURFUL[1] - colours) / (COLOURFUL[1] - COLOURFUL[0])))
    if share == 0:
        return picture
    grey = (picture * GREY[:, None, None]).sum(0)
    return torch.lerp(picture, (grey * SKIN[:, None, None]).clamp(0, 1), share)


def compared(before: Face, after: Face) -> Marks | None:
    """The marks of two pictures; None where one of them shows no face."""
    if min(before.present, after.present) < SURE:
        return None
    head = torch.maximum(before.head, after.head)
    put_on = not before.wears_glasses or _share(after.glasses) - _share(before.glasses) > GLASSES
    glasses = torch.stack([before.glasses, after.glasses]) if put_on and after.wears_glasses else None
    return Marks(before.places, after.places, before.counts & after.counts, head, glasses)


def _share(glasses: Tensor) -> float:
    return float((glasses > 0.5).float().mean())


def marks_of(judges: Judges, before: Tensor, after: Tensor) -> Marks | None:
    """What the judges see in two pictures [3, s, s] in 0..1; None where they see no face in one of them."""
    return compared(seen(judges, before), seen(judges, after))


def plates(marks: Marks, places: Tensor, loose: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Where places [..., 2] of the picture after were before, less themselves, in shares of the side.

    First the head as a whole (`STIFF`), then with each landmark (`STIFFNESS`). loose: landmarks [n] that are not to
    move anything.
    """
    counts = marks.counts if loose is None else marks.counts & ~loose
    knots, values = marks.after[counts], (marks.before - marks.after)[counts]
    share = torch.linspace(0, 1, RIM)
    rim = torch.stack(torch.meshgrid(share, share, indexing="ij"), -1).view(-1, 2)
    rim = rim[((rim == 0) | (rim == 1)).any(1)]
    knots, values = torch.cat([knots, rim]), torch.cat([values, torch.zeros_like(rim)])
    whole, each = thin_plates(places, knots, values, (STIFF, STIFFNESS))
    return whole.float(), each.float()


def travel(marks: Marks) -> float:
    """How far a face has moved: the median of its landmarks' ways, in distances between the eyes."""
    if not bool(marks.counts.any()):
        return 0.0
    left, right = (marks.before[list(eye)].mean(0) for eye in EYES)
    ways = (marks.after - marks.before)[marks.counts].norm(dim=1)
    return float(ways.median() / (right - left).norm().clamp(min=1e-3))


def astray(own: Tensor, known: Tensor) -> bool:
    """Whether eyes [2, 2] are elsewhere than a detector has them: landmarks are then not to be believed."""
    apart = (known[1] - known[0]).norm().clamp(min=1e-6)
    return bool(((own - known).norm(dim=1) > ASTRAY * apart).any())


def opened(marks: Marks, numbers: range) -> float:
    """How far open an eye or the mouth is afterwards for what it was before: 1 is as before."""
    before, after = (openness(places, numbers) for places in (marks.before, marks.after))
    return (after + LEAST_OPEN) / (before + LEAST_OPEN)


def openness(places: Tensor, numbers: range) -> float:
    """How far open an eye or the mouth is: its area over its squared width."""
    across = (places[numbers[len(numbers) // 2]] - places[numbers[0]]).norm().clamp(min=1e-3)
    return float(_area(places[list(numbers)]) / across.square())


def _area(points: Tensor) -> Tensor:
    """Of a polygon [n, 2]."""
    x, y = points.T
    return (x * y.roll(-1) - y * x.roll(-1)).sum().abs() / 2


def inside(points: Tensor, side: int, grow: float) -> Tensor:
    """A soft spot over the points [n, 2] (shares of the side), [side, side] in 0..1: their ellipse, grown so much."""
    middle, spread = points.mean(0), points - points.mean(0)
    covariance = spread.T @ spread / len(points) * 2 + 1e-6 * torch.eye(2)
    at = (torch.arange(side) + 0.5) / side
    places = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1) - middle
    far = (places @ torch.linalg.inv(covariance) * places).sum(-1).clamp(min=0).sqrt()
    return (1 + (1 + grow - far) / 0.5).clamp(0, 1)


def soft_head(marks: Marks, side: int) -> Tensor:
    """Where movement may be, [side, side]: the head and a soft border around it."""
    head = F.interpolate(marks.head[None, None], (side, side), mode="bilinear", align_corners=False)
    reach = side // 16
    grown = F.max_pool2d((head > 0.5).float(), (1, 2 * reach + 1), 1, (0, reach))
    grown = F.max_pool2d(grown, (2 * reach + 1, 1), 1, (reach, 0))
    for _ in range(3):
        grown = box(grown, side // 32)
    return grown[0, 0].clamp(0, 1)
