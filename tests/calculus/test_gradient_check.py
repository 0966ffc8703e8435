"""The checker accepts what is right, and names what is wrong, and how."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.gradient_check import check_gradient
from gradiens.core.check import Failure, Mistake
from gradiens.nn.mlp import MLP

RNG = np.random.default_rng(0)
THETA = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=3)}
X = np.asarray([0.5, -1.0])


def cost(theta):
    return jnp.sum(jnp.tanh(theta["W"] @ X + theta["b"]) ** 2)


def by_hand(theta):
    a = np.tanh(theta["W"] @ X + theta["b"])
    delta = 2 * a * (1 - a**2)
    return {"W": np.outer(delta, X), "b": delta}


def changed(**changes):
    return lambda theta: {name: changes.get(name, lambda g: g)(g) for name, g in by_hand(theta).items()}


def test_right_gradients_pass():
    for gradient in (None, by_hand, by_hand(THETA)):
        found = check_gradient(cost, THETA, gradient)
        assert found.ok and found.checked == 9 and found.worst < 1e-8, found
        assert str(found).startswith("gradient ok: 9 components, largest relative difference")
        found.demand()


def test_the_step_grows_with_the_parameter():
    found = check_gradient(lambda x: 1e6 * jnp.sin(x / 1e6), 0.7e6)
    assert found.ok and found.worst < 1e-8 and not found.noted


def test_the_wrong_component_is_named():
    def wrong(g):
        g = g.copy()
        g[2, 1] *= 1.001
        return g

    found = check_gradient(cost, THETA, changed(W=wrong))
    ((component),) = found.wrong
    assert component.name == "W[2, 1]"
    assert component.expected == pytest.approx(by_hand(THETA)["W"][2, 1], rel=1e-7)
    assert component.got == pytest.approx(1.001 * component.expected, rel=1e-6)
    assert "✗ W[2, 1]: expected" in str(found)
    with pytest.raises(Failure, match=r"W\[2, 1\]: expected .* got"):
        found.demand()


@pytest.mark.parametrize(
    ("change", "says"), [(lambda g: -g, "opposite sign"), (lambda g: 2 * g, "2 times"), (lambda g: g + 1, "6 of 9")]
)
def test_what_the_wrong_ones_have_in_common(change, says):
    found = check_gradient(cost, THETA, changed(W=change))
    assert {c.name.split("[")[0] for c in found.wrong} == {"W"} and len(found.wrong) == 6
    assert says in str(found)


def test_a_kink_accepts_any_slope_between_and_says_so():
    f = lambda x: np.abs(x[0]) + 3 * np.maximum(x[1], 0) + x[2] ** 2  # noqa: E731
    theta = np.asarray([0.0, 0.0, 1.0])
    found = check_gradient(f, theta, np.asarray([0.3, 3.0, 2.0]))
    assert found.ok and [c.name for c in found.noted] == ["[0]", "[1]"]
    assert "a kink: slope -1 on the left, 1 on the right" in found.noted[0].note
    assert [c.name for c in check_gradient(f, theta, np.asarray([1.2, -0.1, 2.0])).wrong] == ["[0]", "[1]"]
    assert not check_gradient(lambda x: jnp.sum(x**2), np.zeros(3)).noted, "a minimum is no kink"


def test_numbers_that_are_not_finite():
    found = check_gradient(lambda x: jnp.sum(x**2), np.ones(2), np.asarray([2.0, np.nan]))
    assert [(c.name, c.note) for c in found.wrong] == [("[1]", "not a finite number")]
    root = check_gradient(lambda x: jnp.sum(jnp.sqrt(x)), np.asarray([1.0, 1e-7]), np.asarray([0.5, 1.0]))
    assert root.ok and "not finite beside" in root.noted[0].note
    with pytest.raises(Mistake, match="finite value"):
        check_gradient(lambda x: jnp.log(x), -1.0)


def test_noise_is_not_mistaken_for_an_error():
    """Single precision inside: differences are good to a few digits, and the gradient is not blamed."""
    f = lambda x: jnp.sum(jnp.sin(x.astype(jnp.float32)).astype(x.dtype))  # noqa: E731
    for end in (1.0, 1.3, 1.7, 2.2):
        found = check_gradient(f, np.linspace(0.1, end, 5))
        assert found.ok and all("too rough" in c.note for c in found.noted), found


def test_functions_in_numpy_numbers_and_modules():
    assert check_gradient(lambda x: float(np.sum(np.asarray(x) ** 3)), np.asarray([1.0, 2.0]), lambda x: 3 * x**2).ok
    assert check_gradient(jnp.sin, 0.3).ok
    assert check_gradient(jnp.sin, 0.3, 0.2).wrong[0].name == "θ"
    network = MLP.make((2, 3, 1), jax.random.key(0))
    theta = {"net": {"W": network.layers[0].W, "b": network.layers[0].b}}
    found = check_gradient(lambda t: jnp.sum(t["net"]["W"] @ X + t["net"]["b"]), theta)
    assert found.ok and found.checked == 9


def test_many_components_are_drawn():
    g = np.ones(500)
    found = check_gradient(lambda x: jnp.sum(x), np.zeros(500), g, most=50, seed=4)
    assert found.ok and (found.checked, found.components) == (50, 500) and "50 of 500" in str(found)


def test_bad_input():
    with pytest.raises(Mistake, match="structure"):
        check_gradient(cost, THETA, lambda theta: [1.0])
    with pytest.raises(Mistake, match=r"W of shape \(3, 2\), got \(2, 3\)"):
        check_gradient(cost, THETA, changed(W=np.transpose))
    with pytest.raises(Mistake, match="one number"):
        check_gradient(lambda x: x, X)
