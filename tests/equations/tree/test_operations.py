"""Each operation: NumPy and jax.numpy compute the same, the shape rule tells the shape, and every one can be printed."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations.boxes.latex import latex
from gradiens.equations.boxes.mathml import mathml
from gradiens.equations.boxes.unicode import unicode
from gradiens.equations.tree.expression import symbol
from gradiens.equations.tree.layout import Layout
from gradiens.equations.tree.operations import TABLE, apply, evaluate
from gradiens.equations.tree.recurrence import Recurrence

v, u = symbol("v", (3,)), symbol("u", (3,))
A, B = symbol("A", (3, 4)), symbol("B", (4, 2))
k, c, s = symbol("k", (), "integer"), symbol("c", (3,), "truth"), symbol("s")

SPECIAL = {
    "matmul": (A, B), "outer": (v, u), "transpose": (A, {"axes": (1, 0)}), "einsum": (A, B, {"letters": ("ij", "jk", "ki")}),
    "norm2": (A,), "norm": (v,), "softmax": (A, {"axes": (1,)}), "lse": (A, {"axes": (1,)}), "where": (c, v, u),
    "fill": (s, {"shape": (2, 3)}), "reshape": (A, {"shape": (2, 6)}), "spread": (v, {"shape": (2, 3), "axes": (1,)}),
    "index": (A, k), "one_hot": (k, {"size": 4}), "slice": (A, {"start": (1, 0), "stop": (3, 3), "step": (1, 2)}),
    "join": (v, u, {"axis": 0}), "iota": ({"shape": (2, 3), "axis": 1},), "cast": (v, {"to": "float16", "kind": "real"}),
    "not": (c,), "indicator": (c,), "as_real": (k,), "and": (c, c), "or": (c, c), "any": (c, {"axes": None}),
    "all": (c, {"axes": None}), "leaky_relu": (v, s), "leaky_relu'": (v, s), "elu": (v, s), "elu'": (v, s),
}  # fmt: skip
P = symbol("P", (3, 3))
E, U = symbol("E", (5, 3)), symbol("U", (2, 3))
at, two = symbol("y", (3,), "integer"), symbol("i", (2,), "integer")
image, kernel, g = symbol("x", (2, 5, 5)), symbol("W", (3, 2, 2, 2)), symbol("g", (2, 2, 2))
half = {"size": (2, 2), "stride": (2, 2), "pad": ((0, 0), (0, 0))}
none = {"dilation": (1, 1), "upsample": (1, 1), "groups": 1}
U4 = symbol("K", (2, 4))
h, w = symbol("h⟨t-1⟩", (3,)), symbol("w⟨t⟩", (3,))
steps = Recurrence((h,), (w,), (s,), (apply("tanh", apply("add", apply("mul", s, h), w)),), (h,), 5)
SPECIAL |= {
    "recurrence": (v, E, s, {"program": steps, "item": 1}),
    "identity": ({"size": 3},),
    "conv": (kernel, image, {"stride": (2, 1), "pad": ((1, 0), (0, 0)), **none}),
    "turned": (kernel,),
    "conv_pairs": (g, image, {"stride": 1}),
    "maxpool": (image, half),
    "minpool": (image, half),
    "sumpool": (image, half),
    "avgpool": (image, half),
    "unpool": (image, g, half),
    "rows": (E, at),
    "pick": (P, at),
    "diag": (P,),
    "one_hots": (at, {"size": 4}),
    "add_rows": (two, U, {"size": 4}),
    "add_at": (E, U, two),
    "put_at": (E, v, k),
    "reverse": (A, {"axes": 1}),
    "sort_by": (v, u),
    "argsort": (v, u),
    "largest": (A, {"size": 2}),
    "largest_at": (A, {"size": 2}),
    "put": (v, symbol("u2", (2,)), k),
    "part": (v, k, {"size": 2}),
    "pad": (A, s, {"before": (1, 0), "after": (0, -1), "gaps": (0, 1)}),
    "solve": (P, v),
    "fft": (v, {"size": 3}),
    "ifft": (v, {"size": 3}),
    "rfft": (v, {"size": 3}),
    "irfft": (v, {"size": 4}),
    "layer_norm": (v, s),
    "rms_norm": (v, s),
    "layer_norm_rows": (A, s),
    "rms_norm_rows": (A, s),
    "batch_norm": (A, s),
    "attention": (A, U4, U4, symbol("n", (3, 2), "truth"), {"heads": 2}),
    "bit_not": (at,),
    "polygamma": (apply("as_real", k), v),
    "betainc": (v, u, v),
    "zeta": (apply("add", v, 2.0), u),
}
WHOLE = ("bit_and", "bit_or", "bit_xor", "shift_left", "shift_right", "quotient", "floor_div")
SQUARE = ("lower", "upper", "cholesky", "inverse", "trace", "det", "eigenvalues", "eigenvectors", "singular_values",
          "svd_left", "svd_right", "qr_q", "qr_r")  # fmt: skip
OPAQUE = ("primitive", "random")
REDUCTIONS = ("sum", "mean", "prod", "reduce_max", "reduce_min")
BINARY = ("add", "sub", "mul", "div", "pow", "max", "min", "atan2", "gt", "ge", "lt", "le", "eq", "ne",
          "rem", "mod", "complex", "igamma", "igammac")  # fmt: skip


def example(name):
    if name in SPECIAL:
        *args, params = (*SPECIAL[name],) if isinstance(SPECIAL[name][-1], dict) else (*SPECIAL[name], {})
        return apply(name, *args, **params)
    if name in SQUARE:
        return apply(name, P)
    if name in WHOLE:
        return apply(name, at, apply("add", at, 1))
    if name in REDUCTIONS:
        return apply(name, A, axes=(0,))
    return apply(name, v, u) if name in BINARY else apply(name, v)


@pytest.mark.parametrize("name", [name for name in TABLE if name not in OPAQUE])
def test_numpy_jax_and_the_shape_rule_agree(name, x64):
    e = example(name)
    rng = np.random.default_rng(1)
    env = {
        one: rng.uniform(0.1, 0.9, one.shape) for one in (v, u, A, B, s, E, U, image, kernel, g, U4, symbol("u2", (2,)))
    }
    env |= {k: np.int64(2), c: np.array([True, False, True]), at: np.array([2, 0, 1]), two: np.array([3, 1])}
    env[symbol("n", (3, 2), "truth")] = np.array([[True, False], [True, True], [False, True]])
    env[P] = rng.uniform(0.1, 0.9, (3, 3)) + 3 * np.eye(3)  # positive definite, also its symmetric part
    if name == "arcosh":
        env[v] = env[v] + 1
    ours = evaluate([e], env)[0]
    theirs = evaluate([e], {one: jnp.asarray(value) for one, value in env.items()}, jnp, jnp.float64)[0]
    assert np.shape(ours) == e.shape
    kinds = {"b": "truth", "i": "integer", "f": "real", "c": "complex"}
    assert kinds[np.asarray(ours).dtype.kind] == e.kind
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in TABLE if name not in OPAQUE])
def test_every_operation_prints_in_three_notations(name):
    e = example(name)
    assert unicode(Layout(TABLE, True).box(e))
    assert latex(Layout(TABLE, False).box(e)).count("{") == latex(Layout(TABLE, False).box(e)).count("}")
    assert mathml(Layout(TABLE, False).box(e)).startswith("<")


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("gelu'", lambda z: jax.nn.gelu(z, approximate=False)),
        ("gelu_tanh'", jax.nn.gelu),
        ("silu'", jax.nn.silu),
        ("elu'", jax.nn.elu),
        ("leaky_relu'", lambda z: jax.nn.leaky_relu(z, 0.01)),
    ],
)
def test_derivatives_are_the_derivatives(name, function, x64):
    z = np.linspace(-3, 3, 13) + 0.05
    params = {"elu'": (1.0,), "leaky_relu'": (0.01,)}.get(name, ())
    theirs = jax.vmap(jax.grad(function))(jnp.asarray(z))
    np.testing.assert_allclose(TABLE[name].run(np, z, *params), np.asarray(theirs), rtol=1e-12)
