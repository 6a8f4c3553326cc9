"""The choice of a generator among all there are at that moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.errors import BadInput
from registry.generators import GeneratorEntry, generator_entry, generators
from registry.inputs.kind import Kind, Option, Uploads, shown

SHELVES = {"here": "Here", "download": "To download", "yours": "Yours"}
"""What the groups are called."""
_YOURS = "yours:"


@dataclass(frozen=True)
class GeneratorChoice(Kind):
    """One of the generators, by id; `ctx.load_generator` loads it.

    Which there are is asked anew each time: one that an edit has just left is among them. What all visitors read
    (`limits`, the reference) names none of those.
    """

    _: KW_ONLY
    label: str = "Generator"
    spaces: tuple[str, ...] = ()  # only generators of these W spaces; empty for all

    accepts: ClassVar[tuple[type, ...]] = (str,)

    @property
    def labels(self) -> dict[str, str]:
        """Id → title, for whoever asks."""
        return {entry.id: entry.title for entry in self._offered()}

    def groups(self, yours: bool = True) -> list[dict[str, Any]]:
        """``[{"title": "Here", "options": [[id, title, space], …]}, …]``; `yours`: with what edits have left."""
        return grouped(self._offered(yours))

    def check(self, value: Any, field: str) -> str:
        """The id of a generator there is; one of yours also by the first 6 or more digits after ``yours:``."""
        entry = generator_entry(value) if isinstance(value, str) and len(value) <= 100 else None
        entry = None if entry is not None and entry.shelf == "file" else entry
        if entry is not None and (not self.spaces or entry.space in self.spaces):
            return entry.id
        if entry is not None:
            raise BadInput(field, f"is a generator of {entry.space}", f"Choose one of {' or '.join(self.spaces)}.")
        if isinstance(value, str) and value.startswith(_YOURS):
            why = f"names a generator of yours that is not here: {shown(value)}"
            raise BadInput(field, why, "Import its file under Yours (“facet yours import”), or choose another one.")
        known = ", ".join(entry.id for entry in self._offered())
        raise BadInput(field, f"must be one of {known}, not {shown(value)}")

    def describe(self) -> dict[str, Any]:
        """The options with their titles, by group."""
        return super().describe() | {"options": self.labels, "groups": self.groups()}

    def limits(self) -> str:
        """The options that everybody has."""
        names = ", ".join(entry.id for entry in sorted(self._offered(yours=False), key=lambda entry: entry.order))
        return f"One of: {names}; or the id of a generator of your own, as “facet yours list” has it."

    def takes(self) -> str:
        """The options that everybody has."""
        names = sorted((entry for entry in self._offered(yours=False)), key=lambda entry: entry.order)
        return " · ".join([*(f"`{entry.id}`" for entry in names), "one of yours"])

    def option(self) -> Option:
        """All there are on this machine."""
        return Option("{" + ",".join(self.labels) + "}", example="puppets")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the list sends, or the id from a client."""
        return raw.get("id") if isinstance(raw, dict) and "rev" in raw else raw

    def end_values(self) -> list[Any]:
        """Those that need no request."""
        return [entry.id for entry in self._offered(yours=False) if entry.here]

    def wrong_values(self) -> list[Any]:
        """No generator."""
        return ["no such generator", "yours:000000000000", "../../x", 7]

    def _offered(self, yours: bool = True) -> Collection[GeneratorEntry]:
        return generators(yours, self.spaces)


def grouped(entries: Collection[GeneratorEntry]) -> list[dict[str, Any]]:
    """Generators by group, as the page's list shows them."""
    found = {
        title: [[entry.id, entry.title, entry.space] for entry in entries if entry.shelf == shelf]
        for shelf, title in SHELVES.items()
    }
    return [{"title": title, "options": options} for title, options in found.items() if options]
