"""Claims turn false when the algorithm is broken: otherwise they would assert nothing."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import numpy as np

from gradiens.book import runner
from gradiens.book.ch03_simple_networks import s03_softmax
from gradiens.book.ch04_optimization import s03_adam
from gradiens.book.ch05_feed_forward import s01_fully_connected
from gradiens.book.runner import run_section
from gradiens.book.section import find_section
from gradiens.core.module import Module
from gradiens.optim.adam import Adam, State
from gradiens.optim.momentum import Momentum


def failing(name: str, **overrides) -> set[str]:
    return {claim.says.split(":")[0] for claim in run_section(name, overrides).claims if not claim.ok}


def test_sound():
    assert failing("4.3", steps=60) == set()


class Uncorrected(Adam):
    """Without bias correction."""

    def step(self, state, g, theta):
        v = self.beta * state.v + (1 - self.beta) * g
        s = self.gamma * state.s + (1 - self.gamma) * g**2
        return State(state.t + 1, v, s), -self.lr * v / (jnp.sqrt(s) + self.eps)


class Unsquared(Adam):
    """Divides by the mean square, not by its root."""

    def step(self, state, g, theta):
        state, update = super().step(state, g, theta)
        return state, update / jnp.sqrt(state.s)


class Forgetless(Momentum):
    """v = b v + g: the heavy ball, with the step of the other form."""

    def step(self, state, g, theta):
        return super().step(state, g / (1 - self.beta), theta)


def test_adam_without_bias_correction(monkeypatch):
    monkeypatch.setattr(s03_adam, "Adam", Uncorrected)
    assert {"Claim 4", "Claim 5", "Claim 6"} <= failing("4.3", steps=60)


def test_adam_without_the_root(monkeypatch):
    monkeypatch.setattr(s03_adam, "Adam", Unsquared)
    assert {"Claim 4", "Claim 5"} <= failing("4.3", steps=60)


def test_momentum_without_averaging(monkeypatch):
    monkeypatch.setattr(s03_adam, "Momentum", Forgetless)
    assert "Claim 2" in failing("4.3", steps=60)


def test_network_without_bias_in_the_last_layer(monkeypatch):
    class Late(Module):
        inner: Module
        make = None

        def __call__(self, x):
            return self.inner(x) + 1e-6 * jnp.arange(10.0)

    monkeypatch.setattr(s01_fully_connected, "_permuted", lambda network, key: Late(network))
    assert failing("5.1", batch=2) == {"Claim 4"}


def test_softmax_that_overflows_and_a_solver_with_a_penalty(monkeypatch, data_folder):
    small = {"grid": 21, "segments": 50}
    for part, size in (("digits", 0), ("linear", 2), ("logistic", 3)):  # MNIST has no claim in the default run
        monkeypatch.setattr(s03_softmax, part, lambda *_, n=size: np.zeros(n))
    assert failing("3.3", **small) == set()
    monkeypatch.setattr(s03_softmax, "softmax", lambda z: jnp.exp(z) / jnp.sum(jnp.exp(z), axis=-1, keepdims=True))
    monkeypatch.setattr(s03_softmax, "fit_logistic", functools.partial(s03_softmax.fit_logistic, l2=1e-3))
    assert failing("3.3", **small) == {"Claim 1", "Claim 3", "Claim 4"}


def test_missing_data_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADIENS_DATA", raising=False)
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path))
    monkeypatch.setattr(runner, "in_chapters", lambda _: [find_section("3.3")])  # of its chapter, one section
    (result,) = runner.check((3,))
    assert "four_class_toy.csv" in result.not_run and str(tmp_path) in result.not_run
    assert not result.ok
