"""A first guess for the optimiser: a learned network says where the code should go, and the drag goes on from there."""

from __future__ import annotations

import torch

from editors.drag.method_session import DragSession
from facet import BadInput, Context, Net
from facet.stylegan import GeneratorRef, w_space
from facet.weights import PUPPETS_DRAG_FLOW, card
from nets.drag_flow import DragFlow, flowed, from_contents

FLOW = Net("puppets_drag_flow", from_contents, (PUPPETS_DRAG_FLOW,), "From points to a step in w, for puppets.")
FLOWS = {"puppets": FLOW} if card(PUPPETS_DRAG_FLOW) else {}
"""The network of each W space that has one."""


def network_for(ctx: Context, ref: GeneratorRef | None) -> DragFlow:
    """The network that knows a generator's codes. Raises BadInput where there is none."""
    if ref is None or w_space(ref.id) not in FLOWS:
        name = "this generator" if ref is None else ref.id
        raise BadInput(
            "first_guess", f"needs a network that was trained for {name}, and there is none", "Switch it off."
        )
    net: DragFlow = ctx.net(FLOWS[w_space(ref.id)].name)
    return net


def jump(session: DragSession, net: DragFlow) -> None:
    """Start the drag where the network would end it.

    Features to follow, and those that a mask keeps, are taken from the code as it was; the handles are then looked for
    around where the network expects them.
    """
    session.remember()
    before = session.w_plus
    pairs = torch.stack([torch.tensor(session.handles), torch.tensor(session.targets)], 1).to(before)
    after, ends, _ = flowed(net, before, pairs, session.size)
    session.restore(after, [(round(x), round(y)) for x, y in ends.tolist()])
