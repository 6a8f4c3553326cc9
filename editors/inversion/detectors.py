"""Faces in a picture, as the detectors see them: YuNet or MTCNN for photographs of people, the judges for puppets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from nets import mtcnn, yunet
from nets.align import PUPPETS, face_quad, from_5, from_68, side_of
from nets.judges import Judges, landmarks

SURE = 0.88
"""Confidence of the judges from which a face counts as found.

Cups and necks have reached 0.86, frontal faces of photographs 0.95; drawn ones lie between.
"""
YUNET_SURE = 0.7
"""The same of YuNet, whose scores mean something else; OpenCV's own examples take 0.6 to 0.9."""

MTCNN_SURE = 0.93
"""The same of MTCNN: of 160 faces the faintest was 89 % sure, a cat 89 %; see docs/photographs.md."""

JUDGES_NAME, YUNET_NAME, MTCNN_NAME = "the puppets' judges", "YuNet", "MTCNN"
SURE_OF: Mapping[str, float] = {YUNET_NAME: YUNET_SURE, MTCNN_NAME: MTCNN_SURE, JUDGES_NAME: SURE}
"""By name of a detector, the one with the finest points first."""
_LOOKS = 6  # windows that are looked at again


class Face(NamedTuple):
    """A face that a detector sees.

    points [4, 2]: eyes and mouth corners in pixels, see `nets.align.face_quad`. sure: 0..1, in the detector's own
    terms. by: its name. nose [2]: its tip, where the detector says so.
    """

    points: Tensor
    sure: float
    by: str
    nose: Tensor | None = None

    @property
    def middle(self) -> Tensor:
        """Middle of the eyes and the mouth, (x, y)."""
        return self.points.mean(0)

    @property
    def reach(self) -> float:
        """Larger one of the distances between the eyes and from the eyes to the mouth, in pixels."""
        eyes, mouth = self.points[:2], self.points[2:]
        return max(float((eyes[1] - eyes[0]).norm()), float((mouth.mean(0) - eyes.mean(0)).norm()))

    @property
    def aside(self) -> float:
        """How far the tip of the nose lies from the middle between the eyes, of their distance; 0 ahead.

        It is measured across the line from the eyes to the mouth. From 0.5 on it lies beyond an eye.
        """
        if self.nose is None:
            return 0.0
        eyes, mouth = self.points[:2].double(), self.points[2:].double().mean(0)
        down = mouth - eyes.mean(0)
        across = torch.stack([down[1], -down[0]])
        wide = (eyes[1] - eyes[0]) @ across
        return float(((self.nose.double() - eyes.mean(0)) @ across).abs() / wide.clamp(min=1e-6))

    @property
    def certain(self) -> bool:
        """Whether it counts as found."""
        return self.sure >= SURE_OF[self.by]


@dataclass(frozen=True)
class Seen:
    """What all detectors that looked have seen: every guess, and by name of a detector what stopped it, if anything."""

    faces: tuple[Face, ...]
    asked: tuple[str, ...]
    lacking: tuple[tuple[str, str], ...] = ()

    def found(self) -> list[Face]:
        """The certain ones from left to right, each face once: where several see it, as the finest of them does."""
        kept: list[Face] = []
        ranks = list(SURE_OF)
        for face in sorted((face for face in self.faces if face.certain), key=lambda f: (ranks.index(f.by), -f.sure)):
            if all(float((face.middle - other.middle).norm()) > 0.75 * max(face.reach, other.reach) for other in kept):
                kept.append(face)
        return sorted(kept, key=lambda face: float(face.middle[0]))

    def words(self) -> str:
        """One clause for each detector, with its confidence."""
        return "; ".join([f"{name}: {self._said(name)}" for name in self.asked] + [": ".join(x) for x in self.lacking])

    def _said(self, name: str) -> str:
        guesses = sorted((face for face in self.faces if face.by == name), key=lambda face: -face.sure)
        certain = [face for face in guesses if face.certain]
        if not certain:
            return f"no face (its best guess is {guesses[0].sure:.0%} sure)" if guesses else "no face"
        many = f"{len(certain)} faces" if len(certain) > 1 else "a face"
        return f"{many}, {' and '.join(f'{face.sure:.0%}' for face in certain[:4])} sure"


class Detectors(NamedTuple):
    """Those that look; None for one that does not. Where `in_turn`, one looks only if those before it found nobody."""

    yunet: yunet.YuNet | None = None
    mtcnn: mtcnn.Mtcnn | None = None
    judges: Judges | None = None
    in_turn: bool = False


def see(picture: Tensor, detectors: Detectors, lacking: Iterable[tuple[str, str]] = ()) -> Seen:
    """What the detectors see in a picture [3, H, W] in -1..1."""
    found: list[Face] = []
    asked: list[str] = []

    def enough() -> bool:
        return detectors.in_turn and any(face.certain for face in found)

    if detectors.yunet is not None:
        asked.append(YUNET_NAME)
        seen = yunet.detect(detectors.yunet, picture, 0.3)
        found += [Face(from_5(one.points), one.score, YUNET_NAME, one.points[2]) for one in seen]
    if detectors.mtcnn is not None and not enough():
        asked.append(MTCNN_NAME)
        met = mtcnn.detect(detectors.mtcnn, picture)
        found += [Face(from_5(one.points), one.score, MTCNN_NAME, one.points[2]) for one in met]
    if detectors.judges is not None and not enough():
        asked.append(JUDGES_NAME)
        found += judged(picture, detectors.judges)
    return Seen(tuple(found), tuple(asked), tuple(lacking))


class _Guess(NamedTuple):
    marks: Tensor  # [L, 2]
    sure: float
    side: int  # of the square that was looked at


def judged(picture: Tensor, judges: Judges) -> list[Face]:
    """Faces that the judges see, the surest first; each is looked at again where it seems to be."""
    height, width = picture.shape[1:]
    guesses = sorted((_look(picture, judges, *window) for window in windows((width, height))), key=lambda g: -g.sure)
    nearer = [_nearer(picture, judges, guess) for guess in guesses[:_LOOKS]]
    kept: list[_Guess] = []
    for guess in sorted((guess for guess in nearer if guess is not None), key=lambda guess: -guess.sure):
        middles = [from_68(one.marks).mean(0) for one in (guess, *kept)]
        if all(float((middles[0] - other).norm()) > guess.side / 2 for other in middles[1:]):
            kept.append(guess)
    return [Face(from_68(guess.marks), guess.sure, JUDGES_NAME) for guess in kept]


def _nearer(picture: Tensor, judges: Judges, guess: _Guess) -> _Guess | None:
    """The face as it looks in a square of its own; None for landmarks that make no face, or not one that fills it."""
    height, width = picture.shape[1:]
    try:
        quad = face_quad(from_68(guess.marks), PUPPETS)
    except ValueError:
        return None
    side = max(16, min(int(side_of(quad)), height, width))
    left, top = (int(quad.mean(0)[axis]) - side // 2 for axis in (0, 1))
    left, top = max(0, min(left, width - side)), max(0, min(top, height - side))
    again = _look(picture, judges, left, top, side, careful=True)
    found = max(guess._replace(side=side), again, key=lambda each: each.sure)
    return found if _plausible(from_68(found.marks), side) else None


def _plausible(points: Tensor, side: int) -> bool:
    """Whether eyes and mouth [4, 2] lie as in a face that fills a square of this side, upright within 45 degrees.

    The judges have only ever seen such ones: of anything else they are sure for no reason.
    """
    along, down = points[1] - points[0], points[2:].mean(0) - points[:2].mean(0)
    wide, tall = float(along.norm()), float(down.norm())
    if min(wide, tall) < 1e-3 or not 0.4 < wide / tall < 2.5:
        return False
    slant = abs(float(along @ down)) / (wide * tall)  # cosine; a turned head seen from above comes to about a half
    leaning = abs(float(down[0])) > float(down[1])
    return slant < 0.7 and not leaning and 0.5 < 2 * PUPPETS.mouth * max(wide, tall) / side < 2


def _look(picture: Tensor, judges: Judges, left: int, top: int, side: int, careful: bool = False) -> _Guess:
    marks, _, sure = landmarks(judges, picture[:, top : top + side, left : left + side], careful)
    return _Guess(marks + torch.tensor([left, top]) - 0.5, sure, side)


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
