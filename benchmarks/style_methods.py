"""All ways of restyling on the same pictures, for `benchmarks/style.py`: what is kept, how near the style, the cost."""

from __future__ import annotations

import resource
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.kept import Kept
from editors.one_pass.adain import Networks, exchanged, style_moments
from editors.one_pass.look import Look
from facet import Subject
from facet.app import EditorSpec, Registry, finish, load_registry
from metrics import METRICS
from nets.features import Coloured, adain, whiten_colour
from nets.features.moments import whiten_colour_map
from nets.features.pieces import Pieces
from nets.features.tiles import to_net
from registry.subjects import Pixels
from surfaces.compare.measures import network
from training.trunk.convert import read_trunk
from training.trunk.export import read_decoders
from training.trunk.pictures import ASSETS

CONTENTS = ("hopper", "astronaut", "chelsea", "lake", "coffee", "rocket")
STYLES = ("night", "knife", "waves", "mosaic", "marbled", "pencil")
"""Those that Fast style has, too."""

Finished = tuple[Pixels, float, float]
"""A picture, processor seconds, and megabytes."""

MEASURED = ("ssim", "edge_f1", "style_gabor", "style_trunk", "style_random", "colour_distance")


def methods(registry: Registry, size: int) -> dict[str, tuple[EditorSpec, dict[str, Any], str]]:
    """Name → editor, its inputs, and what the style is called there."""
    rows: dict[str, tuple[str, dict[str, Any], str]] = {
        "colour transfer": ("colour_transfer", {}, "style"),
        "neural, Gabor": ("neural_style", {"size": size, "features": "gabor"}, "style"),
        "neural, VGG-16 on edges": ("neural_style", {"size": size, "features": "vgg16_edges"}, "style"),
        "AdaIN": ("adain", {"size": size}, "style"),
        "WCT": ("wct", {"size": size}, "style"),
        "Fast style": ("fast_style", {"size": size}, "look"),
    }
    here = {spec.id: spec for specs in registry.by_task().values() for spec in specs}
    return {name: (here[id], values, asked) for name, (id, values, asked) in rows.items() if id in here}


def fitted(name: str, size: int) -> Pixels:
    """A bundled photograph whose longer side is `size`."""
    image = Subject.read(f"sample:{name}").image
    scale = size / max(image.size)
    return np.asarray(image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS))


def painted(spec: EditorSpec, values: dict[str, Any], asked: str, content: str, style: str, size: int) -> Finished:
    """A photograph in a style by one method, with what it cost."""
    look = style if asked == "look" else f"sample:{style}"
    begun = time.process_time()
    result = finish(spec, {**values, "subject": fitted(content, size), asked: look}, threads=1)
    return result.subject.pixels, time.process_time() - begun, result.peak_memory_bytes / 2**20


def compare_methods(
    size: int, contents: tuple[str, ...], styles: tuple[str, ...], only: Collection[str] = (), kept: Kept | None = None
) -> dict[str, dict[str, float]]:
    """Means over all pairs; a star marks the number that a method itself optimised, or was trained for.

    `only`: ids of editors; empty for all.
    """
    judge, found, kept = network("vgg16_edges"), {}, kept or Kept()
    for name, (spec, values, asked) in methods(load_registry(), size).items():
        if only and spec.id not in only:
            continue

        def measured(content: str, style: str, spec: EditorSpec = spec, way: Any = (values, asked)) -> dict[str, float]:
            made, _, _ = painted(spec, *way, content, style, size)
            shown = {"result": made, "subject": fitted(content, size), "style": Subject.read(f"sample:{style}").pixels}
            row = {}
            for key in MEASURED:
                metric = METRICS[key]
                pair = {need: shown[need] for need in metric.needs}
                star = "*" if spec.id in metric.home_of else ""
                row[key + star] = float(metric(network=judge if metric.net else None, **pair))
            return row

        rows = [
            kept.of(f"{name}, {content}, {style}, {size}", partial(measured, content, style))
            for content in contents
            for style in styles
        ]
        found[name] = {key: round(sum(row[key] for row in rows) / len(rows), 4) for key in rows[0]}
    return found


def cost(
    size: int, only: Collection[str] = (), kept: Kept | None = None, moments: float = 10.0
) -> dict[str, dict[str, float]]:
    """Processor seconds and memory of one picture by each method; what takes less than `moments` is done twice."""
    found, kept = {}, kept or Kept()
    for name, (spec, values, asked) in methods(load_registry(), size).items():
        if only and spec.id not in only:
            continue

        def measured(spec: EditorSpec = spec, way: Any = (values, asked)) -> dict[str, float]:
            _, seconds, megabytes = painted(spec, *way, "chelsea", "knife", size)
            if seconds < moments:
                _, seconds, megabytes = painted(spec, *way, "chelsea", "knife", size)
            return {"cpu_s": round(seconds, 3), "MB": round(megabytes, 1)}

        found[name] = kept.of(f"cost, {name}, {size}", measured)
    return found


def _networks() -> tuple[Any, Any]:
    weights = ASSETS / "weights"
    return Coloured(read_trunk(weights / "vgg16_edges")), read_decoders(weights / "vgg16_edges_decoders")


@torch.no_grad()
def against_the_formulas(size: int) -> dict[str, float]:
    """Largest difference, in levels of 255, between our tiles and the published formulas on the whole picture."""
    trunk, decoders = _networks()
    content, style = (torch.from_numpy(fitted(n, size).copy()).permute(2, 0, 1)[None] for n in ("lake", "night"))
    f, s = (trunk(to_net(x), 4)[-1] for x in (content, style))
    plain = decoders.styled(adain(f, s), *content.shape[2:])
    nets, pieces = Networks(trunk, decoders.styled), Pieces(trunk, content, 4, 128)
    affine = exchanged(nets, pieces.moments()[0], [(1.0, style_moments(nets, Look(style)))], 1.0)
    found = {"adain": _apart(_painted(pieces, decoders.styled, affine), plain)}
    picture = ours = content
    for tap in (4, 3, 2, 1):
        f, s = (trunk(to_net(x), tap)[-1] for x in (picture, style))
        decoder, shape = decoders.plain[tap - 1], content.shape[2:]
        picture = _between(decoder(whiten_colour(f, s, 0.7), *shape))
        pieces = Pieces(trunk, ours, tap, 128)
        affine = whiten_colour_map(pieces.moments()[0], Pieces(trunk, style, tap).moments()[0]).at(0.7)
        ours = _between(_painted(pieces, decoder, affine))
    return found | {"wct": _apart(to_net(ours), to_net(picture))}


def _between(made: Tensor) -> Tensor:
    """A level's picture as the editor keeps it for the next: bytes would turn a hair's breadth into a level."""
    return ((made + 1) / 2).clamp(0, 1).half()


def _painted(pieces: Pieces, decoder: Any, affine: Any) -> Tensor:
    made = torch.zeros(1, 3, *pieces.size)
    for tile, part in pieces.mapped(decoder, [(affine, None)]):
        made[:, :, tile.rows, tile.columns] = part
    return made


def _apart(one: Tensor, two: Tensor) -> float:
    return round(127.5 * (one - two).abs().max().item(), 3)


def largest(editor: str, megapixels: float, threads: int = 1, saved: Path | None = None) -> dict[str, float]:
    """Processor seconds and seconds for a picture that large, and the most memory that this process has had, in MB."""
    side = round((megapixels * 1e6 / 1.5) ** 0.5 / 8) * 8
    picture = np.asarray(Subject.read("sample:lake").image.resize((side * 3 // 2, side), Image.Resampling.BICUBIC))
    spec = load_registry().get(editor)
    look = {"look": "night"} if editor == "fast_style" else {"style": "sample:night"}
    begun, clock = time.process_time(), time.perf_counter()
    result = finish(spec, {"subject": picture, "size": 0, **look}, threads=threads)
    spent, lasted = time.process_time() - begun, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if saved:
        Image.fromarray(result.subject.pixels).save(saved)
    return {"cpu_s": round(spent, 1), "s": round(lasted, 1), "peak_MB": peak}
