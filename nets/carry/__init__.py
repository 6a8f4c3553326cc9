"""Carrying an edit over to a photograph: how things moved in a generator's soft pictures, and the photograph moved so.

``movement(before, after, marks)`` reads what happened between two pictures of a generator; ``carry(photo, quad, read)``
does it to the photograph they came from, at its own resolution.
"""

from nets.carry.carrier import Between, Carrier, live_carrier
from nets.carry.film import carried_film
from nets.carry.flow import Flow, flow
from nets.carry.landmarks import Marks, marks_of
from nets.carry.movement import Movement, movement
from nets.carry.photograph import Carried, Ground, carry
from nets.carry.settled import Asked

__all__ = [
    "Asked",
    "Between",
    "Carried",
    "Carrier",
    "Flow",
    "Ground",
    "Marks",
    "Movement",
    "carried_film",
    "carry",
    "flow",
    "live_carrier",
    "marks_of",
    "movement",
]
