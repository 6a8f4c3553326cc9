"""Inputs that are pictures: any picture, one with a latent code, the one that another was cut from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from registry.errors import BadInput
from registry.inputs.kind import FILE_SCHEMA, Kind, Option, Uploads
from registry.saved import subject_with_lineage
from registry.subjects import Subject


@dataclass(frozen=True)
class Picture(Kind):
    """A picture. The argument called ``subject`` is the one being edited and comes from the bar all tabs share."""

    _: KW_ONLY
    doc: str = "The picture that is edited."
    samples: str = "samples"  # which bundled collection the page offers

    accepts: ClassVar[tuple[type, ...]] = (Subject,)
    is_picture: ClassVar[bool] = True
    by_sha256: ClassVar[bool] = True

    def check(self, value: Any, field: str) -> Subject:
        """Whatever `Subject.read` takes."""
        if value is None or (isinstance(value, str) and not value.strip()):
            raise BadInput(field, "is missing", "Choose a picture.")
        return Subject.read(value, field)

    def record(self, value: Subject) -> dict[str, Any]:
        """sha256 and size, and the sample's id if it is an unedited one; never a path, never pixels."""
        width, height = value.size
        row: dict[str, Any] = {"sha256": value.sha256, "width": width, "height": height}
        if value.sample_id and not value.lineage:
            row["sample"] = value.sample_id
        return row

    def describe(self) -> dict[str, Any]:
        """Which samples go with it."""
        return super().describe() | {"samples": self.samples}

    def schema(self) -> dict[str, Any]:
        """A file."""
        return dict(FILE_SCHEMA)

    def takes(self) -> str:
        """A picture."""
        return "a picture"

    def option(self) -> Option:
        """A file or a sample."""
        return Option("PICTURE", "A file, or sample:ID.")

    def given(self, text: Any, field: str) -> Any:
        """A file brings along the lineage and the code that it carries."""
        if isinstance(text, str) and text and not text.startswith("sample:"):
            return subject_with_lineage(text, field)
        return text

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """A picker's choice, a file, or None; a `Subject` is one that the surface has, which no client can send."""
        if not raw or isinstance(raw, Subject):
            return raw or None
        if isinstance(raw, Mapping) and isinstance(raw.get("sample"), str):
            return f"sample:{raw['sample']}"
        if isinstance(raw, Mapping) and isinstance(raw.get("text"), str):
            uploads.path(raw["text"], field)  # says so of an address
        file = raw["file"] if isinstance(raw, Mapping) and "file" in raw else raw
        return uploads.picture(file, field)

    def recorded(self, row: Any, field: str) -> Any:
        """A sha256, with what else is known of the picture."""
        return by_sha256(row, field)

    def wrong_values(self) -> list[Any]:
        """Nothing, other documents, an address, a name of nothing, too few pixels."""
        return [b"", b"<svg></svg>", b"<html>", "http://example.org/a.png", "no such file.png", np.zeros((4, 4, 3))]


@dataclass(frozen=True)
class SourcePicture(Picture):
    """The picture that `on` was cut from; a surface that still has it gives it by itself (`placement_of`)."""

    _: KW_ONLY
    on: str = "subject"

    @property
    def cut_from(self) -> str:
        """The input whose picture lay in this one."""
        return self.on


NO_LATENT = "Run “Bring into a generator” on it first, or make a new portrait."


@dataclass(frozen=True)
class Latent(Picture):
    """A picture together with its latent code; `ctx.load_generator(subject)` gives the generator it belongs to."""

    needs_latent: ClassVar[bool] = True

    def takes(self) -> str:
        """A picture and a code."""
        return "a picture with a latent code"

    def check(self, value: Any, field: str) -> Subject:
        """A subject that carries a latent."""
        subject = super().check(value, field)
        if subject.latent is None:
            raise BadInput(field, "has no latent code, which this editor needs", NO_LATENT)
        return subject

    def record(self, value: Subject) -> dict[str, Any]:
        """As for a picture, and which generator its code belongs to."""
        ref = value.generator
        row = super().record(value) | ({"generator": ref.id, "delta": ref.delta_sha256} if ref else {})
        return row | ({"label": ref.label} if ref and ref.label is not None else {})


def by_sha256(row: Any, field: str) -> Mapping[str, Any]:
    """A recorded sha256. Raises BadInput for anything else, such as a path."""
    if not isinstance(row, Mapping) or not isinstance(row.get("sha256"), str):
        raise BadInput(field, "is not recorded by a sha256", "Choose the file that Facet saved.")
    return row
