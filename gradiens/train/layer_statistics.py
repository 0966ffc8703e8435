"""What goes on inside of a network while it trains, layer by layer, on one batch.

    mean, rms     the mean of the layer's outputs, and the root of the mean of their squares
    dead          the share of units that are 0 for every example where the next layer takes them
    saturated     the share of outputs at which the activation behind the layer has a slope below 0.01
    gradient      ‖g‖ of the cost of the batch in the layer's parameters
    update        ‖Δ‖ / ‖θ‖ of the layer's parameters, for the update of a step

Signals that fade or grow from layer to layer show in `rms`, gradients that vanish or explode in `gradient`; an `update`
of about 10⁻³ is usual. A unit is a number or a map.

Book: 5.3, 5.4, 5.5.  Source: Glorot & Bengio (2010), sections 3 and 4.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradiens.core.module import join, named_leaves, split
from gradiens.nn.batched import Composite, on_batch
from gradiens.nn.chain import Activate
from gradiens.nn.mlp import MLP
from gradiens.optim.clipping import norm
from gradiens.train.training import Loss, batch_cost

FLAT = 0.01  # the slope below which an activation is saturated


class LayerStatistics(NamedTuple):
    """One number a layer each, in the order in which the layers are run; NaN where there is none."""

    mean: Float[Array, " L"]
    rms: Float[Array, " L"]
    dead: Float[Array, " L"]
    saturated: Float[Array, " L"]
    gradient: Float[Array, " L"]
    update: Float[Array, " L"]


class _Seen(NamedTuple):
    """A layer that was run: its path, whether its inputs are 0 for all examples, and what its outputs are like."""

    path: str
    empty: Array
    mean: Array
    rms: Array
    zero: Array  # whether each unit of its output is 0 for all examples
    saturated: Array


def layer_statistics(model: Any, loss: Loss, X: Any, y: Array, update: Any = None) -> LayerStatistics:
    """The statistics of `model`, as it trains on the batch (X, y) without noise; a function to compile.

    `loss(output, y)` is that of one example; `update` is shaped like the trained parameters, `core.module.split(model)[0]`.
    Layers are told apart in networks built on `Composite`; of another model each module with parameters
    has its gradient and its update alone.

    Book: 5.3, 5.4, 5.5.  Source: Glorot & Bengio (2010).
    """
    theta, rest = split(model)
    g = jax.grad(lambda theta: batch_cost(loss, join(theta, rest), X, y)[0])(theta)
    seen, paths = _run(model, X), layer_names(model, X)
    missing = jnp.full(len(paths), jnp.nan)
    mean, rms, dead, saturated = _of_outputs(seen) if seen else [missing] * 4
    gradient = _by_layer(g, paths)
    ratio = missing if update is None else _by_layer(update, paths) / _by_layer(theta, paths)
    return LayerStatistics(mean, rms, dead, saturated, gradient, ratio)


def _of_outputs(seen: list[_Seen]) -> Float[Array, "4 L"]:
    """Means, root mean squares, dead and saturated shares; dead is what the next layer takes as 0."""
    taken = [_mean(after.empty) for after in seen[1:]] + [_mean(seen[-1].zero)]
    rows = [[s.mean, s.rms, dead, s.saturated] for s, dead in zip(seen, taken, strict=True)]
    return jnp.stack([jnp.stack(row) for row in rows], axis=1)


def layer_names(model: Any, X: Any) -> list[str]:
    """The paths of the layers of which `layer_statistics` tells, in its order, from the shapes of X alone."""
    found: list[str] = []
    eqx.filter_eval_shape(lambda model, X: found.extend(s.path for s in _run(model, X)), model, X)
    return found or [name for name, layer in _named("", model) if _holds_parameters(layer)]


def _run(model: Any, X: Any) -> list[_Seen]:
    """The layers with parameters in the order of their calls on a batch; nothing for a model that shows none of them."""
    run = _Watch(model)
    if isinstance(model, Composite):
        model.forward(X, run)
    return run.seen


class _Watch:
    """Runs layers on a batch and keeps what is told of each; an activation is told with the layer before it."""

    def __init__(self, model: Any):
        modules = list(_named("", model))
        self.paths = {id(module): name for name, module in modules}
        perceptrons = [module for _, module in modules if isinstance(module, MLP)]
        self.behind = {id(layer): one.activation for one in perceptrons for layer in one.layers[:-1]}
        self.seen: list[_Seen] = []

    def __call__(self, layer: Any, X: Any) -> Any:
        if isinstance(layer, Composite):
            return layer.forward(X, self)
        Y, _ = on_batch(layer, X)
        if isinstance(layer, Activate) and self.seen:
            self.seen[-1] = self.seen[-1]._replace(saturated=_saturated(layer.activation, X))
        if _holds_parameters(layer):
            S, path = self.behind.get(id(layer)), self.paths.get(id(layer), type(layer).__name__)
            flat = jnp.full((), jnp.nan) if S is None else _saturated(S, Y)
            self.seen.append(_Seen(path, _zero(X), _mean(Y), jnp.sqrt(_mean(Y**2)), _zero(Y), flat))
        return Y


def _zero(Y: Float[Array, "B n *window"]) -> Bool[Array, " n"]:
    """Is each unit 0 for every example?"""
    over = (0, *range(2, Y.ndim))
    return jnp.all(Y == 0, axis=over)


def _saturated(S: Callable[[Array], Array], Z: Array) -> Array:
    """The share of entries of Z at which |S'| < FLAT."""
    slope = jax.jvp(S, (Z,), (jnp.ones_like(Z),))[1]
    return _mean(jnp.abs(slope) < FLAT)


def _mean(a: Array) -> Float[Array, ""]:
    """Of numbers or of truths, in the default precision."""
    return jnp.mean(a, dtype=jax.dtypes.canonicalize_dtype(float))


def _by_layer(tree: Any, paths: list[str]) -> Float[Array, " L"]:
    """The norm of the part of a parameter tree that belongs to each path."""
    leaves = named_leaves(tree)
    below = ([a for name, a in leaves.items() if not at or name.startswith(f"{at}.")] for at in paths)
    return jnp.stack([norm(arrays) for arrays in below])


def _named(name: str, value: Any) -> Iterator[tuple[str, eqx.Module]]:
    """Every module in `value` with its path, itself first."""
    if isinstance(value, eqx.Module):
        yield name, value
        for field in dataclasses.fields(value):  # pyright: ignore[reportArgumentType]
            yield from _named(f"{name}.{field.name}".lstrip("."), getattr(value, field.name, None))
    elif isinstance(value, list | tuple | dict):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _named(f"{name}.{key}".lstrip("."), item)


def _holds_parameters(layer: Any) -> bool:
    """Does it have trained arrays of its own?"""
    theta, _ = split(layer)
    return isinstance(layer, eqx.Module) and any(
        eqx.is_array(getattr(theta, field.name, None))
        for field in dataclasses.fields(layer)  # pyright: ignore
    )
