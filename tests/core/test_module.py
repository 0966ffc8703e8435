from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.core.module import Module, buffer, count, join, knob, knobs, named_leaves, parts, split


class Toy(Module):
    rate: float = knob(0.1, 0.0, 1.0, "log", "step size")
    width: int = knob(3, 1, 9)
    kind: str = knob("a", choices=("a", "b"))


class Layer(Module):
    W: Array
    mean: Array = buffer()
    slope: float = knob(0.5, 0.0, 1.0)


def test_a_knob_is_declared_once():
    declared = knobs(Toy)
    assert list(declared) == ["rate", "width", "kind"]
    assert (declared["rate"].low, declared["rate"].high, declared["rate"].scale) == (0.0, 1.0, "log")


@pytest.mark.parametrize(
    "bad", [{"rate": 2.0}, {"rate": -0.1}, {"rate": float("nan")}, {"width": 0}, {"width": 2.5}, {"kind": "c"}]
)
def test_a_value_outside_the_declaration_is_a_mistake(bad):
    with pytest.raises(Mistake, match=next(iter(bad))):
        Toy(**bad)


def test_a_float_knob_is_a_leaf_and_turning_it_does_not_compile_again():
    traced = []

    @jax.jit
    def f(toy):
        traced.append(1)
        return toy.rate * 2

    assert f(Toy(rate=0.25)) == 0.5
    assert f(Toy(rate=0.5)) == 1.0
    assert len(traced) == 1
    f(Toy(width=4))  # static: another program
    assert len(traced) == 2


def test_split_trains_arrays_but_not_buffers_and_join_is_its_inverse():
    model = (Layer(jnp.ones((2, 3)), jnp.zeros(3)), Layer(jnp.ones((1, 2)), jnp.zeros(2)))
    theta, rest = split(model)
    assert [leaf.shape for leaf in jax.tree.leaves(theta)] == [(2, 3), (1, 2)]
    assert count(model) == 8
    assert jax.tree.all(
        jax.tree.map(lambda a, b: bool((jnp.asarray(a) == jnp.asarray(b)).all()), join(theta, rest), model)
    )


def test_leaves_are_named_by_their_paths():
    assert list(named_leaves({"layers": [Layer(jnp.ones(2), jnp.zeros(2))]})) == ["layers.0.W", "layers.0.mean"]


def test_the_knobs_of_layers_are_not_trained():
    """Also where a compiled program has made arrays of them."""
    from gradiens.nn.normalisation.batch_norm import BatchNorm

    made = jax.jit(lambda: BatchNorm.make(3))()
    assert isinstance(made.eps, jax.Array)
    theta, moving, rest = parts(made)
    assert (theta.eps, theta.memory, theta.mean) == (None, None, None)
    assert rest.eps is made.eps
    assert [leaf.shape for leaf in jax.tree.leaves(moving)] == [(3,), (3,)]
    assert count(made) == 6
