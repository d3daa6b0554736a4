"""The two towers: convolutions for pictures, a small transformer for texts. Needs torch."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from scripts.sample_model.preparation import RESOLUTION
from scripts.sample_model.tokens import CONTEXT, VOCABULARY_SIZE

DIM = 128
CHANNELS = (24, 48, 64, 96, 128)
WIDTH = 96
HEADS = 4
LAYERS = 2
SHARED_VECTORS = 512  # for the tokens that training never says
MASKED = -1e4  # minus infinity for a softmax, also in half precision
HASH = 2654435761  # Knuth's multiplier, The Art of Computer Programming 6.4


def _convolution(inward: int, outward: int, *, side: int, stride: int) -> nn.Sequential:
    """A convolution without bias and its normalisation."""
    return nn.Sequential(
        nn.Conv2d(inward, outward, side, stride=stride, padding=side // 2, bias=False),
        nn.BatchNorm2d(outward),
    )


class Residual(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, side=3, stride=1)
        self.second = _convolution(channels, channels, side=3, stride=1)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (n, channels, h, w) to maps of the same shape."""
        bent = self.second(torch.relu(self.first(maps)))
        return torch.relu(maps + bent)


class VisualTower(nn.Module):
    """Pictures (n, 3, 64, 64) to vectors (n, dim), not normalised.

    The mean over the last map tells what there is; a thin copy of the map, kept flat, where.
    """

    def __init__(self, dim: int = DIM) -> None:
        super().__init__()
        steps: list[nn.Module] = [
            _convolution(3, CHANNELS[0], side=5, stride=2),
            nn.ReLU(),
        ]
        for inward, outward in pairwise(CHANNELS):
            last = outward == CHANNELS[-1]
            steps += [_convolution(inward, outward, side=3, stride=2 if not last else 1)]
            steps += [nn.ReLU(), Residual(outward)]
        self.body = nn.Sequential(*steps)
        self.thin = nn.Conv2d(CHANNELS[-1], 16, 1)
        side = RESOLUTION // 2 ** (len(CHANNELS) - 1)
        self.head = nn.Linear(CHANNELS[-1] + 16 * side * side, dim)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pictures to vectors."""
        maps = self.body(pixels)
        where = torch.relu(self.thin(maps)).flatten(1)
        return cast("Tensor", self.head(torch.cat([maps.mean((2, 3)), where], dim=1)))


class Block(nn.Module):
    """Attention and two linear maps, each added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.before_bend = nn.LayerNorm(width)
        self.bend = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)
        )

    def forward(self, words: Tensor, hidden: Tensor) -> Tensor:
        """Words (n, length, width); hidden (n, 1, 1, length) is added to the attention."""
        n, length, width = words.shape
        parts = self.queries_keys_values(self.before_attention(words))
        parts = parts.reshape(n, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        queries, keys, values = parts[0], parts[1], parts[2]
        weights = queries @ keys.transpose(-1, -2) / math.sqrt(width // HEADS) + hidden
        mixed = (weights.softmax(-1) @ values).transpose(1, 2).reshape(n, length, width)
        words = words + self.joined(mixed)
        return cast("Tensor", words + self.bend(self.before_bend(words)))


class TextualTower(nn.Module):
    """Tokens (n, up to 77) to vectors (n, dim), not normalised.

    Each token that training says has a vector of its own; all others share a few, chosen by a
    hash, so that different unknown words mostly differ and equal ones are equal.
    """

    rows: Tensor

    def __init__(self, known: Sequence[int], dim: int = DIM) -> None:
        super().__init__()
        self.register_buffer("rows", torch.from_numpy(rows_of(known)))
        self.words = nn.Embedding(len(known) + SHARED_VECTORS, WIDTH)
        self.places = nn.Parameter(torch.zeros(CONTEXT, WIDTH))
        self.blocks = nn.ModuleList(Block(WIDTH) for _ in range(LAYERS))
        self.last = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, dim)
        nn.init.normal_(self.words.weight, std=0.3)
        nn.init.normal_(self.places, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens to vectors; what stands after the end token counts for nothing."""
        length = tokens.shape[1]
        end = tokens.argmax(dim=1, keepdim=True)
        shown = (torch.arange(length, device=tokens.device)[None, :] <= end).float()
        hidden = (1 - shown)[:, None, None, :] * MASKED
        words = self.words(self.rows[tokens.long()].long()) + self.places[:length]
        for block in self.blocks:
            words = block(words, hidden)
        words = self.last(words) * shown[:, :, None]
        return cast("Tensor", self.head(words.sum(1) / shown.sum(1, keepdim=True)))


def rows_of(known: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The embedding's row of each token of the vocabulary, int16 (49408,).

    Args:
        known: Tokens that have a row of their own, in the order of the rows.
    """
    rows = np.arange(VOCABULARY_SIZE, dtype=np.uint64) * HASH >> 12
    rows = rows % SHARED_VECTORS + len(known)
    rows[list(known)] = np.arange(len(known))
    return rows.astype(np.int16)
