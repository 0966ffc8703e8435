"""Every system of the library, typed: made from the catalogue and from what the objects declare, not registered here.

A model or layer declares its spaces in the annotations of its `__call__`, a classical method in those of the fit's `predict`,
an agent in those of its `policy`. A system is tried on a small example; a method that asks for more than data is left
out.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.catalogue import Entry, members
from gradiens.core.check import Failure, Mistake
from gradiens.core.module import Module, count, knobs, split
from gradiens.nn.chain import Activate
from gradiens.nn.summary import layer_table
from gradiens.rl.gradient_bandit import GradientBandit

PARADIGMS = ("supervised", "self-supervised", "unsupervised", "reinforcement", "building block")
ROWS, INPUTS = 61, 3
GIVEN = {"classes": 2, "k": 2, "penalty": 0.1}  # what a method is told when it must be told something


@dataclasses.dataclass(frozen=True)
class System:
    """One typed system. `spaces` are the declared axes of input and output, `shapes` those of an actual call."""

    name: str
    paradigm: str
    task: str
    spaces: tuple[str, str]
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    loss: str
    parameters: int  # trained numbers of the example
    options: int  # hyper-parameters that can be set
    layers: int  # with trained numbers, one after the other
    sections: tuple[str, ...]
    model: Any  # a module, or None for a classical method
    input: Any

    @property
    def agrees(self) -> bool:
        """Whether the shapes of the actual call are the declared ones, equal letters standing for equal sizes."""
        bound: dict[str, int] = {}
        return all(_fits(declared, shape, bound) for declared, shape in zip(self.spaces, self.shapes))


def _fits(declared: str, shape: tuple[int, ...], bound: dict[str, int]) -> bool:
    axes = declared.split()
    many = [axis for axis in axes if axis.startswith("*")]
    if many:  # any number of axes
        at, rest = axes.index(many[0]), len(axes) - 1
        if len(shape) < rest:
            return False
        axes = [*axes[:at], *[f"{many[0]}{i}" for i in range(len(shape) - rest)], *axes[at + 1 :]]
    return len(axes) == len(shape) and all(bound.setdefault(axis, n) == n for axis, n in zip(axes, shape))


@functools.cache
def systems() -> tuple[System, ...]:
    """All of them, in double precision, by paradigm and name."""
    with jax.enable_x64(True):
        found = [*_modules(), *_activations(), *_methods(), *_agents()]
    return tuple(sorted(found, key=lambda s: (PARADIGMS.index(s.paradigm), s.name)))


def _space(annotation: Any) -> str | None:
    """The axes in `Float[Array, "N D"]`, None where it is something else."""
    match = re.match(r"^(?:Float|Int|Bool|UInt8)\[[\w.| ]+, ['\"]([^'\"]*)['\"]\]$", str(annotation))
    return match[1].strip() if match else None


def _declared(f: Callable[..., Any]) -> tuple[str, str] | None:
    """The spaces of a function's first argument and of its result."""
    signature = inspect.signature(f)
    first = next((p for p in signature.parameters.values() if p.name != "self"), None)
    spaces = _space(first.annotation if first else ""), _space(signature.return_annotation)
    return None if spaces[0] is None or spaces[1] is None else (spaces[0], spaces[1])


def _modules() -> Iterator[System]:
    for kind in ("model", "layer"):
        for entry in members(kind).values():
            if hasattr(entry.what, "example"):
                model, x = _filled(eqx.filter_eval_shape(entry.what.example, jax.random.key(0)))
                spaces = _declared(type(model).__call__)
                if spaces:
                    yield _module(entry, kind, model, x, spaces)


def _filled(shapes: Any) -> tuple[Any, Any]:
    """Numbers for the shapes of an example, a model and its input: drawing them as the example does would compile a program for
    each. The model's are positive, as variances must be; of the input every second one is not, as relus with slopes need it.
    """
    rng = np.random.default_rng(0)

    def drawn(leaf: Any, low: float) -> Any:
        if not isinstance(leaf, jax.ShapeDtypeStruct):
            return leaf
        size = np.abs(rng.normal(size=leaf.shape)) if leaf.dtype.kind == "f" else np.ones(leaf.shape)
        sign = np.resize([1.0, low], leaf.shape) if leaf.dtype.kind == "f" else 1
        return jnp.asarray(size * sign, leaf.dtype)

    model, x = shapes
    return jax.tree.map(lambda leaf: drawn(leaf, 1.0), model), jax.tree.map(lambda leaf: drawn(leaf, -1.0), x)


def _module(entry: Entry, kind: str, model: Any, x: Any, spaces: tuple[str, str]) -> System:
    rebuilds = kind == "model" and spaces[0] == spaces[1]
    paradigm = "building block" if kind == "layer" else "self-supervised" if rebuilds else "supervised"
    task = {"building block": "a layer", "self-supervised": "representation"}.get(
        paradigm, "regression, classification"
    )
    loss = "" if kind == "layer" else "squared" if rebuilds else f"any of {len(members('loss'))} losses"
    deep = sum(row["trainable"] > 0 for row in layer_table(model))
    shapes = jnp.shape(x), jax.eval_shape(model, x).shape
    options = len(knobs(type(model))) + max(len(inspect.signature(getattr(model, "make", lambda: 0)).parameters) - 1, 0)
    return System(entry.name, paradigm, task, spaces, shapes, loss, count(model), options, deep, entry.book, model, x)


def _activations() -> Iterator[System]:
    for entry in members("activation").values():
        spaces, model, x = _declared(entry.what), Activate(entry.what), jnp.array([0.3, -1.0, 2.0])
        if spaces:
            options = len(inspect.signature(entry.what).parameters) - 1
            shapes = x.shape, jax.eval_shape(model, x).shape
            book = entry.book
            yield System(
                entry.name, "building block", "an activation", spaces, shapes, "", 0, options, 0, book, model, x
            )


def _methods() -> Iterator[System]:
    for entry in members("method").values():
        signature = inspect.signature(entry.what) if entry.name.startswith("fit_") else None
        wanted = [p for p in signature.parameters.values() if p.default is p.empty] if signature else []
        if not wanted or wanted[0].name != "x" or any(p.name not in ("x", "y", *GIVEN) for p in wanted):
            continue
        system = _method(entry, [p.name for p in wanted], str(signature and signature.parameters.get("y")))
        if system:
            yield system


def _method(entry: Entry, wanted: list[str], y: str) -> System | None:
    """The method on the first kind of targets that it takes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, INPUTS))
    score = x @ np.array([1.0, -0.5, 0.2]) + rng.normal(size=ROWS)
    codes = np.digitize(score, [-0.6, 0.6])
    numbers = not (y.startswith('y: "Int') or "Int[" in y or "classes" in wanted)
    labels = {"regression": score, "two-class": np.where(x[:, 0] > 0, 1.0, -1.0)} if numbers else {
        "classification": codes, "two-class": (score > 0).astype(np.int64)}  # fmt: skip
    for task, target in labels.items() if "y" in wanted else [("", None)]:
        classes = {"classes": 3 if task == "classification" else 2} if "classes" in wanted else {}
        rest = {name: GIVEN[name] for name in wanted if name in GIVEN} | classes
        try:
            fit = entry.what(x, *([] if target is None else [target]), **rest)
            predicted = np.asarray(fit.predict(x))
        except (Mistake, Failure, AttributeError, TypeError):
            continue
        return _fitted(entry, fit, predicted, task, x)
    return None


def _fitted(entry: Entry, fit: Any, predicted: np.ndarray, task: str, x: np.ndarray) -> System | None:
    spaces = _declared(type(fit).predict)
    if not spaces:
        return None
    if not task:
        task = "clustering" if predicted.dtype.kind in "iu" else "density" if predicted.ndim == 1 else "representation"
    numbers = [np.asarray(v) for v in vars(fit).values() if isinstance(v, float | np.ndarray)]
    numbers = [v for v in numbers if v.dtype.kind == "f" and ROWS not in v.shape]  # not one for each row
    paradigm = "supervised" if task in ("regression", "classification", "two-class") else "unsupervised"
    options = len(inspect.signature(entry.what).parameters) - (2 if paradigm == "supervised" else 1)
    size = sum(v.size for v in numbers)
    shapes = x.shape, predicted.shape
    return System(entry.name, paradigm, task, spaces, shapes, _objective(entry), size, options, 1, entry.book, None, x)


def _objective(entry: Entry) -> str:
    """What the method's file says that it minimises or maximises; where it has no such formula, what it says it is."""
    text = inspect.getdoc(inspect.getmodule(entry.what)) or ""
    found = re.search(r"^ {4}.*?\b((?:arg)?(?:min|max) (?!\()[^\n]*)", text, re.MULTILINE)
    return (
        re.split(r" {2,}|, +(?=[A-Zp] )", found[1])[0].rstrip(",") if found else text.partition("\n\n")[0].rstrip(".")
    )


def _agents() -> Iterator[System]:
    agent = GradientBandit(jnp.array([1.0, 2.0, 3.0]))
    spaces, h = _declared(GradientBandit.policy), jnp.zeros(3)
    entry = members("agent")["gradient_bandit"]
    if spaces:
        shapes, options = (h.shape, agent.policy(h).shape), len(knobs(GradientBandit))
        loss, book = "minus the expected reward", entry.book
        yield System(entry.name, "reinforcement", "control", spaces, shapes, loss, h.size, options, 1, book, None, h)


def after_fit(model: Module, x: Any, steps: int = 3) -> Any:
    """The module after a few steps of gradient descent on the squares of its outputs."""
    from gradiens.core.iterate import iterate
    from gradiens.core.module import join
    from gradiens.optim.descent import Descent
    from gradiens.optim.sgd import SGD

    theta, rest = split(model)
    if not jax.tree.leaves(theta):  # nothing to descend in: what is left is the module
        return join(theta, rest)
    loss = lambda theta, t: jnp.sum((join(theta, rest)(x) - 1) ** 2)  # noqa: E731
    return join(iterate(Descent(loss, SGD(0.01)), theta, steps=steps, quiet=True).state.theta, rest)
