from __future__ import annotations

import jax
import numpy as np
import pytest

from gradiens.core.keys import root_key


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31 - 1])
def test_it_is_the_key_of_jax(seed):
    np.testing.assert_array_equal(jax.random.key_data(root_key(seed)), jax.random.key_data(jax.random.key(seed)))
    np.testing.assert_array_equal(
        jax.random.normal(root_key(seed), (3,)), jax.random.normal(jax.random.key(seed), (3,))
    )
