"""Inputs that are pictures: any picture, one with a latent code, the one that another was cut from."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.errors import BadInput
from registry.kind import Kind
from registry.subject import Subject


@dataclass(frozen=True)
class Picture(Kind):
    """A picture. The argument called ``subject`` is the one being edited and comes from the bar all tabs share."""

    _: KW_ONLY
    doc: str = "The picture that is edited."
    samples: str = "samples"  # which bundled collection the page offers

    accepts: ClassVar[tuple[type, ...]] = (Subject,)

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


@dataclass(frozen=True)
class Origin(Picture):
    """The picture that `on` was cut from; a surface that still has it gives it by itself (`placement_of`)."""

    _: KW_ONLY
    on: str = "subject"


NO_LATENT = "Run “Bring into a generator” on it first, or make a picture in the Latent tab."


@dataclass(frozen=True)
class Latent(Picture):
    """A picture together with its latent code; `ctx.generator_of(subject)` gives the generator it belongs to."""

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
