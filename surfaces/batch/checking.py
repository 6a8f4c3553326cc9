"""What is wrong with a batch for every one of its pictures, said before the work."""

from __future__ import annotations

from collections.abc import Sequence

from facet import BadInput
from facet.app import Registry
from registry.plugins import REQUIRED
from surfaces.batch.chain import Chain
from surfaces.batch.items import Item


def check_items(registry: Registry, chain: Chain, items: Sequence[Item]) -> None:
    """Refuse at once what would fail for every picture: inputs that neither the options nor the table give.

    Raises:
        BadInput: the first edit lacks an input, or the table has a column that is none.
    """
    first, link = registry.get(chain.links[0].editor), chain.links[0]
    columns = {name for item in items for name in item.values}
    have = {*link.values, *link.originals, *columns, *(["subject"] if any(item.subject for item in items) else [])}
    for entry in first.inputs:
        if entry.default is REQUIRED and entry.name not in have:
            raise BadInput(entry.name, "is missing", f"Give it as --{entry.name.replace('_', '-')}, or as a column.")
    for name in columns:
        first.input(name)
