"""An autoencoder trained on the rows of a matrix: each row is its own target.

    C(x) = 1/D ‖decode(encode(x)) - x‖²

Book: 3.5.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Failure
from gradiens.core.iterate import iterate
from gradiens.core.keys import root_key
from gradiens.core.module import Module, join, split
from gradiens.data.encoded import default_precision
from gradiens.data.minibatch import Minibatches
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.optim.solution import solution
from gradiens.train.evaluate import outputs
from gradiens.train.fitting import epochs_of, make_descent, nothing, on_device
from gradiens.train.spec import Spec
from gradiens.train.training import Cost, Training


def fit_autoencoder(
    x: Float[np.ndarray, "N D"],
    sizes: tuple[int, ...],
    spec: Spec,
    activation: str = "tanh",
    output: str = "identity",
    quiet: bool | None = None,
) -> Autoencoder:
    """The autoencoder of these layer sizes (D, …, code, …, D), trained as `spec` says: optimizer, epochs, batch, seed.

    Raises `Mistake` for sizes that make no autoencoder, `Failure` where the training diverges or is interrupted.
    """
    with jax.enable_x64(spec.x64):
        theta, rest = split(_start(sizes, activation, output)(root_key(spec.seed)))
        batches = Minibatches(len(x), spec.batch, spec.seed)
        steps = epochs_of(spec, batches.steps_per_epoch) * batches.steps_per_epoch
        descent = make_descent(spec, Cost(default_precision, _distance, rest), steps)
        training = Training(descent, *on_device(np.asarray(x, np.float32), np.asarray(x, np.float32)))
        outcome = iterate(
            training, theta, steps=steps, feed=batches, record=nothing, keep=None, name="training", quiet=quiet
        )
        if outcome.stopped in ("nan", "interrupted"):
            raise Failure(f"training ended early: {outcome.says}", "try a smaller step size or a clip of 1")
        return join(solution(outcome.state.optimizer, outcome.state.theta), rest)


@functools.lru_cache(maxsize=64)  # one program for the draws of all layers, kept for the next of these sizes
def _start(sizes: tuple[int, ...], activation: str, output: str) -> Callable[[Array], Autoencoder]:
    return jax.jit(lambda key: Autoencoder.make(sizes, key, activation, output))


def _distance(drawn: Float[Array, " D"], x: Float[Array, " D"]) -> Float[Array, ""]:
    """1/D ‖x̂ - x‖²."""
    return jnp.mean((drawn - default_precision(x)) ** 2)


class _Encoder(Module):
    whole: Any

    def __call__(self, x: Float[Array, " D"]) -> Float[Array, " M"]:
        return self.whole.encode(x)


class _Decoder(Module):
    whole: Any

    def __call__(self, z: Float[Array, " M"]) -> Float[Array, " D"]:
        return self.whole.decode(z)


def codes_of(model: Autoencoder, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N M"]:
    """The code of each row."""
    return outputs(default_precision, _itself, _Encoder(model), x)


def drawn_from(model: Autoencoder, z: Float[np.ndarray, "N M"]) -> Float[np.ndarray, "N D"]:
    """What each code is drawn as."""
    return outputs(default_precision, _itself, _Decoder(model), z)


def _itself(a: Array) -> Array:
    return a
