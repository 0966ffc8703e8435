"""Back-propagation through a perceptron, written out: one pass forward that is kept, one pass of adjoints back.

    forward     a[0] = x,   z[l] = W[l] a[l-1] + b[l],   a[l] = S(z[l]),   l = 1, …, L;   C = C(z[L], y)
    adjoints    δ[L] = ∂C/∂z[L],   ∂C/∂a[l] = W[l+1]' δ[l+1],   δ[l] = ∂C/∂a[l] ⊙ S'(z[l])
    gradient    ∂C/∂W[l] = δ[l] a[l-1]',   ∂C/∂b[l] = δ[l]

Of softmax with the cross-entropy δ[L] = ŷ - y. A minibatch is a matrix with a row for each example and C their mean cost: the
rows of Δ[l] then hold the factor 1/B, and ∂C/∂W[l] = Δ[l]' A[l-1] is the sum over them. The products cost twice those of the
forward pass, but for ∂C/∂a[0], which nobody needs. `jax.grad` computes the same from the program alone (`calculus.reverse` and
its tape show how); here it can be read, and every intermediate number is at hand.

Book: 5.4.  Source: Rumelhart, Hinton & Williams (1986).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import split
from gradiens.functions.activations import Activation
from gradiens.functions.dense import product
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP

KIND = "calculus"

Loss = Callable[[Any, Any], Array]


class Pass(NamedTuple):
    """What the forward pass keeps: a[0], …, a[L-1] and z[1], …, z[L], of one example (N_l) or of a minibatch (B, N_l); and
    what each bias is multiplied by, 1, or 0 where a layer has none."""

    a: tuple[Float[Array, "*B N"], ...]
    z: tuple[Float[Array, "*B N"], ...]
    one: tuple[int, ...]


def forward_pass(network: MLP, x: Float[Array, "*B D"]) -> Pass:
    """The network on x, without noise, and all that the way back needs; z[L] is what it returns.

    Book: 5.4.
    """
    a, z = [x], []
    for layer in network.layers:
        z.append(layer(a[-1]))
        a.append(network.activation(z[-1]))
    return Pass(tuple(a[:-1]), tuple(z), tuple(int(layer.b is not None) for layer in network.layers))


def adjoints(network: MLP, kept: Pass, delta: Float[Array, "*B K"]) -> tuple[Float[Array, "*B N"], ...]:
    """δ[1], …, δ[L], from δ[L] = `delta`.

    Book: 5.4.  Source: Rumelhart, Hinton & Williams (1986).
    """
    found = [delta]
    for layer, z in zip(reversed(network.layers[1:]), reversed(kept.z[:-1])):
        da = product(layer.W.T, found[-1])
        found.append(_through(network.activation, z, da))
    return tuple(reversed(found))


def _through(S: Activation, z: Array, da: Array) -> Array:
    """da ⊙ S'(z); for an activation of a whole vector, which softmax is, the transpose of its Jacobian times da."""
    return jax.vjp(S, z)[1](da)[0]


def parameter_gradient(network: MLP, kept: Pass, deltas: tuple[Array, ...]) -> MLP:
    """∂C/∂W[l] and ∂C/∂b[l], shaped like the network's parameters (`core.module.split`); of a minibatch the sum.

    Book: 5.4.
    """
    if kept.a[0].ndim == 1:
        dW, db = jnp.outer, lambda δ: δ
    else:
        dW, db = lambda Δ, A: Δ.T @ A, lambda Δ: jnp.sum(Δ, axis=0)
    return _shaped(network, kept, deltas, dW, db)


def per_example_gradients(network: MLP, kept: Pass, deltas: tuple[Array, ...]) -> MLP:
    """δ[l] a[l-1]' and δ[l] of each row of a minibatch, along a leading axis: they sum to `parameter_gradient`.

    Book: 5.4.
    """
    return _shaped(network, kept, deltas, lambda Δ, A: Δ[:, :, None] * A[:, None, :], lambda Δ: Δ)


def _shaped(network: MLP, kept: Pass, deltas: tuple[Array, ...], dW: Any, db: Any) -> MLP:
    layers = tuple(
        Dense(dW(δ, a), None if layer.b is None else db(δ))
        for layer, a, δ in zip(network.layers, kept.a, deltas, strict=True)
    )
    return eqx.tree_at(lambda network: network.layers, split(network)[0], layers)


def per_example_norms(kept: Pass, deltas: tuple[Array, ...]) -> Float[Array, " B"]:
    """‖∂C/∂θ‖ of each row without its gradient being formed: ‖δ [a', 1]‖ = ‖δ‖ ‖[a', 1]‖, without the 1 where a layer has no
    bias.

    Book: 5.4.  Source: Goodfellow (2015).
    """
    each = zip(kept.a, kept.one, deltas, strict=True)
    squares = [jnp.sum(δ**2, axis=-1) * (jnp.sum(a**2, axis=-1) + one) for a, one, δ in each]
    return jnp.sqrt(sum(squares[1:], squares[0]))


def layer_norms(found: MLP) -> Float[Array, " L"]:
    """‖∂C/∂(W[l], b[l])‖ for l = 1, …, L, of a gradient.

    Book: 5.4.
    """
    return jnp.stack([jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(layer))) for layer in found.layers])


def back_propagate(network: MLP, loss: Loss, x: Float[Array, "*B D"], y: Any) -> tuple[Float[Array, ""], MLP]:
    """`(C, ∂C/∂θ)` of an example, or of a minibatch with C = 1/B Σ C⁽ⁱ⁾; the loss takes the outputs z[L] and y of one example.

    Book: 5.4.  Source: Rumelhart, Hinton & Williams (1986).
    """
    kept = forward_pass(network, x)
    slope = jax.value_and_grad(loss)
    if x.ndim == 1:
        C, delta = slope(kept.z[-1], y)
    else:
        costs, deltas = jax.vmap(slope)(kept.z[-1], y)
        C, delta = jnp.mean(costs), deltas / len(x)
    return C, parameter_gradient(network, kept, adjoints(network, kept, delta))
