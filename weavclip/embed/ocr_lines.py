"""Reads the words in one picture with rapidocr's detector and recogniser; runs in a child.

The library reads a picture as a whole, turns each text by a classifier and pads texts to each
other's width. Here large pictures are tiled, and only a text that stands upright or reads badly
is tried another way round.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import NoModelError
from weavclip.domain.seen import Box, SeenLine
from weavclip.embed import sessions
from weavclip.embed.ocr_extra import INSTALL
from weavclip.embed.ocr_order import reading_order
from weavclip.embed.ocr_tiles import Found, Tile, bounds_of, found_in, joined, tiles
from weavclip.embed.ocr_words import SURE_ENOUGH, Recognised, line_of, without_strays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Corners = NDArray[np.float32]

_TALL = 1.5
_DOUBTFUL = 0.85
"""A text of which the recogniser is less sure is tried on its head, too."""
_TILT = 0.02
_SMALL_PX = 260_000
"""Pictures up to here are doubled: their letters are often too small for the detector."""
_NARROW_PX = 128
_BORDER_PX = 16
_LEAST_SIDE_PX = 32
_BATCH = 4
_LEAST_WIDTH_PX = 128


class LineReader:
    """Detector and recogniser, loaded."""

    def __init__(self, *, threads: int) -> None:
        """Load the models out of the library's own package; nothing is fetched.

        Args:
            threads: How many it may use; 0 for as many as there are cores.

        Raises:
            NoModelError: If the library or its models are not installed.
        """
        self._cv: Any = _imported("cv2")
        self._cv.setNumThreads(1)
        library = _imported("rapidocr")
        _have_our_sessions(threads)
        folder = Path(library.__file__).parent / "models"
        blank = np.full((64, 64, 3), 255, np.uint8)
        engine = library.RapidOCR(params=_parameters(folder))
        # Each part loads at its first use.
        engine(blank, use_det=True, use_cls=False, use_rec=False)
        engine(blank, use_det=False, use_cls=False, use_rec=True)
        self._detector, self._recogniser = engine.text_det, engine.text_rec
        self._texts = importlib.import_module("rapidocr.ch_ppocr_rec").TextRecInput
        self._rehearse()

    def _rehearse(self) -> None:
        """Read a tilted word and an upright one: libraries import their parts at first use."""
        page = np.full((240, 320, 3), 255, np.uint8)
        self._cv.putText(page, "rehearsal", (20, 60), 0, 1.0, (0, 0, 0), 2)
        turned = self._cv.warpAffine(
            page,
            np.array([[0.98, -0.17, 60], [0.17, 0.98, 80]]),
            (320, 240),
            borderValue=(255,) * 3,
        )
        for each in (page, turned, np.rot90(page)):
            self.read(np.ascontiguousarray(each))

    def read(self, pixels: NDArray[np.uint8]) -> list[SeenLine]:
        """Lines in reading order.

        Args:
            pixels: Shape (height, width, 3), uint8, RGB.
        """
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        shown, scale, border = self._made_readable(bgr)
        size = (shown.shape[1], shown.shape[0])
        corners = joined(
            [each for tile in tiles(*size) for each in self._found(shown, tile)], size=size
        )
        found = without_strays(self._recognised(shown, corners))
        order = reading_order([bounds_of(each.corners) for each in found])
        lines = [line_of([found[place] for place in line]) for line in order]
        return [_placed(line, scale, border) for line in lines if line.words]

    def _made_readable(self, bgr: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int, int]:
        """The picture, doubled if it is small and with a border if it is narrow."""
        scale = 2 if bgr.shape[0] * bgr.shape[1] <= _SMALL_PX else 1
        border = _BORDER_PX if min(bgr.shape[:2]) < _NARROW_PX else 0
        if scale > 1:
            bgr = self._cv.resize(
                bgr, None, fx=scale, fy=scale, interpolation=self._cv.INTER_CUBIC
            )
        if border:
            bgr = self._cv.copyMakeBorder(bgr, *(border,) * 4, self._cv.BORDER_REPLICATE)
        return bgr, scale, border

    def _found(self, shown: NDArray[np.uint8], tile: Tile) -> list[Found]:
        part = shown[tile.top : tile.bottom, tile.left : tile.right]
        boxes = self._detector(part).boxes
        return [] if boxes is None else [found_in(tile, corners) for corners in boxes]

    def _recognised(
        self, shown: NDArray[np.uint8], corners: Sequence[Corners]
    ) -> list[Recognised]:
        if not corners:
            return []
        ways = [_reading_corners(each) for each in corners]
        crops = [self._crop(shown, each) for each in ways]
        first = self._texts_of(crops, ways)
        again = [
            place
            for place, each in enumerate(corners)
            if _is_tall(each) or first[place].sureness < _DOUBTFUL
        ]
        if again:
            # A text that runs downwards, or a picture on its head, reads well one way only.
            turned = [np.ascontiguousarray(crops[place][::-1, ::-1]) for place in again]
            others = self._texts_of(turned, [np.roll(ways[place], 2, axis=0) for place in again])
            for place, other in zip(again, others, strict=True):
                first[place] = max(first[place], other, key=lambda each: each.sureness)
        return [each for each in first if each.sureness >= SURE_ENOUGH and each.text.strip()]

    def _texts_of(
        self, crops: list[NDArray[np.uint8]], ways: Sequence[Corners]
    ) -> list[Recognised]:
        found = self._recogniser(self._texts(img=crops, return_word_box=True))
        return [
            _recognised(text, sureness, words, corners)
            for text, sureness, words, corners in zip(
                found.txts, found.scores, found.word_results, ways, strict=True
            )
        ]

    def _crop(self, shown: NDArray[np.uint8], corners: Corners) -> NDArray[np.uint8]:
        """The text alone, upright."""
        if _is_straight(corners):
            left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
            right, bottom = np.ceil(corners.max(axis=0)).astype(int)
            part = shown[top : max(bottom, top + 1), left : max(right, left + 1)]
            return np.ascontiguousarray(np.rot90(part, _quarter_turns(corners)))
        sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
        width, height = max(1, round(max(sides[::2]))), max(1, round(max(sides[1::2])))
        straight = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        cropped: NDArray[np.uint8] = self._cv.warpPerspective(
            shown,
            self._cv.getPerspectiveTransform(corners.astype(np.float32), straight),
            (width, height),
            borderMode=self._cv.BORDER_REPLICATE,
            flags=self._cv.INTER_CUBIC,
        )
        return cropped


def _have_our_sessions(threads: int) -> None:
    """Let the library load its models with our options: it has no setting for spinning.

    A reader of low priority that spins takes 4 to 6 times the processor time where others work.
    """
    library = importlib.import_module("rapidocr.inference_engine.onnxruntime.main")
    found = sessions.options(threads, spins=False)
    library.OrtInferSession._init_sess_opts = staticmethod(lambda _: found)  # noqa: SLF001 - as said


def _parameters(folder: Path) -> dict[str, object]:
    return {
        "Global.log_level": "critical",
        "Global.use_preprocess_img": False,
        "Global.use_vertical_padding": False,
        "Det.model_path": str(_model(folder, "*_det_*.onnx")),
        "Det.limit_side_len": _LEAST_SIDE_PX,
        "Rec.model_path": str(_model(folder, "*_rec_*.onnx")),
        "Rec.rec_batch_num": _BATCH,
        "Rec.rec_img_shape": [3, 48, _LEAST_WIDTH_PX],
    }


def _model(folder: Path, pattern: str) -> Path:
    """A model by its path: by its name the library would fetch one that is missing."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        message = f"rapidocr's package holds {len(found)} models of the form {pattern}, not one"
        raise NoModelError(message, hint=INSTALL)
    return found[0]


def _imported(name: str) -> Any:  # noqa: ANN401 - libraries without types
    try:
        return importlib.import_module(name)
    except ImportError as error:
        message = f"{name} is not installed, so no words are read in pictures"
        raise NoModelError(message, hint=INSTALL) from error


def _is_tall(corners: Corners) -> bool:
    width, height = (
        np.linalg.norm(corners[0] - corners[1]),
        np.linalg.norm(corners[1] - corners[2]),
    )
    return bool(height >= _TALL * width)


def _reading_corners(corners: Corners) -> Corners:
    """Upper left first, as the text is read: one that is higher than wide runs upwards."""
    return np.roll(corners, -1, axis=0) if _is_tall(corners) else corners


def _is_straight(corners: Corners) -> bool:
    """Whether its sides lie along the picture's, but for a tilt of a fiftieth."""
    sides = np.abs(corners - np.roll(corners, -1, axis=0))
    return bool((sides.min(axis=1) <= np.maximum(2.0, _TILT * sides.max(axis=1))).all())


def _quarter_turns(corners: Corners) -> int:
    """How often a part of the picture is turned to the left until its text stands upright."""
    is_left, is_above = corners[0] <= corners.mean(axis=0)
    return {(True, True): 0, (False, True): 1, (False, False): 2, (True, False): 3}[
        bool(is_left), bool(is_above)
    ]


def _recognised(text: str, sureness: float, words: Any, corners: Corners) -> Recognised:  # noqa: ANN401 - a library's
    columns = tuple(column for word in words.word_cols for column in word)
    solid = sum(not c.isspace() for c in text)
    if len(columns) != solid:  # it tells no places: letters of equal width
        columns = tuple(range(solid))
    width = float(words.line_txt_len) if len(words.word_cols) else float(max(1, solid))
    return Recognised(text, float(sureness), columns, width, corners)


def _placed(line: SeenLine, scale: int, border: int) -> SeenLine:
    """The line with its places in the picture as it was."""
    boxes = tuple(Box(*(max(0, (side - border) // scale) for side in box)) for box in line.boxes)
    return SeenLine(line.words, boxes)
