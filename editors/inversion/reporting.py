"""What is told of an inversion: pictures, scores, remarks and the state it can go on from, as steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from editors.inversion.method import Effort, Found, error_map, levels, picture
from facet import Step
from facet.stylegan import First, GeneratorRef, w_space
from metrics import METRICS
from nets.features import FeatureNet
from nets.inversion import with_delta
from nets.judges import FeatureDistance, Judges, read
from nets.stylegan2 import Generator

_POOR = 24.0  # dB below which the generator cannot draw the picture
_STATE_EVERY = 25  # evaluations; a state copies the tuned weights


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

    def step(self, found: Found) -> Step:
        """One step."""
        if found.image is not self._image:
            self._image, self._shown = found.image, picture(found.image)
            self._scores = self._scored(self._shown)
        tuned = found.delta is not None
        self._remark(tuned)
        over = found.done >= self.total
        code = found.w_plus[0].detach().float().cpu().numpy()
        if over and self.trunk is not None and "perceptual" not in self._scores:  # too slow for every step
            made, wanted = levels(self._shown), levels(self.aligned)
            distance = METRICS["perceptual"](network=self.trunk, result=made, subject=wanted)
            self._scores = self._scores | {"perceptual": distance}
        return Step(
            (lambda: self._drawn(found)) if tuned else self._shown,
            done=1.0 if over else found.done / self.total,
            note=self._note(found),
            metrics=self._scores,
            images={"aligned": self.aligned, "error": error_map(self._shown, self.aligned)} | self.found,
            preview=self._shown,
            latent=code,
            generator=self.ref,
            delta=found.delta,
            facts=self.facts | {"first": First(code, self.ref.id).record()},
            state=self._state(found),
        )

    def _drawn(self, found: Found) -> Tensor:
        """What the kept delta, in half precision, makes of the code: the very picture that other editors begin with."""
        assert found.delta is not None
        with torch.no_grad():
            return picture(with_delta(self.generator, found.delta()).synthesis(found.w_plus))

    def _scored(self, shown: Tensor) -> dict[str, float]:
        made, wanted = levels(shown), levels(self.aligned)
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

    def _note(self, found: Found) -> str:
        if found.stage == "start":
            return str(self.facts["started from"])
        if found.stage == "tuning":
            return f"tuning, {found.done - self.effort.steps} of {self.effort.tuning}"
        return f"code, {found.done} of {self.effort.steps}"

    def _state(self, found: Found) -> dict[str, Any] | None:
        if found.done == 0 or found.done % _STATE_EVERY:
            return None
        how = {"start": self.facts["started from"], "label": self.ref.label, "tuning": self.effort.tuning}
        return found.state() | how
