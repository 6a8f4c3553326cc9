"""From colours to parts: what a picture in a palette's colours says, with rims that a program blurred made sharp."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.errors import BadInput
from registry.subjects.layers import Pixels

NEAR = 24.0
"""How far (RGB, Euclidean) a colour may lie from a palette's where a program blurred it: JPEG's waves at an edge."""

PAINTED_FAR = 12.0
"""How far it may lie where it fills an area: JPEG shifts plain ground by less."""

PAINTED_LEAST = 12, 0.0003  # pixels, and share of the picture, that such an area has at least inside its own rim

MIXED = 32.0
"""How far a rim's colour may lie from the mixtures of two parts, one of which is beside it."""

ABSENT = 12.0
"""How much further off a mixture counts with a part that is not to be seen beside it."""

SURE = 0.8
"""How much of a part's colour a pixel has to have where that part fills no four pixels in the picture."""

OVERSHOT = 0.3  # of the step at an edge, by which sharpening goes beyond either side

FAINT = 0.3  # of the line's colour in a pixel of a drawing that is line: a thin stroke, made smaller, is grey all over

RIM_SHARE = 0.25  # of the picture that may be rims; drawings are mostly rims
NOISE_SHARE = 0.03  # of it that may be JPEG's noise, colours that mix nothing
NOISE_COUNT = 3  # pixels of one such colour on average; what somebody painted in a wrong colour has more
NOISE_COLOURS = 16  # that a picture has at least if a program blurred it
NOISE_FAR = 90.0  # from a mixture of parts
MOST_COLOURS = 1 << 16  # unknown ones; a photograph has more
MANY = 64  # unknown colours: no slip of the hand any more
_UNKNOWN = 1 << 15
_TOLD = 8  # colours in a sentence
_AT_ONCE = 1 << 14  # pixels of rims

Colours = NDArray[np.float32]
Found = NDArray[np.uint16]
Codes = NDArray[np.uint32]


def indices_of(
    picture: Pixels, names: Sequence[str], colours: Sequence[tuple[int, int, int]], field: str, instead: str
) -> NDArray[np.uint8]:
    """The number of each pixel's part, uint8 [height, width]; see `LabelMap.from_picture`."""
    known = np.array(colours, np.float32)
    red, green, blue = (picture[..., channel].astype(np.uint32) for channel in range(3))
    codes: Codes = np.asarray((red << 16) | (green << 8) | blue, np.uint32)
    table = np.full(1 << 24, _UNKNOWN, np.uint16)
    table[[(r << 16) | (g << 8) | b for r, g, b in colours]] = np.arange(len(known), dtype=np.uint16)
    found = table[codes]
    if (found == _UNKNOWN).any():
        numbers = _numbers(picture, len(known))
        if numbers is not None:
            return numbers
        seen = np.zeros(1 << 24, bool)
        seen[codes] = True
        strange = np.flatnonzero(seen & (table == _UNKNOWN))
        wrong = np.zeros(codes.shape, bool)
        if len(strange) <= MOST_COLOURS:
            blurred = len(strange) >= NOISE_COLOURS
            table[strange], off = _nearest(_rgb(strange), known, PAINTED_FAR if blurred and len(known) > 2 else NEAR)
            wrong = _filled(codes, strange[off])
            found = table[codes]
            if (found == _UNKNOWN).mean() <= RIM_SHARE:
                found = _sharpened(found, picture, codes, known, blurred)
        if (found == _UNKNOWN).any():
            raise _refusal(codes, found == _UNKNOWN, names, colours, field, instead)
        if wrong.any():
            raise _refusal(codes, wrong, names, colours, field, instead)
    numbers_of: NDArray[np.uint8] = found.astype(np.uint8)
    return numbers_of


def _numbers(picture: Pixels, parts: int) -> NDArray[np.uint8] | None:
    """The grey levels, if they are the numbers of parts rather than colours."""
    grey = picture[..., 0]
    if int(grey.max()) >= parts or not grey.any():
        return None
    same = np.array_equal(grey, picture[..., 1]) and np.array_equal(grey, picture[..., 2])
    return np.ascontiguousarray(grey) if same else None


def _rgb(codes: NDArray[np.int64]) -> Colours:
    return np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=-1).astype(np.float32)


def _nearest(strange: Colours, known: Colours, far: float) -> tuple[Found, NDArray[np.bool_]]:
    """The known colour that is near enough to each, or _UNKNOWN; and which are too far from it to fill an area."""
    apart: Colours = np.linalg.norm(known[:, None] - known[None], axis=-1)
    least_apart = float(apart[apart > 0].min())
    unmistakable = 0.2 * least_apart  # where colours lie far apart, more is meant
    near, filling = (min(max(limit, unmistakable), 0.45 * least_apart) for limit in (far, PAINTED_FAR))
    best: Found = np.zeros(len(strange), np.uint16)
    least: Colours = np.full(len(strange), np.inf, np.float32)
    for number, colour in enumerate(known):
        away = np.linalg.norm(strange - colour, axis=1)
        best[away < least], least = number, np.minimum(least, away)
    nearest: Found = np.where(least <= near, best, _UNKNOWN).astype(np.uint16)
    return nearest, least > filling


def _filled(codes: Codes, strange: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where one of these colours fills an area, as a brush does: blurring leaves none that is plain both ways."""
    plain = np.zeros(codes.shape, bool)
    middle = codes[1:-1, 1:-1]
    inner = np.isin(middle, strange.astype(codes.dtype))
    for down in range(3):
        for right in range(3):
            inner &= codes[down : down + middle.shape[0], right : right + middle.shape[1]] == middle
    plain[1:-1, 1:-1] = inner
    if not inner.any():
        return plain
    which, counts = np.unique(codes[plain], return_counts=True)
    least = max(PAINTED_LEAST[0], PAINTED_LEAST[1] * codes.size)
    return plain & np.isin(codes, which[counts >= least])


def _sharpened(found: Found, picture: Pixels, codes: Codes, known: Colours, blurred: bool) -> Found:
    """Give the pixels of rims, and of noise, to the part that they are nearest to."""
    surest = np.zeros(len(known))
    if blurred and len(known) > 2:
        surest[~_solid(found, len(known))] = SURE
    for _ in range(2):  # a rim is at most four pixels wide
        found = _grown(found, picture, known, MIXED, surest)
    strange, counts = np.unique(codes[found == _UNKNOWN], return_counts=True)
    few = counts.sum() <= min(NOISE_COUNT * len(strange), NOISE_SHARE * codes.size)
    if blurred and len(strange) and few:
        for _ in range(4):
            found = _grown(found, picture, known, NOISE_FAR, surest)
    return found


def _solid(found: Found, parts: int) -> NDArray[np.bool_]:
    """Which parts fill four pixels somewhere, bool [parts]."""
    corner = found[:-1, :-1]
    same = (corner == found[1:, :-1]) & (corner == found[:-1, 1:]) & (corner == found[1:, 1:])
    return np.isin(np.arange(parts), corner[same])


def _grown(found: Found, picture: Pixels, known: Colours, limit: float, surest: NDArray[np.float64]) -> Found:
    """Decide unknown pixels within two pixels of known ones whose colour is no further than `limit` from a mixture.

    A part takes a pixel of which it is more than half, and more than its `surest` [parts].
    """
    around = np.pad(found, 2, constant_values=_UNKNOWN)
    made: Found = found.copy()
    every = np.argwhere(found == _UNKNOWN)
    half = (FAINT, 1 - FAINT) if len(known) == 2 else (0.5,) * len(known)  # paper and line are no equals
    for start in range(0, len(every), _AT_ONCE):
        rows, columns = every[start : start + _AT_ONCE].T
        pixels = picture[rows, columns].astype(np.float32)
        beside = np.zeros((len(rows), len(known)), bool)
        for down in range(5):
            for right in range(5):
                part = around[rows + down, columns + right]
                there = np.flatnonzero(part != _UNKNOWN)
                beside[there, part[there]] = True
        best = np.full(len(rows), limit, np.float32)
        for one in map(int, np.flatnonzero(beside.any(0))):
            has = np.flatnonzero(beside[:, one])
            off, other, share = _off_mixtures(pixels[has], known, one, beside[has])
            nearer = off < best[has]
            best[has[nearer]] = off[nearer]
            made[rows[has[nearer]], columns[has[nearer]]] = np.where(
                share > np.maximum(half[one], surest[other]), other, one
            )[nearer]
    return made


def _off_mixtures(
    pixels: Colours, known: Colours, one: int, beside: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """How far each colour lies from the nearest mixture of part `one`, the other part in it, and its share.

    A mixture with a part that is not `beside` it [n, parts] counts as further off: JPEG's waves look like other parts.
    """
    along = np.delete(known, one, axis=0) - known[one]
    others = np.delete(np.arange(len(known)), one)
    apart = pixels - known[one]
    share = (apart @ along.T / (along * along).sum(1)).clip(-OVERSHOT, 1 + OVERSHOT)
    off = np.linalg.norm(apart[:, None] - share[..., None] * along, axis=2) + np.where(beside[:, others], 0, ABSENT)
    best = off.argmin(1)
    each = np.arange(len(pixels))
    return off[each, best], others[best], share[each, best]


def _refusal(
    codes: Codes,
    unknown: NDArray[np.bool_],
    names: Sequence[str],
    colours: Sequence[tuple[int, int, int]],
    field: str,
    instead: str,
) -> BadInput:
    """What is strange in it: the commonest colour that no part has, and where; or that it is a photograph."""
    strange, counts = np.unique(codes[unknown][: 1 << 20], return_counts=True)
    share = float(unknown.mean())
    if len(strange) > MANY and share > 0.2:
        wanted = "a map of labels" if len(names) > 2 else f"a drawing of {names[1]} on {names[0]}"
        return BadInput(field, f"is a photograph or a painting, not {wanted}", instead or _colours(names, colours))
    code = strange[counts.argmax()]
    y, x = np.unravel_index(int((codes == code).argmax()), codes.shape)
    more = f" and {len(strange) - 1} more that no part has" if len(strange) > 1 else ", which no part has"
    return BadInput(field, f"holds the colour #{code:06x} (at x {x}, y {y}){more}", _colours(names, colours))


def _colours(names: Sequence[str], colours: Sequence[tuple[int, int, int]]) -> str:
    rows = [f"{name} #{r:02x}{g:02x}{b:02x}" for name, (r, g, b) in zip(names, colours, strict=True)]
    more = f" and {len(rows) - _TOLD} more" if len(rows) > _TOLD else ""
    return f"Its colours are {', '.join(rows[:_TOLD])}{more}."
