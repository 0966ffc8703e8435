"""The claims of the sections on expressive power, activations and back-propagation turn false when what they use is broken."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.book.ch05_feed_forward import s02_expressive_power as power
from gradiens.book.ch05_feed_forward import s03_activations as activations
from gradiens.book.ch05_feed_forward import s04_back_propagation as back
from gradiens.book.runner import run_section
from gradiens.nn import back_propagation
from gradiens.nn.constructive import product_gate, relu_interpolant
from gradiens.nn.mlp import MLP


def failing(name: str, module, monkeypatch, **overrides) -> set[str]:
    """The claims that fail; what a section draws is left out."""
    for made in ("show", "values", "text"):
        monkeypatch.delattr(module, made, raising=False)
    return {claim.says.split(":")[0] for claim in run_section(name, overrides).claims if not claim.ok}


def test_constructions_with_a_slope_and_a_scale_that_are_wrong(x64, monkeypatch):
    monkeypatch.setattr(power, "separations", lambda config, key: None)
    right = relu_interpolant.relu_interpolant
    monkeypatch.setattr(power, "relu_interpolant", lambda u, y: right(u, y + 1e-6 * u))
    monkeypatch.setattr(product_gate, "_curvature", lambda S, c: 0.2500005)
    monkeypatch.setattr(
        power, "tent_map", lambda k: power.relu_interpolant(np.linspace(0, 1, 2**k + 1), np.arange(2**k + 1) % 2)
    )
    wrong = {f"Claim {n}" for n in (1, 2, 3, 4, 6)}
    assert failing("5.2", power, monkeypatch) == wrong | {"Claim 7"}  # the spiral, which is left out


@pytest.fixture
def untrained(monkeypatch):
    """Section 5.3 with the dead units and the gradients that it should find."""
    dead, gradient = np.outer([0.1, 0.6], np.ones(5)), np.array([[0, 0, 1.0], [1, 1, 1]])
    found = activations.Trained(np.zeros((10, 5, 5)), np.zeros((10, 5)), dead, gradient, np.zeros((2, 5)))
    monkeypatch.setattr(activations, "trained", lambda *given: found)
    return found


def test_activations_that_are_not_what_they_are_called(x64, monkeypatch, untrained):
    graphs = activations._graphs
    monkeypatch.setattr(activations, "_graphs", lambda u: graphs(u))  # compiled anew
    monkeypatch.setitem(activations.GRAPHS, "sigmoid", lambda z: jnp.tanh(z) / 2 + 0.5)  # twice as steep
    monkeypatch.setattr(activations, "sigmoid", lambda z: jnp.tanh(2 * z) / 2 + 0.5)
    monkeypatch.setattr(activations, "relu", lambda z: jnp.maximum(z, 1e-9))
    trained = untrained._replace(dead=np.outer([0.1, 0.49], np.ones(5)))
    monkeypatch.setattr(activations, "trained", lambda *given: trained)
    assert failing("5.3", activations, monkeypatch) == {"Claim 1", "Claim 2", "Claim 3", "Claim 4", "Claim 5"}


def test_steps_that_learn(untrained):
    claim, config = activations.claim_units_die_and_steps_do_not_learn, activations.Config()
    learned = untrained._replace(gradient=np.array([[0, 1e-30, 1.0], [1, 1, 1]]))
    told = [bool(claim(config, SimpleNamespace(trained=trained))) for trained in (untrained, learned)]
    assert told == [True, False]


def test_adjoints_without_their_slopes(x64, monkeypatch):
    monkeypatch.setattr(back_propagation, "_through", lambda S, z, da: da)
    assert {"Claim 1", "Claim 2", "Claim 3", "Claim 5"} <= failing("5.4", back, monkeypatch, depth=3, width=8, batch=4)


def test_a_gradient_with_a_product_too_many(x64, monkeypatch):
    right = back_propagation.adjoints

    def wasteful(network, kept, delta):
        found = right(network, kept, delta)
        return (found[0] + 0 * jnp.sum(found[0] @ network.layers[0].W), *found[1:])

    network, x, y = (
        MLP.make(back.SIZES, jax.random.key(0), "tanh"),
        jnp.ones((back.BATCH, 5)),
        jnp.zeros(back.BATCH, int),
    )
    claim = lambda: back.claim_backward_costs_twice_forward(  # noqa: E731
        back.Config(), SimpleNamespace(flops=back._flops(network, x, y))
    )
    assert claim()
    monkeypatch.setattr(back_propagation, "adjoints", wasteful)
    assert not claim()
