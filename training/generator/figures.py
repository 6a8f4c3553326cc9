"""What a generator in training draws of puppets that it never saw: figures for the log."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.controls import features
from training.dataset import Dataset
from training.generator.control_readout import Reading
from training.generator.losses import high_frequency, psnr, psnr_by_part
from training.generator.student import Student


@torch.no_grad()
def drawn_figures(net: Student, data: Dataset, count: int, size: int, full: int) -> tuple[dict[str, Any], Tensor]:
    """PSNR, also by part, and share of high-frequency energy at ``full`` pixels of what is drawn at ``size``.

    Over the first ``count`` pictures of a set; with them come sixteen renders and what was drawn of them.
    """
    made, wanted, parts, device = [], [], [], net.spread.device
    held = data.finished()[:count]
    for index in np.split(held, range(16, len(held), 16)):
        params, images, numbers = data.batch(index)
        with torch.autocast(device.type, torch.bfloat16):
            drawn = net.draw(features(params).to(device), size).cpu()
        made.append(functional.interpolate(drawn, size=full, mode="bilinear") if size < full else drawn)
        wanted.append(images)
        parts.append(numbers)
    a, b, c = torch.cat(made), torch.cat(wanted), torch.cat(parts)
    sharp = round(high_frequency(a.clamp(-1, 1)) / high_frequency(b), 3)
    return {"psnr": round(psnr(a, b), 3), "sharp": sharp, "parts": psnr_by_part(a, b, c)}, torch.cat([b[:16], a[:16]])


@torch.no_grad()
def smaller_figures(net: Student, data: Dataset, count: int, reading: Reading | None) -> dict[str, Any]:
    """The same of the smaller picture that another set teaches, and how much of the controls w shows."""
    params, wanted, _ = data.batch(data.finished()[:count])
    seen, size = features(params).to(net.spread.device), wanted.shape[-1]
    with torch.autocast(seen.device.type, torch.bfloat16):
        made = torch.cat([net.draw(rows, size).cpu() for rows in seen.split(16)]).clamp(-1, 1)
    found: dict[str, Any] = {"psnr_smaller": round(psnr(made, wanted), 3)}
    found["sharp_smaller"] = round(high_frequency(made) / high_frequency(wanted), 3)
    if reading is not None:
        found["read"] = round(reading.explained(net.controls, seen), 3)
    return found
