"""Calls: `relu(z)`, `softmax_rows(A)`, `elu_α(z)`, `flat(x)`, `sort_{axis=0}(x)`; only operations of the table, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning import products as p
from gradiens.equations.meaning.arguments import exactly, value_of
from gradiens.equations.meaning.named import FUNCTIONS
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.terms import Term
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Expr, Kind, symbol
from gradiens.equations.tree.operations import TABLE, apply

_STRUCTURAL = ("fill", "reshape", "spread", "one_hot", "iota", "cast", "where", "diag", "pick", "one_hots")
_KEEP_KIND = ("max", "min", "abs", "sign")  # of whole numbers they are whole
_NAMES = {
    "sigmoid": "σ", "logistic": "σ", "sigma": "σ", "ln": "log", "logsumexp": "lse", "finite": "is_finite", "psi": "digamma",
    "ψ": "digamma", "ζ": "zeta", "log Γ": "log_gamma", "logΓ": "log_gamma", "inverse": "inv", "leaky": "leaky_relu",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arsinh", "acosh": "arcosh", "atanh": "artanh",
    "leaky relu": "leaky_relu", "vec": "flat", "gelu_tanh′": "gelu_tanh'",
    "gelu′": "gelu'", "silu′": "silu'", "elu′": "elu'", "leaky_relu′": "leaky_relu'",
}  # fmt: skip


_TYPES = {f"{kind}{bits}": kind for kind in ("float", "int", "uint", "complex") for bits in (4, 8, 16, 32, 64, 128)}


def call(scope: Scope, expr: s.Call) -> Term:
    """The meaning of a call."""
    from gradiens.equations.meaning.reading import read

    head, settings = _head(scope, expr.head)
    inside = expr.args[0] if len(expr.args) == 1 else None
    if head == "log" and isinstance(inside, s.Call) and inside.head == s.Name(inside.head.at, "Γ"):
        return call(scope, s.Call(expr.at, s.Name(expr.at, "log_gamma"), inside.args))
    typed = head + (expr.head.text if isinstance(expr.head, s.Sub) else "")
    if typed in _TYPES:
        return _cast(scope, expr, typed)
    name = _NAMES.get(head, head)
    if head in scope.functions:
        return _applied(scope, expr, scope.functions[head])
    if name in scope.programs:
        return program_value(scope, expr, name)
    if name not in FUNCTIONS and name not in TABLE:
        key = scope.key(expr.head)
        if key is not None and scope.knows(key) and len(expr.args) == 1:  # W (x + y), where W is an array
            return p.product(scope, [scope.use(key, expr.head.at), read(scope, expr.args[0])], [""], expr.at)
        scope.unknown(head, head, expr.head.at)
    if name in FUNCTIONS:
        return FUNCTIONS[name](scope, expr, [read(scope, arg) for arg in expr.args], settings)
    return _from_table(scope, expr, name, [read(scope, arg) for arg in expr.args], settings)


def _head(scope: Scope, head: s.Syntax) -> tuple[str, tuple[s.Syntax, ...]]:
    """The name of the function and what stands below it."""
    if isinstance(head, s.Sub):
        name, _ = _head(scope, head.base)
        word = f"{name}_{head.text}"
        if word in TABLE or word in FUNCTIONS or word in scope.functions:  # floor_div
            return word, ()
        return name, head.items
    if isinstance(head, s.Mark) and head.kind == "prime":
        name, settings = _head(scope, head.base)
        return name + "'", settings
    if isinstance(head, s.Name):
        return head.text, ()
    scope.fail(head.at, "the name of a function", "an expression", "write relu(z)")


def _cast(scope: Scope, expr: s.Call, to: str) -> Term:
    """`float16(x)`: rounded to that type."""
    from gradiens.equations.meaning.reading import read

    (x,) = exactly(scope, expr, [read(scope, arg) for arg in expr.args])
    kinds: dict[str, Kind] = {"float": "real", "int": "integer", "uint": "integer", "complex": "complex"}
    kind = kinds[_TYPES[to]]
    return Term(x.shape, kind, lambda ground: apply("cast", ground(x), to=to, kind=kind), expr.at, x.index, x.row)


def _applied(scope: Scope, expr: s.Call, defined: s.Equation) -> Term:
    """A function that the text defines, `f(x) = …`, applied: its body with the arguments in place of its parameters."""
    from gradiens.equations.meaning.reading import loose, read

    left = defined.left
    assert isinstance(left, s.Call)
    names = [scope.key(parameter) or "" for parameter in left.args]
    if len(names) != len(expr.args):
        scope.fail(expr.at, f"{len(names)} arguments", f"{len(expr.args)}")
    if len(scope.inside) > 50:
        scope.fail(expr.at, "a function that does not call itself", "a call within its own definition")
    values = [loose(scope, arg) for arg in expr.args]
    before = {name: scope.defined.get(name) for name in names}
    scope.inside.append(names[0])
    scope.defined.update(zip(names, values))
    try:
        return read(scope, defined.right)
    finally:
        scope.inside.pop()
        for name, value in before.items():
            scope.defined.pop(name)
            if value is not None:
                scope.defined[name] = value


def program_value(scope: Scope, expr: s.Call, name: str, item: int = 0) -> Term:
    """An operator that is known by name only, of the program that the text was printed from."""
    from gradiens.equations.meaning.reading import read

    args = [read(scope, arg) for arg in expr.args]
    alike = [one for one in scope.programs[name] if len(one.eqn.invars) == len(args)]
    if not alike:
        scope.fail(expr.at, f"the arguments of {name}", f"{len(args)}")
    return _by_shape(scope, expr, args, lambda *exprs: apply("primitive", *exprs, program=alike[0], item=item))


def _from_table(scope: Scope, expr: s.Call, name: str, args: list[Term], settings: Sequence[s.Syntax]) -> Term:
    """An operation of the table: entry by entry, or on whole arrays, with named settings below."""
    entry = TABLE[name]
    given = [item for item in settings if not isinstance(item, s.Setting)]
    params = {item.name: value_of(scope, item.value) for item in settings if isinstance(item, s.Setting)}
    if given:  # elu_α(z)
        from gradiens.equations.meaning.reading import read

        args = [*args, *(read(scope, item) for item in given)]
    if entry.entrywise and not params and name not in _STRUCTURAL:
        kind: Kind | None = "truth" if name == "is_finite" else None if name in _KEEP_KIND else "real"
        return a.entries(scope, name, args, expr.at, f"the arguments of {name}", kind)
    return _by_shape(scope, expr, args, lambda *exprs: apply(name, *exprs, **params))


def _by_shape(scope: Scope, expr: s.Call, args: list[Term], make: Callable[..., Expr]) -> Term:
    """An operation whose shape follows from those of its operands, which must be known."""
    if any(arg.index for arg in args):
        scope.fail(expr.at, "a whole array as argument", "an entry", "apply it before the index")
    shapes: list[tuple[int, ...]] = []
    for arg in args:
        known = [size.known for size in arg.shape]
        if None in known:
            scope.fail(expr.at, "an argument of known size", a.said(arg.shape), "declare its size: x ∈ ℝ^(3×4)")
        shapes.append(tuple(size or 0 for size in known))
    try:
        made = make(*(symbol(f"·{place}", shape, arg.kind) for place, (shape, arg) in enumerate(zip(shapes, args))))
    except (ValueError, IndexError, TypeError, KeyError) as error:
        scope.fail(expr.at, "arguments that fit", str(error) or type(error).__name__)
    sizes = tuple(Size(n) for n in made.shape)
    return Term(sizes, made.kind, lambda ground: make(*(ground(arg) for arg in args)), expr.at)
