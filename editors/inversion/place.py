"""Which square of a picture is brought in: the face found in it, four points placed by hand, or the middle."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from facet import BadInput, NoFace, Pair, Subject, placement_of
from nets.align import Framing, face_quad, from_68, in_order, overhang, whole
from nets.judges import Judges, landmarks

SURE = 0.5
"""Confidence from which a face counts as found."""

_BY_HAND = "Place four points (eye, eye, mouth corner, mouth corner), or choose “as it is”"


class Square(NamedTuple):
    """Corners [4, 2] (see `nets.align.face_quad`), a few words on how they were found, and whether by a face."""

    quad: Tensor
    how: str
    face: bool = False


def place(subject: Subject, align: str, points: list[Pair], framing: Framing | None, judges: Judges | None) -> Square:
    """The square for one picture.

    Args:
        subject: the picture.
        align: ``"auto"``, ``"points"`` or ``"none"``.
        points: two pairs, eye to eye and mouth corner to mouth corner; they count in ``"auto"`` too.
        framing: of the generator; None if it makes no faces.
        judges: find faces, where they come with this installation.

    Raises:
        BadInput: the points do not make a face, or too little of the square lies in the picture.
        NoFace: none was found.
    """
    width, height = subject.size
    if align == "none":
        return Square(whole(height, width), "the middle of the picture")
    if points or align == "points":
        return Square(_by_hand(points, framing, height, width), "four points", True)
    if framing is None or _aligned(subject):
        return Square(whole(height, width), "the middle of the picture")
    return _found(subject, framing, judges)


def _by_hand(points: list[Pair], framing: Framing | None, height: int, width: int) -> Tensor:
    if framing is None:
        raise BadInput("points", "mean a face, but this generator makes none", "Choose “as it is”.")
    if len(points) != 2:
        why = f"needs two pairs, eye to eye and mouth corner to mouth corner, not {len(points)}"
        raise BadInput("points", why, "Place them on the picture.")
    try:
        quad = face_quad(in_order(torch.tensor([end for pair in points for end in pair])), framing)
    except ValueError as problem:
        raise BadInput("points", f"do not make a face: {problem}", "Place them anew.") from None
    if overhang(quad, height, width) > 0.6:
        raise BadInput("points", "lie so that most of the head is outside the picture", "Choose a wider picture.")
    return quad


def _aligned(subject: Subject) -> bool:
    """Whether the picture comes out of a generator, or was cut out for one before."""
    return subject.size[0] == subject.size[1] and (subject.latent is not None or placement_of(subject) is not None)


def _found(subject: Subject, framing: Framing, judges: Judges | None) -> Square:
    if judges is None:
        raise NoFace(f"No detector for faces is here. {_BY_HAND}.")
    picture = subject.tensor()[0] * 2 - 1
    best, where = 0.0, picture.new_zeros(0)
    for left, top, side in windows(subject.size):
        marks, _, sure = landmarks(judges, picture[:, top : top + side, left : left + side])
        if sure > best:
            best, where = sure, marks + torch.tensor([left, top]) - 0.5
    if best < SURE:
        raise NoFace(f"No face was found (the best guess is {best:.0%} sure). {_BY_HAND}.")
    try:
        quad = face_quad(from_68(where), framing)
    except ValueError:
        raise NoFace(f"What looks most like a face is none. {_BY_HAND}.") from None
    return Square(quad, f"a face found, {best:.0%} sure", True)


def windows(size: tuple[int, int]) -> list[tuple[int, int, int]]:
    """Squares (left, top, side) in which a face is looked for: the whole, then ever smaller ones, half overlapping."""
    width, height = size
    found = []
    for side in sorted({min(size), *(max(32, int(min(size) * share)) for share in (0.7, 0.5))}, reverse=True):
        if side > min(size):
            continue
        across, down = (max(1, round((length - side) / (side / 2)) + 1) for length in (width, height))
        for row in range(down):
            for column in range(across):
                left = (width - side) * column // max(1, across - 1) if across > 1 else (width - side) // 2
                top = (height - side) * row // max(1, down - 1) if down > 1 else (height - side) // 2
                found.append((left, top, side))
    return found
