"""The decomposition: the closed identity, a mean whose bias and variance are known, and simulated errors."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.evaluation.bias_variance import bias_variance, decompose


def test_the_identity_is_exact():
    rng = np.random.default_rng(0)
    p, f = rng.normal(size=(20, 7)), rng.normal(size=7)
    parts = decompose(p, f, 0.3)
    np.testing.assert_allclose(parts.bias2 + parts.variance, np.mean((p - f) ** 2, axis=0), rtol=1e-12)
    np.testing.assert_allclose(parts.expected - parts.bias2 - parts.variance, 0.3, rtol=1e-12)
    assert parts.means()["expected"] == pytest.approx(np.mean((p - f) ** 2) + 0.3, rel=1e-12)


class Shrunk:
    """c times the mean of y: of n values around m with variance s²: bias ((1-c) m)², variance c² s²/n."""

    def __init__(self, c, y):
        self.value = c * y.mean()

    def predict(self, x):
        return np.full(len(x), self.value)


@pytest.mark.parametrize("c", [0.5, 1.0])
def test_a_shrunken_mean_has_the_bias_and_variance_of_the_books(c):
    draw = lambda rng: (None, rng.normal(3.0, 2.0, 16))  # noqa: E731
    found = bias_variance(lambda x, y: Shrunk(c, y), draw, np.zeros(1), [3.0], 4.0, repeats=2000, seed=1)
    spread = c**2 * 4 / 16
    assert found.variance[0] == pytest.approx(spread, abs=3 * spread * np.sqrt(2 / 2000))
    assert np.sqrt(found.bias2[0]) == pytest.approx((1 - c) * 3, abs=3 * np.sqrt(spread / 2000) + 1e-9)
    assert found.noise[0] == 4.0 and found.repeats == 2000


def test_the_expected_error_is_the_error_on_fresh_noise():
    """Within 3 s.e. of the mean error over fresh noise, one draw for each training set."""
    rng, x = np.random.default_rng(0), np.linspace(0, 1, 20)
    f = np.sin(4 * x)
    fits = np.array([np.polyval(np.polyfit(x, f + rng.normal(0, 0.5, 20), 2), x) for _ in range(1500)])
    errors = np.mean((f + rng.normal(0, 0.5, fits.shape) - fits) ** 2, axis=1)
    parts = decompose(fits, f, 0.25)
    assert abs(parts.means()["expected"] - errors.mean()) < 3 * errors.std() / np.sqrt(1500)


def test_mistakes():
    with pytest.raises(Mistake, match="R ≥ 2"):
        decompose(np.zeros((1, 3)), np.zeros(3), 0.0)
    with pytest.raises(Mistake, match=r"\(4, 3\) and \(4,\)"):
        decompose(np.zeros((4, 3)), np.zeros(4), 0.0)
    with pytest.raises(Mistake, match="variance of the noise"):
        decompose(np.zeros((4, 3)), np.zeros(3), -1.0)
    with pytest.raises(Mistake, match="at least 2 repeats"):
        bias_variance(Shrunk, lambda rng: (None, None), np.zeros(1), [0.0], 0.0, repeats=1)
