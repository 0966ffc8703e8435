"""Augmentation said as text: what is parsed, refused, and done to a batch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake
from gradiens.data.augment.cutout import Cutout
from gradiens.data.augment.flip import Flip
from gradiens.data.augment.mix import Cutmix, Mixup
from gradiens.data.augment.shift import Shift
from gradiens.data.augmentation import Augmentation, augmentation

X = np.random.default_rng(0).normal(size=(6, 3, 8, 8)).astype(np.float32)
Y = np.arange(6)
KEYS = jax.random.key(0), jax.random.key(1)


def test_text_is_read_in_its_order():
    made = augmentation("shift=2, flip,cutout=3,mixup=0.4,cutmix")
    assert made == Augmentation((Shift(2), Flip(0.5), Cutout(3)), (Mixup(0.4), Cutmix(1.0)))
    assert augmentation("") == augmentation("none") == Augmentation()


def test_every_change_of_the_catalogue_can_be_named_and_keeps_shape_and_type(x64):
    for name in members("augmentation"):
        for dtype in (np.float32, np.float64):
            out, y_a, y_b, λ = jax.eval_shape(augmentation(name), KEYS[0], X.astype(dtype), Y)
            assert out.shape == X.shape and out.dtype == λ.dtype == dtype, name
            assert y_a.shape == y_b.shape == λ.shape == (6,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flop", "did you mean 'flip'"),
        ("shift=a", "a whole number for shift, got 'a'; for example shift=4"),
        ("rotate=x", "a number for rotate, got 'x'; for example rotate=15"),
        ("flip=2", "between 0 and 1 in 'flip', got 2"),
        ("mixup,mixup=1", "once each"),
    ],
)
def test_what_is_wrong_is_said(text, says):
    with pytest.raises(Mistake, match=says):
        augmentation(text)


def test_flat_rows_are_refused():
    with pytest.raises(Mistake, match="B × C × H × W"):
        augmentation("flip")(KEYS[0], X.reshape(6, -1), Y)


def test_one_key_gives_one_batch_and_another_key_another():
    """A pure function of the key; two changes of one kind draw apart."""
    made = jax.jit(augmentation("shift=3,noise=0.5"))
    first, again, other = made(KEYS[0], X, Y), made(KEYS[0], X, Y), made(KEYS[1], X, Y)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])
    assert made._cache_size() == 1
    twice = np.asarray(jax.jit(augmentation("noise=1,noise=1"))(KEYS[0], np.zeros((200, 1, 8, 8), np.float32), Y)[0])
    assert twice.std() == pytest.approx(np.sqrt(2), rel=0.05)  # the same draws twice would have 2


def test_without_mixing_every_picture_is_its_own():
    _, y_a, y_b, λ = augmentation("")(KEYS[0], X, Y)
    assert y_a is y_b is Y and np.array_equal(λ, np.ones(6)) and not augmentation("flip").mixes


def test_the_partner_is_another_picture_and_the_share_is_that_of_the_first():
    """Pictures that hold their label: the mean of a mixed one is λ y_a + (1-λ) y_b; both ways of mixing come."""
    x = np.broadcast_to(Y[:, None, None, None], (6, 3, 8, 8)).astype(np.float32)
    made = jax.jit(augmentation("mixup=1,cutmix"))
    distances, boxes = set(), 0
    for seed in range(20):
        out, y_a, y_b, λ = map(np.asarray, made(jax.random.key(seed), jnp.asarray(x), Y))
        np.testing.assert_allclose(out.mean((1, 2, 3)), λ * y_a + (1 - λ) * y_b, atol=1e-5)
        assert np.array_equal(y_a, Y) and len(set((y_a - y_b) % 6)) == 1
        distances |= set((y_a - y_b) % 6)
        boxes += (np.ptp(out, (1, 2, 3)) > 0.5).sum()
    assert distances == {1, 2, 3, 4, 5} and 30 < boxes < 85
    alone = augmentation("mixup")(KEYS[0], x[:1], Y[:1])
    assert np.array_equal(alone[0], x[:1]) and alone[3][0] == 1
