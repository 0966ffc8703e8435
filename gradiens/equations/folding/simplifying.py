"""Rules that make a traced tree plainer: signs of squares, scalars out of products, transposes of products, unit axes."""

from __future__ import annotations

import math

from gradiens.equations.folding.algebra import ENTRYWISE
from gradiens.equations.folding.fold import Rule, function_rule, pattern_rule
from gradiens.equations.folding.pattern import Wild, maker, op
from gradiens.equations.tree.expression import Apply, Expr, Number, Shape, Symbol, is_number, is_op, number, walk
from gradiens.equations.tree.operations import TABLE, apply
from gradiens.equations.tree.verify import nonnegative


def not_below(node: Apply) -> Expr | None:
    """max(0, x²) = x², |x²| = x²."""
    if node.op in ("relu", "abs"):
        return node.operands[0] if nonnegative(node.operands[0]) else None
    for one, other in (node.operands, node.operands[::-1]):
        if is_number(one, 0) and nonnegative(other):
            return other
    return None


def finite(node: Apply) -> Expr | None:
    """A number is finite, and no number is ∞, unless it is made with ∞."""
    asked = [arg for arg in node.operands if not _infinite(arg)]
    if node.op != "is_finite" and len(asked) != 1:
        return None
    if any(map(_infinite, walk(*asked))):
        return None
    answer = number(node.op != "eq")
    return apply("fill", answer, shape=node.shape) if node.shape else answer


def _infinite(expr: Expr) -> bool:
    value = expr.args[0] if is_op(expr, "fill") else expr
    return isinstance(value, Number) and isinstance(value.value, float) and math.isinf(value.value)


def scalars_out(node: Apply) -> Expr | None:
    """(c x)ᵀ y = c xᵀ y, (A/c) B = A B / c with a number c."""
    a, b = node.operands
    vectors = node.op == "matmul" and len(a.shape) == len(b.shape) == 1
    for place, arg in enumerate((a, b)):
        if not isinstance(arg, Apply) or arg.op not in ("mul", "div") or (arg.op == "mul" and not vectors):
            continue
        c, rest = arg.args if arg.op == "mul" else arg.args[::-1]
        plain = vectors or (len(node.shape) >= 2 and (isinstance(c, Number) or is_op(c, "sqrt")))
        if c.shape == () and rest.shape == arg.shape and plain:
            parts = (rest, b) if place == 0 else (a, rest)
            product = apply(node.op, *parts, **dict(node.params))
            return apply("mul", c, product) if arg.op == "mul" else apply("div", product, c)
    return None


def divided_rows(node: Apply) -> Expr | None:
    """A ⊙ ((c/s) 𝟏ᵀ) = c A / (s 𝟏ᵀ)."""
    for one, other in (node.operands, node.operands[::-1]):
        if is_op(one, "spread") and is_op(one.args[0], "div") and other.shape == node.shape:
            c, below = one.args[0].args
            if isinstance(c, Number) and below.shape == one.args[0].shape:
                assert isinstance(one, Apply)
                made = apply("div", other, apply("spread", below, **dict(one.params)))
                return made if is_number(c, 1) else apply("mul", c, made)
    return None


def products_of_all(node: Apply) -> Expr | None:
    """(x 𝟏ᵀ) ⊙ (𝟏 yᵀ) = x yᵀ."""
    if len(node.shape) != 2 or not all(is_op(arg, "spread") and len(arg.args[0].shape) == 1 for arg in node.operands):
        return None
    (one, *_), (other, *_) = (arg.param("axes") for arg in node.operands)  # pyright: ignore[reportAttributeAccessIssue]
    a, b = (arg.args[0] for arg in node.operands)
    return None if one == other else apply("outer", a, b) if one == 0 else apply("outer", b, a)


def turned_sums(node: Apply) -> Expr | None:
    """tanh(A Bᵀ + C Dᵀ)ᵀ = tanh(B Aᵀ + D Cᵀ), when that leaves fewer transposes."""
    (arg,) = node.operands
    return _turned(arg) if len(arg.shape) == 2 and is_op(arg, *ENTRYWISE) and _turns(arg) else None


def _turns(expr: Expr) -> bool:
    """Is it made, entry by entry, of transposes and of products with a factor that is transposed?"""
    if is_op(expr, "matmul") and all(len(part.shape) == 2 for part in expr.args):
        return any(is_op(part, "transpose") for part in expr.args)
    arrays = [part for part in expr.args if part.shape]
    return is_op(expr, "transpose", "spread") or (is_op(expr, *ENTRYWISE) and bool(arrays) and all(map(_turns, arrays)))


def _turned(arg: Expr) -> Expr:
    if not is_op(arg, *ENTRYWISE):
        return _turn(arg)
    assert isinstance(arg, Apply)
    return apply(arg.op, *(_turned(part) if part.shape else part for part in arg.operands), **dict(arg.params))


def _turn(expr: Expr) -> Expr:
    if is_op(expr, "spread") and len(expr.args[0].shape) == 1:
        (axis,) = expr.param("axes")  # pyright: ignore[reportAttributeAccessIssue]
        return apply("spread", expr.args[0], shape=expr.shape[::-1], axes=(1 - axis,))
    return apply("transpose", expr, axes=(1, 0))


def _squeezed(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def unit_axes(node: Apply) -> Expr | None:
    """Axes of one are left out of an order of axes; the only row of an array is the array, but for a place c₀."""
    arg = node.operands[0]
    if node.op == "index":
        place = isinstance(arg, Symbol) and (arg.kind, arg.shape) == ("integer", (1,))
        one = len(node.operands) == 2 and arg.shape[0] == 1 and not place
        return apply("reshape", arg, shape=node.shape) if one else None
    if 1 not in arg.shape:
        return None
    wide = [axis for axis in node.param("axes") if arg.shape[axis] != 1]
    plain = apply("reshape", arg, shape=_squeezed(arg.shape))
    if wide == sorted(wide):
        return apply("reshape", arg, shape=node.shape)
    order = tuple(sorted(wide).index(axis) for axis in wide)
    return apply("reshape", apply("transpose", plain, axes=order), shape=node.shape)


def units_inward(node: Apply) -> Expr | None:
    """Axes of one that come or go around an entrywise operation come or go around its operands."""
    (arg,) = node.operands
    if not isinstance(arg, Apply) or _squeezed(arg.shape) != _squeezed(node.shape):
        return None
    if node.size == 1 and not all(
        is_op(part, "reshape") and part.args[0].shape == node.shape for part in arg.args if part.shape
    ):
        return None  # a number is left as it is, unless its operands were numbers
    if arg.op == "spread":
        return _spread_again(arg, node.shape)
    if arg.op not in ENTRYWISE or any(part.shape not in ((), arg.shape) for part in arg.args):
        return None
    parts = [apply("reshape", part, shape=node.shape) if part.shape else part for part in arg.args]
    return apply(arg.op, *parts, **dict(arg.params))


def _spread_again(arg: Apply, shape: Shape) -> Expr | None:
    """The same array repeated into a shape that has other axes of one."""
    inner, wide = arg.args[0], [axis for axis, n in enumerate(arg.shape) if n != 1]
    new = [axis for axis, n in enumerate(shape) if n != 1]
    kept = [(axis, n) for axis, n in zip(arg.param("axes"), inner.shape) if n != 1]
    axes = tuple(new[wide.index(axis)] for axis, _ in kept)
    return apply("spread", apply("reshape", inner, shape=tuple(n for _, n in kept)), shape=shape, axes=axes)


def units_reduced(node: Apply) -> Expr | None:
    """A sum over the axes of an array that only gained or lost axes of one is a sum over those of the array."""
    (arg,) = node.operands
    axes = node.param("axes")
    if not is_op(arg, "reshape") or axes is None or not node.shape:
        return None
    inner = arg.args[0]
    if _squeezed(inner.shape) != _squeezed(arg.shape):
        return None
    wide = [axis for axis, n in enumerate(arg.shape) if n != 1]
    own = [axis for axis, n in enumerate(inner.shape) if n != 1]
    over = tuple(own[wide.index(axis)] for axis in axes if axis in wide)
    found = apply(node.op, inner, **{**dict(node.params), "axes": over}) if over else inner
    return apply("reshape", found, shape=node.shape)


def units_left_out(node: Apply) -> Expr | None:
    """A sum over all entries of log(x) with x as a column is that with x as a vector."""
    (arg,) = node.operands
    columns = is_op(arg, *ENTRYWISE) and any(is_op(part, "reshape") for part in arg.args)
    if node.param("axes") is not None or not columns or 1 not in arg.shape or arg.size == 1:
        return None
    return apply(node.op, apply("reshape", arg, shape=_squeezed(arg.shape)), axes=None)


def reshaped_index(node: Apply) -> Expr | None:
    """Row i of a column that was a vector is its entry i."""
    arr, *at = node.operands
    if is_op(arr, "reshape") and len(at) == 1 and arr.args[0].shape[:1] == arr.shape[:1] and arr.size == arr.shape[0]:
        inner = arr.args[0]
        if inner.size == inner.shape[0]:
            return apply("reshape", apply("index", inner, *at), shape=node.shape)
    return None


def weighted_rows(node: Apply) -> Expr | None:
    """A ((v 𝟏ᵀ) ⊙ X) = (A ⊙ (𝟏 vᵀ)) X = A diag(v) X."""
    a, b = node.operands
    if len(a.shape) != 2 or len(b.shape) != 2:
        return None
    for place, weighted in enumerate((a, b)):
        for one, other in (weighted.args, weighted.args[::-1]) if is_op(weighted, "mul") else ():
            if is_op(one, "spread") and one.param("axes") == (1 - place,) and other.shape == weighted.shape:  # pyright: ignore
                weights = apply("diag", one.args[0])
                left, right = (other, b) if place == 0 else (a, other)
                return apply("matmul", apply("matmul", left, weights), right)
    return None


def index_product(node: Apply) -> Expr | None:
    """An index sum that is a product of matrices; letters of axes of one are left out."""
    a, b = node.operands
    left, right, out = node.param("letters")
    sizes = dict(zip(left, a.shape)) | dict(zip(right, b.shape))
    if 1 in sizes.values():
        return _without_units(node, sizes)
    over = [letter for letter in left if letter in right and letter not in out]
    both = [letter for letter in left if letter in right and letter in out]
    if len(over) != 1 or both or len(right) > 2:
        return None
    (c,) = over
    if len(left) <= 2:
        a = a if left[-1] == c else _turn(a)
        b = b if right[0] == c else _turn(b)
        rest = left.replace(c, "") + right.replace(c, "")
        if len(left) == 1:  # a row times a matrix, as columns
            return apply("matmul", _turn(b), a) if len(right) == 2 else apply("matmul", a, b)
        made = apply("matmul", a, b)
        return made if rest == out else _turn(made)
    if left[-1] != c or out != left[:-1] + right.replace(c, ""):
        return None
    return apply("matmul", a, b if right[0] == c else _turn(b))


def _without_units(node: Apply, sizes: dict[str, int]) -> Expr:
    letters = tuple("".join(one for one in own if sizes[one] != 1) for own in node.param("letters"))
    a, b = (apply("reshape", arg, shape=_squeezed(arg.shape)) if 1 in arg.shape else arg for arg in node.operands)
    found = apply("einsum", a, b, letters=letters) if a.shape and b.shape else apply("mul", a, b)
    return found if found.shape == node.shape else apply("reshape", found, shape=node.shape)


def even(node: Apply) -> Expr | None:
    """|-x| = |x|, cos(-x) = cos x."""
    (arg,) = node.operands
    return apply(node.op, arg.args[0]) if is_op(arg, "neg") else None


def entries_of(node: Apply) -> Expr | None:
    """Entries of a logarithm, of a negative, are those of what it is of."""
    arr, at = node.operands
    return apply(arr.op, apply("pick", arr.args[0], at)) if is_op(arr, "log", "neg") else None  # pyright: ignore


def _as_vector(expr: Expr) -> Expr:
    return expr if len(expr.shape) == 1 else apply("reshape", expr, shape=(expr.size,))


def into_zeros(node: Apply) -> Expr | None:
    """What is added into zeros: at the only place of an axis it is itself, at one place of each row a row of unit vectors."""
    base, new, *at = node.operands
    if not is_op(base, "fill") or not is_number(base.args[0], 0):
        return None
    if len(at) == 1 and node.shape[0] == 1 and at[0].size == 1:
        return apply("reshape", new, shape=node.shape)
    if node.op != "add_at" or len(at) != 2 or len(node.shape) != 2 or new.size != node.shape[0]:
        return None
    rows = _as_vector(new)
    counts = is_op(at[0], "iota") and at[0].size == node.shape[0]
    places = _as_vector(at[1])
    if not counts or at[1].size != node.shape[0]:
        return None
    return apply(
        "mul", apply("spread", rows, shape=node.shape, axes=(0,)), apply("one_hots", places, size=node.shape[1])
    )


def simplifying() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    k = Wild("k", lambda expr: expr.kind == "integer")
    most = 2**31 - 1
    where, lt = maker("where"), maker("lt")
    squares = tuple(name for name in ("abs", "cos", "cosh") if name in TABLE)
    return [
        function_rule("not below zero", ("max", "relu", "abs"), not_below),
        function_rule("finite numbers", ("eq", "ne", "is_finite"), finite),
        function_rule("scalars out of products", ("matmul", "einsum"), scalars_out),
        function_rule("divided rows", ("mul",), divided_rows),
        function_rule("products of all pairs", ("mul",), products_of_all),
        function_rule("transposes of sums", ("transpose",), turned_sums),
        function_rule("unit axes", ("transpose", "index"), unit_axes),
        function_rule("axes of one inward", ("reshape",), units_inward),
        function_rule("axes of one reduced", ("sum", "mean", "reduce_max", "reduce_min"), units_reduced),
        function_rule("axes of one left out", ("sum", "mean", "reduce_max", "reduce_min"), units_left_out),
        function_rule("entry of a column", ("index",), reshaped_index),
        function_rule("index sums that are products", ("einsum",), index_product),
        function_rule("weighted rows", ("matmul",), weighted_rows),
        function_rule("even functions", squares, even),
        function_rule("entries of each row", ("pick",), entries_of),
        function_rule("into zeros", ("add_at", "put_at"), into_zeros),
        pattern_rule("a count without end", where(lt(k, most), k + 1, most), k + 1),
        pattern_rule("and of certain", op("and", Wild("c"), True), Wild("c")),
    ]
