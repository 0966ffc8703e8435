"""The formulas in the docstrings of the methods for whole vectors are their rules, as those of the optimizers are."""

from __future__ import annotations

import inspect

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens import equations
from gradiens.core.catalogue import members
from gradiens.optim.cost import cost_of, half_squares
from gradiens.optim.directional import Directional
from tests.contracts.test_docstrings import SAMPLES, mutants, stated, texts

# Loops of lines are not told from formulas in a docstring: that of L-BFGS is written for readers, its rule is checked as printed.
LOOPS = {"lbfgs"}
# Solved by conjugate gradient and by a pseudo-inverse (a test below compares), and the move, which is the line's own (`along`).
BESIDE = {"natural_gradient": {"toward", "move"}, "gauss_newton": {"toward", "move"}}
METHODS = {name: entry.what for name, entry in members("minimiser").items() if name not in LOOPS}
each = pytest.mark.parametrize("name", METHODS)


@each
def test_the_docstring_is_the_rule(name):
    method = METHODS[name]
    program = equations.of_method(method())
    ways = texts(inspect.getmodule(method).__doc__)
    assert ways and ways != [""], f"{name} has no formula"
    for text in ways:
        check = stated(program, text).check(samples=SAMPLES)
        assert check.ok and check.samples == SAMPLES, f"{check}\n{text}\n\n{program}"


@each
def test_a_changed_docstring_is_found_out(name):
    method = METHODS[name]
    program = equations.of_method(method())
    changed = [mutant for text in texts(inspect.getmodule(method).__doc__) for mutant in mutants(text)]
    assert changed
    for text in changed:
        assert not stated(program, text).check(samples=5 * SAMPLES).ok, text


def test_every_rule_that_is_named_is_called_by_the_program():
    """A rule that nothing calls would be a formula beside the program."""
    for name, entry in members("minimiser").items():
        kinds = [kind for kind in entry.what.__mro__ if kind.__module__.startswith("gradiens")]
        source = "".join(inspect.getsource(inspect.getmodule(kind)) for kind in kinds)
        for rule in set(entry.what.RULES) - BESIDE.get(
            name, {"move"} if issubclass(entry.what, Directional) else set()
        ):
            assert f".{rule}(" in source, f"{name}.{rule}"


@pytest.mark.parametrize("name", BESIDE)
def test_what_is_solved_in_another_way_is_the_rule(x64, name):
    method, rng = METHODS[name](), np.random.default_rng(0)
    a, b, theta = jnp.asarray(rng.normal(size=(9, 4))), jnp.asarray(rng.normal(size=9)), jnp.asarray(rng.normal(size=4))
    cost = cost_of(lambda t: jnp.tanh(a @ t) - b, theta, loss=half_squares)
    point = cost.at(theta)
    numbers = (method.damping,) if name == "natural_gradient" else ()
    told = method.toward(cost.curvature(theta), point.g, *numbers)
    np.testing.assert_allclose(method.direction(cost, point, ()).p, told, rtol=1e-6)
