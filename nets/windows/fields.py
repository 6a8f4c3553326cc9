"""Receptive fields: which rectangle of a layer's input decides a rectangle of its output, as integers.

Rectangles may reach over the border of the map. There the map is 0, as the zero padding of the whole layer has it.
"""

from __future__ import annotations

from typing import NamedTuple

Span = tuple[int, int]  # first index, number of indices


class Windows(NamedTuple):
    """Rectangles of equal size in one map: (top, left) of each, and the height and width of all."""

    places: tuple[tuple[int, int], ...]
    height: int
    width: int

    @property
    def area(self) -> int:
        """Pixels in all of them together."""
        return len(self.places) * self.height * self.width

    def grown(self, margin: int) -> Windows:
        """Larger by `margin` on all four sides."""
        places = tuple((top - margin, left - margin) for top, left in self.places)
        return Windows(places, self.height + 2 * margin, self.width + 2 * margin)

    def within(self, height: int, width: int) -> bool:
        """Whether none reaches over the border of a map of this size."""
        tops, lefts = zip(*self.places, strict=True)
        return min(*tops, *lefts) >= 0 and max(tops) + self.height <= height and max(lefts) + self.width <= width

    def hull(self, height: int, width: int) -> Windows:
        """The one rectangle around all of them, without what reaches over the border."""
        tops, lefts = zip(*self.places, strict=True)
        top, left = max(min(tops), 0), max(min(lefts), 0)
        bottom, right = min(max(tops) + self.height, height), min(max(lefts) + self.width, width)
        return Windows(((top, left),), bottom - top, right - left)

    def inside(self, outer: Windows) -> Windows:
        """Moved, each by as little as possible, into the rectangle of the same number."""
        return Windows(
            tuple(
                (
                    min(max(top, first), first + outer.height - self.height),
                    min(max(left, start), start + outer.width - self.width),
                )
                for (top, left), (first, start) in zip(self.places, outer.places, strict=True)
            ),
            self.height,
            self.width,
        )

    def contains(self, inner: Windows) -> bool:
        """Whether each holds the inner rectangle of the same number."""
        return self.height >= inner.height and self.width >= inner.width and inner.inside(self) == inner


def whole(height: int, width: int) -> Windows:
    """The whole map as one window."""
    return Windows(((0, 0),), height, width)


def enlarging_span(span: Span, taps: int) -> Span:
    """What an enlarging convolution reads for output indices `span` along one axis.

    Input i reaches t[2i … 2i + 2] through the 3 taps of the weight; output o reads t[o - before …
    o - before + taps - 1].
    """
    before = (taps + 1) // 2 - 1
    first, last = span[0] - before, span[0] + span[1] - 1 - before + taps - 1
    start = (first - 1) // 2  # ⌈(first - 2) / 2⌉
    return start, last // 2 - start + 1


def reads(gives: Windows, taps: int | None) -> Windows:
    """What a 3×3 convolution reads to give these windows; with a number of filter `taps`, an enlarging one."""
    if taps is None:
        return gives.grown(1)
    spans = [
        (enlarging_span((top, gives.height), taps), enlarging_span((left, gives.width), taps))
        for top, left in gives.places
    ]
    height, width = max(rows[1] for rows, _ in spans), max(columns[1] for _, columns in spans)
    return Windows(tuple((rows[0], columns[0]) for rows, columns in spans), height, width)
