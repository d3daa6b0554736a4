"""Pictures and queries through the model, against bare Pillow and bare ONNX Runtime.

The model has ViT-B/32's true size and random weights. The bare side is what a careful program
would do without a child, a digest, a thumbnail or limits: two threads decode and resize ahead
while two threads embed.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFilter

from scripts.benchmarks.random_clip import VIT_B_32, random_clip
from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.vectors import ModelCard
from weavclip.embed.catalogue import MEAN, STD
from weavclip.embed.clip_onnx import TEXTUAL, VISUAL, ClipOnnx
from weavclip.embed.tokenizer import ClipTokenizer
from weavclip.pictures.children import AHEAD, ChildDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

CORES = 2
# Short rounds, many of them: a machine's slow half minute then falls on both sides alike.
PICTURES = 16
ROUNDS = 24
RESAMPLES = 2000
QUERIES, AT_A_TIME = 12, 10
BATCH = 8
SIDE = VIT_B_32.resolution
CARD = ModelCard(id="random-ViT-B-32", dim=VIT_B_32.dim, resolution_px=SIDE, mean=MEAN, std=STD)
MODEL_FOLDER = Path(tempfile.gettempdir()) / f"weavclip-random-vit-b-32-{os.getuid()}"


def rows() -> list[Row]:
    """Measure both on two cores, ours and bare by turns."""
    folder = random_clip(MODEL_FOLDER)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:CORES])
    try:
        return [*_pictures(folder), *_queries(folder)]
    finally:
        os.sched_setaffinity(0, before)


def _pictures(folder: Path) -> list[Row]:
    files = [_screenshot(seed) for seed in range(PICTURES)]
    session = _bare_session(folder / VISUAL)
    with (
        closing(ClipOnnx(folder, CARD, threads=CORES)) as embedder,
        closing(ChildDecoder(max_pixels=50_000_000, workers=CORES)) as decoder,
    ):
        _ours(decoder, embedder, files[:BATCH])  # children started, tower loaded
        _bare(session, files[:BATCH])
        ours, bare = _by_turns(
            lambda: _ours(decoder, embedder, files), lambda: _bare(session, files), ROUNDS
        )
    rate = "pictures/s"
    return [
        row_of("1080p PNG -> vector", [PICTURES / each for each in ours], unit=rate),
        row_of("the same, bare", [PICTURES / each for each in bare], unit=rate),
        _ratio("ours / bare", bare, ours, note=">= 0.95"),
    ]


def _queries(folder: Path) -> list[Row]:
    session = _bare_session(folder / TEXTUAL)
    tokens = ClipTokenizer.from_vocabulary().windows("the chart with two peaks")
    with closing(ClipOnnx(folder, CARD, threads=CORES)) as embedder:
        embedder.embed_texts(["first"])
        session.run(None, {"tokens": tokens})
        # Ten at a time: the threads of the session that ran last spin for a while, and would
        # take their core from every single query of the other one.
        ours, bare = _by_turns(
            lambda: [embedder.embed_texts(["the chart with two peaks"]) for _ in range(AT_A_TIME)],
            lambda: [session.run(None, {"tokens": tokens}) for _ in range(AT_A_TIME)],
            QUERIES,
        )
    return [
        row_of("one query -> vector", [1e3 * each / AT_A_TIME for each in ours], unit="ms"),
        row_of("the same, bare session", [1e3 * each / AT_A_TIME for each in bare], unit="ms"),
        _ratio("ours / bare", ours, bare, note="about 1"),
    ]


def _by_turns(
    ours: Callable[[], object], bare: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        pair = ((ours, found[0]), (bare, found[1]))
        for call, seconds in pair if number % 2 == 0 else pair[::-1]:
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return found


def _ratio(stage: str, over: list[float], under: list[float], *, note: str) -> Row:
    """The median of the ratios of neighbours, and its 95 % interval by bootstrap."""
    pairs = np.array(over) / np.array(under)
    drawn = np.random.default_rng(0).choice(pairs, (RESAMPLES, len(pairs)))
    low, high = np.percentile(np.median(drawn, axis=1), (2.5, 97.5))
    return Row(
        stage=stage,
        n=len(pairs),
        median=float(np.median(pairs)),
        unit="ratio",
        note=f"{note}; {low:.2f} to {high:.2f}",
    )


def _ours(decoder: ChildDecoder, embedder: ClipOnnx, files: list[bytes]) -> None:
    squares: list[Pixels] = []
    for picture in decoder.decode_many(files, size_px=SIDE):
        if isinstance(picture, Exception):
            raise picture
        squares.append(picture.square)
        if len(squares) == BATCH:
            embedder.embed_images(squares)
            squares.clear()


def _bare(session: Any, files: list[bytes]) -> None:  # noqa: ANN401 - ONNX Runtime has no types
    tensors: list[NDArray[np.float32]] = []
    for tensor in _decoded_ahead(files):
        tensors.append(tensor)
        if len(tensors) == BATCH:
            session.run(None, {"pixels": np.stack(tensors)})
            tensors.clear()


def _decoded_ahead(files: list[bytes]) -> Iterator[NDArray[np.float32]]:
    with ThreadPoolExecutor(CORES) as pool:
        rest = iter(files)
        ahead = deque(pool.submit(_bare_decode, each) for each in islice(rest, AHEAD))
        while ahead:
            yield ahead.popleft().result()
            ahead.extend(pool.submit(_bare_decode, each) for each in islice(rest, 1))


def _bare_decode(encoded: bytes) -> NDArray[np.float32]:
    image = Image.open(io.BytesIO(encoded)).convert("RGB")
    scale = SIDE / min(image.size)
    size = (int(image.width * scale), int(image.height * scale))
    small = image.resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - SIDE) // 2, (size[1] - SIDE) // 2
    pixels = np.asarray(small.crop((left, top, left + SIDE, top + SIDE)), np.float32) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1).astype(np.float32)


def _bare_session(path: Path) -> Any:  # noqa: ANN401 - as above
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    return onnxruntime.InferenceSession(
        path, sess_options=options, providers=["CPUExecutionProvider"]
    )


def _screenshot(seed: int) -> bytes:
    """A page of text beside a picture with noise: PNG of 1920 x 1080, 0.6 to 2 MB."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (1920, 1080), "white")
    drawing = ImageDraw.Draw(image)
    for row in range(24, 1050, 22):
        words = "".join(rng.choice(list("abcdefghijklmnop    "), 150))
        drawing.text((30, row), words, fill=tuple(int(n) for n in rng.integers(0, 120, 3)))
    rough = Image.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8))
    photo = np.asarray(rough.resize((800, 600), Image.Resampling.BICUBIC), np.int16)
    grain = rng.normal(0, 3, photo.shape)
    picture = Image.fromarray(np.clip(photo + grain, 0, 255).astype(np.uint8))
    image.paste(picture.filter(ImageFilter.SMOOTH), (1050, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
