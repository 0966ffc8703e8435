"""Entropies of one law and of two variables, against SciPy and the chain rules."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from gradiens.core.check import Mistake
from gradiens.functions.information import joint as of_joint
from gradiens.functions.information.entropy import cross_entropy, entropy, perplexity, renyi_entropy
from gradiens.functions.information.joint import (
    binary_symmetric_channel,
    conditional_entropy,
    conditional_mutual_information,
    independent,
    marginals,
    multi_information,
    mutual_information,
    through,
)

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
TABLE = np.array([[0.1, 0.25, 0.05], [0.3, 0.0, 0.3]])


def test_entropy_is_scipys(x64):
    assert float(entropy(P)) == pytest.approx(stats.entropy(P), rel=1e-14)
    assert float(entropy([1.0, 0.0])) == 0.0
    assert float(entropy(TABLE)) == pytest.approx(stats.entropy(TABLE.ravel()), rel=1e-14)
    assert float(perplexity(jnp.full(7, 1 / 7))) == pytest.approx(7, rel=1e-14)


def test_cross_entropy_is_the_sum_of_entropy_and_divergence(x64):
    assert float(cross_entropy(P, Q)) == pytest.approx(-np.sum(P * np.log(Q)), rel=1e-14)
    assert float(cross_entropy(P, Q)) == pytest.approx(stats.entropy(P) + stats.entropy(P, Q), rel=1e-14)
    assert cross_entropy([0.5, 0.5], [1.0, 0.0]) == jnp.inf
    assert float(cross_entropy([1.0, 0.0], [0.5, 0.5])) == pytest.approx(np.log(2), rel=1e-14)


@pytest.mark.parametrize("order", [0.0, 0.3, 2.0, 5.0])
def test_renyi_entropy(x64, order):
    assert float(renyi_entropy(P, order)) == pytest.approx(np.log(np.sum(P**order)) / (1 - order), rel=1e-13)


def test_renyi_entropy_at_its_limits(x64):
    assert float(renyi_entropy(P, 1.0)) == pytest.approx(stats.entropy(P), rel=1e-14)
    assert float(renyi_entropy(P, 1 + 1e-7)) == pytest.approx(stats.entropy(P), rel=1e-6)
    assert float(renyi_entropy(P, float("inf"))) == pytest.approx(-np.log(0.5), rel=1e-14)
    assert float(renyi_entropy([0.4, 0.6, 0.0], 0.0)) == pytest.approx(np.log(2), rel=1e-14)


def test_gradient_on_the_edge_of_the_simplex_is_finite(x64):
    slope = jax.grad(entropy)(jnp.array([0.5, 0.5, 0.0]))
    np.testing.assert_allclose(slope, [-np.log(0.5) - 1, -np.log(0.5) - 1, 0], rtol=1e-14)


def test_mutual_information_by_three_formulas(x64):
    sums = [stats.entropy(TABLE.sum(axis=axis)) for axis in (1, 0)]
    whole = stats.entropy(TABLE.ravel())
    assert float(mutual_information(TABLE)) == pytest.approx(sum(sums) - whole, rel=1e-13)
    assert float(multi_information(TABLE)) == pytest.approx(sum(sums) - whole, rel=1e-13)
    assert float(conditional_entropy(TABLE)) == pytest.approx(whole - sums[0], rel=1e-13)
    assert float(conditional_entropy(TABLE.T)) == pytest.approx(whole - sums[1], rel=1e-13)
    np.testing.assert_allclose(marginals(TABLE)[0], TABLE.sum(1), rtol=1e-14)


def test_mutual_information_is_scikit_learns(x64):
    from sklearn.metrics import mutual_info_score

    counts = np.array([[3, 1, 4], [1, 5, 9]])
    expected = mutual_info_score(None, None, contingency=counts)
    assert float(mutual_information(counts / counts.sum())) == pytest.approx(expected, rel=1e-12)


def test_independent_variables_tell_nothing(x64):
    assert float(mutual_information(independent(P, Q))) == pytest.approx(0, abs=1e-15)
    three = jnp.einsum("i,j,k->ijk", P, Q, P)
    assert float(multi_information(three)) == pytest.approx(0, abs=1e-14)


def test_xor_of_two_bits_shows_only_in_three():
    law = np.zeros((2, 2, 2))
    for a in (0, 1):
        for b in (0, 1):
            law[a, b, a ^ b] = 0.25
    assert float(mutual_information(law.sum(2))) == pytest.approx(0, abs=1e-7)
    assert float(multi_information(law)) == pytest.approx(np.log(2), rel=1e-6)


def test_conditional_information_and_the_chain_rule(x64):
    law = np.random.default_rng(0).dirichlet(np.ones(24)).reshape(3, 2, 4)
    by_z = law.sum((0, 1))
    expected = sum(by_z[k] * float(mutual_information(law[:, :, k] / by_z[k])) for k in range(4))
    found = float(conditional_mutual_information(law))
    assert found == pytest.approx(expected, rel=1e-11)
    whole, first = float(mutual_information(law.reshape(3, 8))), float(mutual_information(law.sum(1)))
    assert whole == pytest.approx(first + found, rel=1e-11)
    xor = np.zeros((2, 2, 2))
    for a, b in np.ndindex(2, 2):
        xor[a, b, a ^ b] = 0.25
    assert float(conditional_mutual_information(xor)) == pytest.approx(np.log(2), rel=1e-12)


def test_a_channel_that_flips_and_the_processing_of_data(x64):
    joint = through(jnp.array([0.5, 0.5]), binary_symmetric_channel(0.11))
    h = -0.11 * np.log(0.11) - 0.89 * np.log(0.89)
    assert float(mutual_information(joint)) == pytest.approx(np.log(2) - h, rel=1e-13)
    again = joint @ binary_symmetric_channel(0.2)
    assert float(mutual_information(again)) < float(mutual_information(joint))


@pytest.mark.parametrize(
    ("f", "arguments", "says"),
    [
        (entropy, ([0.5, 0.6],), "sum 1 in p, got 1.1; divide by the sum"),
        (entropy, ([1.5, -0.5],), "at least 0 in p, got least -0.5"),
        (entropy, ([0.5, np.nan],), "at least 0"),
        (entropy, ([],), "got no entry"),
        (cross_entropy, (P, [0.5, 0.5]), r"the same outcomes, got shapes \(3,\) and \(2,\)"),
        (cross_entropy, (P, [0.5, 0.5, 0.5]), "sum 1 in q"),
        (renyi_entropy, (P, -1.0), "order of at least 0, got -1"),
        (mutual_information, (P,), "table of rank 2"),
        (multi_information, (P,), "two variables or more"),
        (conditional_mutual_information, (TABLE,), "three variables"),
        (through, (P, np.eye(2)), "one row for each outcome"),
        (through, (P, np.ones((3, 2))), "sum 1 in a row of the channel"),
    ],
)
def test_bad_input(f, arguments, says):
    with pytest.raises(Mistake, match=says):
        f(*arguments)


def test_the_members_of_the_joint_law_are_catalogued():
    assert all("Book: B.1" in f.__doc__ for f in (of_joint.mutual_information, of_joint.conditional_entropy))


def test_a_large_order_in_single_precision():
    """The powers are below the least number: of 10 equal probabilities every order gives log 10."""
    p = np.full(10, 0.1, np.float32)
    for order in (100.0, 1e4):
        assert float(renyi_entropy(p, order)) == pytest.approx(np.log(10), rel=1e-6)
    slope = jax.grad(lambda p: renyi_entropy(p, 100.0))(jnp.array([0.0, 0.4, 0.6]))
    np.testing.assert_allclose(slope, [0, 0, -100 / 99 / 0.6], rtol=1e-5, atol=1e-9)


def test_mutual_information_of_a_rare_pair():
    """-p log p of the pair, whose product of marginals p² is rounded to 0 in single precision."""
    found = mutual_information(np.array([[1, 0], [0, 1e-25]], np.float32))
    assert float(found) == pytest.approx(1e-25 * np.log(1e25), rel=1e-6)


def test_a_channel_of_jax_is_checked_too():
    with pytest.raises(Mistake, match="a row of the channel"):
        through(jnp.full(2, 0.5), jnp.ones((2, 2)))
    half = jnp.full((2, 2), 0.5)
    np.testing.assert_array_equal(jax.jit(through)(jnp.full(2, 0.5), half), half / 2)
