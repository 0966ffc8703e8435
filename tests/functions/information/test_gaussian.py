"""Gaussian closed forms against SciPy, quadrature and each other."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, linalg, stats

from gradiens.core.check import Mistake
from gradiens.functions.information.density import differential_entropy, nodes
from gradiens.functions.information.divergences import hellinger, kl_divergence, renyi_divergence, total_variation
from gradiens.functions.information.gaussian import (
    Gaussian,
    gaussian_entropy,
    gaussian_hellinger,
    gaussian_kl,
    gaussian_mutual_information,
    gaussian_renyi,
    gaussian_total_variation,
    gaussian_wasserstein,
)

S1 = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.5]])
S2 = np.array([[1.0, -0.4, 0.0], [-0.4, 2.0, 0.5], [0.0, 0.5, 1.5]])
M1, M2 = np.array([0.1, -1.0, 2.0]), np.array([1.0, 0.5, 1.5])


@pytest.fixture
def pair(x64):
    return Gaussian(jnp.asarray(M1), jnp.asarray(S1)), Gaussian(jnp.asarray(M2), jnp.asarray(S2))


@pytest.fixture
def line(x64):
    return Gaussian.univariate(0.3, 0.8), Gaussian.univariate(1.1, 1.7)


def test_density_and_entropy_are_scipys(pair):
    peer = stats.multivariate_normal(M1, S1)
    assert float(pair[0].log_density(jnp.asarray(M2))) == pytest.approx(peer.logpdf(M2), rel=1e-12)
    assert float(gaussian_entropy(pair[0])) == pytest.approx(peer.entropy(), rel=1e-13)


def test_kl_by_its_formula_with_inverses(pair):
    d, inverse = M2 - M1, np.linalg.inv(S2)
    volume = np.log(np.linalg.det(S2) / np.linalg.det(S1))
    expected = (np.trace(inverse @ S1) + d @ inverse @ d - 3 + volume) / 2
    assert float(gaussian_kl(*pair)) == pytest.approx(expected, rel=1e-12)
    assert float(gaussian_renyi(*pair, 1.0)) == float(gaussian_kl(*pair))


def test_mutual_information_is_a_difference_of_entropies(pair):
    parts = stats.multivariate_normal(cov=S1[:1, :1]).entropy() + stats.multivariate_normal(cov=S1[1:, 1:]).entropy()
    expected = parts - stats.multivariate_normal(cov=S1).entropy()
    assert float(gaussian_mutual_information(pair[0], 1)) == pytest.approx(expected, rel=1e-11)


def test_wasserstein_by_the_formula_with_roots(pair):
    root = linalg.sqrtm(S1)
    squared = np.sum((M1 - M2) ** 2) + np.trace(S1 + S2 - 2 * linalg.sqrtm(root @ S2 @ root))
    assert float(gaussian_wasserstein(*pair)) == pytest.approx(np.sqrt(squared), rel=1e-11)


def test_on_the_line_by_scipys_quadrature(line):
    a, b = stats.norm(0.3, 0.8), stats.norm(1.1, 1.7)
    whole = lambda f: integrate.quad(f, -20, 20, epsabs=1e-13, limit=200, points=[0, 1])[0]  # noqa: E731
    kl = whole(lambda x: a.pdf(x) * (a.logpdf(x) - b.logpdf(x)))
    affinity = whole(lambda x: np.sqrt(a.pdf(x) * b.pdf(x)))
    three = whole(lambda x: np.exp(3 * a.logpdf(x) - 2 * b.logpdf(x)))
    assert float(gaussian_kl(*line)) == pytest.approx(kl, rel=1e-10)
    assert float(gaussian_hellinger(*line)) == pytest.approx(np.sqrt(1 - affinity), rel=1e-10)
    assert float(gaussian_renyi(*line, 3.0)) == pytest.approx(np.log(three) / 2, rel=1e-9)
    assert float(gaussian_wasserstein(*line)) == pytest.approx(np.hypot(0.8, 0.9), rel=1e-13)
    assert gaussian_renyi(*line[::-1], 3.0) == jnp.inf  # 3·0.8² - 2·1.7² < 0


def test_laws_on_nodes_are_the_densities(line):
    grid = nodes([-16.0, 0.0, 16.0])
    p, q = (grid.law(stats.norm(m, s).pdf) for m, s in ((0.3, 0.8), (1.1, 1.7)))
    assert float(kl_divergence(p, q)) == pytest.approx(float(gaussian_kl(*line)), rel=1e-11)
    assert float(hellinger(p, q)) == pytest.approx(float(gaussian_hellinger(*line)), rel=1e-11)
    assert float(renyi_divergence(p, q, 0.3)) == pytest.approx(float(gaussian_renyi(*line, 0.3)), rel=1e-11)
    density = jnp.asarray(stats.norm(0.3, 0.8).pdf(grid.x))
    assert float(differential_entropy(density, grid.w)) == pytest.approx(float(gaussian_entropy(line[0])), rel=1e-12)
    moved = nodes([-12.0, 0.8, 14.0])  # the densities cross at 0.8
    p, q = (moved.law(stats.norm(m, 0.8).pdf) for m in (0.3, 1.3))
    closed = float(gaussian_total_variation(line[0], jnp.asarray([1.3])))
    assert closed == pytest.approx(2 * stats.norm.cdf(0.5 / 0.8) - 1, rel=1e-12)
    assert float(total_variation(p, q)) == pytest.approx(closed, rel=1e-11)


def test_nodes_integrate_polynomials_exactly():
    x, w = nodes([-1.0, 0.5, 2.0], panels=2, points=3)
    assert np.all(np.diff(x) > 0) and len(x) == 12
    assert np.sum(w * x**5) == pytest.approx((2**6 - 1) / 6, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Gaussian(jnp.zeros(2), jnp.eye(3)), r"a covariance \(k, k\)"),
        (lambda: Gaussian(jnp.zeros(2), jnp.array([[1.0, 2.0], [2.0, 1.0]])), "positive definite"),
        (lambda: Gaussian(jnp.zeros(2), jnp.array([[1.0, 0.5], [0.1, 1.0]])), "symmetric"),
        (lambda: gaussian_kl(Gaussian.univariate(0, 1), Gaussian(jnp.zeros(2), jnp.eye(2))), "one dimension"),
        (lambda: gaussian_mutual_information(Gaussian.univariate(0, 1), 1), "1 to 0 coordinates, got 1"),
        (lambda: gaussian_total_variation(Gaussian.univariate(0, 1), jnp.zeros(2)), "a mean of shape"),
        (lambda: gaussian_renyi(Gaussian.univariate(0, 1), Gaussian.univariate(0, 1), -1), "at least 0"),
        (lambda: nodes([0.0]), "at least two cuts"),
        (lambda: nodes([1.0, 0.0]), "increase"),
        (lambda: nodes([0.0, 1.0], panels=0), "one panel"),
        (lambda: differential_entropy(jnp.ones(2), jnp.ones(3)), "one weight for each value"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()


def test_no_slope_is_nan_between_equal_laws(x64):
    p = Gaussian(jnp.zeros(2), jnp.eye(2))
    for distance in (
        lambda mean: gaussian_total_variation(p, mean),
        lambda mean: gaussian_hellinger(p, Gaussian(mean, jnp.eye(2))),
        lambda mean: gaussian_wasserstein(p, Gaussian(mean, jnp.eye(2))),
    ):
        np.testing.assert_array_equal(jax.grad(distance)(jnp.zeros(2)), 0)


def test_symmetric_up_to_the_rounding_of_the_largest_entry():
    Gaussian(jnp.zeros(2), jnp.array([[1.0, 1e-9], [2e-9, 1.0]]))
    with pytest.raises(Mistake, match="symmetric"):
        Gaussian(jnp.zeros(2), jnp.array([[1.0, 1e-3], [2e-3, 1.0]]))


def test_infinite_is_not_nan():
    p, wide = Gaussian(jnp.zeros(1), jnp.ones((1, 1))), Gaussian(jnp.zeros(1), 9 * jnp.ones((1, 1)))
    assert gaussian_renyi(wide, p, 2.0) == np.inf
    assert np.isnan(gaussian_renyi(p, Gaussian(jnp.full(1, jnp.nan), jnp.ones((1, 1))), 2.0))
    with pytest.raises(Mistake, match="finite order"):
        gaussian_renyi(p, wide, np.inf)
