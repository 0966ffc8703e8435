"""The layer table of a model: for each layer its shape, its parameters and its work.

Book: 5.1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import equinox as eqx

from gradiens.core.module import Module, count, named_leaves


def layer_table(model: Any) -> list[dict[str, Any]]:
    """One row a layer, in the order of the model's fields.

    `name` is the path to the layer, `shape` maps its arrays to their shapes (an array in a dict is a row of its own, by its
    name, with its shape), `parameters` counts all its numbers
    (running averages too), `trainable` those that are trained, and `flops` the arithmetic operations for one example
    without the activation, as the layer itself tells them (None: it does not).
    """
    return [_row(name, layer) for name, layer in _layers("", model)]


def _layers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The modules in `value` that hold arrays of their own, with their paths, and the arrays that stand in a dict."""
    if isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _layers(f"{name}.{i}".lstrip("."), item)
    elif isinstance(value, dict):  # arrays by name: each is told by itself
        yield from ((key, item) for key, item in value.items() if eqx.is_array(item))
    elif isinstance(value, Module):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        if any(eqx.is_array(field) for field in fields.values()):
            yield name or type(value).__name__, value
            return
        for field, inner in fields.items():
            yield from _layers(f"{name}.{field}".lstrip("."), inner)


def _row(name: str, layer: Any) -> dict[str, Any]:
    arrays = named_leaves(layer)
    alone = eqx.is_array(layer)
    return {
        "name": name,
        "layer": "" if alone else type(layer).__name__,
        "shape": tuple(layer.shape) if alone else {field: tuple(array.shape) for field, array in arrays.items()},
        "parameters": sum(array.size for array in arrays.values()),
        "trainable": count(layer),
        "flops": getattr(layer, "flops", None),
    }
