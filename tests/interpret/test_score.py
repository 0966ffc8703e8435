"""The score that is asked about, and what is refused."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.score import derivative, score_of


def test_the_score_is_one_number_of_f(x64):
    f = lambda x: jnp.stack([x[0] ** 2, 3 * x[1]])  # noqa: E731
    x = jnp.array([2.0, 5.0])
    assert float(score_of(f, 1)(x)) == 15
    assert derivative(f, 0, x).tolist() == [4.0, 0.0]
    assert derivative(lambda x: x[0] * x[1], None, x).tolist() == [5.0, 2.0]
    assert derivative(f, jnp.int32(1), x).tolist() == [0.0, 3.0]


@pytest.mark.parametrize(("c", "says"), [(None, "give c"), (2, "class 2"), (-1, "class -1")])
def test_a_class_that_is_not_there_is_refused(c, says):
    with pytest.raises(Mistake, match=says):
        score_of(lambda x: x, c)(jnp.ones(2))


def test_a_single_number_has_no_class():
    with pytest.raises(Mistake, match="a score for class c"):
        score_of(jnp.sum, 0)(jnp.ones(2))
