"""The network computes what the published one does, from either layout, and refuses what is no CLIP."""

import pytest
import torch
from torch import nn

from nets.clip import Clip, ClipConfig, from_contents
from nets.clip.config import B32, TowerConfig
from nets.clip.network import seen
from registry.readers.contents import Tensors
from tests.text.open_clip_file import to_open_clip

CONFIG = ClipConfig(TowerConfig(128, 2, 96), TowerConfig(64, 3, 80), 8, 3, 77, 600, 48)


def contents(state):
    return Tensors({"": state}, {}, "safetensors")


@pytest.fixture(scope="module")
def clip() -> Clip:
    torch.manual_seed(1)
    made = Clip(CONFIG).requires_grad_(False).eval()
    for parameter in made.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    return made


class Plain:
    """CLIP written down with torch's own modules, reading OpenAI's names directly."""

    def __init__(self, state):
        self.state = state

    def norm(self, x, name):
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        return nn.functional.layer_norm(x, x.shape[-1:], weight, bias, 1e-5)

    def block(self, x, name, mask):
        width = x.shape[-1]
        attention = nn.MultiheadAttention(width, width // 64, batch_first=True)
        own = {key[len(name) + 6 :]: value for key, value in self.state.items() if key.startswith(f"{name}.attn.")}
        attention.load_state_dict(own)
        y = self.norm(x, f"{name}.ln_1")
        x = x + attention(y, y, y, attn_mask=mask, need_weights=True)[0]
        y = self.norm(x, f"{name}.ln_2")
        y = y @ self.state[f"{name}.mlp.c_fc.weight"].T + self.state[f"{name}.mlp.c_fc.bias"]
        y = y / (1 + torch.exp(-1.702 * y))
        return x + y @ self.state[f"{name}.mlp.c_proj.weight"].T + self.state[f"{name}.mlp.c_proj.bias"]

    def picture(self, x, layers):
        patches = nn.functional.conv2d(x, self.state["visual.conv1.weight"], stride=8)
        rows = [patches[:, :, i, j] for i in range(3) for j in range(3)]
        first = self.state["visual.class_embedding"].expand(len(x), -1)
        y = torch.stack([first, *rows], 1) + self.state["visual.positional_embedding"]
        y = self.norm(y, "visual.ln_pre")
        for number in range(layers):
            y = self.block(y, f"visual.transformer.resblocks.{number}", None)
        return self.norm(y[:, 0], "visual.ln_post") @ self.state["visual.proj"]

    def text(self, tokens, layers):
        y = self.state["token_embedding.weight"][tokens] + self.state["positional_embedding"][: tokens.shape[1]]
        mask = torch.full((tokens.shape[1],) * 2, -torch.inf).triu(1)
        for number in range(layers):
            y = self.block(y, f"transformer.resblocks.{number}", mask)
        ends = torch.stack([row[list(ids).index(max(ids))] for row, ids in zip(y, tokens.tolist(), strict=True)])
        return self.norm(ends, "ln_final") @ self.state["text_projection"]


@torch.no_grad()
def test_both_towers_agree_with_torchs_own_modules(clip):
    plain = Plain(to_open_clip(clip))
    pictures = torch.randn(3, 3, 24, 24)
    assert torch.allclose(clip.image(pictures), plain.picture(pictures, 2), atol=2e-5)
    tokens = torch.randint(1, 598, (4, 77))
    tokens[:, 0] = 598
    for row, end in zip(tokens, (3, 20, 76, 1), strict=True):
        row[end], row[end + 1 :] = 599, 0
    assert torch.allclose(clip.text(tokens), plain.text(tokens, 3), atol=2e-5)
    changed = tokens.clone()
    changed[0, 10:] = 7  # behind the end
    assert torch.equal(clip.text(changed)[0], clip.text(tokens)[0])


def test_the_published_sizes():
    with torch.device("meta"):
        clip = Clip(B32)
    assert sum(parameter.numel() for parameter in clip.parameters()) == 151_277_313
    assert B32.size == 224
    state = to_open_clip(clip)
    assert state["visual.proj"].shape == (768, 512)
    assert state["visual.transformer.resblocks.11.attn.in_proj_weight"].shape == (2304, 768)
    assert state["positional_embedding"].shape == (77, 512)


def test_a_file_comes_back_with_its_sizes(clip):
    again = from_contents(contents(to_open_clip(clip)))
    assert again.config == CONFIG
    pictures = torch.rand(2, 3, 30, 40)
    assert torch.equal(again.embed_pictures(pictures), clip.embed_pictures(pictures))
    assert torch.allclose(clip.embed_pictures(pictures).norm(dim=1), torch.ones(2))
    nested = Tensors({"state_dict": to_open_clip(clip)}, {}, "torch-zip")
    assert from_contents(nested).config == CONFIG


def as_transformers(state):
    """The names of Hugging Face's library, spelt out."""
    found = {"logit_scale": state["logit_scale"], "visual_projection.weight": state["visual.proj"].T}
    found["text_projection.weight"] = state["text_projection"].T
    vision, text = "vision_model.embeddings", "text_model.embeddings"
    found[f"{vision}.class_embedding"] = state["visual.class_embedding"]
    found[f"{vision}.patch_embedding.weight"] = state["visual.conv1.weight"]
    found[f"{vision}.position_embedding.weight"] = state["visual.positional_embedding"]
    found[f"{vision}.position_ids"] = torch.arange(10)[None]
    found[f"{text}.token_embedding.weight"] = state["token_embedding.weight"]
    found[f"{text}.position_embedding.weight"] = state["positional_embedding"]
    norms = {"visual.ln_pre": "vision_model.pre_layrnorm", "visual.ln_post": "vision_model.post_layernorm"}
    for ours, theirs in (norms | {"ln_final": "text_model.final_layer_norm"}).items():
        for part in ("weight", "bias"):
            found[f"{theirs}.{part}"] = state[f"{ours}.{part}"]
    for theirs, ours, layers in (
        ("vision_model", "visual.transformer", 2),
        ("text_model", "transformer", 3),
    ):
        for number in range(layers):
            here, there = f"{ours}.resblocks.{number}", f"{theirs}.encoder.layers.{number}"
            for part in ("weight", "bias"):
                for which, third in zip("qkv", state[f"{here}.attn.in_proj_{part}"].chunk(3), strict=True):
                    found[f"{there}.self_attn.{which}_proj.{part}"] = third
                found[f"{there}.self_attn.out_proj.{part}"] = state[f"{here}.attn.out_proj.{part}"]
                found[f"{there}.layer_norm1.{part}"] = state[f"{here}.ln_1.{part}"]
                found[f"{there}.layer_norm2.{part}"] = state[f"{here}.ln_2.{part}"]
                found[f"{there}.mlp.fc1.{part}"] = state[f"{here}.mlp.c_fc.{part}"]
                found[f"{there}.mlp.fc2.{part}"] = state[f"{here}.mlp.c_proj.{part}"]
    return found


def test_the_layout_of_transformers_is_the_same_network(clip):
    again = from_contents(contents(as_transformers(to_open_clip(clip))))
    assert again.config == CONFIG
    for name, tensor in clip.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("visual.conv1.weight"), "visual.conv1.weight is missing"),
        (lambda s: s.pop("transformer.resblocks.1.ln_2.bias"), "transformer.resblocks.1.ln_2.bias is missing"),
        (lambda s: s.update({"visual.proj": torch.zeros(128, 40)}), r"image.project is \[128, 40\]"),
        (lambda s: s.update({"visual.positional_embedding": torch.zeros(9, 128)}), "9 positions"),
        (lambda s: s.update({"token_embedding.weight": torch.zeros(600, 65)}), "width 65"),
        (lambda s: s.update({"visual.conv1.weight": torch.zeros(128, 192)}), "embeddings have another shape"),
    ],
)
def test_what_is_no_clip_is_refused(clip, change, sentence):
    state = to_open_clip(clip)
    change(state)
    with pytest.raises(ValueError, match=sentence):
        from_contents(contents(state))


def test_an_incomplete_file_of_transformers_is_refused(clip):
    state = as_transformers(to_open_clip(clip))
    del state["text_model.encoder.layers.2.mlp.fc2.bias"]
    with pytest.raises(ValueError, match=r"text_model.encoder.layers.2.mlp.fc2.bias is missing"):
        from_contents(contents(state))


def test_a_picture_is_seen_whole_on_its_shorter_side():
    ramp = torch.linspace(0, 1, 90)[None, None, None].expand(1, 3, 30, 90)
    cut = seen(ramp, 30)
    assert torch.equal(cut, ramp[..., 30:60])
    small = seen(ramp, 15)
    assert small.shape == (1, 3, 15, 15)
    assert small[0, 0, 7, 7].item() == pytest.approx(0.5, abs=0.02)
    assert seen(torch.rand(2, 3, 7, 5), 24).shape == (2, 3, 24, 24)
    assert seen((torch.rand(1, 3, 9, 9) > 0.5).float(), 24).min() >= 0
