"""Networks with weights trained elsewhere, ready to look at pictures.

    resnet20_cifar10, resnet56_cifar10    ten kinds of things in 32 × 32 colour pictures

The files are found like those of the data sets: in GRADIENS_DATA, or in the cache folder.

Book: 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, UInt8

from gradiens.core.check import Mistake, known
from gradiens.data.files import Remote, content, locate
from gradiens.functions.activations import softmax
from gradiens.nn.resnet import ResNet
from gradiens.nn.weights import read_weights, with_weights

_FILES = {
    "resnet20_cifar10": (20, "ef390b25c0bd77a1d993ba3e82815a15587ea4ba6d00f99503aecbeccd137822"),
    "resnet56_cifar10": (56, "f222bdf1125caa30541208723397bf1b29cd1c875c2fb8e2afd36d6a2c2e0161"),
}
_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class Pretrained:
    """A network, and the mean and standard deviation of each channel by which its pictures were normalised."""

    model: ResNet
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...]

    def input(self, pixels: UInt8[np.ndarray, "N H W C"]) -> Float[np.ndarray, "N C H W"]:
        """(pixels / 255 - mean) / std, channels first."""
        if pixels.ndim != 4 or pixels.shape[3] != len(self.mean) or pixels.dtype != np.uint8:
            want = f"pictures of bytes, N × height × width × {len(self.mean)}"
            raise Mistake(want, f"{pixels.dtype} of shape {pixels.shape}")
        x = (pixels / np.float32(255) - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return x.transpose(0, 3, 1, 2)

    def probabilities(self, pixels: UInt8[np.ndarray, "N H W C"]) -> Float[np.ndarray, "N K"]:
        """P(class | picture) for each picture."""
        return np.asarray(_probabilities(self.model, self.input(pixels)))


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
    empty = eqx.filter_eval_shape(
        ResNet.make, depth, len(_CLASSES), jax.random.key(0)
    )  # shapes alone: nothing is drawn
    model = with_weights(empty, read_weights(locate(remote)), empty.names())
    return Pretrained(model, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), _CLASSES)
