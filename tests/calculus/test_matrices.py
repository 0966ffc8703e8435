"""Chains of matrices, rules of matrix calculus, sparse Jacobians."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.colouring import colour_columns, sparse_jacobian
from gradiens.calculus.finite_differences import difference
from gradiens.calculus.matrix_chain import (
    bracketings,
    cheapest,
    from_the_left,
    from_the_right,
    multiplications,
    multiply,
    written,
)
from gradiens.calculus.matrix_rules import RULES
from gradiens.core.check import Mistake


def test_the_chain_of_cormen_leiserson_rivest_and_stein():
    """Introduction to Algorithms, section 15.2: 15,125 multiplications, ((A₁(A₂A₃))((A₄A₅)A₆))."""
    sizes = (30, 35, 15, 5, 10, 20, 25)
    plan = cheapest(sizes)
    assert plan.multiplications == 15125 == multiplications(sizes, plan.bracketing)
    assert written(plan.bracketing, "ABCDEF") == "(A (B C)) ((D E) F)"


def test_all_bracketings():
    assert [len(list(bracketings(0, n))) for n in range(6)] == [1, 1, 2, 5, 14, 42]  # Catalan
    sizes = (3, 7, 2, 9, 4)
    every = list(bracketings(0, 3))
    assert cheapest(sizes).multiplications == min(multiplications(sizes, b) for b in every)
    assert {from_the_left(4), from_the_right(4)} <= set(every)
    assert multiplications((20, 30, 10, 1), from_the_left(3)) == 20 * 30 * 10 + 20 * 10 * 1
    assert multiplications((20, 30, 10, 1), from_the_right(3)) == 30 * 10 * 1 + 20 * 30 * 1
    rng = np.random.default_rng(0)
    matrices = [rng.normal(size=pair) for pair in itertools.pairwise(sizes)]
    for b in every:
        np.testing.assert_allclose(multiply(matrices, b), np.linalg.multi_dot(matrices), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_each_rule_is_the_derivative(x64, name):
    rule = RULES[name]
    rng = np.random.default_rng(5)
    x, *constants = map(jnp.asarray, rule.draw(rng))
    v = jnp.asarray(rng.normal(size=x.shape))
    v = v + v.T if name == "eigenvalue" else v
    f = lambda x: rule.f(x, *constants)  # noqa: E731
    if rule.along:
        got, exact = rule.derivative(x, v, *constants), jax.jvp(f, (x,), (v,))[1]
    else:
        got, exact = jnp.sum(rule.derivative(x, *constants) * v), jnp.sum(jax.grad(f)(x) * v)
    np.testing.assert_allclose(got, exact, rtol=1e-10)
    np.testing.assert_allclose(got, difference(f, x, v, 1e-5), rtol=1e-6)


def test_there_are_the_rules_of_the_book():
    assert {"linear", "quadratic", "least squares", "trace", "log determinant", "trace of inverse"} <= set(RULES)


def test_colours_of_a_band_and_of_an_arrow():
    band = np.abs(np.subtract.outer(np.arange(12), np.arange(12))) <= 1
    assert colour_columns(band).max() == 2 and list(colour_columns(band)[:4]) == [0, 1, 2, 0]
    arrow = np.eye(6, dtype=bool)
    arrow[0] = True
    assert len(set(colour_columns(arrow))) == 6
    assert set(colour_columns(np.eye(6, dtype=bool))) == {0}


def test_a_sparse_jacobian_is_the_jacobian(x64):
    f = lambda x: jnp.sin(x) * jnp.roll(x, 1) + x**2  # noqa: E731
    x = jnp.asarray(np.random.default_rng(1).normal(size=12))
    pattern = np.eye(12, dtype=bool) | np.roll(np.eye(12, dtype=bool), 1, axis=0)
    found, passes = sparse_jacobian(f, x, pattern)
    np.testing.assert_allclose(found, jax.jacfwd(f)(x), rtol=1e-13)
    assert passes == 2
    with pytest.raises(Mistake, match=r"\(12, 12\)"):
        sparse_jacobian(f, x, pattern[:3])


def test_bad_chains():
    for sizes in ((3,), (3, 0, 2)):
        with pytest.raises(Mistake, match="at least one matrix"):
            cheapest(sizes)
