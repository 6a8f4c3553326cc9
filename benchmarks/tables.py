"""Tables of figures on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Cell = float | int | str | None


def table(corner: str, columns: Sequence[str], rows: Mapping[str, Sequence[Cell]]) -> str:
    """Rows of figures under their columns' names, each column as wide as it needs.

    corner: what stands above the names of the rows. Floats are cut to four significant digits; None leaves a gap.
    """
    lines = [[corner, *columns], *([name, *(_written(cell) for cell in cells)] for name, cells in rows.items())]
    if any(len(line) != len(lines[0]) for line in lines):
        raise ValueError(f"rows: each needs {len(columns)} figures, one for each column")
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join("  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
