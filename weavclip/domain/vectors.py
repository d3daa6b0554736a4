"""What a model makes of texts and pictures, and what the indexes do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from weavclip.domain.models import ModelKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.clip import Clip
    from weavclip.domain.query import Space

    Embedding: TypeAlias = NDArray[np.float32]
    """Shape (dim,), L2 norm 1."""
    Embeddings: TypeAlias = NDArray[np.float32]
    """Shape (n, dim), each row of L2 norm 1."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A probability from a measured value: ``1 / (1 + exp(-(slope * value + intercept)))``."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFit:
    """What makes probabilities of a group's labels, found where the right ones are known.

    Attributes:
        scale: What a softmax multiplies cosines by.
        none: Added to the exponent of each class that is none of the labels.
        error: Cross-validated expected calibration error, in [0, 1]; None where nothing was
            fitted.
    """

    scale: float
    none: float = 0.0
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """What a question in words is compared with beside what is stored: a model's usual vectors.

    Attributes:
        centre: Their middle, shape (dim,), float32: the mean cosine of a question to them is its
            product with the question.
        directions: Shape (r, dim), float32, each as long as their deviation along it.
        rest: Variance that the directions leave out, of a vector of norm 1.
        means: Least, middle and largest mean cosine of the calibration set's questions.
        spreads: The same for the deviation of the cosines.
        by_mean: What a mean cosine over the middle one adds to a probability's exponent.
        by_spread: The same for the deviation.
    """

    centre: Embedding = field(repr=False)
    directions: Embeddings = field(repr=False)
    rest: float
    means: tuple[float, float, float]
    spreads: tuple[float, float, float]
    by_mean: float
    by_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """How sure a list of a model's may be.

    Attributes:
        cut_off: Probability under which a clip does not answer, among ``usual`` clips.
        by_candidates: What an exponent loses by the logarithm of the number of clips, in [0, 1].
        usual: Clips among which the probabilities hold as they are.
        most: Clips in the largest store that was tried.
    """

    cut_off: float
    by_candidates: float
    usual: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What one model's cosines mean, found once when the model is added.

    Attributes:
        means: The mean vector of each modality, shape (dim,), float32, taken out of every vector
            of that modality (a query in words counts as text) before it is compared.
        words_to: By space, the probability from the cosine of a query in words to a stored
            vector of that space, means out.
        picture_to: The same for a query by picture.
        origin: What it was made from and when, one sentence.
        figures: How well it did on what it was made from (cross-validated), by name.
        crowds: By space, what moves the probabilities of a query in words; no entry: nothing.
        sureness: What the number of clips does to them, and where answers end; None before 0.3.
        labels: By group, what makes probabilities of labels; no entry: the model's own scale.
    """

    means: Mapping[Space, Embedding] = field(repr=False)
    words_to: Mapping[Space, Logistic]
    picture_to: Mapping[Space, Logistic]
    origin: str
    figures: Mapping[str, float] = field(default_factory=dict)
    crowds: Mapping[Space, Crowd] = field(default_factory=dict)
    sureness: Sureness | None = None
    labels: Mapping[str, LabelFit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What is known of an installed model (``card.json`` in its folder).

    Attributes:
        id: Such as ``ViT-B-16``, or ``sample``.
        kind: Pictures and texts, or texts alone.
        dim: Length of its vectors.
        resolution_px: Side of the square that its picture tower takes; 0 without one.
        mean: Of the pixels it was trained on, per channel R, G, B in [0, 1].
        std: Likewise the standard deviation.
        pooling: What makes one vector of a text's tokens, ``mean`` or ``first``; empty where the
            graph does, as CLIP's own do.
        question_prefix: Words that a text model wants before a text that asks, such as
            ``query: ``; empty for none.
        text_prefix: Likewise before one that may answer, such as ``passage: ``.
        logit_scale: What a softmax multiplies cosines by, as the model was trained; 100 for
            OpenAI's CLIP.
        context_length: Tokens a text, start and end included.
        token_dtype: ``int32`` or ``int64``, as the text graph's input says.
        tokenizer: File name of a tokenizer in the folder; None for CLIP's own.
        files: SHA-256 in hex by file name.
        title: What it is, for a person.
        is_sample: Knows drawings only; used only where asked for by name.
        note: What a person should know of it.
        calibration: None until the calibration set went through it.
    """

    id: str
    kind: ModelKind = ModelKind.CLIP
    dim: int
    resolution_px: int = 0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    pooling: str = ""
    question_prefix: str = ""
    text_prefix: str = ""
    logit_scale: float = 100.0
    context_length: int = 77
    token_dtype: str = "int32"  # noqa: S105 - a number type
    tokenizer: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    is_sample: bool = False
    note: str = ""
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an index is given of one clip.

    Attributes:
        clip: Its description.
        text: Its words, for BM25; empty for pictures.
        ocr_text: Words found in the picture.
        vectors: By space, those that it has: shape (dim,), float32, norm 1, means already out.
        thumbnail: A small JPEG or PNG of a picture, at most 32 KiB; None for others.
    """

    clip: Clip
    text: str = field(default="", repr=False)
    ocr_text: str = field(default="", repr=False)
    vectors: Mapping[Space, Embedding] = field(default_factory=dict, repr=False)
    thumbnail: bytes | None = field(default=None, repr=False)

    @property
    def id(self) -> UUID:
        """The clip's id."""
        return self.clip.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture made ready for a model: decoded, upright, flattened on white, cut to a square.

    Attributes:
        square: Shape (size_px, size_px, 3), uint8, RGB: the shorter side resized to size_px
            (bicubic), the middle cut out, as CLIP's own preprocessing does before it normalises.
        width_px: Of the original, upright.
        height_px: Of the original, upright.
        pixel_digest: SHA-256 of size and the upright original's pixels, as RGB where all are
            opaque, else as RGBA: equal for the same pixels under other encodings. Of the bytes
            where a large JPEG was decoded at a smaller scale.
        thumbnail: JPEG, at most 32 KiB.
    """

    square: NDArray[np.uint8] = field(repr=False)
    width_px: int
    height_px: int
    pixel_digest: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
