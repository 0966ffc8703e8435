"""The symbols of the book: on paper, in code, their shape in letters, and what they are in a network that runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int

from gradiens.core.module import join, split
from gradiens.functions.activations import softmax
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.mlp import MLP


class Running(NamedTuple):
    """A network of two layers with its data: N examples (xᵢ, yᵢ), and a series of T inputs."""

    model: MLP
    X: Float[Array, "N D"]
    Y: Int[Array, " N"]
    series: Float[Array, "T D"]

    def cost(self, theta: Any, x: Array, y: Array) -> Array:
        """Cᵢ(θ), the loss of one example."""
        return categorical_cross_entropy(join(theta, split(self.model)[1])(x), y)

    def mean_cost(self, theta: Any) -> Array:
        """C(θ), the mean over the examples."""
        return jnp.mean(jax.vmap(self.cost, (None, 0, 0))(theta, self.X, self.Y))


class Symbol(NamedTuple):
    """A row of the table: `shape` is written in the letters of the sizes, "" for a number."""

    paper: str
    code: str
    shape: str
    means: str
    value: Callable[[Running], Any]


def _theta(run: Running) -> Any:
    return split(run.model)[0]


def _hidden(run: Running) -> Array:
    return run.model.layers[0](run.X[0])


def _from_hidden(run: Running, z: Array) -> Array:
    """C₁ as a function of z[1]."""
    return categorical_cross_entropy(run.model.layers[1](run.model.activation(z)), run.Y[0])


def _error(run: Running) -> Array:
    """δ[1] by reverse mode."""
    return jax.grad(lambda z: _from_hidden(run, z))(_hidden(run))


def _slope_of_a(run: Running) -> Array:
    """W[2]ᵀ δ[2], with δ[2] = ŷ - e_y."""
    ŷ = softmax(run.model(run.X[0]))
    δ = ŷ - jax.nn.one_hot(run.Y[0], len(ŷ), dtype=ŷ.dtype)
    return run.model.layers[1].W.T @ δ


SYMBOLS = (
    Symbol("D = {(xᵢ, yᵢ)}", "data.encoded.Encoded.x", "N D", "the data: N examples", lambda r: r.X),
    Symbol("xᵢ", "nn.mlp.MLP.__call__.x", "D", "input of example i", lambda r: r.X[0]),
    Symbol("yᵢ", "functions.losses.categorical_cross_entropy.y", "", "its class", lambda r: r.Y[0]),
    Symbol("W[1]", "nn.dense.Dense.W", "H D", "weights of layer 1", lambda r: r.model.layers[0].W),
    Symbol("b[1]", "nn.dense.Dense.b", "H", "biases of layer 1", lambda r: r.model.layers[0].b),
    Symbol("W[2]", "nn.dense.Dense.W", "K H", "weights of layer 2", lambda r: r.model.layers[1].W),
    Symbol("θ", "optim.optimizer.Coordinatewise.step.theta", "d", "all parameters in one vector",
           lambda r: ravel_pytree(_theta(r))[0]),
    Symbol("z[1]", "functions.activations.relu.z", "H", "before the activation", _hidden),
    Symbol("a[1] = S(z[1])", "nn.mlp.MLP.activation", "H", "activations of layer 1",
           lambda r: r.model.activation(_hidden(r))),
    Symbol("z = f_θ(x)", "functions.losses.categorical_cross_entropy.z", "K", "the model: logits",
           lambda r: r.model(r.X[0])),
    Symbol("ŷ", "functions.activations.softmax.z", "K", "prediction, a probability vector",
           lambda r: softmax(r.model(r.X[0]))),
    Symbol("Cᵢ(θ)", "optim.descent.Descent.loss", "", "loss of example i",
           lambda r: r.cost(_theta(r), r.X[0], r.Y[0])),
    Symbol("C(θ)", "optim.descent.Descent.loss", "", "the mean of the Cᵢ", lambda r: r.mean_cost(_theta(r))),
    Symbol("∇C(θ)", "optim.optimizer.Coordinatewise.step.g", "d", "gradient, a column vector like θ",
           lambda r: ravel_pytree(jax.grad(r.mean_cost)(_theta(r)))[0]),
    Symbol("∂C/∂W[1]", "optim.optimizer.Coordinatewise.step.g", "H D", "its part of W[1], shaped like it",
           lambda r: jax.grad(r.mean_cost)(_theta(r)).layers[0].W),
    Symbol("δ[1] = ∂C₁/∂z[1]", "calculus.derivatives.gradient.f", "H", "error of layer 1",
           _error),
    Symbol("∂z/∂x", "calculus.derivatives.jacobian.f", "K D", "Jacobian: a row for each output",
           lambda r: jax.jacobian(r.model)(r.X[0])),
    Symbol("W[2]ᵀ δ[2] ⊙ S'(z[1])", "functions.activations.tanh", "H", "elementwise product: δ[1] once more",
           lambda r: _slope_of_a(r) * jax.vmap(jax.grad(r.model.activation))(_hidden(r))),
    Symbol("Σᵢ xᵢ", "jax.numpy.sum", "D", "sum over the examples", lambda r: jnp.sum(r.X, axis=0)),
    Symbol("δ[1] xᵀ", "jax.numpy.outer", "H D", "outer product, einsum h, d -> h d",
           lambda r: jnp.einsum("h,d->hd", _error(r), r.X[0])),
    Symbol("X W[1]ᵀ + b[1]", "jax.vmap", "N H", "a batch: b[1] is broadcast over the rows",
           lambda r: r.X @ r.model.layers[0].W.T + r.model.layers[0].b[None]),
    Symbol("x⟨1⟩, …, x⟨T⟩", "core.iterate.iterate", "T D", "a series, or the states of an algorithm",
           lambda r: r.series),
    Symbol("x⟨t⟩", "core.iterate.iterate", "D", "at time t", lambda r: r.series[0]),
)  # fmt: skip
