"""What editors ask for of a lent GPU: no longer than a loan, or they go on in another one."""

import numpy as np

from facet.app import load_registry
from registry.execution.zero_gpu import _MARGIN, ZERO_GPU_SECONDS
from registry.inputs.numbers import Slider
from registry.inputs.plain import Choice
from registry.plugins import REQUIRED
from registry.subjects import Subject

SLICED = {"drag", "free_drag", "invert", "adapt", "teach_style", "neural_style", "text_direction", "fit_words"}
"""Editors that may take longer than a loan; each gives `Step.state`, and its own tests compare slices with one go."""

CUT = {"animation", "walk"}
"""Films: one that takes longer than a loan ends with the frames that it has, and is told to be stopped."""


def longest(spec):
    """The most seconds of a GPU that an editor may say it needs, with the largest picture and all sliders at an end."""
    values = {entry.name: None if entry.default is REQUIRED else entry.default for entry in spec.inputs}
    if spec.takes_subject:
        values["subject"] = Subject(np.zeros((2500, 2500, 3), np.uint8))
    sliders = {entry.name: entry.kind for entry in spec.inputs if isinstance(entry.kind, Slider)}
    most = values | {name: kind.high for name, kind in sliders.items()}
    least = values | {name: kind.low for name, kind in sliders.items()}
    one_choice = [
        {entry.name: option} for entry in spec.inputs if isinstance(entry.kind, Choice) for option in entry.kind.labels
    ]
    return max(spec.gpu_seconds(**ends) for ends in (most, least, *({**most, **one} for one in one_choice)))


def test_what_takes_longer_than_a_loan_goes_on_in_slices():
    registry = load_registry()
    long = {spec.id for spec in registry if longest(spec) > ZERO_GPU_SECONDS - _MARGIN}
    assert long - SLICED == CUT
    assert SLICED - long <= {"drag", "free_drag"}, "in slices though they need none"


def test_what_needs_no_network_asks_for_no_gpu():
    registry = load_registry()
    assert longest(registry.get("warp_drag")) == 0
    enlarge = registry.get("enlarge")
    subject = Subject(np.zeros((64, 64, 3), np.uint8))
    assert enlarge.gpu_seconds(subject=subject, method="lanczos", factor="2") == 0
    assert enlarge.gpu_seconds(subject=subject, method="realesrgan_x4", factor="2") >= 5
