"""The Back Propagation Algorithm.

The chain rule, in an order that wastes nothing: one pass forward, whose numbers are kept, and one pass of adjoints back, each
layer's from the next one's. Of a 5-7-6-3 network the gradient is found by that recursion, by differences, and by a general
differentiator that knows nothing of layers; in a chain of four units it is a product, factor by factor. The way back costs twice
the way forward. And it multiplies: by a matrix and by slopes at every layer, so that through thirty layers of weights N(0, 1/√N)
a gradient vanishes with σ, shrinks with relu, whose gates are shut half the time, and keeps its size with tanh.
"""

from __future__ import annotations

from textwrap import indent
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int

from gradiens.book.ch05_feed_forward.deep_gradients import ACTIVATIONS, deep_gradients, rematerialised
from gradiens.calculus.finite_differences import difference
from gradiens.calculus.gradient_check import check_gradient
from gradiens.calculus.overloading import total
from gradiens.calculus.reverse import record as taped
from gradiens.calculus.reverse import reverse_gradient
from gradiens.calculus.tape_text import columns, number, table
from gradiens.core.module import Module, join, knob, split
from gradiens.functions.activations import tanh
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.back_propagation import (
    adjoints,
    back_propagate,
    forward_pass,
    layer_norms,
    parameter_gradient,
    per_example_gradients,
    per_example_norms,
)
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.product_flops import product_flops
from gradiens.report.figure import Figure, Series
from gradiens.train.layer_statistics import layer_statistics

SIZES, BATCH = (5, 7, 6, 3), 8
SEEDS = 5
WEIGHTS = (1.2, -0.7, 0.9, 1.5)  # of the chain of four units
POINT, TARGET = 0.8, 1.0  # its input, and what its output should be
STEP = 1e-5  # of the differences


class Config(Module):
    """The deep networks."""

    depth: int = knob(30, 2, 100, says="layers of the deep networks")
    width: int = knob(64, 4, 512, says="units of each")
    batch: int = knob(32, 1, 1024, says="examples of their minibatch")


class Small(NamedTuple):
    """Of 5-7-6-3 on a minibatch, layer by layer: what the recursion kept (rows are examples), and JAX's gradients of each
    example; the gradient of the mean cost, flat, by the recursion, by differences, by JAX."""

    W: tuple[Float[np.ndarray, "N M"], ...]
    a: tuple[Float[np.ndarray, "B M"], ...]
    delta: tuple[Float[np.ndarray, "B N"], ...]
    y_hat: Float[np.ndarray, "B 3"]
    y: Float[np.ndarray, "B 3"]  # one-hot
    dW: tuple[Float[np.ndarray, "B N M"], ...]
    db: tuple[Float[np.ndarray, "B N"], ...]
    gradients: Float[np.ndarray, "3 d"]
    sums: Float[
        np.ndarray, "3"
    ]  # how far the sum of the per-example gradients, their norms, and those by layer are off
    checked: Int[
        np.ndarray, "2"
    ]  # components of the gradient by recursion that the gradient check looks at, and finds wrong
    bound: Float[np.ndarray, "B 2"]  # ‖δ[1]‖, and ‖δ[L]‖ times spectral norms and largest slopes


class Chain(NamedTuple):
    """Of the chain of four units: the local factors, first the input; dC/dθ₁ by the recursion and by a tape."""

    factors: Float[np.ndarray, "9"]
    derivative: Float[np.ndarray, "2"]


class Record(NamedTuple):
    """The small network, the chain; operations in products forward, and backward by the recursion and by JAX; gradient norms by
    activation (ACTIVATIONS), seed and layer of the deep networks; by activation, seed and example ‖δ[1]‖ over its bound."""

    small: Small
    chain: Chain
    flops: Int[np.ndarray, "3"]
    norms: Float[np.ndarray, "3 S L"]
    ratio: Float[np.ndarray, "3 S B"]
    kept: Int[np.ndarray, "2"]  # numbers kept for the way back, without and with rematerialisation
    repeated: float  # the largest difference of the two gradients, relative


def run(config: Config, key: Array) -> Record:
    """Differentiate the small network three ways, the chain, and the deep networks."""
    made, data, deep = jax.random.split(key, 3)
    network = _biased(MLP.make(SIZES, made, "tanh"), made)
    x = jax.random.normal(data, (BATCH, SIZES[0]))
    y = jax.random.randint(jax.random.fold_in(data, 1), (BATCH,), 0, SIZES[-1])
    norms, ratio = deep_gradients(config, SEEDS, deep)
    return Record(_small(network, x, y), _chain(), _flops(network, x, y), norms, ratio, *rematerialised(config, deep))


def _biased(network: MLP, key: Array) -> MLP:
    layers = [
        Dense(layer.W, jax.random.normal(jax.random.fold_in(key, l), layer.W.shape[:1]))
        for l, layer in enumerate(network.layers)  # noqa: E741
    ]
    return MLP(tuple(layers), network.activation)


def _cost(network: MLP, x: Array, y: Array) -> Array:
    return jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(network)(x), y))


def _small(network: MLP, x: Array, y: Array) -> Small:
    theta, rest = split(network)
    flat, shaped = ravel_pytree(theta)
    cost = jax.jit(lambda flat: _cost(join(shaped(flat), rest), x, y))
    rows = jax.jit(jax.vmap(cost))
    n = len(flat)
    by_differences = difference(rows, np.tile(flat, (n, 1)), np.eye(n), STEP)
    by_jax = jax.jit(jax.vmap(lambda x, y: jax.grad(_cost)(network, x[None], y[None])))(x, y)

    def recursion(network: MLP) -> Any:
        kept = forward_pass(network, x)
        delta = jax.vmap(jax.grad(categorical_cross_entropy))(kept.z[-1], y)
        deltas = adjoints(network, kept, delta)
        each, norms = per_example_gradients(network, kept, deltas), per_example_norms(kept, deltas)
        flat_each = jax.vmap(lambda g: ravel_pytree(g)[0])(each)
        off = jnp.sum(flat_each, axis=0) - ravel_pytree(parameter_gradient(network, kept, deltas))[0]
        found = back_propagate(network, categorical_cross_entropy, x, y)[1]
        by_layer = layer_statistics(network, categorical_cross_entropy, x, y).gradient - layer_norms(found)
        sums = jnp.stack([jnp.max(jnp.abs(a)) for a in (off, jnp.linalg.norm(flat_each, axis=1) - norms, by_layer)])
        return kept, deltas, ravel_pytree(found)[0], sums

    kept, deltas, by_recursion, sums = jax.jit(recursion)(network)
    told = check_gradient(lambda theta: _cost(join(theta, rest), x, y), theta, lambda _: shaped(by_recursion))
    size = lambda rows: np.linalg.norm(np.asarray(rows), axis=1)  # noqa: E731
    factor = np.prod(
        [np.linalg.norm(np.asarray(layer.W), 2) for layer in network.layers[1:]]
    )  # slopes of tanh: at most 1
    return Small(
        W=tuple(np.asarray(layer.W) for layer in network.layers),
        a=kept.a,
        delta=deltas,
        y_hat=np.asarray(jax.nn.softmax(kept.z[-1])),
        y=np.eye(SIZES[-1])[np.asarray(y)],
        dW=tuple(np.asarray(layer.W) for layer in by_jax.layers),
        db=tuple(np.asarray(layer.b) for layer in by_jax.layers),
        gradients=np.stack([by_recursion, by_differences, np.asarray(jax.grad(cost)(flat))]),
        sums=np.asarray(sums),
        checked=np.array([told.checked, len(told.wrong)]),
        bound=np.stack([size(deltas[0]), size(deltas[-1]) * factor], axis=1),
    )


def four_units(t1: Any, t2: Any, t3: Any, t4: Any) -> Any:
    """C = ½ (a₄ - y)² with a_l = tanh(θ_l a_{l-1}), a₀ = x."""
    a = POINT
    for t in (t1, t2, t3, t4):
        a = np.tanh(t * a)
    return 0.5 * total(a, -TARGET) ** 2


def _chain() -> Chain:
    """The factors x, S'(z₁), θ₂, S'(z₂), θ₃, S'(z₃), θ₄, S'(z₄), a₄ - y from the forward pass."""
    network = MLP(tuple(Dense(jnp.full((1, 1), w), None) for w in WEIGHTS), "tanh")
    kept = forward_pass(network, jnp.full(1, POINT))
    z = [float(z[0]) for z in kept.z]
    slopes = [1 - np.tanh(u) ** 2 for u in z]
    inner = [factor for w, slope in zip(WEIGHTS[1:], slopes[1:], strict=True) for factor in (w, slope)]
    loss = lambda z, y: 0.5 * jnp.sum((tanh(z) - y) ** 2)  # noqa: E731 - the last unit has its tanh in the loss
    _, found = back_propagate(network, loss, jnp.full(1, POINT), TARGET)
    tape = reverse_gradient(four_units, *WEIGHTS).gradient[0]
    return Chain(
        np.array([POINT, slopes[0], *inner, np.tanh(z[-1]) - TARGET]),
        np.array([float(found.layers[0].W[0, 0]), float(tape)]),
    )


def _flops(network: MLP, x: Array, y: Array) -> np.ndarray:
    forward = product_flops(lambda network: jax.vmap(network)(x), network)
    ours = product_flops(lambda network: back_propagate(network, categorical_cross_entropy, x, y), network)
    by_jax = product_flops(lambda network: jax.grad(_cost)(network, x, y), network)
    return np.array([forward, ours - forward, by_jax - forward])


def values(config: Config, record: Record) -> dict[str, float]:
    """The chain, operations, differences of the gradients, and norms in the first and the last layer of the deep networks."""
    by_recursion, by_differences, by_jax = record.small.gradients
    found = {"chain: dC/dθ₁": record.chain.derivative[0]}
    found |= dict(zip(("forward: FLOPs in products", "backward: FLOPs in products"), record.flops[:2], strict=True))
    found |= {
        "recursion against JAX: largest difference": np.abs(by_recursion - by_jax).max(),
        "differences against JAX: largest difference": np.abs(by_differences - by_jax).max(),
    }
    found |= dict(zip(("kept for the way back", "kept with rematerialisation"), record.kept, strict=True))
    found |= {"rematerialisation: largest difference of the gradient": record.repeated}
    for name, norms in zip(ACTIVATIONS, record.norms, strict=True):
        found |= {f"{name}: norm in layer 1, median": np.median(norms[:, 0])}
        found |= {f"{name}: norm in layer {config.depth}, median": np.median(norms[:, -1])}
    return {name: float(value) for name, value in found.items()}


def text(config: Config, record: Record) -> str:
    """The chain of four units: its factors, and its tape."""
    names = ["x = a₀", "S'(z₁)", *(name for i in "₂₃₄" for name in (f"θ{i}", f"S'(z{i})")), "a₄ - y"]
    products = np.cumprod(record.chain.factors[::-1])[::-1]
    rows = [["factor", "value", "product from here on"]]
    rows += [[name, number(f), number(p)] for name, f, p in zip(names, record.chain.factors, products, strict=True)]
    tape = taped(four_units, *WEIGHTS, names=("θ1", "θ2", "θ3", "θ4"), output="C")
    parts = {"dC/dθ₁ of the chain of four units is the product of its factors.": columns(rows),
             "The same by a tape: each adjoint as the sum over the children.": table(tape)}  # fmt: skip
    return "\n\n".join(f"{says}\n\n" + indent(part, "    ") for says, part in parts.items())


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Gradient norms by layer, and the adjoints of the small network."""
    layers = 1 + np.arange(config.depth)
    lines, bands = [], []
    for i, (name, norms) in enumerate(zip(ACTIVATIONS, record.norms, strict=True)):
        lines.append(Series("line", layers, np.median(norms, axis=0), label=name, colour=i))
        bands.append(Series("band", layers, norms.min(axis=0), norms.max(axis=0), label=f"{name}, all seeds", colour=i))
    small = [
        Series("points", np.full(BATCH, l), np.linalg.norm(d, axis=1), label=f"layer {l}")
        for l, d in enumerate(record.small.delta, start=1)  # noqa: E741
    ]
    title = f"Norm of the gradient in each of {config.depth} layers"
    return (
        Figure(title, [*lines, *bands], "layer", "‖∂C/∂(W, b)‖", log_y=True),
        Figure("Length of the adjoints of eight examples, 5-7-6-3", small, "layer", "‖δ‖"),
    )


def claim_the_recursion(config: Config, record: Record) -> bool:
    """Claim 1: δ[L] = ŷ - y; δ[l] = (W[l+1]' δ[l+1]) ⊙ S'(z[l]); dC/dW[l] = δ[l] a[l-1]'; dC/db[l] = δ[l]; for each of 8
    examples, the gradients by JAX (relative 1e-9). They sum to the gradient of the minibatch; their norms, which are
    told without forming them, and the norms layer by layer are right (1e-12)."""
    s, near = record.small, lambda a, b: np.allclose(a, b, rtol=1e-9, atol=1e-14)
    last = near(s.delta[-1], s.y_hat - s.y)
    back = all(near(s.delta[l], (s.delta[l + 1] @ s.W[l + 1]) * (1 - s.a[l + 1] ** 2)) for l in range(2))  # noqa: E741
    outer = all(near(s.dW[l], s.delta[l][:, :, None] * s.a[l][:, None]) for l in range(3))  # noqa: E741
    biases = all(near(db, delta) for db, delta in zip(s.db, s.delta, strict=True))
    return bool(last and back and outer and biases and s.sums.max() <= 1e-12)


def claim_three_gradients_agree(config: Config, record: Record) -> bool:
    """Claim 2: the three gradients agree to 1e-6 relative (of the largest component); the gradient check finds no component
    wrong."""
    by_recursion, by_differences, by_jax = record.small.gradients
    size = np.abs(by_jax).max()
    every, wrong = record.small.checked
    agree = max(np.abs(by_recursion - by_jax).max(), np.abs(by_differences - by_jax).max()) <= 1e-6 * size
    return bool(agree and every == len(by_jax) and wrong == 0)


def claim_the_chain_is_a_product(config: Config, record: Record) -> bool:
    """Claim 3: in the scalar chain dC/dθ₁ is the product of the local factors."""
    return bool(np.allclose(record.chain.derivative, np.prod(record.chain.factors), rtol=1e-9, atol=0))


def claim_backward_costs_twice_forward(config: Config, record: Record) -> bool:
    """Claim 4: matrix-product FLOPs of the backward pass are twice those of the forward pass, less one product for the input
    layer; counted in the programs of the recursion and of JAX's gradient."""
    forward, ours, by_jax = record.flops.tolist()
    return ours == by_jax == 2 * forward - 2 * BATCH * SIZES[0] * SIZES[1]


def claim_adjoints_are_bounded(config: Config, record: Record) -> bool:
    """Claim 5: |δ[1]| ≤ |δ[L]| times the product of spectral norms and maximal slopes (1/4 for σ, 1 for tanh and relu): each
    example of the small and of the deep networks."""
    first, bound = record.small.bound.T
    return bool(np.all(first <= bound * (1 + 1e-9)) and np.all(record.ratio <= 1 + 1e-9))


def claim_sigmoid_gradients_vanish_faster(config: Config, record: Record) -> bool:
    """Claim 6: depth 30, weights N(0, 1/√N), width 64: first-layer gradient norm, σ < tanh, on 5 of 5 seeds."""
    sigmoid, tanh_norms = (record.norms[ACTIVATIONS.index(name), :, 0] for name in ("sigmoid", "tanh"))
    return bool(len(sigmoid) == SEEDS and np.all(sigmoid < tanh_norms))
