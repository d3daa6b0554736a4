"""Training of the two towers on drawings and what is said of them. Needs torch."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, normalize

from scripts.sample_model.batches import ORDINARY, Batch, batches, known_tokens
from scripts.sample_model.preparation import normalised
from scripts.sample_model.towers import MASKED, TextualTower, VisualTower

WARM_UP = 0.05  # share of the steps
DECAY = 0.02
LARGEST_SCALE = 100.0
PICTURES_WEIGHT = 0.3  # of the loss between two pictures of one drawing
ORDINARY_WEIGHT = 0.15  # of the loss between two versions of an ordinary text


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        seed: Decides weights and pictures; the same machine gives the same towers again.
        steps: Batches of 256 pictures.
        threads: Threads of torch. A second process draws meanwhile; on two shared cores a second
            thread made a step take 2.3 s instead of 1.0 s.
        rate: Highest learning rate.
    """

    seed: int = 3
    steps: int = 1150
    threads: int = 1
    rate: float = 2.5e-3


class Towers(nn.Module):
    """Both towers and the scale of their cosines."""

    def __init__(self) -> None:
        super().__init__()
        self.visual = VisualTower()
        self.textual = TextualTower(known_tokens())
        self.log_scale = nn.Parameter(torch.tensor(math.log(14.0)))

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied with before a softmax."""
        return self.log_scale.exp().clamp(max=LARGEST_SCALE)


def several_true(cosines: Tensor, true: Tensor, hidden: Tensor | None = None) -> Tensor:
    """Cross entropy of each row's softmax against equal shares of its true columns.

    Args:
        cosines: Scaled cosines (n, m).
        true: bool (n, m); rows without a true column do not count.
        hidden: bool (n, m), columns that the row leaves out; may be None.
    """
    if hidden is not None:
        cosines = cosines.masked_fill(hidden & ~true, MASKED)
    count = true.sum(1)
    rows = -(log_softmax(cosines, 1) * true).sum(1) / count.clamp(min=1)
    return rows[count > 0].mean()


def loss_of(towers: Towers, batch: Batch) -> Tensor:
    """The sum of all that the towers should learn from one batch."""
    pictures = normalize(towers.visual(torch.from_numpy(normalised(batch.pixels))), dim=1)
    texts = normalize(towers.textual(torch.from_numpy(batch.tokens)), dim=1)
    true, either = torch.from_numpy(batch.true), torch.from_numpy(batch.open)
    same = torch.from_numpy(batch.same)
    itself = torch.eye(len(same), dtype=torch.bool)
    ordinary, again = texts[-2 * ORDINARY : -ORDINARY], texts[-ORDINARY:]
    nowhere = torch.zeros(len(pictures), 2 * ORDINARY, dtype=torch.bool)
    scale = towers.scale
    loss = several_true(scale * texts[: len(true)] @ pictures.T, true, either)
    loss = loss + several_true(
        scale * pictures @ texts.T,
        torch.cat([true.T, nowhere], 1),
        torch.cat([either.T, nowhere], 1),
    )
    loss = loss + PICTURES_WEIGHT * several_true(
        scale * pictures @ pictures.T, same & ~itself, itself
    )
    return loss + ORDINARY_WEIGHT * several_true(
        scale * ordinary @ again.T, torch.eye(ORDINARY, dtype=torch.bool)
    )


def rate_at(step: int, recipe: Recipe) -> float:
    """Learning rate: a linear start, then half a cosine down to nothing."""
    warm = max(1, round(WARM_UP * recipe.steps))
    if step < warm:
        return recipe.rate * (step + 1) / warm
    return recipe.rate * (1 + math.cos(math.pi * (step - warm) / (recipe.steps - warm))) / 2


def _optimiser(towers: Towers) -> torch.optim.AdamW:
    """AdamW that shrinks matrices only."""
    matrices = [each for each in towers.parameters() if each.ndim > 1]
    others = [each for each in towers.parameters() if each.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    )


def train(recipe: Recipe, tell: Callable[[str], None]) -> Towers:
    """Train both towers.

    Args:
        recipe: How.
        tell: Is told the progress, a line at a time.

    Returns:
        The towers, in evaluation mode.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    towers, began = Towers(), time.monotonic()
    optimiser = _optimiser(towers)
    for step, batch in enumerate(batches(recipe.seed, steps=recipe.steps)):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, recipe)
        loss = loss_of(towers, batch)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        if (step + 1) % 50 == 0 or step + 1 == recipe.steps:
            tell(
                f"step {step + 1}/{recipe.steps}  loss {loss.item():.3f}  "
                f"scale {towers.scale.item():.1f}  {time.monotonic() - began:.0f} s"
            )
    return towers.eval()
