"""Style pictures of the last century: cubist facets, neon tubes, comic halftone."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

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
    relief,
    ridge,
    step,
)

N = 1024


def cubist(rng: Rng) -> Array:
    """Cubism: a town broken into shaded facets of ochre, umber and grey."""
    x, y = grid(N)
    view = landscape(
        N,
        rng,
        palette("#8c8f8a", "#c8b48a"),
        palette("#a8875a", "#6a5138", "#3a3430"),
        (0.6, 0.3, 0.12),
        colour("#e2cf9c"),
        3,
        0.4,
        0.2,
    )
    picture = 0.6 * view + 0.4 * ramp(noise(N, rng, 3, 2), palette("#4a4038", "#b8965c", "#d8cba8", "#5c6a6c"))
    earth = palette("#c08a3c", "#7a4a2a", "#e2c890", "#3f5f6c", "#8fa39a", "#2a2422", "#c9602c", "#efe2c0")
    lines = np.zeros((N, N))
    for k in range(150):
        cx, cy = rng.uniform(0, 1, 2)
        size = rng.uniform(0.08, 0.26) * (1 - 0.55 * k / 150)
        base = rng.choice([0.0, 0.35, -0.5, 0.8, 1.2]) + rng.normal(0, 0.08)
        inside, edge = np.ones((N, N), dtype=bool), np.full((N, N), 9.0)
        for side in range(int(rng.integers(3, 5))):
            a = base + side * 2 * math.pi / 3.6 + rng.normal(0, 0.22)
            d = size * rng.uniform(0.35, 1) - ((x - cx) * math.cos(a) + (y - cy) * math.sin(a))
            inside &= d > 0
            edge = np.minimum(edge, d)
        a = base + rng.uniform(-0.5, 0.5)
        shade = np.clip(0.5 + ((x - cx) * math.cos(a) + (y - cy) * math.sin(a)) / (1.3 * size), 0, 1)
        tone = 0.7 * earth[rng.integers(8)] + 0.3 * picture[int(cy * (N - 1)), int(cx * (N - 1))]
        facet = tone * (0.45 + 0.85 * shade)[..., None]
        picture = np.where(inside[..., None], 0.12 * picture + 0.88 * facet, picture)
        lines = np.where(inside, np.where(edge < 0.0028, 1.0, 0.15 * lines), lines)
    dabs = noise(N, rng, 46, 2, stretch=2.5)
    picture = picture * (0.86 + 0.3 * dabs)[..., None]
    return relief(over(picture, colour("#1c1814"), 0.8 * blur(lines, 1)), dabs, 1.2)


def neon(rng: Rng) -> Array:
    """Neon: a city at night drawn in glowing tubes on wet asphalt."""
    tubes = Image.new("RGB", (N, N), "black")
    draw = ImageDraw.Draw(tubes)
    lights = ["#ff2d95", "#19e3ff", "#ffd319", "#9d4dff", "#3dff9a", "#ff6a1f"]
    horizon = 0.74
    for k, left in enumerate(np.linspace(-0.04, 0.96, 11)):
        width, top = rng.uniform(0.06, 0.11), rng.uniform(0.12, 0.5)
        tone = lights[int(rng.integers(6))]
        x0, x1, y0, y1 = left * N, (left + width) * N, top * N, horizon * N
        draw.rectangle((x0, y0, x1, y1), outline=tone, width=6)
        for row in np.arange(y0 + 26, y1 - 20, 34):
            for col in np.arange(x0 + 18, x1 - 16, 26):
                if rng.random() < 0.55:
                    draw.rectangle((col, row, col + 10, row + 15), outline=lights[(k + 1) % 6], width=3)
    for k in range(9):
        a = math.pi * (k + 0.5) / 9
        draw.line(
            [(N / 2, horizon * N), (N / 2 + 2 * N * math.cos(a), horizon * N + 1.2 * N * math.sin(a))],
            fill="#7a2dff",
            width=5,
        )
    for k in range(7):
        level = N * (horizon + 0.26 * (k / 6) ** 1.8)
        draw.line([(0, level), (N, level)], fill="#19b8ff", width=4)
    draw.ellipse((0.34 * N, 0.05 * N, 0.62 * N, 0.33 * N), outline="#ff2d95", width=9)
    draw.ellipse((0.37 * N, 0.08 * N, 0.59 * N, 0.3 * N), outline="#ffb019", width=5)
    line = from_image(tubes)
    x, y = grid(N)
    night_sky = ramp(np.clip(y + 0.15 * noise(N, rng, 3, 3), 0, 1), palette("#05030f", "#120a2e", "#1d0a3a", "#0a0718"))
    glow = 0.55 * blur(line, 5) + 0.9 * blur(line, 18) + 1.1 * blur(line, 60)
    core = np.clip(
        from_image(tubes.filter(ImageFilter.GaussianBlur(1))) * 1.25 + 0.35 * blur(line.mean(-1), 1)[..., None] * line,
        0,
        1,
    )
    return np.clip(1 - (1 - night_sky) * (1 - np.clip(glow, 0, 1)) * (1 - core), 0, 1)


def halftone(rng: Rng) -> Array:
    """Halftone: a comic panel in dots of four inks, bold black outlines and a burst of rays."""
    x, y = grid(N)
    burst = np.sin(np.arctan2(y - 0.4, x - 0.42) * 13) > 0
    view = np.where(burst[..., None], colour("#ffd93b"), colour("#ff9e2c"))
    cloud = np.full((N, N), 9.0)
    for cx, cy, r in ((0.3, 0.42, 0.16), (0.45, 0.34, 0.19), (0.6, 0.42, 0.15), (0.44, 0.5, 0.17)):
        cloud = np.minimum(cloud, np.hypot(x - cx, y - cy) - r)
    view = np.where((cloud < 0)[..., None], ramp(np.clip(-cloud * 6, 0, 1), palette("#8ed0ff", "#ffffff")), view)
    heart = np.hypot((x - 0.45) * 1.1, y - 0.42 + 0.12 * np.sqrt(np.abs(x - 0.45))) - 0.095
    view = np.where(
        (heart < 0)[..., None],
        ramp(np.clip(0.5 - 3 * (x - 0.45) - 2 * (y - 0.4), 0, 1), palette("#8c0f2c", "#e8203c", "#ff6f7a")),
        view,
    )
    line = ridge(N, rng, 0.8, 0.12, 6, 1)[None, :]
    roofs = 0.72 + 0.1 * (np.floor(x * 9) * 0.618 % 1)
    city = (y > roofs) | (y > line + 0.08)
    view = np.where(city[..., None], ramp(np.clip((y - 0.7) * 3, 0, 1), palette("#2f5fd0", "#7a3fb0", "#1b2a6b")), view)
    window = city & ((x * 36) % 1 > 0.55) & ((y * 26) % 1 > 0.5)
    view = np.where(window[..., None], colour("#ffe35a"), view)
    outline = (np.abs(cloud) < 0.007) | (np.abs(heart) < 0.007)
    edge = np.abs(np.diff(city.astype(float), axis=0, prepend=0)) + np.abs(
        np.diff(city.astype(float), axis=1, prepend=0)
    )
    outline |= blur(edge, 4) > 0.03
    picture = np.ones((N, N, 3)) * colour("#fbf6e6")
    ink_colours = palette("#11a7e0", "#e5197f", "#ffdf00")
    for k, angle in enumerate((0.26, 1.31, 0.0)):
        u, v = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        dots = (np.cos(2 * math.pi * 58 * u) + np.cos(2 * math.pi * 58 * v)) / 4 + 0.5
        need = np.clip(1 - view[..., k], 0, 1)
        picture = picture * (1 - step(dots, 1 - need, 0.12)[..., None] * (1 - ink_colours[k]))
    return relief(over(picture, colour("#12100f"), outline.astype(float)), noise(N, rng, 120, 2), 0.2)
