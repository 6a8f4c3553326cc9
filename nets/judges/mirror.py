"""Which landmark of a face becomes which in a mirror."""

from __future__ import annotations

JAW, BROWS, BRIDGE, NOSTRILS = range(17), range(17, 27), range(27, 31), range(31, 36)
EYES = {36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46}
OUTER_LIPS = {48: 54, 49: 53, 50: 52, 51: 51, 55: 59, 56: 58, 57: 57}
INNER_LIPS = {60: 64, 61: 63, 62: 62, 65: 67, 66: 66}
REST = {68: 69, 70: 71}
"""Pupils and earlobes, which follow the 68 of iBUG 300-W (Sagonas et al. 2013)."""


def mirror_order(count: int) -> list[int] | None:
    """The partner of each of ``count`` landmarks: 68 in the order of iBUG 300-W, or 72 with pupils and earlobes.

    None for another number, whose order is not known.
    """
    if count not in (68, 72):
        return None
    partner = {n: JAW[-1] - n for n in JAW} | {n: BROWS[0] + BROWS[-1] - n for n in BROWS}
    partner |= {n: n for n in BRIDGE} | {n: NOSTRILS[0] + NOSTRILS[-1] - n for n in NOSTRILS}
    for pairs in (EYES, OUTER_LIPS, INNER_LIPS, REST):
        partner |= pairs | {b: a for a, b in pairs.items()}
    return [partner[n] for n in range(count)]
