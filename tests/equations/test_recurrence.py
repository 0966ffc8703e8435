"""Loops: read as recurrences, run alike by NumPy and by JAX, made plain, printed as blocks, checked."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import checkpoint_name

from gradiens.equations import of
from gradiens.equations.folding.fold import folded
from gradiens.equations.folding.residuals import spelled_out
from gradiens.equations.folding.tidy import Loop, _proved, tidied
from gradiens.equations.printing.times import Timed, at_time, base_of, timed
from gradiens.equations.program.trace import trace
from gradiens.equations.tree.expression import is_op, number, symbol, walk
from gradiens.equations.tree.operations import apply, evaluate
from gradiens.equations.tree.recurrence import Recurrence, apply_recurrence, depends, everything, values_of

W, U, b, X = jnp.ones((3, 2)), jnp.ones((3, 3)), jnp.ones(3), jnp.ones((5, 2))


def rnn(W, U, b, X):
    def step(h, x):
        h = jnp.tanh(W @ x + U @ h + b)
        return h, h

    return jax.lax.scan(step, jnp.zeros(3), X)


def lines(equations):
    assert equations.check().ok
    assert equations.unprinted == ()
    return equations.unicode(where=False).splitlines()


def tree(f, *args):
    names = [symbol(f"a_{{{place}}}", np.shape(arg)) for place, arg in enumerate(args)]
    with jax.enable_x64(True):
        return names, trace(f, [jnp.asarray(arg, float) for arg in args], names).outputs


def test_a_recurrent_network():
    assert lines(of(rnn, W, U, b, X, output=["ŷ", "a"])) == [
        "h⟨0⟩ = 0₃",
        "for t = 1, …, 5:",
        "  h⟨t⟩ = tanh(W X⟨t⟩ + U h⟨t-1⟩ + b)",
        "ŷ = h⟨5⟩",
        "a = h",
    ]


def test_back_propagation_through_time():
    """δ⟨t⟩ = g⟨t+1⟩ ⊙ (1 - h⟨t⟩²), g⟨t⟩ = Uᵀ δ⟨t⟩, and the gradients as products of sequences."""
    cost = jax.grad(lambda W, U, b, X: jnp.sum(rnn(W, U, b, X)[0] ** 2), argnums=(0, 1, 2))
    found = lines(of(cost, W, U, b, X, output=["∂C/∂W", "∂C/∂U", "∂C/∂b"]))
    assert [line.replace("(h⟨t⟩)²", "h⟨t⟩²") for line in found] == [
        "h⟨0⟩ = 0₃",
        "for t = 1, …, 5:",
        "  p⟨t⟩ = h⟨t-1⟩",
        "  h⟨t⟩ = tanh(W X⟨t⟩ + U h⟨t-1⟩ + b)",
        "g⟨6⟩ = 2 h⟨5⟩",
        "for t = 5, …, 1:",
        "  δ⟨t⟩ = g⟨t+1⟩ ⊙ (1 - h⟨t⟩²)",
        "  g⟨t⟩ = Uᵀ δ⟨t⟩",
        "∂C/∂W = δᵀ X",
        "∂C/∂U = δᵀ p",
        "∂C/∂b = δᵀ 𝟏",
    ]


def test_a_batch_of_sequences_goes_by_rows():
    found = lines(of(jax.vmap(rnn, (None, None, None, 0)), W, U, b, jnp.ones((4, 5, 2)), output=["ŷ", "a"]))
    assert "  h⟨t⟩ = tanh(x⟨t⟩ Wᵀ + h⟨t-1⟩ Uᵀ + 𝟏 bᵀ)" in found


def test_gradient_descent_is_a_loop():
    loss = lambda θ, X, y: jnp.mean((X @ θ - y) ** 2)  # noqa: E731

    def fit(w, X, y):
        return jax.lax.fori_loop(0, 100, lambda k, θ: θ - 0.1 * jax.grad(loss)(θ, X, y), w)

    assert lines(of(fit, jnp.ones(2), X, jnp.ones(5), output="ŵ")) == [
        "θ⟨0⟩ = w",
        "for t = 1, …, 100:",
        "  θ⟨t⟩ = θ⟨t-1⟩ - 0.04 Xᵀ (X θ⟨t-1⟩ - y)",
        "ŵ = θ⟨100⟩",
    ]


def test_several_carries_keep_their_names():
    def walk_on(place, speed, pushes):
        def step(state, push):
            r, v = state
            v = v + 0.1 * push
            return (r + 0.1 * v, v), checkpoint_name(r * v, "w")

        return jax.lax.scan(step, (place, speed), pushes)

    found = lines(of(walk_on, jnp.ones(2), jnp.ones(2), jnp.ones((4, 2)), output=["r", "v", "a"]))
    assert found[-3:] == ["r = h⟨4⟩", "v = c⟨4⟩", "a = w"]
    assert "  c⟨t⟩ = c⟨t-1⟩ + 0.1 pushes⟨t⟩" in found
    assert "  w⟨t⟩ = h⟨t-1⟩ ⊙ c⟨t⟩" in found


def test_starts_name_what_they_start():
    def f(m_0, P_0, y):
        return jax.lax.scan(lambda c, u: ((c[0] + u, c[1] * c[0]), None), (m_0, P_0), y)[0]

    found = lines(of(f, 1.0, 1.0, jnp.ones(3), output=["a", "c"]))
    assert found[:2] == ["m⟨0⟩ = m₀", "P⟨0⟩ = P₀"]


def test_backward_scan():
    f = lambda r: jax.lax.scan(lambda g, x: (x + 0.9 * g, x + 0.9 * g), 0.0, r, reverse=True)[1]  # noqa: E731
    assert lines(of(f, jnp.ones(4), output="G")) == [
        "g⟨5⟩ = 0",
        "for t = 4, …, 1:",
        "  g⟨t⟩ = r⟨t⟩ + 0.9 g⟨t+1⟩",
        "G = g",
    ]


def test_loop_with_a_condition():
    f = lambda x: jax.lax.while_loop(lambda a: jnp.sum(a) < 50, lambda a: a * a + 1, x)  # noqa: E731
    equations = of(f, jnp.ones(3), output="y")
    assert lines(equations)[1].startswith("for k = 1, 2, …")
    assert lines(equations)[-1] == "y = a⟨∞⟩"


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: jax.lax.fori_loop(0, 3, lambda i, a: jnp.sin(a) * i, x), (X,)),
        (lambda x: jax.lax.fori_loop(2, 5, lambda i, a: a + x[i], jnp.zeros(2)), (X,)),
        (lambda x: jax.lax.fori_loop(0, 5, lambda i, a: a * x[i], jnp.ones(2)), (X,)),
        (lambda x: jax.lax.fori_loop(0, 5, lambda i, a: a.at[i].set(2 * x[i]), jnp.zeros((5, 2))), (X,)),
        (lambda x, n: jax.lax.fori_loop(0, n, lambda i, a: jnp.sin(a) + i, x), (b, jnp.int32(3))),
        (lambda X: jax.lax.scan(lambda h, x: (jax.lax.scan(lambda g, u: (g * u + h, g), 0.0, x)[0], h), 1.0, X), (X,)),
        (jax.vmap(rnn, (None, None, None, 0)), (W, U, b, jnp.ones((4, 5, 2)))),
        (lambda W, U, b, X: jax.grad(lambda X: jnp.sum(rnn(W, U, b, X)[1] ** 3))(X), (W, U, b, X)),
        (lambda W, U, b, X: jax.jvp(lambda b: rnn(W, U, b, X), (b,), (b,))[1], (W, U, b, X)),
        (lambda W, U, b, X: jax.hessian(lambda b: jnp.sum(rnn(W, U, b, X)[0]))(b), (W, U, b, X)),
        (lambda x: jax.lax.scan(lambda h, _: (h, None), x, None, length=0)[0], (b,)),
        (lambda x: jax.lax.scan(lambda h, u: (jnp.where(u > 0, h + u, h), jnp.argmax(h)), x, x[:, None]), (b,)),
        (lambda x: jax.lax.associative_scan(jnp.multiply, x), (b,)),
        (lambda x: jax.lax.map(lambda r: jnp.sin(r) @ r, x), (X,)),
        (lambda x: jax.lax.switch(2, [jnp.sin, jnp.cos, jnp.exp], x), (b,)),
        (lambda i, x: jax.lax.switch(i, [jnp.sin, jnp.cos, jnp.exp], x), (jnp.int32(1), b)),
        (lambda x: jax.lax.cond(x[0] > 0, lambda x: (x, 1.0), lambda x: (-x, x[1]), x), (b,)),
    ],
)  # fmt: skip
def test_what_is_printed_is_what_runs(f, args):
    equations = of(f, *args)
    assert equations.unprinted == ()
    _only_evaluated(equations)


def _only_evaluated(equations):
    rng = np.random.default_rng(3)
    values = [rng.normal(size=one.shape) if one.kind == "real" else np.int64(2) for one in equations.inputs]
    with jax.enable_x64(True):
        wanted = equations.program(*(jnp.asarray(value) for value in values))
    for found, right in zip(equations.evaluate(values), wanted, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)


def test_a_loop_that_may_not_end_is_not_run_in_a_choice():
    endless = lambda x: jax.lax.while_loop(lambda a: a < 1, lambda a: a * 2, x)  # noqa: E731
    equations = of(lambda x: jax.lax.cond(x > 0, endless, lambda x: x, x), 1.0)
    assert equations.unprinted == ("cond",)
    assert float(equations.evaluate([np.float64(-1.0)])[0]) == -1.0


def test_counters_become_sequences():
    (x,), outputs = tree(lambda x: jax.lax.fori_loop(0, 5, lambda i, a: a * x[i], jnp.ones(2)), X)
    (made,) = folded(outputs)
    program = made.param("program")
    assert (len(program.carries), len(program.slices)) == (1, 1)
    assert made.operands[1] is x


def test_a_sum_over_steps_is_a_sum():
    (x,), outputs = tree(lambda x: jax.lax.scan(lambda c, r: (c + jnp.outer(r, r), None), jnp.zeros((2, 2)), x)[0], X)
    assert folded(outputs) == [apply("matmul", apply("transpose", x, axes=(1, 0)), x)]
    (x,), outputs = tree(lambda x: jax.lax.scan(lambda c, r: (c + jnp.sin(r[0]), c), 0.0, x), X)
    assert all(is_op(one, "recurrence") for one in folded(outputs))  # the running sums are used too


def test_what_is_not_used_is_not_computed():
    def f(x):
        return jax.lax.scan(lambda c, r: ((c[0] * r, c[1] + c[2], c[2]), (jnp.exp(r), c[1])), (x[0], x[1], x[0]), x)[0][
            0
        ]

    _, outputs = tree(f, X)
    (made,) = folded(outputs)
    program = made.param("program")
    assert (len(program.carries), program.out, program.constants) == (1, (), ())


def test_residuals_are_spelled_out():
    _, outputs = tree(jax.grad(lambda b: jnp.sum(rnn(jnp.ones((3, 2)), jnp.eye(3), b, X)[0])), b)
    (made,) = folded(outputs)
    backward = next(one for one in walk(made) if is_op(one, "recurrence") and one.param("program").backward)
    (sequence,) = backward.param("program").parts(backward.operands)[1]
    program = sequence.param("program")
    assert program.out[sequence.param("item") - len(program.carries)] is program.after[0]  # h itself, not 1 - h


@pytest.mark.parametrize("stage", [tidied, spelled_out])
def test_stages_keep_the_values(stage):
    names, outputs = tree(jax.grad(lambda W, U, b: jnp.sum(rnn(W, U, b, X)[1] ** 3), (0, 1, 2)), W, U, b)
    rng = np.random.default_rng(0)
    env = {one: rng.normal(size=one.shape) for one in names}
    with jax.enable_x64(True):
        constants = {
            one: np.ones(one.shape) for root in outputs for one in walk(root) if one.shape == (5, 2) and not one.args
        }
    before, after = evaluate(outputs, env | constants), evaluate(stage(outputs), env | constants)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


h, x, w = symbol("h⟨t-1⟩", (3,)), symbol("x⟨t⟩", (3,)), symbol("w")
STEPS = Recurrence((h,), (x,), (w,), (apply("add", apply("mul", w, h), x),), (apply("exp", h),), 4)
START, ROWS, WEIGHT = symbol("s", (3,)), symbol("R", (4, 3)), symbol("a")


def test_a_wrong_change_of_a_loop_is_not_made():
    loop = Loop.of(apply_recurrence(STEPS, [START], [ROWS], [WEIGHT], 0))
    halved = lambda loop, used: {item: apply("mul", 0.5, loop.values[item]) for item in used}  # noqa: E731
    assert _proved(loop, {0, 1}, halved) == dict(enumerate(loop.values))
    same = lambda loop, used: {item: apply("add", 0.0, loop.values[item]) for item in used}  # noqa: E731
    assert _proved(loop, {0}, same) == {0: apply("add", 0.0, loop.values[0])}


def test_alike_loops_are_one_node():
    assert apply_recurrence(STEPS, [START], [ROWS], [WEIGHT], 1) is values_of(STEPS, [START, ROWS, WEIGHT])[1]


def test_numpy_and_jax_run_alike_and_jax_can_be_differentiated(x64):
    final, stacked = values_of(STEPS, [START, ROWS, WEIGHT])
    rng = np.random.default_rng(0)
    env = {START: rng.normal(size=3), ROWS: rng.normal(size=(4, 3)), WEIGHT: np.float64(0.7)}
    hosts = evaluate([final, stacked], env)
    theirs = jax.jit(lambda *values: evaluate([final, stacked], dict(zip(env, values)), jnp, jnp.float64))
    for one, other in zip(hosts, theirs(*map(jnp.asarray, env.values())), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)

    def total(weight):
        return jnp.sum(evaluate([final], {**env, WEIGHT: weight}, jnp, jnp.float64)[0])

    step = 1e-6
    slope = (total(0.7 + step) - total(0.7 - step)) / (2 * step)
    np.testing.assert_allclose(jax.grad(total)(jnp.float64(0.7)), slope, rtol=1e-8)


@pytest.mark.parametrize(
    ("operands", "told"),
    [
        ([START, ROWS], "operands"),
        ([symbol("s", (2,)), ROWS, WEIGHT], "starts as"),
        ([START, symbol("R", (5, 3)), WEIGHT], "row of"),
    ],
)
def test_operands_that_do_not_fit_are_refused(operands, told):
    with pytest.raises(ValueError, match=told):
        apply("recurrence", *operands, program=STEPS, item=0)


def test_everything_looks_into_the_steps():
    node = apply_recurrence(STEPS, [START], [ROWS], [WEIGHT], 0)
    assert h in set(everything(node))
    assert h not in set(walk(node))
    assert depends(STEPS.roots, [w]) == {w, STEPS.after[0].args[0], STEPS.after[0]}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("h⟨t-1⟩", Timed("h", "t", -1)), ("x⟨t⟩", Timed("x", "t", 0)), ("a^{[1]}⟨7⟩", Timed("a^{[1]}", "", 7)),
        ("X⟨t⟩⟨s⟩", Timed("X⟨t⟩", "s", 0)), ("h", None), ("h⟨∞⟩", None),
    ],
)  # fmt: skip
def test_times_in_names(name, parts):
    assert timed(name) == parts
    if parts:
        assert at_time(parts.base, parts.index or parts.shift, parts.shift if parts.index else 0) == name
        assert base_of(name) == parts.base


def test_a_number_of_steps_is_not_a_value():
    program = Recurrence((h,), (), (), (apply("add", h, number(1.0)),), length=1000)
    (value,) = evaluate([apply_recurrence(program, [START], [], [], 0)], {START: np.zeros(3)})
    assert value == pytest.approx([1000.0] * 3)
