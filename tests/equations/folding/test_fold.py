"""Every rule is used where it should be, and none is believed: a wrong one is rejected."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations.folding import algebra as A
from gradiens.equations.folding.algebra import algebra
from gradiens.equations.folding.fold import Folder, folded, function_rule, pattern_rule
from gradiens.equations.folding.forms import DEFINITIONS, forms, identities
from gradiens.equations.folding.pattern import Operation, Pattern, Wild, build, maker
from gradiens.equations.folding.rules import all_rules
from gradiens.equations.tree.expression import number, symbol
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.verify import agree, difference

x, y, z = (symbol(name, (3,)) for name in "xyz")
M, N = symbol("M", (4, 3)), symbol("N", (3, 4))
s, t = symbol("s"), symbol("t")
k = symbol("k", (), "integer")


def wilds(pattern: Pattern) -> dict[str, Wild]:
    if isinstance(pattern, Wild):
        return {pattern.name: pattern}
    return {n: w for arg in pattern.args for n, w in wilds(arg).items()} if isinstance(pattern, Operation) else {}


def stands_for(wild: Wild, shape: tuple[int, ...]):
    """A symbol that the wildcard accepts, of the shape if it can be."""
    candidates = [symbol(wild.name, sh, kind) for kind in ("real", "integer") for sh in (shape, (3,), ())]
    return next(one for one in candidates if wild.test(one))


def instances(pattern: Pattern):
    for shape in ((3,), (), (2, 3)):
        try:
            bound = {name: stands_for(wild, shape) for name, wild in wilds(pattern).items()}
            yield build(pattern, bound), bound
        except (ValueError, IndexError):
            continue


VECTORS = [identity for identity in identities() if identity[0] != "cross-entropy of classes"]  # of matrices, below


@pytest.mark.parametrize(("name", "old", "new"), VECTORS, ids=[identity[0] for identity in VECTORS])
def test_identity_is_true_and_used(name, old, new):
    used = 0
    for before, bound in instances(old):
        after = build(new, bound)
        folder = Folder([pattern_rule(name, old, new)])
        got = folder.fold([before])[0]
        used += got is (after if after.shape == before.shape else apply("fill", after, shape=before.shape))
        assert not folder.rejected or got is before
    assert used


def test_cross_entropy_of_classes():
    classes = symbol("c", (4,), "integer")
    picked = apply("pick", apply("softmax", M, axes=(1,)), classes)
    loss = apply("sub", apply("lse", M, axes=(1,)), apply("pick", M, classes))
    assert folded([loss]) == [apply("neg", apply("log", picked))]


def spread(a, shape, *axes):
    return apply("spread", a, shape=shape, axes=axes)


@pytest.mark.parametrize(("shape", "over"), [((4, 3), 1), ((4, 3), 0), ((2, 4, 3), 2), ((2, 4, 3), 1)])
def test_softmax_along_each_axis(shape, over):
    A = symbol("A", shape)
    kept = tuple(axis for axis in range(len(shape)) if axis != over)
    r = symbol("r", tuple(shape[axis] for axis in kept))
    power = apply("exp", apply("sub", A, spread(r, shape, *kept)))
    total = apply("sum", power, axes=(over,))
    assert folded([apply("div", power, spread(total, shape, *kept))]) == [apply("softmax", A, axes=(over,))]
    assert folded([apply("log", total)]) == [apply("sub", apply("lse", A, axes=(over,)), r)]


def test_a_softmax_whose_shift_varies_is_none():
    power = apply("exp", apply("sub", M, spread(symbol("r", (3,)), (4, 3), 1)))  # another shift for each column
    rows = spread(apply("sum", power, axes=(1,)), (4, 3), 0)
    assert folded([apply("div", power, rows)]) == [apply("div", power, rows)]


I4, J4 = (apply("iota", shape=(4, 4), axis=axis) for axis in (0, 1))
Q = symbol("Q", (4, 4))
v4, c4 = symbol("v", (4,)), symbol("c", (4,), "integer")
X3 = symbol("X", (2, 4, 3))
n4 = apply("iota", shape=(4,), axis=0)
image, kernel = symbol("x", (2, 6, 6)), symbol("W", (3, 2, 3, 3))
halves = {"size": (2, 2), "stride": (2, 2), "pad": ((0, 0), (0, 0))}
shifted = apply("sub", x, apply("mean", x, axes=None))
variance = apply("mean", apply("pow", shifted, 2), axes=None)


powers = apply("exp", apply("sub", x, s))
total = apply("sum", powers, axes=None)
weights = apply("softmax", x, axes=None)

column_mean = spread(apply("mean", M, axes=(0,)), (4, 3), 1)
columns = apply("sub", M, column_mean)
of_columns = apply("mean", apply("pow", columns, 2), axes=(0,))
cut = apply("reshape", image, shape=(2, 3, 2, 3, 2))
heads = [symbol(name, (2, 5, 4)) for name in "QKV"]
wide = [symbol(name, (5, 8)) for name in "QKV"]
blocks = [apply("transpose", apply("reshape", each, shape=(5, 2, 4)), axes=(1, 0, 2)) for each in wide]
scores = apply("einsum", heads[1], heads[0], letters=("hsd", "htd", "hts"))
mask = symbol("m", (5, 5), "truth")
seen = apply(
    "where",
    spread(mask, (2, 5, 5), 1, 2),
    apply("div", scores, apply("sqrt", 4.0)),
    apply("fill", -np.inf, shape=(2, 5, 5)),
)

FUNCTION_RULES = [
    (
        "slope of softmax",
        apply(
            "mul",
            apply(
                "sub",
                apply("div", y, total),
                apply("sum", apply("mul", apply("div", y, apply("pow", total, 2)), powers), axes=None),
            ),
            powers,
        ),
        apply("mul", weights, apply("sub", y, apply("sum", apply("mul", y, weights), axes=None))),
    ),
    ("weights of softmax", apply("mul", apply("div", t, total), powers), apply("mul", t, weights)),
    ("scalars stay scalars", apply("add", x, apply("fill", s, shape=(3,))), apply("add", x, s)),
    ("arithmetic", apply("mul", number(2.0), number(3.0)), number(6.0)),
    ("zeros and ones", apply("mul", x, 1.0), x),
    ("zeros and ones", apply("add", x, 0.0), x),
    ("zeros and ones", apply("sub", 0.0, x), apply("neg", x)),
    ("signs move out", apply("add", x, apply("neg", y)), apply("sub", x, y)),
    ("signs move out", apply("sub", x, apply("neg", y)), apply("add", x, y)),
    ("signs move out", apply("mul", apply("neg", x), y), apply("neg", apply("mul", x, y))),
    ("signs move out", apply("matmul", M, apply("neg", x)), apply("neg", apply("matmul", M, x))),
    ("signs move out", apply("neg", apply("sub", x, y)), apply("sub", y, x)),
    ("shapes", apply("reshape", apply("reshape", M, shape=(2, 6)), shape=(3, 4)), apply("reshape", M, shape=(3, 4))),
    (
        "shapes",
        apply("reshape", apply("div", apply("reshape", x, shape=(1, 3)), 4.0), shape=(3,)),
        apply("div", x, 4.0),
    ),
    ("transposes", apply("transpose", apply("outer", x, y), axes=(1, 0)), apply("outer", y, x)),
    ("transposes", apply("transpose", apply("transpose", M, axes=(1, 0)), axes=(1, 0)), M),
    (
        "transposes",
        apply("transpose", apply("matmul", apply("transpose", N, axes=(1, 0)), N), axes=(1, 0)),
        apply(
            "matmul",
            apply("transpose", N, axes=(1, 0)),
            apply("transpose", apply("transpose", N, axes=(1, 0)), axes=(1, 0)),
        ),
    ),
    ("reductions", apply("sum", apply("fill", s, shape=(3,)), axes=None), apply("mul", number(3), s)),
    ("reductions", apply("sum", apply("one_hot", k, size=3), axes=None), number(1.0)),
    ("choices", apply("where", apply("gt", x, 0), x, 0.0), apply("mul", x, apply("indicator", apply("gt", x, 0)))),
    ("negations", apply("not", apply("gt", x, y)), apply("le", x, y)),
    ("certain", apply("abs", apply("exp", x)), apply("exp", x)),
    ("powers", apply("mul", x, x), apply("pow", x, 2)),
    ("powers", apply("mul", x, apply("div", 1.0, y)), apply("div", x, y)),
    ("scalars first", apply("max", x, 0.0), apply("max", 0.0, x)),
    ("entries", apply("index", apply("log", x), k), apply("log", apply("index", x, k))),
    ("mean", apply("div", apply("sum", x, axes=None), 3.0), apply("mean", x, axes=None)),
    ("unit vector", apply("indicator", apply("eq", apply("iota", shape=(3,), axis=0), k)), apply("one_hot", k, size=3)),
    (
        "entry by unit vector",
        apply("sum", apply("mul", apply("one_hot", k, size=3), x), axes=None),
        apply("index", x, k),
    ),
    ("squared length", apply("matmul", x, x), apply("norm2", x)),
    ("not below zero", apply("max", 0, apply("norm2", x)), apply("norm2", x)),
    ("finite numbers", apply("is_finite", s), number(True)),
    ("finite numbers", apply("eq", s, float("inf")), number(False)),
    ("scalars out of products", apply("matmul", apply("mul", 0.5, x), y), apply("mul", 0.5, apply("matmul", x, y))),
    ("scalars out of products", apply("matmul", apply("div", M, 2.0), N), apply("div", apply("matmul", M, N), 2.0)),
    (
        "divided rows",
        apply("mul", Q, spread(apply("div", 1.0, v4), (4, 4), 0)),
        apply("div", Q, spread(v4, (4, 4), 0)),
    ),
    ("products of all pairs", apply("mul", spread(x, (3, 3), 1), spread(y, (3, 3), 0)), apply("outer", y, x)),
    (
        "transposes of sums",
        apply(
            "transpose",
            apply("add", apply("matmul", N, apply("transpose", N, axes=(1, 0))), spread(x, (3, 3), 0)),
            axes=(1, 0),
        ),
        apply(
            "add",
            apply("transpose", apply("matmul", N, apply("transpose", N, axes=(1, 0))), axes=(1, 0)),
            spread(x, (3, 3), 1),
        ),
    ),
    (
        "unit axes",
        apply("transpose", apply("reshape", x, shape=(1, 3)), axes=(1, 0)),
        apply("reshape", apply("reshape", x, shape=(1, 3)), shape=(3, 1)),
    ),
    (
        "unit axes",
        apply("index", apply("reshape", x, shape=(1, 3)), k),
        apply("reshape", apply("reshape", x, shape=(1, 3)), shape=(3,)),
    ),
    (
        "axes of one inward",
        apply("reshape", apply("add", x, y), shape=(1, 3)),
        apply("add", apply("reshape", x, shape=(1, 3)), apply("reshape", y, shape=(1, 3))),
    ),
    (
        "axes of one reduced",
        apply("sum", apply("reshape", M, shape=(4, 1, 3)), axes=(2,)),
        apply("reshape", apply("sum", M, axes=(1,)), shape=(4, 1)),
    ),
    (
        "entry of a column",
        apply("index", apply("reshape", x, shape=(3, 1)), k),
        apply("reshape", apply("index", x, k), shape=(1,)),
    ),
    ("index sums that are products", apply("einsum", M, N, letters=("ij", "jk", "ik")), apply("matmul", M, N)),
    (
        "index sums that are products",
        apply("einsum", X3, M, letters=("ijk", "lk", "ijl")),
        apply("matmul", X3, apply("transpose", M, axes=(1, 0))),
    ),
    (
        "weighted rows",
        apply("matmul", N, apply("mul", spread(v4, (4, 3), 0), M)),
        apply("matmul", apply("matmul", N, apply("diag", v4)), M),
    ),
    ("even functions", apply("abs", apply("neg", x)), apply("abs", x)),
    ("entries of each row", apply("pick", apply("log", M), c4), apply("log", apply("pick", M, c4))),
    (
        "into zeros",
        apply("add_at", apply("fill", 0.0, shape=(4, 3)), v4, n4, c4),
        apply("mul", spread(v4, (4, 3), 0), apply("one_hots", c4, size=3)),
    ),
    (
        "a count without end",
        apply("where", apply("lt", k, 2**31 - 1), apply("add", k, 1), 2**31 - 1),
        apply("add", k, 1),
    ),
    ("and of certain", apply("and", apply("gt", s, t), True), apply("gt", s, t)),
    ("constant tests", apply("any", apply("fill", number(False), shape=(3,)), axes=None), number(False)),
    ("known values", apply("not", number(True)), number(False)),
    ("counting along one", apply("iota", shape=(4, 1), axis=1), apply("fill", 0, shape=(4, 1))),
    ("counting", spread(n4, (4, 3), 0), apply("iota", shape=(4, 3), axis=0)),
    ("counting", apply("rows", n4, c4), c4),
    ("all rows", apply("rows", M, n4), M),
    ("entries of rows", apply("rows", M, n4, c4), apply("pick", M, c4)),
    ("entries of rows", apply("rows", Q, n4, n4), apply("diag", Q)),
    ("identity matrix", apply("indicator", apply("eq", I4, J4)), apply("identity", size=4)),
    ("identity matrix", apply("indicator", apply("eq", spread(c4, (4, 4), 0), J4)), apply("one_hots", c4, size=4)),
    ("products with I", apply("solve", Q, apply("identity", size=4)), apply("inverse", Q)),
    ("products with I", apply("mul", spread(v4, (4, 4), 0), apply("identity", size=4)), apply("diag", v4)),
    ("trace", apply("sum", apply("mul", Q, apply("identity", size=4)), axes=None), apply("trace", Q)),
    ("triangles", apply("mul", Q, apply("indicator", apply("ge", I4, J4))), apply("lower", Q)),
    ("triangles", apply("mul", Q, apply("indicator", apply("le", I4, J4))), apply("upper", Q)),
    ("triangles", apply("lower", apply("fill", True, shape=(4, 4))), apply("ge", I4, J4)),
    ("repeated once", spread(spread(x, (4, 3), 1), (2, 4, 3), 1, 2), spread(x, (2, 4, 3), 2)),
    (
        "symmetric part",
        apply("cholesky", apply("div", apply("add", Q, apply("transpose", Q, axes=(1, 0))), 2.0)),
        apply("cholesky", Q),
    ),
    (
        "turned kernel",
        apply("transpose", apply("reverse", kernel, axes=(2, 3)), axes=(1, 0, 2, 3)),
        apply("turned", kernel),
    ),
    ("mean of windows", apply("div", apply("sumpool", image, **halves), 4.0), apply("avgpool", image, **halves)),
    (
        "transform of reals",
        apply("fft", apply("cast", x, to="complex128", kind="complex"), size=3),
        apply("fft", x, size=3),
    ),
    (
        "softmax along axes",
        apply("div", apply("exp", x), apply("sum", apply("exp", x), axes=None)),
        apply("softmax", x, axes=None),
    ),
    ("log-sum-exp along axes", apply("log", apply("sum", apply("exp", x), axes=None)), apply("lse", x, axes=None)),
    (
        "log softmax along axes",
        apply("sub", x, apply("lse", x, axes=None)),
        apply("log", apply("softmax", x, axes=None)),
    ),
    (
        "layer, batch and RMS norm",
        apply("div", shifted, apply("sqrt", apply("add", variance, 1e-5))),
        apply("layer_norm", x, 1e-5),
    ),
    (
        "layer, batch and RMS norm",
        apply("div", x, apply("sqrt", apply("add", apply("div", apply("norm2", x), 3.0), s))),
        apply("rms_norm", x, s),
    ),
    (
        "layer, batch and RMS norm",
        apply("div", apply("mul", y, shifted), apply("sqrt", apply("add", variance, 1e-5))),
        apply("mul", y, apply("layer_norm", x, 1e-5)),
    ),
    (
        "layer, batch and RMS norm",
        apply("div", columns, spread(apply("sqrt", apply("add", of_columns, 0.1)), (4, 3), 1)),
        apply("batch_norm", M, 0.1),
    ),
    (
        "axes of one around softmax",
        apply("reshape", apply("softmax", apply("reshape", M, shape=(4, 1, 3)), axes=(2,)), shape=(4, 3)),
        apply("softmax", apply("reshape", apply("reshape", M, shape=(4, 1, 3)), shape=(4, 3)), axes=(1,)),
    ),
    (
        "axes of one left out",
        apply("sum", apply("log", apply("reshape", x, shape=(3, 1))), axes=None),
        apply("sum", apply("reshape", apply("log", apply("reshape", x, shape=(3, 1))), shape=(3,)), axes=None),
    ),
    ("windows by shape", apply("reduce_max", cut, axes=(2, 4)), apply("maxpool", image, **halves)),
    ("windows by shape", apply("mean", cut, axes=(2, 4)), apply("avgpool", image, **halves)),
    (
        "order of axes outward",
        apply("add", apply("transpose", image, axes=(1, 2, 0)), spread(symbol("b", (2,)), (6, 6, 2), 2)),
        apply("transpose", apply("add", image, spread(symbol("b", (2,)), (2, 6, 6), 0)), axes=(1, 2, 0)),
    ),
    (
        "order of axes in index sums",
        apply("einsum", apply("transpose", X3, axes=(1, 2, 0)), M, letters=("ijk", "lj", "kil")),
        apply("einsum", X3, M, letters=("kij", "lj", "kil")),
    ),
    (
        "attention of stacks",
        apply(
            "einsum", apply("softmax", apply("div", scores, 2.0), axes=(2,)), heads[2], letters=("hts", "hsc", "htc")
        ),
        apply("attention", *heads),
    ),
    (
        "attention of stacks",
        apply("einsum", heads[2], apply("softmax", seen, axes=(2,)), letters=("hsc", "hts", "thc")),
        apply("transpose", apply("attention", *heads, mask), axes=(1, 0, 2)),
    ),
    (
        "heads side by side",
        apply("reshape", apply("transpose", apply("attention", *blocks), axes=(1, 0, 2)), shape=(5, 8)),
        apply("attention", *wide, heads=2),
    ),
    (
        "log cosh",
        apply("sub", apply("log", apply("add", apply("exp", x), apply("exp", apply("neg", x)))), apply("log", 2.0)),
        apply("log", apply("cosh", x)),
    ),
    (
        "equal to its transpose",
        apply("transpose", apply("matmul", M, apply("transpose", M, axes=(1, 0))), axes=(1, 0)),
        apply("matmul", M, apply("transpose", M, axes=(1, 0))),
    ),
    (
        "a common number",
        apply("sub", apply("mul", 0.2, x), apply("mul", 0.2, y)),
        apply("mul", 0.2, apply("sub", x, y)),
    ),
    (
        "a common number",
        apply("sub", apply("neg", apply("mul", 2.0, x)), apply("mul", 2.0, y)),
        apply("neg", apply("mul", 2.0, apply("add", x, y))),
    ),
    (
        "numbers together",
        apply("mul", 0.5, apply("matmul", M, apply("mul", 4.0, x))),
        apply("mul", apply("mul", 0.5, 4.0), apply("matmul", M, x)),
    ),
    ("twice", apply("add", x, x), apply("mul", 2.0, x)),
    ("twice", apply("div", apply("mul", 2.0, x), 2.0), x),
    (
        "common rows",
        apply("sub", M, apply("mul", M, spread(x, (4, 3), 1))),
        apply("mul", M, spread(apply("sub", 1.0, x), (4, 3), 1)),
    ),
    (
        "common rows",
        apply("mul", apply("mul", M, spread(x, (4, 3), 1)), spread(y, (4, 3), 1)),
        apply("mul", M, spread(apply("mul", x, y), (4, 3), 1)),
    ),
    (
        "the only column",
        apply("matmul", symbol("B", (3, 1)), apply("fill", 1.0, shape=(1,))),
        apply("reshape", symbol("B", (3, 1)), shape=(3,)),
    ),
    ("position in range", apply("index", x, apply("min", apply("max", k, 0), 2)), apply("index", x, k)),
]


@pytest.mark.parametrize(("name", "before", "after"), FUNCTION_RULES)
def test_function_rule_is_used(name, before, after):
    rule = next(rule for rule in all_rules() if rule.name == name)
    proposed = [new for new, free in rule.propose(before) if agree(name, before, new, free)]
    assert proposed
    assert set(proposed) == {after}


def test_every_rule_has_a_test():
    tested = {name for name, *_ in FUNCTION_RULES} | {name for name, *_ in identities()}
    tested.add("zero where it is zero")  # among the plain ones, below
    plain = {"an index from the end", "the difference of two shifts", "a shift undone", "two subtractions", "log exp"}
    assert {rule.name for rule in all_rules()} == tested | plain


def test_the_plain_pattern_rules():
    cases = [
        (apply("where", apply("lt", k, 0), apply("add", k, 3), k), k),
        (apply("sub", apply("sub", x, s), apply("sub", y, s)), apply("sub", x, y)),
        (apply("add", apply("sub", x, y), y), x),
        (apply("add", x, apply("sub", apply("neg", y), z)), apply("sub", apply("sub", x, y), z)),
        (apply("log", apply("exp", x)), x),
        (apply("mul", x, apply("indicator", apply("ne", x, 0))), x),
    ]
    for before, after in cases:
        assert folded([before]) == [after]


exp = maker("exp")
w = Wild("w")


def test_a_wrong_identity_is_rejected():
    wrong = pattern_rule("wrong: e^w = 1 + w", exp(w), 1 + w)
    folder = Folder([wrong])
    assert folder.fold([apply("exp", x)]) == [apply("exp", x)]
    assert folder.rejected == {"wrong: e^w = 1 + w": 1}
    assert not folder.used


def test_an_almost_right_identity_is_rejected():
    wrong = pattern_rule("wrong: tanh", maker("tanh")(w), 2 * maker("σ")(2 * w) - 1.000001)
    folder = Folder([wrong])
    assert folder.fold([apply("tanh", x)]) == [apply("tanh", x)]


def test_a_wrong_function_rule_is_rejected():
    wrong = function_rule("wrong: A x = Aᵀ x", ("matmul",), lambda node: apply("matmul", node.args[0], node.args[0]))
    square = symbol("Q", (3, 3)), symbol("R", (3, 3))
    assert Folder([wrong]).fold([apply("matmul", *square)]) == [apply("matmul", *square)]


def test_a_rule_that_holds_only_for_positive_values_is_rejected():
    wrong = pattern_rule("wrong: |w| = w", maker("abs")(w), w)
    assert Folder([wrong]).fold([apply("abs", x)]) == [apply("abs", x)]


def test_verification_tells_nan_and_infinity_apart():
    assert difference(np.array([np.nan, 1.0]), np.array([np.nan, 1.0])) == 0
    assert difference(np.array([np.nan, 1.0]), np.array([1.0, 1.0])) == np.inf
    assert difference(np.array([np.inf]), np.array([1e300])) == np.inf
    assert difference(np.ones(3), np.ones(1)) == np.inf


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition_means_what_it_defines(name):
    called, meaning = DEFINITIONS[name]
    bound = {wild: symbol(wild, (3,) if wild == "z" else ()) for wild in wilds(called)}
    one, other = build(called, bound), build(meaning, bound)
    assert agree(
        f"definition of {name}", one, other if other.shape else apply("fill", other, shape=one.shape), bound.values()
    )


def test_folding_ends_and_a_folded_tree_stays():
    def f(z, y):
        return jnp.sum(jax.nn.softmax(z) * jnp.log1p(jnp.exp(-jnp.abs(y)))) - jax.nn.logsumexp(z) * y[0]

    from gradiens.equations.program.trace import trace

    with jax.enable_x64(True):
        read = trace(f, [jnp.ones(3), jnp.ones(3)], [x, y])
    once = folded(read.outputs)
    assert folded(once) == once


def test_rules_are_listed_once():
    names = [rule.name for rule in (*algebra(), *forms())]
    assert len(set(names)) == len(names)
    assert A.ENTRYWISE
