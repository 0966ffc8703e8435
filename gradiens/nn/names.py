"""Names of arrays in PyTorch's layout: each class of layers says how its fields are called there.

    W, b                                      weight, bias
    γ, β, μ, σ² of a normalisation            weight, bias, running_mean, running_var
    a field whose class names it otherwise    NAMES[field], the index of a tuple's entry in it as {i} from 0 or {j} from 1

So a network of layers states what is called otherwise, and nothing else; the map of all names follows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from gradiens.core.module import Module
from gradiens.nn.batched import Composite

ARRAYS = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias", "mean": "running_mean", "var": "running_var"}


class Named(Composite):
    """A network whose weights may come from PyTorch: `names()` maps the path of each array to its name there.

    A class that differs from its fields says so in `NAMES`.
    """

    def names(self) -> dict[str, str]:
        """Path of each array here → its name in PyTorch's layout of this network."""
        return torch_names(self)


def torch_names(model: Any) -> dict[str, str]:
    """Path of each array of `model`, or of each shape in the place of one, → its name in PyTorch's layout."""
    return dict(_named(model, "", ""))


def _named(value: Any, own: str, there: str) -> Iterator[tuple[str, str]]:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        yield own, there
    elif isinstance(value, Module):
        special = getattr(type(value), "NAMES", {})
        for field in (field.name for field in dataclasses.fields(value)):
            called = special.get(field, ARRAYS.get(field, field))
            yield from _inside(getattr(value, field), _joined(own, field), there, called)


def _inside(value: Any, own: str, there: str, called: str | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A field that is `called` so: a tuple's entries by a template, by a name each, or by their numbers."""
    if not isinstance(value, tuple | list):
        yield from _named(value, own, _joined(there, str(called)))
        return
    for i, item in enumerate(value):
        if isinstance(called, tuple):
            name = called[i]
        else:
            name = called.format(i=i, j=i + 1) if "{" in called else _joined(called, str(i))
        yield from _inside(item, f"{own}.{i}", there, name)


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)
