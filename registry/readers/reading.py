"""From an open file to `Tensors`: recognise, parse, interpret."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from registry.errors import OutOfMemory, WeightsCorrupt
from registry.readers.contents import Tensors
from registry.readers.detect import recognise
from registry.readers.interpret import Interpreter
from registry.readers.limits import Budget, Refused, available_memory, shown, too_large
from registry.readers.networks import networks_in
from registry.readers.onnx_file import read_onnx
from registry.readers.opcodes import parse
from registry.readers.records import PERSISTENT, TF_NETWORK, Call, Record
from registry.readers.safetensors_file import read_safetensors
from registry.readers.source import FileSource, Source, Stream
from registry.readers.torch_files import MAGIC, Fetch, open_archive, open_stream
from registry.readers.visitor import NOTHING, Visitor


def read_tensors(
    path: str | Path, *, memory_limit_bytes: int | None = None, only: Collection[str] | None = None
) -> Tensors:
    """Reads the tensors of a weight file without running anything that is in it.

    Safetensors, torch zip and older torch files (state dicts and whole modules), pickles of NVlabs' StyleGAN2-ADA and
    StyleGAN3 code and of the TensorFlow era, and ONNX initialisers, recognised by content. Peak memory is at most 2.5
    times the file's size and 64 MB.

    Args:
        path: the file.
        memory_limit_bytes: most bytes of tensors to hold; None asks the system what is free.
        only: names of the entries at the top of a pickle or torch file to read, such as ``G_ema`` and ``latent_avg``;
            the others are not decoded. None reads all.

    Raises:
        WeightsMissing: there is no such file, or it may not be opened.
        WeightsCorrupt: it is damaged, hostile, or no weights; says what it is and what to do.
        OutOfMemory: its tensors do not fit.
    """
    path = Path(path)
    with named_errors(path.name), FileSource(path) as source:
        return read_source(source, path.name, memory_limit_bytes, only)


def read_source(source: Source, name: str, memory_limit: int | None, only: Collection[str] | None) -> Tensors:
    """`read_tensors` of an open file; errors do not yet say which file it is."""
    limit = available_memory() if memory_limit is None else memory_limit
    budget = Budget(source.size, limit)
    kind = recognise(source)
    if kind in ("safetensors", "onnx"):
        if limit is not None and source.size > limit:
            raise OutOfMemory(too_large(source.size, limit))
        if kind == "onnx":
            found, about = read_onnx(source, budget)
            return Tensors({"": found}, about, kind, name=name, free_bytes=limit)
        found, metadata = read_safetensors(source, budget)
        return Tensors({"": found}, metadata, kind, name=name, free_bytes=limit)
    layout, root, fetch = _open_pickle(source, kind, budget)
    return replace(_contents(root, fetch, layout, budget, name, only), free_bytes=limit)


def _open_pickle(source: Source, kind: str, budget: Budget) -> tuple[str, Record, Fetch | None]:
    if kind == "zip":
        return "torch-zip", *open_archive(source, budget)
    stream = Stream(source)
    root = parse(stream, budget)
    if type(root) is int and root == MAGIC:
        return "torch-legacy", *open_stream(source, 0, source.size, budget)
    if stream.at != source.size:
        raise Refused("bytes follow the end of its pickle")
    entries = networks_in(root, budget)
    kinds = {entry.dotted for _, entry in entries if isinstance(entry, Call)}
    layout = "tf-pickle" if TF_NETWORK in kinds else "nvlabs-pickle" if PERSISTENT in kinds else "pickle"
    return layout, root, None


def _contents(
    root: Record, fetch: Fetch | None, layout: str, budget: Budget, name: str, only: Collection[str] | None
) -> Tensors:
    interpreter, warnings = Interpreter(budget, fetch), list[str]()
    groups: dict[str, dict[str, torch.Tensor]] = {}
    plain: dict[str, object] = {}
    unread = []
    for entry, record in networks_in(root, budget):
        if only is not None and entry not in only:
            unread.append(entry)
            continue
        visitor = Visitor(interpreter, warnings)
        value = visitor.visit(record)
        for key, tensor in visitor.tensors.items():
            group, inner = (entry, key) if key else ("", entry or "tensor")
            groups.setdefault(group, {})[inner] = tensor
        if value is not NOTHING:
            plain[entry] = value
    if not groups and not unread:
        raise Refused("it holds no tensors", "Choose a file of weights")
    return Tensors(groups, plain, layout, tuple(warnings), name, tuple(unread))


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """Puts the file's name before the sentence of an error, and makes sentences of the system's errors."""
    name = shown(name)
    try:
        yield
    except Refused as error:
        raise WeightsCorrupt(f"{name} cannot be read: {error}") from None
    except OutOfMemory as error:
        raise OutOfMemory(f"{name} does not fit into memory: {error}.") from None
    except MemoryError:
        raise OutOfMemory(f"{name} does not fit into memory. Close other programs or choose a smaller model.") from None
    except OSError as error:
        raise WeightsCorrupt(
            f"{name} cannot be read: {error.strerror}. Check the disk, or download it again."
        ) from None
