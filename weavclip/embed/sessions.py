"""ONNX Runtime sessions: where they run, how large they grow, what their graphs say."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import ModelError, NoModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_NAMES = {"CUDAExecutionProvider": "CUDA", "CPUExecutionProvider": "CPU"}
NO_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1"}
"""By which ONNX Runtime collects nothing, where it is set before the library loads.

From 1.29 on its wheels for Linux and macOS report what they run to
mobile.events.data.microsoft.com unasked, and keep an id of the machine in the user's cache.

References:
    microsoft/onnxruntime, pull request 27379; seen with 1.31.1 by ``scripts/bench network``.
"""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_LARGE_BYTES = 1 << 20
_MOST_KEPT_BYTES = 32 << 20
"""As DEFAULT_MMAP_THRESHOLD_MAX of glibc: up to there it learns to keep what is freed."""
_FATAL = 4  # ONNX Runtime writes to stderr below this; what matters is raised or logged by us


@dataclass(frozen=True, slots=True)
class Graph:
    """One loaded tower.

    Attributes:
        session: ONNX Runtime's.
        input_name: Of the graph's only input.
        input_shape: Whole numbers, or names of free axes.
        input_dtype: Such as ``int32``.
    """

    session: Any
    input_name: str
    input_shape: tuple[int | str | None, ...]
    input_dtype: str

    @property
    def provider(self) -> str:
        """What really runs it: ``CPU``, ``CUDA``, or ONNX Runtime's own name."""
        return provider_name(self.session)

    def run(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """The graph's first output, shape (n, dim), float32.

        Raises:
            ModelError: If the graph fails on it.
        """
        found: NDArray[np.float32] = run(self.session, {self.input_name: batch})
        return found


def load_graph(path: Path, *, provider: str = "auto", threads: int = 0) -> Graph:
    """Load one tower.

    Args:
        path: An ONNX file.
        provider: ``auto`` takes CUDA where ONNX Runtime offers it, ``cpu`` or ``cuda`` force one.
        threads: Threads it may use; 0 for as many as there are cores.

    Raises:
        NoModelError: If ONNX Runtime is not installed.
        ModelError: If the file is no graph with one input, or CUDA was asked for and fails.
    """
    return _graph(open_session(path, provider=provider, threads=threads), path)


def open_session(path: Path, *, provider: str = "auto", threads: int = 0) -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    """A session of any graph; see :func:`load_graph`.

    Raises:
        NoModelError: If ONNX Runtime is not installed.
        ModelError: If the file is no graph, or CUDA was asked for and fails.
    """
    runtime = import_runtime()
    wanted = providers(provider, runtime.get_available_providers())
    try:
        with _what_is_freed_given_back():
            session = runtime.InferenceSession(
                str(path), sess_options=options(threads), providers=wanted
            )
    except Exception as error:  # ONNX Runtime's classes are private and many
        message = f"{path.name} in {path.parent.name} cannot be loaded: {type(error).__name__}"
        raise ModelError(message, hint="weavclip model verify") from error
    _note_fallback(provider_name(session), wanted, provider)
    return session


def run(session: Any, inputs: Mapping[str, NDArray[Any]], output: str | None = None) -> Any:  # noqa: ANN401 - as above
    """One output of a session, its first if unnamed.

    Raises:
        ModelError: If the graph fails on it.
    """
    try:
        return session.run([output] if output else None, dict(inputs))[0]
    except Exception as error:  # as above
        shapes = ", ".join(str(each.shape) for each in inputs.values())
        message = f"the model failed on a batch of {shapes}: {type(error).__name__}"
        raise ModelError(message, hint="weavclip model verify") from error


def provider_name(session: Any) -> str:  # noqa: ANN401 - ONNX Runtime has no types
    """What really runs a session, in a word; ONNX Runtime falls back without an error."""
    first = str(session.get_providers()[0])
    return _NAMES.get(first, first)


def trim_memory() -> None:
    """Hand what a dropped session used back to the system.

    glibc keeps it otherwise: 909 MB stayed of ViT-B/32's two towers after one was dropped, and
    356 MB after this. Nothing is done where the C library has no such call.
    """
    if sys.platform != "linux":
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is not None:
        trim(0)


@contextmanager
def _what_is_freed_given_back() -> Iterator[None]:
    """Have glibc return large pieces to the system as soon as they are freed, for a while.

    A graph that is loaded is parsed, copied and packed, and glibc keeps what that needed: of
    ViT-B/32's picture tower 245 MB of 656. Afterwards it is as glibc sets itself by then: what one
    run frees the next one takes. Nothing is done where the C library has no such call.
    """
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        yield
        return
    mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    try:
        yield
    finally:
        mallopt(_MMAP_THRESHOLD, _MOST_KEPT_BYTES)
        mallopt(_TRIM_THRESHOLD, 2 * _MOST_KEPT_BYTES)


def import_runtime() -> Any:  # noqa: ANN401 - a module
    """ONNX Runtime's module, its telemetry off.

    Raises:
        NoModelError: If it is not installed.
    """
    os.environ.update(NO_TELEMETRY)
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        message = "ONNX Runtime is not installed, so no model can run"
        raise NoModelError(message, hint="pip install 'weavclip[cpu]'") from error
    runtime.disable_telemetry_events()  # Windows does not read the variable
    return runtime


def options(threads: int, *, spins: bool = True) -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    """How a session uses memory and cores.

    Args:
        threads: Threads it may use; 0 for as many as there are cores.
        spins: Whether a thread that waits for another keeps its core busy: quicker on a quiet
            machine, and several times the processor time where others work.
    """
    found = import_runtime().SessionOptions()
    found.log_severity_level = _FATAL
    found.intra_op_num_threads = threads or _cores()
    # The arena keeps the largest batch's memory for good; without it a batch is as quick.
    found.enable_cpu_mem_arena = False
    # Nor plans with one block for all that a run needs: 20 MB that glibc hands back and forth.
    found.enable_mem_pattern = False
    found.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    return found


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: those that this process may use
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def providers(asked: str, offered: list[str]) -> list[str]:
    """What to ask ONNX Runtime for.

    Args:
        asked: ``auto``, ``cpu`` or ``cuda``.
        offered: What it was built with.

    Raises:
        ModelError: If CUDA was asked for and is not offered.
    """
    cuda = "CUDAExecutionProvider"
    if asked == "cuda" and cuda not in offered:
        message = "CUDA was asked for, but this ONNX Runtime does not offer it"
        raise ModelError(message, hint="pip install 'weavclip[gpu]', or set WEAVCLIP_PROVIDER=cpu")
    use_cuda = asked == "cuda" or (asked == "auto" and cuda in offered)
    return [cuda, "CPUExecutionProvider"] if use_cuda else ["CPUExecutionProvider"]


def _graph(session: Any, path: Path) -> Graph:  # noqa: ANN401 - as above
    inputs = session.get_inputs()
    if len(inputs) != 1:
        message = f"{path.name} has {len(inputs)} inputs, and a CLIP tower has 1"
        raise ModelError(message)
    entry = inputs[0]
    dtype = entry.type.removeprefix("tensor(").removesuffix(")")
    return Graph(session, entry.name, tuple(entry.shape), _DTYPES.get(dtype, dtype))


_DTYPES = {"float": "float32", "double": "float64"}


def _note_fallback(runs_on: str, wanted: list[str], asked: str) -> None:
    # Without CUDA's libraries ONNX Runtime goes on with the CPU and only prints a warning.
    if len(wanted) == 1 or runs_on == "CUDA":
        return
    if asked == "cuda":
        message = f"CUDA was asked for, but the model runs on {runs_on}"
        raise ModelError(message, hint="install CUDA's libraries, or set WEAVCLIP_PROVIDER=cpu")
    logger.warning("CUDA is offered but did not start; the model runs on %s", runs_on)
