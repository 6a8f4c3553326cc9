"""A direction fitted to what CLIP says of many pictures, instead of to marks by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import torch
from torch import Tensor

from editors.attributes.fit_report import Follow, Lesson, Method, Name, Psi, generator_for, learn, padded
from editors.attributes.fitting import drawn_codes
from editors.text_direction.reading import CLIP, TOKENS, clip_of, text_change
from facet import BadInput, Context, Slider, Step, Text, editor
from facet.stylegan import GeneratorChoice, generator_nets
from nets.stylegan2 import sampling
from nets.stylegan2.contents import from_contents

GENERATORS = generator_nets(from_contents)
BATCH = 8
SHOWN = 5  # of either end
LOOKING = 0.9  # the share of the work that looking at pictures is


@editor(
    "fit_words",
    "Fit in words",
    task="train",
    gpu_seconds=lambda pictures, **_: 10 + pictures / 10,
    nets=(*GENERATORS, CLIP, TOKENS),
    tags=("InterFaceGAN", "CLIP", "words", "slider", "attribute"),
    trial={"target": "smiling face", "pictures": 16},
    version="2.0",
)
def fit_words(
    ctx: Context,
    *,
    target: Annotated[str, Text(120, needed=True, doc="What some pictures are, e.g. smiling face.")],
    neutral: Annotated[str, Text(120, needed=True, doc="What the others are, in as many words.")] = "face",
    model: Annotated[str, GeneratorChoice(doc="Whose pictures are looked at.")] = "puppets",
    name: Name = "",
    pictures: Annotated[int, Slider(16, 4000, doc="How many CLIP looks at; more make a surer direction.")] = 400,
    method: Method = "ridge",
    follow: Follow = True,
    truncation_psi: Psi = 0.8,
) -> Iterator[Step]:
    """Teach Facet a slider by describing it: CLIP sorts pictures for you, instead of marks by hand.

    Each of many random pictures is scored by how far it lies along the way from one text to the other (Radford et al.
    2021), and a linear boundary is fitted to their codes in order of the scores, as InterFaceGAN does with a
    classifier's (Shen et al. 2020). While it looks, the sheet shows those most and least like the text; at the end,
    three faces moved by -3 to +3 standard deviations. With a name, it becomes a slider of Attributes.
    """
    lesson = Lesson(model, name, method, follow, _title(target), {"target": target, "neutral": neutral})
    lesson.check_name()
    clip, tokenizer = clip_of(ctx)
    text = text_change(clip, tokenizer, neutral, target)
    generator = generator_for(ctx, model)
    w = drawn_codes(generator, range(pictures), truncation_psi)
    before = ctx.state or {}
    scores: list[Tensor] = [torch.tensor(before["scores"])] if before else []
    ends = _Ends(before.get("ends"))
    for at in range(int(before.get("seen", 0)), pictures, BATCH):
        ctx.check_stop()
        drawn = sampling.pictures(generator, generator.mapping.rows(w[at : at + BATCH]))
        scores.append((clip.embed_pictures(drawn) @ text).float().cpu())
        ends.take(scores[-1], drawn)
        seen = min(at + BATCH, pictures)
        state = {"seen": seen, "scores": torch.cat(scores).tolist(), "ends": ends.plain()}
        yield Step(ends.sheet(), done=LOOKING * seen / pictures, note=f"looked at {seen} of {pictures}", state=state)
    order = _ranks(torch.cat(scores))
    for step in learn(ctx, generator, w, order, lesson):
        images = ends.strips() if step.done == 1 else {}
        yield Step(
            step.image,
            done=LOOKING + (1 - LOOKING) * step.done,
            note=step.note,
            metrics=step.metrics,
            images=images,
            artifacts=step.artifacts,
        )


def _title(target: str) -> str:
    return target[:1].upper() + target[1:60]


def _ranks(scores: Tensor) -> Tensor:
    """0..1 in order of the scores, so that a few odd pictures do not pull the boundary.

    Raises:
        BadInput: CLIP sees no difference between the pictures.
    """
    if float(scores.max() - scores.min()) < 1e-6:
        raise BadInput("target", "makes no difference between these pictures", "Describe something that they show.")
    return torch.argsort(torch.argsort(scores, stable=True), stable=True).double() / (len(scores) - 1)


class _Ends:
    """The pictures with the highest and the lowest scores so far; `before` is what `plain` gave of them."""

    def __init__(self, before: Mapping[str, Any] | None = None) -> None:
        self._scores, self._pictures = torch.empty(0), torch.empty(0)
        if before is not None:
            self._scores, self._pictures = torch.tensor(before["scores"]), torch.from_numpy(before["pictures"])

    def plain(self) -> dict[str, Any]:
        """As plain data, for another slice."""
        return {"scores": self._scores.tolist(), "pictures": self._pictures.cpu().numpy()}

    def take(self, scores: Tensor, pictures: Tensor) -> None:
        """Look at more, [n] and [n, 3, h, w]; only the ends are kept."""
        scores = torch.cat([self._scores, scores])
        pictures = torch.cat([self._pictures.reshape(-1, *pictures.shape[1:]), pictures])
        order = torch.argsort(scores, descending=True, stable=True)
        if len(order) > 2 * SHOWN:
            order = torch.cat([order[:SHOWN], order[-SHOWN:]])
        self._scores, self._pictures = scores[order], pictures[order]

    def sheet(self) -> Tensor:
        """The most alike above, the least alike below."""
        return padded([self._pictures[:SHOWN], self._pictures[-SHOWN:]])

    def strips(self) -> dict[str, Tensor]:
        """Both rows as further pictures."""
        return {
            "most alike": padded([self._pictures[:SHOWN]], 1),
            "least alike": padded([self._pictures[-SHOWN:]], 1),
        }
