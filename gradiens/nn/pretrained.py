"""Networks with weights trained elsewhere, ready to look at pictures.

    resnet20_cifar10, resnet56_cifar10    ten kinds of things in 32 × 32 colour pictures

The files are found like those of the data sets: in GRADIENS_DATA, or in the cache folder.

Book: 1.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, UInt8

from gradiens.core.check import Mistake, known
from gradiens.data.files import Remote, content, locate
from gradiens.data.pictures import centre_crop, normalise, resize
from gradiens.data.sets.cifar10 import CLASSES
from gradiens.functions.activations import softmax
from gradiens.nn.pictures.resnet import ResNet
from gradiens.nn.weights import read_weights, with_weights

KIND = "pretrained network"

_FILES = {
    "resnet20_cifar10": (20, "ef390b25c0bd77a1d993ba3e82815a15587ea4ba6d00f99503aecbeccd137822"),
    "resnet56_cifar10": (56, "f222bdf1125caa30541208723397bf1b29cd1c875c2fb8e2afd36d6a2c2e0161"),
}


@dataclass(frozen=True)
class Pretrained:
    """A network, the side of its pictures, and the mean and standard deviation of each channel by which they were normalised."""

    model: ResNet
    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...]

    def input(self, pictures: Sequence[UInt8[np.ndarray, "H W 3"]]) -> Float[np.ndarray, "N 3 size size"]:
        """Shorter side to `size`, the middle cut out, (pixels / 255 - mean) / std, channels first."""
        cut = [centre_crop(resize(picture, self.size), self.size) for picture in pictures]
        if not cut:
            raise Mistake("at least one picture", "none")
        return normalise(np.stack(cut), self.mean, self.std).transpose(0, 3, 1, 2)

    def probabilities(self, pictures: Sequence[UInt8[np.ndarray, "H W 3"]]) -> Float[np.ndarray, "N K"]:
        """P(class | picture) for each picture, of any size."""
        return np.asarray(_probabilities(self.model, self.input(pictures)))


@jax.jit
def _probabilities(model: ResNet, x: jax.Array) -> jax.Array:
    return jax.vmap(lambda one: softmax(model(one)))(x)


def pretrained(name: str = "resnet20_cifar10") -> Pretrained:
    """The network of this name with its weights; a `Failure` that says which file to put where when they are not there.

    Book: 1.1.  Source: Idelbayev (2018), trained after He et al. (2016).
    """
    depth, sha = _FILES[known("pretrained network", name, _FILES)]
    remote = Remote("weights", f"{name}.npz", sha)
    content(remote)
    empty = eqx.filter_eval_shape(ResNet.make, depth, len(CLASSES), jax.random.key(0))  # shapes alone: nothing is drawn
    model = with_weights(empty, read_weights(locate(remote)), empty.names())
    return Pretrained(model, 32, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), CLASSES)
