"""Programs that are not ours: Equinox layers, Optax updates, a physicist's loss, a filter, a price; printed and checked."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
import pytest

from gradiens.equations import of

KEY = jax.random.key(0)
x, X = jnp.ones(4), jnp.ones((5, 4))


def lines(equations):
    """The printed lines, checked in double precision; nothing is left without notation."""
    assert equations.unprinted == ()
    check = equations.check()
    assert check.ok, f"{check}\n{equations}"
    return [line.strip() for line in equations.unicode(where=False).splitlines()]


def test_linear_layer():
    assert lines(of(eqx.nn.Linear(4, 3, key=KEY), x, output="ŷ")) == ["ŷ = W x + b"]
    assert lines(of(lambda layer, X: jax.vmap(layer)(X), eqx.nn.Linear(4, 3, key=KEY), X, output="Y")) == [
        "Y = X Wᵀ + 𝟏 bᵀ"
    ]


def test_mlp():
    assert lines(of(eqx.nn.MLP(4, 2, 8, 2, key=KEY), x, output="ŷ")) == [
        "a^[1] = relu(W^[1] x + b^[1])",
        "a^[2] = relu(W^[2] a^[1] + b^[2])",
        "ŷ = W^[3] a^[2] + b^[3]",
    ]


def test_convolutional_network():
    net = eqx.nn.Sequential([
        eqx.nn.Conv2d(1, 3, 3, stride=2, padding=1, key=KEY), eqx.nn.Lambda(jax.nn.relu), eqx.nn.MaxPool2d(2, 2),
        eqx.nn.Lambda(jnp.ravel), eqx.nn.Linear(12, 2, key=KEY),
    ])  # fmt: skip
    text = " ".join(lines(of(net, jnp.ones((1, 8, 8)), output="ŷ")))
    assert "W^[1] ⋆_{stride=2, pad=1} x" in text
    assert "ŷ = W^[5] flat(maxpool_{size=2, stride=2}(" in text
    assert text.endswith(" + b^[5]")


def test_average_pool():
    assert lines(of(eqx.nn.AvgPool2d(2, 2), jnp.ones((2, 6, 6)), output="y")) == ["y = avgpool_{size=2, stride=2}(x)"]


def lstm(cell, x):
    def step(state, x):
        state = cell(x, state)
        return state, state[0]

    return jax.lax.scan(step, (jnp.zeros(3), jnp.zeros(3)), x)[1]


def test_lstm_is_the_one_of_the_book():
    found = lines(of(lstm, eqx.nn.LSTMCell(4, 3, key=KEY), X, output="y"))
    found = [line.replace("(a⟨t⟩)", "a⟨t⟩") for line in found]
    assert found == [
        "h⟨0⟩ = 0₃",
        "c⟨0⟩ = 0₃",
        "for t = 1, …, 5:",
        "a⟨t⟩ = W_ih x⟨t⟩ + W_hh h⟨t-1⟩ + b",
        "f⟨t⟩ = σ(a⟨t⟩_{3:6})",
        "i⟨t⟩ = σ(a⟨t⟩_{:3})",
        "g⟨t⟩ = tanh(a⟨t⟩_{6:9})",
        "c⟨t⟩ = f⟨t⟩ ⊙ c⟨t-1⟩ + i⟨t⟩ ⊙ g⟨t⟩",
        "o⟨t⟩ = σ(a⟨t⟩_{9:})",
        "h⟨t⟩ = o⟨t⟩ ⊙ tanh(c⟨t⟩)",
        "y = h",
    ]


def test_gru_is_the_one_of_the_book():
    run = lambda cell, x: jax.lax.scan(lambda h, x: (cell(x, h), None), jnp.zeros(3), x)[0]  # noqa: E731
    found = lines(of(run, eqx.nn.GRUCell(4, 3, key=KEY), X, output="y"))
    found = [line.replace("(a⟨t⟩)", "a⟨t⟩").replace("(u⟨t⟩)", "u⟨t⟩") for line in found]
    assert found == [
        "h⟨0⟩ = 0₃",
        "for t = 1, …, 5:",
        "a⟨t⟩ = W_ih x⟨t⟩ + b",
        "u⟨t⟩ = W_hh h⟨t-1⟩",
        "r⟨t⟩ = σ(a⟨t⟩_{:3} + u⟨t⟩_{:3})",
        "n⟨t⟩ = tanh(a⟨t⟩_{6:} + r⟨t⟩ ⊙ (u⟨t⟩_{6:} + bₙ))",
        "z⟨t⟩ = σ(a⟨t⟩_{3:6} + u⟨t⟩_{3:6})",
        "h⟨t⟩ = n⟨t⟩ + z⟨t⟩ ⊙ (h⟨t-1⟩ - n⟨t⟩)",
        "y = h⟨5⟩",
    ]


def batch_norm(x, mean, var, scale, shift):
    return (x - mean) / jnp.sqrt(var + 1e-5) * scale + shift


def test_normalising_layers():
    assert lines(of(eqx.nn.LayerNorm(4), x, output="y")) == ["y = W ⊙ layer_norm_{10⁻⁵}(x) + b"]
    assert lines(of(lambda norm, X: jax.vmap(norm)(X), eqx.nn.LayerNorm(4), X, output="Y")) == [
        "Y = (𝟏 Wᵀ) ⊙ layer_norm_rows_{10⁻⁵}(X) + 𝟏 bᵀ"
    ]
    assert lines(of(eqx.nn.RMSNorm(4, use_bias=False), x, output="y")) == ["y = W ⊙ rms_norm_{10⁻⁵}(x)"]
    names = {"mean": "m", "var": "v", "scale": "γ", "shift": "β"}
    assert lines(of(batch_norm, x, x, x, x, x, names=names, output="y")) == ["y = ((x - m) / √(v + 10⁻⁵)) ⊙ γ + β"]


def test_attention_with_two_heads():
    attend = lambda attention, X: attention(X, X, X, inference=True)  # noqa: E731
    names = {f"{part}_proj.weight": f"W_{letter}" for part, letter in zip(("query", "key", "value", "output"), "qkvo")}
    found = lines(of(attend, eqx.nn.MultiheadAttention(2, 4, key=KEY), X, output="Y", names=names))
    assert found == ["Y = attention_{heads=2}(X W_qᵀ, X Wₖᵀ, X Wᵥᵀ) Wₒᵀ"]
    masked = lambda attention, X, m: attention(X, X, X, mask=m, inference=True)  # noqa: E731
    seen = jnp.ones((5, 5), bool)
    found = lines(of(masked, eqx.nn.MultiheadAttention(2, 4, key=KEY), X, seen, output="Y", names=names))
    assert found == ["Y = attention_{heads=2}(X W_qᵀ, X Wₖᵀ, X Wᵥᵀ, m) Wₒᵀ"]


def test_embedding_and_dropout():
    assert lines(of(eqx.nn.Embedding(7, 4, key=KEY), jnp.int32(2), output="y")) == ["y = W_{x, :}"]
    drop = lambda k, x: eqx.nn.Dropout(0.2)(x, key=k)  # noqa: E731
    assert lines(of(drop, KEY, x, output="y")) == ["m = bernoulli_{shape=4}(k, 0.8)", "y = (x/0.8) ⊙ 𝟏[m]"]


def update_of(optimizer, outputs):
    theta = jnp.ones(4)

    def update(g, state, theta):
        step, state = optimizer.update(g, state, theta)
        return optax.apply_updates(theta, step), state

    return lines(of(update, theta, optimizer.init(theta), theta, output=outputs))


def test_adam():
    assert update_of(optax.adam(0.1), ["θ'", "t'", "m'", "v'"]) == [
        "m' = 0.1 g + 0.9 μ",
        "t' = t + 1",
        "v' = 0.001 g² + 0.999 ν",
        "θ' = θ - 0.1 ((m' / (1 - 0.9^(t'))) / (√(v' / (1 - 0.999^(t'))) + 10⁻⁸))",
    ]


def test_other_updates():
    assert update_of(optax.rmsprop(0.1), ["θ'", "v'"]) == ["v' = 0.1 g² + 0.9 ν", "θ' = θ - 0.1 (g / √(v' + 10⁻⁸))"]
    assert update_of(optax.lion(0.1, weight_decay=0.0), ["θ'", "t'", "m'"]) == [
        "θ' = θ - 0.1 sign(0.1 g + 0.9 μ)",
        "t' = t + 1",
        "m' = 0.01 g + 0.99 μ",
    ]
    chain = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1, momentum=0.9))
    assert update_of(chain, ["θ'", "m'"]) == ["m' = {g if ‖g‖ < 1; g/‖g‖ otherwise} + 0.9 m^[2]", "θ' = θ - 0.1 m'"]


def runge_kutta(f, y, h):
    a = f(y)
    b = f(y + h / 2 * a)
    c = f(y + h / 2 * b)
    return y + h / 6 * (a + 2 * b + 2 * c + f(y + h * c))


def test_pendulum():
    def swing(y_0, g, L):
        slope = lambda y: jnp.stack([y[1], -g / L * jnp.sin(y[0])])  # noqa: E731
        step = lambda y, _: (runge_kutta(slope, y, 0.06), y)  # noqa: E731
        return jax.lax.scan(step, y_0, None, length=10)[0]

    found = lines(of(swing, jnp.ones(2), 9.81, 1.0, output="θ"))
    assert found[0] == "y⟨0⟩ = y₀"
    assert "for t = 1, …, 10:" in found
    assert found[-1] == "θ = y⟨10⟩"


def test_burgers_residual():
    """u_t + u u_x - ν u_xx of a network, by derivatives of derivatives: 1 - a² and -2 a (1 - a²)."""

    def residual(net, t, x, nu):
        u = lambda t, x: net(jnp.stack([t, x]))  # noqa: E731
        u_x = jax.grad(u, 1)
        return jax.grad(u, 0)(t, x) + u(t, x) * u_x(t, x) - nu * jax.grad(u_x, 1)(t, x)

    net = eqx.nn.MLP(2, "scalar", 8, 1, activation=jnp.tanh, key=KEY)
    found = lines(of(residual, net, 0.5, 0.5, 0.1, output="r"))
    assert found[0] == "a^[1] = tanh(W^[1] [t; x] + b^[1])"
    assert found[1].replace("(a^[1])", "a^[1]") == "u₁ = 1 - a^[1]²"
    assert found[2] == "u₂ = W^[1]ᵀ (W^[2]ᵀ ⊙ u₁)"
    assert found[3].startswith("r = (u₂)₀ + (W^[2] a^[1] + b^[2]) (u₂)₁ + ν (")


def test_kalman_filter():
    def kalman(A, C, Q, R, m_0, P_0, y):
        def step(state, y):
            m, P = A @ state[0], A @ state[1] @ A.T + Q
            gain = jnp.linalg.solve(C @ P @ C.T + R, C @ P).T
            m = m + gain @ (y - C @ m)
            return (m, P - gain @ C @ P), m

        return jax.lax.scan(step, (m_0, P_0), y)[1]

    eye = jnp.eye(2)
    found = lines(of(kalman, eye, jnp.ones((1, 2)), eye, jnp.eye(1), jnp.ones(2), eye, jnp.ones((6, 1)), output="x̂"))
    assert found == [
        "m⟨0⟩ = m₀",
        "P⟨0⟩ = P₀",
        "for t = 1, …, 6:",
        "u₁⟨t⟩ = A P⟨t-1⟩ Aᵀ + Q",
        "u₂⟨t⟩ = C u₁⟨t⟩",
        "u₃⟨t⟩ = (u₂⟨t⟩ Cᵀ + R)⁻¹ u₂⟨t⟩",
        "m⟨t⟩ = A m⟨t-1⟩ + u₃⟨t⟩ᵀ (y⟨t⟩ - C (A m⟨t-1⟩))",
        "P⟨t⟩ = u₁⟨t⟩ - u₃⟨t⟩ᵀ C u₁⟨t⟩",
        "x̂ = m",
    ]


def test_black_scholes():
    def price(S, K, r, sigma, T):
        d = (jnp.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * jnp.sqrt(T))
        cdf = jax.scipy.stats.norm.cdf
        return S * cdf(d) - K * jnp.exp(-r * T) * cdf(d - sigma * jnp.sqrt(T))

    assert lines(of(price, 1.0, 1.0, 0.05, 0.2, 1.0, output="C")) == [
        "u = (log(S/K) + (r + σ²/2) T) / (σ √T)",
        "C = S Φ(u) - K e^(-r T) Φ(u - σ √T)",
    ]


def loss(w, X, y):
    return jnp.sum(jnp.logaddexp(0.0, X @ w) - y * (X @ w))


def test_newton_step():
    """By hand, and with the Hessian that JAX finds: Xᵀ diag(u ⊙ (1 - u)) X."""

    def newton(w, X, y):
        p = jax.nn.sigmoid(X @ w)
        return w - jnp.linalg.solve(X.T @ ((p * (1 - p))[:, None] * X), X.T @ (p - y))

    def automatic(w, X, y):
        return w - jnp.linalg.solve(jax.hessian(loss)(w, X, y), jax.grad(loss)(w, X, y))

    assert lines(of(newton, x, X, jnp.ones(5), output="w'")) == [
        "u = σ(X w)",
        "w' = w - (Xᵀ diag(u ⊙ (1 - u)) X)⁻¹ (Xᵀ (u - y))",
    ]
    assert lines(of(automatic, x, X, jnp.ones(5), output="w'")) == [
        "u = σ(X w)",
        "w' = w - (Xᵀ diag((1 - u) ⊙ u) X)⁻¹ (Xᵀ u - Xᵀ y)",
    ]


def test_gaussian_log_likelihood():
    def likelihood(mu, A, y):
        L = jnp.linalg.cholesky(A @ A.T + jnp.eye(4))
        z = jax.scipy.linalg.solve_triangular(L, y - mu, lower=True)
        return -0.5 * z @ z - jnp.sum(jnp.log(jnp.diag(L))) - 2 * jnp.log(2 * jnp.pi)

    assert lines(of(likelihood, x, jnp.eye(4), x, output="ℓ")) == [
        "u = cholesky(A Aᵀ + I)",
        "ℓ = -½ ‖u⁻¹ (y - μ)‖² - Σᵢ log uᵢᵢ - 2 log(2 π)",
    ]


def test_cross_entropy_of_a_batch_and_its_gradient():
    def cost(W, X, y):
        return optax.softmax_cross_entropy_with_integer_labels(X @ W, y).mean()

    args = (jnp.ones((4, 3)), X, jnp.zeros(5, int))
    assert lines(of(cost, *args, output="C")) == ["C = -1/5 Σᵢ log softmax_rows(X W)_{i, yᵢ}"]
    assert lines(of(jax.grad(cost), *args, output="∂C/∂W")) == [
        "∂C/∂W = Xᵀ (0.2 (softmax_rows(X W) - one_hots_{size=3}(y)))"
    ]


LOSSES = {
    "huber_loss": "{u²/2 if u ≤ 1; u - ½ otherwise}", "log_cosh": "log cosh(ŷ - y)", "hinge_loss": "relu(1 - ŷ ⊙ y)",
    "sigmoid_binary_cross_entropy": "(1 - y) ⊙ softplus(ŷ) - y ⊙ log σ(ŷ)",
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_optax(name):
    f = getattr(optax, name)
    assert lines(of(lambda ŷ, y: f(ŷ, y), x, x, output="C"))[-1] == f"C = {LOSSES[name]}"


ACTIVATIONS = {
    "gelu": "gelu_tanh(x)", "hard_tanh": "min(1, max(-1, x))", "relu6": "min(6, relu(x))",
    "mish": "x ⊙ tanh(softplus(x))", "celu": "elu₁(x)", "log_sigmoid": "log σ(x)", "log_softmax": "log softmax(x)",
    "glu": "x_{:2} ⊙ σ(x_{2:})", "standardize": "layer_norm_{10⁻⁵}(x)", "squareplus": "(x + √(x² + 4)) / 2",
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_jax(name):
    f = getattr(jax.nn, name)
    assert lines(of(lambda x: f(x), x, output="a")) == [f"a = {ACTIVATIONS[name]}"]


def test_attention_by_hand():
    attend = lambda Q, K, V: jax.nn.softmax(Q @ K.T / jnp.sqrt(4), axis=-1) @ V  # noqa: E731
    assert lines(of(attend, X, X, X, output="A")) == ["A = softmax_rows(Q Kᵀ / √4) V"]
    masked = lambda M, Q, K: jax.nn.softmax(jnp.where(M, Q @ K.T, -jnp.inf), axis=-1)  # noqa: E731
    assert lines(of(masked, jnp.ones((5, 5), bool), X, X, output="A")) == [
        "A = softmax_rows({Q Kᵀ if M; -∞ otherwise})"
    ]


def test_a_transformer_of_twelve_layers_is_read_in_three_seconds():
    import time

    d, heads, T = 64, 4, 16

    def norm(x, g, b):
        return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5) * g + b

    def block(p, x):
        h = norm(x, p["g1"], p["c1"])
        q, k, v = (jnp.reshape(h @ p[name], (T, heads, d // heads)) for name in ("Wq", "Wk", "Wv"))
        a = jax.nn.softmax(jnp.einsum("thd,shd->hts", q, k) / jnp.sqrt(d / heads), axis=-1)
        x = x + jnp.reshape(jnp.einsum("hts,shd->thd", a, v), (T, d)) @ p["Wo"]
        h = norm(x, p["g2"], p["c2"])
        return x + jax.nn.gelu(h @ p["W1"] + p["b1"], approximate=False) @ p["W2"] + p["b2"]

    def transformer(layers, x):
        for p in layers:
            x = block(p, x)
        return x

    square = {name: jnp.ones((d, d)) for name in ("Wq", "Wk", "Wv", "Wo")}
    vectors = {name: jnp.ones(d) for name in ("g1", "c1", "g2", "c2", "b2")}
    one = {**square, **vectors, "W1": jnp.ones((d, 4 * d)), "b1": jnp.ones(4 * d), "W2": jnp.ones((4 * d, d))}
    start = time.process_time()
    page = of(transformer, [one] * 12, jnp.ones((T, d)), output="y").unicode()
    assert time.process_time() - start < 3.0  # 0.4 s alone; slower on a busy machine
    assert "for l = 1, …, 12:" in page
    assert "layer_norm_rows" in page
    assert "attention_{heads=4}(" in page
    assert "gelu(" in page
    assert len(page.splitlines()) < 20
