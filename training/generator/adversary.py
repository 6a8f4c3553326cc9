"""A conditional patch discriminator, whose gradient keeps a distilled generator from settling for blurred averages.

Patches, and matching of the features of pairs, after pix2pixHD (Wang et al. 2018): pairs exist here because every drawn
picture has its render. Logistic loss with the R1 penalty, now and then, as in StyleGAN2 (Karras et al. 2020). Added:
the projection of the controls on the features (Miyato and Koyama 2018), and a head that names the parts, trained on
renders alone, by which a drawn eye must read as an eye.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from training.generator.losses import WEIGHTS
from training.puppets.paint import PARTS

DISCRIMINATOR = "discriminator.safetensors"
WAIT, MEASURE, PENALISE = 100, 8, 16
"""Steps before the discriminator is heard, between measurements of its gradients, and between penalties."""


class Judgement(NamedTuple):
    """Features [n, c, s, s] from fine to coarse, realness of patches, part logits [n, parts, size / 4, size / 4]."""

    features: list[Tensor]
    realness: list[Tensor]
    parts: Tensor


class Discriminator(nn.Module):
    """Pictures [n, 3, s, s] and what is known of them [n, known] → `Judgement`, for patches of 26 and 38 pixels."""

    def __init__(self, known: int, widths: tuple[int, int, int] = (32, 64, 128)) -> None:
        super().__init__()
        first, second, third = widths

        def conv(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Module:
            made = nn.Conv2d(inputs, outputs, size, stride, (size - 1) // 2)
            nn.init.kaiming_normal_(made.weight, 0.2)
            return made

        self.trunk = nn.ModuleList(
            [conv(3, first, 4, 2), conv(first, second, 4, 2), conv(second, third, 4, 2), conv(third, third, 3)]
        )
        self.fine, self.coarse = conv(second, 1, 3), conv(third, 1, 1)
        self.known = nn.Linear(known, third)
        self.names = nn.Conv2d(second + third, len(PARTS), 1)

    def forward(self, pictures: Tensor, known: Tensor) -> Judgement:
        """All judgements in one pass."""
        x, features = pictures.contiguous(memory_format=torch.channels_last), []
        for layer in self.trunk:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        match = (x * self.known(known)[:, :, None, None]).sum(1, keepdim=True) / x.shape[1] ** 0.5
        near, far = features[1], functional.interpolate(x, scale_factor=2.0)
        names = self.names(torch.cat([near, far], 1)).float()
        return Judgement(features, [self.fine(near).float(), (self.coarse(x) + match).float()], names)


def names_loss(logits: Tensor, parts: Tensor) -> Tensor:
    """Cross entropy of part logits against part numbers [n, s, s], small parts weighted up as in `losses`."""
    step = parts.shape[-1] // logits.shape[-1]
    weight = torch.tensor([WEIGHTS[name] for name in PARTS], device=logits.device)
    return functional.cross_entropy(logits, parts[:, step // 2 :: step, step // 2 :: step], weight)


def _rms(x: Tensor) -> float:
    return x.square().mean().sqrt().item() + 1e-12


class Adversary:
    """The discriminator, its optimiser, and the gradients that it sends to drawn pictures."""

    def __init__(self, known: int, config: dict[str, Any], device: torch.device) -> None:
        self.net = Discriminator(known).to(device)
        self.optimiser = torch.optim.Adam(self.net.parameters(), config["learning_rate"], betas=(0.5, 0.99))
        self.penalty: float = config["penalty"]
        self.strengths: dict[str, float] = config["strengths"]
        self.device, self.steps, self.loss = device, 0, 0.0
        self.sizes: dict[str, float] = {}

    def gradient(self, made: Tensor, wanted: Tensor, known: Tensor, parts: Tensor, given: Tensor) -> Tensor:
        """Trains the discriminator on drawn and rendered pictures; returns what to add to the gradient ``given``.

        Each of the terms (realness, matching, parts) is scaled so that its root mean square is its strength times that
        of ``given`` (in the spirit of the adaptive weight of Esser et al. 2021), after a start without any.
        """
        leaf, n = made.detach().requires_grad_(), len(made)
        with torch.autocast(self.device.type, torch.bfloat16):
            seen = self.net(torch.cat([wanted, leaf]), torch.cat([known, known]))
        real, fake = ([t[side] for t in seen.realness] for side in (slice(n), slice(n, None)))
        pairs = list(zip(real, fake, strict=True))
        own = sum(
            (functional.softplus(-r).mean() + functional.softplus(f).mean() for r, f in pairs), leaf.new_zeros(())
        )
        own = own + names_loss(seen.parts[:n], parts)
        terms = {
            "realness": sum((-f.mean() for f in fake), leaf.new_zeros(())),
            "matching": sum(((f[n:] - f[:n].detach()).abs().float().mean() for f in seen.features), leaf.new_zeros(())),
            "parts": names_loss(seen.parts[n:], parts),
        }
        ramp = min(1.0, max(0.0, (self.steps - WAIT) / 200))
        terms = {name: term for name, term in terms.items() if self.strengths.get(name)}
        total = torch.zeros_like(given)
        if ramp and terms:
            if self.steps % MEASURE == 0 or self.sizes.keys() != terms.keys():
                self.sizes = {name: _rms(*torch.autograd.grad(t, leaf, retain_graph=True)) for name, t in terms.items()}
            weighted = sum(t * (self.strengths[name] / self.sizes[name]) for name, t in terms.items())
            total = ramp * _rms(given) * torch.autograd.grad(weighted, leaf, retain_graph=True)[0]
        self.loss = own.item()
        if self.steps % PENALISE == 0:
            own = own + PENALISE * 0.5 * self.penalty * self._steepness(wanted[: n // 2], known[: n // 2])
        own.backward(inputs=list(self.net.parameters()))
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        return total

    def _steepness(self, wanted: Tensor, known: Tensor) -> Tensor:
        """R1 for patches: mean squared gradient of realness at renders, per patch."""
        leaf = wanted.detach().requires_grad_()
        total = leaf.new_zeros(())
        for realness in self.net(leaf, known).realness:
            (slope,) = torch.autograd.grad(realness.sum(), leaf, create_graph=True)
            total = total + slope.square().sum() / realness.numel()
        return total

    def read(self, path: Path) -> None:
        """Starts from an exported discriminator, which is heard at once."""
        self.net.load_state_dict({name: value.float() for name, value in load_file(path).items()})
        self.steps = WAIT + 200

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
