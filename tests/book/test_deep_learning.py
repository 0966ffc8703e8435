"""Section 4.2: its claims turn false when what they assert is not so; early stopping, on curves that can be followed by eye."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.book.ch04_optimization import s02_deep_learning as section
from gradiens.book.ch04_optimization.early_stopping import Curves
from gradiens.book.ch04_optimization.examples import batches
from gradiens.book.section import claims
from gradiens.optim.problems.finite_sum import FiniteSum

CONFIG = section.Config()
OVERFIT = np.array([3.0, 1.0, 2.0, 0.5, 4.0, 5.0, 6.0])
CURVES = Curves(np.tile(np.linspace(3, 0.1, 7), (5, 1)), np.tile(OVERFIT, (5, 1)))


@pytest.fixture(scope="module")
def record():
    with jax.enable_x64(True), pytest.MonkeyPatch.context() as patch:
        patch.setattr(section, "train", lambda *_: CURVES)
        return section.run(CONFIG, jax.random.key(0))


def failing(record) -> set[str]:
    with jax.enable_x64(True):
        return {f.__doc__.split(":")[0][6:] for f in claims(section).values() if not f(CONFIG, record)}


def test_sound(record):
    assert failing(record) == set()


def test_a_path_that_stops_short(record):
    sums = record.sums
    assert failing(record._replace(sums=sums._replace(full=sums.full[:-20]))) == {"1"}
    assert failing(record._replace(sums=sums._replace(meeting=sums.single))) == {"2"}
    assert failing(record._replace(sums=sums._replace(single=jnp.tile(sums.full[:, None], (1, 5, 1))))) == {"2"}
    assert failing(record._replace(sums=sums._replace(single=sums.single[:, :4]))) == {"2"}


def test_other_weights(monkeypatch, x64):
    """The descent on a sum whose weights are not those of the book ends elsewhere."""
    from gradiens.book.ch04_optimization import examples

    monkeypatch.setattr(examples, "FiniteSum", lambda **x: FiniteSum(c=(1.0, 2.0, 3.0, 4.0, 4.0), **x))
    config = SimpleNamespace(steps=1000, rate=0.01, delay=200.0, memory=0.99)
    sums = examples.descend(config, jnp.asarray([6.0, 6.0]), jax.random.key(0), 5)
    assert not section.claim_the_full_gradient_reaches_the_minimiser(CONFIG, SimpleNamespace(sums=sums))


def test_minibatches_with_another_variance(record):
    found = record.batches
    assert failing(record._replace(batches=found._replace(variance=found.variance[0] / np.arange(1, 6)))) == {"3"}
    assert failing(record._replace(batches=found._replace(mean=found.mean * [[1], [1], [1], [1.01], [1]]))) == {"3"}


def test_all_minibatches_are_listed(x64):
    gradients = np.random.default_rng(0).normal(size=(4, 2))
    found = batches(jnp.asarray(gradients))
    pairs = [(gradients[i] + gradients[j]) / 2 for i in range(4) for j in range(i)]
    np.testing.assert_allclose(found.mean[1], np.mean(pairs, axis=0), rtol=1e-12)
    expected = np.mean([np.sum((pair - gradients.mean(axis=0)) ** 2) for pair in pairs])
    np.testing.assert_allclose(found.variance[1], expected, rtol=1e-12)


def test_a_network_of_another_size(record):
    assert failing(record._replace(large=np.asarray(419_859))) == {"4"}


@pytest.mark.parametrize("row", [np.linspace(3, 0.1, 7), np.array([3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0])])
def test_a_validation_cost_that_falls_to_the_end(record, row):
    curves = Curves(CURVES.training, np.vstack([CURVES.validation[:4], row]))
    assert failing(record._replace(curves=curves)) == {"5"}
    assert failing(record._replace(curves=Curves(*(c[:4] for c in CURVES)))) == {"5"}


def test_a_landscape_that_is_lower_or_does_not_fall(record, x64):
    found = record.landscape
    for change in (
        {"cost": found.cost.at[1, 0, 0].set(0.66483)},
        {"cost": found.cost + 1e-5},
        {"valley": found.valley[:, ::-1]},
        {"valley": found.valley - 1e-8},
    ):
        assert failing(record._replace(landscape=found._replace(**change))) == {"6"}, list(change)
