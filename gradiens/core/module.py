"""Modules and knobs: a model or an algorithm is a frozen dataclass, and a hyper-parameter is declared once.

A `Module` is an Equinox module: a dataclass whose array and float fields are the leaves of a pytree. A *knob* is a field
declared with its default, its range and one line of explanation; from that one declaration come

* the leaf (a float knob is a traced value: turning it recompiles nothing; an int, bool or str knob is static),
* the command-line flag and the lab's slider,
* the check of the value when the module is made.

A *buffer* is an array field that is part of the model and is not trained (a running mean).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any, Literal

import equinox as eqx
import jax

from gradiens.core.check import Mistake

Scale = Literal["linear", "log"]


@dataclasses.dataclass(frozen=True)
class Knob:
    """The declaration of one hyper-parameter: default, closed range [low, high], slider scale, meaning, choices."""

    default: Any
    low: float | None = None
    high: float | None = None
    scale: Scale = "linear"
    says: str = ""
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: Any) -> None:
        """Raise a `Mistake` if a concrete `value` lies outside the declaration; tracers and arrays pass."""
        if self.choices:
            from gradiens.core.check import known

            known(name, value, self.choices)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        low, high = self.low, self.high
        below, above = low is not None and value < low, high is not None and value > high
        if below or above or math.isnan(value):
            raise Mistake(f"{name} {self.span()}", f"{value:g}", f"the default is {self.default:g}")
        if isinstance(self.default, int) and not isinstance(value, int):
            raise Mistake(f"{name} to be a whole number", f"{value:g}", f"the default is {self.default}")

    def span(self) -> str:
        """The range in words."""
        if self.low is not None and self.high is not None:
            return f"between {self.low:g} and {self.high:g}"
        if self.low is not None:
            return f"of at least {self.low:g}"
        return f"of at most {self.high:g}" if self.high is not None else "to be a number"


def knob(
    default: Any,
    low: float | None = None,
    high: float | None = None,
    scale: Scale = "linear",
    says: str = "",
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a hyper-parameter as a dataclass field (see the module's docstring)."""
    declared = Knob(default, low, high, scale, says, choices)
    return eqx.field(default=default, static=not isinstance(default, float), metadata={"knob": declared})


def buffer() -> Any:
    """Declare an array field that is saved with the model and not trained."""
    return eqx.field(metadata={"buffer": True})


class Module(eqx.Module):
    """Base of every model, layer, algorithm and config: a frozen dataclass and a pytree. Knobs are checked when it is made."""

    def __check_init__(self) -> None:
        for name, declared in knobs(type(self)).items():
            declared.check(name, getattr(self, name))


def knobs(kind: type | Module) -> dict[str, Knob]:
    """The knobs that a module class declares, by field name, in order."""
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return {field.name: field.metadata["knob"] for field in fields if "knob" in field.metadata}


def submodules(value: Any) -> Iterator[Any]:
    """Every module in `value`, itself first, through fields, tuples, lists and dicts."""
    if isinstance(value, eqx.Module):
        yield value
        for field in dataclasses.fields(value):  # pyright: ignore[reportArgumentType]
            yield from submodules(getattr(value, field.name, None))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from submodules(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from submodules(item)


def buffers(model: Any) -> list[Any]:
    """Every buffer array in `model`."""
    return [
        getattr(module, field.name)
        for module in submodules(model)
        for field in dataclasses.fields(module)
        if field.metadata.get("buffer")
    ]


def _knob_values(model: Any) -> Iterator[Any]:
    """What stands in the knobs of the layers: arrays, once the model has been made by a compiled program."""
    for module in submodules(model):
        yield from (getattr(module, name) for name in knobs(type(module)))


def split(model: Any) -> tuple[Any, Any]:
    """`(theta, rest)`: the trainable arrays (inexact, no buffers, no knobs), and everything else, each shaped like `model`."""
    kept = {id(leaf) for leaf in (*buffers(model), *_knob_values(model))}
    trained = jax.tree.map(lambda leaf: eqx.is_inexact_array(leaf) and id(leaf) not in kept, model)
    return eqx.partition(model, trained)


def parts(model: Any) -> tuple[Any, Any, Any]:
    """`(theta, buffers, rest)`: what training moves by the gradient, what it moves otherwise, and what it does not move."""
    theta, rest = split(model)
    kept = {id(leaf) for leaf in buffers(model)}
    return theta, *eqx.partition(rest, jax.tree.map(lambda leaf: id(leaf) in kept, rest))


def join(*parted: Any) -> Any:
    """The model whose `split`, or whose `parts`, these are."""
    return eqx.combine(*parted)


def count(model: Any) -> int:
    """The number of trainable numbers in `model`."""
    return sum(leaf.size for leaf in jax.tree.leaves(split(model)[0]))


def key_path(path: tuple[Any, ...]) -> str:
    """A pytree path as a dotted name: `layers.0.W`."""
    return jax.tree_util.keystr(path, simple=True, separator=".")


def named_leaves(tree: Any) -> dict[str, Any]:
    """The array leaves of `tree` by dotted path, in order."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {key_path(path): leaf for path, leaf in leaves if eqx.is_array(leaf)}
