"""The contract: every activation, loss, layer and optimizer of the catalogue prints, and what it prints is checked."""

from __future__ import annotations

import inspect
import re

import jax
import jax.numpy as jnp
import pytest

from gradiens.core.catalogue import members
from gradiens.equations import of_function, of_gradient, of_model, of_update
from gradiens.functions import losses
from gradiens.optim.optimizer import Coordinatewise

KEY = jax.random.key(0)


def holds(equations):
    assert equations.unprinted == ()
    assert str(equations.check()).startswith("checked"), f"{equations.check()}\n{equations}"
    single = equations.check(dtype="float32")
    assert single.ok, f"{single}\n{equations}"


@pytest.mark.parametrize("name", members("activation"))
def test_activation(name):
    holds(of_function(members("activation")[name].what))


@pytest.mark.parametrize("name", members("loss"))
def test_loss(name):
    holds(of_function(members("loss")[name].what))


WITH_EXAMPLE = {
    name: entry
    for kind in ("layer", "model")
    for name, entry in members(kind).items()
    if hasattr(entry.what, "example")
}


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_layer_and_its_gradient(name):
    model, x = WITH_EXAMPLE[name].what.example(KEY)
    holds(of_model(model, x))
    y = model(x)
    holds(of_gradient(model, losses.squared, x, jnp.zeros_like(y)))


OPTIMIZERS = {
    name: entry.what
    for name, entry in members("optimizer").items()
    if inspect.isclass(entry.what) and issubclass(entry.what, Coordinatewise)
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name):
    holds(of_update(OPTIMIZERS[name]()))


def plain(formula: str) -> str:
    """A formula without spaces, the power t of a docstring as it is printed."""
    return re.sub(r"\s+", "", formula).replace("βᵗ", "β^(t')").replace("γᵗ", "γ^(t')")


@pytest.mark.parametrize("name", [name for name in ("sgd", "momentum", "adam", "rmsprop") if name in OPTIMIZERS])
def test_docstring_of_the_file_is_what_is_printed(name):
    """Each printed line that changes θ or a running mean stands in the docstring of the file, letter by letter."""
    said = plain(inspect.getmodule(OPTIMIZERS[name]).__doc__)
    printed = [line for line in of_update(OPTIMIZERS[name]()).unicode(where=False).splitlines() if "t' =" not in line]
    assert printed
    for line in printed:
        assert plain(line) in said
