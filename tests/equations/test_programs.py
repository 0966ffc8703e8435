"""Any JAX program: generated ones, transformed ones, and ones with primitives that have no notation."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradiens.equations import of

x, v = jnp.ones(4), jnp.ones(3)


def first(f, *args):
    equations = of(f, *args, output="f")
    assert equations.check().ok, str(equations)
    assert equations.unprinted == ()
    return equations.unicode(where=False).splitlines()[-1].strip().removeprefix("f = ")


A, X = jnp.ones((3, 4)), jnp.ones((5, 4))


@pytest.mark.parametrize(
    ("f", "args", "printed"),
    [
        (lambda A, x: A @ x, (A, x), "A x"),
        (lambda A, X: X @ A.T, (A, X), "X Aᵀ"),
        (lambda u, v: jnp.dot(u, v), (x, x), "uᵀ v"),
        (lambda u, v: jnp.vdot(u, v) * v, (x, x), "(uᵀ v) v"),
        (lambda u, A: u @ A, (v, A), "Aᵀ u"),
        (lambda x: x @ x, (x,), "‖x‖²"),
        (lambda x: jnp.linalg.norm(x), (x,), "‖x‖"),
        (lambda x: jnp.mean(x), (x,), "1/4 Σᵢ xᵢ"),
        (lambda x, y: jnp.sum(x * jnp.log(y)), (x, x), "Σᵢ xᵢ log yᵢ"),
        (lambda A: jnp.sum(A, axis=1), (A,), "A 𝟏"),
        (lambda A: jnp.sum(A, axis=0), (A,), "Aᵀ 𝟏"),
        (lambda A: jnp.sum(A * A), (A,), "‖A‖_F²"),
        (lambda A: A**2, (A,), "A^(∘2)"),
        (lambda x: jnp.max(x), (x,), "maxᵢ xᵢ"),
        (lambda x: x - (x - 1.0) - 2.0, (x,), "x - (x - 1) - 2"),
        (lambda x, y: x / (y / x), (1.0, 1.0), "x/(y/x)"),
        (lambda x, y: -(x**2) * y, (1.0, 1.0), "-x² y"),
        (lambda x, y: (-x) ** 2 * y, (1.0, 1.0), "(-x)² y"),
        (lambda x: jnp.exp(x) ** 2, (1.0,), "(eˣ)²"),
        (lambda x: jnp.sqrt(2.0) * x / 3, (1.0,), "√2 x / 3"),
        (lambda X, b: X + b, (X, x), "X + 𝟏 bᵀ"),
        (lambda X, b: X + b[:, None], (X, jnp.ones(5)), "X + b 𝟏ᵀ"),
        (lambda x: x[None] * 2, (x,), "2 xᵀ"),
        (lambda x: (x[None] * 2)[0], (x,), "2 x"),
        (lambda X: X[0], (X,), "X_{0, :}"),
        (lambda X: X - jnp.mean(X, axis=0, keepdims=True), (X,), "X - 𝟏 (1/5 Xᵀ 𝟏)ᵀ"),
        (lambda R: R[0] + 1.0, (jnp.ones((1, 4)),), "Rᵀ + 1"),
        (lambda X: jax.nn.softmax(X, axis=-1), (X,), "softmax_rows(X)"),
        (lambda x, i: x[i], (x, jnp.int32(1)), "xᵢ"),
        (lambda x: x[1:3], (x,), "x_{1:3}"),
        (lambda x, y: jnp.concatenate([x, y]), (x, x), "[x; y]"),
        (lambda x: jnp.where(x > 1, x, 2 * x), (x,), "{x if x > 1; 2 x otherwise}"),
        (lambda x: 1e-8 + x, (1.0,), "10⁻⁸ + x"),
        (lambda x: jnp.pi * x, (1.0,), "π x"),
        (lambda x: x.astype(jnp.float16), (x,), "float16(x)"),
    ],
)
def test_notation(f, args, printed):
    assert first(f, *args) == printed


@jax.custom_jvp
def plus(z):
    return jnp.maximum(z, 0)


plus.defjvp(lambda at, dz: (plus(at[0]), jnp.where(at[0] > 0, dz[0], 0)))


@jax.custom_vjp
def held(z):
    return jnp.sin(z)


held.defvjp(lambda z: (jnp.sin(z), z), lambda z, g: (g * jnp.cos(z),))


@pytest.mark.parametrize(
    ("f", "printed"),
    [
        (jax.jit(lambda x: jnp.sum(jnp.tanh(x))), "Σᵢ tanh(xᵢ)"),
        (jax.grad(jax.jit(lambda x: jnp.sum(jnp.tanh(x)))), "1 - tanh(x)²"),
        (jax.grad(lambda x: jnp.sum(plus(x))), "𝟏[x > 0]"),
        (jax.grad(lambda x: jnp.sum(held(x))), "cos x"),
        (jax.grad(lambda x: jnp.sum(jax.checkpoint(jnp.exp)(x))), "exp(x)"),
        (jax.grad(lambda x: jnp.sum(x**3)), "3 x²"),
        (jax.grad(lambda x: jnp.sum(x * jax.lax.stop_gradient(x))), "x"),
        (lambda x: jax.jvp(jnp.sin, (x,), (x,))[1], "x ⊙ cos x"),
        (jax.vmap(jax.grad(lambda x: jnp.log(x))), "1/x"),
        (jax.grad(lambda x: jnp.sum(x**2) / 2), "x"),
    ],
)
def test_transformed_programs(f, printed):
    assert first(f, x) == printed


KNOWN = [
    (lambda x: jnp.cumsum(x), "f = cumsum(x)"),
    (lambda x: jnp.cumsum(x[::-1]), "f = cumsum(reverse(x))"),
    (lambda x: jax.lax.cumsum(x, reverse=True), "f = cumsum_{reverse=yes}(x)"),
    (lambda x: jnp.sort(x), "f = sort(x)"),
    (lambda x: jnp.argsort(x), "f = argsort(x)"),
    (lambda x: jnp.median(x), "f = ½ (sort(x)₁ + sort(x)₂)"),
    (lambda x: jnp.argmax(x), "f = argmax(x)"),
    (lambda x: jax.lax.top_k(x, 2)[0], "f = largest_{size=2}(x)"),
    (lambda x: x % 3, "f = mod(x, 3)"),
    (lambda x: jnp.cbrt(x), "f = cbrt(x)"),
    (lambda x: jnp.pad(x, 1), "f = pad_{after=1, before=1}(x, 0)"),
    (lambda x: jax.lax.cond(jnp.sum(x) > 0, jnp.sin, jnp.cos, x), "f = {cos x if Σᵢ xᵢ ≤ 0; sin x otherwise}"),
    (lambda x: jnp.linalg.cholesky(jnp.outer(x, x) + jnp.eye(4)), "f = cholesky(x xᵀ + I)"),
    (lambda x: jnp.linalg.solve(jnp.outer(x, x) + jnp.eye(4), x), "f = (x xᵀ + I)⁻¹ x"),
    (lambda x: jnp.linalg.svd(jnp.outer(x, x), compute_uv=False), "f = singular_values(x xᵀ)"),
    (lambda x: jnp.linalg.qr(jnp.outer(x, x) + jnp.eye(4))[1], "f = qr_r(x xᵀ + I)"),
    (lambda x: jnp.trace(jnp.outer(x, x)), "f = tr(x xᵀ)"),
    (lambda x: jax.scipy.stats.norm.cdf(x), "f = Φ(x)"),
    (jax.grad(lambda x: jnp.sum(jax.scipy.stats.norm.cdf(x))), "f = Φ'(x)"),
    (lambda x: jax.vjp(jax.nn.softmax, x)[1](x)[0], "f = softmax(x) ⊙ (x - Σᵢ xᵢ softmax(x)ᵢ)"),
    (lambda x: jnp.abs(jnp.fft.rfft(x)), "f = |rfft_{size=4}(x)|"),
]


@pytest.mark.parametrize(("f", "printed"), KNOWN)
def test_operation_without_a_sign_is_a_call_that_is_read_back(f, printed):
    equations = of(f, x, output="f")
    assert equations.unprinted == ()
    assert equations.unicode(where=False) == printed
    assert equations.check().ok


UNKNOWN = [
    (lambda x: jax.lax.reduce_precision(x, 8, 7), "reduce_precision", None),
    (lambda x: jax.lax.nextafter(x, 2 * x), "nextafter", "f = nextafter(x, 2 x)"),
]


@pytest.mark.parametrize(("f", "primitive", "printed"), UNKNOWN)
def test_unknown_primitive_is_named_and_still_checked(f, primitive, printed):
    equations = of(f, x, output="f")
    assert primitive in equations.unprinted
    assert primitive in equations.unicode()
    assert equations.check().ok
    if printed:
        assert equations.unicode(where=False) == printed


def test_closed_over_arrays_are_constants():
    K = jnp.arange(12.0).reshape(3, 4)
    equations = of(lambda x: K @ x, x, output="f")
    assert equations.unicode() == "f = K₁ x\nwhere x ∈ ℝ⁴, K₁ ∈ ℝ³ˣ⁴"
    assert equations.check().ok


def test_random_keys_are_arguments():
    equations = of(lambda key, x: x + jax.random.bernoulli(key, 0.5, x.shape), jax.random.key(0), x)
    assert equations.check().ok


def test_a_program_that_refuses_double_precision_is_read_in_its_own():
    def single(x):
        if x.dtype != jnp.float32:
            raise TypeError("float32 only")
        return 2 * x

    assert of(single, x, output="f").unicode(where=False) == "f = 2 x"


UNARY = [jnp.sin, jnp.tanh, jnp.exp, jax.nn.sigmoid, jax.nn.relu, jax.nn.softplus, jax.nn.softmax, jax.nn.log_softmax, jnp.square,
         jnp.abs, jax.nn.gelu, jnp.negative, lambda z: z - jnp.max(z), lambda z: z / (1 + jnp.sum(z * z))]  # fmt: skip
BINARY = [jnp.add, jnp.subtract, jnp.multiply, jnp.maximum, lambda a, b: jnp.where(a > b, a, -b), lambda a, b: jnp.dot(a, b) * a,
          lambda a, b: jnp.outer(a, b) @ b, lambda a, b: a / (2 + b * b)]  # fmt: skip
LEAVES = [lambda x, y, A: x, lambda x, y, A: y, lambda x, y, A: A @ x, lambda x, y, A: y @ A, lambda x, y, A: 0.5 * x]

programs = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda g, f: lambda *a: g(f(*a)), st.sampled_from(UNARY), inner),
        st.builds(lambda g, f, h: lambda *a: g(f(*a), h(*a)), st.sampled_from(BINARY), inner, inner),
    ),
    max_leaves=5,
)
many = partial(settings, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@many(max_examples=40)
@given(programs)
def test_printed_tree_computes_what_the_program_computes(f):
    equations = of(f, v, v, jnp.ones((3, 3)), output="f")
    check = equations.check(samples=2)
    assert check.ok, f"{check}\n{equations}"
    assert equations.latex()
    assert equations.mathml()


@many(max_examples=20)
@given(programs)
def test_printed_gradient_computes_what_the_gradient_computes(f):
    equations = of(
        jax.grad(lambda x, y, A: jnp.sum(f(x, y, A) ** 2), argnums=(0, 2)), v, v, jnp.ones((3, 3)), output="f"
    )
    check = equations.check(samples=2)
    assert check.ok, f"{check}\n{equations}"
