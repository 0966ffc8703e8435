"""The forms that have a name on paper, each from the ways in which programs write it: what is printed is checked."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations import of

jnn, lax = jax.nn, jax.lax
R = lambda *shape: jnp.ones(shape)  # noqa: E731
classes = jnp.zeros(4, jnp.int32)


def standard(x, axis, eps):
    return (x - x.mean(axis, keepdims=True)) / jnp.sqrt(x.var(axis, keepdims=True) + eps)


def centred(X):
    return X - X.mean(-1, keepdims=True)


def convolution(x, W, stride=1, pad="VALID"):
    return lax.conv_general_dilated(x, W, (stride, stride), pad)


def last(x, W):
    """Channels last."""
    return lax.conv_general_dilated(x, W, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def windows(x, start, op, size=2):
    return lax.reduce_window(x, start, op, (1, size, size), (1, size, size), "VALID")


SAID = {
    "softmax": [
        (lambda z: jnp.exp(z) / jnp.sum(jnp.exp(z)), [R(3)], "softmax(z)"),
        (lambda z: jnp.exp(z - z.max()) / jnp.sum(jnp.exp(z - z.max())), [R(3)], "softmax(z)"),
        (lambda Z: jnn.softmax(Z, axis=-1), [R(2, 3)], "softmax_rows(Z)"),
        (lambda z: jnn.log_softmax(z), [R(3)], "log softmax(z)"),
    ],
    "log-sum-exp": [
        (lambda z: jnn.logsumexp(z), [R(3)], "lse(z)"),
        (lambda z: jnp.log(jnp.sum(jnp.exp(z))), [R(3)], "lse(z)"),
        (lambda Z: jnn.logsumexp(Z, axis=1), [R(2, 3)], "lse_rows(Z)"),
    ],
    "activations": [
        (lambda z: jnn.sigmoid(z), [R(3)], "σ(z)"),
        (lambda z: 1 / (1 + jnp.exp(-z)), [R(3)], "σ(z)"),
        (lambda z: jnn.softplus(z), [R(3)], "softplus(z)"),
        (lambda z: jnp.log1p(jnp.exp(z)), [R(3)], "softplus(z)"),
        (lambda z: jnn.gelu(z, approximate=False), [R(3)], "gelu(z)"),
        (lambda z: jnn.gelu(z), [R(3)], "gelu_tanh(z)"),
        (lambda z: jnn.silu(z), [R(3)], "silu(z)"),
        (lambda z: z / (1 + jnp.exp(-z)), [R(3)], "silu(z)"),
    ],
    "cross-entropies": [
        (lambda z, y: -jnn.log_softmax(z)[y], [R(3), np.int32(1)], "-log softmax(z)_y"),
        (lambda z, y: jnn.logsumexp(z) - z[y], [R(3), np.int32(1)], "-log softmax(z)_y"),
        (lambda Z, y: -jnp.mean(jnp.take_along_axis(jnn.log_softmax(Z), y[:, None], 1)), [R(4, 3), classes],
         "-1/4 Σᵢ log softmax_rows(Z)_{i, yᵢ}"),
        (lambda z, y: jnp.mean(jnp.logaddexp(0.0, z) - y * z), [R(4), R(4)],
         "-1/4 Σᵢ (yᵢ log σ(zᵢ) + (1 - yᵢ) log(1 - σ(zᵢ)))"),
        (lambda z, y: -jnp.sum(y * jnn.log_sigmoid(z) + (1 - y) * jnn.log_sigmoid(-z)), [R(4), R(4)],
         "-Σᵢ (yᵢ log σ(zᵢ) + (1 - yᵢ) log(1 - σ(zᵢ)))"),
    ],
    "layer norm": [
        (lambda x, γ, β: γ * standard(x, -1, 0.1) + β, [R(5)] * 3, "γ ⊙ layer_norm_{0.1}(x) + β"),
        (lambda x, γ, β: γ * (x - x.mean()) / jnp.sqrt(x.var() + 0.1) + β, [R(5)] * 3, "γ ⊙ layer_norm_{0.1}(x) + β"),
        (lambda x: (x - x.mean()) * lax.rsqrt((x**2).mean() - x.mean() ** 2 + 0.1), [R(5)], "layer_norm_{0.1}(x)"),
        (lambda X, γ, β: γ * centred(X) / jnp.sqrt(X.var(-1, keepdims=True) + 0.1) + β, [R(4, 5), R(5), R(5)],
         "(𝟏 γᵀ) ⊙ layer_norm_rows_{0.1}(X) + 𝟏 βᵀ"),
        (lambda X, ε: jax.vmap(lambda x: standard(x, -1, ε))(X), [R(4, 5), 0.1], "layer_norm_rows_ε(X)"),
    ],
    "batch norm": [
        (lambda X: standard(X, 0, 0.1), [R(6, 5)], "batch_norm_{0.1}(X)"),
        (lambda X, γ, β: γ * (X - X.mean(0)) / jnp.sqrt(X.var(0) + 0.1) + β, [R(6, 5), R(5), R(5)],
         "(𝟏 γᵀ) ⊙ batch_norm_{0.1}(X) + 𝟏 βᵀ"),
        (lambda X, γ, β: γ[:, None, None] * standard(X, (0, 2, 3), 0.1) + β[:, None, None], [R(6, 3, 4, 4), R(3), R(3)],
         "γ ⊙ batch_norm_{0.1}(X) + β"),
    ],
    "RMS norm": [
        (lambda x, g: x / jnp.sqrt(jnp.mean(x**2) + 0.1) * g, [R(5)] * 2, "rms_norm_{0.1}(x) ⊙ g"),
        (lambda x, g: g * x / jnp.sqrt(x @ x / 5 + 0.1), [R(5)] * 2, "g ⊙ rms_norm_{0.1}(x)"),
        (lambda X: X * lax.rsqrt(jnp.mean(X**2, -1, keepdims=True) + 0.1), [R(4, 5)], "rms_norm_rows_{0.1}(X)"),
    ],
    "convolution": [
        (lambda W, x, b: convolution(x[None], W)[0] + b[:, None, None], [R(4, 3, 3, 3), R(3, 8, 8), R(4)], "W ⋆ x + b"),
        (lambda W, x, b: b[:, None, None] + convolution(x[None], W, 2, ((1, 1), (1, 1)))[0],
         [R(4, 3, 3, 3), R(3, 8, 8), R(4)], "b + W ⋆_{stride=2, pad=1} x"),
        (lambda W, X, b: convolution(X, W, 1, "SAME") + b[:, None, None], [R(4, 3, 3, 3), R(2, 3, 8, 8), R(4)],
         "W ⋆_{pad=1} X + b"),
        (lambda W, X, b: jax.vmap(lambda x: jnn.relu(convolution(x[None], W)[0] + b[:, None, None]))(X),
         [R(4, 3, 3, 3), R(2, 3, 8, 8), R(4)], "relu(W ⋆ X + b)"),
        (lambda W, x, b: jnn.relu(last(x[None], W)[0] + b), [R(3, 3, 3, 4), R(8, 8, 3), R(4)],
         "[relu([W_{pqnm}]_{mnpq} ⋆ [xₙₚₘ]ₘₙₚ + b)ₖᵢⱼ]ᵢⱼₖ"),
    ],
    "pooling": [
        (lambda x: windows(x, -jnp.inf, lax.max), [R(3, 8, 8)], "maxpool_{size=2, stride=2}(x)"),
        (lambda x: windows(x, 0.0, lax.add) / 4, [R(3, 8, 8)], "avgpool_{size=2, stride=2}(x)"),
        (lambda x: x.reshape(3, 4, 2, 4, 2).max((2, 4)), [R(3, 8, 8)], "maxpool_{size=2, stride=2}(x)"),
        (lambda x: x.reshape(3, 4, 2, 2, 4).mean((2, 4)), [R(3, 8, 8)], "avgpool_{size=(2, 4), stride=(2, 4)}(x)"),
    ],
    "masks": [
        (lambda x, m: jnp.where(m, x / 0.8, 0.0), [R(5), np.ones(5, bool)], "(x/0.8) ⊙ 𝟏[m]"),
    ],
    "norms": [
        (lambda x: jnp.linalg.norm(x), [R(3)], "‖x‖"),
        (lambda x: jnp.sqrt(jnp.sum(x**2)), [R(3)], "‖x‖"),
        (lambda x: jnp.sum(x**2), [R(3)], "‖x‖²"),
        (lambda A: jnp.linalg.norm(A), [R(3, 3)], "‖A‖_F"),
        (lambda x: jnp.linalg.norm(x, 1), [R(3)], "Σᵢ |xᵢ|"),
        (lambda x: jnp.linalg.norm(x, jnp.inf), [R(3)], "maxᵢ |xᵢ|"),
    ],
}  # fmt: skip
CASES = [(f"{kind} {place}", *case) for kind, cases in SAID.items() for place, case in enumerate(cases)]


@pytest.mark.parametrize(("name", "program", "args", "printed"), CASES, ids=[name for name, *_ in CASES])
def test_the_form_is_printed_by_its_name(name, program, args, printed):
    found = of(program, *args, output="r")
    assert found.unicode(where=False).strip() == f"r = {printed}"
    assert found.check().ok, f"{found.check()}\n{found}"


def test_the_mask_of_a_dropout_has_a_line():
    def dropout(x, key):
        return jnp.where(jax.random.bernoulli(key, 0.8, x.shape), x / 0.8, 0.0)

    found = of(dropout, R(5), jax.random.key(0), output="r")
    lines = [line.strip() for line in found.unicode(where=False).splitlines()]
    assert lines == ["m = bernoulli_{shape=5}(key, 0.8)", "r = (x/0.8) ⊙ 𝟏[m]"]
    assert found.check().ok


def split(A, heads):
    return A.reshape(*A.shape[:-1], heads, -1)


def by_transposes(X, W_q, W_k, W_v, W_o):
    Q, K, V = (split(X @ W, 2).swapaxes(0, 1) for W in (W_q, W_k, W_v))
    A = jnn.softmax(Q @ K.swapaxes(1, 2) / jnp.sqrt(4.0), axis=-1)
    return (A @ V).swapaxes(0, 1).reshape(6, 8) @ W_o


def by_einsum(X, W_q, W_k, W_v, W_o):
    Q, K, V = (split(X @ W, 2) for W in (W_q, W_k, W_v))
    A = jnn.softmax(jnp.einsum("thd,shd->hts", Q, K) / 2, axis=-1)
    return jnp.einsum("hts,shd->thd", A, V).reshape(6, 8) @ W_o


@pytest.mark.parametrize("program", [by_transposes, by_einsum])
def test_attention_with_heads(program):
    found = of(program, R(6, 8), *[R(8, 8)] * 4, output="Y")
    assert found.unicode(where=False) == "Y = attention_{heads=2}(X W_q, X Wₖ, X Wᵥ) Wₒ"
    assert found.check().ok


def test_attention_over_a_batch_and_with_a_mask():
    def masked(X, W_q, W_k, W_v):
        def one(X):
            Q, K, V = (split(X @ W, 2) for W in (W_q, W_k, W_v))
            S = jnp.where(jnp.tril(jnp.ones((6, 6), bool)), jnp.einsum("thd,shd->hts", Q, K) / 2, -jnp.inf)
            return jnp.einsum("hts,shd->thd", jnn.softmax(S, axis=-1), V).reshape(6, 8)

        return jax.vmap(one)(X)

    found = of(masked, R(3, 6, 8), *[R(8, 8)] * 3, output="Y")
    assert "attention_{heads=2}(" in found.unicode(where=False)
    assert found.unicode(where=False).endswith(", [i ≥ j]_{i≤6, j≤6})")
    assert found.check().ok


def test_another_scale_is_no_attention():
    def sharper(X):
        Q = split(X, 2)
        return jnp.einsum("hts,shd->thd", jnn.softmax(jnp.einsum("thd,shd->hts", Q, Q) / 3, axis=-1), Q).reshape(6, 8)

    found = of(sharper, R(6, 8), output="Y")
    assert "attention" not in found.unicode()
    assert "softmax_rows" in found.unicode()
    assert found.check().ok


def test_a_function_that_is_called_like_an_operation_it_uses():
    def softmax(z):
        return jnn.softmax(z)

    def lse_rows(Z):
        return jnn.logsumexp(Z, axis=-1)

    def mha_3d(x):
        return 2 * x

    assert of(softmax, R(3)).unicode(where=False) == "f(z) = softmax(z)"
    assert of(lse_rows, R(2, 3)).unicode(where=False) == "f(Z) = lse_rows(Z)"
    assert of(mha_3d, R(3)).unicode(where=False) == "f(x) = 2 x"
    assert of(mha_3d, R(3)).check().ok


def test_slopes_have_names():
    """The derivative of a GELU in a gradient, with the GELU itself and without."""
    for approximate, name in ((True, "gelu_tanh"), (False, "gelu")):

        def cost(z, w, approximate=approximate):
            return w @ jnn.gelu(z, approximate=approximate)

        found = of(jax.value_and_grad(cost), R(3), R(3), output=["C", "g"])
        assert found.unicode(where=False).splitlines() == [f"C = wᵀ {name}(z)", f"g = w ⊙ {name}'(z)"]
        assert of(jax.grad(cost), R(3), R(3), output="g").unicode(where=False) == f"g = w ⊙ {name}'(z)"
        assert found.check().ok
