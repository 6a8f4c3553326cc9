"""The judges: one small network that reads a puppet's picture, and `FeatureDistance` between two pictures.

``read(judges, pictures)`` gives landmarks, parts, controls, identity and how sure it is, for pictures of any size.
"""

from nets.judges.alignment import LandmarkDistance
from nets.judges.config import JudgesConfig
from nets.judges.distance import FeatureDistance
from nets.judges.network import Judges, Reading
from nets.judges.reading import landmarks, read
from nets.judges.states import from_contents, from_state, to_state

__all__ = [
    "FeatureDistance",
    "Judges",
    "JudgesConfig",
    "LandmarkDistance",
    "Reading",
    "from_contents",
    "from_state",
    "landmarks",
    "read",
    "to_state",
]
