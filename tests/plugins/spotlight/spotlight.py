"""A spotlight: an editor with an input and a page widget of its own, a circle that is put on the picture."""

import json
import math
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple

import numpy as np

from facet import BadInput, Kind, Option, PageWidget, Slider, Step, Subject, editor, hookimpl
from collections.abc import Iterator


class Disc(NamedTuple):
    """A circle in source pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Circle(Kind):
    """A circle on the picture of another input; arrives as a `Disc`."""

    _: KW_ONLY
    on: str = "subject"

    accepts: ClassVar[tuple[type, ...]] = (Disc,)

    def check(self, value, field):
        """[x, y, radius], that as JSON text, or a mapping with these names."""
        if isinstance(value, str):
            try:
                value = json.loads(value[:200])
            except ValueError:
                raise BadInput(field, "is no circle", "Write [x, y, radius].") from None
        if isinstance(value, dict):
            value = [value.get(name) for name in Disc._fields]
        try:
            disc = Disc(*(float(number) for number in value))
        except (TypeError, ValueError):
            raise BadInput(field, "must be three numbers", "Write [x, y, radius].") from None
        if not all(map(math.isfinite, disc)) or not 0 < disc.radius < 1e5:
            raise BadInput(field, "must be finite, with a radius above 0")
        return disc

    def check_on(self, value, other, field):
        """The middle lies on the picture."""
        width, height = other.size
        if value is not None and not (0 <= value.x < width and 0 <= value.y < height):
            raise BadInput(field, f"({value.x:g}, {value.y:g}) lies outside the picture of {width} × {height}")

    def record(self, value):
        """[x, y, radius]."""
        return list(value)

    def schema(self):
        """Three numbers."""
        return {"type": "array", "items": {"type": "number"}}

    def limits(self):
        """Its form."""
        return f"[x, y, radius] in pixels of {self.on}."

    def takes(self):
        """A circle."""
        return f"a circle on `{self.on}`"

    def option(self):
        """JSON."""
        return Option("CIRCLE", "As [x, y, radius], in pixels.")

    def received(self, raw, field, uploads):
        """What the widget sends, or a list of a client."""
        return raw.get("circle") if isinstance(raw, dict) else raw

    def wrong_values(self):
        """No circle."""
        return ["round", [1, 2], [1, 2, 0], [math.nan, 2, 3], 7]


@editor("spotlight", "Spotlight", task="trial", gpu_seconds=0)
def spotlight(
    ctx,
    *,
    subject: Subject,
    circle: Annotated[Disc | None, Circle(doc="What stays bright.")] = None,
    darkness: Annotated[float, Slider(0, 1, step=0.05, doc="How dark the rest becomes.")] = 0.7,
) -> Iterator[Step]:
    """Darken all of a picture but a circle."""
    width, height = subject.size
    x0, y0, radius = circle or (width / 2, height / 2, min(width, height) / 3)
    y, x = np.mgrid[:height, :width]
    lit = np.clip(radius - np.hypot(x - x0, y - y0) + 0.5, 0, 1)[..., None]
    yield Step((subject.pixels * (1 - darkness * (1 - lit))).astype(np.uint8), done=1, metrics={"radius": radius})


@hookimpl
def register_editors():
    return [spotlight]


@hookimpl
def register_widgets():
    here = Path(__file__)
    return [PageWidget(Circle, "circle", here.with_suffix(".js"), here.with_suffix(".css"))]
