"""Activations against SciPy and closed forms, and what the book's sections 3.3 and 5.3 say of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp

from gradiens.core.check import Mistake
from gradiens.functions import activations as S

Z = np.concatenate([np.linspace(-30, 30, 241), [-800.0, 800.0, 1e-9, -1e-9]])
Φ = sp.ndtr
φ = lambda z: np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
σ = sp.expit

# name: value and derivative
ORACLES = {
    "step": (lambda z: np.heaviside(z, 0.0), np.zeros_like),
    "sign": (np.sign, np.zeros_like),
    "identity": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.exp(np.minimum(z, 0))),
    "selu": (
        lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
        lambda z: 1.0507009873554805 * np.where(z > 0, 1.0, 1.6732632423543772 * np.exp(np.minimum(z, 0))),
    ),
    "softplus": (lambda z: np.logaddexp(z, 0), σ),
    "sigmoid": (σ, lambda z: σ(z) * σ(-z)),
    "tanh": (np.tanh, lambda z: 4 * σ(2 * z) * σ(-2 * z)),
    "gelu": (lambda z: z * Φ(z), lambda z: Φ(z) + z * φ(z)),
    "silu": (lambda z: z * σ(z), lambda z: σ(z) + z * σ(z) * σ(-z)),
}


@pytest.mark.parametrize("name", ORACLES)
def test_value_and_derivative(x64, name):
    value, slope = ORACLES[name]
    f = S.named(name)
    np.testing.assert_allclose(f(jnp.asarray(Z)), value(Z), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(jax.vmap(jax.grad(f))(jnp.asarray(Z)), slope(Z), rtol=1e-11, atol=1e-14)


def test_parameters(x64):
    z = jnp.asarray([-2.0, 3.0])
    np.testing.assert_allclose(S.leaky_relu(z, 0.1), [-0.2, 3], rtol=1e-14)
    np.testing.assert_allclose(S.elu(z, 2.0), [2 * np.expm1(-2), 3], rtol=1e-14)


def test_derivatives_at_the_kink(x64):
    slopes = {name: float(jax.grad(S.named(name))(0.0)) for name in ("relu", "leaky_relu", "elu", "softplus")}
    assert slopes == {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0, "softplus": 0.5}


def test_second_derivative_of_softplus_at_zero(x64):
    """¼: Newton's method on logistic regression starts exactly there."""
    assert float(jax.grad(jax.grad(S.softplus))(0.0)) == pytest.approx(0.25, rel=1e-14)


def test_selu_has_a_fixed_point(x64):
    """E S(z) = 0 and E S(z)² = 1 for z ~ N(0, 1), by quadrature on either side of the kink: the two equations
    that λ and α solve."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z = np.concatenate([6 * nodes - 6, 6 * nodes + 6])  # [-12, 0] and [0, 12]
    w, S_z = 6 * np.tile(weights, 2) * φ(z), np.asarray(S.selu(jnp.asarray(z)))
    assert w @ S_z == pytest.approx(0, abs=1e-12) and w @ S_z**2 == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("name", "peer"), [("selu", "selu"), ("gelu", "gelu"), ("silu", "silu"), ("elu", "elu")])
def test_as_in_pytorch(x64, name, peer):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    theirs = getattr(torch.nn.functional, peer)(torch.tensor(Z)).numpy()
    np.testing.assert_allclose(S.named(name)(jnp.asarray(Z)), theirs, rtol=1e-12, atol=1e-14)


def test_relu_lets_nan_through():
    assert jnp.isnan(S.relu(jnp.nan))


def test_softmax_and_its_logarithm(x64):
    z = np.random.default_rng(0).normal(scale=10, size=(5, 7))
    np.testing.assert_allclose(S.softmax(jnp.asarray(z)), sp.softmax(z, axis=1), rtol=1e-12)
    np.testing.assert_allclose(S.log_softmax(jnp.asarray(z)), sp.log_softmax(z, axis=1), rtol=1e-12)


def test_softmax_is_invariant_to_shifts(x64):
    z = jnp.asarray([1.0, -2.0, 0.5])
    np.testing.assert_allclose(S.softmax(z + 1e4), S.softmax(z), rtol=1e-11)
    np.testing.assert_allclose(S.softmax(jnp.asarray([0.3, 1.1]))[1], σ(0.8), rtol=1e-14)


def test_softmax_jacobian(x64):
    """diag(S) - SSᵀ: rows sum to 0, rank K-1."""
    z = jnp.asarray([1.0, -2.0, 0.5, 3.0])
    s, J = np.asarray(S.softmax(z)), np.asarray(jax.jacobian(S.softmax)(z))
    np.testing.assert_allclose(J, np.diag(s) - np.outer(s, s), rtol=1e-12, atol=1e-16)
    assert np.linalg.matrix_rank(J) == 3


def test_identities(x64):
    z = jnp.linspace(-8, 8, 33)
    np.testing.assert_allclose(S.tanh(z), 2 * S.sigmoid(2 * z) - 1, atol=1e-15)
    assert float(jnp.max(jnp.abs(S.softplus(z) - S.relu(z)))) == pytest.approx(np.log(2), rel=1e-14)


def test_named():
    assert S.named("relu") is S.relu
    with pytest.raises(Mistake, match="did you mean 'sigmoid'"):
        S.named("sigmod")
