"""One picture's bytes to what the journal and a model need of it; runs in the limited child."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageFile

from weavclip.domain.errors import PictureError
from weavclip.domain.seen import COARSE_PX, FINE_PX, Greys, Pixels

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What clipboards and pages really hold. Pillow knows forty more, and each is code to attack."""

REDUCED_ABOVE_PX = 2 * 1920 * 1080
"""Larger pictures are decoded, or resized, through a smaller one.

At 4K it cuts a resize from about 100 ms to 15, and moves the tensor by 0.045 at most.
"""
REDUCING_GAP = 3.0
THUMBNAIL_PX = 320
THUMBNAIL_BYTES = 32 * 1024
_QUALITIES = (80, 60, 40, 20)
WHOLE_PX = 24_000_000
"""A whole picture has so many pixels at most, 72 MB; larger ones are averaged down.

A page that was scrolled through has less; a photo of 50 megapixels is as readable at a quarter.
"""
_STRIP_ROWS = 64
_STRETCHED = 4
_ORIENTATION = 0x0112  # of EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_ON_SIDE = 5  # from here on width and height are exchanged
_DEEP = 257  # 65535 / 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What :class:`~weavclip.domain.vectors.Picture` is made of, without NumPy.

    Attributes:
        square: ``size_px * size_px * 3`` bytes, R, G, B.
        width_px: Of the original, upright.
        height_px: Of the original, upright.
        pixel_digest: 32 bytes.
        thumbnail: JPEG.
    """

    square: bytes = field(repr=False)
    width_px: int
    height_px: int
    pixel_digest: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)


def decode(encoded: bytes, *, size_px: int, max_pixels: int) -> Decoded:
    """Decode one picture: its first frame, upright, flattened on white.

    Args:
        encoded: A file of one of :data:`FORMATS`.
        size_px: Side of the square that the model takes.
        max_pixels: Larger pictures are refused before a pixel is decoded.

    Raises:
        PictureError: If it is damaged, of another format, or over the limit.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # Pillow warns of odd EXIF, TIFF tags and ICC profiles, and goes on; so do we.
        image = _opened(encoded, max_pixels)
        orientation = _orientation(image)
        size = image.size[::-1] if orientation >= _FIRST_ON_SIDE else image.size
        reduced = _draft(image, size_px)
        _load(image)
    turn = _TURNS.get(orientation)
    upright = image if turn is None else image.transpose(turn)
    plain = _plain(upright)
    digest = _bytes_digest(encoded) if reduced else pixel_digest(plain)
    flat = _flattened(plain)
    whole = _resized(_without_ends(flat), size_px)
    return Decoded(
        square=_middle(whole, size_px).tobytes(),
        width_px=size[0],
        height_px=size[1],
        pixel_digest=digest,
        thumbnail=_thumbnail(whole if _shows_all(whole, flat) else flat),
    )


def whole(encoded: bytes, *, max_pixels: int) -> Pixels:
    """Every pixel of one picture: its first frame, upright, flattened on white.

    Args:
        encoded: A file of one of :data:`FORMATS`.
        max_pixels: Larger pictures are refused before a pixel is decoded.

    Raises:
        PictureError: If it is damaged, of another format, or over the limit.
    """
    flat = _upright_on_white(encoded, max_pixels)
    reduced = 1
    while flat.width * flat.height > WHOLE_PX * reduced**2:
        reduced += 1
    small = flat.reduce(reduced) if reduced > 1 else flat
    return Pixels(small.width, small.height, small.tobytes(), reduced)


def greys(encoded: bytes, *, max_pixels: int) -> Greys:
    """One picture in small; what leaves the child is a twentieth of a thumbnail's pixels.

    Args:
        encoded: As for :func:`whole`.
        max_pixels: Likewise.

    Raises:
        PictureError: Likewise.
    """
    grey = _upright_on_white(encoded, max_pixels).convert("L")
    fine, coarse = (
        grey.resize((side, side), Image.Resampling.BILINEAR).tobytes()
        for side in (FINE_PX, COARSE_PX)
    )
    return Greys(fine, coarse)


def _upright_on_white(encoded: bytes, max_pixels: int) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = _opened(encoded, max_pixels)
        turn = _TURNS.get(_orientation(image))
        _load(image)
    return _flattened(_plain(image if turn is None else image.transpose(turn)))


def pixel_digest(plain: Image.Image) -> bytes:
    """SHA-256 of the size and the pixels: as RGB where all are opaque, else as RGBA.

    One picture has one digest, whatever its encoding, palette or unused alpha. Rows are hashed
    64 at a time, so a large picture needs no second copy.
    """
    opaque = plain.mode == "RGB"
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        plain, opaque = plain.convert("RGB"), True
    digest = hashlib.sha256(f"{plain.width}x{plain.height}{'' if opaque else 'a'}:".encode())
    for strip in _strips(plain):
        digest.update(strip)
    return digest.digest()


def _strips(image: Image.Image) -> Iterator[bytes]:
    for top in range(0, image.height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, image.height)
        yield image.crop((0, top, image.width, bottom)).tobytes()


def _bytes_digest(encoded: bytes) -> bytes:
    # Reduced pixels cannot tell two pictures apart that differ in one fine line, and a wrong
    # merge loses a clip. Such a picture equals only its own bytes.
    return hashlib.sha256(b"bytes:" + encoded).digest()


def _opened(encoded: bytes, max_pixels: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = max_pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(encoded), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        message = f"the picture has more than {max_pixels:,} pixels"
        raise PictureError(message, hint="raise max_image_pixels") from error
    except Exception as error:  # every format's parser raises its own
        message = f"no picture of a known format ({', '.join(FORMATS)})"
        raise PictureError(message) from error
    if image.width * image.height > max_pixels:
        message = f"the picture has {image.width} x {image.height} pixels, over {max_pixels:,}"
        raise PictureError(message, hint="raise max_image_pixels")
    return image


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:  # as above
        message = f"the {image.format} is damaged: {type(error).__name__}"
        raise PictureError(message) from error


def _orientation(image: Image.Image) -> int:
    """What EXIF says, 1 to 8; 1 is upright."""
    try:
        found = int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF is no reason to lose a picture
        return 1
    return found if found in _TURNS else 1


def _draft(image: Image.Image, size_px: int) -> bool:
    """Have a large JPEG decoded at a half, a quarter or an eighth; whether it will be."""
    if image.format != "JPEG" or image.width * image.height <= REDUCED_ABOVE_PX:
        return False
    least = max(int(REDUCING_GAP * size_px), THUMBNAIL_PX)
    before = image.size
    image.draft(None, (least, least))
    return image.size != before


def _plain(image: Image.Image) -> Image.Image:
    """The picture as RGB, or as RGBA where it may be seen through."""
    if image.mode in {"RGB", "RGBA"}:
        if image.mode == "RGB" and "transparency" in image.info:
            return image.convert("RGBA")
        return image
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return _eight_bits(image).convert("RGB")
    if image.mode in {"LA", "La", "PA", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits or more as 8: Pillow's own conversion clips instead of scaling."""
    wide = image.convert("I").convert("F") if image.mode.startswith("I") else image
    low, high = cast("tuple[float, float]", wide.getextrema())
    if image.mode == "F" or low < 0 or high > _DEEP * 255:  # no known white: its own range
        scale = 255 / ((high - low) or 1)
        return wide.point(lambda value: value * scale - low * scale).convert("L")
    return wide.point(lambda value: value * (1 / _DEEP) + 0.5).convert("L")


def _flattened(plain: Image.Image) -> Image.Image:
    """On white: without it a transparent pixel would show its hidden colour, mostly black."""
    if plain.mode == "RGB":
        return plain
    white = Image.new("RGB", plain.size, "white")
    white.paste(plain, mask=plain)
    return white


def _resized(flat: Image.Image, size_px: int) -> Image.Image:
    """Shorter side to ``size_px`` (bicubic), as OpenAI's preprocessing does.

    References:
        OpenAI CLIP, ``clip/clip.py``, ``_transform``: Resize(BICUBIC), CenterCrop; torchvision
        rounds the longer side down.
    """
    short = min(flat.size)
    size = (int(size_px * flat.width / short), int(size_px * flat.height / short))
    if flat.size == size:
        return flat
    gap = REDUCING_GAP if flat.width * flat.height > REDUCED_ABOVE_PX else None
    return flat.resize(size, Image.Resampling.BICUBIC, reducing_gap=gap)


def _middle(whole: Image.Image, size_px: int) -> Image.Image:
    """The square in the middle; torchvision rounds its corner to the nearest even."""
    left, top = round((whole.width - size_px) / 2), round((whole.height - size_px) / 2)
    return whole.crop((left, top, left + size_px, top + size_px))


def _shows_all(whole: Image.Image, flat: Image.Image) -> bool:
    """Whether the model's size will do for the thumbnail, which saves averaging all pixels."""
    stretched = max(flat.size) > _STRETCHED * min(flat.size)
    return not stretched and max(whole.size) >= min(THUMBNAIL_PX, max(flat.size))


def _without_ends(flat: Image.Image) -> Image.Image:
    """Cut the ends off a strip, which the square drops anyway.

    A picture of 1 x 50,000 pixels would else be enlarged to 224 x 11 million.
    """
    short, long = sorted(flat.size)
    if long <= _STRETCHED * short:
        return flat
    width, height = (min(side, _STRETCHED * short) for side in flat.size)
    left, top = (flat.width - width) // 2, (flat.height - height) // 2
    return flat.crop((left, top, left + width, top + height))


def _thumbnail(flat: Image.Image) -> bytes:
    """A JPEG of at most 320 px and 32 KiB, through the box-averaged picture."""
    factor = max(1, max(flat.size) // (2 * THUMBNAIL_PX))
    small = flat.reduce(factor) if factor > 1 else flat.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BICUBIC)
    for quality in _QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality)
        if out.tell() <= THUMBNAIL_BYTES:
            break
    return out.getvalue()
