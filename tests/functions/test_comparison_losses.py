"""Contrastive and triplet loss against PyTorch, the soft Dice coefficient by hand; their formulas are their programs."""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens import equations
from gradiens.functions.comparison_losses import contrastive, example, soft_dice, triplet
from tests.contracts.test_docstrings import SAMPLES, stated, texts

LETTERS = {"anchor": "a", "positive": "p", "negative": "n", "same": "s", "margin": "m", "smooth": "f"}
OPTION = {contrastive: "margin", triplet: "margin", soft_dice: "smooth"}
each = pytest.mark.parametrize("loss", OPTION)
RNG = np.random.default_rng(0)
A, P, N = RNG.normal(size=(3, 50, 4))


@each
def test_the_docstring_is_the_program(x64, loss):
    program = equations.of(loss, *example(loss, jax.random.key(0)), 0.7, output="C", names=LETTERS)
    for text in texts(inspect.getdoc(loss)):
        check = stated(program, text).check(samples=SAMPLES)
        assert check.ok and check.samples == SAMPLES, check
        changed = text.replace(" - ", " + ", 1)
        assert changed != text and not stated(program, changed).check(samples=SAMPLES).ok


@each
def test_gradients_are_finite_differences(x64, loss):
    for seed in range(5):
        args = example(loss, jax.random.key(seed))
        v, h = jax.random.normal(jax.random.key(9), args[0].shape), 1e-6
        f = lambda a, args=args: loss(a, *args[1:], 3.0)  # noqa: E731
        slope = float(jnp.sum(jax.grad(f)(args[0]) * v))
        assert slope == pytest.approx(float(f(args[0] + h * v) - f(args[0] - h * v)) / (2 * h), rel=1e-6, abs=1e-9)


def test_triplet_is_pytorchs_with_squared_distances(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is the peer")
    squared = lambda a, b: torch.sum((a - b) ** 2, dim=-1)  # noqa: E731
    peer = torch.nn.TripletMarginWithDistanceLoss(distance_function=squared, margin=0.7, reduction="none")
    ours = jax.vmap(lambda a, p, n: triplet(a, p, n, 0.7))(A, P, N)
    np.testing.assert_allclose(ours, peer(*map(torch.tensor, (A, P, N))).numpy(), rtol=1e-12)


def test_triplet_is_zero_exactly_where_the_margin_is_kept(x64):
    margin = 0.5
    near, far = np.sum((A - P) ** 2, axis=1), np.sum((A - N) ** 2, axis=1)
    losses = np.asarray(jax.vmap(lambda a, p, n: triplet(a, p, n, margin))(A, P, N))
    np.testing.assert_array_equal(losses == 0, far >= near + margin)
    assert 0 < np.sum(losses == 0) < 50
    corner = jnp.array([0.0, 0.0]), jnp.array([1.0, 0.0]), jnp.array([1.0, 2.0])
    assert triplet(*corner, 4.0) == 0 < triplet(*corner, 4.0 + 1e-12)


def test_contrastive_by_its_source(x64):
    """L = (1 - Y) D²/2 + Y max(0, m - D)²/2, Y = 1 for a pair of two classes."""
    for a, b in zip(A, P, strict=True):
        D = np.sqrt(np.sum((a - b) ** 2))
        for Y in (0.0, 1.0):
            expected = (1 - Y) * D**2 / 2 + Y * max(0.0, 2.5 - D) ** 2 / 2
            assert float(contrastive(a, b, 1 - Y, 2.5)) == pytest.approx(expected, rel=1e-12)


def test_contrastive_has_a_slope_where_two_embeddings_are_one():
    for same in (0.0, 1.0):
        assert jnp.all(jax.grad(contrastive)(jnp.ones(3), jnp.ones(3), same) == 0)


def test_soft_dice_of_a_mask_is_one_minus_the_dice_coefficient(x64):
    y, p = np.array([1.0, 1, 0, 0, 1]), np.array([1.0, 0, 1, 0, 1])
    assert float(soft_dice(p, y, 0.0)) == pytest.approx(1 - 2 * 2 / 6, rel=1e-12)
    assert soft_dice(y, y) == 0 and soft_dice(0 * y, 0 * y) == 0
    assert float(soft_dice(0 * y, y)) == pytest.approx(1 - 1 / 4)
