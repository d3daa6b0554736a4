"""Labels out of sentences: which of them a picture or a text is likest to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.labels import PLACE
from weavclip.domain.vectors import LabelFit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.labels import Label, LabelSet
    from weavclip.domain.vectors import Embedding, Embeddings


TEXT_SCALE = 20.0
"""Of a text model's cosines in a softmax, where none was fitted: it brings none of its own."""


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


def picture_classes(labels: LabelSet) -> tuple[Prompted, ...]:
    """Labels that pictures are looked at for; each other sentence of a group is one by itself.

    A label without a group has one of its own, against the sentences for no group in particular.
    """
    return _classes(labels, lambda label: label.prompts, labels.others, usual="kind")


def text_classes(labels: LabelSet) -> tuple[Prompted, ...]:
    """The same for texts: their words, put into the templates of their group."""

    def sentences(label: Label) -> tuple[str, ...]:
        templates = labels.templates.get(label.group, ())
        named = (label.name.replace("_", " "),) if templates and not label.prompts else ()
        words = label.texts or named
        forms = templates or (PLACE,)
        return tuple(form.replace(PLACE, each) for form in forms for each in words)

    return _classes(labels, sentences, labels.other_texts, usual="subject")


def _classes(
    labels: LabelSet,
    sentences: Callable[[Label], tuple[str, ...]],
    others: Mapping[str, tuple[str, ...]],
    *,
    usual: str,
) -> tuple[Prompted, ...]:
    found = [
        Prompted(label.name, label.group or label.name, said)
        for label in labels.labels
        if (said := sentences(label))
    ]
    groups = dict.fromkeys(each.group for each in found)
    none = [
        Prompted("", group, (sentence,))
        for group in groups
        for sentence in others.get(group, others.get(usual, ()))
    ]
    return (*found, *none)


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
        mean: Of what is labelled; None takes none out.
        scale: What cosines are multiplied by in a group that nothing was fitted for.
        fits: By group, what was.
    """

    classes: tuple[Prompted, ...]
    vectors: Embeddings = field(repr=False)
    mean: Embedding | None = field(repr=False)
    scale: float
    fits: Mapping[str, LabelFit] = field(default_factory=dict)

    def chances(self, vectors: Embeddings) -> list[dict[str, float]]:
        """For each vector the probability of every label among those of its group.

        Args:
            vectors: Shape (n, dim), raw, norm 1.
        """
        cosines = logits(vectors, self.vectors, mean=self.mean, scale=1.0)
        found: list[dict[str, float]] = [{} for _ in vectors]
        for group in dict.fromkeys(each.group for each in self.classes):
            own = [place for place, each in enumerate(self.classes) if each.group == group]
            names = [self.classes[place].name for place in own]
            fit = self.fits.get(group, LabelFit(scale=self.scale))
            raised = np.array([0.0 if name else fit.none for name in names])
            for row, chances in zip(
                found, softmax(fit.scale * cosines[:, own] + raised), strict=True
            ):
                row.update(
                    (name, float(each)) for name, each in zip(names, chances, strict=True) if name
                )
        return found
