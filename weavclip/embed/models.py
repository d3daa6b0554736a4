"""Installing models: fetched, or taken out of a folder."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import DownloadError, ModelError, NoModelError
from weavclip.domain.models import ModelKind
from weavclip.domain.vectors import ModelCard
from weavclip.embed import cards, catalogue, fetching, inspecting, text_folders
from weavclip.embed.clip_onnx import TEXTUAL, VISUAL
from weavclip.embed.hub import Hub
from weavclip.embed.installed import LINKS, InstalledModels, absent
from weavclip.embed.roboflow_api import Roboflow
from weavclip.embed.sentence import GRAPH
from weavclip.embed.tokenizer import TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.embed.fetching import Progress

GRAPHS = (VISUAL, TEXTUAL)


class ModelStore(InstalledModels):
    """Installs models and removes them."""

    def __init__(
        self,
        models_dir: Path,
        *,
        roboflow_url: str,
        hub_url: str = "",
        api_key: str = "",
        embedder: str = "onnx",
        provider: str = "auto",
        threads: int = 0,
        retry_pause_s: float = fetching.PAUSE_S,
    ) -> None:
        """Touch nothing yet.

        Args:
            models_dir: Where models are kept; made when the first is installed, mode 0700.
            roboflow_url: Where CLIP models are fetched from.
            hub_url: Where text models are fetched from.
            api_key: Sent then, if there is one; CLIP does not need it.
            embedder: ``onnx`` runs the files directly, ``inference`` through Roboflow's library.
            provider: ``auto``, ``cpu`` or ``cuda``.
            threads: Threads a model may use; 0 for as many as there are cores.
            retry_pause_s: Before a second try to fetch, in seconds; doubled each time.
        """
        super().__init__(models_dir, embedder=embedder, provider=provider, threads=threads)
        self._roboflow_url, self._hub_url = roboflow_url, hub_url
        self._api_key = api_key
        self._retry_pause_s = retry_pause_s

    def add(self, model_id: str, progress: Progress = fetching.silent) -> ModelCard:
        """Fetch a model, check it, and install it whole.

        What was fetched stays when it breaks off, and the next call goes on from there.

        Args:
            model_id: One of :data:`weavclip.embed.catalogue.CLIP_MODELS`, fetched as Roboflow's
                library does, or of :data:`weavclip.embed.catalogue.TEXT_MODELS`, from the hub.
            progress: Called with the bytes that are there and how many there will be, if known.

        Raises:
            NoModelError: If there is no such model.
            DownloadError: If it cannot be fetched; the hint says what to do without a network.
            ModelError: If what came is no such model.
        """
        if model_id == catalogue.SAMPLE:
            return self.card(model_id)
        if model_id not in {*catalogue.CLIP_MODELS, *catalogue.TEXT_MODELS}:
            message = f"there is no model {model_id} to fetch"
            names = [*catalogue.CLIP_MODELS, *catalogue.TEXT_MODELS]
            raise NoModelError(message, hint=f"one of {', '.join(names)}")
        parts = self._made(f".fetching-{model_id}")
        fetch = self._fetch_text if model_id in catalogue.TEXT_MODELS else self._fetch_clip
        try:
            card = fetch(model_id, parts, progress)
        except (NoModelError, DownloadError):  # what was fetched is good
            raise
        except ModelError:
            shutil.rmtree(parts, ignore_errors=True)
            raise
        shutil.rmtree(parts, ignore_errors=True)
        return card

    def _fetch_clip(self, model_id: str, parts: Path, progress: Progress) -> ModelCard:
        source = Roboflow(self._roboflow_url, pause_s=self._retry_pause_s, api_key=self._api_key)
        source.fetch(model_id, parts, names=GRAPHS, progress=progress)
        return self._install(model_id, parts)

    def _fetch_text(self, model_id: str, parts: Path, progress: Progress) -> ModelCard:
        known, hub = (
            catalogue.TEXT_MODELS[model_id],
            Hub(self._hub_url, pause_s=self._retry_pause_s),
        )
        hub.fetch(model_id, parts, names=(GRAPH, TOKENIZER), progress=progress)
        hub.check(model_id, parts)
        card = ModelCard(
            id=model_id,
            kind=ModelKind.SENTENCE,
            title=known.title,
            dim=0,
            context_length=known.context_length,
            tokenizer=TOKENIZER,
            pooling=known.pooling,
        )
        return self._put(text_folders.measured(parts, card), parts)

    def import_folder(self, folder: Path, progress: Progress = fetching.silent) -> ModelCard:
        """Install a model out of a folder: CLIP's two graphs, or a text model.

        Args:
            folder: Has ``visual.onnx`` and ``textual.onnx`` (and ``tokenizer.json``, where the
                text tower is not CLIP's own), or is a Roboflow MODEL_CACHE_DIR with one CLIP
                model, in the layout of any version of its library; or is a text model's (see
                :mod:`weavclip.embed.text_folders`).
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

    def remove(self, model_id: str) -> None:
        """Delete an installed model; the package's sample stays.

        Raises:
            NoModelError: If it is not installed, or is the sample.
        """
        self.require_removable(model_id)
        gone = self._dir / f".removed-{model_id}"
        shutil.rmtree(gone, ignore_errors=True)
        (self._dir / model_id).rename(gone)  # at once: never half a model under its name
        shutil.rmtree(gone)
        shutil.rmtree(self._dir / LINKS, ignore_errors=True)

    def require_removable(self, model_id: str) -> None:
        """Refuse what :meth:`remove` would refuse, before anybody is asked.

        Raises:
            NoModelError: If it is not installed, or is the sample.
        """
        if model_id == catalogue.SAMPLE:
            message = f"the model {model_id} is a part of weavclip and stays"
            raise NoModelError(message, hint="to search with another: weavclip model use ID")
        if model_id not in self._installed():
            raise absent(model_id)

    def _install(self, model_id: str, parts: Path) -> ModelCard:
        """Make a folder with CLIP's checked graphs the model, replacing an older one."""
        known = catalogue.CLIP_MODELS.get(model_id)
        card = inspecting.card_in(parts, model_id, title=known.title if known else model_id)
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
