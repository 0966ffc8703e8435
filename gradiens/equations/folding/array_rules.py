"""Rules for whole arrays: what picks, counts, inverts or pools in the plainest form."""

from __future__ import annotations

from gradiens.equations.folding.fold import Rule, function_rule, pattern_rule
from gradiens.equations.folding.pattern import Wild, maker, op
from gradiens.equations.tree.expression import Apply, Expr, Number, is_number, is_op, number
from gradiens.equations.tree.operations import apply


def constant_tests(node: Apply) -> Expr | None:
    """Whether any, or all, of one truth value hold."""
    (arg,) = node.operands
    return arg.args[0] if is_op(arg, "fill") and not node.shape else None


def known_values(node: Apply) -> Expr | None:
    """A cast of a number, the negation of a truth value, one entry of 0, 1, 2, …"""
    (arg,) = node.operands
    if is_op(arg, "fill"):
        return apply("fill", apply(node.op, arg.args[0], **dict(node.params)), shape=node.shape)
    if not isinstance(arg, Number) or isinstance(arg.value, complex):
        return None
    if node.op == "not":
        return number(not arg.value)
    if node.op == "indicator":
        return number(float(bool(arg.value)))
    if node.op == "as_real":
        return number(float(arg.value))
    return number(int(arg.value)) if node.kind == "integer" else None


def counted(node: Apply) -> Expr | None:
    """The counting array 0, 1, 2, … reshaped, repeated or looked up counts still."""
    arg = node.operands[0]
    if not is_op(arg, "iota"):
        return None
    assert isinstance(arg, Apply)
    axis = arg.param("axis")
    if node.op == "index":
        return node.operands[1 + axis] if len(node.operands) == 1 + len(arg.shape) else None
    if node.op == "rows":
        return node.operands[1] if len(arg.shape) == 1 else None
    if node.op == "spread":
        return apply("iota", shape=node.shape, axis=node.param("axes")[axis])
    kept = [n for n in arg.shape if n != 1]
    if len(kept) != 1 or arg.shape[axis] == 1 or [n for n in node.shape if n != 1] != kept:
        return None
    return apply("iota", shape=node.shape, axis=next(place for place, n in enumerate(node.shape) if n != 1))


def one_place(node: Apply) -> Expr | None:
    """Along an axis of one only 0 is counted."""
    return apply("fill", number(0), shape=node.shape) if node.shape[node.param("axis")] == 1 else None


def entries(node: Apply) -> Expr | None:
    """An entry of a logarithm is the logarithm of the entry; so with a sign, a shift, a scale."""
    arg, *at = node.operands
    if is_op(arg, "fill") and len(at) == len(arg.shape):
        return arg.args[0]
    shifted = is_op(arg, "sub", "div") and not arg.args[1].shape
    if len(at) != len(arg.shape) or not (is_op(arg, "log", "neg") or shifted):
        return None
    return apply(arg.op, *(apply("index", part, *at) if part.shape else part for part in arg.args), **dict(arg.params))  # pyright: ignore


def looked_up(node: Apply) -> Expr | None:
    """X_{k, k} is the diagonal, X_{k, y_k} one entry of each row."""
    x, *at = node.operands
    if len(at) != 2 or not is_op(at[0], "iota") or len(at[0].shape) != 1 or at[0].shape != x.shape[:1]:
        return None
    if at[1] is at[0]:
        return apply("diag", x) if x.shape == at[0].shape * 2 else None
    return apply("pick", x, at[1])


def first_rows(node: Apply) -> Expr | None:
    """Rows 0, 1, …, n-1 of an array of n rows are the array."""
    x, *at = node.operands
    whole = len(at) == 1 and is_op(at[0], "iota") and at[0].shape == x.shape[:1]
    return x if whole else None


def identity_matrix(node: Apply) -> Expr | None:
    """𝟏[i = j] is the identity, 𝟏[y_i = j] the matrix of the unit vectors e_{y_i} as rows."""
    (arg,) = node.operands
    if not is_op(arg, "eq") or len(arg.shape) != 2:
        return None
    for one, other in (arg.args, arg.args[::-1]):
        if is_op(one, "iota") and one.param("axis") == 1:  # pyright: ignore[reportAttributeAccessIssue]
            if is_op(other, "iota") and arg.shape[0] == arg.shape[1] and other is not one:
                return apply("identity", size=arg.shape[0])
            if is_op(other, "spread") and other.param("axes") == (0,):  # pyright: ignore[reportAttributeAccessIssue]
                return apply("one_hots", other.args[0], size=arg.shape[1])
    return None


def with_identity(node: Apply) -> Expr | None:
    """A⁻¹ I = A⁻¹, A I = A, v 𝟏ᵀ ⊙ I = diag(v)."""
    a, b = node.operands
    if node.op == "solve":
        return apply("inverse", a) if is_op(b, "identity") else None
    if node.op == "matmul":
        return b if is_op(a, "identity") else a if is_op(b, "identity") else None
    for one, other in ((a, b), (b, a)):
        if is_op(one, "identity") and is_op(other, "spread"):
            return apply("diag", other.args[0])
    return None


def traced(node: Apply) -> Expr | None:
    """The sum of A ⊙ I, of the diagonal, is the trace."""
    (arg,) = node.operands
    if is_op(arg, "diag") and node.param("axes") is None and len(arg.args[0].shape) == 2:
        return apply("trace", arg.args[0])
    for one, other in (arg.args, arg.args[::-1]) if is_op(arg, "mul") else ():
        if is_op(one, "identity") and other.shape == arg.shape:
            return apply("trace", other) if node.param("axes") is None else apply("diag", other)
    return None


def half_kept(node: Apply) -> Expr | None:
    """A triangle of a triangle, and a triangle by its places: A ⊙ 𝟏[i ≥ j]; of truth values, i ≥ j."""
    if node.op in ("lower", "upper"):
        (arg,) = node.operands
        if is_op(arg, "fill") and is_number(arg.args[0], True) and node.kind == "truth":
            places = (apply("iota", shape=node.shape, axis=axis) for axis in (0, 1))
            return apply("ge" if node.op == "lower" else "le", *places)
        return arg if _triangle(arg, node.op == "lower") else None
    for half, mask in (node.operands, node.operands[::-1]):
        if (
            is_op(mask, "indicator")
            and is_op(mask.args[0], "ge", "le")
            and all(is_op(i, "iota") for i in mask.args[0].args)
        ):
            rows, columns = (i.param("axis") for i in mask.args[0].args)  # pyright: ignore[reportAttributeAccessIssue]
            low = is_op(mask.args[0], "ge") == (rows == 0)
            if {rows, columns} == {0, 1} and half.shape == node.shape:
                return half if _triangle(half, low) else apply("lower" if low else "upper", half)
    return None


def _triangle(A: Expr, low: bool) -> bool:
    if is_op(A, "transpose"):
        return _triangle(A.args[0], not low)
    return is_op(A, "cholesky", "lower") if low else is_op(A, "upper")


def symmetrised(node: Apply) -> Expr | None:
    """The Cholesky factor of (A + Aᵀ) / 2 is that of A: only the symmetric part counts."""
    (arg,) = node.operands
    whole = arg.args[0] if is_op(arg, "div") and is_number(arg.args[1], 2) else None
    if whole is None or not is_op(whole, "add"):
        return None
    a, b = whole.args
    return apply("cholesky", a) if apply("transpose", a, axes=(1, 0)) in (b, _folded_transpose(b)) else None


def _folded_transpose(b: Expr) -> Expr:
    return b if is_op(b, "transpose") else apply("transpose", apply("transpose", b, axes=(1, 0)), axes=(1, 0))


def spectral(node: Apply) -> Expr | None:
    """The Fourier transform of a real array needs no word that makes it complex."""
    (arg,) = node.operands
    return apply(node.op, arg.args[0], **dict(node.params)) if is_op(arg, "cast") else None


def array_rules() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    x = Wild("x")
    mul, indicator = maker("mul"), maker("indicator")
    return [
        function_rule("entries", ("index",), entries),
        function_rule("constant tests", ("any", "all"), constant_tests),
        function_rule("known values", ("not", "cast", "as_real", "indicator"), known_values),
        function_rule("counting along one", ("iota",), one_place),
        function_rule("counting", ("index", "rows", "spread", "reshape"), counted),
        function_rule("all rows", ("rows",), first_rows),
        function_rule("entries of rows", ("rows",), looked_up),
        function_rule("identity matrix", ("indicator",), identity_matrix),
        function_rule("products with I", ("solve", "matmul", "mul"), with_identity),
        function_rule("trace", ("sum",), traced),
        function_rule("triangles", ("mul", "lower", "upper"), half_kept),
        function_rule("symmetric part", ("cholesky",), symmetrised),
        function_rule("transform of reals", ("fft", "ifft", "rfft"), spectral),
        pattern_rule("zero where it is zero", mul(x, indicator(op("ne", x, 0))), x),
    ]
