"""What is told of an inversion: pictures, scores, remarks and the state it can go on from, as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from editors.inversion.method import Effort, Found, error_map, levels, picture
from editors.inversion.time_left import TimeLeft, in_words
from facet import Step
from facet.stylegan import First, GeneratorRef, w_space
from metrics import METRICS
from nets.features import FeatureNet
from nets.inversion import with_delta
from nets.judges import FeatureDistance, Judges, read
from nets.stylegan2 import Generator

_POOR = 24.0  # dB below which the generator cannot draw the picture
_SCORED_EVERY = 5  # evaluations; looking closely takes as long as one of them


class StepReporter:
    """Makes steps of what is found; scores are measured anew only where the picture is."""

    def __init__(
        self,
        generator: Generator,
        ref: GeneratorRef,
        aligned: Tensor,
        effort: Effort,
        facts: dict[str, Any],
        judges: Judges | None,
        faces: Tensor | None,
        trunk: FeatureNet | None = None,
    ) -> None:
        self.generator, self.ref, self.aligned, self.effort = generator, ref, aligned, effort
        self.facts, self.judges, self.trunk = facts, judges, trunk
        self.found = {} if faces is None else {"faces found": faces}
        self.total = effort.steps + effort.tuning
        self._image: Tensor | None = None
        self._shown = aligned
        self._scores: dict[str, float] = {}
        self._likeness: tuple[Found, float] | None = None
        self._left = TimeLeft(effort)

    def step(self, now: Found) -> Step:
        """One step. While the search is further off than the first likeness, that is shown and kept."""
        over = now.done >= self.total and now.stage != "sketch"
        found = self._best(now, over)
        if found.image is not self._image:
            self._image, self._shown = found.image, picture(found.image)
            closely = over or now.stage in ("start", "sketch") or now.done % _SCORED_EVERY == 0
            self._scores = self._scored(self._shown, closely)
        elif over and "ssim" not in self._scores:
            self._scores = self._scored(self._shown, True)
        tuned = found.delta is not None
        self._remark(tuned)
        code = found.w_plus[0].detach().float().cpu().numpy()
        if over and self.trunk is not None and "perceptual" not in self._scores:  # too slow for every step
            made, wanted = levels(self._shown), levels(self.aligned)
            distance = METRICS["perceptual"](network=self.trunk, result=made, subject=wanted)
            self._scores = self._scores | {"perceptual": distance}
        return Step(
            (lambda: self._drawn(found)) if tuned else self._shown,
            done=1.0 if over else min(0.99, now.done / max(1, self.total)),
            note=self._note(now) + (self._doubts() if over else ""),
            metrics=self._scores,
            images={"aligned": self.aligned, "error": error_map(self._shown, self.aligned)} | self.found,
            preview=self._shown,
            latent=code,
            generator=self.ref,
            delta=found.delta,
            facts=self.facts | {"first": First(code, self.ref.id).record()},
            state=self._state(now),
        )

    def _best(self, now: Found, over: bool) -> Found:
        """What is to be shown: the first likeness, or the search once that is nearer; its end whatever it is."""
        if now.stage == "sketch":
            self._likeness = now, _psnr(picture(now.image), self.aligned)
        elif self._likeness is not None:
            likeness, near = self._likeness
            if not over and _psnr(picture(now.image), self.aligned) < near:
                return likeness
            self._likeness = None
        return now

    def _drawn(self, found: Found) -> Tensor:
        """What the kept delta, in half precision, makes of the code: the very picture that other editors begin with."""
        assert found.delta is not None
        with torch.no_grad():
            return picture(with_delta(self.generator, found.delta()).synthesis(found.w_plus))

    def _scored(self, shown: Tensor, closely: bool) -> dict[str, float]:
        """How near it is; closely with all that takes longer."""
        made, wanted = levels(shown), levels(self.aligned)
        if not closely:
            return {"psnr": METRICS["psnr"](result=made, subject=wanted)}
        scores = {name: METRICS[name](result=made, subject=wanted) for name in ("psnr", "ssim")}
        if self.judges is not None:
            pair = torch.stack([shown, self.aligned]) * 2 - 1
            with torch.no_grad():
                identity = read(self.judges, pair).identity
                scores["puppet_features"] = float(FeatureDistance(self.judges)(pair[:1], pair[1:]))
            scores["puppet_identity"] = float(identity[0] @ identity[1])
        return scores

    def _remark(self, tuned: bool) -> None:
        """Say so where the generator cannot draw what it was given."""
        self.facts.pop("likeness", None)
        if w_space(self.ref.id) == "puppets" and self._scores["psnr"] < _POOR:
            remark = "Puppets draw puppets: this is the nearest one."
            more = (
                "More tuning steps come closer." if tuned else "Pivotal tuning comes closer; FFHQ weights draw people."
            )
            self.facts["likeness"] = f"{remark} {more}"

    def _doubts(self) -> str:
        """What makes edits of this picture less exact, in words."""
        return "".join(f"; the {what} {self.facts[what]}" for what in ("landmarks", "head") if what in self.facts)

    def _note(self, found: Found) -> str:
        left = in_words(self._left.after(found.done))
        if found.stage == "start":
            return str(self.facts["started from"])
        if found.stage == "sketch":
            return "a first likeness"
        if found.stage == "tuning":
            return f"tuning, {found.done - self.effort.steps} of {self.effort.tuning}{left}"
        return f"code, {found.done} of {self.effort.steps}{left}"

    def _state(self, found: Found) -> Callable[[], dict[str, Any]] | None:
        going = found.going
        if going is None:
            return None
        how = {"start": self.facts["started from"], "label": self.ref.label, "tuning_steps": self.effort.tuning}
        return lambda: going() | how


def _psnr(shown: Tensor, aligned: Tensor) -> float:
    return METRICS["psnr"](result=levels(shown), subject=levels(aligned))
