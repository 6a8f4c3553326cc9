"""Colours for grey photographs: a network that says how likely each colour is at each place, and what is made of that.

``colourise(net, trunk, picture)`` gives a picture [1, 3, h, w] in 0..1 its colours; lightness stays what it was.
"""

from nets.colourise.lab import from_lab, lab, lightness
from nets.colourise.network import Colourist, ColouristConfig, from_contents, from_state, to_state
from nets.colourise.paint import colourise, colours, within_gamut

__all__ = [
    "Colourist",
    "ColouristConfig",
    "colourise",
    "colours",
    "from_contents",
    "from_lab",
    "from_state",
    "lab",
    "lightness",
    "to_state",
    "within_gamut",
]
