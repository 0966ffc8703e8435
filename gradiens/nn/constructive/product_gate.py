"""Networks that multiply: four smooth units make a product of two numbers, a tree of such gates a product of many.

    x y ≈ μ [S(c + λ(x+y)) + S(c - λ(x+y)) - S(c + λ(x-y)) - S(c - λ(x-y))],   μ = 1 / (4 λ² S''(c))

The four Taylor series cancel but for 4 λ² S''(c) x y and terms in λ⁴, so that the error is of order λ²: with four units, however
small it is to be. That needs S''(c) ≠ 0: σ at c = 0 cannot multiply, σ at c = 1 can. In one hidden layer a product of n numbers
takes 2ⁿ units, in a tree 4 (n - 1).

Book: 5.2.  Source: Lin, Tegmark & Rolnick (2017), section II.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.functions.activations import Activation, named
from gradiens.nn.constructive.relu_interpolant import dense
from gradiens.nn.mlp import MLP

KIND = "model"

_SIGNS = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])  # of x and y in the four units
_OUT = np.array([1.0, 1.0, -1.0, -1.0])


def product_gate(activation: str | Activation = "softplus", scale: float = 0.1, at: float = 0.0) -> MLP:
    """x y from (x, y) by four units, with λ = `scale` and c = `at`.

    Raises `Mistake` where S''(c) = 0.

    Book: 5.2.  Source: Lin, Tegmark & Rolnick (2017).
    """
    return product_tree(2, activation, scale, at)


def product_tree(n: int, activation: str | Activation = "softplus", scale: float = 0.1, at: float = 0.0) -> MLP:
    """x_1 ⋯ x_n by a tree of gates, in ⌈log₂ n⌉ hidden layers; where a layer has an odd number of factors, the last of them is
    multiplied by 1. Between two layers of gates stands one matrix.

    Raises `Mistake` for n < 2, for a scale that is not positive, and where S''(c) = 0.

    Book: 5.2.  Source: Lin, Tegmark & Rolnick (2017).
    """
    if n < 2 or not scale > 0:
        raise Mistake("two or more factors, and a scale above 0", (n, scale))
    S = named(activation)
    λ, μ = scale, 1 / (4 * scale**2 * _curvature(S, at))
    factors, constants, layers = np.eye(n), np.zeros(n), []  # each factor is affine in the last hidden layer
    while len(factors) > 1:
        if len(factors) % 2:
            factors, constants = np.pad(factors, ((0, 1), (0, 0))), np.append(constants, 1.0)
        pairs, shifts = factors.reshape(-1, 2, factors.shape[1]), constants.reshape(-1, 2)
        W, b = λ * _SIGNS[None] @ pairs, at + λ * shifts @ _SIGNS.T
        layers.append(dense(W.reshape(-1, factors.shape[1]), b.ravel()))
        factors, constants = np.kron(np.eye(len(pairs)), μ * _OUT), np.zeros(len(pairs))
    return MLP((*layers, dense(factors, constants)), S)


def _curvature(S: Activation, c: float) -> float:
    """S''(c)."""
    with jax.ensure_compile_time_eval():
        found = float(jax.grad(jax.grad(S))(jnp.asarray(float(c))))
    if not abs(found) > 1e-6:
        raise Mistake(f"an activation with S''({c:g}) ≠ 0", f"{found:g}", "move the point: at=1.0")
    return found


def _gate(key: Array) -> tuple[MLP, Array]:
    return product_gate(scale=0.5), jax.random.normal(key, (2,))


def _tree(key: Array) -> tuple[MLP, Array]:
    return product_tree(3, scale=0.5), jax.random.normal(key, (3,))


product_gate.example, product_tree.example = _gate, _tree  # pyright: ignore[reportFunctionMemberAccess]
