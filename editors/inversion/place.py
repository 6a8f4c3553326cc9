"""Which square of a picture is brought in: the face found in it, four points placed by hand, or the middle."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from facet import BadInput, NoFace, Pair, Subject, placement_of
from nets.align import PUPPETS, Framing, face_quad, from_68, in_order, overhang, side_of, whole
from nets.judges import Judges, landmarks

SURE = 0.8
"""Confidence from which a face counts as found. Parts of photographs without one have reached 0.68."""

_LOOKS = 6  # windows that are looked at again

_BY_HAND = "Place four points (eye, eye, mouth corner, mouth corner), or choose “as it is”"


class Square(NamedTuple):
    """Corners [4, 2] (see `nets.align.face_quad`), a few words on how they were found, and whether by a face."""

    quad: Tensor
    how: str
    face: bool = False


def place(
    subject: Subject, align: str, points: list[Pair], framing: Framing | None, judges: Judges | None, which: int = 0
) -> Square:
    """The square for one picture.

    Args:
        subject: the picture.
        align: ``"auto"`` (the face, or else the middle), ``"face"``, ``"points"`` or ``"none"``.
        points: two pairs, eye to eye and mouth corner to mouth corner; they count in all but ``"none"``.
        framing: of the generator; None if it makes no faces.
        judges: find faces, where they come with this installation.
        which: of several faces, counted from the left; 0 is the surest.

    Raises:
        BadInput: the points do not make a face, or too little of it lies in the picture; or there are fewer faces.
        NoFace: none was found, and ``"face"`` asks for one.
    """
    width, height = subject.size
    if align == "none":
        return Square(whole(height, width), "the middle of the picture")
    if points or align == "points":
        return Square(_by_hand(points, framing, height, width), "four points", True)
    if framing is None or _aligned(subject):
        return Square(whole(height, width), "the middle of the picture")
    try:
        return _found(subject, framing, judges, which)
    except NoFace:
        if align == "face":
            raise
        return Square(whole(height, width), "no face found: the middle of the picture; four points would fit better")


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


class Face(NamedTuple):
    """A face: landmarks [L, 2] in pixels, how sure the judges are, 0..1, and the side of the square they looked at."""

    marks: Tensor
    sure: float
    side: int

    @property
    def middle(self) -> Tensor:
        """Middle of the eyes and the mouth, (x, y)."""
        return from_68(self.marks).mean(0)


def _found(subject: Subject, framing: Framing, judges: Judges | None, which: int) -> Square:
    if judges is None:
        raise NoFace(f"No detector for faces is here. {_BY_HAND}.")
    found = faces(subject.tensor()[0] * 2 - 1, judges)
    sure = sorted((face for face in found if face.sure >= SURE), key=lambda face: float(face.middle[0]))
    if not sure:
        best = max((face.sure for face in found), default=0.0)
        raise NoFace(f"No face was found (the best guess is {best:.0%} sure). {_BY_HAND}.")
    if which > len(sure):
        raise BadInput("face", f"asks for face {which}, but {len(sure)} found", "Choose a smaller number.")
    at = which - 1 if which else max(range(len(sure)), key=lambda number: sure[number].sure)
    chosen = sure[at]
    number = f", number {at + 1} of {len(sure)} from the left" if len(sure) > 1 else ""
    try:
        quad = face_quad(from_68(chosen.marks), framing)
    except ValueError:
        raise NoFace(f"What looks like a face is none. {_BY_HAND}.") from None
    return Square(quad, f"a face found, {chosen.sure:.0%} sure{number}", True)


def faces(picture: Tensor, judges: Judges) -> list[Face]:
    """Faces in a picture [3, H, W] in -1..1, the surest first; each is looked at again where it seems to be."""
    height, width = picture.shape[1:]
    guesses = sorted((_look(picture, judges, *window) for window in windows((width, height))), key=lambda f: -f.sure)
    nearer = [_nearer(picture, judges, guess) for guess in guesses[:_LOOKS]]
    kept: list[Face] = []
    for face in sorted((face for face in nearer if face is not None), key=lambda face: -face.sure):
        if all(float((face.middle - other.middle).norm()) > face.side / 2 for other in kept):
            kept.append(face)
    return kept


def _nearer(picture: Tensor, judges: Judges, guess: Face) -> Face | None:
    """The face as it looks in a square of its own; None for landmarks that make no face."""
    height, width = picture.shape[1:]
    try:
        quad = face_quad(from_68(guess.marks), PUPPETS)
    except ValueError:
        return None
    side = max(16, min(int(side_of(quad)), height, width))
    left, top = (int(quad.mean(0)[axis]) - side // 2 for axis in (0, 1))
    left, top = max(0, min(left, width - side)), max(0, min(top, height - side))
    return max(guess._replace(side=side), _look(picture, judges, left, top, side), key=lambda face: face.sure)


def _look(picture: Tensor, judges: Judges, left: int, top: int, side: int) -> Face:
    marks, _, sure = landmarks(judges, picture[:, top : top + side, left : left + side])
    return Face(marks + torch.tensor([left, top]) - 0.5, sure, side)


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
