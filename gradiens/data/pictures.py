"""Pictures as networks want them: read, brought to one size, normalised.

    resize        the shorter side to `size`, the ratio of the sides kept
    centre crop   the middle size × size
    normalise     x = (pixels / 255 - μ) / σ, channel by channel

Book: 1.1, 1.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8

from gradiens.core.check import Mistake

KIND = "preprocessing"


def read_picture(path: str | Path) -> UInt8[np.ndarray, "H W 3"]:
    """The colours of a picture's file (PNG, JPEG and what else Pillow reads), turned as its camera was held.

    Raises `Mistake` for a file that is missing or no whole picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(path)
    if not path.is_file():
        raise Mistake(f"the picture {path}", "no such file")
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except UnidentifiedImageError:
        raise Mistake("a picture, such as PNG or JPEG", f"{path.name}, which is none") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Mistake("a whole picture", f"{path.name}, damaged ({str(error)[:80]})") from None


def resize(pixels: UInt8[np.ndarray, "H W C"], size: int) -> UInt8[np.ndarray, "H2 W2 C"]:
    """The picture with its shorter side at `size`, by averages over the area that a new pixel covers (bilinear).

    Book: 1.1.
    """
    from PIL import Image

    if size < 1 or pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[2] not in (1, 3):
        want = "a size of at least 1 and a picture of bytes, height × width × 1 or 3"
        raise Mistake(want, f"{size} and {pixels.dtype} of shape {pixels.shape}")
    high, wide = pixels.shape[:2]
    scale = size / min(high, wide)
    new = max(size, round(wide * scale)), max(size, round(high * scale))
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return np.asarray(image.resize(new, Image.Resampling.BILINEAR)).reshape(new[1], new[0], pixels.shape[2])


def centre_crop(pixels: UInt8[np.ndarray, "H W C"], size: int) -> UInt8[np.ndarray, "size size C"]:
    """The middle size × size pixels; one pixel more is left out below and on the right when the rest is odd.

    Book: 1.1.
    """
    high, wide = pixels.shape[:2]
    if not 1 <= size <= min(high, wide):
        raise Mistake(f"a size between 1 and {min(high, wide)}", size)
    top, left = (high - size) // 2, (wide - size) // 2
    return pixels[top : top + size, left : left + size]


def normalise(
    pixels: UInt8[np.ndarray, "*n C"], mean: Sequence[float], std: Sequence[float]
) -> Float[np.ndarray, "*n C"]:
    """x = (pixels / 255 - μ) / σ in float32.

    Book: 1.1, 1.6.
    """
    μ, σ = np.array(mean, np.float32), np.array(std, np.float32)
    if np.any(σ <= 0) or not pixels.shape[-1] == len(μ) == len(σ):
        raise Mistake(f"μ and σ > 0 for each of {pixels.shape[-1]} channels", f"{list(mean)} and {list(std)}")
    return (pixels / np.float32(255) - μ) / σ


def denormalise(x: Float[np.ndarray, "*n C"], mean: Sequence[float], std: Sequence[float]) -> UInt8[np.ndarray, "*n C"]:
    """The inverse of `normalise`: pixels = 255 (σ x + μ), rounded and kept within 0 … 255.

    Book: 1.6.
    """
    μ, σ = np.array(mean, np.float32), np.array(std, np.float32)
    return np.clip(np.rint(255 * (σ * x + μ)), 0, 255).astype(np.uint8)
