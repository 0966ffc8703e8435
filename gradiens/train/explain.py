"""The equations of a fitted model and of catalogued objects, read from the programs that run, and their checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from gradiens import equations
from gradiens.core.catalogue import Entry
from gradiens.core.module import parts
from gradiens.train.fitted import Fitted
from gradiens.train.network import input_shape, link, make_penalty, training_loss

Titled = tuple[str, equations.Equations]


def equations_of(fitted: Fitted) -> list[Titled]:
    """The model, the cost of one example, the penalty, the gradient, and the update: what ran, in the order in which it runs."""
    x, y = example_input(fitted)
    loss = training_loss(fitted.spec, fitted.task)
    penalty = make_penalty(fitted.spec)
    return [
        ("model", equations.of_model(fitted.model, x, link(fitted.task))),
        ("cost of one example", equations.of_loss(fitted.model, loss, x, y)),
        *([] if penalty is None else [_penalised("penalty, added to the cost", penalty, parts(fitted.model)[0])]),
        ("gradient", equations.of_gradient(fitted.model, loss, x, y)),
        _update(fitted.spec.optimizer, fitted.spec.make_optimizer()),
    ]


def example_input(fitted: Fitted) -> tuple[Any, Any]:
    """An input and a target of the shapes that the model takes."""
    preprocessing = fitted.preprocessing
    levels = preprocessing.levels
    shape = (preprocessing.n_features,) if levels else input_shape(preprocessing)
    x = jax.random.normal(jax.random.key(0), getattr(fitted.model, "input_shape", shape))
    if levels:
        from gradiens.data.preprocessing import Row

        x = Row(x, np.ones(len(levels), np.int32))
    y = np.float32(0.5) if fitted.task == "number" else np.int32(1)
    return x, y


def equations_of_entry(entry: Entry) -> list[Titled]:
    """The equations of any catalogued object that has some; `WITHOUT` says which kinds have none."""
    make = _BY_KIND.get(entry.kind)
    return make(entry) if make else []


def _module(entry: Entry) -> list[Titled]:
    if not hasattr(entry.what, "example"):
        return []
    model, x = entry.what.example(jax.random.key(0))
    return [(entry.name, equations.of_model(model, x))]


def _optimizer(entry: Entry) -> list[Titled]:
    return [_update(entry.name, entry.what())]


def _update(name: str, optimizer: Any) -> Titled:
    note = getattr(optimizer, "OF_VECTORS", "")
    return f"update, {name}" + (f", {note}" if note else ""), equations.of_update(optimizer)


def _minimiser(entry: Entry) -> list[Titled]:
    return [(f"rules, {entry.name}", equations.of_method(entry.what()))]


def _activation(entry: Entry) -> list[Titled]:
    return [(entry.name, equations.of_function(entry.what, jax.random.normal(jax.random.key(0), (3,))))]


def _loss(entry: Entry) -> list[Titled]:
    from gradiens.functions.losses import example

    return [(entry.name, equations.of_function(entry.what, *example(entry.what, jax.random.key(0))))]


def _penalty(entry: Entry) -> list[Titled]:
    return [_penalised(entry.name, entry.what(), (jax.numpy.ones((3, 4)), jax.numpy.ones((2, 3))))]


def _penalised(title: str, penalty: Any, theta: Any) -> Titled:
    letters = {
        "module.strength": "λ",
        "module.l1": "λ_{1}",
        "module.l2": "λ_{2}",
        "theta.0": "W_{1}",
        "theta.1": "W_{2}",
    }
    return title, equations.of(penalty, theta, output="Ω", names=letters)


def _schedule(entry: Entry) -> list[Titled]:
    letters = {"floor": "f", "share": "r", "first": "a", "last": "b", "delay": "τ", "power": "p"}
    made = equations.of(entry.what(), jax.numpy.int32(0), output="η", names=letters)
    return [(f"factor of step t, {entry.name} over 1000 steps", made)]


def _problem(entry: Entry) -> list[Titled]:
    problem = entry.what()
    made = equations.of(problem, problem.start(), output="C(θ)", names={"theta": "θ", "module.centre": "m"})
    return [(f"cost, {entry.name}", made)]


def _comparison(entry: Entry) -> list[Titled]:
    from gradiens.functions.comparison_losses import example

    letters = {"anchor": "a", "positive": "p", "negative": "n", "same": "s"}
    return [(entry.name, equations.of(entry.what, *example(entry.what, jax.random.key(0)), output="C", names=letters))]


_BY_KIND: dict[str, Callable[[Entry], list[Titled]]] = {
    "layer": _module,
    "model": _module,
    "optimizer": _optimizer,
    "penalty": _penalty,
    "schedule": _schedule,
    "activation": _activation,
    "loss": _loss,
    "comparison loss": _comparison,
    "problem": _problem,
    "minimiser": _minimiser,
}

WITHOUT = {
    "agent": "it draws actions as it learns; its update is in its file, and tests hold it",
    "augmentation": "a random change of pictures: its formula is in its file, and tests hold it",
    "box": "a rectangle and its overlap with others; tests hold its formulas",
    "bound": "an inequality for sums of random numbers, which tests hold",
    "calculus": "it acts on functions: its formulas are about any f, and tests hold them",
    "convolution": "a way to compute W ⋆ x in NumPy; tests compare it with what layers run",
    "choice of a network": "a table of names; the networks themselves have their equations",
    "data set": "rows of data, no program",
    "decision": "a rule that turns scores into actions, computed by NumPy",
    "detection": "lists of boxes and masks, of any length, computed by NumPy",
    "evaluation": "it judges fitted models by resampling them or their rows",
    "exploration": "a look at data before any model",
    "folds": "lists of row indices",
    "information": "a measure of distributions; tests hold its formula",
    "initialiser": "a random draw",
    "interpretation": "it asks a trained function through its derivatives; tests hold its formula",
    "line search": "a loop of trials: the conditions that end it are in its file, and tests hold them",
    "measure": "something counted or timed of a program: seconds, operations, linear pieces",
    "method": "a classical algorithm in NumPy, no JAX program",
    "metric": "a score of all test rows at once, computed by NumPy",
    "pretrained network": "weights trained elsewhere; the network itself has its equations",
    "preprocessing": "pictures brought to size and scale by NumPy",
    "rewriting": "it changes the form of a network and not its function, which tests hold",
    "sample estimate": "an estimate from samples, computed by NumPy; tests hold its formula",
    "signal": "sequences, images and filters in NumPy; tests hold their formulas",
    "test of a setting": "a run of an optimizer, whose equations are its own",
    "text": "a text, no program",
    "transformation": "a network made of another one, which has its equations",
}


@dataclass
class Summary:
    """The checks of many objects: how many have equations, how many agree with their programs, what does not."""

    total: int = 0
    checked: int = 0
    worst_error: float = 0.0
    unprinted: list[str] = field(default_factory=list)  # objects of which a part is printed by name only
    unequal: list[str] = field(default_factory=list)
    without_equations: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)  # of those without, by kind

    @property
    def ok(self) -> bool:
        """Does everything agree, and is everything printed?"""
        return self.checked == self.total and not self.unprinted


def check_all(entries: Iterable[Entry], told: Callable[[int, str], None] = lambda count, name: None) -> Summary:
    """Check the equations of every object in float64 and in float32. `told(count, name)` hears of each before it begins."""
    result = Summary()
    for count, entry in enumerate(entries):
        told(count, entry.name)
        found = equations_of_entry(entry)
        if not found:
            result.without_equations.append(entry.name)
            result.why[entry.kind] = WITHOUT.get(entry.kind, "")
            continue
        checks = [one.check(dtype=dtype) for _, one in found for dtype in ("float64", "float32")]
        result.total += 1
        result.checked += all(check.ok for check in checks)
        result.worst_error = max([result.worst_error, *(check.error for check in checks if check.dtype == "float64")])
        result.unprinted += [entry.name] * any(one.unprinted for _, one in found)
        result.unequal += [entry.name] * (not all(check.ok for check in checks))
    return result
