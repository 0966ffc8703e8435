"""What is printed is what runs: every equation of the catalogue is printed, parsed, evaluated and compared with its program."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import pytest

from gradiens import equations
from gradiens.core.catalogue import everything, members
from gradiens.functions import losses
from gradiens.train.explain import WITHOUT, equations_of_entry

ENTRIES = {f"{entry.kind} {entry.name}": entry for entry in everything() if entry.kind not in WITHOUT}
MODELS = {f"{kind} {name}": entry for kind in ("layer", "model") for name, entry in members(kind).items()}


def holds(one):
    assert one.unprinted == ()
    double, single = one.check(), one.check(dtype="float32")
    assert double.error <= 1e-9 and double.samples == 3, f"{double}\n{one}"
    assert single.error <= 1e-5 and single.samples == 3, f"{single}\n{one}"
    assert double.read == ("Unicode", "LaTeX")  # from the text alone


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_printed_is_the_program(name):
    found = equations_of_entry(ENTRIES[name])
    assert found, f"{name} has no equations"
    for _, one in found:
        holds(one)


@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_is_the_program(name):
    model, x = MODELS[name].what.example(jax.random.key(0))
    holds(equations.of_gradient(model, losses.squared, x, jnp.zeros_like(model(x))))


@pytest.mark.parametrize("name", members("loss"))
def test_the_slope_of_a_loss_is_the_program(name):
    loss = members("loss")[name].what
    y_hat, y = losses.example(loss, jax.random.key(0))
    holds(equations.of(lambda y_hat, y: jax.value_and_grad(loss)(y_hat, y), y_hat, y, output=["C", "g"]))


def test_nothing_is_left_out_silently():
    """Every object has equations, or is of a kind that says why it has none."""
    kinds = {entry.kind for entry in everything()}
    assert kinds - set(WITHOUT) == {
        "activation",
        "comparison loss",
        "layer",
        "loss",
        "minimiser",
        "model",
        "optimizer",
        "penalty",
        "problem",
        "schedule",
    }
    assert set(WITHOUT) <= kinds and all(WITHOUT.values())
    assert all(not equations_of_entry(entry) for entry in everything() if entry.kind in WITHOUT)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("optimizer adam", "√ŝ + ε", "√ŝ - ε"),
        ("optimizer adam", "β v", "γ v"),
        ("loss huber", "≤", ">"),
        ("activation elu", ">", "<"),
        ("model mlp", "W^[2] a^[1]", "W^[2] ⊙ a^[1]"),
        ("layer batch_norm", "μ", "γ"),
    ],
)
def test_a_print_that_is_changed_is_found_out(name, old, new):
    """The contract can fail: the check reads the text, and nothing but the text."""

    class Changed(equations.Equations):
        def unicode(self, where=True):
            return super().unicode(where).replace(old, new, 1)

    ((_, one),) = equations_of_entry(ENTRIES[name])
    changed = Changed(**{field.name: getattr(one, field.name) for field in dataclasses.fields(one)})
    assert changed.unicode() != one.unicode(), f"{old} is not in\n{one}"
    assert not changed.check().ok
