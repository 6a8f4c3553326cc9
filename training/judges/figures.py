"""How well the judges judge: errors against exact labels, in units that mean something."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nets.judges import Judges, JudgesConfig, Reading, read
from training.judges.data import Batch
from training.puppets.landmarks import GROUPS
from training.puppets.paint import PARTS

ENOUGH = 5
"""Pictures that show a control, below which its variance says nothing."""
DEGREES = ("yaw", "pitch", "roll")
"""Controls in radians that are reported in degrees."""


@torch.no_grad()
def readings(judges: Judges, pictures: Tensor, chunk: int = 32, careful: bool = False) -> Reading:
    """What the judges say of pictures; `nets.judges.read` says what ``careful`` means."""
    columns = zip(*(read(judges, piece, careful) for piece in pictures.split(chunk)), strict=True)
    return Reading(*(torch.cat(column) for column in columns))


def figures(found: Reading, truth: Batch, config: JudgesConfig) -> dict[str, Any]:
    """All errors. Landmarks are in pixels of a 256 pixel picture, whatever the judges' own size is."""
    size = config.size
    off = (found.landmarks - (truth.points + 1) * size / 2).norm(dim=2) * (256 / size)
    seen = truth.visible
    by_group = {
        name: round(off[:, list(rows)][seen[:, list(rows)]].median().item(), 3) for name, rows in GROUPS.items()
    }
    labels = truth.parts
    parts = torch.cat([
        functional.interpolate(piece, labels.shape[1:], mode="bilinear").argmax(1) for piece in found.parts.split(32)
    ])  # fmt: skip
    iou = part_iou(parts, labels)
    rows = control_figures(found.controls, truth, config)
    rated = [row["r2"] for row in rows.values()]
    return {
        "landmark_px": round(off.median().item(), 3),
        "landmark_visible_px": round(off[seen].median().item(), 3),
        "landmark_mean_px": round(off.mean().item(), 3),
        "landmark_95_px": round(off.flatten().quantile(0.95).item(), 3),
        "landmark_expected_px": round(found.error.median().item() * 256 / size, 3),
        "landmark_px_by_group": by_group,
        "visibility_accuracy": round(((found.visibility > 0.5) == seen).float().mean().item(), 4),
        "part_accuracy": round((parts == labels).float().mean().item(), 4),
        "part_iou": round(sum(iou.values()) / len(iou), 4),
        "part_iou_by_part": iou,
        "control_r2": round(sum(rated) / max(1, len(rated)), 4),
        "controls": rows,
    }


def careful_figures(judges: Judges, truth: Batch) -> dict[str, float]:
    """Errors of landmarks that are read carefully: medians of all, and of those that can be seen, in pixels at 256."""
    found = readings(judges, truth.pictures, careful=True).landmarks * (2 / truth.pictures.shape[-1]) - 1
    off = (found - truth.points).norm(dim=2) * 128
    return {
        "landmark_px": round(off.median().item(), 3),
        "landmark_visible_px": round(off[truth.visible].median().item(), 3),
        "landmark_mean_px": round(off.mean().item(), 3),
    }


def part_iou(found: Tensor, labels: Tensor) -> dict[str, float]:
    """Intersection over union of each part that occurs, over all pictures together."""
    rows = {}
    for number, name in enumerate(PARTS):
        ours, theirs = found == number, labels == number
        if theirs.any():
            rows[name] = round(((ours & theirs).sum() / (ours | theirs).sum()).item(), 3)
    return rows


def control_figures(found: Tensor, truth: Batch, config: JudgesConfig) -> dict[str, dict[str, float]]:
    """R² and mean absolute error of each control where it can be seen; pose in degrees, the rest in its own units.

    ``floor`` is the error of always saying the mean. Controls that fewer than `ENOUGH` pictures show are left out.
    """
    low, high = torch.tensor(config.low), torch.tensor(config.high)
    wanted, weight = low + (truth.controls + 1) / 2 * (high - low), truth.relevance
    mean = (wanted * weight).sum(0) / weight.sum(0).clamp(min=1e-6)
    rows = {}
    for column, name in enumerate(config.controls):
        unit = math.degrees(1) if name in DEGREES else 1.0
        w, error = weight[:, column], found[:, column] - wanted[:, column]
        if w.sum() < ENOUGH:
            continue
        spread = (w * (wanted[:, column] - mean[column]).square()).sum().clamp(min=1e-9)
        total = w.sum().clamp(min=1e-6)
        rows[name] = {
            "r2": round(1 - ((w * error.square()).sum() / spread).item(), 3),
            "mae": round(unit * ((w * error.abs()).sum() / total).item(), 4),
            "floor": round(unit * ((w * (wanted[:, column] - mean[column]).abs()).sum() / total).item(), 4),
        }
    return rows
