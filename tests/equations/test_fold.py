"""Every rule is used where it should be, and none is believed: a wrong one is rejected."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations import algebra as A
from gradiens.equations.algebra import algebra
from gradiens.equations.expression import number, symbol
from gradiens.equations.fold import Folder, folded, function_rule, pattern_rule
from gradiens.equations.forms import DEFINITIONS, forms, identities
from gradiens.equations.operations import apply
from gradiens.equations.pattern import Operation, Pattern, Wild, build, maker
from gradiens.equations.rules import all_rules
from gradiens.equations.verify import agree, difference

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


VECTORS = [identity for identity in identities() if identity[0] != "softmax of rows"]  # a pattern of matrices, below


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


def test_softmax_of_rows():
    power = apply("exp", apply("sub", M, apply("spread", symbol("r", (4,)), shape=(4, 3), axes=(0,))))
    rows = apply("spread", apply("sum", power, axes=(1,)), shape=(4, 3), axes=(0,))
    assert folded([apply("div", power, rows)]) == [apply("softmax", M, axes=(1,))]
    columns = apply("spread", apply("sum", power, axes=(0,)), shape=(4, 3), axes=(1,))
    assert folded([apply("div", power, columns)]) == [apply("div", power, columns)]


FUNCTION_RULES = [
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
    plain = {"an index from the end", "the difference of two shifts", "a shift undone", "two subtractions", "log exp"}
    assert {rule.name for rule in all_rules()} == tested | plain


def test_the_plain_pattern_rules():
    cases = [
        (apply("where", apply("lt", k, 0), apply("add", k, 3), k), k),
        (apply("sub", apply("sub", x, s), apply("sub", y, s)), apply("sub", x, y)),
        (apply("add", apply("sub", x, y), y), x),
        (apply("add", x, apply("sub", apply("neg", y), z)), apply("sub", apply("sub", x, y), z)),
        (apply("log", apply("exp", x)), x),
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

    from gradiens.equations.trace import trace

    with jax.enable_x64(True):
        read = trace(f, [jnp.ones(3), jnp.ones(3)], [x, y])
    once = folded(read.outputs)
    assert folded(once) == once


def test_rules_are_listed_once():
    names = [rule.name for rule in (*algebra(), *forms())]
    assert len(set(names)) == len(names)
    assert A.ENTRYWISE
