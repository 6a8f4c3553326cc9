"""What `benchmarks.translate` measures of edits of labels and of colouring, and the networks it measures."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.translate_edits import EDITS, number  # noqa: E402
from editors.translate.outputs import Drawing, Start, of_labels  # noqa: E402
from editors.translate.parsing import cells, parse  # noqa: E402
from editors.translate.polish import polished  # noqa: E402
from editors.translate.portrait import Networks, moved  # noqa: E402
from facet import LabelMap  # noqa: E402
from facet.stylegan import GeneratorRef  # noqa: E402
from nets.colourise import colourise, lab  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from training.generator.student import read_generator  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.translation.export import read_colourist, read_label_encoder  # noqa: E402
from training.trunk.convert import read_trunk  # noqa: E402
from training.trunk.export import photograph  # noqa: E402

WEIGHTS, SAMPLES = ROOT / "assets" / "weights", ROOT / "assets" / "samples"


def networks(size: int = 128) -> Networks:
    """The networks of the drawing editors."""
    generator = read_generator(WEIGHTS / ("puppets_128" if size == 128 else "puppets_256"))
    return Networks(generator, read_label_encoder(WEIGHTS / "label_encoder"), read_judges(WEIGHTS / "puppets_judges"))


def judged(nets: Networks, pictures: Tensor) -> Tensor:
    """Part numbers [n, 64, 64] of pictures [n, 3, 128, 128] in -1..1, as the judges see them."""
    return torch.cat([nets.judges.raw(piece).parts.argmax(1) for piece in pictures.split(16)])


def edits(nets: Networks, seeds: list[int], polish: int = 0) -> dict[str, dict[str, float]]:
    """Of edited parses of seeds: share of the newly painted cells that show their part afterwards, and mean change.

    ``inside`` is the change (0..1) of the cells that were painted, ``outside`` that of those more than three away.
    """
    rows: dict[str, dict[str, float]] = {}
    for name, (edit, gained) in EDITS.items():
        reached, outside, inside = [], [], []
        for seed in seeds:
            start = Start(nets, GeneratorRef("puppets"), codes(nets.generator, [seed], 0.7), True)
            made, drawing = edited(start, edit, polish)
            before = nets.draw(start.code)
            assert drawing.parts is not None
            assert drawing.seen is not None
            after, new = judged(nets, made), drawing.parts != drawing.seen
            wanted = torch.isin(drawing.parts, torch.tensor([number(part) for part in gained])) & new
            if wanted.any():
                reached.append((after == drawing.parts)[wanted].float().mean().item())
            near = functional.max_pool2d(new.float()[None], 7, 1, 3)[0] > 0
            change = functional.adaptive_avg_pool2d((made - before).abs().mean(1) / 2, 64)
            outside.append(change[~near].mean().item())
            inside.append(change[new].mean().item())
        found = (("reached", reached), ("inside", inside), ("outside", outside))
        rows[name] = {key: sum(row) / max(1, len(row)) for key, row in found}
    return rows


def edited(start: Start, edit: Callable[[LabelMap], LabelMap], polish: int) -> tuple[Tensor, Drawing]:
    """The picture after an edit of the start's own labels, as the editor makes it, and what was drawn."""
    before = start.nets.draw(start.code)
    labels, own = parse(start.nets.judges, before)[0], cells(start.nets.judges, before)[1]
    drawing = of_labels(start, edit(labels))
    code, made = moved(start.nets, start.code, drawing.wanted(own), 3, lambda: None, own_colours=True)
    if polish:
        assert drawing.parts is not None
        assert drawing.seen is not None
        made = polished(start.nets, code, before, drawing.seen, drawing.parts, polish, lambda: None)[1]
    return made, drawing


def colourfulness(picture: Tensor) -> float:
    """Hasler and Süsstrunk 2003, equation 4, of a picture [1, 3, h, w] in 0..1; 0 is grey, 45 moderate."""
    red, green, blue = (255 * picture[0]).unbind(0)
    one, two = red - green, (red + green) / 2 - blue
    spread = (one.std() ** 2 + two.std() ** 2).sqrt()
    return (spread + 0.3 * (one.mean() ** 2 + two.mean() ** 2).sqrt()).item()


def colouring(quick: bool) -> dict[str, float]:
    """Of bundled photographs coloured from grey: ΔE (CIE 1976) beside grey's, colourfulness beside the truth's."""
    net, trunk = read_colourist(WEIGHTS / "colourist"), read_trunk(WEIGHTS / "vgg16_edges")
    rows = []
    for path in sorted(SAMPLES.glob("*.webp")):
        true = photograph(path, 256)
        true = true / 2 + 0.5 if true.min() < 0 else true
        made, wanted = colourise(net, trunk, true), lab(true)
        found = lab(made)
        rows.append([(found - wanted).norm(dim=1).mean().item(), wanted[:, 1:].norm(dim=1).mean().item(),
                     colourfulness(made), colourfulness(true), (found - wanted)[:, 0].abs().mean().item()])  # fmt: skip
    names = ("delta_e", "delta_e_grey", "colourfulness", "colourfulness_true", "lightness_off")
    facts = dict(zip(names, torch.tensor(rows).mean(0).tolist(), strict=True))
    picture = torch.rand(1, 3, 256, 256)
    return facts | {"ms": milliseconds(lambda: colourise(net, trunk, picture), 2 if quick else 5)}
