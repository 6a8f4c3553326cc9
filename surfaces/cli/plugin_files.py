"""The files of a new plugin project, as `facet new-plugin NAME` writes them."""

from __future__ import annotations

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "facet-{dashed}"
version = "0.1.0"
description = "{title}: an editor for Facet"
readme = "README.md"
license = "Apache-2.0"
requires-python = ">=3.10"
dependencies = ["facet-editors"]

[project.optional-dependencies]
test = ["pytest>=8"]

[project.entry-points."facet.editors"]
{name} = "facet_{name}"

[tool.setuptools]
packages = ["facet_{name}"]

[tool.setuptools.package-data]
"*" = ["*.safetensors", "*.json", "*.txt", "*.png", "*.webp", "*.js", "*.css"]
"""

MODULE = '''\
"""{title}: an editor for Facet."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from facet import Choice, Context, Seed, Slider, Step, Subject, editor, hookimpl


@editor("{name}", "{title}", task="restyle", version="1.0", gpu_seconds=0)
def {name}(
    ctx: Context,
    *,
    subject: Subject,
    levels: Annotated[int, Slider(2, 16, doc="Tones that are kept per colour channel.")] = 5,
    dither: Annotated[str, Choice(("none", "noise"), doc="Noise hides the steps between tones.")] = "none",
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Flatten a picture to a few tones, as a screen print would.

    Each channel is rounded to `levels` equally spaced values; the preview starts from many tones and goes down.
    """
    picture = subject.pixels.astype(np.float32) / 255  # [height, width, 3], RGB in 0..1
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, picture.shape) if dither == "noise" else 0.0
    for tones in range(16, levels - 1, -1):
        ctx.check_stop()
        rough = picture + noise / (tones - 1)
        flat = np.round(rough.clip(0, 1) * (tones - 1)) / (tones - 1)
        yield Step(flat, done=(17 - tones) / (17 - levels), note=f"{{tones}} tones")


@hookimpl
def register_editors():
    """What Facet asks for when it starts."""
    return [{name}]
'''

TEST = '''\
"""Facet's conformance checks, run over this plugin's editor."""

from facet.testing import Conformance

from facet_{name} import {name}


class Test{camel}(Conformance):
    editor = {name}
'''

README = """\
# facet-{dashed}

{title}: an editor for Facet, the studio of image editors.

    pip install -e ".[test]"                                       # into the environment Facet is in
    facet {name} --subject sample:chelsea -o out.png
    pytest                                                         # Facet's conformance checks

In another environment pip looks for `facet-editors` on the package index, where it is not yet. Install Facet there
first, from a checkout (`pip install -e path/to/facet`), and then this project; `facet` and its packages come with it.
"""

LICENCE = """\
Choose a licence before you publish. `pyproject.toml` says Apache-2.0, as Facet itself: if you keep that, replace this
file with its text; if you do not, change the line there. Weights have licences of their own: name them in `Weights`.
"""

FILES = {
    "pyproject.toml": PYPROJECT,
    "facet_{name}/__init__.py": MODULE,
    "test_facet_{name}.py": TEST,
    "README.md": README,
    "LICENSE": LICENCE,
}


def plugin_files(name: str) -> dict[str, str]:
    """Path → text of a plugin project whose editor has the id `name` (checked by the caller)."""
    words = {"name": name, "dashed": name.replace("_", "-"), "title": name.replace("_", " ").capitalize()}
    words["camel"] = name.title().replace("_", "")
    return {path.format(**words): text.format(**words) for path, text in FILES.items()}
