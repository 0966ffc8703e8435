"""Reduction on a plateau: PyTorch's rule, by hand, and the steps of epochs that follow it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.optim.descent import Descent
from gradiens.optim.schedules import Exponential
from gradiens.optim.sgd import SGD
from gradiens.train.epochs import Epochs
from gradiens.train.plateau import Plateau, Reduced

LOSSES = [5.0, 4.0, 4.0, 4.5, 3.0, 3.5, 3.5, 3.5, 3.5, 2.0, np.nan, 1.0]


def scales(rule, losses):
    state, found = rule.init(), []
    for loss in losses:
        state = rule.step(state, jnp.asarray(loss))
        found.append(float(state.scale))
    return found


def test_by_hand(x64):
    half = scales(Plateau(0.5, 2), LOSSES)
    assert half == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125]


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_is_pytorchs(x64, patience):
    """PyTorch waits one more epoch: its patience is ours less one."""
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    losses = np.random.default_rng(0).integers(0, 9, 30).astype(float)[::-1]
    method = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    peer = torch.optim.lr_scheduler.ReduceLROnPlateau(method, factor=0.5, patience=patience - 1, threshold=0.0, eps=0.0)
    expected = []
    for loss in losses:
        peer.step(loss)
        expected.append(method.param_groups[0]["lr"])
    np.testing.assert_allclose(scales(Plateau(0.5, patience), losses), expected, rtol=1e-14)
    assert expected[-1] < 0.1


def slope(theta, rows):
    return -theta * jnp.mean(rows)


def last(theta, losses):
    """An invented validation loss that is lowest at first."""
    return theta + losses


@pytest.mark.parametrize("schedule", [None, Exponential(100, 0.5)])
def test_the_steps_become_smaller(x64, schedule):
    """A step adds its size to θ: one step an epoch, and a loss that grows, so that each second epoch halves the step."""
    epochs = Epochs(Descent(slope, SGD(1.0), schedule), jnp.ones(4), 4, last, jnp.asarray(0.0))
    done = iterate(
        Reduced(epochs, Plateau(0.5, 2), lambda loss: loss),
        jnp.asarray(0.0),
        steps=6,
        key=jax.random.key(0),
        quiet=True,
    )
    theta, factor = done.trace
    assert factor.tolist() == [1, 1, 1, 0.5, 0.5, 0.25]
    planned = np.ones(6) if schedule is None else 0.5 ** np.arange(6)
    np.testing.assert_allclose(np.diff(np.concatenate([[0], theta])), factor * planned, rtol=1e-12)


def test_bad_input():
    with pytest.raises(Mistake, match="patience of at least 1"):
        Plateau(0.5, 0)
    with pytest.raises(Mistake, match="factor between 0 and 1"):
        Plateau(1.5, 2)
