"""What every method for whole vectors and every line search of the catalogue must do."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.module import knobs
from gradiens.optim.cost import Cost, cost_of
from gradiens.optim.line_search.line import Line
from gradiens.optim.minimiser import FINE, INDEFINITE, SINGULAR, STUCK, UPHILL, Minimise, Minimiser
from gradiens.optim.problems.quadratic import Quadratic
from gradiens.optim.problems.rosenbrock import Rosenbrock
from tests.optim.methods import run

METHODS = {name: entry.what for name, entry in members("minimiser").items()}
SEARCHES = {name: entry.what for name, entry in members("line search").items()}
each = pytest.mark.parametrize("name", METHODS)
REAL = [name for name in SEARCHES if name != "fixed"]
each_search = pytest.mark.parametrize("name", SEARCHES)


class Case(NamedTuple):
    """A method on its class of problems: the cost, starts, the minimiser."""

    method: Minimiser
    cost: Cost
    starts: Any
    least: Any


def quartic(theta):
    """The curve of the book's section 4.5, with minima at both ends."""
    (t,) = theta
    return t**4 - 4 * t**3 - 2 * t**2 + 10 * t + 15


MINIMUM = float(np.roots([4, -12, -4, 10]).max())
QUADRATIC = Quadratic(kappa=20.0, d=3, centre=0.5)
PENALTY = {"accelerated": {"lr": 0.05}, "ista": {"lr": 0.05, "l1": 0.0}, "fista": {"lr": 0.05, "l1": 0.0}}
ON_QUADRATICS = [
    "accelerated",
    "ista",
    "fista",
    "linear_cg",
    "barzilai_borwein",
    "coordinate_descent",
    "steepest_descent",
]
FALLS = set(METHODS) - {"accelerated", "fista", "barzilai_borwein", "secant", "newton"}


def case(name, dtype=np.float64) -> Case:
    method = METHODS[name](**PENALTY.get(name, {}))
    if name == "secant":
        cost, starts, least = cost_of(quartic, jnp.ones(1, dtype)), [[2.5], [3.5], [4.0]], [MINIMUM]
    elif name in ON_QUADRATICS:
        cost, least = QUADRATIC.cost(), QUADRATIC.minimisers()[0]
        starts = [QUADRATIC.usual(), [1.0, -2.0, 0.3], [-0.4, 0.1, 2.0]]
    else:
        cost, starts, least = Rosenbrock().cost(), [[-1.2, 1.0], [0.4, -0.2], [0.2, -0.2]], [1.0, 1.0]
    return Case(method, cost_like(cost, dtype), jnp.asarray(np.array(starts), dtype), np.array(least))


def cost_like(cost, dtype):
    """The cost with its layout in another precision."""
    layout = dataclasses.replace(cost.layout, dtypes=(np.dtype(dtype),))
    return dataclasses.replace(cost, layout=layout)


TRACES = []


def turned(method, factor):
    """The method with its first float knob (its own or that of its search) times `factor`."""
    module = next((m for m in (method, getattr(method, "search", None)) if m is not None and floats(m)), None)
    if module is None:
        return method
    knob = floats(module)[0]
    changed = dataclasses.replace(module, **{knob: factor * getattr(module, knob)})
    return changed if module is method else dataclasses.replace(method, search=changed)


def floats(module):
    return [knob for knob, declared in knobs(type(module)).items() if isinstance(declared.default, float)]


@jax.jit
def lanes(problem, factors, starts, most):
    """One program for all starts, each with the first knob times a factor of its own."""

    def one(factor, start):
        return run(dataclasses.replace(problem, method=turned(problem.method, factor)), start, most)

    TRACES.append(problem)
    return jax.vmap(one)(factors, starts)


def outcome(name, tolerance=1e-8, most=2000, dtype=np.float64, factors=(1.0, 1.0, 1.0), starts=None, method=None):
    """`run` from the three starts of the method's case."""
    made, cost, usual, _ = case(name, dtype)
    problem = Minimise(cost, method or made, jnp.asarray(tolerance, dtype))  # below 0 nothing is good enough
    return lanes(problem, jnp.asarray(factors, dtype), usual if starts is None else starts, most)


def test_there_are_some():
    named = "steepest_descent fletcher_reeves polak_ribiere linear_cg coordinate_descent ista fista secant newton damped_newton"
    named += (
        " trust_region newton_cg gauss_newton levenberg_marquardt sr1 dfp bfgs lbfgs natural_gradient barzilai_borwein"
    )
    assert set(named.split()) <= set(METHODS)
    assert {"exact", "backtracking", "wolfe", "strong_wolfe", "fixed"} <= set(SEARCHES)


@each
def test_converges_on_its_class_of_problems(x64, name):
    state, rise, told = outcome(name)
    assert state.done.all() and (jnp.abs(state.point.g) <= 1e-8).all()
    np.testing.assert_allclose(state.point.theta, np.tile(case(name).least, (3, 1)), atol=1e-6)
    assert (rise <= (1e-12 if name in FALLS else np.inf)).all()
    assert not told[:, STUCK].any() and not told[:, SINGULAR].any()


@each
def test_stays_at_the_minimum(x64, name):
    starts = jnp.tile(jnp.asarray(case(name).least), (3, 1))
    assert (outcome(name, starts=starts)[0].t == 0).all()
    state, _, told = outcome(name, tolerance=-1, most=3, starts=starts)
    np.testing.assert_allclose(state.point.theta, starts, atol=1e-12)
    assert not told[:, UPHILL].any() and not told[:, INDEFINITE].any()
    assert all(bool(jnp.all(jnp.isfinite(leaf))) for leaf in jax.tree.leaves(state.memory))


@each
def test_turning_a_knob_or_moving_the_start_does_not_compile_again(x64, name):
    method, _, starts, _ = case(name)
    outcome(name)
    before = len(TRACES)
    for module in (method, getattr(method, "search", None)):
        for knob in floats(module) if module is not None else ():
            other = dataclasses.replace(module, **{knob: 0.9 * getattr(module, knob) + 1e-6})
            other = other if module is method else dataclasses.replace(method, search=other)
            outcome(name, 1e-3, 1, starts=starts + 0.1, method=other)
    assert len(TRACES) == before


@each
def test_keeps_single_precision_and_ends_by_itself(x64, name):
    """Also where no point is good enough: single precision resolves nothing more after a while, and that is noticed."""
    state, *_ = outcome(name, tolerance=-1, most=5000, dtype=np.float32)
    numbers = [leaf for leaf in jax.tree.leaves(state) if jnp.issubdtype(leaf.dtype, jnp.floating)]
    assert {leaf.dtype for leaf in numbers} == {np.dtype(np.float32)}
    np.testing.assert_allclose(state.point.theta, np.tile(case(name).least, (3, 1)), atol=5e-3)
    assert state.done.all()


@each
def test_compiled_under_vmap_equals_one_by_one_and_not_compiled(x64, name):
    method, cost, starts, _ = case(name)
    factors = (0.9, 0.7, 0.4)
    batch, *_ = outcome(name, most=2, factors=factors)
    problem = Minimise(cost, turned(method, factors[2]), 1e-8)
    with jax.disable_jit():
        alone = problem.init(starts[2])
        for _ in range(2):
            alone, _ = problem.step(alone, None)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[2], b, rtol=1e-7, atol=1e-9), batch, alone)


# Line searches


@pytest.fixture
def line(x64):
    cost = Rosenbrock().cost()
    point = cost.at(jnp.array([-1.2, 1.0]))
    return Line(cost, point, -point.g)


def fragile(theta):
    """(t - ½)², NaN beyond 1; the gradient is NaN beyond 0.9 already, as that of √0."""
    (t,) = theta
    root = jnp.sqrt(jnp.where(t > 0.9, t - t, 1.0))
    return (t - 0.5) ** 2 + jnp.where(t > 0.9, root, 0.0) + jnp.where(t > 1.0, jnp.nan, 0.0)


@each_search
def test_a_search_lowers_the_cost_and_counts(line, name):
    search = SEARCHES[name](1e-3) if name == "fixed" else SEARCHES[name]()
    found = jax.jit(search)(line, jnp.asarray(1e-3))
    assert found.trouble == FINE and found.point.value < line.start.value and found.counts.values >= 1
    again = line.cost.at(line.start.theta + found.alpha * line.p)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), found.point, again)


@each_search
def test_a_search_compiled_equals_eager_and_vmaps(line, name):
    search, firsts = SEARCHES[name](), jnp.asarray([1.0, 1e-2, 1e-3])
    batch = jax.jit(jax.vmap(search, in_axes=(None, 0)))(line, firsts)
    eager = search(line, firsts[2])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[2], b, rtol=1e-10), batch, eager)


@each_search
def test_a_search_keeps_single_precision(x64, name):
    cost = cost_like(Rosenbrock().cost(), np.float32)
    point = cost.at(jnp.array([-1.2, 1.0], jnp.float32))
    found = SEARCHES[name]()(Line(cost, point, -point.g), jnp.float32(1e-3))
    assert {leaf.dtype for leaf in (*found.point, found.alpha)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", REAL)
def test_a_search_steps_back_from_what_is_not_finite(x64, name):
    cost = cost_of(fragile, jnp.zeros(1))
    point = cost.at(jnp.zeros(1))
    searches = jax.jit(jax.vmap(SEARCHES[name](), in_axes=(None, 0)))
    found = searches(Line(cost, point, -point.g), jnp.asarray([0.95, 1.0, 1.8, 100.0]))
    assert all(bool(jnp.all(jnp.isfinite(leaf))) for leaf in found.point)
    fine = np.array([name != "backtracking", True, True, True])  # it asks for the gradient at the end alone
    np.testing.assert_array_equal(found.trouble, np.where(fine, FINE, STUCK))
    np.testing.assert_array_equal(found.point.value < point.value, fine)


@pytest.mark.parametrize("name", REAL)
def test_a_search_from_nowhere_is_stuck(x64, name):
    cost = cost_of(fragile, jnp.zeros(1))
    point = cost.at(jnp.full(1, 2.0))
    found = jax.jit(SEARCHES[name]())(Line(cost, point, jnp.ones(1)), jnp.asarray(1.0))
    assert found.trouble == STUCK and found.alpha == 0 and found.point.theta == 2


@pytest.mark.parametrize("name", REAL)
def test_a_search_uphill_goes_nowhere(line, name):
    uphill = dataclasses.replace(line, p=line.start.g)
    found = jax.jit(SEARCHES[name]())(uphill, jnp.asarray(1e-3))
    assert found.trouble == UPHILL and found.alpha == 0
    np.testing.assert_array_equal(found.point.theta, line.start.theta)
