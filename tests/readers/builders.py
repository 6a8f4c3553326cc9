"""Writes a tiny file of every layout that is known, and says which tensors must be read from it."""

from __future__ import annotations

import argparse
import pathlib
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.readers.fake_nvlabs import Discriminator, EasyDict, Generator, Network, nvlabs_modules

Groups = dict[str, dict[str, torch.Tensor]]
BUILDERS: dict[str, Callable[[Path], Written]] = {}


@dataclass
class Written:
    """What was written: the layout's name, the tensors by group, and plain facts that must be found."""

    layout: str
    groups: Groups
    plain: dict[str, object] = field(default_factory=dict)


def _layout(*cases):
    def register(build):
        for case in cases or ((),):
            name = "-".join([build.__name__, *map(str, case)])
            BUILDERS[name] = lambda path, case=case: build(path, *case)
        return build

    return register


def build_all(folder: Path) -> dict[str, tuple[Path, Written]]:
    """Every layout, in files whose names say nothing about the format."""
    folder.mkdir(parents=True, exist_ok=True)
    out = {}
    for name, build in BUILDERS.items():
        torch.manual_seed(len(out))
        path = folder / f"{name}.bin"
        out[name] = (path, build(path))
    return out


def _states(**networks) -> Groups:
    return {name: {key: value.clone() for key, value in net.state_dict().items()} for name, net in networks.items()}


@_layout((2,), (3,), (4,), (5,))
def ada_pickle(path, protocol):
    """StyleGAN2-ADA and the StyleGAN2 of the StyleGAN3 repository."""
    nets = {"G": Generator(z_dim=4, img_resolution=8), "D": Discriminator(c_dim=0)}
    nets["G_ema"] = Generator(z_dim=4, img_resolution=8, mapping_kwargs=EasyDict(num_layers=2))
    data = {"training_set_kwargs": EasyDict(path="set.zip", resolution=8), **nets, "augment_pipe": None}
    with nvlabs_modules():
        path.write_bytes(pickle.dumps(data, protocol=protocol))
    facts = {
        "class_name": "Generator",
        "version": 6,
        "init_kwargs": {"z_dim": 4, "img_resolution": 8, "mapping_kwargs": {"num_layers": 2}},
    }
    plain = {"training_set_kwargs": {"path": "set.zip", "resolution": 8}, "G_ema": facts}
    return Written("nvlabs-pickle", _states(**nets), plain)


@_layout()
def ada_half_g_ema_only(path):
    net = Generator(z_dim=4).half()
    with nvlabs_modules():
        path.write_bytes(pickle.dumps({"G_ema": net}, protocol=4))
    return Written("nvlabs-pickle", _states(G_ema=net))


@_layout((True,), (False,))
def pti_module(path, as_zip):
    """PTI and DragGAN users save whole modules."""
    net = Generator(z_dim=4)
    with nvlabs_modules():
        torch.save(net, path, _use_new_zipfile_serialization=as_zip)
    return Written(
        "torch-zip" if as_zip else "torch-legacy", _states(module=net), {"module": {"class_name": "Generator"}}
    )


@_layout((True,), (False,))
def plain_module(path, as_zip):
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Sequential(nn.Linear(3, 2, bias=False)))
    torch.save(net, path, _use_new_zipfile_serialization=as_zip)
    name = "torch.nn.modules.container.Sequential"
    return Written("torch-zip" if as_zip else "torch-legacy", _states(module=net), {"module": {"class_name": name}})


@_layout((2,), (4,))
def tf_tuple(path, protocol):
    """StyleGAN2 of the TensorFlow era: (G, D, Gs)."""

    def net(name, **parts):
        variables = [(f"{name}/weight", np.random.default_rng(len(name)).normal(size=(3, 3, 2, 2)).astype("f4"))]
        variables.append(("lod", np.float32(0.5)))
        return Network(name, variables, parts, resolution=8)

    parts = {"mapping": net("Dense0"), "synthesis": net("4x4/Conv")}
    with nvlabs_modules():
        path.write_bytes(pickle.dumps((net("G", **parts), net("Disc"), net("Gs", **parts)), protocol=protocol))

    def expected(tf_net, prefix=""):
        found = {prefix + name: torch.from_numpy(np.array(value)) for name, value in tf_net.variables}
        for name, part in tf_net.components.items():
            found |= expected(part, f"{prefix}{name}/")
        return found

    groups = {"G": expected(net("G", **parts)), "D": expected(net("Disc")), "G_ema": expected(net("Gs", **parts))}
    return Written("tf-pickle", groups, {"G_ema": {"class_name": "Gs_main", "init_kwargs": {"resolution": 8}}})


@_layout((True,), (False,))
def rosinality(path, as_zip):
    """rosinality's training checkpoint: state dicts, optimiser, arguments, mean latent."""
    net = nn.ModuleDict({"style": nn.Linear(4, 4), "conv": nn.Conv2d(2, 2, 3)})
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002, betas=(0.0, 0.99))
    sum(part.sum() for part in net.parameters()).backward()
    optimiser.step()
    state = optimiser.state_dict()
    latent = torch.randn(4)
    data = {"g_ema": net.state_dict(), "g": net.state_dict(), "latent_avg": latent, "g_optim": state}
    data |= {"args": argparse.Namespace(size=8, lr=0.002, channel_multiplier=2), "ada_aug_p": 0.25}
    torch.save(data, path, _use_new_zipfile_serialization=as_zip)
    moments = {f"state.{i}.{key}": value for i, part in state["state"].items() for key, value in part.items()}
    groups = {**_states(g_ema=net, g=net), "g_optim": moments, "": {"latent_avg": latent}}
    plain = {"args": {"size": 8, "lr": 0.002, "channel_multiplier": 2}, "ada_aug_p": 0.25}
    return Written("torch-zip" if as_zip else "torch-legacy", groups, plain)


@_layout()
def e4e(path):
    weights = OrderedDict((f"{part}.conv.weight", torch.randn(2, 3)) for part in ("encoder", "decoder"))
    opts = {"stylegan_size": 8, "checkpoint_path": pathlib.PurePosixPath("out/best.pt"), "start_from_latent_avg": True}
    latent = torch.randn(6, 4)
    torch.save({"state_dict": weights, "latent_avg": latent, "opts": opts}, path)
    opts = {"stylegan_size": 8, "checkpoint_path": "best.pt", "start_from_latent_avg": True}
    return Written("torch-zip", {"state_dict": dict(weights), "": {"latent_avg": latent}}, {"opts": opts})


@_layout((True,), (False,))
def flat_state_dict(path, as_zip):
    """Every element type, and every way for a tensor to lie in its storage."""
    kinds = [torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8]
    data = {str(kind): torch.arange(6).reshape(2, 3).to(kind) for kind in [*kinds, torch.uint8]}
    wide = torch.randn(6, 8)
    data |= {"bool": torch.tensor([True, False]), "scalar": torch.tensor(3.5), "empty": torch.empty(0, 4)}
    data |= {"slice": wide[1:3, 2:5], "transposed": wide.t(), "expanded": torch.ones(1).expand(5), "tied": wide}
    data |= {"parameter": nn.Parameter(torch.ones(2)), "complex": torch.randn(3, dtype=torch.complex64)}
    data["annotated"] = nn.Parameter(torch.ones(3))
    data["annotated"].note = "extra attributes take another way through pickle"
    if as_zip:
        data["float8"] = torch.arange(4.0).to(torch.float8_e4m3fn)
    torch.save(data, path, _use_new_zipfile_serialization=as_zip)
    return Written("torch-zip" if as_zip else "torch-legacy", {"": {k: v.detach() for k, v in data.items()}})


@_layout((2,), (4,))
def long_storage(path, protocol):
    """A storage that is too long to be held twice; below protocol 3 it is written as text."""
    tensor = torch.randn(33, 35)
    path.write_bytes(pickle.dumps({"G_ema": {"weight": tensor}}, protocol=protocol))
    return Written("pickle", {"G_ema": {"weight": tensor}})


@_layout()
def single_tensor(path):
    direction = torch.randn(1, 8)
    torch.save(direction, path)
    return Written("torch-zip", {"": {"tensor": direction}})


@_layout((2,), (5,))
def arrays(path, protocol):
    """NumPy arrays and numbers in a plain pickle, in both memory orders."""
    array = np.arange(24, dtype="f4").reshape(2, 3, 4)
    data = {"c": array, "f": np.asfortranarray(array), "i": np.arange(3), "flags": np.array([True, False])}
    path.write_bytes(pickle.dumps({**data, "n": np.float32(0.5), "names": ["a", "b"]}, protocol=protocol))
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in data.items()}
    return Written("pickle", {"": tensors}, {"n": 0.5, "names": ["a", "b"]})


@_layout()
def safetensors(path):
    from safetensors.torch import save_file

    data = {"a.weight": torch.randn(3, 4), "b": torch.ones(2).half(), "empty": torch.empty(0, 2), "n": torch.tensor(7)}
    save_file(data, path, metadata={"format": "pt", "licence": "none"})
    return Written("safetensors", {"": data}, {"format": "pt", "licence": "none"})


def varint(value: int) -> bytes:
    """A protobuf varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """A protobuf message of integer (varint) and bytes (length-delimited) fields."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def onnx_model(*initialisers: bytes) -> bytes:
    """A model with these TensorProtos and one node."""
    attributes = (
        message((1, b"strides"), (8, 2), (8, 3)),
        message((1, b"packed"), (8, b"\x01\x02")),
        message((1, b"least"), (3, 2**64 - 1)),
        message((1, b"auto_pad"), (4, b"VALID")),
        message((1, b"scale"), (2, b"")),
    )
    node = message((1, b"x"), (1, b"w"), (2, b"y"), (4, b"Conv"), *((5, each) for each in attributes))
    ends = [(11, message((1, b"x"))), (12, message((1, b"y")))]
    graph = message((1, node), (2, b"graph"), *((5, tensor) for tensor in initialisers), *ends)
    return message((1, 4), (2, b"builder"), (7, graph), (8, message((2, 9))))


@_layout()
def onnx(path):
    raw = torch.randn(2, 3)
    floats, counts = torch.tensor([1.5, -2.0]), torch.tensor([3, -1])
    halves = torch.tensor([0.5, 2.0]).half()
    bits = b"".join(varint(value & 0xFFFF) for value in halves.view(torch.int16).tolist())
    numbers = b"".join(varint(value % 2**64) for value in counts.tolist())
    path.write_bytes(
        onnx_model(
            message((1, 2), (1, 3), (2, 1), (8, b"raw"), (9, raw.numpy().tobytes())),
            message((1, b"\x02"), (2, 1), (4, struct.pack("<2f", *floats)), (8, b"floats")),
            message((1, 2), (2, 7), (7, numbers), (8, b"counts")),
            message((1, 2), (2, 10), (5, bits), (8, b"halves")),
        )
    )
    groups = {"": {"raw": raw, "floats": floats, "counts": counts, "halves": halves}}
    attributes = {"strides": [2, 3], "packed": [1, 2], "least": -1, "auto_pad": "VALID"}
    facts = {"producer": "builder", "inputs": ["x"], "outputs": ["y"]}
    return Written(
        "onnx",
        groups,
        {**facts, "nodes": [{"op": "Conv", "inputs": ["x", "w"], "outputs": ["y"], "attributes": attributes}]},
    )
