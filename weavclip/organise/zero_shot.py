"""Labels for pictures out of sentences: which of them a picture is likest to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.labels import LabelSet
    from weavclip.domain.vectors import Embedding, Embeddings


@dataclass(frozen=True, slots=True)
class Prompted:
    """A class of a softmax: a label, or something that none of its group is.

    Attributes:
        name: The label's; empty for what is none.
        group: Classes of a group exclude each other.
        prompts: Sentences whose mean vector stands for it.
    """

    name: str
    group: str
    prompts: tuple[str, ...]


def classes_of(labels: LabelSet) -> tuple[Prompted, ...]:
    """Labels with sentences; each other sentence of a group is a class by itself.

    A label without a group has one of its own, against the sentences for no group in particular.
    """
    found = [
        Prompted(label.name, label.group or label.name, label.prompts)
        for label in labels.labels
        if label.prompts
    ]
    groups = dict.fromkeys(each.group for each in found)
    others = [
        Prompted("", group, (sentence,))
        for group in groups
        for sentence in labels.others.get(group, labels.others.get("kind", ()))
    ]
    return (*found, *others)


def ensembles(
    classes: Sequence[Prompted], embed_texts: Callable[[Sequence[str]], Embeddings]
) -> Embeddings:
    """One vector a class: the mean of its sentences' vectors, scaled to norm 1 again.

    Returns:
        Shape (k, dim), float32.

    References:
        Prompt ensembles in the space of embeddings: arXiv:2103.00020, section 3.1.4.
    """
    sentences = list(dict.fromkeys(prompt for each in classes for prompt in each.prompts))
    row = {sentence: place for place, sentence in enumerate(sentences)}
    vectors = embed_texts(sentences)
    means = [vectors[[row[prompt] for prompt in each.prompts]].mean(axis=0) for each in classes]
    return unit(np.stack(means)) if means else vectors


def unit(vectors: NDArray[np.floating]) -> Embeddings:
    """Scaled to norm 1 along the last axis; a zero vector stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def logits(
    pictures: Embeddings, texts: Embeddings, *, mean: Embedding | None, scale: float
) -> NDArray[np.float64]:
    """What a softmax at the model's own temperature takes, without what any picture would get.

    ``scale * (v - mean) @ t``: the model's own logit less that of the mean picture. CLIP is nearer
    to some sentences whatever is shown; a difference of 0.02 is a factor of 7 at its scale of 100.
    The texts' mean adds the same to every class, so it need not be taken out.

    Args:
        pictures: Shape (n, dim), raw, norm 1.
        texts: Shape (k, dim), raw, norm 1.
        mean: Of pictures, shape (dim,); None leaves the model's logits as they are.
        scale: What the model multiplies cosines by.

    Returns:
        Shape (n, k).
    """
    centred = pictures if mean is None else pictures - mean
    return scale * (np.asarray(centred, np.float64) @ np.asarray(texts, np.float64).T)


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Along the last axis; each row adds up to 1."""
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroShot:
    """A label set in one model's terms.

    Attributes:
        classes: Labels and what is none.
        vectors: Of each, shape (k, dim), raw.
        mean: Of pictures; None without calibration.
        scale: What the model multiplies cosines by.
    """

    classes: tuple[Prompted, ...]
    vectors: Embeddings = field(repr=False)
    mean: Embedding | None = field(repr=False)
    scale: float

    def chances(self, pictures: Embeddings) -> list[dict[str, float]]:
        """For each picture the probability of every label among those of its group.

        Args:
            pictures: Shape (n, dim), raw, norm 1.
        """
        values = logits(pictures, self.vectors, mean=self.mean, scale=self.scale)
        found: list[dict[str, float]] = [{} for _ in pictures]
        for group in dict.fromkeys(each.group for each in self.classes):
            own = [place for place, each in enumerate(self.classes) if each.group == group]
            for row, chances in zip(found, softmax(values[:, own]), strict=True):
                for place, chance in zip(own, chances, strict=True):
                    if self.classes[place].name:
                        row[self.classes[place].name] = float(chance)
        return found
