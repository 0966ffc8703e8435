"""Divergences against SciPy, the numbers worked by hand, and the inequalities between them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from gradiens.core.check import Mistake
from gradiens.functions.information.bregman import bregman
from gradiens.functions.information.divergences import (
    chi_square,
    hellinger,
    jensen_shannon,
    kl_divergence,
    renyi_divergence,
    total_variation,
)
from gradiens.functions.information.entropy import entropy
from gradiens.functions.information.f_divergence import GENERATORS, Generator, f_divergence
from gradiens.functions.information.fisher import bernoulli, fisher_information
from gradiens.functions.information.variational import variational_bound

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
PAIRS = np.random.default_rng(0).dirichlet(np.ones(5), size=(2, 200))


def test_kl_is_scipys_and_the_books_number(x64):
    assert float(kl_divergence(P, Q)) == pytest.approx(stats.entropy(P, Q), rel=1e-14)
    assert [round(float(kl_divergence(a, b)), 6) for a, b in ((P, Q), (Q, P))] == [0.223805, 0.193794]


def test_jensen_shannon_is_scipys_squared(x64):
    for p, q in zip(*PAIRS[:, :20]):
        assert float(jensen_shannon(p, q)) == pytest.approx(distance.jensenshannon(p, q) ** 2, rel=1e-12)
    assert float(jensen_shannon([1.0, 0.0], [0.0, 1.0])) == pytest.approx(np.log(2), rel=1e-14)


def test_the_others_by_their_definitions(x64):
    assert float(total_variation(P, Q)) == pytest.approx(0.3, rel=1e-14)
    assert float(chi_square(P, Q)) == pytest.approx(0.09 / 0.2 + 0.04 / 0.5 + 0.01 / 0.3, rel=1e-13)
    affinity = np.sum(np.sqrt(P * Q))
    assert float(hellinger(P, Q)) == pytest.approx(np.sqrt(1 - affinity), rel=1e-13)
    assert float(renyi_divergence(P, Q, 0.5)) == pytest.approx(-2 * np.log(affinity), rel=1e-13)
    assert float(renyi_divergence(P, Q, 2.0)) == pytest.approx(np.log(np.sum(P**2 / Q)), rel=1e-13)


def test_total_variation_is_the_best_of_all_events(x64):
    events = [np.array([i >> k & 1 for k in range(3)], bool) for i in range(8)]
    assert float(total_variation(P, Q)) == pytest.approx(max(P[e].sum() - Q[e].sum() for e in events), rel=1e-14)


def test_limits_of_renyi(x64):
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.5, 0.25])
    assert float(renyi_divergence(p, q, 1.0)) == pytest.approx(stats.entropy(p, q), rel=1e-14)
    assert float(renyi_divergence(p, q, 1 - 1e-7)) == pytest.approx(stats.entropy(p, q), rel=1e-6)
    assert float(renyi_divergence(p, q, float("inf"))) == pytest.approx(np.log(2), rel=1e-14)
    assert float(renyi_divergence(p, q, 0.0)) == pytest.approx(-np.log(0.75), rel=1e-14)
    assert renyi_divergence(q, p, 2.0) == jnp.inf and renyi_divergence(q, p, float("inf")) == jnp.inf
    assert float(renyi_divergence(q, p, 0.5)) == pytest.approx(float(renyi_divergence(p, q, 0.5)), rel=1e-13)


@pytest.mark.parametrize("f", [kl_divergence, chi_square])
def test_what_q_excludes_is_infinitely_far(f):
    assert f([0.5, 0.5], [1.0, 0.0]) == jnp.inf and jnp.isfinite(f([1.0, 0.0], [0.5, 0.5]))


def formulas(p, q):
    """Each member of the family by sums that have no generator in them."""
    m = (p + q) / 2
    return {
        "kl": stats.entropy(p, q),
        "reverse_kl": stats.entropy(q, p),
        "jeffreys": stats.entropy(p, q) + stats.entropy(q, p),
        "chi_square": np.sum((p - q) ** 2 / q),
        "reverse_chi_square": np.sum((p - q) ** 2 / p),
        "total_variation": np.sum(np.abs(p - q)) / 2,
        "squared_hellinger": 1 - np.sum(np.sqrt(p * q)),
        "jensen_shannon": (stats.entropy(p, m) + stats.entropy(q, m)) / 2,
        "le_cam": np.sum((p - q) ** 2 / (p + q)) / 2,
    }


@pytest.mark.parametrize("name", GENERATORS)
def test_the_family(x64, name):
    f = jax.jit(lambda p, q: f_divergence(p, q, name))
    for p, q in [(P, Q), (Q, P), *zip(*PAIRS[:, :5])]:
        assert float(f(p, q)) == pytest.approx(formulas(p, q)[name], rel=1e-11)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_edges_of_the_family_are_limits(x64, name):
    generator = GENERATORS[name]
    near = float(generator.f(jnp.asarray(1e-12))), float(generator.f(jnp.asarray(1e12))) / 1e12
    for limit, value in zip((generator.at_zero, generator.at_infinity), near):
        assert value > 20 if limit == np.inf else value == pytest.approx(limit, abs=1e-5)
    p, q = jnp.array([0.5, 0.5, 0.0]), jnp.array([0.5, 0.0, 0.5])
    expected = 0.5 * generator.at_zero + 0.5 * generator.at_infinity
    assert float(f_divergence(p, q, name)) == pytest.approx(expected, rel=1e-14)


def test_a_generator_of_your_own(x64):
    own = Generator(lambda t: (t**3 - 1) / 6 - (t - 1) / 2, 1 / 3, np.inf)
    assert float(f_divergence(P, Q, own)) == pytest.approx(np.sum(P**3 / Q**2 - Q) / 6, rel=1e-12)


def test_bregman_of_the_entropy_and_of_the_square(x64):
    assert float(bregman(lambda p: -entropy(p), P, Q)) == pytest.approx(stats.entropy(P, Q), rel=1e-13)
    assert float(bregman(lambda x: jnp.sum(x**2), P, Q)) == pytest.approx(np.sum((P - Q) ** 2), rel=1e-12)


def test_fisher_information(x64):
    assert float(fisher_information(bernoulli, 0.3)) == pytest.approx(1 / 0.21, rel=1e-13)
    θ = jnp.array([0.2, 0.5])
    multinomial = lambda θ: jnp.concatenate([θ, 1 - jnp.sum(θ, keepdims=True)])  # noqa: E731
    expected = np.diag(1 / np.asarray(θ)) + 1 / 0.3
    np.testing.assert_allclose(fisher_information(multinomial, θ), expected, rtol=1e-12)
    assert float(fisher_information(bernoulli, 0.0)) == 1.0  # the outcome that cannot be is left out


def test_fisher_information_is_the_curvature_of_kl(x64):
    family = lambda θ: jax.nn.softmax(jnp.array([[1.0, 0.3], [0.2, -1.0], [0.5, 2.0]]) @ θ)  # noqa: E731
    θ = jnp.array([0.4, -0.7])
    curvature = jax.hessian(lambda t: kl_divergence(family(θ), family(t)))(θ)
    np.testing.assert_allclose(fisher_information(family, θ), curvature, rtol=1e-10)


def test_the_variational_bound_is_attained_and_kept(x64):
    best = np.log(P / Q)
    for shift in (0.0, 3.0):
        assert float(variational_bound(P, Q, jnp.asarray(best + shift))) == pytest.approx(
            stats.entropy(P, Q), rel=1e-13
        )
    assert float(variational_bound(P, Q, jnp.asarray(best * 0.8))) < stats.entropy(P, Q)


def test_bad_input():
    with pytest.raises(Mistake, match="order of at least 0"):
        renyi_divergence(P, Q, -0.5)
    with pytest.raises(Mistake, match="did you mean 'chi_square'"):
        f_divergence(P, Q, "chisquare")
    for f in (kl_divergence, jensen_shannon, total_variation, hellinger, chi_square, renyi_divergence, f_divergence):
        with pytest.raises(Mistake, match="the same outcomes"):
            f(P, [0.5, 0.5])
        with pytest.raises(Mistake, match="at least 0 in q"):
            f(P, [1.5, -0.25, -0.25])


def test_the_best_test_function_excludes_what_p_excludes(x64):
    p, q = jnp.array([0.0, 0.5, 0.5]), jnp.array([0.2, 0.3, 0.5])
    bound, slope = jax.value_and_grad(lambda g: variational_bound(p, q, g))(jnp.log(p / q))
    assert float(bound) == pytest.approx(float(kl_divergence(p, q)), rel=1e-12)
    np.testing.assert_allclose(slope, 0, atol=1e-12)
