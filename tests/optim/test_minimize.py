"""`minimize`: the right minimum, and a stated result with advice wherever there is none to be had."""

from __future__ import annotations

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.optimize

from gradiens import minimize
from gradiens.core.check import Mistake
from gradiens.optim.adam import Adam
from gradiens.optim.line_search.wolfe import Wolfe
from gradiens.optim.minimiser import INDEFINITE
from gradiens.optim.optax_bridge import to_optax

START = np.array([-1.2, 1.0])


def rosenbrock(theta):
    return jnp.sum(100.0 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2)


def residuals(theta):
    return jnp.array([1 - theta[0], 10 * (theta[1] - theta[0] ** 2)])


def saddle(theta):
    return theta[0] ** 2 - theta[1] ** 2 + theta[1] ** 4 / 4


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "newton", "trust_region", "newton-cg", "polak_ribiere"])
def test_finds_the_minimum_and_certifies_it(method):
    found = minimize(rosenbrock, START, method, tolerance=1e-8)
    np.testing.assert_allclose(found.theta, 1.0, atol=1e-7)
    assert found.success and found.reason == "gradient" and found.precision == "float64"
    told = found.certificate
    assert told.definite == "positive" and told.gradient <= 1e-8 and told.down is None
    np.testing.assert_allclose([told.lowest, told.highest], np.linalg.eigvalsh([[802, -400], [-400, 200]]), rtol=1e-4)
    assert found.counts["values"] >= found.steps and found.trace["value"].shape == found.at.shape


def test_is_what_scipy_finds():
    start = np.linspace(0.2, 1.5, 8)  # both searches in the basin of (1, …, 1)
    ours = minimize(rosenbrock, start, "bfgs", tolerance=1e-8)
    theirs = scipy.optimize.minimize(
        scipy.optimize.rosen, start, jac=scipy.optimize.rosen_der, method="BFGS", options={"gtol": 1e-8}
    )
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-6)
    assert ours.nit <= 1.5 * theirs.nit and ours.nfev <= 1.5 * theirs.nfev
    assert (ours.fun, ours.njev) == (ours.value, ours.counts["gradients"])


def test_any_tree_any_number_any_module():
    tree = {"a": np.ones((2, 2)), "b": 0.5}
    found = minimize(lambda t: jnp.sum((t["a"] - 2) ** 2) + (t["b"] - 1) ** 4, tree)
    np.testing.assert_allclose(found.theta["a"], 2, atol=1e-6)
    assert isinstance(found.theta["a"], np.ndarray) and found.theta["b"].shape == ()
    assert abs(minimize(lambda t: (t - 3) ** 2, 5).theta - 3) < 1e-6
    model = eqx.nn.MLP(2, "scalar", 4, 1, activation=jnp.tanh, key=jax.random.key(0))
    x, y = jnp.asarray([[0.0, 1], [1, 1], [1, 0]]), jnp.asarray([1.0, 0, 1])
    fitted = minimize(lambda net: jnp.mean((jax.vmap(net)(x) - y) ** 2) + 1e-3 * sum(map(_square, _arrays(net))), model)
    assert fitted.success and fitted.theta.layers[0].weight.shape == (4, 2)


def _square(array):
    return jnp.sum(array**2)


def _arrays(net):
    return jax.tree.leaves(eqx.filter(net, eqx.is_array))


def test_precision_follows_the_start():
    assert minimize(rosenbrock, jnp.float32([-1.2, 1.0])).precision == "float32"
    assert minimize(rosenbrock, np.float32([-1.2, 1.0])).precision == "float32"
    assert minimize(rosenbrock, START).precision == "float64"
    assert minimize(rosenbrock, jnp.float32([-1.2, 1.0]), x64=True).precision == "float64"
    assert minimize(rosenbrock, START, x64=False).precision == "float32"
    assert not jax.config.jax_enable_x64


def test_args_are_data_and_nothing_is_compiled_twice():
    traced = []

    def cost(theta, a):
        traced.append(1)
        return jnp.sum((theta - a) ** 2)

    first = minimize(cost, np.zeros(3), "bfgs", args=(np.ones(3),))
    once = len(traced)
    second = minimize(cost, np.ones(3), "bfgs", args=(np.full(3, 5.0),), tolerance=1e-9)
    assert len(traced) == once + 1  # the shapes are looked at again
    np.testing.assert_allclose([first.theta, second.theta], [np.ones(3), np.full(3, 5.0)], atol=1e-6)
    assert second.seconds["compile"] < first.seconds["compile"] / 3


def test_given_derivatives_are_used():
    cost = lambda t: jnp.sum(t**2)  # noqa: E731
    wrong = minimize(cost, np.ones(2), "sgd", gradient=lambda t: 2 * t - 2, lr=0.25)
    np.testing.assert_allclose(wrong.theta, 1, atol=1e-5)
    half = minimize(cost, np.ones(2), "newton", hessian=lambda t: 4 * jnp.eye(2), steps=1)
    np.testing.assert_allclose(half.theta, 0.5)


def test_residuals():
    found = minimize(residuals, START, "levenberg_marquardt", loss="squares", tolerance=1e-8)
    np.testing.assert_allclose(found.theta, 1, atol=1e-7)
    assert found.value == pytest.approx(np.sum(np.asarray(residuals(found.theta)) ** 2) / 2, abs=1e-12)
    with pytest.raises(Mistake, match="residuals"):
        minimize(rosenbrock, START, "gauss_newton")
    with pytest.raises(Mistake, match="squares"):
        minimize(residuals, START)
    with pytest.raises(Mistake, match="squares"):
        minimize(residuals, START, loss="cubes")


def test_every_way_to_name_a_method():
    by_name = minimize(rosenbrock, START, "adam", lr=0.01, steps=50)
    np.testing.assert_array_equal(minimize(rosenbrock, START, Adam(0.01), steps=50).theta, by_name.theta)
    np.testing.assert_allclose(minimize(rosenbrock, START, optax.adam(0.01), steps=50).theta, by_name.theta, rtol=1e-9)
    np.testing.assert_allclose(
        minimize(rosenbrock, START, "optax.adam", lr=0.01, steps=50).theta, by_name.theta, rtol=1e-9
    )
    np.testing.assert_allclose(
        minimize(rosenbrock, START, to_optax(Adam(0.01)), steps=50).theta, by_name.theta, rtol=1e-9
    )
    assert by_name.reason == "steps" and "steps=500" in by_name.message
    searched = minimize(rosenbrock, START, "bfgs", search="wolfe", c2=0.5)
    np.testing.assert_array_equal(
        minimize(rosenbrock, START, "bfgs", search=Wolfe(c2=0.5)).trace["alpha"], searched.trace["alpha"]
    )
    assert minimize(rosenbrock, START).method == "BFGS"
    assert minimize(lambda t: jnp.sum((t - 1) ** 2), np.zeros(501)).method == "LBFGS"


@pytest.mark.parametrize(
    ("method", "options", "word"),
    [
        ("lbfg", {}, "lbfgs"),
        ("lbfgs", {"memry": 3}, "memory"),
        ("bfgs", {"search": "wolf"}, "wolfe"),
        ("bfgs", {"jac": rosenbrock}, "gradient=, got jac="),
        ("bfgs", {"tol": 1e-3}, "tolerance="),
        ("bfgs", {"c1": 0.9, "c2": 0.1}, "0 < c1 < c2 < 1"),
        ("adam", {"lr": -1.0}, "lr"),
        (Adam(), {"lr": 1.0}, "made already"),
        ("optax.adm", {}, "adam"),
        (3, {}, "optimizer"),
    ],
)
def test_unknown_methods_and_options(method, options, word):
    with pytest.raises(Mistake, match=word):
        minimize(rosenbrock, START, method, **options)


@pytest.mark.parametrize(
    ("cost", "start", "word"),
    [
        (rosenbrock, np.array([np.nan, 1.0]), r"finite start, got nan in θ\[0\]"),
        (lambda t: jnp.log(t[0]), np.array([-1.0]), "finite at the start, got nan"),
        (lambda t: jnp.sqrt(t["a"][1]), {"a": np.zeros(2)}, r"gradient .* inf for a\[1\]"),
        (lambda t: t**2, np.ones(3), r"one number, got shape \(3,\)"),
        (lambda t: jnp.sum(t > 0), np.ones(3), "real cost"),
        (lambda t: t[0] ** 2 + t @ np.ones(4), np.ones(3), "evaluated at the start, got TypeError"),
        (lambda t: float(t[0]), np.ones(3), "JAX can trace"),
        (lambda t: np.sum(np.asarray(t)), np.ones(3), "jax.numpy"),
        (lambda t: 1.0, {}, "at least one parameter"),
        (lambda t: t["a"], {"a": True}, "real parameters"),
    ],
)
def test_a_start_that_cannot_be_used(cost, start, word):
    with pytest.raises(Mistake, match=word):
        minimize(cost, start)


def test_plain_newton_reports_a_saddle():
    found = minimize(saddle, np.array([1.0, 0.0]), "newton")
    assert not found.success and found.reason == "saddle" and "saddle" in found.message
    assert found.certificate.definite == "indefinite" and found.certificate.lowest == pytest.approx(-2)
    down = found.certificate.down
    assert saddle(found.theta + 0.1 * down) < found.value
    onward = minimize(saddle, found.theta + 0.1 * down)
    assert onward.success and onward.value == pytest.approx(-1)
    assert minimize(saddle, np.array([1.0, 0.0]), "trust_region").value == pytest.approx(-1)


def test_plain_newton_reports_a_maximum():
    found = minimize(lambda t: jnp.cos(t), 0.1, "newton")
    assert found.reason == "maximum" and not found.success


def test_a_saddle_of_higher_order():
    found = minimize(lambda t: t[0] ** 3, np.array([1.0]))
    assert not found.success and found.certificate.definite == "flat"
    assert (found.theta + 0.1 * found.certificate.down)[0] ** 3 < 0


@pytest.mark.parametrize(
    ("cost", "method"),
    [
        (lambda t: t[0] - t[1], None),
        (lambda t: t[0] - t[1], "steepest_descent"),
        (lambda t: -(t[0] ** 2), "sgd"),
        (lambda t: -jnp.exp(t[0]), "lbfgs"),
    ],
)
def test_unbounded_below(cost, method):
    found = minimize(cost, np.array([1.0, 0.0]), method)
    assert not found.success and found.reason == "unbounded" and "penalty" in found.message


def test_a_small_gradient_far_from_any_minimum():
    found = minimize(lambda t: -jnp.log(t[0]), np.array([1.0]))
    assert not found.success and found.reason == "far" and found.certificate.promised == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "steepest_descent"])
def test_a_kink_is_named(method):
    found = minimize(lambda t: jnp.abs(t["w"][1] - 0.3) + t["w"][0] ** 2, {"w": np.array([1.0, 2.0])}, method)
    assert not found.success and found.reason == "kink" and "w[1]" in found.message
    assert found.theta["w"][1] == pytest.approx(0.3, abs=1e-6)


def test_float32_says_that_x64_would_go_on():
    """Residuals of numbers near 1000 are known to 1e-4 in float32, and so is the gradient."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20, 2)), 1000 + rng.normal(size=20)
    cost = lambda t: jnp.sum((jnp.asarray(a, t.dtype) @ t - jnp.asarray(b, t.dtype)) ** 2)  # noqa: E731
    found = minimize(cost, jnp.zeros(2), tolerance=1e-7)
    assert not found.success and found.reason == "precision" and "x64=True" in found.message
    assert minimize(cost, jnp.zeros(2), tolerance=1e-7, x64=True).success


def test_a_step_size_that_is_too_large():
    found = minimize(rosenbrock, START, "sgd", lr=1.0)
    assert found.reason == "nan" and "smaller step size" in found.message and np.isfinite(found.theta).all()


def test_an_indefinite_hessian_is_told_and_a_searched_newton_goes_downhill_all_the_same():
    found = minimize(lambda t: jnp.cos(t), 0.1, "newton", search="backtracking")
    assert found.success and found.trace["trouble"][0] == INDEFINITE
    assert found.value == pytest.approx(-1)


def test_already_there():
    found = minimize(rosenbrock, np.ones(2))
    assert found.success and found.steps == 0 and found.at.size == 0


def test_path_and_json_and_words():
    found = minimize(rosenbrock, START, "bfgs", path=True)
    assert found.trace["theta"].shape == (found.steps, 2)
    np.testing.assert_array_equal(found.trace["theta"][-1], found.theta)
    told = json.loads(json.dumps(found.as_dict()))
    assert told["theta"] == found.theta.tolist() and told["certificate"]["definite"] == "positive"
    assert str(found).startswith("✓ minimum found") and "strict local minimum" in str(found)


def test_the_penalty_is_part_of_the_value():
    x, y = np.eye(3), np.array([3.0, 0.1, -2.0])
    found = minimize(lambda t: jnp.sum((x @ t - y) ** 2) / 2, np.zeros(3), "fista", lr=1.0, l1=0.5)
    np.testing.assert_allclose(found.theta, [2.5, 0, -1.5], atol=1e-6)
    assert found.value == pytest.approx((0.25 + 0.01 + 0.25) / 2 + 0.5 * 4) and found.success


def test_many_parameters_by_lanczos():
    scale = np.linspace(1, 50, 600)
    found = minimize(lambda t: jnp.sum(scale * (t - 1) ** 2) / 2, np.zeros(600))
    assert found.success and found.certificate.definite == "positive"
    np.testing.assert_allclose([found.certificate.lowest, found.certificate.highest], [1, 50], rtol=1e-3)
