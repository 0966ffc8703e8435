"""Rules of algebra: what is trivial goes, signs move out, scalars are not spread over arrays, products are merged."""

from __future__ import annotations

from operator import add, mul, pow, sub, truediv

from gradiens.equations.folding.fold import Rule, function_rule, pattern_rule
from gradiens.equations.folding.pattern import Wild, maker, op
from gradiens.equations.tree.expression import Apply, Expr, Number, is_number, is_op, number
from gradiens.equations.tree.operations import TABLE, apply
from gradiens.equations.tree.verify import positive

_STRUCTURE = ("fill", "reshape", "spread", "one_hot", "iota", "cast")
ENTRYWISE = tuple(name for name, entry in TABLE.items() if entry.entrywise and name not in _STRUCTURE)


def _scalar_of(expr: Expr) -> Expr | None:
    """The scalar that an array repeats, if it does."""
    if expr.shape == ():
        return expr
    return expr.args[0] if is_op(expr, "fill") else None


def scalars(node: Apply) -> Expr | None:
    """`c 𝟏 + x` is `c + x`; an operation on repeated scalars is the repeated result."""
    if not node.shape or not any(is_op(arg, "fill") for arg in node.operands):
        return None
    bare = [_scalar_of(arg) for arg in node.operands]
    if all(arg is not None for arg in bare):
        return apply("fill", apply(node.op, *(arg for arg in bare if arg is not None)), shape=node.shape)
    whole = [arg.shape == node.shape for arg, scalar in zip(node.operands, bare) if scalar is None]
    if not any(whole):
        return None
    return apply(node.op, *(arg if scalar is None else scalar for arg, scalar in zip(node.operands, bare)))


_ARITHMETIC = {"add": add, "sub": sub, "mul": mul, "div": truediv, "pow": pow}


def arithmetic(node: Apply) -> Expr | None:
    """Two numbers: their sum, difference or product; a quotient only when it is short."""
    if not all(isinstance(arg, Number) and isinstance(arg.value, int | float) for arg in node.operands):
        return None
    a, *rest = (arg.value for arg in node.operands if isinstance(arg, Number))
    if node.op == "neg":
        return None if a < 0 or (a == 0 and a is not False) else number(-a) if not isinstance(a, bool) else None  # pyright: ignore
    b = rest[0]
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, complex) or isinstance(b, complex):
        return None
    if (node.op == "div" and b == 0) or (node.op == "pow" and (b != int(b) or not 0 <= b <= 4)):
        return None
    value = _ARITHMETIC[node.op](a, b)
    made = number(value if node.kind == "integer" else float(value))
    short = len(repr(made.value)) <= 8 or (
        node.op != "div" and len(repr(made.value)) <= max(len(repr(a)), len(repr(b)))
    )
    return made if short else None


def trivial(node: Apply) -> Expr | None:
    """Zeros and ones: x + 0, 1 x, 0 x, x / 1, x¹."""
    a, b = node.operands
    zero, one = node.op in ("add", "sub"), node.op in ("mul", "div", "pow")
    if zero and _is(b, 0):
        return _wide(a, node)
    if zero and _is(a, 0):
        return _wide(b, node) if node.op == "add" else apply("neg", _wide(b, node))
    if one and _is(b, 1):
        return _wide(a, node)
    if node.op == "mul" and (_is(a, 0) or _is(b, 0)):
        return number(0.0 if node.kind == "real" else 0)
    if node.op == "mul" and _is(a, 1):
        return _wide(b, node)
    if node.op == "div" and _is(a, 0):
        return number(0.0)
    return None


def _is(expr: Expr, value: float) -> bool:
    scalar = _scalar_of(expr)
    return scalar is not None and is_number(scalar, value)


def _wide(expr: Expr, node: Apply) -> Expr:
    return expr if expr.shape == node.shape else apply("fill", expr, shape=node.shape)


def signs(node: Apply) -> Expr | None:
    """Minus signs move outwards and into the sum that they meet."""
    args = node.operands
    if node.op == "neg":
        return _negated(args[0])
    if node.op in ("add", "sub"):
        return _signed_sum(node)
    if node.op in ("sum", "mean", "transpose", "reshape", "spread", "index", "as_real"):
        inside = _without_sign(args[0])
        return None if inside is None else apply("neg", apply(node.op, inside, *args[1:], **dict(node.params)))
    for place, arg in enumerate(args):
        inside = _without_sign(arg)
        if inside is not None:
            rest = [inside if place == other else kept for other, kept in enumerate(args)]
            return apply("neg", apply(node.op, *rest, **dict(node.params)))
    return None


def _negated(arg: Expr) -> Expr | None:
    if is_op(arg, "neg"):
        return arg.args[0]
    if is_op(arg, "sub"):
        return apply("sub", arg.args[1], arg.args[0])
    return None


def _signed_sum(node: Apply) -> Expr | None:
    a, b = node.operands
    inside = _without_sign(b)
    if inside is not None:
        return apply("sub" if node.op == "add" else "add", a, inside)
    inside = a.args[0] if is_op(a, "neg") else None
    if inside is not None and node.op == "add":
        return apply("sub", b, inside)
    return None


def _without_sign(expr: Expr) -> Expr | None:
    if is_op(expr, "neg"):
        return expr.args[0]
    if not isinstance(expr, Number) or not isinstance(expr.value, int | float) or expr.kind == "truth":
        return None
    return number(-expr.value) if -float("inf") < expr.value < 0 else None


def shapes(node: Apply) -> Expr | None:
    """Changes of shape that cancel or are none; a slice that takes all."""
    arg = node.operands[0]
    whole = node.op != "slice" or set(node.param("step")) == {1}
    if arg.shape == node.shape and whole:
        return arg
    if node.op == "fill":
        return apply("fill", arg.args[0], shape=node.shape) if is_op(arg, "fill") else None
    if node.op in ("reshape", "spread") and is_op(arg, "fill"):
        return apply("fill", arg.args[0], shape=node.shape)
    if node.op == "reshape" and is_op(arg, "reshape"):
        return apply("reshape", arg.args[0], shape=node.shape)
    if node.op == "reshape" and is_op(arg, *ENTRYWISE):
        return _back_through(arg, node)
    return None


def _back_through(arg: Expr, node: Apply) -> Expr | None:
    """An entrywise result put back in the shape that all its operands came from: the result for what they came from."""
    parts = [part.args[0] if is_op(part, "reshape") else part for part in arg.args]
    if any(part.shape not in ((), node.shape) for part in parts) or not any(part.shape for part in parts):
        return None
    assert isinstance(arg, Apply)
    return apply(arg.op, *parts, **dict(arg.params))


def transposes(node: Apply) -> Expr | None:
    """(Aᵀ)ᵀ = A, (u vᵀ)ᵀ = v uᵀ, (A Bᵀ)ᵀ = B Aᵀ."""
    (arg,) = node.operands
    axes = node.param("axes")
    if is_op(arg, "transpose"):
        inner = arg.param("axes")  # pyright: ignore[reportAttributeAccessIssue]
        both = tuple(inner[axis] for axis in axes)
        return arg.args[0] if both == tuple(range(len(both))) else apply("transpose", arg.args[0], axes=both)
    if is_op(arg, "outer"):
        return apply("outer", arg.args[1], arg.args[0])
    factors = arg.args if is_op(arg, "matmul") and all(len(part.shape) == 2 for part in arg.args) else ()
    if any(is_op(part, "transpose") for part in factors):
        a, b = arg.args
        return apply("matmul", apply("transpose", b, axes=(1, 0)), apply("transpose", a, axes=(1, 0)))
    return None


def reductions(node: Apply) -> Expr | None:
    """Sums, means and maxima of one number, of a repeated number, of an array that changed only its shape."""
    (arg,) = node.operands
    axes = node.param("axes")
    count = arg.size // max(node.size, 1)
    if count == 1:
        return apply("reshape", arg, shape=node.shape)
    if is_op(arg, "fill"):
        return apply("mul", count, arg.args[0]) if node.op == "sum" else arg.args[0]
    if axes is None and is_op(arg, "reshape", "transpose"):
        return apply(node.op, arg.args[0], axes=None)
    if node.op == "sum" and is_op(arg, "one_hot"):
        return number(1.0) if axes is None else None
    return None


def choices(node: Apply) -> Expr | None:
    """A choice that is none, or between something and nothing: a ⊙ 𝟏[c]."""
    when, yes, no = node.operands
    decided = _scalar_of(when)
    if isinstance(decided, Number):
        return _wide(yes if decided.value else no, node)
    if yes is no:
        return _wide(yes, node)
    if node.kind != "real":
        return None
    chosen = apply("indicator", when)
    if _is(no, 0):
        return _wide(chosen, node) if _is(yes, 1) else apply("mul", yes, chosen)
    if _is(yes, 0):
        chosen = apply("indicator", apply("not", when))
        return _wide(chosen, node) if _is(no, 1) else apply("mul", no, chosen)
    return None


_OPPOSITE = {"gt": "le", "le": "gt", "ge": "lt", "lt": "ge", "eq": "ne", "ne": "eq"}


def negations(node: Apply) -> Expr | None:
    """Not (a > b) is a ≤ b."""
    (arg,) = node.operands
    if is_op(arg, "not"):
        return arg.args[0]
    return apply(_OPPOSITE[arg.op], *arg.args) if is_op(arg, *_OPPOSITE) else None  # pyright: ignore


def certain(node: Apply) -> Expr | None:
    """What is so by its form: x = x, e^x > 0, |e^x| = e^x."""
    a, *rest = node.operands
    if node.op in ("eq", "ne") and a is rest[0]:
        return apply("fill", number(node.op == "eq"), shape=node.shape) if node.shape else number(node.op == "eq")
    if node.op == "abs" and positive(a):
        return a
    if node.op in ("gt", "ge") and positive(a) and is_number(rest[0], 0):
        return number(True)
    if node.op == "sign" and positive(a):
        return number(1.0)
    return None


def powers(node: Apply) -> Expr | None:
    """x x = x², a (1/b) = a/b, and numbers in a product are gathered in front."""
    a, b = node.operands
    if a is b and not isinstance(a, Number):
        return apply("pow", a, 2)
    for one, other in ((a, b), (b, a)):
        if is_op(one, "div") and is_number(one.args[0], 1):
            return apply("div", other, one.args[1])
        if isinstance(one, Number) and is_op(other, "mul") and isinstance(other.args[0], Number):
            return apply("mul", apply("mul", one, other.args[0]), other.args[1])
        if is_op(one, "mul") and one.args[0].shape == () and one.shape and other.shape:
            return apply(
                "mul", one.args[0], apply("mul", *((one.args[1], other) if one is a else (other, one.args[1])))
            )
    return scalars_first(node)


def scalars_first(node: Apply) -> Expr | None:
    """Numbers stand before symbols, scalars before arrays: 2 x, α g, max(0, z)."""
    a, b = node.operands
    if isinstance(a, Number):
        return None
    late = isinstance(b, Number) or (node.op == "mul" and b.shape == () and a.shape != ())
    return apply(node.op, b, a) if late else None


x, y, a, b, c = (Wild(letter) for letter in "xyabc")
scalar = Wild("c", lambda expr: expr.shape == ())
whole = Wild("y", lambda expr: expr.kind == "integer")
where, lt, index, log, exp = (maker(name) for name in ("where", "lt", "index", "log", "exp"))
total = lambda arg: op("sum", arg, axes=None)  # noqa: E731


def algebra() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    two = ("add", "sub", "mul", "div")
    return [
        function_rule("scalars stay scalars", ENTRYWISE, scalars),
        function_rule("arithmetic", (*two, "pow", "neg"), arithmetic),
        function_rule("zeros and ones", (*two, "pow"), trivial),
        function_rule(
            "signs move out",
            ("neg", *two, "matmul", "outer", "transpose", "reshape", "spread", "sum", "mean", "index"),
            signs,
        ),
        function_rule("shapes", ("reshape", "fill", "spread", "slice"), shapes),
        function_rule("transposes", ("transpose",), transposes),
        function_rule("reductions", ("sum", "mean", "reduce_max", "reduce_min"), reductions),
        function_rule("choices", ("where",), choices),
        function_rule("negations", ("not",), negations),
        function_rule("certain", ("eq", "ne", "abs", "gt", "ge", "sign"), certain),
        function_rule("powers", ("mul",), powers),
        function_rule("scalars first", ("max", "min"), scalars_first),
        pattern_rule("an index from the end", where(lt(whole, 0), op("add", whole, Wild("n")), whole), whole),
        pattern_rule("the difference of two shifts", (x - c) - (y - c), x - y),
        pattern_rule("a shift undone", (x - c) + c, x),
        pattern_rule("two subtractions", x + (-y - b), (x - y) - b),
        pattern_rule("log exp", log(exp(x)), x),
    ]
