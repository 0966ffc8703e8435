"""The cost of one example: the model's own where it has one, else the loss of what the model returns."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradiens.core.cost import RAW, cost_of
from gradiens.core.module import Module


class Doubling(Module):
    def __call__(self, x):
        return 2 * x


class Priced(Doubling):
    has_cost: bool = True

    def cost(self, x, y):
        return 100 + y


def loss(output, y):
    return (output - y) ** 2


def test_the_models_own_cost_comes_first():
    assert float(cost_of(Doubling(), loss, jnp.float32(3), 1.0)) == 25
    assert float(cost_of(Priced(), loss, jnp.float32(3), 1.0)) == 101
    assert float(cost_of(Priced(has_cost=False), loss, jnp.float32(3), 1.0)) == 25


@pytest.mark.parametrize(("model", "marked"), [(Doubling(), True), (Priced(), False)])
def test_what_the_model_returns_is_marked_for_the_printer(model, marked):
    program = jax.make_jaxpr(lambda x: cost_of(model, loss, x, 1.0))(jnp.float32(3))
    names = [eqn.params["name"] for eqn in program.eqns if eqn.primitive.name == "name"]
    assert names == [RAW] * marked
