"""EfficientNets larger than B0: published counts, and the rule that doubles the products."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import buffers
from gradiens.nn.landmarks.compound_scaling import PUBLISHED, compound_scale, scaled_stages
from gradiens.nn.landmarks.efficientnet import STAGES, EfficientNet
from gradiens.nn.shapes import shape_table

KEY = jax.random.key(0)


def shapes(name):
    depth, width, side = PUBLISHED[name]
    stages, ends = scaled_stages(depth, width)
    return eqx.filter_eval_shape(lambda key: EfficientNet.make(1000, key, (3, side, side), stages, ends), KEY)


@pytest.mark.parametrize(
    ("name", "parameters"), [("b0", 5_288_548), ("b1", 7_794_184), ("b2", 9_109_994), ("b3", 12_233_232)]
)
def test_counts_as_published(name, parameters):
    """7.8, 9.2 and 12 million in table 2 of the paper; to the last one in PyTorch's models."""
    network = shapes(name)
    kept = {id(leaf) for leaf in buffers(network)}
    assert sum(leaf.size for leaf in jax.tree.leaves(network) if hasattr(leaf, "size") and id(leaf) not in kept) == (
        parameters
    )


def test_one_step_of_the_rule_doubles_the_products():
    """2^φ about, as the paper asks; and the products by shape, which rounding makes 2.6 (published: 1.0 of 0.39 billion)."""
    np.testing.assert_allclose(compound_scale(1.0), (1.2, 1.1, 1.15), rtol=1e-15)
    np.testing.assert_allclose(compound_scale(2.0), (1.44, 1.21, 1.3225), rtol=1e-15)
    assert compound_scale(1.0).products == pytest.approx(1.2 * 1.1**2 * 1.15**2, rel=1e-12) == pytest.approx(1.92, 1e-3)
    small, large = (
        sum(row.products for row in shape_table(shapes(name), (3, PUBLISHED[name][2], PUBLISHED[name][2])))
        for name in ("b0", "b2")
    )
    assert small == pytest.approx(0.39e9, rel=0.02) and large == pytest.approx(1.0e9, rel=0.02)


def test_a_factor_of_one_changes_nothing_and_halves_are_rounded_up():
    assert scaled_stages(1.0, 1.0) == (STAGES, (32, 1280))
    stages, ends = scaled_stages(0.5, 0.5)
    assert [stage.blocks for stage in stages] == [1, 1, 1, 2, 2, 2, 1]
    assert [stage.maps for stage in stages] == [8, 16, 24, 40, 56, 96, 160] and ends == (16, 640)
    for factors in ((0.0, 1.0), (1.0, -1.0)):
        with pytest.raises(Mistake, match="above 0"):
            scaled_stages(*factors)
