"""Huffman's code against the best of all codes, maximum entropy against SciPy's constrained minimisation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from gradiens.core.check import Failure, Mistake
from gradiens.functions.information.huffman import huffman
from gradiens.functions.information.maximum_entropy import maximum_entropy


def test_the_code_of_a_textbook():
    """Cover and Thomas (2006), example 5.6.1: lengths 2, 2, 2, 3, 3, mean 2.3 bits."""
    code = huffman({1: 0.25, 2: 0.25, 3: 0.2, 4: 0.15, 5: 0.15})
    assert [len(code.words[k]) for k in range(1, 6)] == [2, 2, 2, 3, 3]
    assert code.mean_length == pytest.approx(2.3, rel=1e-14)


def test_no_code_is_shorter():
    for seed in range(20):
        p = np.random.default_rng(seed).dirichlet(np.full(5, 0.6))
        lengths = [k for k in itertools.product(range(1, 5), repeat=5) if sum(2.0**-n for n in k) <= 1]  # Kraft
        best = min(np.dot(p, k) for k in lengths)
        code = huffman(dict(enumerate(p.tolist())))
        assert code.mean_length == pytest.approx(best, rel=1e-12)
        assert stats.entropy(p, base=2) <= code.mean_length < stats.entropy(p, base=2) + 1


def test_words_are_whole_and_can_be_read_back():
    text = "the mathematics of information"
    code = huffman({c: text.count(c) for c in set(text)})
    words = sorted(code.words.values())
    assert not any(b.startswith(a) for a, b in itertools.pairwise(words))
    assert sum(2.0 ** -len(word) for word in words) == 1.0
    bits = code.encode(text)
    assert "".join(code.decode(bits)) == text and len(bits) == pytest.approx(code.mean_length * len(text))
    assert huffman({"a": 3}).words == {"a": "0"} and huffman({"a": 3}).decode("00") == ["a", "a"]
    with pytest.raises(Mistake, match="symbols of the code, got z"):
        code.encode("z")
    with pytest.raises(Mistake, match="whole words"):
        code.decode(bits + "2")


@pytest.mark.parametrize("counts", [{}, {"a": 0, "b": 1}, {"a": -1}, {"a": np.nan}])
def test_counts_that_make_no_code(counts):
    with pytest.raises(Mistake, match="positive counts"):
        huffman(counts)


def by_scipy(x, mean):
    x = np.asarray(x, float).reshape(len(x), -1)
    constraints = [{"type": "eq", "fun": lambda p: p.sum() - 1}, {"type": "eq", "fun": lambda p: p @ x - mean}]
    start = np.full(len(x), 1 / len(x))
    found = minimize(lambda p: np.sum(p * np.log(p)), start, constraints=constraints, bounds=[(1e-12, 1)] * len(x),
                     options={"ftol": 1e-14, "maxiter": 500})  # fmt: skip
    return found.x


def test_the_die_with_mean_four_and_a_half():
    found = maximum_entropy(np.arange(1, 7), 4.5)
    np.testing.assert_allclose(found.p, by_scipy(np.arange(1, 7), 4.5), atol=1e-6)
    np.testing.assert_allclose(np.diff(np.log(found.p)), found.multipliers[0], rtol=1e-10)
    assert found.p @ np.arange(1, 7) == pytest.approx(4.5, rel=1e-12)
    assert found.entropy == pytest.approx(stats.entropy(found.p), rel=1e-12)
    # Jaynes (1957) and later: (0.0543, 0.0788, 0.1142, 0.1654, 0.2398, 0.3475)
    np.testing.assert_allclose(found.p, [0.0543, 0.0788, 0.1142, 0.1654, 0.2398, 0.3475], atol=6e-5)


def test_two_means_at_once_and_means_near_the_edge():
    x = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [2, 1.0]])
    found = maximum_entropy(x, [1.2, 0.6])
    np.testing.assert_allclose(found.p, by_scipy(x, [1.2, 0.6]), atol=1e-6)
    for mean in (1.0001, 5.9999):
        assert maximum_entropy(np.arange(1, 7), mean).p @ np.arange(1, 7) == pytest.approx(mean, rel=1e-11)
    twice = maximum_entropy(np.stack([np.arange(6.0)] * 2, axis=1), [2.0, 2.0])  # dependent features
    np.testing.assert_allclose(twice.p, maximum_entropy(np.arange(6), 2.0).p, rtol=1e-9)


def test_means_that_no_law_has():
    with pytest.raises(Mistake, match=r"between \[1.0\] and \[6.0\], got \[6.0\]"):
        maximum_entropy(np.arange(1, 7), 6.0)
    with pytest.raises(Mistake, match="a mean"):
        maximum_entropy(np.arange(6), [1.0, 2.0])
    with pytest.raises(Failure, match="no law"):
        maximum_entropy(np.array([[0, 0], [1, 0], [0, 1.0]]), [0.9, 0.9])


def test_an_outcome_that_is_as_good_as_excluded_has_no_entropy():
    found = maximum_entropy([0, 0.001, 1], 1e-6)
    assert found.p[2] == 0 and found.entropy == pytest.approx(stats.entropy([0.999, 0.001]), rel=1e-9)
    with pytest.raises(Mistake):
        maximum_entropy(np.zeros((0, 1)), 0.5)
