"""A fixed step is taken whatever it leads to."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.minimiser import FINE
from tests.optim.line_search.lines import one


def test_fixed(x64):
    line = one(lambda t: (t - 1) ** 2, p=2.0)
    for alpha in (0.3, 5.0):
        found = Fixed(alpha)(line, jnp.asarray(0.1))
        assert found.alpha == alpha and found.trouble == FINE
        np.testing.assert_allclose(found.point.theta, [2 * alpha])
        np.testing.assert_allclose(found.point.value, (2 * alpha - 1) ** 2)
        assert (found.counts.values, found.counts.gradients) == (1, 1)
    assert Fixed()(line, jnp.asarray(0.1)).alpha == 1
