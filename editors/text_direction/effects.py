"""What every style channel of a generator does, as CLIP sees it: worked out once, slowly, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from editors.text_direction.method import Embed, effects
from facet.weights import keep_table, load_table
from nets.directions import spread
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes
from nets.stylegan2.styles import deviations, style_rows

TRUNCATION_PSI = 0.7
SPREAD_SAMPLES = 2048


class Effects:
    """Unit vectors of all channels by picture and row, out of the table of a generator and a CLIP.

    Attributes:
        rows: the generator's rows of styles.
        covariance: of its W, float64.
        kept: whether all that was worked out is in the table, so that a later call will find it.
    """

    def __init__(self, generator: Generator, embed: Embed, facts: Mapping[str, str]) -> None:
        """`facts`: what the vectors depend on: the sha256 of both networks."""
        self.rows = style_rows(generator)
        self.covariance = _covariance(generator)
        self.kept = True
        self._generator, self._embed, self._facts = generator, embed, {"table": "style channels", **facts}
        self._seen: dict[int, dict[str, Tensor]] = {}

    def find(self, picture: int, row: int, check: Callable[[], None]) -> None:
        """Have the vectors of one row of one picture (a seed): out of the table, or worked out and put into it."""
        seen = self._of(picture)
        if _name(row) in seen:
            return
        entry = self.rows[row]
        classes = self._generator.config.c_dim
        w_plus = codes(self._generator, [picture], TRUNCATION_PSI, picture % classes if classes else None)
        sigma = deviations(entry.matrix, self.covariance)
        with torch.no_grad():
            seen[_name(row)] = effects(self._generator, self._embed, w_plus, entry, sigma, check).half()
        self.kept = keep_table(self._facts | {"picture": str(picture)}, seen) and self.kept

    def by_row(self, pictures: int) -> dict[int, Tensor]:
        """Of the first so many pictures, all of which were found: [pictures, channels, embedding] by row."""
        return {
            number: torch.stack([self._of(picture)[_name(number)] for picture in range(pictures)])
            for number in range(len(self.rows))
        }

    def _of(self, picture: int) -> dict[str, Tensor]:
        if picture not in self._seen:
            self._seen[picture] = load_table(self._facts | {"picture": str(picture)})
        return self._seen[picture]


def _name(row: int) -> str:
    return f"row_{row:02}"


@torch.no_grad()
def _covariance(generator: Generator) -> Tensor:
    c_dim = generator.config.c_dim
    labels = torch.eye(c_dim)[torch.arange(SPREAD_SAMPLES) % c_dim] if c_dim else None
    return spread(generator.mapping.w(generator.z(range(SPREAD_SAMPLES)), labels).cpu())[1]
