"""The CLIP models that Roboflow serves, and where its library keeps them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MEAN = (0.48145466, 0.4578275, 0.40821073)
"""OPENAI_DATASET_MEAN, open_clip ``src/open_clip/constants.py``."""
STD = (0.26862954, 0.26130258, 0.27577711)
"""OPENAI_DATASET_STD, likewise."""
SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Known:
    """A model that can be fetched by name.

    Attributes:
        title: For a person.
        megabytes: About what is fetched: its weights in fp32.
    """

    title: str
    megabytes: int


# The parameters of OpenAI's published weights at four bytes each.
CLIP_MODELS: Mapping[str, Known] = MappingProxyType(
    {
        "ViT-B-16": Known("CLIP ViT-B/16: the usual choice", 600),
        "ViT-B-32": Known("CLIP ViT-B/32: the quickest", 605),
        "ViT-L-14": Known("CLIP ViT-L/14: finer, slow without a GPU", 1710),
        "ViT-L-14-336px": Known("CLIP ViT-L/14 at 336 px: the finest, slow without a GPU", 1712),
        "RN50": Known("CLIP ResNet-50", 410),
        "RN101": Known("CLIP ResNet-101", 480),
        "RN50x4": Known("CLIP ResNet-50x4", 713),
        "RN50x16": Known("CLIP ResNet-50x16", 1164),
        "RN50x64": Known("CLIP ResNet-50x64: slow without a GPU", 2494),
    }
)


def endpoint(model_id: str) -> str:
    """Roboflow's own id of a CLIP model.

    >>> endpoint("ViT-B-16")
    'clip/ViT-B-16'
    """
    return f"clip/{model_id}"


def cache_folders(model_id: str) -> tuple[str, str]:
    """Where Roboflow's library keeps a model below MODEL_CACHE_DIR: since 1.3.7, and before.

    The newer name is a slug with 32 hex digits of BLAKE2s of the model's id
    (``inference.core.cache.model_artifacts.slugify_model_id_to_cache_key``).

    >>> cache_folders("RN50")
    ('~clip-RN50-6d743a8fa051c5fc977f5fc1d8df69bc', 'clip/RN50')
    """
    name = endpoint(model_id)
    digest = hashlib.blake2s(name.encode(), digest_size=16).hexdigest()
    return f"~{name.replace('/', '-')}-{digest}", name


def model_in(folder: Path) -> str | None:
    """The id of the model that a folder of Roboflow's cache holds, by its name; None if none."""
    for model_id in CLIP_MODELS:
        newer, older = cache_folders(model_id)
        if folder.name in {newer, model_id} or folder.as_posix().endswith(older):
            return model_id
    return None
