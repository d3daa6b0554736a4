"""The models that can be fetched: CLIP's from Roboflow, text models from the Hugging Face hub."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownText(Known):
    """A text model that can be fetched by name.

    Attributes:
        repository: On the Hugging Face hub.
        revision: The commit that is fetched, whatever is newer.
        files: SHA-256 by path; empty where the hub's own listing says it.
        context_length: Tokens that it reads, as its ``sentence_bert_config.json`` says.
        pooling: As its ``1_Pooling/config.json`` says.
    """

    repository: str
    revision: str
    files: Mapping[str, str]
    context_length: int
    pooling: str = "mean"


TEXT_MODELS: Mapping[str, KnownText] = MappingProxyType(
    {
        "all-MiniLM-L6-v2": KnownText(
            title="MiniLM: texts by their meaning, English, quick",
            megabytes=91,
            repository="sentence-transformers/all-MiniLM-L6-v2",
            revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
            files={
                "onnx/model.onnx": (
                    "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452"
                ),
                "tokenizer.json": (
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
                ),
            },
            context_length=256,
        ),
        "paraphrase-multilingual-MiniLM-L12-v2": KnownText(
            title="multilingual MiniLM: texts of 50 languages by their meaning",
            megabytes=479,
            repository="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
            revision="e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
            files={
                "onnx/model.onnx": "",
                "tokenizer.json": (
                    "2c3387be76557bd40970cec13153b3bbf80407865484b209e655e5e4729076b8"
                ),
            },
            context_length=128,
        ),
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
