"""The models on this machine: fetched, taken out of a folder, or the package's sample."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import ModelError, NoModelError
from weavclip.domain.models import ModelKind
from weavclip.embed import cards, catalogue, fetching, inspecting, text_folders
from weavclip.embed.clip_onnx import TEXTUAL, VISUAL, ClipOnnx
from weavclip.embed.sentence import GRAPH, SentenceOnnx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weavclip.domain.ports import Embedder, TextEmbedder
    from weavclip.domain.vectors import ModelCard
    from weavclip.embed.fetching import Progress

GRAPHS = (VISUAL, TEXTUAL)
_LINKS = ".roboflow"
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


class ModelStore:
    """A folder with a folder for each model, and the sample that is part of the package."""

    def __init__(
        self,
        models_dir: Path,
        *,
        roboflow_url: str,
        api_key: str = "",
        embedder: str = "onnx",
        provider: str = "auto",
        threads: int = 0,
        retry_pause_s: float = fetching.PAUSE_S,
    ) -> None:
        """Touch nothing yet.

        Args:
            models_dir: Where models are kept; made when the first is installed, mode 0700.
            roboflow_url: Where they are fetched from.
            api_key: Sent then, if there is one; CLIP does not need it.
            embedder: ``onnx`` runs the files directly, ``inference`` through Roboflow's library.
            provider: ``auto``, ``cpu`` or ``cuda``.
            threads: Threads a model may use; 0 for as many as there are cores.
            retry_pause_s: Before a second try to fetch, in seconds; doubled each time.
        """
        self._dir = models_dir
        self._roboflow_url = roboflow_url
        self._api_key = api_key
        self._embedder = embedder
        self._provider = provider
        self._threads = threads
        self._retry_pause_s = retry_pause_s

    def list(self) -> list[Listed]:
        """Installed models first, then those that can be fetched, then the sample."""
        own = [self._listed(name) for name in self._installed()]
        known = [
            Listed(id=name, title=each.title, megabytes=each.megabytes, card=None)
            for name, each in catalogue.CLIP_MODELS.items()
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

            links = self._dir / _LINKS
            return RoboflowClip(folder, card, cache_dir=links, provider=self._provider)
        return ClipOnnx(folder, card, threads=self._threads, provider=self._provider)

    def open_text(self, model_id: str) -> TextEmbedder:
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

    def add(self, model_id: str, progress: Progress = fetching.silent) -> ModelCard:
        """Fetch a model as Roboflow's library does, check it, and install it whole.

        What was fetched stays when it breaks off, and the next call goes on from there.

        Args:
            model_id: One of :data:`weavclip.embed.catalogue.CLIP_MODELS`.
            progress: Called with the bytes that are there and how many there will be, if known.

        Raises:
            NoModelError: If Roboflow has no such model.
            DownloadError: If it cannot be fetched; the hint says what to do without a network.
            ModelError: If what came is no such model.
        """
        if model_id == catalogue.SAMPLE:
            return self.card(model_id)
        if model_id not in catalogue.CLIP_MODELS:
            message = f"there is no CLIP model {model_id}"
            raise NoModelError(message, hint=f"one of {', '.join(catalogue.CLIP_MODELS)}")
        parts = self._made(f".fetching-{model_id}")
        source = fetching.Source(self._roboflow_url, self._api_key, pause_s=self._retry_pause_s)
        source.fetch(model_id, parts, names=GRAPHS, progress=progress)
        try:
            card = self._install(model_id, parts)
        except NoModelError:  # nothing runs it yet: what was fetched is good
            raise
        except ModelError:
            shutil.rmtree(parts, ignore_errors=True)
            raise
        shutil.rmtree(parts, ignore_errors=True)
        return card

    def import_folder(self, folder: Path, progress: Progress = fetching.silent) -> ModelCard:
        """Install a model out of a folder: CLIP's two graphs, or a text model.

        Args:
            folder: Has ``visual.onnx`` and ``textual.onnx``, or is a Roboflow MODEL_CACHE_DIR
                with one CLIP model, in the layout of any version of its library; or is a text
                model's (see :mod:`weavclip.embed.text_folders`).
            progress: Called with the bytes that are copied and how many there will be.

        Raises:
            ModelError: If there is no model, or several, or what is there is no CLIP.
        """
        place = folder.expanduser().absolute()
        if files := text_folders.files_in(place):
            card = text_folders.card_in(place, inspecting.name_of(place))
            with self._staging() as parts:
                inspecting.copy_each(files, parts, progress)
                return self._put(text_folders.measured(parts, card), parts)
        model_id, source = inspecting.find_model(place, GRAPHS)
        with self._staging() as parts:
            inspecting.copy_files(source, parts, GRAPHS, progress)
            return self._install(model_id, parts)

    def save_card(self, card: ModelCard) -> None:
        """Keep a card, such as after the calibration; the model's files stay as they are.

        Raises:
            NoModelError: If the model is not installed.
        """
        self._folder(card.id)
        cards.write(card, self._made(card.id) / cards.CARD)

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
            inspecting.check(inspecting.inspect(folder, card.context_length), card)
        return card

    def remove(self, model_id: str) -> None:
        """Delete an installed model; the package's sample stays.

        Raises:
            NoModelError: If it is not installed.
        """
        if model_id not in self._installed():
            raise _absent(model_id)
        gone = self._dir / f".removed-{model_id}"
        shutil.rmtree(gone, ignore_errors=True)
        (self._dir / model_id).rename(gone)  # at once: never half a model under its name
        shutil.rmtree(gone)
        shutil.rmtree(self._dir / _LINKS, ignore_errors=True)

    def _install(self, model_id: str, parts: Path) -> ModelCard:
        """Make a folder with CLIP's checked graphs the model, replacing an older one."""
        found = inspecting.inspect(parts)
        known = catalogue.CLIP_MODELS.get(model_id)
        card = inspecting.card_in(parts, model_id, found, title=known.title if known else model_id)
        return self._put(card, parts)

    def _put(self, card: ModelCard, parts: Path) -> ModelCard:
        """Move a model's checked files to their place, with a card that names their digests."""
        model_id = card.id
        files = {path.name: cards.sha256_of(path) for path in inspecting.model_files(parts)}
        card = dataclasses.replace(card, files=files)
        with self._staging() as stage:
            whole = stage / model_id
            whole.mkdir(mode=0o700)
            for name in card.files:
                inspecting.move(parts / name, whole / name)
            cards.write(card, whole / cards.CARD)
            with contextlib.suppress(NoModelError):
                self.remove(model_id)
            whole.rename(self._dir / model_id)
        cards.sync_folder(self._dir)
        return card

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=self._made("")) as name:
            yield Path(name)

    def _made(self, name: str) -> Path:
        self._dir.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self._dir, self._dir / name):
            folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def _installed(self) -> Sequence[str]:
        if not self._dir.is_dir():
            return []
        found = (path for graph in (VISUAL, GRAPH) for path in self._dir.glob(f"*/{graph}"))
        return sorted(path.parent.name for path in found if path.parent.name[0] != ".")

    def _folder(self, model_id: str) -> Path:
        if model_id == catalogue.SAMPLE:
            return _sample_folder()
        if model_id not in self._installed():
            raise _absent(model_id)
        return self._dir / model_id

    def _listed(self, model_id: str) -> Listed:
        card, folder = self.card(model_id), self._folder(model_id)
        size = sum((folder / name).stat().st_size for name in card.files)
        return Listed(id=model_id, title=card.title, megabytes=round(size / 1e6, 1), card=card)


def _absent(model_id: str) -> NoModelError:
    message = f"the model {model_id} is not installed" if model_id else "no model is in use"
    hint = f"weavclip model add {model_id}" if model_id in catalogue.CLIP_MODELS else _GET_ONE
    return NoModelError(message, hint=hint)


def _sample_folder() -> Path:
    folder = Path(str(resources.files("weavclip.assets").joinpath("sample_model")))
    if not (folder / cards.CARD).is_file():
        message = "this package has no sample model"
        raise NoModelError(message, hint=_GET_ONE)
    return folder
