"""A painting looked for by two generators: the source, which loses the art, and the adapted one, which keeps it.

The painting is a portrait that Neural style made of a puppet nobody trained on, in the manner of the reference: neither
generator drew it. Both begin at the code that the encoder of puppets reads from it, and take the same steps. One code
is looked for and not one for each layer (W, and not all of W+): with a code of its own for each layer even the source
draws the colours of any painting, but blurred, and away from all people that it knows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.adapt_measures import EDITS, PSI, labelled, levels_of
from editors.adapt.measured import moved
from editors.style import neural_style
from facet import Net, Subject
from facet.app import finish
from facet.stylegan import directions_of
from facet.weights import PUPPETS_ENCODER
from metrics.structure import ssim
from metrics.style import style_gabor, style_random
from nets.encoder import encode
from nets.encoder import from_contents as encoder_from_contents
from nets.inversion import optimise
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes, picture
from registry.weights import load_net

SITTERS = (2_103, 2_108)
"""Seeds of the puppets that are painted."""

ONE_CODE, CLOSE = 3.0, 0.002
"""Penalties that keep the layers' codes together, and near to what the encoder read."""

EDITED = tuple(row for row in EDITS if row[0] in ("yaw", "smile"))


def painting(source: Generator, style: str, seed: int) -> Tensor:
    """A puppet in the manner of a bundled picture: [1, 3, h, w] in 0..1."""
    plain = picture(source, codes(source, [seed], PSI)).permute(1, 2, 0).numpy()
    values = {"subject": plain, "style": f"sample:{style}", "size": plain.shape[0]}
    return finish(neural_style, values, threads=1).subject.tensor()


def found_by(generator: Generator, painted: Tensor, start: Tensor, spread: Tensor, steps: int) -> Tensor:
    """The code [1, num_ws, w_dim] whose picture by a generator is nearest to a painting."""
    trail = optimise(generator, painted * 2 - 1, start, steps=steps, spread=spread, row_spread=ONE_CODE, pull=CLOSE)
    (last,) = deque(trail, 1)
    return last.w_plus


def inverted(
    source: Generator, styles: Sequence[str], load: Callable[[str], Generator], steps: int, path: Path
) -> dict[str, dict[str, float]]:
    """Writes the sheet, and returns for each style and each generator how near its picture is to the painting."""
    encoder = load_net(Net("puppets_encoder", encoder_from_contents, (PUPPETS_ENCODER,))).module
    directions, rows, figures = directions_of("puppets"), list[Tensor](), dict[str, list[dict[str, float]]]()
    for style, seed in ((style, seed) for style in styles for seed in SITTERS):
        painted = painting(source, style, seed)
        with torch.no_grad():
            start = encode(encoder, painted * 2 - 1, source.config.num_ws)
            start = start.mean(1, keepdim=True).expand_as(start)
        row = [painted[0]]
        for name, net in (("source", source), ("adapted", load(f"puppets_{style}"))):
            code = found_by(net, painted, start, encoder.deviation, steps)
            row += [picture(net, code)]
            row += [picture(net, code + moved(directions[edit], by)) for edit, by, _ in EDITED]
            key = f"{style}, {name}"
            figures.setdefault(key, []).append(apart(painted[0], row[-1 - len(EDITED)], style))
        rows.append(torch.cat(row, 2))
    heads = ["painting", *(f"{net}{edit}" for net in ("G_A", "G_B") for edit in ("", *(f", {e[2]}" for e in EDITED)))]
    labelled(torch.cat(rows, 1), heads, path)
    return {
        name: {key: round(sum(row[key] for row in each) / len(each), 3) for key in each[0]}
        for name, each in figures.items()
    }


def apart(painted: Tensor, made: Tensor, style: str) -> dict[str, float]:
    """Of a picture [3, h, w] in 0..1 to the painting, and to the reference's manner."""
    one, two = levels_of(painted), levels_of(made)
    reference = Subject.read(f"sample:{style}").pixels
    return {
        "psnr_db": (-10 * F.mse_loss(made, painted).log10()).item(),
        "ssim": ssim(result=two, subject=one),
        "manner_random": style_random(result=two, style=reference),
        "manner_gabor": style_gabor(result=two, style=reference),
    }
