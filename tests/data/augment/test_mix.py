"""Two pictures made one: shares of mixup and of area, the law of λ, partners."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy import stats

from gradiens.data.augment.mix import Cutmix, Mixup, shares

KEY = jax.random.key(3)
B = 300
made = jax.jit(lambda mix, a, b: mix(KEY, a, b))
A, OTHER = np.zeros((B, 2, 8, 10), np.float32), np.ones((B, 2, 8, 10), np.float32)


@pytest.mark.parametrize("α", [0.2, 1.0, 3.0])
def test_shares_follow_the_beta_distribution(α):
    drawn = np.asarray(jax.jit(shares)(KEY, α, A))
    assert stats.kstest(drawn, stats.beta(α, α).cdf).pvalue > 1e-4


def test_mixup_is_the_weighted_mean():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=A.shape).astype(np.float32) for _ in range(2))
    out, λ = map(np.asarray, made(Mixup(1.0), a, b))
    by = λ[:, None, None, None]
    np.testing.assert_allclose(out, by * a + (1 - by) * b, atol=1e-6)
    assert λ.min() >= 0 and λ.max() <= 1 and λ.std() > 0.2


def test_the_share_of_cutmix_is_the_area_that_is_left_and_the_rest_is_one_box():
    out, λ = map(np.asarray, made(Cutmix(1.0), A, OTHER))
    np.testing.assert_allclose(1 - out.mean((1, 2, 3)), λ, atol=1e-6)
    for one in out[:, 0]:
        rows, columns = one.any(1), one.any(0)
        np.testing.assert_array_equal(one, np.outer(rows, columns))
        for line in (rows, columns):
            assert np.abs(np.diff(np.pad(line.astype(int), 1))).sum() in (0, 2)  # one run


def test_the_box_has_the_sides_that_the_share_asks_for():
    """Uncut boxes, the paper's code: sides int(H √(1-λ₀)), int(W √(1-λ₀)), with the λ₀ of its key."""
    out, _ = made(Cutmix(2.0), A, OTHER)
    box = np.asarray(out)[:, 0] > 0
    side = np.sqrt(1 - np.asarray(jax.jit(shares)(jax.random.split(KEY, 3)[0], 2.0, A)))
    inner = ~(box[:, 0].any(1) | box[:, -1].any(1) | box[:, :, 0].any(1) | box[:, :, -1].any(1)) & box.any((1, 2))
    assert inner.sum() > 20
    np.testing.assert_array_equal(box.any(2).sum(1)[inner], (side * 8).astype(int)[inner])
    np.testing.assert_array_equal(box.any(1).sum(1)[inner], (side * 10).astype(int)[inner])
