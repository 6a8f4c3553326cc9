"""What the judges of the puppet world say of an edit.

They were trained on rendered puppets, and know nothing of photographs: where they see no puppet they give no number.
None of these numbers is ArcFace's, LPIPS's or any other network's, and none may be compared with those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from metrics.pictures import remembered, rgb
from metrics.registry import Pixels, metric
from nets.judges import FeatureDistance, Judges, Reading, from_contents, read
from nets.judges.reading import resample, to_square

JUDGES = "puppets_judges"
NETS: dict[str, Callable[[Any], Any]] = {JUDGES: from_contents}
"""Makes each network that a metric asks for, of what a reader of weight files returned."""

JOINED: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {}
"""Networks that are put together from several of `NETS`, each with a file of its own."""

INSTALLED: dict[str, Callable[[], Any]] = {}
"""Parts of `JOINED` that Python packages bring along; each gives None where its package is not installed."""

KEPT = ("result", "subject")
LEAST_BACKGROUND = 0.02  # of the picture; less says nothing


@metric("identity", "Puppet identity (ours)", better="higher", needs=KEPT, net=JUDGES)
def identity(result: Pixels, subject: Pixels, judges: Judges) -> float:
    """Cosine of the shapes of the two faces, 1 for the same; our own judge, for puppets only."""
    found = _both(judges, result, subject)
    return math.nan if found is None else (found[0].identity * found[1].identity).sum().item()


@metric("attribute_change", "Attributes changed (ours)", unit="%", better="lower", needs=KEPT, net=JUDGES)
def attribute_change(result: Pixels, subject: Pixels, judges: Judges) -> float:
    """Mean change of the renderer's controls, as a share of their ranges; read by our own judge."""
    changes = _changes(judges, result, subject)
    return math.nan if changes is None else changes.mean().item()


@metric("aimed_change", "Attribute aimed at (ours)", unit="%", better="higher", needs=KEPT, net=JUDGES, aims=True)
def aimed_change(result: Pixels, subject: Pixels, judges: Judges, aimed: Sequence[str]) -> float:
    """How far the attributes that were to change did, as a share of their ranges; read by our own judge."""
    return _of_aims(judges, result, subject, aimed, True)


@metric("collateral_change", "Changed besides (ours)", unit="%", better="lower", needs=KEPT, net=JUDGES, aims=True)
def collateral_change(result: Pixels, subject: Pixels, judges: Judges, aimed: Sequence[str]) -> float:
    """Mean change of all other attributes, as a share of their ranges; read by our own judge."""
    return _of_aims(judges, result, subject, aimed, False)


@metric("background_change", "Background changed (ours)", unit="levels", better="lower", needs=KEPT, net=JUDGES)
def background_change(result: Pixels, subject: Pixels, judges: Judges) -> float:
    """Mean difference, 0 to 255, where both pictures show background and no puppet; parted by our own judge."""
    found = _both(judges, result, subject)
    if found is None:
        return math.nan
    number, size = judges.config.parts.index("background"), judges.config.size
    shared = torch.minimum(*(each.parts[:, number : number + 1].float().cpu() for each in found))
    outside = torch.nn.functional.interpolate(shared, (size, size), mode="bilinear", align_corners=False)[0, 0] > 0.5
    if outside.float().mean() < LEAST_BACKGROUND:
        return math.nan
    one, two = (resample(to_square(rgb(picture))[0], size)[0] for picture in (result, subject))
    return float(255 * (one - two).abs().mean(0)[outside].mean().item())


@metric("landmark_distance", "Landmarks moved (ours)", unit="px at 256", better="lower", needs=KEPT, net=JUDGES)
def landmark_distance(result: Pixels, subject: Pixels, judges: Judges) -> float:
    """Mean distance of the landmarks seen in both pictures, in pixels of a picture 256 high; read by our own judge."""
    if _both(judges, result, subject) is None:
        return math.nan
    found = [_careful(picture, judges) for picture in (result, subject)]
    scale = [256 / max(picture.shape[:2]) for picture in (result, subject)]
    away = (found[0].landmarks[0] * scale[0] - found[1].landmarks[0] * scale[1]).norm(dim=1)
    seen = found[0].visibility[0] * found[1].visibility[0]
    return float(((away * seen).sum() / seen.sum().clamp(min=1e-6)).item())


@metric("puppet_features", "Puppet features (ours)", better="lower", needs=KEPT, net=JUDGES)
def puppet_features(result: Pixels, subject: Pixels, judges: Judges) -> float:
    """Distance of our own judge's features, 0 for equal pictures; a perceptual distance, but not LPIPS."""
    if _reading(subject, judges).present[0] < 0.5:
        return math.nan
    pictures = [_picture(judges, pixels) for pixels in (result, subject)]
    with torch.no_grad():
        size = judges.config.size
        made, wanted = (
            torch.nn.functional.interpolate(x, (size, size), mode="bilinear", antialias=True) for x in pictures
        )
        return float(FeatureDistance(judges)(made, wanted).item())


def _changes(judges: Judges, result: Pixels, subject: Pixels) -> Tensor | None:
    """Change of every control in percent of its range; None where a puppet is missing."""
    found = _both(judges, result, subject)
    if found is None:
        return None
    span = torch.tensor(judges.config.high) - torch.tensor(judges.config.low)
    return 100 * (found[0].controls[0] - found[1].controls[0]).cpu().abs() / span


def _of_aims(judges: Judges, result: Pixels, subject: Pixels, aimed: Sequence[str], inside: bool) -> float:
    """Mean change of the controls that were aimed at, or of the others; NaN if the judge reads none of the aims."""
    controls = judges.config.controls
    at = torch.tensor([name in aimed for name in controls])
    if not at.any():
        return math.nan
    changes = _changes(judges, result, subject)
    return math.nan if changes is None else changes[at == inside].mean().item()


@remembered
def _reading(picture: Pixels, judges: Judges) -> Reading:
    with torch.no_grad():
        return read(judges, _picture(judges, picture))


@remembered
def _careful(picture: Pixels, judges: Judges) -> Reading:
    with torch.no_grad():
        return read(judges, _picture(judges, picture), careful=True)


def _both(judges: Judges, result: Pixels, subject: Pixels) -> tuple[Reading, Reading] | None:
    """What the judges read in both, or None where they do not see a puppet in each."""
    one, two = _reading(result, judges), _reading(subject, judges)
    return (one, two) if min(one.present.item(), two.present.item()) >= 0.5 else None


def _picture(judges: Judges, pixels: Pixels) -> Tensor:
    return (rgb(pixels) * 2 - 1).to(next(judges.parameters()).device)
