"""Batch normalisation: against its formula in double precision, forwards and backwards, and where squares would cancel."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.batch_normal import batch_normal

RNG = np.random.default_rng(0)


def plain(X, gamma, beta, eps):
    """The formula, differentiated by the chain rule."""
    over = (0, *range(2, X.ndim))
    wide = lambda a: a.reshape(1, -1, *[1] * (X.ndim - 2))  # noqa: E731
    m, v = jnp.mean(X, over), jnp.var(X, over)
    return wide(gamma) * (X - wide(m)) / jnp.sqrt(wide(v) + eps) + wide(beta), m, v


@pytest.mark.parametrize("shape", [(7, 3), (4, 3, 5), (2, 3, 4, 1), (1, 3, 2, 2), (2, 3, 2, 2, 3)])
def test_values_and_derivatives_of_both_kinds_and_of_the_second_order(x64, shape):
    X, G, U, V = jnp.asarray(RNG.normal(size=(4, *shape)) * 2 + 1)
    (γ, β), (a, b) = jnp.asarray(RNG.normal(size=(2, 2, 3)))
    near = {"rtol": 1e-10, "atol": 1e-12}
    at, along = (X, γ, β, jnp.asarray(0.3)), (U, a, b, jnp.asarray(0.7))
    ours, theirs = (jax.jvp(f, at, along) for f in (batch_normal, plain))
    jax.tree.map(lambda p, q: np.testing.assert_allclose(p, q, **near), ours, theirs)
    ours, theirs = (jax.vjp(f, *at)[1]((G, a, b)) for f in (batch_normal, plain))
    jax.tree.map(lambda p, q: np.testing.assert_allclose(p, q, **near), ours, theirs)
    slopes = (jax.grad(lambda X, f=f: jnp.sum(G * f(X, γ, β, 0.3)[0])) for f in (batch_normal, plain))
    ours, theirs = (jax.jvp(slope, (X,), (V,))[1] for slope in slopes)
    np.testing.assert_allclose(ours, theirs, **near)


@pytest.mark.parametrize(("outlier", "sd"), [(1e3, 1.0), (3.0, 1e-3), (1e4, 1e-2)])
@pytest.mark.parametrize("shape", [(40_000, 2), (40, 2, 50, 20)])
def test_an_outlier_does_not_spoil_the_variance(shape, outlier, sd):
    X = (sd * RNG.normal(size=shape) + 5).astype(np.float32)
    for place in ((0, 0), (shape[0] // 2, 1)):
        Z = X.copy()
        Z[place] = Z[place].ravel()[0]
        Z[(*place, *[0] * (len(shape) - 2))] = outlier
        m, v = batch_normal(jnp.asarray(Z), jnp.ones(2), jnp.zeros(2), 1e-5)[1:]
        exact = Z.astype(np.float64)
        over = (0, *range(2, len(shape)))
        np.testing.assert_allclose(v, exact.var(over), rtol=1e-4)
        np.testing.assert_allclose(m, exact.mean(over), rtol=1e-6)


def test_the_backward_pass_sums_over_the_batch_twice():
    X, γ, β = jnp.ones((8, 3, 4, 4)), jnp.ones(3), jnp.zeros(3)
    _, back = jax.vjp(lambda X, γ, β: batch_normal(X, γ, β, 1e-5)[0], X, γ, β)
    program = jax.make_jaxpr(back)(X).jaxpr.eqns
    assert sum(line.primitive.name == "reduce_sum" and line.invars[0].aval.size == X.size for line in program) == 2


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float16, jnp.float64])
def test_keeps_the_dtype(x64, dtype):
    X, γ, β = jnp.asarray(RNG.normal(size=(6, 3)), dtype), jnp.ones(3, dtype), jnp.zeros(3, dtype)
    value, slope = jax.value_and_grad(lambda X: jnp.sum(batch_normal(X, γ, β, 1e-5)[0] ** 3))(X)
    assert value.dtype == slope.dtype == dtype
