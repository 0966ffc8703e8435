"""What layers give, and a network opened at one of them: against the composition written out."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.grad_cam import grad_cam
from gradiens.interpret.layers import feature_maps, grad_cam_at, opened
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import GlobalAverage
from gradiens.nn.dense import Dense


class Forked:
    """y = a(x) + b(a(x)): a network that is no composition."""

    def forward(self, x, run):
        y = run(jnp.sin, x)
        return y + run(jnp.square, y)


def test_every_layer_is_seen_in_its_order(x64):
    seen = feature_maps([jnp.sin, jnp.square], x := jnp.array([1.0, 2.0]))
    assert [one.layer for one in seen] == [jnp.sin, jnp.square]
    np.testing.assert_allclose(seen[1].output, np.sin(x) ** 2)
    assert seen[1].input is seen[0].output


def test_inner_layers_come_before_the_layer_that_holds_them(x64):
    inner = Forked()
    seen = feature_maps([jnp.exp, inner], x := jnp.array([0.3]))
    assert [one.layer for one in seen] == [jnp.exp, jnp.sin, jnp.square, inner]
    s = np.sin(np.exp(np.asarray(x)))
    np.testing.assert_allclose(seen[-1].output, s + s**2)


def test_the_derivative_at_an_opened_layer(x64):
    """y = e + s + (e + s)² with s = sin x: dy/de at 0 is 1 + 2 s."""
    x = jnp.array([0.7])
    f = opened(Forked(), 0)
    y, s = f(x, jnp.zeros(1))
    np.testing.assert_allclose(s, np.sin(0.7))
    np.testing.assert_allclose(jax.grad(lambda e: f(x, e)[0][0])(jnp.zeros(1)), 1 + 2 * np.sin(0.7))
    np.testing.assert_allclose(y, s + s**2)


def test_grad_cam_at_a_layer_is_that_of_the_two_parts():
    one, two, at = jax.random.split(jax.random.key(0), 3)
    chain = Chain.make(Conv2d.make(1, 3, 3, one), "relu", GlobalAverage(), Dense.make(3, 2, two))
    x = jax.random.normal(at, (1, 5, 5))
    front, back = Chain(chain.blocks[:2]), Chain(chain.blocks[2:])
    found = grad_cam_at(chain, 1, x, 1)
    np.testing.assert_allclose(found, grad_cam(front, back, x, 1), rtol=1e-5, atol=1e-7)
    assert len(feature_maps(chain, x)) == 4
    for place in (3, 9):
        with pytest.raises(Mistake, match="gives maps"):
            grad_cam_at(chain, place, x, 1)


def test_what_has_no_layers_is_refused():
    with pytest.raises(Mistake, match=r"forward\(x, run\)"):
        feature_maps(jnp.sin, jnp.ones(2))
