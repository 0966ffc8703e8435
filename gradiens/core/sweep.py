"""A sweep: the same algorithm over many settings or keys at once, under `vmap`.

A knob is declared as a number; a knob that holds a one-dimensional array is therefore swept, and so is a key that is a
one-dimensional batch of keys. All swept leaves share one length, the number of lanes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.check import Mistake
from gradiens.core.module import knobs, named_leaves, submodules


@dataclasses.dataclass(frozen=True)
class Sweep:
    """Which leaves carry lanes: axes for `vmap`, and the number of lanes (0: no sweep)."""

    lanes: int
    algorithm: Any
    key: int | None
    start: int | None

    def signature(self) -> Any:
        """What a program depends on of it."""
        axes, tree = jax.tree.flatten(self.algorithm, is_leaf=lambda axis: axis is None)
        return self.lanes, tuple(axes), tree, self.key, self.start

    def init(self, algorithm: Any, *start: Any) -> Any:
        """The state before the first step, with a leading axis in a sweep."""
        state = algorithm.init(*start) if not self.lanes else self._lanes(algorithm, *start)
        # A copy: the loop donates its state, and the caller keeps what it passed in.
        return jax.device_put(state, may_alias=False)

    def _lanes(self, algorithm: Any, *start: Any) -> Any:
        axes = (self.algorithm, *(self.start for _ in start))
        return jax.vmap(lambda a, *s: a.init(*s), in_axes=axes, axis_size=self.lanes)(algorithm, *start)

    def step(self, algorithm: Any, state: Any, x: Any, x_axes: Any) -> Any:
        """One step of every lane."""
        if not self.lanes:
            return algorithm.step(state, x)
        return jax.vmap(lambda a, s, i: a.step(s, i), in_axes=(self.algorithm, 0, x_axes))(algorithm, state, x)

    def lost(self, out: Any) -> bool:
        """Whether there is nothing left to run: a non-finite number; in a sweep, one in every lane."""
        bad = np.all(np.asarray(out.marks.bad) >= 0)
        return bool(bad) if self.lanes else bool(bad) or not bool(out.sound)

    def settled(self, marks: Any) -> bool:
        """Whether `until` has held in every lane that has not diverged."""
        return bool(np.all(np.asarray(marks.hit) | (np.asarray(marks.bad) >= 0)))

    def numbers(self, info: Any) -> dict[str, float]:
        """The scalars of `info` to show; in a sweep, the best (lowest) lane."""
        leaves = {name or "value": np.asarray(leaf) for name, leaf in named_leaves(info).items()}
        scalars = {name: leaf for name, leaf in leaves.items() if leaf.ndim == (1 if self.lanes else 0)}
        shown = {name: leaf for name, leaf in scalars.items() if np.issubdtype(leaf.dtype, np.number)}
        return {name: float(np.nanmin(leaf)) if np.isfinite(leaf).any() else np.nan for name, leaf in shown.items()}


def finite(tree: Any) -> bool:
    """Whether every inexact array of `tree` is finite."""
    return all(np.isfinite(np.asarray(leaf)).all() for leaf in jax.tree.leaves(tree) if eqx.is_inexact_array(leaf))


def find(algorithm: Any, key: Any, start_axis: int | None) -> Sweep:
    """The sweep that the swept knobs of `algorithm` and the batch of keys ask for."""
    swept = {
        id(value): (f"{type(module).__name__}.{name}", value.shape[0])
        for module in submodules(algorithm)
        for name, value in _knob_values(module)
        if eqx.is_array(value) and value.ndim == 1
    }
    keys = key is not None and jnp.ndim(key) == (1 if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else 2)
    sizes = dict(swept.values())
    if key is not None and keys:
        sizes["key"] = key.shape[0]
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name}: {size}" for name, size in sizes.items())
        raise Mistake(
            "swept knobs and keys of one length", listed, "make a grid first, then pass its flattened columns"
        )
    axes = jax.tree.map(lambda leaf: 0 if id(leaf) in swept else None, algorithm)
    lanes = next(iter(sizes.values()), 0)
    return Sweep(lanes, axes, 0 if keys else None, start_axis)


def _knob_values(module: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(module, name)) for name in knobs(type(module))]
