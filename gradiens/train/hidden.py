"""What the last layer of a network for pictures gets, for many pictures at once; and the few test pictures that a run keeps."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.data.prepare import Prepared
from gradiens.data.preprocessing import ImagePreprocessing
from gradiens.interpret.layers import feature_maps
from gradiens.interpret.saliency import saliency
from gradiens.train.asked import Asked
from gradiens.train.fitted import Fitted
from gradiens.train.spread import spread

KEPT, BYTES = 500, 2_000_000  # most test pictures that a run keeps for its report, and most bytes of them


def kept_pictures(prepared: Prepared) -> dict[str, np.ndarray]:
    """Some test pictures, as stored, and which of the test rows they are; nothing of a table."""
    if not isinstance(prepared.preprocessing, ImagePreprocessing) or not len(prepared.test):
        return {}
    x = np.asarray(prepared.test.x)
    rows = spread(len(x), min(KEPT, BYTES // max(x[0].nbytes, 1)))
    return {"pictures": np.ascontiguousarray(x[rows]), "pictured": rows}


def is_layered(fitted: Fitted) -> bool:
    """Whether the network is one of layers with a vector before its last."""
    return isinstance(fitted.preprocessing, ImagePreprocessing) and hasattr(fitted.model, "forward")


def hidden_features(fitted: Fitted, pixels: np.ndarray) -> Float[np.ndarray, "N D"]:
    """The input of the last layer, as a vector, for each picture; D is 0 where there is none before it."""
    with jax.enable_x64(fitted.spec.x64):
        found = _features(fitted.preprocessing, fitted.model, pixels)
        return np.asarray(found, np.float64)


@functools.partial(jax.jit, static_argnums=0)
def _features(preprocessing: Any, model: Any, pixels: Array) -> Array:
    def one(x: Array) -> Array:
        seen = [one for one in feature_maps(model, preprocessing.features(x)) if not hasattr(one.layer, "forward")]
        return seen[-1].input.reshape(-1)

    return jax.vmap(one)(pixels)


def saliencies(fitted: Fitted, pixels: np.ndarray, codes: np.ndarray) -> Float[np.ndarray, "N H W"]:
    """|∂f_c/∂v| of each picture for its class, the largest of its colours."""
    asked = Asked(fitted.preprocessing)  # pyright: ignore[reportArgumentType]
    with jax.enable_x64(fitted.spec.x64):
        v = np.stack([asked.planes(one) for one in pixels])
        return np.asarray(_saliencies(asked, fitted.model, v, np.asarray(codes, np.int32))).max(axis=1)


@functools.partial(jax.jit, static_argnums=0)
def _saliencies(asked: Asked, model: Any, v: Array, c: Array) -> Array:
    return jax.vmap(lambda v, c: saliency(functools.partial(asked.logits, model), v, c))(v, c)
