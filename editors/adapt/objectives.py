"""What a generator can be adapted towards: the methods by name, and the networks that they ask for."""

from __future__ import annotations

import torch
from torch import Tensor

from editors.adapt.reference import Reference, portrait_of
from editors.text_direction.reading import CLIP, TOKENS, text_change
from facet import BadInput, Context, Net
from facet.stylegan import generator_nets, w_space
from facet.weights import PUPPETS_CRITIC, PUPPETS_ENCODER, VGG16_EDGES, manifest_weights
from nets import psp
from nets.adapt import ClipSight, Difa, Encode, Jojo, Manner, Nada, Objective, Painted, Plan, Terms, TrunkSight
from nets.adapt.critic import SIZE as CRITIC_SIZE
from nets.adapt.critic import from_contents as critic_from_contents
from nets.clip import from_contents as clip_from_contents
from nets.encoder import encode
from nets.encoder import from_contents as encoder_from_contents
from nets.features import from_contents as trunk_from_contents
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents

METHODS = {
    "painted": "painted portraits: palette, strokes, people kept",
    "difa": "DiFa's three terms, with stand-ins for CLIP and e4e",
    "jojo": "JoJoGAN: the picture is a portrait; everybody with its pose looks like it",
    "jojo_colour": "JoJoGAN, colours kept",
    "difa_clip": "DiFa as published, with CLIP from the Hub",
    "nada": "StyleGAN-NADA: in words, with CLIP from the Hub",
}
"""Id of each way to adapt, and what the page says of it."""

GENERATORS = generator_nets(from_contents)
TRUNK = Net("vgg16_edges", trunk_from_contents, (VGG16_EDGES,), doc="VGG-16 continued on edges, up to relu4_1.")
ENCODER = Net(
    "puppets_encoder", encoder_from_contents, (PUPPETS_ENCODER,), doc="From a puppet to its code.", optional=True
)
CRITIC = Net("puppets_critic", critic_from_contents, (PUPPETS_CRITIC,), "The puppets' discriminator.", optional=True)
E4E = Net("e4e_ffhq", psp.from_contents, (manifest_weights("e4e_ffhq"),), "From a photograph to FFHQ's code.", True)
CLIP_B32 = Net(CLIP.name, CLIP.build, CLIP.sources, CLIP.doc, optional=True)
CLIP_B16 = Net("clip_b16", clip_from_contents, (manifest_weights("clip_b16"),), "CLIP ViT-B/16.", optional=True)
WORDS = Net(TOKENS.name, TOKENS.build, TOKENS.sources, TOKENS.doc, optional=True)
NETS = (TRUNK, ENCODER, CRITIC, CLIP_B32, CLIP_B16, WORDS, E4E)


class Aims:
    """Objectives for one generator.

    Args:
        ctx: of the run.
        generator: the source. model: whose W space its codes lie in is that of the generator of this id.
        plan: how it trains. keep, stroke: see `nets.adapt.Manner`.
    """

    def __init__(
        self, ctx: Context, generator: Generator, model: str, plan: Plan, keep: float = 1.0, stroke: float = 1.0
    ) -> None:
        self.ctx, self.generator, self.space, self.plan = ctx, generator, w_space(model), plan
        self.keep, self.stroke = keep, stroke

    def towards(self, method: str, reference: Reference) -> Objective:
        """The objective of that name for a picture. Raises BadInput where it needs what there is not."""
        picture, seen, psi = reference.picture, reference.seen, self.plan.truncation_psi
        if method == "painted":
            manner = Manner(structure=self.keep, stroke=self.stroke)
            return Painted(self.generator, self.ctx.net(TRUNK.name), picture, manner, seen, psi, self.plan.label)
        if method.startswith("jojo"):
            return self._jojo(reference, method.endswith("colour"))
        terms = Terms(consistency=6 * self.keep, stroke=self.stroke)
        encoder = self.units(self.encoder("method")) if self.keep else None
        if method == "difa":
            sights = [TrunkSight(self.ctx.net(TRUNK.name))]
            return Difa(self.generator, sights, encoder, picture, terms, seen, psi, self.plan.label)
        clips = [ClipSight(self.ctx.net(net.name)) for net in (CLIP_B32, CLIP_B16)]
        return Difa(self.generator, clips, encoder, picture, terms, seen, psi, self.plan.label)

    def in_words(self, target: str, neutral: str) -> Objective:
        """Towards what a text says. Raises BadInput for texts that say nothing, or the same."""
        if not target.strip():
            raise BadInput("words", "are missing", "Say what it shall become, e.g. an ink drawing of a person.")
        clips = [self.ctx.net(net.name) for net in (CLIP_B32, CLIP_B16)]
        words = self.ctx.net(WORDS.name)
        try:
            changes = [text_change(clip, words, neutral.strip() or "photo", target) for clip in clips]
        except BadInput as problem:
            field = {"target": "words", "neutral": "from_words"}.get(problem.field, problem.field)
            raise BadInput(field, problem.why, problem.fix) from None
        return Nada(self.generator, clips, changes)

    def encoder(self, field: str) -> Encode:
        """Pictures in -1..1 to codes. Raises BadInput where there is none for this generator."""
        count = self.generator.config.num_ws
        if self.space == "puppets":
            ours = self.ctx.net(ENCODER.name)
            return lambda pictures: encode(ours, pictures, count)
        if self.space == "ffhq_1024":
            e4e = self.ctx.net(E4E.name)
            mean = self.generator.mapping.w_avg if psp.needs_mean(e4e) else 0.0
            return lambda pictures: e4e(pictures) + mean
        why = "needs an encoder of this generator's pictures, and Facet knows one for Puppets and for FFHQ only"
        raise BadInput(field, why, "Choose painted portraits, or another generator.")

    def units(self, encoder: Encode) -> Encode:
        """Codes in units of how they differ from portrait to portrait, where that is known."""
        if self.space != "puppets":
            return encoder
        deviation = self.ctx.net(ENCODER.name).deviation
        return lambda pictures: encoder(pictures) / deviation

    def _jojo(self, reference: Reference, colour_kept: bool) -> Jojo:
        if self.space != "puppets":
            why = "needs the discriminator that this generator was trained against, and Facet has the puppets' only"
            raise BadInput("method", why, "Choose painted portraits, or a Puppets generator.")
        portrait = portrait_of(self.ctx, reference)
        with torch.no_grad():
            code: Tensor = self.encoder("method")(portrait * 2 - 1)
        return Jojo(self.ctx.net(CRITIC.name), CRITIC_SIZE, code, portrait, colour_kept)
