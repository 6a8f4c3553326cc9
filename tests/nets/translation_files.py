"""Generators as their authors' files have them: plain sequences, whose numbers give the names of the tensors.

Written down from the papers and the published layouts, apart from the networks under test, so that both can be
compared: names by loading, numbers by running.
"""

import torch
import torch.nn.functional as F
from torch import nn

PADS = {"reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d}


def norm_of(kind, channels, running=False):
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.InstanceNorm2d(channels, track_running_stats=running)


class Filter(nn.Module):
    """CUT's fixed filters, kept as buffers."""

    def __init__(self, channels, up):
        super().__init__()
        taps = torch.tensor([1.0, 3, 3, 1] if up else [1.0, 2, 1])
        kernel = torch.outer(taps, taps) / taps.sum() ** 2 * (4 if up else 1)
        self.up = up
        self.register_buffer("filt", kernel[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x):
        if self.up:
            y = F.conv_transpose2d(F.pad(x, (1,) * 4, "replicate"), self.filt, stride=2, padding=2, groups=x.shape[1])
            return y[:, :, 1:, 1:][:, :, :-1, :-1]
        return F.conv2d(F.pad(x, (1,) * 4, "reflect"), self.filt, stride=2, groups=x.shape[1])


class ResBlock(nn.Module):
    def __init__(self, dim, kind, bias, padding="reflect", dropout=False, running=False):
        super().__init__()
        layers = []
        for last in (False, True):
            if padding != "zero":
                layers.append(PADS[padding](1))
            layers += [nn.Conv2d(dim, dim, 3, padding=int(padding == "zero"), bias=bias), norm_of(kind, dim, running)]
            if not last:
                layers += [nn.ReLU(), *([nn.Dropout(0.5)] if dropout else [])]
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


def resnet_layers(inputs=3, outputs=3, ngf=8, blocks=9, downs=2, kind="instance", running=False, antialias=False,
                  bias=None, **block):  # fmt: skip
    bias = kind == "instance" if bias is None else bias
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, ngf, 7, bias=bias), norm_of(kind, ngf, running), nn.ReLU()]
    width = ngf
    for _ in range(downs):
        stride = 1 if antialias else 2
        layers.append(nn.Conv2d(width, 2 * width, 3, stride=stride, padding=1, bias=bias))
        width *= 2
        layers += [norm_of(kind, width, running), nn.ReLU(), *([Filter(width, False)] if antialias else [])]
    layers += [ResBlock(width, kind, bias, running=running, **block) for _ in range(blocks)]
    for _ in range(downs):
        if antialias:
            layers += [Filter(width, True), nn.Conv2d(width, width // 2, 3, padding=1, bias=bias)]
        else:
            layers.append(nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1, bias=bias))
        width //= 2
        layers += [norm_of(kind, width, running), nn.ReLU()]
    return [*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, outputs, 7), nn.Tanh()]


class PlainResnet(nn.Module):
    def __init__(self, **sizes):
        super().__init__()
        self.model = nn.Sequential(*resnet_layers(**sizes))

    def forward(self, x):
        return self.model(x)


class PlainEnhanced(nn.Module):
    """pix2pixHD's local enhancer around a global generator that has lost its last layers."""

    def __init__(self, inputs, ngf=4, downs=2, blocks=2, local_blocks=3):
        super().__init__()
        self.model = nn.Sequential(*resnet_layers(inputs, 3, 2 * ngf, blocks, downs)[:-3])
        self.model1_1 = nn.Sequential(
            nn.ReflectionPad2d(3), nn.Conv2d(inputs, ngf, 7), norm_of("instance", ngf), nn.ReLU(),
            nn.Conv2d(ngf, 2 * ngf, 3, 2, 1), norm_of("instance", 2 * ngf), nn.ReLU(),
        )  # fmt: skip
        self.model1_2 = nn.Sequential(
            *(ResBlock(2 * ngf, "instance", True) for _ in range(local_blocks)),
            nn.ConvTranspose2d(2 * ngf, ngf, 3, 2, 1, output_padding=1), norm_of("instance", ngf), nn.ReLU(),
            nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Tanh(),
        )  # fmt: skip

    def forward(self, x):
        half = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)(x)
        return self.model1_2(self.model1_1(x) + self.model(half))


class UnetLevel(nn.Module):
    def __init__(self, outer, inner, inputs=None, sub=None, outermost=False, kind="batch", dropout=False):
        super().__init__()
        self.outermost, bias = outermost, kind == "instance"
        down = nn.Conv2d(inputs or outer, inner, 4, 2, 1, bias=bias)
        if outermost:
            layers = [down, sub, nn.ReLU(), nn.ConvTranspose2d(2 * inner, outer, 4, 2, 1), nn.Tanh()]
        elif sub is None:
            up = nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=bias)
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, norm_of(kind, outer)]
        else:
            up = nn.ConvTranspose2d(2 * inner, outer, 4, 2, 1, bias=bias)
            layers = [nn.LeakyReLU(0.2), down, norm_of(kind, inner), sub, nn.ReLU(), up, norm_of(kind, outer)]
            layers += [nn.Dropout(0.5)] if dropout else []
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class PlainUnet(nn.Module):
    def __init__(self, levels=8, inputs=3, outputs=3, ngf=4, kind="batch", dropout=True):
        super().__init__()
        level = UnetLevel(8 * ngf, 8 * ngf, kind=kind)
        for _ in range(levels - 5):
            level = UnetLevel(8 * ngf, 8 * ngf, sub=level, kind=kind, dropout=dropout)
        for outer, inner in ((4, 8), (2, 4), (1, 2)):
            level = UnetLevel(outer * ngf, inner * ngf, sub=level, kind=kind)
        self.model = UnetLevel(outputs, ngf, inputs, level, outermost=True, kind=kind)

    def forward(self, x):
        return self.model(x)


class PlainSpade(nn.Module):
    def __init__(self, channels, labels, kernel=3):
        super().__init__()
        self.param_free_norm = nn.BatchNorm2d(channels, affine=False)
        self.mlp_shared = nn.Sequential(nn.Conv2d(labels, 128, kernel, padding=kernel // 2), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(128, channels, kernel, padding=kernel // 2)
        self.mlp_beta = nn.Conv2d(128, channels, kernel, padding=kernel // 2)

    def forward(self, x, seg):
        seen = self.mlp_shared(F.interpolate(seg, size=x.shape[2:], mode="nearest"))
        return self.param_free_norm(x) * (1 + self.mlp_gamma(seen)) + self.mlp_beta(seen)


class Affine(nn.Module):
    def __init__(self, classes, channels):
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.rand(classes, channels)),
            nn.Parameter(torch.rand(classes, channels)),
        )


class PlainClade(nn.Module):
    def __init__(self, channels, labels, edges):
        super().__init__()
        self.param_free_norm = nn.BatchNorm2d(channels, affine=False)
        self.class_specified_affine = Affine(labels - edges, channels)
        if edges:
            self.inst_conv = nn.Conv2d(1, 1, 1)

    def forward(self, x, seg):
        x, seg = self.param_free_norm(x), F.interpolate(seg, size=x.shape[2:], mode="nearest")
        edges = seg[:, -1:] if hasattr(self, "inst_conv") else None
        one_hot = F.one_hot((seg if edges is None else seg[:, :-1]).argmax(1), len(self.class_specified_affine.weight))
        table = self.class_specified_affine
        scale, shift = (torch.einsum("nhwk,kc->nchw", one_hot.float(), t) for t in (table.weight, table.bias))
        y = x * scale + shift
        return y if edges is None else torch.cat([y, self.inst_conv(edges)], 1)


class PlainSpadeBlock(nn.Module):
    def __init__(self, a, b, norm, spectral, more=0):
        super().__init__()
        wrap = nn.utils.spectral_norm if spectral else (lambda layer: layer)
        middle = min(a, b)
        self.norm_0, self.norm_1 = norm(a), norm(middle)
        self.conv_0 = wrap(nn.Conv2d(a + more, middle, 3, padding=1))
        self.conv_1 = wrap(nn.Conv2d(middle + more, b, 3, padding=1))
        if a != b:
            self.norm_s, self.conv_s = norm(a), wrap(nn.Conv2d(a + more, b, 1, bias=False))

    def forward(self, x, seg):
        beside = self.conv_s(self.norm_s(x, seg)) if hasattr(self, "conv_s") else x
        y = self.conv_0(F.leaky_relu(self.norm_0(x, seg), 0.2))
        return beside + self.conv_1(F.leaky_relu(self.norm_1(y, seg), 0.2))


class PlainSpadeGenerator(nn.Module):
    """SPADE's generator, or CLADE's; `ups` of 5, 6 and 7 are normal, more and most."""

    def __init__(self, labels, ngf=2, ups=5, latent=0, base=(8, 8), clade=False, edges=False, spectral=True, kernel=3):
        super().__init__()
        self.ups, self.base = ups, base

        def norm(channels):
            return PlainClade(channels, labels, edges) if clade else PlainSpade(channels, labels, kernel)

        def block(a, b):
            return PlainSpadeBlock(a * ngf, b * ngf, norm, spectral, int(clade and edges))

        wide = 16 * ngf
        self.fc = nn.Linear(latent, wide * base[0] * base[1]) if latent else nn.Conv2d(labels, wide, 3, padding=1)
        self.head_0, self.G_middle_0, self.G_middle_1 = block(16, 16), block(16, 16), block(16, 16)
        self.up_0, self.up_1, self.up_2, self.up_3 = block(16, 8), block(8, 4), block(4, 2), block(2, 1)
        if ups == 7:
            self.up_4 = PlainSpadeBlock(ngf, ngf // 2, norm, spectral, int(clade and edges))
        self.conv_img = nn.Conv2d(ngf // 2 if ups == 7 else ngf, 3, 3, padding=1)

    def forward(self, seg, code=None):
        double = nn.Upsample(scale_factor=2)
        if code is None:
            x = self.fc(F.interpolate(seg, size=(seg.shape[2] // 2**self.ups, seg.shape[3] // 2**self.ups)))
        else:
            x = self.fc(code).view(len(code), -1, *self.base)
        x = self.G_middle_0(double(self.head_0(x, seg)), seg)
        x = self.G_middle_1(double(x) if self.ups > 5 else x, seg)
        for name in ("up_0", "up_1", "up_2", "up_3") + (("up_4",) if self.ups == 7 else ()):
            x = getattr(self, name)(double(x), seg)
        return torch.tanh(self.conv_img(F.leaky_relu(x, 0.2)))


class PlainEncoder(nn.Module):
    """SPADE's encoder of style pictures; convolutions lose their bias to the normalisation."""

    def __init__(self, ndf=2, latent=5):
        super().__init__()
        wide = [3, ndf, 2 * ndf, 4 * ndf, 8 * ndf, 8 * ndf, 8 * ndf]
        for n, (a, b) in enumerate(zip(wide, wide[1:], strict=False), 1):
            conv = nn.utils.spectral_norm(nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False))
            setattr(self, f"layer{n}", nn.Sequential(conv, nn.InstanceNorm2d(b)))
        self.fc_mu, self.fc_var = nn.Linear(8 * ndf * 16, latent), nn.Linear(8 * ndf * 16, latent)

    def forward(self, x):
        x = F.interpolate(x, size=(256, 256), mode="bilinear") if x.shape[-2:] != (256, 256) else x
        x = self.layer1(x)
        for n in range(2, 7):
            x = getattr(self, f"layer{n}")(F.leaky_relu(x, 0.2))
        x = F.leaky_relu(x, 0.2).flatten(1)
        return self.fc_mu(x), self.fc_var(x)


class PlainAnime(nn.Module):
    """AnimeGANv2 for PyTorch."""

    def __init__(self):
        super().__init__()

        def layer(a, b, size=3, stride=1, pad=None, groups=1):
            pad = ((0, 1, 0, 1) if stride == 2 else size // 2) if pad is None else pad
            conv = nn.Conv2d(a, b, size, stride, groups=groups, bias=groups > 1)
            return nn.Sequential(nn.ReflectionPad2d(pad), conv, nn.GroupNorm(1, b), nn.LeakyReLU(0.2))

        def inverted(a, b):
            made = nn.Module()
            narrow = nn.Conv2d(2 * a, b, 1, bias=False)
            made.layers = nn.Sequential(
                layer(a, 2 * a, 1), layer(2 * a, 2 * a, groups=2 * a), narrow, nn.GroupNorm(1, b)
            )
            return made

        self.block_a = nn.Sequential(layer(3, 32, 7), layer(32, 64, stride=2), layer(64, 64))
        self.block_b = nn.Sequential(layer(64, 128, stride=2), layer(128, 128))
        self.block_c = nn.Sequential(
            layer(128, 128), *(inverted(a, 256) for a in (128, 256, 256, 256)), layer(256, 128)
        )
        self.block_d = nn.Sequential(layer(128, 128), layer(128, 128))
        self.block_e = nn.Sequential(layer(128, 64), layer(64, 64), layer(64, 32, 7))
        self.out_layer = nn.Sequential(nn.Conv2d(32, 3, 1, bias=False), nn.Tanh())

    def forward(self, x):
        size = x.shape[2:]
        x = self.block_a(x)
        half, x = x.shape[2:], self.block_b(x)
        for n, part in enumerate(self.block_c):
            y = part(x) if n in (0, 5) else part.layers(x)
            x = x + y if 1 < n < 5 else y
        x = self.block_d(F.interpolate(x, half, mode="bilinear", align_corners=True))
        return self.out_layer(self.block_e(F.interpolate(x, size, mode="bilinear", align_corners=True)))


class PlainDense(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        for n in range(5):
            setattr(self, f"conv{n + 1}", nn.Conv2d(width + n * growth, width if n == 4 else growth, 3, 1, 1))

    def forward(self, x):
        found = [x]
        for n in range(1, 5):
            found.append(F.leaky_relu(getattr(self, f"conv{n}")(torch.cat(found, 1)), 0.2))
        return self.conv5(torch.cat(found, 1)) * 0.2 + x


class PlainRrdb(nn.Module):
    def __init__(self, scale=4, width=8, growth=4, blocks=2):
        super().__init__()
        self.fold = 4 // scale
        self.conv_first = nn.Conv2d(3 * self.fold**2, width, 3, 1, 1)
        self.body = nn.Sequential()
        for _ in range(blocks):
            block = nn.Module()
            block.rdb1, block.rdb2, block.rdb3 = (PlainDense(width, growth) for _ in range(3))
            self.body.append(block)
        for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
            setattr(self, name, nn.Conv2d(width, width, 3, 1, 1))
        self.conv_last = nn.Conv2d(width, 3, 3, 1, 1)

    def forward(self, x):
        start = x = self.conv_first(F.pixel_unshuffle(x, self.fold))
        for block in self.body:
            x = block.rdb3(block.rdb2(block.rdb1(x))) * 0.2 + x
        x = start + self.conv_body(x)
        for conv in (self.conv_up1, self.conv_up2):
            x = F.leaky_relu(conv(F.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(x), 0.2))


class PlainCompact(nn.Module):
    def __init__(self, scale=4, width=6, layers=3):
        super().__init__()
        self.scale = scale
        rows = [nn.Conv2d(3, width, 3, 1, 1), nn.PReLU(width)]
        for _ in range(layers):
            rows += [nn.Conv2d(width, width, 3, 1, 1), nn.PReLU(width)]
        self.body = nn.ModuleList([*rows, nn.Conv2d(width, 3 * scale**2, 3, 1, 1)])

    def forward(self, x):
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


def scrambled(net, seed=0):
    """The network with numbers everywhere, running statistics included, ready for use."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in net.named_parameters():
            if value.ndim == 1 and "conv" not in name:
                value.copy_(1 + 0.3 * torch.randn_like(value))
            if name.startswith(("conv_img", "out_layer")):
                value.mul_(0.1)  # within the bend of the last tanh, where differences show
        for name, value in net.named_buffers():
            if name.endswith("running_var"):
                value.uniform_(0.5, 1.5)
            elif name.endswith("running_mean"):
                value.normal_(0, 0.2)
    return net.eval()
