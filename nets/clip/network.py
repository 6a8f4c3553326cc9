"""The two towers: transformers of pre-norm blocks, and the projections into the common space.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", section 2.4: the image
tower is a Vision Transformer (Dosovitskiy et al. 2021) with one more normalisation before it, the text tower is causal
(Radford et al. 2019) and read at the token that ends the text.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.clip.config import HEAD, ClipConfig, TowerConfig

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class Block(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x)); the MLP's unit is x · sigmoid(1.702 x), as in OpenAI's weights."""

    def __init__(self, config: TowerConfig) -> None:
        super().__init__()
        width = config.width
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, config.hidden), nn.Linear(config.hidden, width)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """x [N, tokens, width] → the same shape; `causal`: no token sees a later one."""
        heads = self.qkv(self.norm1(x)).unflatten(-1, (3, -1, HEAD)).permute(2, 0, 3, 1, 4)  # [3, N, heads, tokens, 64]
        seen = F.scaled_dot_product_attention(*heads.unbind(0), is_causal=causal)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        inside = self.fc1(self.norm2(x))
        y: Tensor = x + self.fc2(inside * torch.sigmoid(1.702 * inside))
        return y


class ImageTower(nn.Module):
    """Patches, a class token before them, a transformer; the class token is projected."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        width = config.image.width
        self.patch = nn.Conv2d(3, width, config.patch, config.patch, bias=False)
        self.summary = nn.Parameter(torch.randn(width) / width**0.5)
        self.positions = nn.Parameter(torch.randn(config.grid**2 + 1, width) / width**0.5)
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(config.image) for _ in range(config.image.layers))
        self.project = nn.Parameter(torch.randn(width, config.embedding) / width**0.5)

    def forward(self, pictures: Tensor) -> Tensor:
        """Normalised pictures [N, 3, size, size] → [N, embedding]."""
        return self.look(pictures, len(self.blocks))[0]

    def look(self, pictures: Tensor, blocks: int) -> tuple[Tensor, Tensor]:
        """As `forward`, and the patches' tokens [N, grid², width] as they leave that many blocks, at most all."""
        patches = self.patch(pictures).flatten(2).transpose(1, 2)
        x = torch.cat([self.summary.expand(len(patches), 1, -1), patches], 1) + self.positions
        x = self.before(x)
        for number, block in enumerate(self.blocks, 1):
            x = block(x, causal=False)
            if number == min(blocks, len(self.blocks)):
                tokens = x[:, 1:]
        y: Tensor = self.after(x[:, 0]) @ self.project
        return y, tokens


class TextTower(nn.Module):
    """Token embeddings, a causal transformer; the token that ends the text is projected."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        width = config.text.width
        self.words = nn.Embedding(config.vocabulary, width)
        self.positions = nn.Parameter(torch.randn(config.context, width) * 0.01)
        self.blocks = nn.ModuleList(Block(config.text) for _ in range(config.text.layers))
        self.after = nn.LayerNorm(width)
        self.project = nn.Parameter(torch.randn(width, config.embedding) / width**0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Token ids [N, ≤ context], filled up with 0 behind the end → [N, embedding]."""
        ends = tokens.argmax(1)  # the token that ends a text has the highest id
        x = self.words(tokens) + self.positions[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, causal=True)
        y: Tensor = self.after(x[torch.arange(len(x), device=x.device), ends]) @ self.project
        return y


class Clip(nn.Module):
    """Both towers. Vectors come out with length 1, so that their dot product is the cosine."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.config = config
        self.image, self.text = ImageTower(config), TextTower(config)
        self.scale = nn.Parameter(torch.tensor(2.6592))  # the logarithm of 1 / 0.07 at the start of training
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)

    def embed_pictures(self, pictures: Tensor) -> Tensor:
        """Pictures [N, 3, h, w] in 0..1, of any size → unit vectors [N, embedding]."""
        normal = (seen(pictures.to(self.scale), self.config.size) - self.mean) / self.deviation
        return F.normalize(self.image(normal), dim=1)

    def look(self, pictures: Tensor, blocks: int) -> tuple[Tensor, Tensor]:
        """As `embed_pictures`, and the patches' tokens [N, grid², width] as they leave that many blocks."""
        normal = (seen(pictures.to(self.scale), self.config.size) - self.mean) / self.deviation
        found, tokens = self.image.look(normal, blocks)
        return F.normalize(found, dim=1), tokens

    def embed_texts(self, tokens: Tensor) -> Tensor:
        """Token ids [N, ≤ context] of `Tokenizer` → unit vectors [N, embedding]."""
        return F.normalize(self.text(tokens.to(self.scale.device)), dim=1)


def seen(pictures: Tensor, size: int) -> Tensor:
    """What CLIP sees of pictures [N, 3, h, w] in 0..1: the shorter side at `size` (bicubic), the middle cut out."""
    height, width = pictures.shape[2:]
    scale = size / min(height, width)
    wanted = max(size, round(height * scale)), max(size, round(width * scale))
    if wanted != (height, width):
        pictures = F.interpolate(pictures, wanted, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    top, left = (wanted[0] - size) // 2, (wanted[1] - size) // 2
    return pictures[:, :, top : top + size, left : left + size]
