"""The four networks in PyTorch, so that weights of dcpt-train can be compared and used there.

    network = load("runs/dcpt/weights.safetensors")   # built from the description in the file
    restored = network(lq)                            # [n, 3, h, w], sRGB codes in 0...1

`features` gives what the degradation classifier reads, finest first. Both forms of each network are here: the one
that DCPT (Hu et al., ICLR 2025) trains, and the one that its authors published.
"""
import json
import struct

import torch
from torch import nn
from torch.nn import functional as F


def conv(inner, out, kernel, bias=True, groups=1):
    return nn.Conv2d(inner, out, kernel, padding=kernel // 2, bias=bias, groups=groups)


def pad_to(x, multiple, mode):
    bottom, right = -x.shape[2] % multiple, -x.shape[3] % multiple
    return F.pad(x, (0, right, 0, bottom), mode=mode) if bottom or right else x


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of each pixel; without a bias the mean stays where it is."""

    def __init__(self, channels, eps, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        if bias:
            self.bias = nn.Parameter(torch.zeros(channels))
        self.eps, self.has_bias = eps, bias

    def forward(self, x):
        weight = self.weight[:, None, None]
        scale = (x.var(1, unbiased=False, keepdim=True) + self.eps).sqrt()
        if not self.has_bias:
            return x / scale * weight
        return (x - x.mean(1, keepdim=True)) / scale * weight + self.bias[:, None, None]


# ------------------------------------------------------------------------------------------------------- NAFNet


class NAFBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(1, c, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, c, 1, 1))
        self.conv1, self.conv2 = conv(c, 2 * c, 1), conv(2 * c, 2 * c, 3, groups=2 * c)
        self.conv3, self.conv4, self.conv5 = conv(c, c, 1), conv(c, 2 * c, 1), conv(c, c, 1)
        self.sca = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv(c, c, 1))
        self.norm1, self.norm2 = ChannelNorm(c, 1e-6), ChannelNorm(c, 1e-6)

    def forward(self, x):
        a, b = self.conv2(self.conv1(self.norm1(x))).chunk(2, 1)
        y = a * b
        y = x + self.conv3(y * self.sca(y)) * self.beta
        a, b = self.conv4(self.norm2(y)).chunk(2, 1)
        return y + self.conv5(a * b) * self.gamma


class NAFNet(nn.Module):
    def __init__(self, width, enc_blk_nums, middle_blk_num, dec_blk_nums, form="dcpt"):
        super().__init__()
        levels = len(enc_blk_nums)

        def blocks(count, channels):
            return nn.Sequential(*[NAFBlock(channels) for _ in range(count)])

        self.form = form
        self.intro, self.ending = conv(3, width, 3), conv(width, 3, 3)
        self.encoders = nn.ModuleList(blocks(n, width << i) for i, n in enumerate(enc_blk_nums))
        self.downs = nn.ModuleList(
            nn.Conv2d(width << i, width << i + 1, 2, 2) for i in range(levels))
        self.middle_blks = blocks(middle_blk_num, width << levels)
        self.ups = nn.ModuleList(
            nn.Sequential(conv(width << i, width << i + 1, 1, bias=False), nn.PixelShuffle(2))
            for i in range(levels, 0, -1))
        decoders = [blocks(n, width << levels - 1 - j) for j, n in enumerate(dec_blk_nums)]
        if form == "published":
            self.decoders = nn.ModuleList(decoders)
        for j, decoder in enumerate(decoders):
            if form == "dcpt":
                setattr(self, f"decoder{j}", decoder)

    def forward(self, lq):
        return self.both(lq)[0]

    def both(self, lq):
        x = pad_to(lq, 1 << len(self.downs), "constant")
        y, skips, features = self.intro(x), [], []
        for encoder, down in zip(self.encoders, self.downs):
            y = encoder(y)
            skips.append(y)
            y = down(y)
        y = self.middle_blks(y)
        for j, up in enumerate(self.ups):
            decoder = self.decoders[j] if self.form == "published" else getattr(self, f"decoder{j}")
            y = decoder(up(y) + skips[-1 - j])
            features.insert(0, y)
        return (self.ending(y) + x)[:, :, : lq.shape[2], : lq.shape[3]], features


# ------------------------------------------------------------------------------------- Restormer and PromptIR


class Norm(nn.Module):
    def __init__(self, channels, eps, kind):
        super().__init__()
        self.body = ChannelNorm(channels, eps, bias=kind == "WithBias")

    def forward(self, x):
        return self.body(x)


class ChannelAttention(nn.Module):
    def __init__(self, c, heads, bias, activation):
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = conv(c, 3 * c, 1, bias)
        self.qkv_dwconv = conv(3 * c, 3 * c, 3, bias, groups=3 * c)
        self.project_out = conv(c, c, 1, bias)
        self.heads, self.activation = heads, activation

    def forward(self, x):
        n, c, h, w = x.shape
        q, k, v = (
            t.reshape(n, self.heads, c // self.heads, h * w)
            for t in self.qkv_dwconv(self.qkv(x)).chunk(3, 1))
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(2, 3) * self.temperature
        scores = scores.relu() if self.activation == "relu" else scores.softmax(-1)
        return self.project_out((scores @ v).reshape(n, c, h, w))


class GatedFeedForward(nn.Module):
    def __init__(self, c, expansion, bias):
        super().__init__()
        hidden = int(c * expansion)
        self.project_in = conv(c, 2 * hidden, 1, bias)
        self.dwconv = conv(2 * hidden, 2 * hidden, 3, bias, groups=2 * hidden)
        self.project_out = conv(hidden, c, 1, bias)

    def forward(self, x):
        a, b = self.dwconv(self.project_in(x)).chunk(2, 1)
        return self.project_out(F.gelu(a) * b)


class TransformerBlock(nn.Module):
    def __init__(self, c, heads, options):
        super().__init__()
        self.norm1 = Norm(c, options["eps"], options["norm"])
        self.norm2 = Norm(c, options["eps"], options["norm"])
        self.attn = ChannelAttention(c, heads, options["bias"], options["activation"])
        self.ffn = GatedFeedForward(c, options["expansion"], options["bias"])

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.ffn(self.norm2(x))


class Body(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x)


def level(count, c, heads, options, named_body=False):
    blocks = nn.Sequential(*[TransformerBlock(c, heads, options) for _ in range(count)])
    return Body(blocks) if named_body else blocks


class PatchEmbedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.proj = conv(3, dim, 3, bias=False)

    def forward(self, x):
        return self.proj(x)


def down(c):
    return Body(nn.Sequential(conv(c, c // 2, 3, bias=False), nn.PixelUnshuffle(2)))


def up(c):
    return Body(nn.Sequential(conv(c, 2 * c, 3, bias=False), nn.PixelShuffle(2)))


class Restormer(nn.Module):
    def __init__(
        self, dim=48, num_blocks=(4, 6, 6, 8), num_refinement_blocks=4, heads=(1, 2, 4, 8),
        ffn_expansion_factor=2.66, bias=False, LayerNorm_type=None, form="dcpt",
    ):
        super().__init__()
        published, body = form == "published", form == "dcpt"
        options = {
            "eps": 1e-5 if published else 1e-6,
            "norm": LayerNorm_type or ("BiasFree" if body else "WithBias"),
            "bias": bias and published, "activation": "softmax" if published else "relu",
            "expansion": ffn_expansion_factor,
        }
        self.patch_embed = PatchEmbedding(dim)
        for i in range(3):
            setattr(self, f"encoder_level{i + 1}",
                    level(num_blocks[i], dim << i, heads[i], options, body))
            setattr(self, f"down{i + 1}_{i + 2}", down(dim << i))
            setattr(self, f"up{i + 2}_{i + 1}", up(dim << i + 1))
        self.latent = level(num_blocks[3], 8 * dim, heads[3], options, body)
        self.reduce_chan_level3 = conv(8 * dim, 4 * dim, 1, bias)
        self.reduce_chan_level2 = conv(4 * dim, 2 * dim, 1, bias)
        self.decoder_level3 = level(num_blocks[2], 4 * dim, heads[2], options, body)
        self.decoder_level2 = level(num_blocks[1], 2 * dim, heads[1], options, body)
        self.decoder_level1 = level(num_blocks[0], 2 * dim, heads[0], options, body)
        self.refinement = level(num_refinement_blocks, 2 * dim, heads[0], options, body)
        self.output = conv(2 * dim, 3, 3, bias)

    def forward(self, lq):
        return self.both(lq)[0]

    def both(self, lq):
        e1 = self.encoder_level1(self.patch_embed(lq))
        e2 = self.encoder_level2(self.down1_2(e1))
        e3 = self.encoder_level3(self.down2_3(e2))
        y = self.latent(self.down3_4(e3))
        d3 = self.decoder_level3(self.reduce_chan_level3(torch.cat([self.up4_3(y), e3], 1)))
        d2 = self.decoder_level2(self.reduce_chan_level2(torch.cat([self.up3_2(d3), e2], 1)))
        d1 = self.decoder_level1(torch.cat([self.up2_1(d2), e1], 1))
        return self.output(self.refinement(d1)) + lq, [d1, d2, d3]


class Prompt(nn.Module):
    def __init__(self, channels, width, count, size):
        super().__init__()
        self.prompt_param = nn.Parameter(torch.rand(1, count, width, size, size))
        self.linear_layer = nn.Linear(channels, count)
        self.conv3x3 = conv(width, width, 3, bias=False)

    def forward(self, x):
        weights = self.linear_layer(x.mean((2, 3))).softmax(1)
        prompt = (weights[:, :, None, None, None] * self.prompt_param).sum(1)
        return self.conv3x3(F.interpolate(prompt, x.shape[2:], mode="bilinear"))


class PromptIR(nn.Module):
    def __init__(
        self, dim=48, num_blocks=(4, 6, 6, 8), num_refinement_blocks=4, heads=(1, 2, 4, 8),
        ffn_expansion_factor=2.66, bias=False, LayerNorm_type="WithBias",
        prompt_dims=(64, 128, 320), prompt_sizes=(64, 32, 16), prompt_len=5, form="dcpt",
    ):
        super().__init__()
        options = {
            "eps": 1e-5, "norm": LayerNorm_type, "bias": bias, "activation": "softmax",
            "expansion": ffn_expansion_factor,
        }
        self.patch_embed = PatchEmbedding(dim)
        for i in range(3):
            setattr(self, f"encoder_level{i + 1}", level(num_blocks[i], dim << i, heads[i], options))
            setattr(self, f"down{i + 1}_{i + 2}", down(dim << i))
        self.latent = level(num_blocks[3], 8 * dim, heads[3], options)
        for i, (inner, out) in enumerate([(2, 2), (4, 4), (8, 4)]):
            width = prompt_dims[i]
            setattr(self, f"prompt{i + 1}",
                    Prompt(inner * dim, width, prompt_len, prompt_sizes[i]))
            setattr(self, f"noise_level{i + 1}",
                    TransformerBlock(inner * dim + width, heads[2], options))
            setattr(self, f"reduce_noise_level{i + 1}",
                    conv(inner * dim + width, out * dim, 1, bias))
        self.up4_3, self.up3_2, self.up2_1 = up(4 * dim), up(4 * dim), up(2 * dim)
        self.reduce_chan_level3 = conv(6 * dim, 4 * dim, 1, bias)
        self.reduce_chan_level2 = conv(4 * dim, 2 * dim, 1, bias)
        self.decoder_level3 = level(num_blocks[2], 4 * dim, heads[2], options)
        self.decoder_level2 = level(num_blocks[1], 2 * dim, heads[1], options)
        self.decoder_level1 = level(num_blocks[0], 2 * dim, heads[0], options)
        self.refinement = level(num_refinement_blocks, 2 * dim, heads[0], options)
        self.output = conv(2 * dim, 3, 3, bias)
        if form == "published":
            self.add_unused(dim, prompt_dims, bias)

    def add_unused(self, dim, widths, bias):
        """What published checkpoints hold and no pass uses."""
        for i, out in enumerate([widths[0], widths[1], 4 * widths[0]]):
            setattr(self, f"chnl_reduce{i + 1}", conv(widths[i], out, 1, bias))
            inner = (dim << i) + out
            setattr(self, f"reduce_noise_channel_{i + 1}", conv(inner, dim << i, 1, bias))

    def forward(self, lq):
        return self.both(lq)[0]

    def prompted(self, i, x):
        x = torch.cat([x, getattr(self, f"prompt{i}")(x)], 1)
        return getattr(self, f"reduce_noise_level{i}")(getattr(self, f"noise_level{i}")(x))

    def both(self, lq):
        e1 = self.encoder_level1(self.patch_embed(lq))
        e2 = self.encoder_level2(self.down1_2(e1))
        e3 = self.encoder_level3(self.down2_3(e2))
        r3 = self.prompted(3, self.latent(self.down3_4(e3)))
        y = self.decoder_level3(self.reduce_chan_level3(torch.cat([self.up4_3(r3), e3], 1)))
        r2 = self.prompted(2, y)
        y = self.decoder_level2(self.reduce_chan_level2(torch.cat([self.up3_2(r2), e2], 1)))
        r1 = self.prompted(1, y)
        y = self.decoder_level1(torch.cat([self.up2_1(r1), e1], 1))
        return self.output(self.refinement(y)) + lq, [r1, r2, r3]


# ------------------------------------------------------------------------------------------------------- SwinIR


class WindowAttention(nn.Module):
    def __init__(self, c, window, heads, published):
        super().__init__()
        self.qkv, self.proj = nn.Linear(c, 3 * c), nn.Linear(c, c)
        self.window, self.heads, self.published = window, heads, published
        if published:
            self.relative_position_bias_table = nn.Parameter(
                torch.zeros((2 * window - 1) ** 2, heads))
            y, x = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
            y, x = y.flatten(), x.flatten()
            self.index = (
                (y[:, None] - y + window - 1) * (2 * window - 1) + x[:, None] - x + window - 1)

    def forward(self, x, mask):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        scores = q * (c // self.heads) ** -0.5 @ k.transpose(2, 3)
        if self.published:
            scores = scores + self.relative_position_bias_table[self.index].permute(2, 0, 1)
        if mask is not None:
            scores = scores + mask.repeat(b // len(mask), 1, 1)[:, None]
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, c))


class SwinBlock(nn.Module):
    def __init__(self, c, window, shift, heads, ratio, published):
        super().__init__()
        hidden = int(c * ratio)
        self.norm1, self.norm2 = nn.LayerNorm(c), nn.LayerNorm(c)
        self.attn = WindowAttention(c, window, heads, published)
        self.mlp = nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(c, hidden), nn.Linear(hidden, c)
        self.window, self.shift, self.published = window, shift, published

    def split(self, x):
        """[n, h, w, c] to [windows, tokens, c]."""
        w = self.window
        n, height, width, c = x.shape
        x = x.reshape(n, height // w, w, width // w, w, c).transpose(2, 3)
        return x.reshape(-1, w * w, c)

    def join(self, x, shape):
        w = self.window
        n, height, width, c = shape
        x = x.reshape(n, height // w, width // w, w, w, c).transpose(2, 3)
        return x.reshape(shape)

    def mask(self, shape):
        if not (self.published and self.shift):
            return None
        cells = torch.zeros(1, shape[1], shape[2], 1)
        edges = [slice(0, -self.window), slice(-self.window, -self.shift), slice(-self.shift, None)]
        for i, rows in enumerate(edges):
            for j, columns in enumerate(edges):
                cells[:, rows, columns] = 3 * i + j
        cells = self.split(cells)[..., 0]
        return (cells[:, None] != cells[:, :, None]) * -100.0

    def forward(self, x):
        y, s = self.norm1(x), self.shift
        y = y.roll((-s, -s), (1, 2))
        y = self.join(self.attn(self.split(y), self.mask(x.shape)), y.shape)
        x = x + y.roll((s, s), (1, 2))
        return x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))


def residual_conv(c, kind):
    if kind == "1conv":
        return conv(c, c, 3)
    return nn.Sequential(
        conv(c, c // 4, 3), nn.LeakyReLU(0.2), conv(c // 4, c // 4, 1), nn.LeakyReLU(0.2),
        conv(c // 4, c, 3))


def as_map(module, x):
    """Applies a convolution to [n, h, w, c]."""
    return module(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class SwinGroup(nn.Module):
    def __init__(self, c, depth, window, shift, heads, ratio, kind, published):
        super().__init__()
        self.residual_group = nn.Module()
        self.residual_group.blocks = nn.ModuleList(
            SwinBlock(c, window, shift * (i % 2), heads, ratio, published) for i in range(depth))
        self.conv = residual_conv(c, kind)

    def forward(self, x):
        y = x
        for block in self.residual_group.blocks:
            y = block(y)
        return x + as_map(self.conv, y)


class SwinIR(nn.Module):
    def __init__(
        self, embed_dim=180, depths=(6,) * 6, num_heads=(6,) * 6, window_size=8, mlp_ratio=2.0,
        resi_connection="1conv", img_size=64, form="dcpt",
    ):
        super().__init__()
        published = form == "published"
        window = min(window_size, img_size)
        shift = 0 if img_size <= window_size else window // 2

        def group(i):
            return SwinGroup(embed_dim, depths[i], window, shift, num_heads[i], mlp_ratio,
                             resi_connection, published)

        self.register_buffer(
            "mean", torch.tensor([0.4488, 0.4371, 0.4040])[:, None, None], persistent=False)
        self.window, self.form = window, form
        self.conv_first = conv(3, embed_dim, 3)
        self.patch_embed = nn.Module()
        self.patch_embed.norm, self.norm = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        count = len(depths)
        if published:
            self.layers = nn.ModuleList(group(i) for i in range(count))
        else:
            self.encode_layers = nn.ModuleList(group(i) for i in range(count // 2))
            for i in range(count // 2):
                setattr(self, f"decode_layers{i}", group(i + 3))
        self.conv_after_body = residual_conv(embed_dim, resi_connection)
        self.conv_last = conv(embed_dim, 3, 3)

    def groups(self):
        if self.form == "published":
            return list(self.layers), []
        encoders = list(self.encode_layers)
        return encoders, [getattr(self, f"decode_layers{i}") for i in range(len(encoders))]

    def forward(self, lq):
        return self.both(lq)[0]

    def both(self, lq):
        x = pad_to(lq, self.window, "reflect") - self.mean
        first = self.conv_first(x)
        y, features = self.patch_embed.norm(first.permute(0, 2, 3, 1)), []
        encoders, decoders = self.groups()
        for group in encoders + decoders:
            y = group(y)
            if group in decoders:
                features.insert(0, y.permute(0, 3, 1, 2))
        y = self.norm(y).permute(0, 3, 1, 2)
        y = self.conv_last(self.conv_after_body(y) + first)
        return (x + y + self.mean)[:, :, : lq.shape[2], : lq.shape[3]], features


# ------------------------------------------------------------------------------------------------------ loading


def description(path):
    """What a weights file says about its network."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        return json.loads(json.loads(file.read(size))["__metadata__"]["dcpt.network"])


def build(sizes):
    """An untrained network of those sizes."""
    kinds = {kind.__name__: kind for kind in (NAFNet, SwinIR, Restormer, PromptIR)}
    sizes = dict(sizes)
    kind = kinds[sizes.pop("type")]
    sizes.pop("gt_size", None)
    return kind(**sizes)


def load(path):
    """A network with the weights of a file of dcpt-train."""
    from safetensors.torch import load_file

    network = build(description(path))
    network.load_state_dict(load_file(path))
    return network.eval()
