"""Adaptation of a generator to one picture: a trainer, and what an adapted portrait should be like."""

from nets.adapt.difa import Difa, Terms
from nets.adapt.painted import Manner, Painted
from nets.adapt.palette import Palette
from nets.adapt.trainer import Adapted, Objective, Plan, adapt

__all__ = ["Adapted", "Difa", "Manner", "Objective", "Painted", "Palette", "Plan", "Terms", "adapt"]
