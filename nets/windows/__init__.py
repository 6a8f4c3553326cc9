"""A generator's features on small windows, exactly, with the gradient to w_plus: what makes a drag quick.

Start with `WindowSynthesis`. Each part fits on a screen: `fields` (receptive fields), `plan` (what each layer
computes), `layers` (folded styled convolutions and their adjoints), `products` (the convolutions themselves),
`resample` (filters and bilinear enlargement as small matrices), `borders` (cutting, padding, validity), `evaluate` (all
of it together).
"""

from nets.windows.borders import Read, cut, read, spread
from nets.windows.evaluate import Pass, WindowSynthesis
from nets.windows.fields import Windows, whole
from nets.windows.resample import resize_axis, resized_span

__all__ = [
    "Pass",
    "Read",
    "WindowSynthesis",
    "Windows",
    "cut",
    "read",
    "resize_axis",
    "resized_span",
    "spread",
    "whole",
]
