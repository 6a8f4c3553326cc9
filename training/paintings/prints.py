"""Style pictures of graphic art: woodcut, pencil, colour woodblock, gouache poster."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.paintings.canvas import (
    Array,
    Rng,
    blur,
    colour,
    from_image,
    grid,
    landscape,
    noise,
    over,
    palette,
    ramp,
    ridge,
    step,
    still_life,
)

N = 1024


def woodcut(rng: Rng) -> Array:
    """Woodcut: mountains and a rayed sun, black ink, every tone a swelling line of the gouge."""
    x, y = grid(N)
    tone = np.full((N, N), 0.82) - 0.25 * (1 - y)
    angle_lines = np.arctan2(y - 0.24, x - 0.66) * 26 / math.pi * 2 + 0.25 * noise(N, rng, 4, 2)
    sun = np.hypot(x - 0.66, y - 0.24)
    tone = np.where(sun < 0.1, 1.0, tone + 0.2 * np.exp(-((sun / 0.25) ** 2)))
    phase = angle_lines.copy()
    border = np.zeros((N, N))
    for k, (level, height) in enumerate(((0.5, 0.24), (0.66, 0.16), (0.82, 0.1))):
        line = ridge(N, rng, level, height, 2 + k, 5)[None, :]
        inside = y > line
        slope = np.gradient(blur(np.repeat(line, N, 0), 3)[0]) * N
        light = 0.55 - 0.3 * slope[None, :] + 0.45 * (noise(N, rng, 6, 4) - 0.5) - 0.5 * np.clip(y - line - 0.16, 0, 1)
        hatch = 62 * ((y - line) * (1 - 0.1 * k) + (0.55 - 0.3 * k) * x) + 2.4 * noise(N, rng, 4, 3)
        tone, phase = np.where(inside, light, tone), np.where(inside, hatch, phase)
        border = np.maximum(np.where(inside, 0, border), np.abs(y - line) < 0.0045)
    wave = 0.5 + 0.5 * np.cos(2 * math.pi * phase)
    grain = noise(N, rng, 70, 2, stretch=9)
    cut = step(wave * 0.8 + 0.1 + 0.14 * (grain - 0.5), 1 - np.clip(tone, 0.06, 1.1), 0.07)
    frame = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    ink_on = np.maximum(1 - cut, border) * (frame > 0.02)
    worn = step(noise(N, rng, 120, 2), 0.2, 0.12)
    paper = np.ones((N, N, 3)) * colour("#efe4c9") * (0.96 + 0.07 * noise(N, rng, 40, 3))[..., None]
    return over(paper, colour("#16120f"), blur(ink_on, 1) * worn * 0.96)


def pencil(rng: Rng) -> Array:
    """Graphite: a still life in crossed pencil hatching on toothed paper."""
    grey = palette("#9a9a9a", "#d8d8d8", "#8a8a8a", "#c4c4c4", "#e2e2e2", "#6e6e6e")
    view = still_life(
        N, rng, palette("#e6e6e6", "#b8b8b8", "#777777"), palette("#dddddd", "#aaaaaa", "#666666"), grey
    ).mean(-1)
    view = np.clip((view - 0.2) * 1.05, 0, 1)
    marks = np.zeros((N, N))
    for angle, limit in ((-0.85, 0.82), (0.75, 0.58), (-0.1, 0.4), (1.6, 0.25)):
        layer = Image.new("L", (N, N), 0)
        draw = ImageDraw.Draw(layer)
        for px, py in rng.uniform(0, N, (5200, 2)):
            dark = limit - view[int(py), int(px)]
            if dark <= 0:
                continue
            a, length = angle + rng.normal(0, 0.06), rng.uniform(24, 60)
            dx, dy = math.cos(a) * length / 2, math.sin(a) * length / 2
            draw.line(
                [(px - dx, py - dy), (px + dx, py + dy)],
                fill=int(np.clip(90 + 260 * dark + rng.normal(0, 25), 30, 235)),
                width=2,
            )
        marks = 1 - (1 - marks) * (1 - 0.62 * from_image(layer))
    gy, gx = np.gradient(blur(view, 2))
    outline = np.clip(np.hypot(gx, gy) * 26 - 0.3, 0, 0.75)
    tooth = 0.55 + 0.75 * noise(N, rng, 190, 2, 0.8)
    load = np.clip(np.maximum(blur(marks, 1), outline) * tooth, 0, 0.93)
    paper = np.ones((N, N, 3)) * colour("#f5f1e6") * (0.97 + 0.04 * noise(N, rng, 120, 2))[..., None]
    return over(paper, colour("#2b2c30"), load)


def waves(rng: Rng) -> Array:
    """Colour woodblock: rolling waves with clawed foam under a graded sky, flat inks and dark outlines."""
    x, y = grid(N)
    fibres = noise(N, rng, 80, 2, stretch=8)
    picture = ramp(np.clip(1.9 * y, 0, 1), palette("#d9b98a", "#efe0bd", "#f4ead0"))
    far = np.clip(1 - np.abs(x - 0.62) / 0.24, 0, 1)
    peak = y > 0.52 - 0.15 * far**1.25
    picture = over(picture, colour("#53708c"), peak.astype(float))
    snow = peak & (y < 0.43 + 0.018 * np.abs((x * 30) % 2 - 1))
    picture = over(picture, colour("#f6f0de"), snow.astype(float))
    inks = palette("#1e3f66", "#2f6690", "#7fa9bd", "#c9d9d2")
    for k, (base, size, shift) in enumerate(
        ((0.5, 0.1, 0.15), (0.6, 0.15, 0.62), (0.73, 0.19, 0.05), (0.9, 0.17, 0.45))
    ):
        period = 0.62 - 0.05 * k
        u = ((x - shift) / period) % 1
        hump = np.where(
            u < 0.62,
            np.sin(np.clip(u / 0.62, 0, 1) * math.pi / 2) ** 1.7,
            np.cos(np.clip((u - 0.62) / 0.38, 0, 1) * math.pi / 2) ** 0.6,
        )
        crest = base - size * hump + 0.006 * np.sin(40 * x + k)
        depth = y - crest
        inside = depth > 0
        bands = ((depth - 0.035 * np.sin(u * 2 * math.pi)) * (21 - 2 * k) + 1.1 * u) % 1
        body = np.where(
            (bands < 0.45)[..., None], inks[(k + 1) % 2], np.where((bands < 0.75)[..., None], inks[2], inks[0])
        )
        picture = np.where(inside[..., None], body, picture)
        picture = over(
            picture,
            colour("#12233a"),
            np.exp(-((depth / 0.0035) ** 2)) + 0.6 * np.exp(-(((bands - 0.45) / 0.035) ** 2)) * inside,
        )
        foam = Image.new("L", (N, N), 0)
        rim = Image.new("L", (N, N), 0)
        draw, edge = ImageDraw.Draw(foam), ImageDraw.Draw(rim)
        for px in np.arange(0, N, 7):
            near = u[0, px]
            if not 0.36 < near < 0.9:
                continue
            for _ in range(3):
                r = rng.uniform(5, 15) * (1 - abs(near - 0.64))
                cx, cy = px + rng.normal(0, 7), crest[0, px] * N + rng.normal(4, 9) + max(0.0, near - 0.62) * 60
                edge.ellipse((cx - r - 2.5, cy - r - 2.5, cx + r + 2.5, cy + r + 2.5), fill=255)
                draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=255)
        picture = over(picture, colour("#1b3350"), from_image(rim))
        picture = over(picture, colour("#f7f1e1"), from_image(foam))
    return picture * (0.93 + 0.1 * fibres)[..., None]


def fields(rng: Rng) -> Array:
    """Gouache: flat poster landscape in layered, softly grained shapes of sunset colour."""
    view = landscape(
        N,
        rng,
        palette("#2b2350", "#a23a6a", "#f2885a", "#ffd98a"),
        palette("#b0507a", "#7a3670", "#43265c", "#1d1638"),
        (0.38, 0.4, 0.09),
        colour("#ffe9b0"),
        6,
        0.5,
        0.12,
    )
    flat = np.round(view * 9) / 9
    grain = noise(N, rng, 220, 1)
    return np.clip(0.35 * view + 0.65 * flat + 0.06 * (grain - 0.5)[..., None], 0, 1)
