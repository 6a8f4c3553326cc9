"""Which square of a picture is brought in: the face found in it, four points placed by hand, or the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from editors.inversion.detectors import Face, Seen
from facet import BadInput, NoFace, Pair, Subject, placement_of
from nets.align import Framing, face_quad, in_order, overhang, side_of, whole

FEWEST_PIXELS = 24
"""Side of the smallest square that is still cut out for a face; below it there is nothing to learn a face from."""

_BY_HAND = (
    "Place four points on it (--points: from eye to eye, from mouth corner to mouth corner), "
    "choose “as it is” for the middle of the picture (--align none), or another detector (--detector)"
)
MOST_OUTSIDE = 0.6
"""Share of the square that may lie outside the picture."""
PROFILE = 0.5
"""From how far aside a nose (`Face.aside`) a head is a profile: it lies beyond an eye, which it hides.

Of 28 photographs and paintings, 23 heads that look ahead or turn by up to 45° came to at most 0.37, three profiles to
0.56 and more.
"""
LARGER = 1.6
"""How much larger than every other one a face must be to be meant without a word."""

Look = Callable[[], Seen]
"""Asks the detectors what they see in the picture."""


class Square(NamedTuple):
    """Which part of a picture is brought in.

    quad: corners [4, 2], see `nets.align.face_quad`. how: a few words on how they were found. face: whether by a face.
    seen: what the detectors said, if they were asked. points: eyes and mouth corners [4, 2], if there are any. aside:
    how far the head is turned, see `Face.aside`.
    """

    quad: Tensor
    how: str
    face: bool = False
    seen: Seen | None = None
    points: Tensor | None = None
    aside: float = 0.0


def place(
    subject: Subject, align: str, points: list[Pair], framing: Framing | None, look: Look, which: int = 0
) -> Square:
    """The square for one picture.

    Args:
        subject: the picture.
        align: ``"auto"`` (the face; what came out of a generator is taken as it is), ``"face"``, ``"points"`` or
            ``"none"`` (the middle).
        points: two pairs, eye to eye and mouth corner to mouth corner; they count in all but ``"none"``.
        framing: of the generator; None if it makes no faces.
        look: asks the detectors; what they say is shown beside points placed by hand, too.
        which: of several faces, counted from the left; 0 is the only one, or by far the largest.

    Raises:
        BadInput: the points do not make a face, or too little of it lies in the picture; there are fewer faces, or
            several and nobody said which.
        NoFace: none was found, or none large enough.
    """
    width, height = subject.size
    middle = Square(whole(height, width), "the middle of the picture")
    if align == "none":
        return middle
    if points or align == "points":
        given = _given(points, framing)
        return Square(_by_hand(given, framing, height, width), "four points", True, look(), given)
    if framing is None or (align == "auto" and _aligned(subject)):
        return middle
    square = _found(look(), framing, which)
    if overhang(square.quad, height, width) > MOST_OUTSIDE:
        raise NoFace(f"The face is cut by the picture's edge, and most of the head lies outside. {_BY_HAND}.")
    if lost := _beyond(square.points, height, width):
        raise NoFace(f"The face is cut by the picture's edge: {lost} lies outside. {_BY_HAND}.")
    return square


def _beyond(points: Tensor | None, height: int, width: int) -> str:
    """What of eyes and mouth corners [4, 2] is not in the picture: its place is a guess, and so is the square."""
    if points is None:
        return ""
    outside = ((points < 0) | (points > torch.tensor([width, height]))).any(1).tolist()
    return "an eye" if any(outside[:2]) else "a corner of the mouth" if any(outside[2:]) else ""


def _given(points: list[Pair], framing: Framing | None) -> Tensor:
    if framing is None:
        raise BadInput("points", "mean a face, but this generator makes none", "Choose “as it is”.")
    if len(points) != 2:
        why = f"needs two pairs, eye to eye and mouth corner to mouth corner, not {len(points)}"
        raise BadInput("points", why, "Place them on the picture.")
    return in_order(torch.tensor([end for pair in points for end in pair], dtype=torch.float64))


def _by_hand(points: Tensor, framing: Framing | None, height: int, width: int) -> Tensor:
    assert framing is not None  # `_given` refuses it
    try:
        quad = face_quad(points, framing)
    except ValueError as problem:
        raise BadInput("points", f"do not make a face: {problem}", "Place them anew.") from None
    if side_of(quad) < FEWEST_PIXELS:
        why = f"make a face of {side_of(quad):.0f} pixels, which is too small to see anything"
        raise BadInput("points", why, "Choose a larger picture.")
    if overhang(quad, height, width) > MOST_OUTSIDE:
        raise BadInput("points", "lie so that most of the head is outside the picture", "Choose a wider picture.")
    return quad


def _aligned(subject: Subject) -> bool:
    """Whether the picture comes out of a generator, or was cut out for one before."""
    return subject.size[0] == subject.size[1] and (subject.latent is not None or placement_of(subject) is not None)


def _found(seen: Seen, framing: Framing, which: int) -> Square:
    if not seen.asked:
        raise NoFace(f"No detector for faces is here. {_BY_HAND}.")
    found = seen.found()
    if not found:
        raise NoFace(f"No face was found ({seen.words()}). {_BY_HAND}.")
    if which > len(found):
        raise BadInput("face", f"asks for face {which}, but {len(found)} found", "Choose a smaller number.")
    at = which - 1 if which else _meant(found)
    if found[at].aside > PROFILE:
        raise NoFace(f"The head is turned so far aside that its nose hides an eye: both must be seen. {_BY_HAND}.")
    return _of(found[at], f", number {at + 1} of {len(found)} from the left" if len(found) > 1 else "", framing, seen)


def _meant(found: list[Face]) -> int:
    """The only face, or one that is far larger than all others: people in the background are not meant."""
    sizes = sorted((face.reach for face in found), reverse=True)
    if len(found) > 1 and sizes[0] < LARGER * sizes[1]:
        places = "; ".join(f"{number} at ({face.middle[0]:.0f}, {face.middle[1]:.0f})" for number, face in _few(found))
        fix = f"Choose 1 to {len(found)}, from the left: {places}."
        raise BadInput("face", f"is needed, as there are {len(found)} faces in the picture", fix)
    return max(range(len(found)), key=lambda at: found[at].reach)


def _few(found: list[Face]) -> list[tuple[int, Face]]:
    """The larger ones with their numbers, in order."""
    rows = sorted(enumerate(found, 1), key=lambda row: -row[1].reach)[:6]
    return sorted(rows, key=lambda row: row[0])


def _of(face: Face, number: str, framing: Framing, seen: Seen) -> Square:
    try:
        quad = face_quad(face.points, framing)
    except ValueError:
        raise NoFace(f"What looks like a face is none. {_BY_HAND}.") from None
    if side_of(quad) < FEWEST_PIXELS:
        size = f"{side_of(quad):.0f} pixels of it"
        raise NoFace(f"The face is too small: {size} would be brought in. Choose a larger picture of it.")
    return Square(quad, f"a face found by {face.by}, {face.sure:.0%} sure{number}", True, seen, face.points, face.aside)
