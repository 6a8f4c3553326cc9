"""Places of a puppet's face that people reach for, by name, as our own judges see them."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from metrics.pictures import rgb
from metrics.registry import Pixels
from nets.judges import Judges, landmarks

NAMES: Mapping[int, str] = {
    **{0: "left temple", 16: "right temple", 4: "left jaw", 12: "right jaw", 8: "chin"},
    **{17: "left brow, outer end", 19: "left brow", 21: "left brow, inner end"},
    **{22: "right brow, inner end", 24: "right brow", 26: "right brow, outer end"},
    **{30: "tip of the nose", 31: "left nostril", 35: "right nostril"},
    **{36: "left eye, outer corner", 39: "left eye, inner corner", 42: "right eye, inner corner"},
    **{45: "right eye, outer corner", 48: "left mouth corner", 54: "right mouth corner"},
    **{
        51: "upper lip",
        57: "lower lip",
        68: "left pupil",
        69: "right pupil",
        70: "left ear lobe",
        71: "right ear lobe",
    },
}
"""By their number in the order of iBUG's 68, then pupils and lobes; left and right as seen in the picture."""

_SEEN_WITH = {39: 68, 42: 69}
"""The renderer counts inner corners as covered by the lid, always: they are seen when the pupil is."""

SURE = 0.5  # that there is a puppet, and that nothing stands in front of a landmark


def named_landmarks(pixels: Pixels, judges: Judges) -> dict[str, tuple[float, float]]:
    """Visible landmarks of the puppet in a picture uint8 [h, w, 3]: name → (x, y) in its pixels; empty without one.

    (0, 0) is the centre of the first pixel, x right, y down.
    """
    picture = (rgb(pixels) * 2 - 1).to(next(judges.parameters()).device)[0]
    places, visible, sure = landmarks(judges, picture)
    if sure < SURE:
        return {}
    size = torch.tensor([picture.shape[2], picture.shape[1]]).to(places)
    inside = ((places > 0) & (places < size)).all(1)
    seen = visible > SURE
    return {
        name: (round(float(places[number, 0]) - 0.5, 2), round(float(places[number, 1]) - 0.5, 2))
        for number, name in NAMES.items()
        if number < len(places) and bool(inside[number] & seen[_SEEN_WITH.get(number, number)])
    }
