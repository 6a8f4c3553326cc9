"""Stand-ins, of our own, for the modules that NVlabs' pickles name, so that tests can write real ones.

Only what decides the bytes of a pickle is here: module paths, `__reduce__`, `__getstate__`. They are in `sys.modules`
inside `nvlabs_modules()` alone; outside, as on a user's machine, the names cannot be imported.
"""

from __future__ import annotations

import sys
import types
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

SOURCE = "# the text of training/networks.py would stand here\n" + "raise SystemExit('module source was run')\n" * 200


def _refuse(meta):
    raise SystemExit("a persistent object was reconstructed")


RECONSTRUCT = _refuse  # what unpickling does; replaced where a trusted file is unpickled for comparison


def _reconstruct_persistent_obj(meta):
    return RECONSTRUCT(meta)


_reconstruct_persistent_obj.__module__ = "torch_utils.persistence"


class Persistent(nn.Module):
    """A module that pickles itself with its source text, as `persistence.persistent_class` makes it."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        self._init_args, self._init_kwargs = args, kwargs

    def __reduce__(self):
        meta = EasyDict(type="class", version=6, module_src=SOURCE, class_name=type(self).__name__, state=self.__dict__)
        return (_reconstruct_persistent_obj, (meta,), None)


class EasyDict(dict):
    __module__ = "dnnlib.util"
    __qualname__ = "EasyDict"


class Layer(Persistent):
    def __init__(self, channels, **kwargs):
        super().__init__(channels, **kwargs)
        self.weight = nn.Parameter(torch.randn(channels, 3))
        self.bias = nn.Parameter(torch.randn(channels)) if kwargs.get("bias", True) else None
        self.register_buffer("resample_filter", torch.rand(4, 4))
        self.register_buffer("scratch", torch.rand(2), persistent=False)
        self.activation, self.gain = "lrelu", np.sqrt(2)


class Part(Persistent):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv0, self.torgb = Layer(2, bias=False), Layer(3)
        self.register_buffer("w_avg", torch.randn(4))
        self.register_buffer("absent", None)


class Generator(Persistent):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.z_dim, self.img_resolution = kwargs.get("z_dim", 4), kwargs.get("img_resolution", 8)
        self.mapping, self.synthesis = Part(), Part(channels={"4": 2})


class Discriminator(Persistent):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.b8, self.tied = Layer(2), None


class Network:
    """The TensorFlow era's network: names and arrays."""

    def __init__(self, name, variables, components=None, **static_kwargs):
        self.name, self.variables, self.components, self.static_kwargs = (
            name,
            variables,
            components or {},
            static_kwargs,
        )

    def __getstate__(self):
        return {
            "version": 4,
            "name": self.name,
            "static_kwargs": dict(self.static_kwargs),
            "components": dict(self.components),
            "build_module_src": SOURCE,
            "build_func_name": f"{self.name}_main",
            "variables": list(self.variables),
        }


_PLACES = {
    "torch_utils": {},
    "torch_utils.persistence": {"_reconstruct_persistent_obj": _reconstruct_persistent_obj},
    "training": {},
    "training.networks_stylegan2": {
        "Generator": Generator,
        "Discriminator": Discriminator,
        "Part": Part,
        "Layer": Layer,
    },
    "dnnlib": {},
    "dnnlib.util": {"EasyDict": EasyDict},
    "dnnlib.tflib": {},
    "dnnlib.tflib.network": {"Network": Network},
}


@contextmanager
def nvlabs_modules():
    """The fake module tree, importable while the context lasts."""
    before = {name: sys.modules.get(name) for name in _PLACES}
    for place, members in _PLACES.items():
        module = types.ModuleType(place)
        for name, member in members.items():
            if member is not _reconstruct_persistent_obj:
                member.__module__ = place
            setattr(module, name, member)
        sys.modules[place] = module
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
