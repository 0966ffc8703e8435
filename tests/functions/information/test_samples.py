"""Estimates from samples: against SciPy and scikit-learn where they compute the same, else at laws whose value is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import digamma, gamma

from gradiens.core.check import Mistake
from gradiens.functions.information.counts import entropy_of_counts, mutual_information_of_counts
from gradiens.functions.information.monte_carlo import monte_carlo_kl
from gradiens.functions.information.nearest_neighbours import (
    entropy_of_sample,
    kl_of_samples,
    mutual_information_of_samples,
)
from gradiens.functions.information.transport import wasserstein
from gradiens.functions.information.two_samples import energy_distance, mmd_squared

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=40), RNG.gamma(2.0, size=31)
P, Q = RNG.dirichlet(np.ones(40)), RNG.dirichlet(np.ones(31))


def test_wasserstein_is_scipys():
    assert wasserstein(X, Y) == pytest.approx(stats.wasserstein_distance(X, Y), rel=1e-12)
    assert wasserstein(X, Y, p=P, q=Q) == pytest.approx(stats.wasserstein_distance(X, Y, P, Q), rel=1e-12)


@pytest.mark.parametrize("order", [1.0, 1.7, 2.0, 5.0])
def test_wasserstein_of_equal_numbers_pairs_the_sorted(order):
    y = RNG.gamma(2.0, size=40)
    expected = np.mean(np.abs(np.sort(X) - np.sort(y)) ** order) ** (1 / order)
    assert wasserstein(X, y, order) == pytest.approx(expected, rel=1e-12)


def test_wasserstein_is_the_best_of_all_plans():
    from scipy.optimize import linprog

    x, y, p, q = X[:4], Y[:3], np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.5, 0.25, 0.25])
    for order in (1.0, 3.0):
        rows = [np.kron(np.eye(4), np.ones(3)), np.kron(np.ones(4), np.eye(3))]
        cost = np.abs(np.subtract.outer(x, y)).ravel() ** order
        plan = linprog(cost, A_eq=np.vstack(rows), b_eq=np.concatenate([p, q]))
        assert wasserstein(x, y, order, p, q) == pytest.approx(plan.fun ** (1 / order), rel=1e-9)


def test_wasserstein_at_its_limits():
    assert wasserstein([0.0, 1.0], [0.0, 3.0], np.inf) == 2.0 and wasserstein(X, X, 2.0) == 0.0
    assert wasserstein([0.0, 5.0], [0.0], p=[1.0, 0.0], q=[1.0]) == 0.0  # a point without mass


def test_energy_distance_is_scipys_on_the_line():
    assert energy_distance(X, Y) == pytest.approx(stats.energy_distance(X, Y), rel=1e-10)
    assert energy_distance(X, X) == 0.0


def test_energy_distance_in_the_plane_by_all_pairs():
    x, y = RNG.normal(size=(8, 2)), RNG.normal(size=(5, 2)) + 1
    d = lambda a, b: np.mean([np.linalg.norm(s - t) for s in a for t in b])  # noqa: E731
    assert energy_distance(x, y) == pytest.approx(np.sqrt(2 * d(x, y) - d(x, x) - d(y, y)), rel=1e-12)


def test_mmd_by_all_pairs():
    from sklearn.metrics.pairwise import rbf_kernel

    x, y, width = RNG.normal(size=(8, 2)), RNG.normal(size=(5, 2)) + 1, 0.7
    k = lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * width**2))  # noqa: E731
    expected = k(x, x).mean() + k(y, y).mean() - 2 * k(x, y).mean()
    assert mmd_squared(x, y, width) == pytest.approx(expected, rel=1e-12)
    off = lambda a: (a.sum() - np.trace(a)) / (len(a) * (len(a) - 1))  # noqa: E731
    expected = off(k(x, x)) + off(k(y, y)) - 2 * k(x, y).mean()
    assert mmd_squared(x, y, width, unbiased=True) == pytest.approx(expected, rel=1e-12)
    far = np.concatenate([x, y])
    median = np.median(np.linalg.norm(far[:, None] - far[None], axis=2) ** 2) ** 0.5
    assert mmd_squared(x, y) == pytest.approx(mmd_squared(x, y, median), rel=1e-12)


def test_unbiased_mmd_of_one_law_is_zero_in_the_mean():
    found = [mmd_squared(*RNG.normal(size=(2, 30)), 1.0, unbiased=True) for _ in range(200)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)


def test_counts():
    counts = [3, 5, 0, 2]
    plain = stats.entropy(counts)
    assert entropy_of_counts(counts, "none") == pytest.approx(plain, rel=1e-14)
    assert entropy_of_counts(counts) == pytest.approx(plain + 2 / 20, rel=1e-14)
    from sklearn.metrics import mutual_info_score

    table = np.array([[3, 1, 4], [1, 5, 9]])
    shared = mutual_info_score(None, None, contingency=table)
    assert mutual_information_of_counts(table, "none") == pytest.approx(shared, rel=1e-12)
    assert mutual_information_of_counts(table) == pytest.approx(shared + (1 + 2 - 5) / 46, rel=1e-12)


def test_the_correction_removes_the_stated_bias():
    law = np.array([0.4, 0.3, 0.2, 0.1])
    draws = RNG.multinomial(50, law, size=4000)
    plain = np.array([entropy_of_counts(n, "none") for n in draws]) - stats.entropy(law)
    better = np.array([entropy_of_counts(n) for n in draws]) - stats.entropy(law)
    assert np.mean(plain) == pytest.approx(-3 / 100, abs=4 * plain.std() / np.sqrt(4000) + 1e-3)
    assert abs(np.mean(better)) < abs(np.mean(plain)) / 5


def test_nearest_neighbour_entropy_by_all_distances():
    x = RNG.normal(size=(30, 3))
    far = np.sort(np.linalg.norm(x[:, None] - x[None], axis=2), axis=1)[:, 2]
    ball = np.pi**1.5 / gamma(2.5)
    expected = digamma(30) - digamma(2) + np.log(ball) + 3 * np.mean(np.log(far))
    assert entropy_of_sample(x, 2) == pytest.approx(expected, rel=1e-12)


def test_nearest_neighbour_estimates_come_near_the_truth():
    x, y = RNG.normal(size=(4000, 2)), RNG.normal([1.0, 0.0], [1.0, 2.0], (4000, 2))
    assert entropy_of_sample(y) == pytest.approx(np.log(2 * np.pi * np.e) + np.log(2), abs=0.06)
    exact = (1 + 1 / 4 + 1 - 2 + np.log(4)) / 2
    assert kl_of_samples(x, y) == pytest.approx(exact, abs=0.12)


def test_nearest_neighbour_divergence_by_all_distances():
    x, y = RNG.normal(size=(25, 2)), RNG.normal(size=(20, 2)) + 0.5
    d = lambda a, b: np.sort(np.linalg.norm(a[:, None] - b[None], axis=2), axis=1)  # noqa: E731
    expected = 2 * np.mean(np.log(d(x, y)[:, 1] / d(x, x)[:, 2])) + np.log(20 / 24)
    assert kl_of_samples(x, y, 2) == pytest.approx(expected, rel=1e-12)


def test_mutual_information_is_scikit_learns():
    from sklearn.feature_selection._mutual_info import _compute_mi_cc

    x = RNG.normal(size=300)
    y = 0.8 * x + 0.6 * RNG.normal(size=300)
    assert mutual_information_of_samples(x, y) == pytest.approx(_compute_mi_cc(x, y, 3), rel=1e-10)
    assert mutual_information_of_samples(x, y) == pytest.approx(-np.log(0.6), abs=0.12)


def test_monte_carlo_divergence():
    a, b = stats.norm(0, 1), stats.norm(1, 2)
    x = RNG.normal(size=20_000)
    found = monte_carlo_kl(a.logpdf(x), b.logpdf(x))
    exact = integrate.quad(lambda t: a.pdf(t) * (a.logpdf(t) - b.logpdf(t)), -12, 12)[0]
    assert abs(found.value - exact) < 3 * found.error and found.draws == 20_000
    ratio = a.logpdf(x) - b.logpdf(x)
    assert found.error == pytest.approx(np.std(ratio, ddof=1) / np.sqrt(20_000), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: wasserstein(X, Y, 0.5), "order of at least 1"),
        (lambda: wasserstein(X, [np.nan]), "finite points"),
        (lambda: wasserstein(X, Y, p=P[:3]), "one probability each in x"),
        (lambda: wasserstein(X, Y, q=2 * Q), "sum 1 in y, got sum 2"),
        (lambda: energy_distance([1.0], Y), "at least 2 points"),
        (lambda: mmd_squared(np.ones((3, 2)), np.ones((3, 1))), r"\(3, 2\) and \(3, 1\)"),
        (lambda: mmd_squared(X, Y, -1.0), "width of at least 0"),
        (lambda: mmd_squared(X, [np.inf, 1.0]), "finite numbers"),
        (lambda: entropy_of_counts([0, 0]), "one of them positive"),
        (lambda: entropy_of_counts([3, -1]), "counts of at least 0"),
        (lambda: entropy_of_counts([3, 1], "miller"), "did you mean 'miller_madow'"),
        (lambda: mutual_information_of_counts([3, 1]), "a table of counts"),
        (lambda: entropy_of_sample([1.0, 1.0, 1.0, 1.0, 2.0]), "do not coincide, got 4 at distance 0"),
        (lambda: entropy_of_sample([1.0, 2.0], 2), "more rows than the 2 neighbours"),
        (lambda: kl_of_samples(X, np.ones((9, 2))), "one dimension"),
        (lambda: mutual_information_of_samples(X, Y), "one y for each x, got 40 and 31"),
        (lambda: monte_carlo_kl([1.0], [1.0]), "2 draws or more"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()


@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_one_law_written_in_two_ways(order):
    """0.1 + 0.2 is not 0.3 in binary: a step of this width would cost the whole distance at order infinity."""
    assert wasserstein([0, 1], [0, 0, 1], order, [0.3, 0.7], [0.1, 0.2, 0.7]) == 0
    assert wasserstein([0, 1], [0, 1], order, [1 - 1e-9, 1e-9], [1, 0]) == pytest.approx(
        (1e-9) ** (1 / order), rel=1e-6
    )
