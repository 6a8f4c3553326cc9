"""Style pictures that come from a craft: stained glass, mosaic, gold leaf."""

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
    noise,
    over,
    palette,
    ramp,
    relief,
    step,
)

N = 1024


def cells(points: Array, n: int = N) -> tuple[Array, Array, Array]:
    """Nearest of `points` [K, 2] for every pixel: its index, the distance to it, and how much farther the second is."""
    x, y = grid(n)
    first, second, index = np.full((n, n), 9.0), np.full((n, n), 9.0), np.zeros((n, n), dtype=np.int64)
    for k, (px, py) in enumerate(points):
        d = np.hypot(x - px, y - py)
        closer = d < first
        second = np.where(closer, first, np.minimum(second, d))
        index, first = np.where(closer, k, index), np.where(closer, d, first)
    return index, first, second - first


def glass(rng: Rng) -> Array:
    """Stained glass: a rose window of glowing panes held by lead."""
    x, y = grid(N)
    points, tones = [], []
    jewels = palette("#b3122a", "#123a9c", "#e8a813", "#1c7a4a", "#5a2390", "#d9541e", "#2aa0c8")
    for ring, (radius, count) in enumerate(
        [
            (0.0, 1),
            (0.085, 8),
            (0.16, 12),
            (0.235, 18),
            (0.31, 24),
            (0.39, 30),
            (0.47, 36),
            (0.56, 40),
            (0.65, 40),
            (0.74, 36),
        ]
    ):
        for k in range(count):
            a = 2 * math.pi * (k + 0.5 * (ring % 2)) / count
            points.append((0.5 + radius * math.cos(a), 0.5 + radius * math.sin(a)))
            tones.append(
                jewels[(ring * 2 + (k % 2) * (1 + ring % 3)) % len(jewels)] if ring < 6 else jewels[rng.integers(7)]
            )
    index, near, gap = cells(np.array(points) + rng.normal(0, 0.004, (len(points), 2)))
    picture = np.array(tones)[index]
    streaks = noise(N, rng, 10, 5, stretch=0.4)
    light = 1.25 - 0.7 * np.hypot(x - 0.5, y - 0.45) + 0.55 * (streaks - 0.5) - 3 * near
    picture = np.clip(picture * np.clip(light, 0.35, 1.6)[..., None] + 0.12 * np.clip(light - 1, 0, 1)[..., None], 0, 1)
    lead = 1 - step(gap, 0.011, 0.005)
    bar = 0.5 + 0.5 * np.cos(np.clip(gap / 0.011, 0, 1) * math.pi)
    return over(picture, colour("#1b1b20") * (0.7 + 0.9 * bar)[..., None], lead)


def mosaic(rng: Rng) -> Array:
    """Roman mosaic: a sun and waves laid in small stones that follow the drawing."""
    x, y = grid(N)
    sun = np.hypot(x - 0.5, y - 0.42)
    turn = np.arctan2(y - 0.42, x - 0.5)
    rays = 0.26 + 0.05 * np.abs(np.cos(7 * turn))
    waves = y - 0.76 - 0.035 * np.sin(18 * x)
    stones = palette("#e9e0cc", "#c9962f", "#b24a2a", "#2f5d7c", "#7fa8b0", "#3a2f2a", "#e2c46a")
    design = np.zeros((N, N), dtype=np.int64)
    design[(sun < rays)] = 1
    design[(sun < rays) & (sun > rays - 0.03)] = 2
    design[sun < 0.17] = 6
    design[(sun < 0.19) & (sun > 0.165)] = 5
    for k, tone in enumerate((3, 4, 0, 3, 4, 3, 4, 0)):
        design[waves > 0.042 * k - 0.02] = tone
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    design[edge < 0.06] = 5
    design[(edge < 0.05)] = np.where(((x * 20).astype(int) + (y * 20).astype(int)) % 2, 0, 2)[edge < 0.05]
    canvas, depth = Image.new("RGB", (N, N), "#8a8072"), Image.new("L", (N, N), 40)
    draw, lay = ImageDraw.Draw(canvas), ImageDraw.Draw(depth)
    size, radius = 17.0, 6.0
    places: list[tuple[float, float, float]] = []
    while radius < 0.72 * N * 1.2:  # rings round the sun
        count = max(6, int(2 * math.pi * radius / size))
        shift = rng.uniform(0, 1)
        for k in range(count):
            a = 2 * math.pi * (k + shift) / count
            places.append((0.5 * N + radius * math.cos(a), 0.42 * N + radius * math.sin(a), a))
        radius += size
    wave_rows = [
        (px, N * (0.73 + 0.035 * math.sin(18 * px / N)) + size * row, math.atan(0.63 * math.cos(18 * px / N)))
        for row in range(18)
        for px in np.arange(size / 2, N, size)
    ]
    places = [p for p in places if 0 <= p[0] < N and 0 <= p[1] < N and waves[int(p[1]), int(p[0])] < -0.03] + wave_rows
    for px, py, a in places:
        if not (0 <= px < N and 0 <= py < N):
            continue
        tone = np.clip(stones[design[int(py), int(px)]] * rng.uniform(0.78, 1.14) + rng.normal(0, 0.018, 3), 0, 1)
        half = size / 2 - 1.6
        a += rng.normal(0, 0.06)
        corners = [
            (px + u * math.cos(a) - v * math.sin(a), py + u * math.sin(a) + v * math.cos(a))
            for u, v in (
                (s * half * rng.uniform(0.85, 1.05), t * half * rng.uniform(0.85, 1.05))
                for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            )
        ]
        draw.polygon(corners, fill=tuple(int(255 * v) for v in tone))
        lay.polygon(corners, fill=int(rng.uniform(150, 235)))
    grain = 0.94 + 0.12 * noise(N, rng, 100, 2)
    return relief(from_image(canvas), blur(from_image(depth), 1.2), 0.9) * grain[..., None]


def gold(rng: Rng) -> Array:
    """Gold leaf: spirals, eyes and triangles in ornament, on hammered gold."""
    x, y = grid(N)
    hammered = noise(N, rng, 26, 3)
    leaf = ramp(
        np.clip(0.35 + 0.5 * noise(N, rng, 3, 3) + 0.4 * (hammered - 0.5), 0, 1),
        palette("#7a4a10", "#c98f22", "#f0c94a", "#fff0a8"),
    )
    index, near, gap = cells(rng.uniform(-0.05, 1.05, (26, 2)))
    kind, tint = rng.integers(0, 5, 26), rng.integers(0, 5, 26)
    jewel = palette("#1c1410", "#8c1f1a", "#12484a", "#e9dfc4", "#3a2a6a")[tint]
    centre = np.stack(
        [
            np.bincount(index.ravel(), w.ravel(), 26) / np.maximum(np.bincount(index.ravel(), minlength=26), 1)
            for w in (x, y)
        ],
        -1,
    )
    u, v = x - centre[index, 0], y - centre[index, 1]
    r, a = np.hypot(u, v), np.arctan2(v, u)
    pattern = np.zeros((N, N))
    spiral = np.cos(2 * math.pi * r / 0.035 - a)
    pattern = np.where(kind[index] == 0, step(spiral, 0.1, 0.5), pattern)
    tile_u, tile_v = (x * 22) % 1 - 0.5, (y * 22) % 1 - 0.5
    dot = np.hypot(tile_u, tile_v)
    pattern = np.where(kind[index] == 1, (1 - step(dot, 0.4, 0.08)) * step(dot, 0.2, 0.08), pattern)
    pattern = np.where(kind[index] == 2, (tile_v + 0.5 > 2 * np.abs(tile_u)).astype(float), pattern)
    pattern = np.where(kind[index] == 3, (((x * 26).astype(int) + (y * 13).astype(int)) % 2).astype(float), pattern)
    pattern = np.where(kind[index] == 4, step(np.cos(2 * math.pi * r / 0.05), 0.2, 0.4), pattern)
    picture = over(leaf, jewel[index] * (0.85 + 0.3 * hammered)[..., None], 0.92 * pattern)
    rim = 1 - step(gap, 0.01, 0.005)
    picture = over(picture, colour("#2a1808"), rim)
    return np.clip(relief(picture, blur(hammered + 0.25 * pattern + 0.2 * (1 - rim), 2), 2.0), 0, 1)


def bronze(rng: Rng) -> Array:
    """Cast bronze: a relief of domes and leaves, polished where hands touch it, verdigris in the hollows."""
    x, y = grid(N)
    height = 0.5 * noise(N, rng, 3, 3)
    for _ in range(9):
        (u, v), radius = rng.uniform(0.05, 0.95, 2), rng.uniform(0.07, 0.17)
        inside = np.clip(1 - ((x - u) ** 2 + (y - v) ** 2) / radius**2, 0, 1)
        height = np.maximum(height, 0.35 + 3.2 * radius * np.sqrt(inside) * (inside > 0))
    for _ in range(14):
        (u, v), angle, length = rng.uniform(0, 1, 2), rng.uniform(0, math.pi), rng.uniform(0.09, 0.16)
        along = ((x - u) * math.cos(angle) + (y - v) * math.sin(angle)) / length
        across = ((y - v) * math.cos(angle) - (x - u) * math.sin(angle)) / (0.36 * length)
        leaf = np.clip(1 - along**2 - np.abs(across), 0, 1)
        height = np.maximum(height, 0.3 + (0.5 + 0.03 * np.cos(36 * along)) * np.sqrt(leaf) * (leaf > 0))
    cast = blur(height, 4) + 0.02 * noise(N, rng, 40, 3) + 0.006 * noise(N, rng, 160, 2)
    dy, dx = np.gradient(cast * N / 6)
    normal = 1 / np.sqrt(dx**2 + dy**2 + 1)
    light = np.clip((0.45 * dx + 0.55 * dy + 0.45) * normal, 0, 1)
    shine = np.clip((0.35 * dx + 0.45 * dy + 0.85) * normal, 0, 1) ** 18
    metal = ramp(light, palette("#120904", "#3b1f0d", "#7a4520", "#b57a3a", "#dfae68"))
    metal = np.clip(metal + 0.75 * shine[..., None] * colour("#ffe2a8"), 0, 1)
    hollow = step(blur(cast, 26) - cast, 0.015 + 0.03 * noise(N, rng, 9, 3), 0.06)
    patina = ramp(np.clip(0.3 + 0.7 * light, 0, 1), palette("#14302a", "#3f7a68", "#8fc4aa"))
    return np.clip(over(metal, patina, 0.6 * hollow), 0, 1)
