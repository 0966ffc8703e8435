"""Claims of chapter 1 and of appendix B turn false when what they are about is broken: otherwise they would assert nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gradiens.book.appendix_b_information import s01_entropy, s02_kl_divergence, s03_other_divergences
from gradiens.book.ch01_introduction import s03_brain, s04_ingredients, s05_engineering, s07_notation
from gradiens.book.runner import run_section
from gradiens.functions.information.maximum_entropy import MaximumEntropy
from gradiens.nn.chain import Chain

pytestmark = pytest.mark.usefixtures("data_folder")


def failing(name, **overrides):
    found = run_section(name, overrides).claims
    return {int(claim.says.split(":")[0].removeprefix("Claim ")) for claim in found if not claim.ok}


@pytest.fixture
def change(monkeypatch):
    """Replace `name` in a section by what `make` makes of it."""

    def put(section, name, make):
        monkeypatch.setattr(section, name, make(getattr(section, name)))

    return put


def longer(huffman):
    return lambda counts: dataclasses.replace(
        code := huffman(counts), words={symbol: word + "01" for symbol, word in code.words.items()}
    )


def test_entropy_broken_in_five_places(change):
    s = s01_entropy
    change(s, "conditional_entropy", lambda f: lambda joint: f(joint.T))
    change(s, "binary_symmetric_channel", lambda f: lambda flip: f(flip * (1 - flip)))
    change(s, "gaussian_entropy", lambda f: lambda p: f(p) + 0.001)
    change(s, "huffman", longer)
    change(s, "maximum_entropy", lambda f: lambda x, m: MaximumEntropy(np.full(6, 1 / 6), np.zeros(1), np.log(6)))
    assert failing("B.1", laws=50, sample=20) >= {2, 3, 4, 5, 6}


def test_entropy_in_another_unit(change):
    change(s01_entropy, "entropy", lambda f: lambda p: 1.001 * f(p))
    assert failing("B.1", laws=50, sample=20) >= {1, 2}


def test_divergence_the_other_way_round(change):
    s = s02_kl_divergence
    change(s, "kl_divergence", lambda f: lambda p, q: f(q, p))
    change(s, "total_variation", lambda f: lambda p, q: 2 * f(p, q))
    change(s, "gaussian_kl", lambda f: lambda p, q: f(q, p))
    change(s, "fisher_information", lambda f: lambda family, theta: 2 * f(family, theta))
    other = {"forward": "reverse", "reverse": "forward"}
    change(s, "project_gaussian", lambda f: lambda law, way, starts, grid: f(law, other[way], starts, grid))
    assert failing("B.2", laws=50, draws=2000) >= {1, 2, 3, 5, 6}


def test_conditionals_that_are_not_weighted(change):
    change(s02_kl_divergence, "independent", lambda f: lambda p, q: f(p, p))
    assert failing("B.2", laws=50, draws=2000) == {4}


def test_the_other_measures_off_by_a_factor(change):
    s = s03_other_divergences
    change(s, "jensen_shannon", lambda f: lambda p, q: 2 * f(p, q))
    change(s, "hellinger", lambda f: lambda p, q: 1.5 * f(p, q))
    change(s, "renyi_divergence", lambda f: lambda p, q, order=0.5: f(p, q, 1 / order))
    change(s, "wasserstein", lambda f: lambda x, y, order=1.0, p=None, q=None: f(x, y, order, p, q) ** 2)
    change(s, "categorical_cross_entropy", lambda f: lambda z, y: 1.001 * f(z, y))
    assert failing("B.3", triples=100, transports=50, sample=20) == {1, 2, 3, 4, 5, 6, 7}


def test_a_neuron_out_of_order(change, monkeypatch):
    unit = s03_brain.UNITS["AND"]
    monkeypatch.setitem(s03_brain.UNITS, "AND", dataclasses.replace(unit, b=-0.5))
    change(s03_brain, "margin", lambda f: lambda *a: 20 * f(*a))
    change(s03_brain, "fit_perceptron", lambda f: lambda x, y, passes: f(x, y, 1))
    assert failing("1.3") == {1, 2, 3, 4}


def test_growth_of_the_doubled_volume_and_a_parameter_too_many(change):
    change(s04_ingredients, "fit_exponential_growth", lambda f: lambda t, y: f(t, 2 * y))
    change(s04_ingredients, "work", lambda f: lambda m, x: f(m, x)._replace(parameters=7))
    assert failing("1.4", measure=0.01) >= {1, 2, 3, 5}


def test_stored_as_the_created_volume(monkeypatch):
    growth = s04_ingredients.ExponentialGrowth
    monkeypatch.setattr(growth, "predict", lambda self, t: 2 * self.scale * np.exp(self.rate * np.asarray(t)))
    assert failing("1.4", measure=0.01) == {4}


def test_backward_with_a_wrong_sign(monkeypatch):
    backward = Chain.backward
    monkeypatch.setattr(Chain, "backward", lambda self, x, delta: backward(self, x, -delta))
    monkeypatch.setattr(s05_engineering, "STEPS", np.logspace(-1, -2, 23))
    assert failing("1.5", chains=5) >= {1, 3}


def test_a_checker_that_leaves_out_the_first_column(change):
    def blind(f):
        def looks(A):
            A = np.array(A)
            A[1:, 0] = A[0, 1:] if A.shape[0] == A.shape[1] else A[1:, 0]
            return f(A)

        return looks

    change(s07_notation, "matrix_properties", blind)
    assert failing("1.7") == {2}
