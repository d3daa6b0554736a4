"""CLIP through Roboflow's own library, ``inference.models.Clip``, in this process."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import shutil
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import ModelError, NoModelError
from weavclip.embed import catalogue, towers
from weavclip.embed.clip_onnx import TEXTUAL, VISUAL
from weavclip.embed.sessions import import_runtime, provider_name, providers
from weavclip.embed.text_graphs import graph_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings, ModelCard
    from weavclip.embed.text_graphs import Pieces
    from weavclip.embed.tokenizer import ClipTokenizer

_WHILE_IMPORTING = {
    "PYTHON_DOTENV_DISABLED": "1",  # it reads .env of the current folder, which may be anyone's
    "OFFLINE_MODE": "True",  # the files are here
    "DISABLE_VERSION_CHECK": "True",
    "METRICS_ENABLED": "False",
    "TELEMETRY_OPT_OUT": "True",
    "TELEMETRY_USE_PERSISTENT_QUEUE": "False",
    "LOG_LEVEL": "ERROR",
    "CORE_MODEL_GAZE_ENABLED": "False",
    "INFERENCE_WARNINGS_DISABLED": "True",
}
_importing = threading.Lock()


class RoboflowClip:
    """An :class:`~weavclip.domain.ports.Embedder`; may be used by several threads.

    It is the reference: its vectors and those of :class:`~weavclip.embed.clip_onnx.ClipOnnx` are
    equal to 1e-5. It loads both towers at its first use, and a gigabyte of libraries with them.
    """

    def __init__(
        self, folder: Path, card: ModelCard, *, cache_dir: Path, provider: str = "auto"
    ) -> None:
        """Load nothing yet.

        Args:
            folder: Has ``visual.onnx`` and ``textual.onnx``.
            card: What is known of them.
            cache_dir: Where the library looks for models; the files are linked there in the way
                that it lays them out. The first one in a process serves for its whole life.
            provider: ``auto``, ``cpu`` or ``cuda``.

        Raises:
            ModelError: If its pixels are normalised by other constants than the library's.
        """
        if (card.mean, card.std) != (catalogue.MEAN, catalogue.STD):
            message = f"{card.id} has a mean and deviation that Roboflow Inference does not know"
            raise ModelError(message, hint="set WEAVCLIP_EMBEDDER=onnx")
        self._folder = folder
        self._card = card
        self._cache_dir = cache_dir
        self._provider = provider
        self._lock = threading.Lock()
        self._clip: Any = None
        self._tokenizer: ClipTokenizer | None = None

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self._card

    @property
    def provider(self) -> str:
        """What really runs it: ``CPU`` or ``CUDA``; empty while it is not in memory."""
        clip = self._clip
        return provider_name(clip.visual_onnx_session) if clip else ""

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """Embed decoded pictures, eight at a time.

        Args:
            squares: Each of shape (resolution, resolution, 3), uint8, RGB.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.

        Raises:
            ModelError: If a picture has another size.
        """
        towers.check_sizes(squares, self._card)
        return towers.in_batches(squares, self._run_visual, card=self._card)

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length.

        The library's own method refuses more than 77 tokens, and no text is handed to a method
        that might take it for an address: the pieces go to its session as tokens.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.
        """
        return towers.embed_texts(texts, self._words(), self._run_textual, card=self._card)

    def close(self) -> None:
        """Give the model's memory back; the library's own stays until the process ends."""
        with self._lock:
            self._clip = None

    def _run_visual(self, squares: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        # The library takes an array's channels for B, G, R.
        blue_first = [np.ascontiguousarray(square[:, :, ::-1]) for square in squares]
        return np.asarray(self._loaded().embed_image(blue_first), np.float32)

    def _run_textual(self, pieces: Pieces) -> NDArray[np.float32]:
        graph = graph_of(
            self._loaded().textual_onnx_session,
            TEXTUAL,
            pooling=self._card.pooling,
            row_length=self._card.context_length,
        )
        return graph.run(pieces, padding=self._words().padding)

    def _words(self) -> ClipTokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = towers.tokenizer_of(self._folder, self._card)
            return self._tokenizer

    def _loaded(self) -> Any:  # noqa: ANN401 - the library's class
        with self._lock:
            if self._clip is None:
                self._clip = self._load()
            return self._clip

    def _load(self) -> Any:  # noqa: ANN401 - as above
        endpoint = catalogue.endpoint(self._card.id)
        with _importing, _tamed(self._cache_dir):
            runtime = import_runtime()
            module = import_clip()
            artifacts = importlib.import_module("inference.core.cache.model_artifacts")
            _lay_out(self._folder, artifacts.get_cache_dir(endpoint), endpoint)
            wanted = providers(self._provider, runtime.get_available_providers())
            return module.Clip(model_id=endpoint, onnxruntime_execution_providers=wanted)


def import_clip() -> Any:  # noqa: ANN401 - a module
    """The library's module with its class ``Clip``.

    Raises:
        NoModelError: If it is not installed.
    """
    try:
        return importlib.import_module("inference.models.clip")
    except ImportError as error:
        message = f"Roboflow Inference is not installed ({error.name} is missing)"
        raise NoModelError(
            message,
            hint="pip install 'weavclip[inference]' in an environment of its own, "
            "or set WEAVCLIP_EMBEDDER=onnx",
        ) from error


@contextlib.contextmanager
def _tamed(cache_dir: Path) -> Iterator[None]:
    """Have the library look only where it may, and print nothing; restore the environment."""
    cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = _WHILE_IMPORTING | {"MODEL_CACHE_DIR": str(cache_dir)}
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its dependencies' deprecations are not the user's
            yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _lay_out(folder: Path, target: str, endpoint: str) -> None:
    """Link a model's files to where the library looks, or copy them to another file system.

    No symbolic links: offline the library refuses a folder that has one.
    """
    place = Path(target)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place / "model_type.json").write_text(f'{{"model_id": "{endpoint}"}}\n', encoding="utf-8")
    for name in (VISUAL, TEXTUAL):
        _link(folder / name, place / name)


def _link(source: Path, target: Path) -> None:
    if target.is_file() and _is_same(source, target):
        return
    part = target.with_suffix(f".{os.getpid()}")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, part)
    part.replace(target)


def _is_same(source: Path, target: Path) -> bool:
    ours, theirs = source.stat(), target.stat()
    return source.samefile(target) or (
        (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)
    )
