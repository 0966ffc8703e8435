"""Methods of single gradients on a matrix of parameters: ‖X W - Y‖²/(2N), the inputs mixed so that no coordinate is good."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import side_by_side
from gradiens.optim.adagrad import Adagrad
from gradiens.optim.cost import cost_of
from gradiens.optim.sgd import SGD
from gradiens.optim.shampoo import Shampoo

Numbers = Array | np.ndarray
ROWS, INPUTS, OUTPUTS = 100, 8, 5


def regression(W: Float[Array, "D K"], X: Float[Array, "N D"], Y: Float[Array, "N K"]) -> Float[Array, ""]:
    """‖X W - Y‖²/(2N)."""
    return jnp.sum((X @ W - Y) ** 2) / (2 * len(X))


def matrix_steps(key: Array, steps: int) -> dict[str, Float[Numbers, "T1"]]:
    """The cost, whose minimum is 0, along the paths from W = 0 of gradient descent, Adagrad and Shampoo."""
    turn, rows, true = jax.random.split(key, 3)
    Q = np.linalg.qr(np.asarray(jax.random.normal(turn, (INPUTS, INPUTS))))[0]
    X = np.asarray(jax.random.normal(rows, (ROWS, INPUTS))) * np.logspace(-1.5, 0, INPUTS) @ Q
    Y = X @ np.asarray(jax.random.normal(true, (INPUTS, OUTPUTS)))
    L = float(np.linalg.eigvalsh(X.T @ X)[-1]) / ROWS
    methods = {"gradient descent": SGD(1 / L), "Adagrad": Adagrad(0.5), "Shampoo": Shampoo(0.5)}
    start = jnp.zeros((INPUTS, OUTPUTS))
    paths = side_by_side(cost_of(regression, start, (jnp.asarray(X), jnp.asarray(Y))), methods, start.ravel(), steps)
    return {name: path.value for name, (path, _) in paths.items()}
