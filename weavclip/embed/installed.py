"""The models on this machine, as they are: listed, opened, compared with their digests."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import ModelError, NoModelError
from weavclip.domain.models import ModelKind
from weavclip.embed import cards, catalogue, inspecting, text_folders
from weavclip.embed.clip_onnx import VISUAL, ClipOnnx
from weavclip.embed.sentence import GRAPH, SentenceOnnx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.ports import Embedder, SentenceEmbedder
    from weavclip.domain.vectors import ModelCard

LINKS = ".roboflow"
_GET_ONE = "weavclip model add ViT-B-16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A model that is installed, or can be.

    Attributes:
        id: Its name.
        title: What it is, for a person.
        megabytes: Its size on disk, or about what is fetched.
        card: None where it is not installed.
    """

    id: str
    title: str
    megabytes: float
    card: ModelCard | None

    @property
    def is_installed(self) -> bool:
        """Whether it can be used."""
        return self.card is not None


class InstalledModels:
    """A folder with a folder for each model, and the sample that is part of the package."""

    def __init__(
        self,
        models_dir: Path,
        *,
        embedder: str = "onnx",
        provider: str = "auto",
        threads: int = 0,
    ) -> None:
        """Touch nothing yet.

        Args:
            models_dir: Where models are kept.
            embedder: ``onnx`` runs the files directly, ``inference`` through Roboflow's library.
            provider: ``auto``, ``cpu`` or ``cuda``.
            threads: Threads a model may use; 0 for as many as there are cores.
        """
        self._dir = models_dir
        self._embedder = embedder
        self._provider = provider
        self._threads = threads

    def list(self) -> list[Listed]:
        """Installed models first, then those that can be fetched, then the sample."""
        own = [self._listed(name) for name in self._installed()]
        to_fetch: dict[str, catalogue.Known] = {**catalogue.CLIP_MODELS, **catalogue.TEXT_MODELS}
        known = [
            Listed(id=name, title=each.title, megabytes=each.megabytes, card=None)
            for name, each in to_fetch.items()
            if name not in {each.id for each in own}
        ]
        return [*own, *known, self._listed(catalogue.SAMPLE)]

    def card(self, model_id: str) -> ModelCard:
        """What is known of an installed model.

        Raises:
            NoModelError: If it is not installed.
            ModelError: If its card is damaged.
        """
        folder = self._folder(model_id)
        own = self._dir / model_id / cards.CARD
        card = cards.read(folder / cards.CARD)
        if model_id == catalogue.SAMPLE and own.is_file():
            # The package may be read-only: what was found out of its sample is kept beside ours.
            kept = cards.read(own)
            return kept if kept.files == card.files else card
        return card

    def open(self, model_id: str) -> Embedder:
        """A CLIP model, ready to embed; each tower loads at its first use.

        Raises:
            NoModelError: If it is not installed, or what runs it is not.
            ModelError: If its card is damaged, or it is a text model.
        """
        folder, card = self._folder(model_id), self.card_of_kind(model_id, ModelKind.CLIP)
        if self._embedder == "inference":
            from weavclip.embed.roboflow import RoboflowClip

            links = self._dir / LINKS
            return RoboflowClip(folder, card, cache_dir=links, provider=self._provider)
        return ClipOnnx(folder, card, threads=self._threads, provider=self._provider)

    def open_text(self, model_id: str) -> SentenceEmbedder:
        """A text model, ready to embed; it loads at its first use.

        Raises:
            NoModelError: If it is not installed.
            ModelError: If its card is damaged, or it is a CLIP model.
        """
        folder, card = self._folder(model_id), self.card_of_kind(model_id, ModelKind.SENTENCE)
        return SentenceOnnx(folder, card, threads=self._threads, provider=self._provider)

    def card_of_kind(self, model_id: str, kind: ModelKind) -> ModelCard:
        """The card of a model that has to be of this kind.

        Raises:
            NoModelError: If it is not installed.
            ModelError: If its card is damaged, or says another kind.
        """
        card = self.card(model_id)
        if card.kind is not kind:
            message = f"{model_id} is a model of the kind {card.kind}, wanted is {kind}"
            raise ModelError(message, hint=f"weavclip model use {model_id}")
        return card

    def verify(self, model_id: str) -> ModelCard:
        """Compare each file with its SHA-256 and run each graph once.

        Raises:
            NoModelError: If it is not installed.
            ModelError: Naming the file that differs, or what its graph does wrong.
        """
        folder, card = self._folder(model_id), self.card(model_id)
        for name, digest in card.files.items():
            found = cards.sha256_of(folder / name) if (folder / name).is_file() else "nothing"
            if found != digest:
                message = f"{model_id}/{name} is {found[:12]}, its card says {digest[:12]}"
                hint = f"weavclip model remove {model_id}, then add it again"
                raise ModelError(message, hint=hint)
        if card.kind is ModelKind.SENTENCE:
            text_folders.check(folder, card)
        else:
            inspecting.check(inspecting.inspect(folder, card), card)
        return card

    def _installed(self) -> Sequence[str]:
        if not self._dir.is_dir():
            return []
        found = (path for graph in (VISUAL, GRAPH) for path in self._dir.glob(f"*/{graph}"))
        return sorted(path.parent.name for path in found if path.parent.name[0] != ".")

    def _folder(self, model_id: str) -> Path:
        if model_id == catalogue.SAMPLE:
            return _sample_folder()
        if model_id not in self._installed():
            raise absent(model_id)
        return self._dir / model_id

    def _listed(self, model_id: str) -> Listed:
        card, folder = self.card(model_id), self._folder(model_id)
        size = sum((folder / name).stat().st_size for name in card.files)
        return Listed(id=model_id, title=card.title, megabytes=round(size / 1e6, 1), card=card)


def absent(model_id: str) -> NoModelError:
    """The error for a model that is not installed."""
    if not model_id:
        return NoModelError("no model is in use", hint=_GET_ONE)
    message = f"the model {model_id} is not installed"
    known = {each.casefold(): each for each in (*catalogue.CLIP_MODELS, *catalogue.TEXT_MODELS)}
    if model_id in known.values():
        return NoModelError(message, hint=f"weavclip model add {model_id}")
    meant = difflib.get_close_matches(model_id.casefold(), known, n=1)
    guess = f"{known[meant[0]]}, if that is meant; " if meant else ""
    return NoModelError(message, hint=f"{guess}'weavclip model list' names every model")


def _sample_folder() -> Path:
    folder = Path(str(resources.files("weavclip.assets").joinpath("sample_model")))
    if not (folder / cards.CARD).is_file():
        message = "this package has no sample model"
        raise NoModelError(message, hint=_GET_ONE)
    return folder
