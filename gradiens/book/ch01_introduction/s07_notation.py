"""Notation and Mathematical Background.

Every symbol has a name in the code and a shape, and both are promises that a program can keep: a network of two layers is
run, and each symbol is compared with its row in the table. The cost is the mean over the examples, and so is its
gradient. Which of the named kinds a matrix is of is decided by looking at every entry.
"""

from __future__ import annotations

import importlib
import inspect
from textwrap import indent
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.book.ch01_introduction.symbols import SYMBOLS, Running
from gradiens.calculus.matrix_properties import MatrixProperties, matrix_properties
from gradiens.calculus.tape_text import columns
from gradiens.core.module import Module, count, knob, split
from gradiens.nn.mlp import MLP
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
FULL = np.array([[1.0, 2.0], [3.0, 4.0]])
ROTATION = np.array([[0.6, -0.8], [0.8, 0.6]])
MATRICES = {
    "diag(1, 2, 3)": np.diag([1.0, 2.0, 3.0]),
    "identity": np.eye(3),
    "[[1, 2], [3, 4]]": FULL,
    "upper triangular": np.array([[1.0, 2.0, 3.0], [0.0, 4.0, 5.0], [0.0, 0.0, 6.0]]),
    "lower triangular": np.array([[1.0, 0.0, 0.0], [2.0, 3.0, 0.0], [4.0, 5.0, 6.0]]),
    "A Aᵀ + I": FULL @ FULL.T + np.eye(2),
    "A + Aᵀ": FULL + FULL.T,
    "a rotation": ROTATION,
    "a permutation": np.eye(3)[[2, 0, 1]],
}


class Config(Module):
    """The sizes of the network."""

    examples: int = knob(6, 1, 1000, says="N, the examples")
    inputs: int = knob(5, 1, 100, says="D, inputs of an example")
    hidden: int = knob(4, 1, 100, says="H, units of layer 1")
    classes: int = knob(3, 2, 20, says="K, classes")
    times: int = knob(7, 1, 100, says="T, length of the series")


class Record(NamedTuple):
    """Shapes as written and as found (-1: no such axis), the checker's answers, the two means."""

    documented: Int[Numbers, "S 2"]
    found: Int[Numbers, "S 2"]
    named: Bool[Numbers, " S"]  # whether the code has the name
    kinds: Bool[Numbers, "M 7"]  # of MATRICES
    violated: Bool[Numbers, "V 3"]  # symmetric, upper, lower after one entry of a diagonal matrix is changed
    places: Int[Numbers, "V 2"]  # that entry
    cost: Float[Numbers, "2"]  # C(θ), mean of the Cᵢ(θ)
    gradient: Float[Numbers, "2 d"]  # ∇C(θ), mean of the ∇Cᵢ(θ)


def run(config: Config, key: Array) -> Record:
    """Run the network, ask for every symbol; check matrices."""
    keys = jax.random.split(key, 4)
    N, D, H, K, T = config.examples, config.inputs, config.hidden, config.classes, config.times
    running = Running(
        MLP.make((D, H, K), keys[0], "tanh"),
        jax.random.normal(keys[1], (N, D)),
        jax.random.randint(keys[2], (N,), 0, K),
        jax.random.normal(keys[3], (T, D)),
    )
    theta = split(running.model)[0]
    sizes = {"N": N, "D": D, "H": H, "K": K, "T": T, "d": count(running.model)}
    results = jax.eval_shape(lambda: [symbol.value(running) for symbol in SYMBOLS])
    one_by_one = jax.vmap(jax.value_and_grad(running.cost), (None, 0, 0))
    each, slopes = jax.jit(one_by_one)(theta, running.X, running.Y)
    whole, slope = jax.jit(jax.value_and_grad(running.mean_cost))(theta)
    places, violated = _violations(4)
    return Record(
        documented=np.array([_shape([sizes[letter] for letter in symbol.shape.split()]) for symbol in SYMBOLS]),
        found=np.array([_shape(list(result.shape)) for result in results]),
        named=np.array([_exists(symbol.code) for symbol in SYMBOLS]),
        kinds=np.array([matrix_properties(A) for A in MATRICES.values()]),
        violated=violated,
        places=places,
        cost=np.array([whole, np.mean(each)]),
        gradient=np.stack([_vector(slope), _vector(jax.tree.map(lambda part: np.mean(part, axis=0), slopes))]),
    )


def _vector(tree: Any) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


def _shape(axes: list[int]) -> list[int]:
    return axes + [-1] * (2 - len(axes))


def _violations(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A diagonal matrix with a 1e-6 put at each place off the diagonal in turn."""
    places = np.argwhere(~np.eye(n, dtype=bool))
    found = []
    for i, j in places:
        A = np.diag(np.arange(1.0, n + 1))
        A[i, j] = 1e-6
        kinds = matrix_properties(A)
        found.append((kinds.symmetric, kinds.upper, kinds.lower))
    return places, np.array(found)


def _exists(code: str) -> bool:
    """Whether a dotted name is there: in gradiens, or in JAX. The last part may be a field or a parameter."""
    root, *path = code.split(".") if code.startswith("jax.") else ("gradiens", *code.split("."))
    what: Any = importlib.import_module(root)
    for depth, name in enumerate(path, 1):
        if not hasattr(what, name):
            try:
                importlib.import_module(".".join((root, *path[:depth])))
            except ImportError:
                fields = {**getattr(what, "__annotations__", {}), **_parameters(what)}
                return depth == len(path) and name in fields
        what = getattr(what, name)
    return True


def _parameters(what: Any) -> dict[str, Any]:
    return dict(inspect.signature(what).parameters) if callable(what) else {}


def values(config: Config, record: Record) -> dict[str, float]:
    """How many symbols there are, and the cost."""
    return {
        "symbols": float(len(SYMBOLS)),
        "with the shape that is written": float(np.sum(np.all(record.found == record.documented, axis=1))),
        "with a name in the code": float(np.sum(record.named)),
        "parameters": float(record.gradient.shape[1]),
        "C(θ)": float(record.cost[0]),
    }


def text(config: Config, record: Record) -> str:
    """The table of symbols."""
    rows = [["on paper", "in code", "shape", "here", "meaning"]]
    for symbol, axes in zip(SYMBOLS, record.found):
        here = " × ".join(str(n) for n in axes if n >= 0) or "a number"
        rows.append([symbol.paper, symbol.code, symbol.shape.replace(" ", " × "), here, symbol.means])
    head = "Symbols of the book. Code is below gradiens where it does not begin with jax."
    return (
        f"{head}\n\n{indent(columns(rows), '    ')}\n\nThe sizes N, D, H, K and T are knobs; d counts the parameters."
    )


def show(config: Config, record: Record) -> Figure:
    """The kinds of the example matrices."""
    kinds, names = np.asarray(record.kinds), [name.replace("_", " ") for name in MatrixProperties._fields]
    marks = [["✓" if holds else "" for holds in row] for row in kinds]
    table = Series("heat", names, list(MATRICES), kinds.astype(float), "holds", text=marks)
    held = "; ".join(
        f"{name}: {', '.join(k for k, holds in zip(names, row) if holds)}" for name, row in zip(MATRICES, kinds)
    )
    return Figure("Kinds of matrices", [table], summary=held + ".")


def claim_shapes_hold(config: Config, record: Record) -> bool:
    """Claim 1: the documented shape of every symbol holds at run time, and its name is in the code."""
    return bool(np.all(record.documented == record.found) and np.all(record.named))


def claim_the_checker_looks_at_every_entry(config: Config, record: Record) -> bool:
    """Claim 2: a diagonal matrix is symmetric, upper and lower, [[1, 2], [3, 4]] none of the three; a violation in any single
    off-diagonal entry, the first column included, is detected."""
    which = [MatrixProperties._fields.index(name) for name in ("symmetric", "upper", "lower")]
    answers = dict(zip(MATRICES, np.asarray(record.kinds)[:, which]))
    two = answers["diag(1, 2, 3)"].all() and not answers["[[1, 2], [3, 4]]"].any()
    symmetric, upper, lower = np.asarray(record.violated).T
    above = record.places[:, 0] < record.places[:, 1]
    first = np.any(record.places[:, 1] == 0)
    return bool(two and first and not symmetric.any() and np.all(upper == above) and np.all(lower == ~above))


def claim_cost_and_gradient_are_means(config: Config, record: Record) -> bool:
    """Claim 3: C(θ) equals the mean of the Cᵢ(θ), and its gradient the mean of the gradients (relative 1e-9)."""
    return np.allclose(*record.cost, rtol=1e-9) and np.allclose(*record.gradient, rtol=1e-9, atol=1e-15)
