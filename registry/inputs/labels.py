"""Labelled samples: seeds or codes of pictures, each with yes, no or a number, from which a direction is fitted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from registry.bounds import refuse_long
from registry.errors import BadInput
from registry.inputs.kind import Kind, Option, Uploads
from registry.inputs.labelled import read_samples
from registry.inputs.samples import Samples


@dataclass(frozen=True)
class Labels(Kind):
    """Labelled samples; arrives as `Samples`. The page shows pictures of seeds to mark yes or no.

    `of` names the input that chooses the generator, `gallery` the task of the editor that draws its seeds.
    """

    _: KW_ONLY
    of: str = "model"
    gallery: str = "generate"
    least: int = 4  # of each label
    most: int = 100_000

    accepts: ClassVar[tuple[Any, ...]] = (Samples,)

    def bound(self, value: Any, field: str) -> None:
        """As much as `most` seeds with long labels are."""
        refuse_long(value, field, 40 * self.most)

    def check(self, value: Any, field: str) -> Samples:
        """``{"yes": [seeds], "no": [seeds]}``, ``[[seed, label], …]``, that as JSON, a .csv file, or a folder of PNGs.

        A .csv file has a column ``label`` and one ``seed`` or ``file`` (a PNG that Facet saved, with its code); a
        folder has such a labels.csv, or the folders yes and no.
        """
        samples = value if isinstance(value, Samples) else read_samples(value, field)
        self._judge(samples, field)
        return samples

    def recorded(self, row: Any, field: str) -> Any:
        """Seeds with their labels; a text might be a path, unless it is JSON."""
        if isinstance(row, (str, bytes, os.PathLike)):
            text = row.lstrip() if isinstance(row, str) else ""
            if not text.startswith(("{", "[")):
                raise BadInput(field, "must be labelled seeds, not text", 'Send {"yes": [1, 5], "no": [2, 3]}.')
        return row

    def record(self, value: Samples) -> dict[str, Any]:
        """Seeds with their labels; of codes only a sha256 and how many, since recipes hold no pictures."""
        if value.codes is not None:
            return {"codes_sha256": hashlib.sha256(value.codes.tobytes()).hexdigest(), "samples": len(value)}
        return {"seeds": list(value.seeds), "labels": [float(label) for label in value.labels]}

    def describe(self) -> dict[str, Any]:
        """How many of each are needed."""
        return super().describe() | {"samples_of": self.of, "least_of_each": self.least}

    @property
    def drawn_by(self) -> str:
        """The task of its gallery."""
        return self.gallery

    def schema(self) -> dict[str, Any]:
        """Seeds by label."""
        seeds = {"type": "array", "items": {"type": "integer"}}
        return {"type": "object", "properties": {"yes": dict(seeds), "no": dict(seeds)}}

    def limits(self) -> str:
        """How many."""
        return f"Seeds of {self.of} that are yes and that are no, at least {self.least} of each."

    def takes(self) -> str:
        """How many."""
        return f"labelled pictures of `{self.of}`, at least {self.least} yes and as many no"

    def option(self) -> Option:
        """A table, a folder, or JSON."""
        hint = "A .csv with columns seed (or file) and label, a folder of PNGs, or JSON."
        return Option("CSV|FOLDER", hint, example="labels.csv")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What was marked, or JSON of a client; other text might be a path."""
        raw = self.recorded(raw, field)
        return {"yes": raw.get("yes", []), "no": raw.get("no", [])} if isinstance(raw, Mapping) else raw or []

    def wrong_values(self) -> list[Any]:
        """One label only, too few, contradictions, no such file."""
        return [{"yes": list(range(9))}, {"yes": [1], "no": [2]}, {"yes": [1], "no": [1]}, "no such file.csv", 7, []]

    def _judge(self, value: Samples, field: str) -> None:
        """Raise BadInput where nothing can be learnt."""
        if len(value) > self.most:
            raise BadInput(field, f"hold {len(value)} samples, the most is {self.most}")
        if len(value) == 0:
            raise BadInput(field, "are empty", f"Mark at least {self.least} pictures yes and as many no.")
        if not np.isfinite(value.labels).all():
            raise BadInput(field, "hold a label that is no finite number", "Write yes, no or a number.")
        if len(np.unique(value.labels)) < 2:
            said = {1.0: "yes", 0.0: "no"}.get(float(value.labels[0]), f"{value.labels[0]:g}")
            raise BadInput(field, f"all {len(value)} say {said}", "A direction leads from one to the other: mark both.")
        few = min(int(value.is_yes.sum()), int((~value.is_yes).sum()))
        if few < self.least:
            yes = int(value.is_yes.sum())
            why = f"hold {yes} yes and {len(value) - yes} no"
            raise BadInput(field, why, f"At least {self.least} of each are needed, better 20 or more.")
