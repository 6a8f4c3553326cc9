"""Style pictures made of lines and plates: woodcut, pencil, colour print, neon, halftone."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.paintings_canvas import (
    Array,
    Rng,
    blur,
    colour,
    follow,
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
