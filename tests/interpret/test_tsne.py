"""t-SNE: clusters stay clusters, a seed gives one picture, few and flat rows do not fail."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.tsne import tsne


def test_separate_clusters_stay_separate_and_a_seed_gives_one_picture():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 15)
    z = rng.normal(size=(45, 8)) + 30 * np.eye(8)[y]
    u = tsne(z, seed=1, perplexity=10, steps=300)
    assert u.shape == (45, 2) and np.isfinite(u).all()
    d = np.linalg.norm(u[:, None] - u[None], axis=2)
    np.fill_diagonal(d, np.inf)
    assert np.all(y[np.argmin(d, axis=1)] == y)
    assert np.array_equal(u, tsne(z, seed=1, perplexity=10, steps=300))


@pytest.mark.parametrize("z", [np.zeros((4, 3)), np.arange(5.0)[:, None]])
def test_few_rows_one_feature_and_rows_that_are_alike(z):
    u = tsne(z, steps=250)
    assert u.shape == (len(z), 2) and np.isfinite(u).all()


@pytest.mark.parametrize("z", [np.ones((3, 2)), np.ones(5), np.full((6, 2), np.nan), np.ones((6, 0))])
def test_bad_rows(z):
    with pytest.raises(Mistake, match="at least four examples"):
        tsne(z)


def test_bad_knobs():
    for options in ({"perplexity": 0.5}, {"steps": 10}):
        with pytest.raises(Mistake, match="250 steps or more"):
            tsne(np.ones((6, 2)), **options)
