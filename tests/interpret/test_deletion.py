"""Deletion: which pixels are greyed, and the curve of a score that counts them."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.deletion import deletion_curve, greyed


def test_the_most_important_pixels_are_greyed_in_every_channel(x64):
    importance = jnp.array([[1.0, 9.0], [7.0, 3.0]])
    x = jnp.arange(8.0).reshape(2, 2, 2)
    found = np.asarray(greyed(x, importance, 0.5, -1.0))
    np.testing.assert_array_equal(found, [[[0, -1], [-1, 3]], [[4, -1], [-1, 7]]])
    assert np.array_equal(greyed(x[0], importance, 0.0), x[0]) and np.all(
        np.asarray(greyed(x[0], importance, 1.0)) == 0.5
    )


def test_shares_are_rounded_up_and_equals_go_in_their_order():
    x = jnp.ones((2, 5))
    for share, count in ((0.1, 1), (0.11, 2), (0.3, 3), (0.7, 7)):  # 0.3 · 10 is not 3 in binary
        found = np.asarray(greyed(x, jnp.zeros((2, 5)), share, 0.0)).ravel()
        assert found.tolist() == [0.0] * count + [1.0] * (10 - count)


def test_the_curve_of_a_score_that_adds_up_falls_by_the_importance(x64):
    w = np.random.default_rng(5).uniform(size=(4, 5))
    curve = deletion_curve(lambda x: jnp.sum(w * x), jnp.ones((4, 5)), jnp.asarray(w), None, (0.0, 0.25, 1.0), 0.0)
    largest = np.sort(w.ravel())[::-1]
    np.testing.assert_allclose(curve, [w.sum(), w.sum() - largest[:5].sum(), 0], atol=1e-12)


@pytest.mark.parametrize(("share", "shape"), [(1.5, (2, 2)), (-0.1, (2, 2)), (0.5, (3, 2))])
def test_bad_input(share, shape):
    with pytest.raises(Mistake, match="a share from 0 to 1"):
        greyed(jnp.ones((2, 2)), jnp.ones(shape), share)
