"""Adaptation of a generator to one picture: a trainer, and what an adapted portrait should be like."""

from nets.adapt.difa import Difa, Encode, Terms
from nets.adapt.jojo import Jojo
from nets.adapt.nada import Nada
from nets.adapt.painted import Manner, Painted
from nets.adapt.palette import Palette
from nets.adapt.sights import ClipSight, Sight, TrunkSight
from nets.adapt.trainer import Adapted, Objective, Plan, adapt

__all__ = [
    "Adapted",
    "ClipSight",
    "Difa",
    "Encode",
    "Jojo",
    "Manner",
    "Nada",
    "Objective",
    "Painted",
    "Palette",
    "Plan",
    "Sight",
    "Terms",
    "TrunkSight",
    "adapt",
]
