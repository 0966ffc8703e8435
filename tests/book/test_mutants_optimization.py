"""Claims of chapter 4 on formulation, first and second order, and solvers turn false when an algorithm is broken.

A mutant runs only the part of the experiment that it breaks, and only the claims on that part are evaluated.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradiens.book.ch04_optimization import (
    acceleration,
    conjugate_directions,
    curved_valley,
    exponential_fit,
    quartic,
    s01_formulation,
    s04_first_order,
    s05_second_order,
    s07_logistic_regression,
    second_order_identities,
    solvers,
    stationary,
    wolfe_steps,
)
from gradiens.book.runner import evaluate
from gradiens.book.section import claims
from gradiens.optim.accelerated import Accelerated
from gradiens.optim.adagrad import Adagrad, State
from gradiens.optim.adamax import Adamax
from gradiens.optim.bfgs import BFGS
from gradiens.optim.cost import Point
from gradiens.optim.lbfgs import LBFGS
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.linear_cg import LinearCG
from gradiens.optim.minimiser import Minimise, as_minimiser
from gradiens.optim.newton import Newton
from gradiens.optim.problems.logistic import LogisticProblem
from gradiens.optim.schedules import Exponential
from gradiens.optim.sgd import SGD

KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def _freshly_compiled(x64):
    """No program of the sound algorithms is left over."""
    jax.clear_caches()
    yield
    jax.clear_caches()


def false(section, **parts) -> set[int]:
    """The numbers of the claims that do not hold for a record of these parts, of those that can be evaluated on them."""
    record = section.Record(**(dict.fromkeys(section.Record._fields) | parts))
    found = [evaluate(name, claim, section.Config(), record) for name, claim in claims(section).items()]
    failed = [claim.says for claim in found if not claim.ok and "raised" not in claim.says]
    return {int(says.split(":")[0].removeprefix("Claim ")) for says in failed}


class Uphill(Newton):
    """H p = g."""

    def direction(self, cost, point, memory):
        found = super().direction(cost, point, memory)
        return found._replace(p=-found.p)


class HalfNewton(Newton):
    """Half of each step."""

    def direction(self, cost, point, memory):
        found = super().direction(cost, point, memory)
        return found._replace(p=found.p / 2)


# 4.1


def test_newton_uphill_finds_no_stationary_point(monkeypatch):
    section = s01_formulation
    surfaces = {"peaks": section.SURFACES["peaks"]}
    hills = section._on_grid(lambda t: -section.SURFACES["peaks"][0](t)) * [1, 1, -1]
    hollows = section._on_grid(section.SURFACES["peaks"][0])
    sound = stationary.stationary(surfaces)
    assert false(section, hills=hills, hollows=hollows, stationary=sound) == set()
    jax.clear_caches()
    monkeypatch.setattr(stationary, "Newton", Uphill)
    found = stationary.stationary(surfaces)
    assert false(section, hills=hills, hollows=hollows, stationary=found) == {1}


def test_peaks_without_its_third_bump():
    peaks = s01_formulation.SURFACES["peaks"][0]
    hills = s01_formulation._on_grid(lambda t: -peaks(t) - jnp.exp(-((t[0] + 1) ** 2) - t[1] ** 2) / 3) * [1, 1, -1]
    assert false(s01_formulation, hills=hills, stationary={"peaks": None}) == {1}


def test_steps_that_do_not_decay_enough(monkeypatch):
    section = s01_formulation
    monkeypatch.setattr(section, "Exponential", lambda steps, gamma: Exponential(steps, gamma**0.5))
    assert false(section, end=section._descents(section.Config())[2]) == {2}


def test_steps_of_half_the_length(monkeypatch):
    section = s01_formulation
    monkeypatch.setattr(section, "SGD", lambda lr: SGD(lr / 2))
    assert false(section, end=section._descents(section.Config())[2]) == {2, 3}


def test_steps_that_are_too_long_break_the_bound(monkeypatch):
    section = s01_formulation
    monkeypatch.setattr(section, "SGD", lambda lr: SGD(2.5 * lr))
    assert false(section, shares=section._shares(section.Config(), KEY)) == {4}


def test_a_bowl_with_a_wave_is_not_convex():
    section = s01_formulation
    slack = section._slack(section.Config(), lambda t: jnp.sum(t**2) + jnp.cos(3 * t[0]), KEY)
    assert false(section, slack={"bowl": slack, "peaks": slack}) == {5}


# 4.4


def test_another_valley(monkeypatch):
    section = s04_first_order
    sharper = lambda t: (1 - t[0]) ** 2 + 101 * (t[1] - t[0] ** 2) ** 2  # noqa: E731
    monkeypatch.setattr(section, "rosenbrock", sharper)
    assert false(section, slice=section.along(sharper, section._points())) == {1}


def test_a_search_that_is_not_exact(monkeypatch):
    section = s04_first_order
    monkeypatch.setattr(section, "Exact", lambda inner: Exact(inner=2))
    exact, cosine, _ = section._exact(section.Config())
    assert false(section, exact=exact, cosine=cosine) == {2, 3}


class Forgetful(LinearCG):
    """Without the old direction: steepest descent."""

    def turn(self, r_new, beta, p):
        return r_new


class Cautious(Exact):
    """A tenth of the exact step."""

    def __call__(self, line, first):
        found = super().__call__(line, first)
        return found._replace(point=line.at(found.alpha / 10))


def test_directions_without_memory_and_short_steps(monkeypatch):
    monkeypatch.setattr(conjugate_directions, "LinearCG", Forgetful)
    monkeypatch.setattr(conjugate_directions, "Exact", Cautious)
    assert false(s04_first_order, conjugate=conjugate_directions.conjugate(KEY)) == {4, 5}


def test_searches_without_the_second_condition(monkeypatch):
    for name in ("Wolfe", "StrongWolfe"):
        monkeypatch.setattr(wolfe_steps, name, lambda c1, c2: Backtracking(c1))
    for name, found in wolfe_steps.searches(KEY, 10).items():
        assert false(s04_first_order, searches={name: found}) == {6}


class Behind(Accelerated):
    """Does not run ahead."""

    def ahead(self, theta, theta_new, t, t_new):
        return theta_new


class Fading(Adagrad):
    """Forgets old gradients."""

    def step(self, state, g, theta):
        return super().step(State(0.9 * state.s), g, theta)


class Summing(Adamax):
    """u' = γ u + |g|."""

    def step(self, state, g, theta):
        new, update = super().step(state, g, theta)
        u = self.gamma * state.u + jnp.abs(g)
        return new._replace(u=u), update * new.u / u


def adaptive():
    return dict(zip(("gradients", "adagrad", "adamax"), s04_first_order._adaptive(KEY), strict=True))


def test_acceleration_without_running_ahead(monkeypatch):
    monkeypatch.setattr(acceleration, "Accelerated", Behind)
    assert false(s04_first_order, ahead=acceleration.ahead(KEY, 10), **adaptive()) == {7, 8}


@pytest.mark.parametrize(("name", "broken"), [("Adagrad", Fading), ("Adamax", Summing)])
def test_adagrad_that_forgets_and_adamax_that_sums(monkeypatch, name, broken):
    monkeypatch.setattr(s04_first_order, name, broken)
    assert false(s04_first_order, **adaptive()) == {8}


# 4.5


@pytest.mark.parametrize(("name", "broken", "expected"), [("DampedNewton", Newton, {1}), ("Newton", HalfNewton, {3})])
def test_one_variable(monkeypatch, name, broken, expected):
    monkeypatch.setattr(quartic, name, broken)
    one = quartic.one_variable()
    squared = 1 + jnp.asarray([[0.05, 0.0], [1e-5, 0.0], [1e-11, 0.0]])[None]
    settled = curved_valley.Valley({"Newton": Point(squared, jnp.zeros((1, 3)), squared)}, squared)
    assert false(s05_second_order, one=one, valley=settled) == expected


class Backwards(LBFGS):
    """Both loops with the wrong sign of ρ."""

    def toward(self, g, S, Y, rho, gamma):
        return super().toward(g, S, Y, -rho, gamma)


def test_half_newton_in_other_coordinates_and_limited_memory_with_a_wrong_sign(monkeypatch):
    monkeypatch.setattr(second_order_identities, "Newton", HalfNewton)
    monkeypatch.setattr(second_order_identities, "LBFGS", Backwards)
    assert false(s05_second_order, identities=second_order_identities.identities(KEY, 10)) == {2, 5}


class Ignorant(BFGS):
    """B is never mended."""

    def mend(self, B, s, y):
        return B


class Unfinished(BFGS):
    """Without the last term, ρ s sᵀ."""

    def mend(self, B, s, y):
        return super().mend(B, s, y) - jnp.outer(s, s) / (y @ s)


@pytest.mark.parametrize(("bfgs", "expected"), [(Ignorant(), {4, 6}), (Unfinished(), {4, 6})])
def test_bfgs_that_never_learns_or_not_enough(monkeypatch, bfgs, expected):
    monkeypatch.setattr(curved_valley, "METHODS", {"BFGS": bfgs})
    assert false(s05_second_order, valley=curved_valley.valley()) == expected


class Unscaled(LevenbergMarquardt):
    """Levenberg's λ I in place of Marquardt's λ D."""

    def toward(self, G, g, lam):
        return -jnp.linalg.solve(G + lam * jnp.eye(len(g)), g)


class Stubborn(LevenbergMarquardt):
    """Always with some more damping."""

    def toward(self, G, g, lam):
        return super().toward(G, g, lam + 1e-3)


@pytest.mark.parametrize("broken", [Unscaled, Stubborn])
def test_levenberg_marquardt(monkeypatch, broken):
    monkeypatch.setattr(exponential_fit, "LevenbergMarquardt", broken)
    assert false(s05_second_order, fit=exponential_fit.fit(KEY, 20)) == {7}


# 4.7


def test_solvers():
    section, model = s07_logistic_regression, "2 features"
    problem = LogisticProblem(section.MODELS[model])
    made = solvers.algorithms(problem, 3000, 0.3, 0.996, 0.9)
    cost, slow = problem.cost(), as_minimiser(SGD(1 / problem.smoothness()))
    broken = {
        "RMSprop": solvers.algorithms(problem, 3000, 0.3, 1.0, 0.9)["RMSprop"],
        "BFGS": Minimise(cost, slow, 0.0),
        "Newton": Minimise(cost, HalfNewton(), 0.0),
    }
    sound, other = solvers.together(problem, made, 3000), solvers.together(problem, broken, 3000)
    least = {model: problem.least}
    assert false(section, walks={model: sound}, least=least) == set()
    for name, expected in {"RMSprop": {1}, "BFGS": {1, 2}, "Newton": {3}}.items():
        assert expected <= false(section, walks={model: sound | {name: other[name]}}, least=least)
