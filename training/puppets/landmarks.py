"""Landmarks: the 68 points of the iBUG 300-W layout (Sagonas et al. 2013), then pupils and earlobes.

Order, from the left of the picture to the right for a frontal face: jaw 0-16, brows 17-26, nose bridge 27-30, nostrils
31-35, left eye 36-41, right eye 42-47, outer lips 48-59, inner lips 60-67, pupils 68-69, earlobes 70-71.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from training.puppets import rig, shapes
from training.puppets.camera import CENTRE_Y, DISTANCE, FAR, NEAR, project
from training.puppets.rig import Rig, from_head
from training.puppets.scene import nearest

GROUPS = {
    "jaw": range(17), "brows": range(17, 27), "nose": range(27, 36), "eyes": range(36, 48), "lips": range(48, 68),
    "pupils": range(68, 70), "earlobes": range(70, 72),
}  # fmt: skip
COUNT = 72
Points = tuple[Tensor, Tensor, Tensor]


def _drop(x: Tensor, y: Tensor, r: Rig) -> Points:
    """Lets points at (x, y) of the head's frame fall onto the skin from the front."""
    z = torch.full_like(x, 1.25)
    for _ in range(20):
        z = z - 0.8 * shapes.skin(x, y, z, r).clamp(-0.1, 0.4)
    return x, y, z


def _jaw(r: Rig) -> Points:
    """Where rays from outside meet the skin on their way to the middle of the face."""
    angle = torch.linspace(math.radians(194), math.radians(346), 17)[None].to(r.face_w)
    dx, dy = torch.cos(angle), torch.sin(angle)
    centre_z = 0.02 + 0.42 * dy.abs()
    reach = torch.full_like(dx + r.face_w, 1.5)
    for _ in range(24):
        reach = reach - 0.8 * shapes.skin(reach * dx, -0.05 + reach * dy, centre_z + 0 * reach, r).clamp(-0.1, 0.4)
    return reach * dx, -0.05 + reach * dy, centre_z + 0 * reach


def _brows(r: Rig) -> Points:
    t = torch.tensor([0.95, 0.72, 0.5, 0.27, 0.05])[None].to(r.face_w)
    x = r.eye_x - 0.20 + 0.40 * t
    y = r.brow_y + r.brow_arch * (1 - (2 * t - 1.1).square()) + r.brow_tilt * (0.5 - t)
    return _drop(torch.cat([-x, x.flip(1)], 1), torch.cat([y, y.flip(1)], 1), r)


def _nose(r: Rig) -> Points:
    along = torch.tensor([0.0, 0.33, 0.67, 1.0])[None].to(r.face_w)
    y = 0.10 + (r.nose_y + r.nose_up - 0.10) * along
    x = torch.tensor([-0.105, -0.05, 0.0, 0.05, 0.105])[None].to(r.face_w) * r.nose_w
    return _drop(torch.cat([0 * y, x], 1), torch.cat([y, r.nose_y - 0.078 + 0 * x], 1), r)


def _eyes(r: Rig) -> Points:
    """Corners and lid edges, on the lids' outer shell; outer corner first on the left, inner first on the right."""
    across = torch.tensor([0.88, 0.42, -0.42, -0.88, -0.42, 0.42])[None].to(r.face_w)
    upper = torch.tensor([0.5, 1.0, 1.0, 0.5, 0.0, 0.0])[None].to(r.face_w)
    shell = r.eye_r + 0.022
    ex = across * shell
    rest = (shell * shell - ex * ex).sqrt()
    up = rest * r.lid_up_sin + r.lid_tilt * ex * r.lid_up_cos
    low = -rest * r.lid_low_sin + 0.5 * r.lid_tilt * ex * r.lid_low_cos
    y = r.eye_y + low + (up - low) * upper
    z = r.eye_z + (rest * rest - (y - r.eye_y).square()).clamp(min=0).sqrt()
    order = [3, 2, 1, 0, 5, 4]
    x = torch.cat([-(r.eye_x + ex), (r.eye_x + ex)[:, order]], 1)
    return x, torch.cat([y, y[:, order]], 1), torch.cat([z, z[:, order]], 1)


def _lips(r: Rig) -> Points:
    outer = torch.tensor([1.0, 0.62, 0.22, 0.0, 0.22, 0.62, 1.0, 0.62, 0.22, 0.0, 0.22, 0.62])[None].to(r.face_w)
    inner = torch.tensor([0.97, 0.5, 0.0, 0.5, 0.97, 0.5, 0.0, 0.5])[None].to(r.face_w)
    left_o, left_i = [-1] * 3 + [0] + [1] * 5 + [0] + [-1] * 2, [-1, -1, 0, 1, 1, 1, 0, -1]
    u = torch.cat([outer, inner], 1)
    side = torch.tensor(left_o + left_i)[None].to(r.face_w)
    m = shapes.mouth(u * r.mouth_w, r)
    top_o, top_i = [1] * 7 + [0] * 5, [1] * 5 + [0] * 3
    is_top = torch.tensor(top_o + top_i)[None].bool()
    rim = torch.tensor([1.0] * 12 + [0.15] * 8)[None].to(r.face_w) * (u < 0.95)
    y = torch.where(is_top, m.upper + rim * 1.15 * m.thick, m.lower - rim * 1.45 * m.thick)
    return _drop(side * u * r.mouth_w, y, r)


def _pupils_and_lobes(r: Rig) -> Points:
    """Pupils on the eyeballs (gaze leans inwards a little), lobes under the ears."""
    side = torch.tensor([-1.0, 1.0])[None].to(r.face_w)
    gx, gy = r.gaze_x - 0.05 * side, r.gaze_y + 0 * side
    depth = (1 - gx.square() - gy.square()).clamp(min=0.05).sqrt()
    x, y, z = side * r.eye_x + r.eye_r * gx, r.eye_y + r.eye_r * gy, r.eye_z + r.eye_r * depth
    lobe = torch.ones_like(x)
    ear = (side * (0.785 * r.face_w), (-0.05 - 0.15 * r.ear_s) * lobe, -0.03 * lobe)
    return torch.cat([x, ear[0] * lobe], 1), torch.cat([y, ear[1]], 1), torch.cat([z, ear[2]], 1)


@torch.no_grad()
def world(params: Tensor) -> Tensor:
    """Landmarks of controls [batch, k] in the world, [batch, COUNT, 3]."""
    r = rig.unpack(rig.pack(params))
    parts = (_jaw(r), _brows(r), _nose(r), _eyes(r), _lips(r), _pupils_and_lobes(r))
    x, y, z = (torch.cat(column, 1) for column in zip(*parts, strict=True))
    return torch.stack(from_head(x, y, z, r), -1)


def landmarks(params: Tensor, size: int) -> Tensor:
    """Landmarks in pixels (x right, y down) of a ``size`` x ``size`` picture, [batch, COUNT, 2]."""
    points = world(params)
    return torch.stack(project(points[..., 0], points[..., 1], points[..., 2], size), -1)


@torch.no_grad()
def visibility(params: Tensor) -> Tensor:
    """True where nothing stands between the camera and a landmark: [batch, COUNT]."""
    points, rows = world(params), rig.pack(params)
    eye = torch.tensor([0.0, CENTRE_Y, DISTANCE], device=points.device)
    ray = points - eye
    goal = ray.square().sum(-1).sqrt()
    ray = ray / goal[..., None]
    t = torch.full_like(goal, NEAR)
    for _ in range(40):
        p = eye + ray * t[..., None]
        t = t + (nearest(p[..., 0], p[..., 1], p[..., 2], rows) * 0.85).clamp(-0.1, 0.6)
        t = t.clamp(max=FAR)
    slack = torch.full((COUNT,), 0.05, device=points.device)
    slack[36:48] = 0.09  # corners lie a little inside the folds of the skin
    slack[68:70] = 0.015  # a lid lies this close in front of a pupil
    return t > goal - slack
