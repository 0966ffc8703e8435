"""The score that is asked about, and what is refused."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.deletion import greyed
from gradiens.interpret.integrated_gradients import integrated_gradients
from gradiens.interpret.occlusion import occlusion
from gradiens.interpret.saliency import saliency, smooth_saliency
from gradiens.interpret.score import derivative, score_of


def test_the_score_is_one_number_of_f(x64):
    f = lambda x: jnp.stack([x[0] ** 2, 3 * x[1]])  # noqa: E731
    x = jnp.array([2.0, 5.0])
    assert float(score_of(f, 1)(x)) == 15
    assert derivative(f, 0, x).tolist() == [4.0, 0.0]
    assert derivative(lambda x: x[0] * x[1], None, x).tolist() == [5.0, 2.0]
    assert derivative(f, jnp.int32(1), x).tolist() == [0.0, 3.0]


@pytest.mark.parametrize("kind", [int, np.int64, jnp.int32])
@pytest.mark.parametrize("c", [2, -1, 99])
def test_a_class_that_is_not_there_is_refused(c, kind):
    with pytest.raises(Mistake, match=f"class {c}"):
        score_of(lambda x: x, kind(c))(jnp.ones(2))


def test_one_of_several_scores_has_to_be_named():
    with pytest.raises(Mistake, match="give c"):
        score_of(lambda x: x, None)(jnp.ones(2))


def test_a_single_number_has_no_class():
    with pytest.raises(Mistake, match="a score for class c"):
        score_of(jnp.sum, 0)(jnp.ones(2))


def test_a_class_known_only_in_the_compiled_program_is_taken():
    found = jax.jit(lambda c: score_of(lambda x: 2 * x, c)(jnp.array([1.0, 5.0])))(1)
    assert float(found) == 10


@pytest.mark.parametrize(
    "ask",
    [
        lambda x: saliency(jnp.sum, x),
        lambda x: smooth_saliency(jnp.sum, x, jax.random.key(0)),
        lambda x: integrated_gradients(jnp.sum, x),
        lambda x: occlusion(jnp.sum, x),
        lambda x: greyed(x, jnp.ones((2, 2)), 0.5),
    ],
)
def test_pixels_stored_as_whole_numbers_are_refused(ask):
    with pytest.raises(Mistake, match="floating-point numbers, got uint8; pixels from 0 to 255"):
        ask(jnp.ones((2, 2), jnp.uint8))
