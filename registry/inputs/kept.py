"""The choice among a few words and what edits have left of one kind: styles, say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.artifacts import KIND, Kept, found
from registry.errors import BadInput, BadSpec
from registry.inputs.kind import Kind, Option, Uploads, shown

YOURS = "yours:"
_LEAST_DIGITS = 6


@dataclass(frozen=True)
class KeptChoice(Kind):
    """One of `options` (value → label), or an artifact of the kind `of` by its sha256; `ctx.kept` loads that.

    Which artifacts there are is asked anew each time: one that an edit has just left is among them. What all visitors
    read (`limits`, the reference) names none of those. A recipe has ``yours:`` and the whole sha256.
    """

    options: Mapping[str, str]
    _: KW_ONLY
    of: str

    accepts: ClassVar[tuple[type, ...]] = (str,)

    @property
    def labels(self) -> dict[str, str]:
        """Value → label, for whoever asks."""
        return {**self.options, **{YOURS + each.sha256: each.name for each in found(self.of)}}

    def verify(self, annotation: type) -> None:
        """At least one word, none of which could be an artifact, and a kind of artifacts."""
        super().verify(annotation)
        if not self.options or any(option.startswith(YOURS) for option in self.options):
            raise BadSpec(f"KeptChoice needs at least one option, and none that begins with {YOURS}")
        if not re.fullmatch(KIND, self.of):
            raise BadSpec('KeptChoice needs of="…": the kind of artifacts it offers, lower-case letters and “_”')

    def check(self, value: Any, field: str) -> str:
        """A word, or one of yours: ``yours:`` and the first 6 digits of its sha256 or more."""
        if isinstance(value, str) and value in self.options:
            return value
        if isinstance(value, str) and value.startswith(YOURS):
            return YOURS + self._kept(value, field).sha256
        words = ", ".join(self.options)
        raise BadInput(field, f"must be one of {words}, or a {self._noun} of yours, not {shown(value)}")

    def _kept(self, value: str, field: str) -> Kept:
        short = value.removeprefix(YOURS).lower()
        hits = [each for each in found(self.of) if len(short) >= _LEAST_DIGITS and each.sha256.startswith(short)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise BadInput(field, f"fits {len(hits)} of yours: {shown(value)}", "Write more digits.")
        why = f"names a {self._noun} of yours that is not here: {shown(value)}"
        raise BadInput(field, why, "Import its file under Yours (“facet yours import”), or choose another one.")

    @property
    def _noun(self) -> str:
        return self.of.replace("_", " ")

    def describe(self) -> dict[str, Any]:
        """The options with their labels, and whose artifacts are among them."""
        return super().describe() | {"options": self.labels, "of": self.of}

    def limits(self) -> str:
        """The words that everybody has."""
        words = ", ".join(self.options)
        return f"One of: {words}; or the id of a {self._noun} of your own, as “facet yours list” has it."

    def takes(self) -> str:
        """The words that everybody has."""
        return " · ".join([*(f"`{option}`" for option in self.options), "one of yours"])

    def listed(self) -> dict[Any, str]:
        """The options that everybody has."""
        return dict(self.options)

    def option(self) -> Option:
        """All there are on this machine; of yours the short ids."""
        short = [value[: len(YOURS) + 16] for value in self.labels]
        return Option("{" + ",".join(short) + "}", example=next(iter(self.options)))

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the list sends, or the value from a client."""
        return raw.get("id") if isinstance(raw, dict) and "rev" in raw else raw

    def end_values(self) -> list[Any]:
        """Every word."""
        return list(self.options)

    def wrong_values(self) -> list[Any]:
        """No word, and nothing that was left."""
        return ["no such choice", "yours:000000000000", "yours:", "../../x", 7]
