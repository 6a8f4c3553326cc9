"""The camera: rays, sphere tracing with the finished rays dropped, supersampling.

Sphere tracing is Hart 1996; soft shadow and ambient openness are taken from the distance field itself (Quilez).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from training.puppets import rig
from training.puppets.scene import nearest
from training.puppets.shading import background, shade

DISTANCE, HALF_WIDTH, CENTRE_Y = 7.0, 1.36, 0.0
"""Camera distance from the origin; half the picture's width in the plane z = 0; height it looks at."""
NEAR, FAR = 5.2, 9.4


class Frame(NamedTuple):
    """Pictures [batch, 3, s, s] in 0..1, part numbers uint8 [batch, s, s], depth [batch, s, s] (0 = background)."""

    rgb: Tensor
    parts: Tensor
    depth: Tensor


def project(x: Tensor, y: Tensor, z: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """World points to picture positions (x right, y down, in pixels; a pixel's centre is at .5)."""
    scale = DISTANCE / ((DISTANCE - z) * HALF_WIDTH)
    return (x * scale * 0.5 + 0.5) * size, (0.5 - (y - CENTRE_Y) * scale * 0.5) * size


def _busy(rgb: Tensor, depth: Tensor) -> Tensor:
    """Pixels [s, s] whose neighbourhood holds an edge of colour or depth."""
    both = torch.cat([rgb, depth[None] * 0.5])[None]
    spread = functional.max_pool2d(both, 3, 1, 1) + functional.max_pool2d(-both, 3, 1, 1)
    return spread[0].amax(0) > 0.07


def _start(depth: Tensor) -> Tensor:
    """A distance in front of everything seen near each pixel [1, 1, s, s]: where its finer rays may start."""
    seen = torch.where(depth > 0, depth, torch.full_like(depth, FAR))
    nearest_seen = -functional.max_pool2d(-seen, 5, 1, 2)
    return torch.where(nearest_seen < FAR, nearest_seen - 0.12, torch.full_like(depth, NEAR))


class Renderer:
    """Renders puppets. One instance keeps its compiled code; ``compiled`` pays off from a few hundred pictures on.

    Rays of one puppet are traced in chunks of a constant size, so compilation happens once for all picture sizes.
    """

    def __init__(self, device: str = "cpu", compiled: bool = False, supersample: int = 2, steps: int = 28) -> None:
        self.device, self.supersample, self.steps = torch.device(device), supersample, steps
        self.chunk = 4096 if self.device.type == "cpu" else 1 << 18
        self._fixed = compiled
        self._nearest, self._shade = nearest, shade
        if compiled:
            self._nearest = torch.compile(nearest, dynamic=False, fullgraph=True)
            self._shade = torch.compile(shade, dynamic=False, fullgraph=True)

    @torch.no_grad()
    def __call__(self, params: Tensor, size: int) -> Frame:
        """Renders controls [batch, len(NAMES)] at ``size`` x ``size`` pixels, 64 to 512."""
        rows = rig.pack(params).to(self.device)
        frames = [self._one(row.contiguous(), size) for row in rows]
        rgb, parts, depth = (torch.stack(column) for column in zip(*frames, strict=True))
        return Frame(rgb, parts, depth)

    def _one(self, row: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """One ray per pixel, then ``supersample``² more for the pixels where the picture changes quickly."""
        line = ((torch.arange(size, device=self.device) + 0.5) / size) * 2 - 1
        py, px = (p.reshape(-1) for p in torch.meshgrid(-line, line, indexing="ij"))
        rgb, part, depth = self._rays(px, py, torch.full_like(px, NEAR), row)
        s = self.supersample
        if s > 1:
            busy = _busy(rgb.view(3, size, size), depth.view(size, size)).flatten().nonzero()[:, 0]
            start = _start(depth.view(1, 1, size, size)).flatten()[busy]
            inner = ((torch.arange(s, device=self.device) + 0.5) / s * 2 - 1) / size
            dy, dx = (p.reshape(-1, 1) for p in torch.meshgrid(-inner, inner, indexing="ij"))
            fine = self._rays((px[busy] + dx).flatten(), (py[busy] + dy).flatten(), start.repeat(s * s), row)[0]
            rgb[:, busy] = fine.view(3, s * s, -1).mean(1)
        shape = (size, size)
        return rgb.view(3, *shape).clamp(0, 1), part.view(shape).to(torch.uint8), depth.view(shape)

    def _rays(self, px: Tensor, py: Tensor, start: Tensor, row: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """sRGB [3, n], part numbers and depths [n] along rays through picture positions in -1..1."""
        rgb = background(px, py, rig.unpack(row))
        part, depth = torch.zeros_like(px), torch.zeros_like(px)
        ray = torch.stack([px * HALF_WIDTH / DISTANCE, py * HALF_WIDTH / DISTANCE, -torch.ones_like(px)])
        ray = ray / ray.square().sum(0, keepdim=True).sqrt()
        index, t = self._trace(ray, start, row)
        for at in range(0, len(index), self.chunk):
            which = index[at : at + self.chunk]
            rgb[:, which], part[which] = self._surface(ray[:, which], t[at : at + self.chunk], row)
        depth[index] = t
        return rgb, part, depth

    def field(self, p: Tensor, row: Tensor) -> Tensor:
        """Distance to the nearest surface at points [3, n]; compiled code sees whole chunks only."""
        n = p.shape[1]
        if not self._fixed:
            return self._nearest(p[0], p[1], p[2], row)
        out = torch.empty(n, device=p.device)
        for at in range(0, n, self.chunk):
            piece = self._padded(p[:, at : at + self.chunk])
            size = min(self.chunk, n - at)
            out[at : at + size] = self._nearest(*piece, row)[:size]
        return out

    def _padded(self, p: Tensor) -> tuple[Tensor, ...]:
        """Rows of [k, n] as separate tensors of the constant chunk size."""
        short = self.chunk - p.shape[1] if self._fixed else 0
        return tuple(torch.cat([v, v[-1:].expand(short)]) if short else v.clone() for v in p)

    def _trace(self, ray: Tensor, start: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        """Indices of the rays that hit and their distances; rays leave the set as they hit or escape."""
        index = torch.arange(ray.shape[1], device=self.device)
        t = start
        hits: list[Tensor] = []
        where: list[Tensor] = []
        eye = torch.tensor([[0.0], [CENTRE_Y], [DISTANCE]], device=self.device)
        for step in range(self.steps):
            d = self.field(eye + ray[:, index] * t, row)
            t = t + (d * 0.85).clamp(-0.1, 0.6)
            # a ray that lingers in a crease settles for less, so that no pinholes are left
            enough = 0.0012 + 0.0006 * max(0, step - 10)
            done, gone = (d < enough) & ((d > -enough) | (step > 16)), t > FAR
            if step == self.steps - 1:
                done = done | (d < 0.05)
            hits.append(index[done & ~gone])
            where.append(t[done & ~gone])
            keep = ~done & ~gone
            index, t = index[keep], t[keep]
            if not len(index):
                break
        order = torch.cat(hits).argsort()
        return torch.cat(hits)[order], torch.cat(where)[order]

    def _surface(self, ray: Tensor, t: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        n = ray.shape[1]
        eye = torch.tensor([[0.0], [CENTRE_Y], [DISTANCE]], device=self.device)
        p = eye + ray * t
        e = 0.004
        taps = torch.tensor([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], device=self.device).float()
        grad = sum(tap[:, None] * self.field(p + e * tap[:, None], row) for tap in taps)
        normal = grad / (grad.square().sum(0, keepdim=True).sqrt() + 1e-9)  # type: ignore[union-attr]
        open_ = torch.ones(n, device=self.device)
        for reach in (0.05, 0.14, 0.30):
            open_ = open_ - (1 - self.field(p + reach * normal, row) / reach).clamp(0, 1) * 0.30
        named = rig.unpack(row)
        sun = torch.stack([named.sun_x, named.sun_y, named.sun_z])
        lit, reach = torch.ones(n, device=self.device), 0.06
        for _ in range(6):
            lit = torch.minimum(lit, (self.field(p + 0.02 * normal + reach * sun, row) / reach * 5 + 0.10).clamp(0, 1))
            reach *= 1.62
        lit = lit * lit * (3 - 2 * lit)
        everything = self._padded(torch.cat([p, normal, open_.clamp(min=0.1)[None], lit[None], ray]))
        point, normals, (opened, suns), rays = everything[:3], everything[3:6], everything[6:8], everything[8:]
        colour, part = self._shade(point, normals, opened, suns, rays, row)  # type: ignore[arg-type]
        return colour[:, :n], part[:n]
