"""What detectors and made pictures pay: the borders of their definitions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.detection_cost import class_and_box
from gradiens.functions.style import roughness


@pytest.mark.parametrize("box", [[1.0, 2, 1, 5], [1, 2, 4, 2], [1, 2, 1, 2]])
def test_a_box_without_area_counts_the_class_alone(x64, box):
    output, other = jnp.array([0.5, -1, 0, 0, 3, 3]), jnp.array([0.5, -1, 9, 9, 9, 9])
    target = jnp.array([1.0, *box])
    assert class_and_box(output, target) == class_and_box(other, target) == pytest.approx(np.log1p(np.exp(1.5)))
    assert class_and_box(output, jnp.array([1.0, 1, 2, 4, 5])) > class_and_box(output, target) + 1


@pytest.mark.parametrize(("shape", "expected"), [((1, 1, 3), 2.5), ((1, 3, 1), 2.5), ((1, 1, 1), 0), ((2, 1, 3), 2.5)])
def test_an_axis_of_one_pixel_is_not_rough(x64, shape, expected):
    x = jnp.broadcast_to(jnp.array([0.0, 2, 3])[: max(shape[1:])].reshape(shape[1:]), shape)
    value, slope = jax.value_and_grad(roughness)(x)
    assert value == pytest.approx(expected) and jnp.all(jnp.isfinite(slope))
