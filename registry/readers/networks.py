"""What a file's root is: networks, state dicts, a list, one tensor; and where a record keeps its entries.

Known shapes of a file: a dict of networks or state dicts (NVlabs, rosinality, pSp), a whole module, the TensorFlow
era's ``(G, D, Gs)``, a flat state dict, a list of tensors, one tensor. Modules are read as their `__dict__` lies in the
file (`_parameters`, `_buffers`, `_modules`); the source text that NVlabs files carry is only hashed.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.readers.interpret import entries, is_tensor
from registry.readers.limits import MAX_NAME, Budget, Refused, shown
from registry.readers.records import DICTS, PERSISTENT, TF_NETWORK, Call, Pairs, Record


def networks_in(root: Record, budget: Budget) -> list[tuple[str, Record]]:
    """The named entries at the top of a file, unread. A whole module is called ``module``, a bare tensor ``""``.

    Raises:
        Refused: the file is neither a network nor a collection of any.
    """
    if isinstance(root, tuple) and len(root) == 3 and all(dotted(part) == TF_NETWORK for part in root):
        return list(zip(("G", "D", "G_ema"), root, strict=True))
    if is_tensor(root):
        return [("", root)]
    if module_state(root, budget) is not None or dotted(root) == TF_NETWORK:
        return [("module", root)]
    pairs = as_pairs(root, budget)
    if pairs is not None:
        budget.node(len(pairs))
        found = [(name, value) for name, value in named_entries(pairs) if name is not None]
        if any(len(name) > MAX_NAME or not name.isprintable() for name, _ in found):
            raise Refused("it has an entry with a name that is too long or no valid text")
        return found
    if isinstance(root, (list, tuple)):
        return [(str(index), part) for index, part in enumerate(root)]
    what = dotted(root) or type(root).__name__
    raise Refused(f"it holds no weights but one {shown(what)}", "Choose a file of weights")


def dotted(record: Record) -> str:
    """The name of what a record calls; empty for any other record."""
    return record.dotted if isinstance(record, Call) else ""


def as_pairs(record: Record, budget: Budget) -> Pairs | None:
    """The entries of a dict or of what is used as one (OrderedDict, EasyDict, Namespace); None for anything else.

    Whatever is copied or looked through is paid for first: one dict of the file can be an argument many times over.
    """
    if isinstance(record, Pairs):
        budget.looked_through(len(record))
        return record
    if not isinstance(record, Call) or record.dotted not in DICTS:
        return None
    budget.looked_through(len(record.arguments))
    out = Pairs()
    parts: list[Record] = [record.pairs, *record.arguments]
    if record.dotted != "collections.OrderedDict":
        parts.append(record.state)  # an OrderedDict's state is torch's note on versions
    for part in parts:
        if isinstance(part, Pairs):
            budget.looked_through(len(part))
            out.extend(part)
        elif isinstance(part, list):
            budget.looked_through(2 * len(part))
            out.extend(_even(part))
    return out


def _even(pairs: list[Record]) -> Iterator[Record]:
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise Refused("a dict in the pickle has a key without a value")
        yield from pair


def module_state(record: Record, budget: Budget) -> Pairs | None:
    """The `__dict__` of a persistent object or torch module; None for anything else."""
    if not isinstance(record, Call):
        return None
    if not record.is_known:  # looked for once: a record can be met many times
        record.network, record.is_known = _module_state(record, budget), True
    return record.network


def _module_state(record: Call, budget: Budget) -> Pairs | None:
    state: Record = record.state
    if record.dotted == PERSISTENT:
        about = as_pairs(record.arguments[0], budget) if record.arguments else None
        if about is None or about.get("type") != "class":
            raise Refused("it holds an object of NVlabs' kind without the description of its class")
        state = about.get("state")
        return as_pairs(state, budget) if state is not None else Pairs()
    pairs = as_pairs(state, budget) if isinstance(state, Pairs) else None
    return pairs if pairs is not None and pairs.get("_modules") is not None else None


def named_entries(pairs: Pairs) -> Iterator[tuple[str | None, Record]]:
    """A dict's entries with their keys as text; None for a key that is neither text nor number."""
    for key, value in entries(pairs):
        yield (str(key) if isinstance(key, (str, int, float)) else None), value
