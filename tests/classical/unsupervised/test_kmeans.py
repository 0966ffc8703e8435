"""K-means: Lloyd's two half steps by hand, scikit-learn from the same centres, restarts against scikit-learn's."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.classical.unsupervised import kmeans, kmeans_fit
from gradiens.classical.unsupervised.kmeans import Lloyd
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.classical.unsupervised.kmeans_start import plus_plus
from gradiens.core.check import Mistake

rng = np.random.default_rng(0)
BLOBS = np.concatenate([rng.normal(m, 0.6, (30, 3)) for m in ([0, 0, 0], [3, 0, 1], [0, 4, 2], [5, 5, 5])]) + 10.0
START = BLOBS[[0, 1, 2, 50]]


def lloyd(x, c, steps):
    """Lloyd's method as the source has it: nearest centres, means, again."""
    path = [((x[:, None] - c) ** 2).sum(2).min(1).sum()]
    for _ in range(steps):
        a = np.argmin(((x[:, None] - c) ** 2).sum(2), axis=1)
        c = np.stack([x[a == k].mean(0) if np.any(a == k) else c[k] for k in range(len(c))])
        path.append(((x[:, None] - c) ** 2).sum(2).min(1).sum())
    return c, np.array(path)


@pytest.mark.parametrize("block", [1024, 16], ids=["one product", "blocks of those that moved"])
def test_every_step_is_lloyds(monkeypatch, block):
    monkeypatch.setattr(kmeans, "BLOCK", block)
    x = BLOBS[:-1] if block == 16 else BLOBS  # another shape, so another program
    found = fit_kmeans(x, 4, START)
    centres, path = lloyd(x, START, found.steps)
    np.testing.assert_allclose(found.path, path, rtol=1e-10)
    np.testing.assert_allclose(found.centres, centres, rtol=1e-10)
    np.testing.assert_allclose(found.centres_path[-1], centres, rtol=1e-10)
    np.testing.assert_array_equal(found.centres_path[0], START)
    assert found.converged and found.steps > 4 and found.within == pytest.approx(path[-1], rel=1e-12)


def test_equals_sklearn_from_the_same_centres():
    from sklearn.cluster import KMeans

    ours = fit_kmeans(BLOBS, 4, START)
    peer = KMeans(4, init=START, n_init=1, tol=0).fit(BLOBS)
    np.testing.assert_allclose(ours.centres, peer.cluster_centers_, rtol=1e-10)
    np.testing.assert_array_equal(ours.labels, peer.labels_)
    assert ours.within == pytest.approx(peer.inertia_, rel=1e-10)
    np.testing.assert_array_equal(ours.predict(BLOBS), peer.predict(BLOBS))
    np.testing.assert_allclose(ours.transform(BLOBS), peer.transform(BLOBS), rtol=1e-9)
    assert ours.score(BLOBS) == pytest.approx(peer.score(BLOBS), rel=1e-10)


def test_restarts_are_not_worse_than_sklearns():
    """The median over 5 seeds of the best of 10 starts, on three sets with many local minima."""
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_iris, load_wine

    clouds = rng.normal(size=(300, 5)) + 4 * rng.integers(0, 3, (300, 1)) * rng.normal(size=(300, 5)).round()
    for x in (load_iris().data, load_wine().data / load_wine().data.std(0), clouds):
        ours = [fit_kmeans(x, 8, 10, seed=seed).within for seed in range(5)]
        peer = [KMeans(8, n_init=10, tol=0, random_state=seed).fit(x).inertia_ for seed in range(5)]
        assert np.median(ours) <= np.median(peer) * (1 + 1e-3)


def test_w_never_increases_and_lanes_are_single_runs():
    x = rng.normal(size=(200, 2))
    many = fit_kmeans(x, 6, 5, seed=3)
    assert np.all(np.diff(many.path) <= 1e-12 * many.path[0]) and len(many.starts) == 5
    at = x - x.mean(0)
    alone = [fit_kmeans(x, 6, plus_plus(at, 6, np.random.default_rng([3, r])) + x.mean(0)) for r in range(5)]
    np.testing.assert_allclose(many.starts, [one.within for one in alone], rtol=1e-9)
    best = alone[int(np.argmin(many.starts))]
    np.testing.assert_allclose(many.centres, best.centres, rtol=1e-9)
    assert many.steps == best.steps and len(many.path) == many.steps + 1


def test_lanes_of_a_table_that_is_moved_in_blocks():
    x = rng.normal(size=(kmeans.BLOCK + 100, 2))
    found = fit_kmeans(x, 5, 3, seed=1)
    means = np.stack([x[found.labels == k].mean(0) for k in range(5)])
    np.testing.assert_allclose(found.centres, means, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found.labels, found.predict(x))
    assert found.within == pytest.approx(np.sum((x - means[found.labels]) ** 2), rel=1e-9)
    assert found.path[-1] == pytest.approx(found.within, rel=1e-9) and found.converged


def test_an_empty_cell_takes_the_farthest_point():
    x = np.array([[0.0], [0.1], [0.2], [5.0]])
    found = fit_kmeans(x, 2, np.array([[0.1], [100.0]]))
    np.testing.assert_allclose(sorted(found.centres.ravel()), [0.1, 5.0], atol=1e-12)
    same = fit_kmeans(np.ones((4, 2)), 3)
    assert same.within == 0 and np.all(same.centres == 1) and same.converged


def test_float32_stays_float32_and_near(monkeypatch):
    monkeypatch.setattr(kmeans_fit, "TOGETHER", 0)  # as a large table
    single = fit_kmeans(BLOBS.astype(np.float32), 4, START)
    assert single.centres.dtype == np.float32 and not single.centres_path.size
    np.testing.assert_allclose(single.centres, fit_kmeans(BLOBS, 4, START).centres, rtol=1e-6)
    assert len(fit_kmeans(BLOBS.astype(np.float32), 4, 2).starts) == 2


def test_more_than_sixteen_centres():
    x = rng.normal(size=(100, 2))
    start = x[:20]
    found = fit_kmeans(x, 20, start)
    np.testing.assert_allclose(found.centres, lloyd(x, start, found.steps)[0], rtol=1e-9, atol=1e-12)


def test_given_steps_and_same_seed():
    short = fit_kmeans(BLOBS, 4, START, steps=1)
    assert not short.converged and short.steps == 1
    np.testing.assert_allclose(short.centres, lloyd(BLOBS, START, 1)[0], rtol=1e-10)
    one, two = fit_kmeans(BLOBS, 4, 2, seed=7), fit_kmeans(BLOBS, 4, 2, seed=7)
    np.testing.assert_array_equal(one.centres, two.centres)


def test_plus_plus_draws_far_points():
    """By D²: with 3 tight groups, one centre in each; the second of two centres by its share of Σ D²."""
    groups = np.concatenate([np.full((20, 1), v) + 0.01 * rng.normal(size=(20, 1)) for v in (0.0, 50.0, 100.0)])
    for seed in range(20):
        drawn = plus_plus(groups, 3, np.random.default_rng(seed)).ravel()
        assert sorted((drawn / 50).round().astype(int)) == [0, 1, 2]


def test_one_step_alone(x64):
    """The algorithm by itself, under the strict promotion of the tests."""
    x = jnp.asarray(BLOBS)
    algorithm = Lloyd.of(x, 4)
    state, info = algorithm.step(algorithm.step(algorithm.init(jnp.asarray(START)), None)[0], None)
    expected, within = lloyd(BLOBS, START, 1)
    np.testing.assert_allclose(state.c[:4], expected, rtol=1e-11)
    assert state.c.shape == (16, 3) and not np.any(state.c[4:])
    assert float(info.within) == pytest.approx(within[1], rel=1e-10)
    np.testing.assert_array_equal(state.sizes, np.bincount(state.a, minlength=16))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((BLOBS[0], 2), "points x of shape"),
        ((BLOBS * np.nan, 2), "all finite"),
        ((BLOBS, 0), "between 1 and 120 clusters"),
        ((BLOBS, 121), "between 1 and 120"),
        ((BLOBS, 2, 0), "at least one start"),
        ((BLOBS, 2, START), r"starting centres of shape \(2, 3\)"),
    ],
)
def test_bad_input(arguments, says):
    with pytest.raises(Mistake, match=says):
        fit_kmeans(*arguments)


def test_bad_rows_and_seeds():
    with pytest.raises(Mistake, match="rows of 3 numbers"):
        fit_kmeans(BLOBS, 4, START).predict(BLOBS[:, :2])
    with pytest.raises(Mistake, match="between 1 and 120 centres"):
        plus_plus(BLOBS, 121, rng)
