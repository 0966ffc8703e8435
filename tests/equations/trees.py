"""Trees for the round trip `parse(print(e)) is e`: every operation that has a notation, in the form that a text gives.

A text cannot say everything apart that a tree can: `a b c` is (a b) c, `-a b` is -(a b), a number beside an array is not
spread over it. So the trees here are the canonical ones:

- sums and products lean to the left: the right side of + is no sum, the right side of a product no product;
- minus stands before products, never inside one; a negative number stands alone (in a call, a relation, an exponent);
- an operation on one array and scalars keeps the scalars; constant arrays stand where an array must;
- row sums A 𝟏 are sums over an axis, b 𝟏ᵀ is `spread`, and sums and transposes are never of what they undo.

`names` gives every name one shape; sizes differ, so that a wrong axis is a wrong shape.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations

from hypothesis import strategies as st

from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, number, symbol
from gradiens.equations.tree.operations import TABLE, apply

SIZES = (2, 3, 4, 5)
Shape = tuple[int, ...]

_SCALARS = ("s", "α", "λ", "β_{1}", "c'")
_VECTORS = {2: ("a", "b_{2}"), 3: ("x", "y"), 4: ("u", "ŷ"), 5: ("v", "h^{[1]}")}
_MATRICES = ("A", "B", "W_{q}", "W^{[1]}", "M", "Θ", "X", "Y", "K_{2}", "P", "Q'", "R^{[2]}")
_CUBES = ("T", "G", "H^{[1]}", "N_{1}")


@cache
def names() -> dict[Shape, tuple[Symbol, ...]]:
    """The symbols by shape; whole numbers are `k` and `m`, truth values `q` by the first size."""
    pool: dict[Shape, tuple[str, ...]] = {(): _SCALARS, **{(n,): _VECTORS[n] for n in SIZES}}
    pool |= {pair: (name,) for pair, name in zip(permutations(SIZES, 2), _MATRICES, strict=True)}
    pool |= {three: (name,) for three, name in zip(permutations(SIZES[:3], 3), _CUBES)}
    return {shape: tuple(symbol(name, shape) for name in given) for shape, given in pool.items()}


def every_symbol() -> list[Symbol]:
    """All symbols that a tree can hold."""
    return [one for group in names().values() for one in group] + [whole(n) for n in SIZES]


def whole(n: int) -> Symbol:
    """A position in 0 … n-1."""
    return symbol({2: "k_{2}", 3: "k", 4: "p", 5: "q"}[n], (), "integer")


_NUMBERS = (2.0, 3.0, 0.1, 2.5, 12.0, 0.875)
_FUNCTIONS = (
    "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arsinh", "arcosh", "artanh", "erf",
    "erfc", "log_gamma", "digamma", "abs", "floor", "ceil", "sign", "sqrt", "σ", "relu", "softplus", "gelu", "silu", "exp",
    "gelu'", "silu'", "gelu_tanh", "gelu_tanh'",
)  # fmt: skip
_RELATIONS = ("gt", "ge", "lt", "le", "eq", "ne")
_BY_ENTRIES = (
    "transpose",
    "spread",
    "fill",
    "one_hot",
    "einsum",
    "sum",
    "reduce_max",
    "reduce_min",
    "prod",
    "outer",
    "index",
)
_PRODUCTS = ("mul", "matmul", "outer")
_SUMS = ("add", "sub", "neg")


def _plain(expr: Expr) -> bool:
    """Not a product, a quotient, a sum, a number: what may stand on the right of a product."""
    return not (is_op(expr, *_PRODUCTS, *_SUMS, "div", "sum", "mean", "prod", "reduce_max", "reduce_min", "spread"))


def _positive(expr: Expr) -> bool:
    """Printed without a minus sign in front."""
    if is_op(expr, "neg"):
        return False
    return not is_op(expr, "add", "sub", "mul", "div", "matmul", "outer") or _positive(expr.args[0])


@st.composite
def trees(draw: st.DrawFn, shape: Shape | None = None, depth: int = 3) -> Expr:
    """A canonical tree of real values (of the shape), at most `depth` operations deep."""
    if shape is None:
        return draw(_part(draw(st.sampled_from(tuple(names()))), depth))
    if depth == 0:
        return draw(_leaf(shape))
    made = draw(st.sampled_from((_leaf_at, _entrywise, _entrywise, _entrywise, _structural, _structural)))
    return draw(made(shape, depth - 1))


def _leaf_at(shape: Shape, depth: int) -> st.SearchStrategy[Expr]:
    return _leaf(shape)


def _leaf(shape: Shape) -> st.SearchStrategy[Expr]:
    own: list[Expr] = list(names().get(shape, ()))
    if not own:
        return st.just(apply("reshape", symbol("z", (_count(shape),)), shape=shape))
    return st.sampled_from([*own, *map(number, _NUMBERS)] if shape == () else own)


def _count(shape: Shape) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


@st.composite
def _entrywise(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    made = draw(st.sampled_from((_sum, _product, _quotient, _power, _function, _choice, _two)))
    stacked = len(shape) == 3  # a stack is drawn by its entries when a part of it is
    plain = made(shape, depth).filter(lambda e: not any(is_op(arg, "fill") for arg in e.args))
    return draw(plain.filter(lambda e: not (stacked and _moves(e))))


def _part(shape: Shape, depth: int) -> st.SearchStrategy[Expr]:
    """An operand, or a whole: never a bare number."""
    return trees(shape, depth).filter(lambda e: e.shape != () or isinstance(e, Symbol | Apply))


@st.composite
def _sum(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    op = draw(st.sampled_from(("add", "sub", "neg")))
    if op == "neg":
        return apply("neg", draw(_part(shape, depth).filter(lambda e: not is_op(e, "neg"))))
    left = draw(_part(shape, depth))
    right = draw((_part(shape, depth) | trees((), depth)).filter(lambda e: not is_op(e, *_SUMS)))
    return apply(op, left, right)


@st.composite
def _product(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    """A scalar times something, or two arrays by ⊙."""
    if shape and draw(st.booleans()):
        whole_parts = _part(shape, depth).filter(lambda e: _positive(e) and not is_op(e, "spread", "fill"))
        return apply("mul", draw(whole_parts), draw(whole_parts.filter(lambda e: not is_op(e, "mul"))))
    left = draw(trees((), depth).filter(lambda e: _positive(e) and not is_op(e, "matmul", "sum", "mean", "div")))
    return apply("mul", left, draw(_part(shape, depth).filter(lambda e: _plain(e) and _positive(e))))


@st.composite
def _quotient(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    above = draw(_part(shape, depth).filter(_positive))
    return apply("div", above, draw((_part(shape, depth) | _part((), depth)).filter(_positive)))


@st.composite
def _power(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    base = draw(_part(shape, depth).filter(lambda e: not is_op(e, "norm", "exp", "pow")))
    exponent = st.sampled_from([number(value) for value in (2.0, 3.0, -2.0, 0.1)]) | _part((), depth)
    return apply("pow", base, draw(exponent))


@st.composite
def _function(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    arg = draw(_part(shape, depth))
    name = draw(st.sampled_from((*_FUNCTIONS, "leaky_relu", "elu", "leaky_relu'", "elu'")))
    if name.startswith(("leaky", "elu")):
        return apply(name, arg, draw(st.sampled_from([number(0.01), *names()[()]])))
    return apply(name, arg)


@st.composite
def _two(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    name = draw(st.sampled_from(("max", "min", "atan2")))
    scalar = st.sampled_from([number(value) for value in (-1.0, 0.1)]) | _part((), depth)
    return apply(name, draw(_part(shape, depth) if name == "atan2" else scalar), draw(_part(shape, depth)))


@st.composite
def truths(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    """A relation or a combination of two."""
    op = draw(st.sampled_from((*_RELATIONS, "and", "or", "not", "is_finite")))
    if op == "is_finite":
        return apply("is_finite", draw(_part(shape, min(depth, 1)).filter(lambda e: not is_op(e, "fill"))))
    if op in _RELATIONS or depth == 0:
        op = op if op in _RELATIONS else "gt"
        side = _part(shape, min(depth, 1)).filter(lambda e: not is_op(e, "fill"))
        return apply(op, draw(side), draw(trees((), min(depth, 1)) | side))
    if op == "not":
        return apply("not", draw(truths(shape, depth - 1)))
    right = truths(shape, depth - 1).filter(lambda e: not is_op(e, "and", "or"))
    return apply(op, draw(truths(shape, depth - 1)), draw(right))


@st.composite
def _choice(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    when = draw(truths(shape, min(depth, 1)))
    if draw(st.booleans()):
        return apply("indicator", when)
    other = _part(shape, depth) | trees((), depth)
    return apply("where", when, draw(_part(shape, depth)), draw(other))


def _structural(shape: Shape, depth: int) -> st.SearchStrategy[Expr]:
    return {0: _scalar, 1: _vector, 2: _matrix, 3: _cube}[len(shape)](shape, depth)


@st.composite
def _scalar(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    kind = draw(st.sampled_from(("reduce", "norm", "inner", "index", "lse")))
    n = draw(st.sampled_from(SIZES))
    if kind == "inner":
        left = draw(_part((n,), depth).filter(lambda e: _positive(e) and not is_op(e, "fill")))
        return apply("matmul", left, draw(_part((n,), depth).filter(lambda e: _factor(e) and e is not left)))
    if kind == "index":
        return apply("index", draw(_array_of((n,), depth)), draw(_position(n)))
    if kind == "lse":
        return apply("lse", draw(_part((n,), depth)), axes=None)
    source = draw(st.sampled_from([key for key in names() if key]))
    if kind == "norm":
        return apply(draw(st.sampled_from(("norm", "norm2"))), draw(_part(source, depth)))
    op = draw(st.sampled_from(("sum", "prod", "reduce_max", "reduce_min")))
    return apply(op, draw(_body(source, depth)), axes=None)


def _body(shape: Shape, depth: int) -> st.SearchStrategy[Expr]:
    """What a sum runs over: what keeps its shape when its entries are named, in the order of its axes."""
    return _part(shape, depth).filter(lambda e: _positive(e) and not _moves(e))


def _moves(expr: Expr) -> bool:
    """Is a part drawn by its entries in another order, or the same for all places of an axis?"""
    inside = expr.args if isinstance(expr, Apply) and TABLE[expr.op].entrywise else ()
    return is_op(expr, *_BY_ENTRIES) or any(map(_moves, inside))


def _factor(expr: Expr) -> bool:
    return _plain(expr) and _positive(expr) and not is_op(expr, "fill")


def _array_of(shape: Shape, depth: int) -> st.SearchStrategy[Expr]:
    """An array of which entries are taken: what does not pass an index on to its operands."""
    return st.sampled_from(names()[shape]) | trees(shape, depth).filter(lambda e: is_op(e, "softmax", "matmul", "join"))


def _position(n: int) -> st.SearchStrategy[Expr]:
    return st.sampled_from([whole(n), number(0), number(n - 1)])


def _among(**options: bool) -> st.SearchStrategy[str]:
    """The kinds of tree that can have the shape."""
    return st.sampled_from([kind for kind, possible in options.items() if possible])


@st.composite
def _vector(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    (n,) = shape
    m = draw(st.sampled_from([size for size in SIZES if size != n]))
    always = dict.fromkeys(("product", "sums", "softmax", "row", "fill", "one_hot", "iota", "call", "norm"), True)
    kind = draw(_among(**always, slice=n < 5, join=n > 3))
    if kind == "product":
        left = draw(_part((n, m), depth).filter(lambda e: _positive(e) and not is_op(e, "fill", "mul")))
        return apply("matmul", left, draw(_part((m,), depth).filter(_factor)))
    if kind == "sums":
        return draw(_sums(shape, m, depth))
    if kind == "row":
        return apply("index", draw(_array_of((m, n), depth)), draw(_position(m)))
    if kind == "slice":
        start = draw(st.sampled_from(range(5 - n + 1)))
        return apply("slice", draw(_array_of((5,), depth)), start=(start,), stop=(start + n,), step=(1,))
    if kind == "join":
        return apply("join", draw(_part((2,), depth)), draw(_part((n - 2,), depth)), axis=0)
    if kind == "fill":
        return apply("fill", draw(st.sampled_from([number(0.0), number(1.0)])), shape=shape)
    if kind == "one_hot":
        return apply("one_hot", whole(n), size=n)
    if kind == "iota":
        return apply("add", draw(st.sampled_from(names()[shape])), apply("as_real", apply("iota", shape=shape, axis=0)))
    if kind == "call":
        return apply(draw(st.sampled_from(("sort", "cumsum", "cumprod", "reverse"))), draw(_part(shape, depth)))
    if kind == "norm":
        return apply(draw(st.sampled_from(("layer_norm", "rms_norm"))), draw(_part(shape, depth)), draw(_small()))
    return apply("softmax", draw(_part(shape, depth)), axes=None)


def _small() -> st.SearchStrategy[Expr]:
    """What stands under the name of a norm."""
    return st.sampled_from([number(0.1), number(1e-5), *names()[()]])


@st.composite
def _sums(draw: st.DrawFn, shape: Shape, m: int, depth: int) -> Expr:
    """A reduction of a matrix over one axis; a sum of columns would be that of the rows of the transpose."""
    op = draw(st.sampled_from(("sum", "reduce_max", "reduce_min", "prod", "lse")))
    axis = 1 if op == "sum" else draw(st.sampled_from((0, 1)))
    body = _body((m, *shape) if axis == 0 else (*shape, m), depth)  # s A 𝟏 is s (A 𝟏)
    return apply(op, draw(body.filter(lambda e: op != "sum" or not is_op(e, "mul"))), axes=(axis,))


@st.composite
def _matrix(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    n, m = shape
    k = draw(st.sampled_from([size for size in SIZES if size not in shape]))
    always = dict.fromkeys(
        ("product", "outer", "transpose", "softmax", "spread", "reshape", "cast", "call", "norm"), True
    )
    kind = draw(
        _among(**always, sums={n, m, k} == {2, 3, 4}, heads=m in (2, 4), join=m == 5 and n == 4, slice=m < 5 and n < 5)
    )
    if kind == "product":
        left = draw(_part((n, k), depth).filter(lambda e: _positive(e) and not is_op(e, "fill", "outer", "mul")))
        return apply("matmul", left, draw(_part((k, m), depth).filter(_factor)))
    if kind == "outer":
        left = draw(_part((n,), depth).filter(lambda e: _positive(e) and not is_op(e, "fill", "matmul", "mul")))
        return apply("outer", left, draw(_part((m,), depth).filter(_factor)))
    if kind == "transpose":
        arg = _part((m, n), depth).filter(lambda e: not is_op(e, "transpose", "outer", "matmul", "spread", "fill"))
        return apply("transpose", draw(arg), axes=(1, 0))
    if kind == "spread":
        axis = draw(st.sampled_from((0, 1)))
        return apply("spread", draw(_part((shape[axis],), depth).filter(_factor)), shape=shape, axes=(axis,))
    if kind == "sums":
        axis = draw(st.sampled_from((0, 1, 2)))
        source = (*shape[:axis], k, *shape[axis:])
        return apply(draw(st.sampled_from(("sum", "reduce_max"))), draw(_body(source, depth)), axes=(axis,))
    return draw(_whole_matrix(shape, kind, depth))


@st.composite
def _whole_matrix(draw: st.DrawFn, shape: Shape, kind: str, depth: int) -> Expr:
    """What takes arrays as they are: joined, cut, in another shape or precision, softmax, a call with a setting."""
    n, m = shape
    if kind == "norm":
        name = draw(st.sampled_from(("layer_norm_rows", "rms_norm_rows", "batch_norm")))
        return apply(name, draw(_part(shape, depth)), draw(_small()))
    if kind == "heads":
        k = draw(st.sampled_from([size for size in SIZES if size not in shape]))
        return apply("attention", draw(_part(shape, depth)), *(draw(_part((k, m), depth)) for _ in "KV"), heads=2)
    if kind == "join":
        return apply("join", draw(_part((n, 2), depth)), draw(_part((n, 3), depth)), axis=1)
    if kind == "slice":
        return apply("slice", draw(_array_of((n, 5), depth)), start=(0, 1), stop=(n, m + 1), step=(1, 1))
    if kind == "reshape":
        return apply("reshape", draw(_part((m, n), depth)), shape=shape)
    if kind == "cast":
        return apply("cast", draw(_part(shape, depth)), to="float32", kind="real")
    axis = draw(st.sampled_from((0, 1)))
    if kind == "call":
        return apply(draw(st.sampled_from(("sort", "cumsum"))), draw(_part(shape, depth)), axis=axis)
    return apply("softmax", draw(_part(shape, depth)), axes=(axis,))


@st.composite
def _cube(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    kind = draw(st.sampled_from(("transpose", "einsum", "spread", "softmax", "maps")))
    if kind == "maps":  # a number for each map
        left = draw(_leaf(shape) | trees(shape, depth).filter(lambda e: is_op(e, "softmax")))
        each = apply("spread", draw(_leaf(shape[:1])), shape=shape, axes=(0,))
        return apply(draw(st.sampled_from(("add", "sub", "mul", "div"))), left, each)
    if kind == "transpose":
        axes = draw(st.sampled_from([p for p in permutations(range(3)) if p != (0, 1, 2)]))
        source = [0, 0, 0]
        for place, axis in enumerate(axes):
            source[axis] = shape[place]
        return apply("transpose", draw(_part(tuple(source), depth).filter(lambda e: not _moves(e))), axes=axes)
    if kind == "einsum":  # products of stacked matrices: one axis of both is kept, one is summed
        n, m, p = shape
        left, right = symbol(f"L_{{{n}{m}}}", (n, m, 5)), symbol(f"S_{{{n}{p}}}", (n, p, 5))
        return apply("einsum", left, right, letters=("ijk", "ilk", "ijl"))
    if kind == "spread":
        axes = draw(st.sampled_from(((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))))
        return apply("spread", draw(_leaf(tuple(shape[axis] for axis in axes))), shape=shape, axes=axes)
    return apply("softmax", draw(_part(shape, depth)), axes=(draw(st.sampled_from((0, 1, 2))),))
