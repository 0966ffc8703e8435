"""One picture's file as bytes of one form: so many rows and columns, grey or in colours.

The shorter way to cover the form is taken: the ratio of the sides is kept, and the middle cut out. What is unlike the form is
brought to it and said by a word (a *trait*): grey among colours, transparency (laid on white), 16 bits, CMYK, a camera held
on its side, an animation (its first frame). What cannot be read is a *fault* in words, and never an exception.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8

from gradiens.core.check import Mistake

SUFFIXES = frozenset({
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm", ".pnm",
    ".avif", ".jp2", ".tga", ".ico",
})  # fmt: skip
TRAITS = {
    "grey": "grey, made colours",
    "colour": "in colours, made grey",
    "alpha": "transparent, laid on white",
    "deep": "of more than 8 bits, scaled to 8",
    "wide": "of 32 bits, numbers from 0 to 255 kept",
    "unit": "of decimal numbers, those from 0 to 1 made bytes",
    "decimal": "of decimal numbers, those from 0 to 255 made bytes",
    "cmyk": "in CMYK, made red, green and blue",
    "turned": "turned as the camera was held",
    "animated": "animated, the first frame taken",
    "resized": "of another size, resized and the middle cut out",
}
SCALES = (("unit", "decimal"), ("wide", "deep"))  # a dark picture looks like one of the first
_GREY = ("1", "L", "LA", "La", "I", "F")  # modes of Pillow; those of 16 bits begin with I
_CAMERAS = ("JPEG", "MPO", "WEBP")  # formats that tell without being decoded how the camera was held
_TURNS = (5, 6, 7, 8)  # values of EXIF's orientation that exchange the sides; 2 to 4 turn or mirror without


class Form(NamedTuple):
    """To what every picture is brought; 1 channel is grey, 3 are colours."""

    high: int
    wide: int
    channels: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W) or (H, W, 3)."""
        return (self.high, self.wide) if self.channels == 1 else (self.high, self.wide, 3)


class Look(NamedTuple):
    """What the head of a file says: rows and columns as seen, and whether it is grey."""

    high: int
    wide: int
    grey: bool


class Decoded(NamedTuple):
    """The pixels, or the fault that there are none; the size as stored, traits, and the sha256 of the file."""

    pixels: UInt8[np.ndarray, "H W *C"] | None
    size: tuple[int, int] = (0, 0)
    traits: tuple[str, ...] = ()
    fault: str = ""
    sha256: str = ""


def look(path: str | Path) -> Look | None:
    """The head of a file, nothing decoded; None where it is no picture."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            wide, high = image.size
            turned = image.format in _CAMERAS and image.getexif().get(0x0112) in _TURNS
            return Look(*((wide, high) if turned else (high, wide)), _is_grey(image))
    except Exception:  # decoders raise errors of every kind; `decode` says which
        return None


def decode(path: str | Path, form: Form, scale: str = "") -> Decoded:
    """The picture in a file, brought to `form`; `scale` is the one of `SCALES` for its numbers (default: by the largest)."""
    from PIL import Image

    digest = ""
    try:
        content = Path(path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if not content:
            return Decoded(None, fault="an empty file", sha256=digest)
        with Image.open(io.BytesIO(content)) as image:
            return _decoded(image, form, scale)._replace(sha256=digest)
    except Exception as error:  # decoders raise errors of every kind
        return Decoded(None, fault=_fault(error), sha256=digest)


def _decoded(image: Any, form: Form, scale: str) -> Decoded:
    from PIL import ImageOps

    most = 2 * max(form.high, form.wide)
    size, traits = (image.height, image.width), []
    if getattr(image, "n_frames", 1) > 1:
        traits.append("animated")
    image.draft(None, (most, most))  # a large JPEG is read at a fraction of its size
    if image.getexif().get(0x0112) in (2, 3, 4, *_TURNS):
        image.load()  # a TIFF turns itself here, and takes the mark away
        image = ImageOps.exif_transpose(image)
        traits.append("turned")
    grey = _is_grey(image)
    image, said = _opaque(image, scale)
    traits += said
    if grey != (form.channels == 1):
        traits.append("grey" if grey else "colour")
    image = image.convert("L" if form.channels == 1 else "RGB")
    if image.size != (form.wide, form.high):
        image = _cover(image, form)
        traits.append("resized")
    return Decoded(np.asarray(image), size, tuple(traits))


def _opaque(image: Any, scale: str) -> tuple[Any, list[str]]:
    """The picture with 8 bits a channel and no transparency, and what had to be done for that."""
    from PIL import Image

    if image.mode[0] in "IF":
        pixels, trait = _eight_bits(np.asarray(image), scale)
        return Image.fromarray(pixels), [trait]
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        seen_through = image.getchannel("A").getextrema()[0] < 255
        return Image.alpha_composite(white, image), ["alpha"] * seen_through
    if image.mode == "CMYK":
        return image.convert("RGB"), ["cmyk"]
    return image, []


def _eight_bits(values: np.ndarray, scale: str) -> tuple[UInt8[np.ndarray, "H W"], str]:
    """Decimal numbers within 0 … 1 times 255, others as they are; whole ones of 16 bits divided by 257, and of 32 bits if
    one is above 255; all cut at 0 and 255. And the scale, its trait.
    """
    values = np.nan_to_num(values)
    low, high = (values.min(), values.max()) if values.size else (0, 0)
    decimal = values.dtype.kind == "f"
    small, large = SCALES[0 if decimal else 1]
    if scale not in (small, large):
        dark = low >= 0 and high <= 1 if decimal else values.itemsize > 2 and high <= 255
        scale = small if dark else large
    factor = {"unit": 255.0, "decimal": 1.0, "wide": 1.0, "deep": 1 / 257}[scale]
    return np.clip(np.rint(values * factor), 0, 255).astype(np.uint8), scale


def _cover(image: Any, form: Form) -> Any:
    """Resized to just cover the form, the middle cut out."""
    from PIL import Image

    wide, high = image.size
    scale = max(form.high / high, form.wide / wide)
    new = max(form.wide, round(wide * scale)), max(form.high, round(high * scale))
    if new != image.size:
        image = image.resize(new, Image.Resampling.BILINEAR)
    left, top = (new[0] - form.wide) // 2, (new[1] - form.high) // 2
    return image.crop((left, top, left + form.wide, top + form.high))


def _is_grey(image: Any) -> bool:
    if image.mode == "P":
        palette = np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)
        return bool((palette == palette[:, :1]).all())
    return image.mode in _GREY or image.mode.startswith("I;")


def _fault(error: Exception) -> str:
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "no picture"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"more than {Image.MAX_IMAGE_PIXELS or 0:,} pixels"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "it may not be read"
    text = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return f"damaged: {' '.join(text.split())[:60]}" if text else "damaged"


def form_of(looks: list[Look], size: int | None, largest: int) -> tuple[Form, str]:
    """The form for pictures that look so, and why: of one small size they stay whole; else squares of the median's side.

    Raises `Mistake` for a size below 1.
    """
    if size is not None and size < 1:
        raise Mistake("a size of pictures of at least 1", size)
    channels = 1 if 2 * sum(one.grey for one in looks) > len(looks) else 3
    shapes = {(one.high, one.wide) for one in looks}
    if size is None and len(shapes) == 1 and max(next(iter(shapes))) <= largest:
        ((high, wide),) = shapes
        return Form(high, wide, channels), f"the pictures have {high} × {wide} pixels"
    median = sorted(min(one.high, one.wide) for one in looks)[len(looks) // 2]
    side = size or min(largest, median)
    why = "as asked for" if size else f"the median of the shorter side is {median}; --size takes another"
    return Form(side, side, channels), f"the pictures are brought to {side} × {side} pixels: {why}"
