"""Style pictures made with a brush: impasto, dots, washes, ink."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.paintings.canvas import (
    Array,
    Rng,
    blur,
    brush,
    colour,
    from_image,
    grid,
    landscape,
    noise,
    over,
    palette,
    ramp,
    relief,
    ridge,
    step,
    still_life,
)

N = 1024


def night(rng: Rng) -> Array:
    """Impasto: a swirling night sky over a village, in ultramarine and chrome yellow."""
    x, y = grid(N)
    sky = palette("#0c1a4a", "#173a8c", "#3f78c4", "#8fb8dc")
    view = ramp(np.clip(0.15 + 0.75 * y + 0.7 * (noise(N, rng, 3, 4, stretch=2) - 0.5), 0, 1), sky)
    dx, dy = np.ones((N, N)), 0.25 * np.sin(7 * x)
    swirls = [(0.34, 0.3, 0.16, 1), (0.56, 0.4, 0.13, -1), (0.84, 0.16, 0.12, 1), (0.12, 0.12, 0.09, -1)]
    for cx, cy, r, turn in swirls:
        u, v = x - cx, y - cy
        near = 3.0 * np.exp(-((np.hypot(u, v) / r) ** 2)) / r
        dx, dy = dx - turn * near * v, dy + turn * near * u
        arm = 0.5 + 0.5 * np.cos(np.hypot(u, v) / r * 9 - turn * np.arctan2(v, u))
        view = over(view, ramp(arm, palette("#1d4596", "#cfdde0")), 0.7 * np.exp(-((np.hypot(u, v) / r) ** 4)))
    for cx, cy, r in [
        (0.84, 0.16, 0.05),
        *zip(rng.uniform(0, 1, 9), rng.uniform(0, 0.45, 9), rng.uniform(0.014, 0.026, 9), strict=True),
    ]:
        d = np.hypot(x - cx, y - cy)
        ring = np.exp(-((d / (3 * r)) ** 2)) * (0.6 + 0.4 * np.cos(d / r * 3.4))
        view = over(view, colour("#f3d978"), np.clip(1.15 * ring, 0, 1))
        view = over(view, colour("#fff6cf"), 1 - step(d, r, 0.01))
    for k, tone in enumerate(palette("#2a5a9a", "#1d4677", "#12304f")):
        line = ridge(N, rng, 0.66 + 0.1 * k, 0.06, 2, 3)[None, :]
        view = over(view, tone * (0.75 + 0.6 * noise(N, rng, 6, 3))[..., None], step(y, line, 0.01))
        dx, dy = np.where(y > line, 1, dx), np.where(y > line, np.gradient(line[0])[None, :] * N * 0.8 + 0.1, dy)
    for _ in range(26):
        cx, cy = rng.uniform(0.28, 1), rng.uniform(0.8, 0.93)
        view = over(view, colour("#f0c452"), ((abs(x - cx) < 0.011) & (abs(y - cy) < 0.009)).astype(float))
    tree = np.abs(x - 0.12 - 0.02 * np.sin(14 * y)) < 0.07 * np.clip((y - 0.22) / 0.5, 0, 1) ** 0.7
    view = over(view, ramp(noise(N, rng, 14, 3), palette("#0a1712", "#2a4a2c")), tree.astype(float))
    dx, dy = np.where(tree, 0.35 * np.sin(22 * y), dx), np.where(tree, -1, dy)
    picture, thick = brush(view, np.arctan2(dy, dx), rng, [(900, 90, 26), (2600, 70, 15), (4200, 46, 9)], 0.05, 0.06)
    return relief(picture, thick, 1.1)


def dots(rng: Rng) -> Array:
    """Pointillism: a river bank in the afternoon, divided into pure dots."""
    x, y = grid(N)
    view = landscape(
        N,
        rng,
        palette("#7db4e6", "#bcd9ee", "#fbe9c0"),
        palette("#8fa8d8", "#6d9a5c", "#a8b83c", "#4c7a34"),
        (0.7, 0.16, 0.05),
        colour("#fff2b0"),
        4,
        0.4,
        0.07,
    )
    water = step(y, 0.56, 0.01) * (1 - step(y, 0.74 + 0.05 * np.sin(5 * x), 0.01))
    view = over(view, ramp(noise(N, rng, 5, 3, stretch=5), palette("#3c78b8", "#8cc0de", "#f4dca8")), water)
    for cx, cy, r in [(0.14, 0.4, 0.16), (0.3, 0.46, 0.1), (0.93, 0.42, 0.13)]:
        crown = 1 - step(np.hypot((x - cx) / 0.9, y - cy) + 0.06 * (noise(N, rng, 9, 3) - 0.5), r, 0.02)
        view = over(
            view,
            ramp(np.clip(0.5 + (x - cx + cy - y) / r * 0.5, 0, 1), palette("#1f4a4c", "#4f8a34", "#c8cc4a")),
            crown,
        )
    pure = palette(
        "#f6c324", "#e8632a", "#d83a5c", "#7a4fae", "#2f5fc0", "#3fa3d8", "#2f9a5a", "#a9c934", "#fbf3dc", "#27305e"
    )
    canvas = Image.new("RGB", (N, N), "#f4e8d0")
    draw = ImageDraw.Draw(canvas)
    for count, radius in ((9000, 10.0), (15000, 7.5), (16000, 5.5)):
        for px, py in rng.uniform(0, N, (count, 2)):
            want = view[int(py), int(px)] + rng.normal(0, 0.1, 3)
            score = np.sum((pure - want) ** 2, 1)
            nearest = pure[int(np.argmin(score))] if rng.random() < 0.5 else want
            r = radius * rng.uniform(0.75, 1.15)
            draw.ellipse((px - r, py - r, px + r, py + r), fill=tuple(int(v) for v in np.clip(nearest * 255, 0, 255)))
    return from_image(canvas)


def watercolour(rng: Rng) -> Array:
    """Watercolour: wet washes with dark rims, blooms and granulation on rough paper."""
    x, y = grid(N)
    paper = noise(N, rng, 90, 3, 0.7)
    picture = np.ones((N, N, 3)) * colour("#faf6ec")
    pigments = palette("#4a86b8", "#7fb2c4", "#e2a24a", "#cf5f5a", "#7a6aa8", "#4f9078", "#c98aa0", "#31517c")
    wobble = noise(N, rng, 5, 6) - 0.5
    for k in range(26):
        pigment = pigments[k % len(pigments)]
        cx, cy, r = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.08, 0.27)
        turn = rng.uniform(0, math.pi)
        u, v = (
            (x - cx) * math.cos(turn) + (y - cy) * math.sin(turn),
            (y - cy) * math.cos(turn) - (x - cx) * math.sin(turn),
        )
        shift = noise(N, rng, 4, 5) - 0.5
        d = np.hypot(u, v * rng.uniform(1, 2.2)) + 0.2 * r / 0.2 * (0.7 * shift + 0.5 * wobble)
        soft = rng.choice([0.008, 0.008, 0.09])
        inside = 1 - step(d, r, soft)
        rim = np.exp(-(((d - r + 0.006) / 0.007) ** 2)) if soft < 0.05 else 0
        bloom = 0.5 + 0.9 * (noise(N, rng, 3, 5) - 0.35)
        load = np.clip(inside * (0.5 * bloom + 0.16) + 0.34 * rim, 0, 1) * (0.82 + 0.36 * paper)
        picture = picture * (1 - load[..., None] * (1 - pigment))  # glazes multiply
    return relief(picture, paper, 0.35) * (0.97 + 0.05 * paper)[..., None]


def ink(rng: Rng) -> Array:
    """Sumi-e: mountains in mist, bamboo and a splash of ink on rice paper, one red seal."""
    x, y = grid(N)
    fibres = noise(N, rng, 60, 3, stretch=6)
    picture = np.ones((N, N, 3)) * colour("#efe8d8") * (0.96 + 0.06 * fibres)[..., None]
    black = colour("#15171a")
    for level, height, load in ((0.34, 0.16, 0.28), (0.48, 0.14, 0.42), (0.64, 0.1, 0.6)):
        line = ridge(N, rng, level, height, 3, 7)[None, :]
        depth = y - line
        streak = noise(N, rng, 20, 4, stretch=0.25)
        wash = np.exp(-np.clip(depth, 0, 1) / 0.09) * (depth > 0) * (0.45 + 0.9 * streak)
        edge = np.exp(-((depth / 0.006) ** 2)) * (noise(N, rng, 12, 3) > 0.4)
        picture = over(picture, black, np.clip(load * blur(np.clip(wash, 0, 1), 1) + 0.5 * load * edge, 0, 0.95))
    layer = Image.new("L", (N, N), 0)
    draw = ImageDraw.Draw(layer)
    for base, lean in ((0.78, 0.04), (0.87, -0.03), (0.94, 0.02)):
        for k in range(7):  # stems in segments, leaves at the knots
            y0, y1 = 1.02 - 0.15 * k, 0.895 - 0.15 * k
            width = 26 - 3 * k
            draw.line(
                [(N * (base + lean * k), N * y0), (N * (base + lean * (k + 0.85)), N * y1)],
                fill=150 + 10 * k,
                width=max(8, width),
            )
            for _ in range(4 if k > 1 else 0):
                a, length = rng.uniform(-0.7, 3.8), rng.uniform(90, 190)
                px, py = N * (base + lean * (k + 0.9)), N * y1
                tip = (px + length * math.cos(a), py + length * abs(math.sin(a)) * 0.9)
                mx, my = (px + tip[0]) / 2, (py + tip[1]) / 2
                draw.polygon(
                    [
                        (px, py),
                        (mx - 11 * math.sin(a), my + 11 * math.cos(a)),
                        tip,
                        (mx + 11 * math.sin(a), my - 11 * math.cos(a)),
                    ],
                    fill=int(rng.uniform(170, 250)),
                )
    for _ in range(240):
        spread = rng.exponential(0.09)
        a, r = rng.uniform(0, 2 * math.pi), rng.exponential(3.2) + 1
        px, py = N * (0.22 + spread * math.cos(a)), N * (0.82 + 0.8 * spread * math.sin(a))
        draw.ellipse((px - r, py - r, px + r, py + r), fill=int(rng.uniform(140, 255)))
    dry = 0.72 + 0.55 * noise(N, rng, 50, 2, stretch=0.4)
    picture = over(picture, black, np.clip(from_image(layer) * dry, 0, 0.97))
    seal = (abs(x - 0.1) < 0.032) & (abs(y - 0.12) < 0.04) & ~((abs((x * 90) % 2 - 1) < 0.25) & (abs(y - 0.12) < 0.028))
    return over(picture, colour("#b3261e"), seal * (0.7 + 0.3 * fibres))


def knife(rng: Rng) -> Array:
    """Palette knife: an autumn wood in slabs of warm paint."""
    x, y = grid(N)
    view = landscape(
        N,
        rng,
        palette("#5f86a8", "#e8c9a0", "#f7dfa6"),
        palette("#8a6a7c", "#c2602c", "#d8922c", "#7a2f22"),
        (0.3, 0.3, 0.05),
        colour("#fff0c0"),
        4,
        0.42,
        0.1,
    )
    crowns = noise(N, rng, 9, 4)
    leaves = ramp(crowns, palette("#5a1f1c", "#b8401f", "#e07a1f", "#f2b63a", "#f6dc7a"))
    view = over(
        view, leaves, 0.9 * step(noise(N, rng, 4, 4), 0.52, 0.1) * (1 - step(y, 0.72, 0.2)) * step(y, 0.08, 0.2)
    )
    for trunk in np.linspace(0.06, 0.95, 9) + rng.normal(0, 0.03, 9):
        w = rng.uniform(0.006, 0.018)
        bark = (np.abs(x - trunk - 0.015 * np.sin(6 * y + 20 * trunk)) < w) & (y < rng.uniform(0.7, 0.9))
        view = over(view, colour("#2c1c22") if rng.random() < 0.6 else colour("#e8dccb"), bark.astype(float))
    angle = (noise(N, rng, 5, 2) - 0.5) * 2.4 + np.where(y < 0.6, math.pi / 2, 0)
    angle = np.round(angle / (math.pi / 7)) * (math.pi / 7)  # a knife moves in straight cuts
    picture, thick = brush(view, angle, rng, [(700, 100, 60), (1500, 74, 40), (2200, 48, 24)], 0.07, 0.018)
    return relief(picture, thick, 1.5)


def oil(rng: Rng) -> Array:
    """Old-master oil: a vase and fruit in umber light, with fine strokes, varnish and craquelure."""
    fruit = palette("#3f6f74", "#b8402a", "#d8952c", "#8f2430", "#c7b23c", "#6a2a3c")
    view = still_life(N, rng, palette("#a8844c", "#5c4228", "#241810"), palette("#b0783c", "#6a4020", "#341c10"), fruit)
    dy, dx = np.gradient(blur(view.mean(-1), 10))
    angle = np.arctan2(dx, -dy) + 0.6 * (noise(N, rng, 4, 3) - 0.5)
    picture, thick = brush(view, angle, rng, [(1200, 60, 26), (3800, 46, 12), (6500, 26, 6)], 0.025, 0.025)
    cracks = np.abs(noise(N, rng, 26, 2) - 0.5) < 0.004
    return over(relief(picture, thick, 0.7), colour("#120c08"), 0.35 * blur(cracks.astype(float), 1)) * colour(
        "#fff3d8"
    )
