"""The equations of a fitted model and of a catalogued object, read from the programs that run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from gradiens import equations
from gradiens.core.catalogue import Entry
from gradiens.train.fitted import Fitted
from gradiens.train.network import link, make_loss

Titled = tuple[str, equations.Equations]


def equations_of(fitted: Fitted) -> list[Titled]:
    """The model, the cost of one example, its gradient, and the update: what ran, in the order in which it runs."""
    x, y = example_input(fitted)
    loss = make_loss(fitted.spec, fitted.task)
    return [
        ("model", equations.of_model(fitted.model, x, link(fitted.task))),
        ("cost of one example", equations.of_loss(fitted.model, loss, x, y)),
        ("gradient", equations.of_gradient(fitted.model, loss, x, y)),
        (f"update, {fitted.spec.optimizer}", equations.of_update(fitted.spec.make_optimizer())),
    ]


def example_input(fitted: Fitted) -> tuple[Any, Any]:
    """An input and a target of the shapes that the model takes."""
    preprocessing = fitted.preprocessing
    n, levels = preprocessing.n_features, preprocessing.levels
    key = jax.random.key(0)
    x = jax.random.normal(key, (n,))
    if levels:
        from gradiens.data.preprocessing import Row

        x = Row(x, np.ones(len(levels), np.int32))
    y = np.float32(0.5) if fitted.task == "number" else np.int32(1)
    return x, y


def equations_of_entry(entry: Entry) -> list[Titled]:
    """The equations of any catalogued object that has some; none for data sets, metrics and classical methods."""
    make = _BY_KIND.get(entry.kind)
    return make(entry) if make else []


def _module(entry: Entry) -> list[Titled]:
    if not hasattr(entry.what, "example"):
        return []
    model, x = entry.what.example(jax.random.key(0))
    return [(entry.name, equations.of_model(model, x))]


def _optimizer(entry: Entry) -> list[Titled]:
    return [(f"update, {entry.name}", equations.of_update(entry.what()))]


def _activation(entry: Entry) -> list[Titled]:
    return [(entry.name, equations.of_function(entry.what, jax.random.normal(jax.random.key(0), (3,))))]


def _loss(entry: Entry) -> list[Titled]:
    from gradiens.functions.losses import example

    return [(entry.name, equations.of_function(entry.what, *example(entry.what, jax.random.key(0))))]


_BY_KIND: dict[str, Callable[[Entry], list[Titled]]] = {
    "layer": _module,
    "model": _module,
    "optimizer": _optimizer,
    "activation": _activation,
    "loss": _loss,
}
