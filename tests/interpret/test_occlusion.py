"""Occlusion: by hand with one patch at a time; what lies outside a receptive field, and what is grey already, changes nothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret import occlusion as module
from gradiens.interpret.occlusion import occlusion, under

RNG = np.random.default_rng(2)


def by_hand(f, x, window, stride, value):
    high, wide = x.shape[-2:]
    found = np.zeros((-(-high // stride), -(-wide // stride)))
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            hidden = np.array(x)
            top, left = i * stride - (window - 1) // 2, j * stride - (window - 1) // 2
            hidden[..., max(top, 0) : top + window, max(left, 0) : left + window] = value
            found[i, j] = f(x) - f(hidden)
    return found


@pytest.mark.parametrize(("window", "stride", "shape"), [(3, 1, (6, 5)), (5, 2, (2, 7, 8)), (2, 3, (3, 4, 4))])
def test_it_is_the_fall_of_the_score_with_each_patch(x64, window, stride, shape):
    w = RNG.normal(size=shape)
    x = RNG.uniform(size=shape)
    f = lambda x: (w * x**2).sum()  # noqa: E731
    found = occlusion(f, jnp.asarray(x), None, window, stride, 0.5)
    np.testing.assert_allclose(found, by_hand(f, x, window, stride, 0.5), rtol=1e-12, atol=1e-13)


def test_outside_the_receptive_field_nothing_changes(x64):
    """A unit that sees rows 2 … 4 and columns 3 … 5: patches of 3 × 3 whose centre is two or more away change nothing."""
    w = jnp.asarray(RNG.normal(size=(3, 3)))
    unit = lambda x: jnp.tanh(jnp.sum(w * x[2:5, 3:6]))  # noqa: E731
    found = np.asarray(occlusion(unit, jnp.asarray(RNG.uniform(size=(9, 9))), window=3))
    seen = np.zeros((9, 9), bool)
    seen[1:6, 2:7] = True
    assert np.all(found[~seen] == 0) and np.all(found[seen] != 0)


def test_a_picture_that_is_grey_already_does_not_change():
    assert np.all(np.asarray(occlusion(lambda x: x.ravel()[:3], jnp.full((4, 4), 0.5), 1)) == 0)


def test_patches_cover_what_they_should():
    rows, columns = under(4, 3, 2), under(5, 3, 2)
    assert rows.astype(int).tolist() == [[1, 1, 0, 0], [0, 1, 1, 1]]
    assert columns.astype(int).tolist() == [[1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 1, 1]]


def test_many_places_are_taken_in_batches(x64, monkeypatch):
    """Of 7 × 6 places at most five pictures at once, on the host and in a compiled program."""
    x, w = (jnp.asarray(RNG.normal(size=(2, 7, 6))) for _ in range(2))
    sizes = []

    @jax.custom_batching.custom_vmap
    def f(x):
        return jnp.sum(w * jnp.sin(x))

    @f.def_vmap
    def _(size, batched, X):
        sizes.append(size)
        return jnp.sum(w[None] * jnp.sin(X), axis=(1, 2, 3)), True

    ask = lambda x: occlusion(f, x, window=3)  # noqa: E731
    expected = ask(x)
    monkeypatch.setattr(module, "ROOM", 5 * x.size)
    np.testing.assert_allclose(ask(x), expected, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(jax.jit(ask)(x), expected, rtol=1e-13, atol=1e-13)
    assert sizes == [42, *[5] * 8, 2, 5, 2]


def test_it_can_be_mapped_and_compiled():
    X = jnp.asarray(RNG.uniform(size=(2, 1, 4, 4)), jnp.float32)
    found = jax.jit(jax.vmap(lambda x, c: occlusion(lambda x: x.reshape(-1), x, c, 1)))(X, jnp.array([0, 5]))
    assert np.count_nonzero(found) == 2 and found[1, 1, 1] == X[1, 0, 1, 1] - 0.5


@pytest.mark.parametrize(
    ("x", "options"), [(jnp.ones(4), {}), (jnp.ones((4, 4)), {"window": 0}), (jnp.ones((4, 4)), {"stride": 0})]
)
def test_bad_input(x, options):
    with pytest.raises(Mistake, match="a picture"):
        occlusion(jnp.sum, x, **options)
