"""Style pictures that are patterns: woven cloth, marbled paper, a blueprint of contours."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.paintings.canvas import (
    Array,
    Rng,
    blur,
    colour,
    follow,
    from_image,
    grid,
    noise,
    over,
    palette,
    ramp,
)

N = 1024


def tartan(rng: Rng) -> Array:
    """Weave: a tartan blanket, every thread over two and under two."""
    threads = 128
    sett = [
        ("#12284a", 14),
        ("#8f1d24", 10),
        ("#12284a", 4),
        ("#e8dcc0", 2),
        ("#12284a", 4),
        ("#1f5a3c", 16),
        ("#d8a62a", 2),
        ("#1f5a3c", 8),
    ]
    line = np.concatenate([np.tile(colour(code), (count, 1)) for code, count in sett + sett[::-1]])
    line = np.tile(line, (3, 1))[:threads] + rng.normal(0, 0.02, (threads, 1))
    size = N // threads
    across, down = np.meshgrid(np.arange(N) // size, np.arange(N) // size)
    warp_on_top = ((across + down) % 4 < 2)[..., None]
    fx, fy = ((np.arange(N) % size) + 0.5) / size - 0.5, ((np.arange(N) % size) + 0.5) / size - 0.5
    u, v = np.meshgrid(fx, fy)
    body = np.where(
        warp_on_top[..., 0],
        1 - 2.4 * u**2 + 0.16 * np.sin(9 * v + 6 * u),
        1 - 2.4 * v**2 + 0.16 * np.sin(9 * u + 6 * v),
    )
    picture = np.where(warp_on_top, line[across], line[down])
    fuzz = noise(N, rng, 150, 2)
    folds = noise(N, rng, 2, 3)
    return np.clip(picture * (body * (0.78 + 0.4 * fuzz) * (0.75 + 0.5 * folds))[..., None] * 1.15, 0, 1)


def marbled(rng: Rng) -> Array:
    """Marbled paper: drops of ink on water, drawn through with a comb (Jaffer's mathematical marbling)."""
    x, y = grid(N)
    px, py = x.copy(), y.copy()

    def comb(px: Array, py: Array, vertical: bool, teeth: int, pull: float, sharp: float) -> tuple[Array, Array]:
        along, across = (py, px) if vertical else (px, py)
        phase = across * teeth
        distance = np.abs(phase - np.round(phase)) / teeth
        shift = pull * np.exp(-distance / sharp) * np.where(np.round(phase).astype(int) % 2, 1, -1)
        return (px, along - shift) if vertical else (along - shift, py)

    px, py = comb(px, py, False, 26, 0.03, 0.009)  # undo the strokes, last one first
    px, py = comb(px, py, True, 9, 0.11, 0.03)
    px, py = comb(px, py, False, 5, 0.16, 0.05)
    inks = palette("#16324f", "#c8402f", "#f2e6cf", "#2f7f86", "#e0a93a", "#7a2440", "#f2e6cf", "#101820")
    picture = np.ones((N, N, 3)) * colour("#f2e6cf")
    drops = [
        (rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1.1), rng.uniform(0.03, 0.085), inks[rng.integers(8)])
        for _ in range(240)
    ]
    laid = np.zeros((N, N), dtype=bool)
    for cx, cy, r, tone in reversed(drops):  # the last drop lies on top and pushes the earlier ones outwards
        dx, dy = px - cx, py - cy
        d2 = dx**2 + dy**2
        inside = (d2 < r * r) & ~laid
        picture[inside] = tone
        laid |= inside
        back = np.sqrt(np.clip(1 - r * r / np.maximum(d2, 1e-9), 0, None))
        px, py = np.where(laid, px, cx + dx * back), np.where(laid, py, cy + dy * back)
    return blur(picture, 1) * (0.96 + 0.06 * noise(N, rng, 80, 2))[..., None]


def contour(rng: Rng) -> Array:
    """Blueprint: white contour lines and construction circles on cyanotype blue."""
    x, y = grid(N)
    land = noise(N, rng, 3, 4)
    slope = np.hypot(*np.gradient(land)) * N
    levels = np.abs((land * 26) % 1 - 0.5)
    lines = np.exp(-(((0.5 - levels) / (0.02 * slope + 0.01)) ** 2)) * np.where(
        (land * 26).astype(int) % 5 == 0, 1.0, 0.6
    )
    mesh = np.maximum(np.exp(-((((x * 16) % 1 - 0.5) / 0.03) ** 2)), np.exp(-((((y * 16) % 1 - 0.5) / 0.03) ** 2)))
    sheet = Image.new("L", (N, N), 0)
    draw = ImageDraw.Draw(sheet)
    for _ in range(9):
        cx, cy = rng.uniform(0.1, 0.9, 2) * N
        for r in np.cumsum(rng.uniform(14, 44, 4)):
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), outline=int(rng.uniform(150, 255)), width=3)
        draw.line([(cx - 130, cy), (cx + 130, cy)], fill=200, width=2)
        draw.line([(cx, cy - 130), (cx, cy + 130)], fill=200, width=2)
    angle = np.arctan2(*np.gradient(land)) + math.pi / 2
    for px, py in rng.uniform(0, N, (120, 2)):
        path = follow(angle, px, py, 60)
        if len(path) > 1:
            draw.line([(a, b) for a, b, _ in path], fill=150, width=2)
    blue = ramp(
        np.clip(0.25 + 0.6 * noise(N, rng, 4, 5) - 0.3 * (np.hypot(x - 0.5, y - 0.5)), 0, 1),
        palette("#0b2a5c", "#164a94", "#2c6ab8"),
    )
    white = np.clip(0.85 * lines + 0.2 * mesh + 0.9 * from_image(sheet), 0, 1) * (0.75 + 0.35 * noise(N, rng, 60, 2))
    return over(blue, colour("#eaf3fb"), np.clip(white, 0, 0.95))
