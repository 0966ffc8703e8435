"""A fitted network as a function of a picture, so that it can be asked which pixels mattered.

    f(v) = logits of the network for the picture v, C × H × W with numbers from 0 to 1

v is asked about before any standardisation or flattening, so that maps lie on the picture for every network: for one that
sees one long vector as for one that sees maps.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import submodules
from gradiens.data.preprocessing import ImagePreprocessing
from gradiens.train.fitted import Fitted

FILTERS = 16  # most kernels, and most maps of a layer, that are kept


def pictures_of(fitted: Fitted) -> ImagePreprocessing:
    """The preprocessing of a network for pictures; a `Mistake` for any other."""
    if not isinstance(fitted.preprocessing, ImagePreprocessing):
        what = fitted.summary.get("card", {}).get("name", fitted.spec.data)
        raise Mistake("a run on pictures", f"one on the table {what}", "gradiens explain RUN reads it back")
    return fitted.preprocessing


@dataclasses.dataclass(frozen=True)
class Asked:
    """f as a function of the network and of v, for one preprocessing; equal ones share a compiled program."""

    preprocessing: ImagePreprocessing

    def features(self, v: Float[Array, "C H W"]) -> Array:
        """What the network gets for v."""
        x = jnp.moveaxis(v, 0, -1).reshape(self.preprocessing.shape)
        return self.preprocessing.features(x * self.preprocessing.maximum)

    def logits(self, model: Any, v: Float[Array, "C H W"]) -> Float[Array, " K"]:
        """One logit a class; of the one number z of two classes, -z/2 and z/2."""
        z = model(self.features(v))
        return z if self.preprocessing.target.task == "classes" else jnp.stack([-z[0] / 2, z[0] / 2])

    def planes(self, pixels: np.ndarray) -> Float[np.ndarray, "C H W"]:
        """Stored pixels as v."""
        v = np.asarray(pixels, np.float64) / self.preprocessing.maximum
        v = np.moveaxis(v.reshape(*v.shape[:2], -1), -1, 0)
        return v.astype(jax.dtypes.canonicalize_dtype(float))


def filters_of(model: Any, preprocessing: ImagePreprocessing) -> Float[np.ndarray, "F C k l"]:
    """The first kernels of the first layer that has any: windows, or for a dense layer one weight a pixel."""
    channels, size = preprocessing.channels, preprocessing.shape[:2]
    for layer in submodules(model):
        W = np.asarray(getattr(layer, "W", ()))
        if W.ndim == 4 and W.shape[1] == channels and min(W.shape[2:]) > 1:
            return W[:FILTERS]
        if W.ndim == 2 and W.shape[1] == preprocessing.n_features and not preprocessing.channels_first:
            return np.moveaxis(W[:FILTERS].reshape(-1, *size, channels), -1, 1)
    return np.zeros((0, channels, 1, 1))
