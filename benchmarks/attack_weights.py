"""Hostile weight files and generators of one's own, each read through the door that a visitor's file takes.

`cases(folder, quick)` writes them and gives a name and a function for each; whoever calls the functions, in a process
of its own, measures memory and time. A function returns or raises an `EditorError`; anything that a file gets executed
would write ``folder / "executed"``. Alone, this prints how each ends:

    python benchmarks/attack_weights.py --quick --json
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from facet import EditorError, OwnFile
from facet.app import finish
from nets.stylegan2 import Generator, GeneratorConfig, Layout, to_state
from registry.execution import Context
from registry.readers import put_safetensors

Case = tuple[str, Callable[[], object]]


def cases(folder: Path, quick: bool) -> list[Case]:
    """Every case by name; with `quick`, one in three of the files that only differ in how a pickle is spelt."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [*_files(folder, quick), *_generators(folder), *_encoders(folder), *_directions(folder)]
    return [(name, call) for name, call in found]


def _files(folder: Path, quick: bool) -> Iterator[Case]:
    """The readers' own hostile files: as a generator, each through the Latent editor."""
    from tests.readers.hostile import HOSTILE, wire

    kept = wire.command
    _everywhere(lambda _: f"touch {folder / 'executed'}")
    try:
        for number, (name, build) in enumerate(HOSTILE.items()):
            if quick and number % 3 and build.__module__.endswith("archives"):
                continue
            place = folder / f"file_{name}"
            place.mkdir()
            yield f"file {name}", partial(_own_model, build(place))
    finally:
        _everywhere(kept)


def _everywhere(command: Callable[[Path], str]) -> None:
    """What the payloads of hostile files run, in every module that spells it."""
    from tests.readers.hostile import archives, code, formats, lies, memory, wire

    for module in (archives, code, formats, lies, memory, wire):
        if hasattr(module, "command"):
            module.command = command  # type: ignore[attr-defined]


def _generators(folder: Path) -> Iterator[Case]:
    """Files that are sound, of networks that are not: too large, too wide, too deep, of several or of no meaning."""
    for name, state, config in _networks():
        path = folder / f"{name.replace(' ', '_')}.safetensors"
        with path.open("wb") as file:
            put_safetensors(file, state, {"config": config} if config else {})
        yield f"generator {name}", partial(_own_model, path)
    for name, content in _checkpoints():
        path = folder / f"{name.replace(' ', '_')}.pt"
        torch.save(content, path)
        yield f"generator {name}", partial(_own_model, path)


def _networks() -> Iterator[tuple[str, dict[str, torch.Tensor], str]]:
    for size in (2048, 4096, 8192):
        yield f"of {size} pixels", *_sparse(size)
    for width in (64, 256):
        yield f"of 1024 pixels and {width} channels in its last block", *_sparse(1024, last=width)
    state, config = _sparse(64)
    for name in ("z_dim", "w_dim", "c_dim", "mapping_width", "mapping_layers", "embed_dim"):
        yield f"whose config says {name} is a billion", state, json.dumps({**json.loads(config), name: 10**9})
    odd = [
        ("resample_filter", [1] * 100_000),
        ("channels", {str(4 << n): 1 for n in range(40)}),
        ("channels", {}),
        ("resolution", [1 << 30] * 2),
        ("conv_clamp", "x"),
        ("mapping_lr", None),
        ("img_channels", 10**9),
        ("architecture", "x" * 10**6),
    ]
    for name, value in odd:
        yield f"whose config has {name} of {str(value)[:12]}", state, json.dumps({**json.loads(config), name: value})
    wide = {**state, "mapping.layers.0.weight": torch.zeros(8, 1_000_000)}
    yield "that takes z of a million numbers", wide, ""
    taps = {name: torch.ones(1, 200_000) if name.endswith("resample_filter") else t for name, t in _nvlabs().items()}
    yield "with a filter of 200,000 taps", taps, ""
    nan = {name: tensor.clone().fill_(float("nan")) for name, tensor in state.items()}
    yield "of nothing but NaN", nan, config
    yield "of infinite weights", {name: tensor + float("inf") for name, tensor in state.items()}, config


def _sparse(size: int, last: int = 1) -> tuple[dict[str, torch.Tensor], str]:
    """A generator with one channel in every block but the last, without its noise: a few kilobytes."""
    heights = [4 << n for n in range(20) if 4 << n <= size]
    widths = {**dict.fromkeys(heights, 1), size: last}
    with torch.device("meta"):
        net = Generator(GeneratorConfig(size, widths, z_dim=8, w_dim=8, mapping_layers=1))
    state = {name: torch.ones(t.shape) for name, t in net.state_dict().items() if not name.endswith(".noise")}
    return state, net.config.to_json()


def _nvlabs() -> dict[str, torch.Tensor]:
    config = GeneratorConfig(32, dict.fromkeys((4, 8, 16, 32), 4), z_dim=8, w_dim=8, mapping_layers=2)
    return to_state(Generator(config).eval(), Layout.NVLABS)


def _checkpoints() -> Iterator[tuple[str, object]]:
    one, other = _nvlabs(), {name: tensor + 1 for name, tensor in _nvlabs().items()}
    yield "twice averaged", {"G1_ema": one, "G2_ema": other}
    yield "twice and never averaged", {"a": one, "b": other}
    yield "beside its judge", {"state_dict": {"G": one, "D": {"final_linear.0.weight": torch.zeros(1)}}}
    yield "many times over", {f"net{number}": one for number in range(200)}
    yield "nested 60 deep", _nested(one, 60)
    yield "with names of 900 letters", {"x" * 900: one}


def _nested(inner: object, levels: int) -> object:
    return {"a": _nested(inner, levels - 1)} if levels else inner


def _encoders(folder: Path) -> Iterator[Case]:
    """An encoder whose stem is wide and whose trunk is not: maps of ten gigabytes from a file of five megabytes."""
    from nets.psp import PspConfig, PspEncoder
    from registry.subjects import Subject

    with torch.device("meta"):
        net = PspEncoder(PspConfig(8, (40_000, 1, 1, 1, 1), 8))
    state = {f"encoder.{name}": torch.zeros(t.shape, dtype=t.dtype) for name, t in net.state_dict().items()}
    torch.save({"state_dict": state, "opts": {}}, path := folder / "encoder.pt")
    values = {"model": "puppets", "own_encoder": str(path), "start": "encoder", "align": "none", "steps": 0}

    def bring() -> object:
        from editors.inversion import invert

        return finish(invert, {**values, "tuning": 0, "subject": Subject.read("sample:lion")})

    def load() -> object:
        from nets.psp import from_contents

        return Context().own_net(OwnFile(path), from_contents)

    yield "encoder with a wide stem", load
    yield "encoder with a wide stem, in the editor", bring


def _directions(folder: Path) -> Iterator[Case]:
    """Arrays whose header claims terabytes, that are pickles, or that are archives."""
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,), }\n"
    files = {
        "claims": b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * 2048,
        "pickle": f"cos\nsystem\n(S'touch {folder / 'executed'}'\ntR.".encode(),
        "archive": b"PK\x03\x04" + b"\0" * 100,
    }
    for name, content in files.items():
        (path := folder / f"{name}.npy").write_bytes(content)
        yield f"direction that {name}", partial(_direction, path)


def _own_model(path: Path) -> object:
    from editors.latent import latent

    return finish(latent, {"own_model": str(path), "gallery": 1, "seed": 1})


def _direction(path: Path) -> object:
    from registry.directions import read_foreign

    return read_foreign(path, "ffhq_1024", "own")


def main() -> None:
    """Run every case here, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer of the files that are alike")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    found = parser.parse_args()
    ended = {"read": 0, "refused": 0, "unhandled": 0}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        os.environ["FACET_HOME"], os.environ["FACET_OFFLINE"] = f"{name}/home", "1"
        for case, call in cases(Path(name) / "files", found.quick):
            began = time.perf_counter()
            try:
                call()
                how, why = "read", ""
            except EditorError as refusal:
                how, why = "refused", str(refusal)
            except Exception as error:  # what this looks for
                how, why = "unhandled", f"{type(error).__name__}: {error}"
            took = time.perf_counter() - began
            slowest = max(slowest, took)
            ended[how] += 1
            print(f"{how:9} {took:5.2f} s  {case:52} {why[:110]}", flush=True)
        executed = (Path(name) / "files" / "executed").exists()
    rows = {"tried": sum(ended.values()), **ended, "executed": int(executed), "slowest_seconds": round(slowest, 2)}
    print(json.dumps(rows) if found.json else ", ".join(f"{key} {value}" for key, value in rows.items()))


if __name__ == "__main__":
    main()
