"""Arguments for any measure of information, drawn at random: for the tests that run over all of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.functions.information.fisher import bernoulli
from gradiens.functions.information.gaussian import Gaussian


def example(measure: Callable[..., Array], key: Array) -> tuple[Any, ...]:
    """The positional arguments without default of `measure`: laws on four outcomes, a 3 × 2 table, Gaussians in two
    dimensions, vectors."""
    keys = jax.random.split(key, 4)
    wanted = [p for p in inspect.signature(measure).parameters.values() if p.default is p.empty]
    return tuple(_draw(p.name, str(p.annotation), k) for p, k in zip(wanted, keys, strict=False))


def _draw(name: str, kind: str, key: Array) -> Any:
    if kind == "Gaussian":
        root = jax.random.normal(key, (2, 2)) + 3 * jnp.eye(2)
        return Gaussian(jax.random.normal(key, (2,)), root @ root.T)
    if name in ("F", "family"):
        return (lambda x: jnp.sum(x**2)) if name == "F" else bernoulli
    shapes = {"p": (4,), "q": (4,), "density": (4,), "joint": (3, 2), "triple": (3, 2, 2)}
    if name in shapes:
        return jax.nn.softmax(jax.random.normal(key, (math.prod(shapes[name]),))).reshape(shapes[name])
    if name == "first":
        return 1
    if name == "theta":
        return jax.random.uniform(key, minval=0.2, maxval=0.8)
    if name == "weights":
        return jnp.ones(4)
    return jax.random.normal(key, (2,) if name == "mean" else (4,))
