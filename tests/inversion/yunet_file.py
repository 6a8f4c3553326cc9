"""A file of YuNet's layout (its published graph, other widths), and one whose network finds bright spots."""

from __future__ import annotations

import numpy as np
import torch

from tests.readers.builders import message

STRIDES, HEADS = (8, 16, 32), {"cls": 1, "bbox": 4, "obj": 1, "kps": 10}
FACE = [[-1.0, -1.0], [2.0, -1.0], [0.5, 0.5], [-0.5, 2.0], [1.5, 2.0]]
"""Where a bright spot's five points are, in cells of 8 pixels from it."""


class Graph:
    """Writes nodes and initialisers in the order that PyTorch's exporter does."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.tensors: dict[str, torch.Tensor] = {}

    def node(self, op: str, inputs: list[str], output: str, **attributes: int | list[int]) -> str:
        fields = [(1, name.encode()) for name in inputs] + [(2, output.encode()), (4, op.encode())]
        for name, value in attributes.items():
            whole = [(3, value), (20, 2)] if isinstance(value, int) else [*((8, each) for each in value), (20, 7)]
            fields.append((5, message((1, name.encode()), *whole)))
        self.nodes.append(message(*fields))
        return output

    def conv(self, x: str, name: str, weight: torch.Tensor, bias: torch.Tensor, stride: int = 1) -> str:
        self.tensors |= {f"{name}.weight": weight, f"{name}.bias": bias}
        side = weight.shape[-1]
        window = {"kernel_shape": [side] * 2, "strides": [stride] * 2, "pads": [side // 2] * 4, "dilations": [1, 1]}
        group = len(weight) if weight.shape[1] == 1 and side == 3 else 1
        return self.node("Conv", [x, f"{name}.weight", f"{name}.bias"], f"{name}.out", **window, group=group)

    def pool(self, x: str, output: str) -> str:
        return self.node("MaxPool", [x], output, kernel_shape=[2, 2], strides=[2, 2], pads=[0] * 4)

    def unit(self, x: str, name: str, relu: bool = True) -> str:
        """A pointwise and a depthwise convolution; both weights lie in `tensors` before, see `weights`."""
        for part in ("conv1", "conv2"):
            x = self.conv(x, f"{name}.{part}", *(self.tensors[f"{name}.{part}.{kind}"] for kind in ("weight", "bias")))
        return self.node("Relu", [x], f"{name}.relu") if relu else x

    def file(self) -> bytes:
        graph = [(1, node) for node in self.nodes]
        for name, tensor in self.tensors.items():
            raw = tensor.numpy().astype("<f4").tobytes()
            graph.append((5, message(*((1, size) for size in tensor.shape), (2, 1), (8, name.encode()), (9, raw))))
        graph += [(12, message((1, f"{head}_{stride}".encode()))) for head in HEADS for stride in STRIDES]
        return message((1, 6), (2, b"pytorch"), (7, message(*graph)), (8, message((2, 11))))


def names_and_widths(width: int = 8) -> dict[str, tuple[int, int]]:
    """Units by name with what they take and give."""
    units = {"model0.conv2": (width, width)}
    for stage in range(1, 6):
        units |= {f"model{stage}.conv{part}": (width, width) for part in (1, 2)}
    units |= {f"lateral.{level}": (width, width) for level in range(3)}
    units |= {f"{head}.{level}": (width, count) for head, count in HEADS.items() for level in range(3)}
    return units


def random_weights(seed: int = 0, width: int = 8) -> dict[str, torch.Tensor]:
    """Weights of every convolution by name."""
    random = torch.Generator().manual_seed(seed)
    shapes = {"model0.conv1": (width, 3, 3, 3)}
    for name, (taken, given) in names_and_widths(width).items():
        shapes |= {f"{name}.conv1": (given, taken, 1, 1), f"{name}.conv2": (given, 1, 3, 3)}
    found = {}
    for name, shape in shapes.items():
        found[f"{name}.weight"] = torch.randn(shape, generator=random) / np.sqrt(np.prod(shape[1:]))
        found[f"{name}.bias"] = torch.randn(shape[0], generator=random) * 0.1
    found["model0.conv1.weight"] /= 128
    return found


def spot_weights() -> dict[str, torch.Tensor]:
    """Weights that carry brightness in one channel to the finest level, and call what is nearly white a face."""
    found = {name: torch.zeros_like(tensor) for name, tensor in random_weights().items()}
    found["model0.conv1.weight"][0] = 1 / 27 / 255
    for name in names_and_widths():
        found[f"{name}.conv1.weight"][0, 0] = 0.0 if name in ("lateral.1", "lateral.2") else 1.0
        found[f"{name}.conv2.weight"][:, 0, 1, 1] = 1.0
    for head in ("cls", "obj"):
        for level in range(3):
            found[f"{head}.{level}.conv1.weight"][0, 0] = 60.0
            found[f"{head}.{level}.conv2.bias"][:] = -55.0 if level == 0 else -500.0
    for head, told in (("bbox", [0.5, 0.5, np.log(10.0), np.log(12.0)]), ("kps", np.ravel(FACE))):
        found[f"{head}.0.conv1.weight"][:] = 0
        found[f"{head}.0.conv2.bias"] = torch.tensor(told, dtype=torch.float32)
    return found


def written(weights: dict[str, torch.Tensor], first: int = 2) -> bytes:
    """The file: the graph of the published one, node by node, with these weights.

    first: stride of the first convolution; with 1 a pooling more follows it.
    """
    graph = Graph()
    graph.tensors = dict(weights)
    x = graph.conv("input", "model0.conv1", weights["model0.conv1.weight"], weights["model0.conv1.bias"], first)
    x = x if first == 2 else graph.pool(x, "pooled.first")
    x = graph.node("Relu", [x], "first")
    x = graph.pool(graph.unit(x, "model0.conv2"), "pooled.0")
    seen = []
    for stage in range(1, 6):
        x = graph.unit(graph.unit(x, f"model{stage}.conv1"), f"model{stage}.conv2")
        if stage >= 3:
            seen.append(x)
        if stage in (2, 3, 4):
            x = graph.pool(x, f"pooled.{stage}")
    for level in (2, 1):
        seen[level] = graph.unit(seen[level], f"lateral.{level}")
        wide = graph.node("Resize", [seen[level], "", f"scales.{level}"], f"wide.{level}")
        seen[level - 1] = graph.node("Add", [seen[level - 1], wide], f"sum.{level}")
    seen[0] = graph.unit(seen[0], "lateral.0")
    for head, count in HEADS.items():
        for level, stride in enumerate(STRIDES):
            x = graph.node("Transpose", [graph.unit(seen[level], f"{head}.{level}", relu=False)], f"{head}.{level}.t")
            name = f"{head}_{stride}"
            shaped = f"{name}.raw" if count == 1 else name
            x = graph.node("Reshape", [x, f"shape.{count}"], shaped)
            if count == 1:
                graph.node("Sigmoid", [x], name)
    return graph.file()
