"""What a visitor does on the canvas, given in pixels of the source picture."""

from __future__ import annotations

Point = tuple[float, float]

PLACE = """([x, y]) => {
  const box = document.querySelector('.fs-frame').getBoundingClientRect();
  const [width, height] = facet.marks.size;
  return [box.left + (x + 0.5) / width * box.width, box.top + (y + 0.5) / height * box.height];
}"""
PAIRS = "facet.marks.pairs.map((pair) => [...facet.marks.at(pair), ...pair.target])"


def place(page, point: Point) -> Point:
    """Where the centre of a source pixel is in the window, at the zoom there is."""
    x, y = page.evaluate(PLACE, list(point))
    return x, y


def reach(page, point: Point, away: float) -> Point:
    """A place in the window so many screen pixels right of a source pixel."""
    x, y = place(page, point)
    return x + away, y


def press(page, start: Point, end: Point, steps: int = 4) -> None:
    """Press, move and let go, in window coordinates."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def drag(page, start: Point, end: Point, steps: int = 4) -> None:
    """Drag from one source pixel to another."""
    press(page, place(page, start), place(page, end), steps)


def click(page, point: Point) -> None:
    """Click on a source pixel."""
    page.mouse.click(*place(page, point))


def pairs(page) -> list[list[float]]:
    """[[x, y, to x, to y], …] as the canvas has them now."""
    return page.evaluate(PAIRS)


def paint_tool(page, tool: str, radius: float) -> None:
    """Choose the brush or the eraser and a size close to `radius` source pixels."""
    page.locator(f".fk-tool[data-name={tool}]").click()
    page.evaluate(
        """radius => {
          const slider = document.querySelector('.fk-size');
          slider.value = 100 * Math.log(2 * radius) / Math.log(Math.min(...facet.marks.size));
          slider.dispatchEvent(new Event('input'));
        }""",
        radius,
    )
