"""What must agree in an entrywise operation: the ranks of names first used in it, shapes, kinds of number."""

from __future__ import annotations

from collections.abc import Sequence

from gradiens.equations.meaning.scope import Scope, usual_rank
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.terms import Meant, Shape, Term, as_real, entrywise, operation, reshaped
from gradiens.equations.text.syntax import Place
from gradiens.equations.tree.expression import Kind
from gradiens.equations.tree.layout import map_axis

_ORDER: tuple[Kind, ...] = ("truth", "integer", "real", "complex", "other")


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


_RELATIONS = ("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "is_finite")


def widest(terms: Sequence[Term]) -> Kind:
    """The kind that holds the values of all terms."""
    return _ORDER[max(_ORDER.index(term.kind) for term in terms)]


def unit(term: Term) -> bool:
    """Is it an array with one entry?"""
    return bool(term.shape) and all(size.known == 1 for size in term.shape)


def entries(
    scope: Scope, op: str, args: Sequence[Term], at: Place, rule: str, kind: Kind | None = None, **params: object
) -> Term:
    """An entrywise operation: shapes agree, a number goes with any, an array with one entry is a number beside others."""
    terms, shape = agree(scope, args, at, rule)
    if op not in _RELATIONS and widest(terms) == "real":
        terms = [as_real(term) for term in terms]
    if kind is None:
        kind = "truth" if op in _RELATIONS else widest(terms)
    return entrywise(op, terms, shape, kind, at, **params)


def agree(scope: Scope, args: Sequence[Term], at: Place, rule: str) -> tuple[list[Term], Shape]:
    """The terms with their shapes brought to one, and that shape."""
    terms = _settled(scope, args)
    ranks = {len(term.shape) for term in terms}
    if len(ranks - {0}) > 1 or (ranks - {0} and any(unit(term) for term in terms)):
        terms = _squeezed(scope, terms)
    top = max((term for term in terms), key=lambda term: len(term.shape))
    shape: Shape = top.shape
    for term in terms:
        if not term.shape or term is top:
            continue
        if len(term.shape) != len(shape):
            _misfit(scope, term, top, at, rule)
        for a, b in zip(shape, term.shape):
            scope.equal(a, b, at, rule)
    if any(term.row for term in terms) and any(term.shape and not term.row for term in terms):
        scope.fail(at, f"two columns or two rows in {rule}", "a row and a column", "transpose one: ᵀ")
    return terms, shape


def _settled(scope: Scope, args: Sequence[Term]) -> list[Term]:
    """Names of unknown rank take that of the others; small letters stay vectors beside matrices and stacks."""
    known = [len(term.shape) for term in args if term.settled]
    rank = max(known, default=None)
    for term in args:
        if not term.settled:
            assert term.meant is not None
            own = usual_rank(term.meant.name)
            scope.settle(term, own if rank is None or (rank >= 2 and own < 2) else rank)
    return list(args)


def _squeezed(scope: Scope, terms: list[Term]) -> list[Term]:
    """Arrays with one entry as numbers, matrices with one column as vectors, a vector beside a stack of maps as its maps."""
    if any(term.shape and not unit(term) for term in terms):
        terms = [reshaped(term, ()) if unit(term) else term for term in terms]
    low = min((len(term.shape) for term in terms if term.shape), default=0)
    high = max(len(term.shape) for term in terms)
    if low == 1 and high == 2:
        if all(len(term.shape) < 2 or term.shape[1].known == 1 for term in terms):
            return [reshaped(term, term.shape[:1]) if len(term.shape) == 2 else term for term in terms]
        if all(len(term.shape) < 2 or term.shape[0].known == 1 for term in terms):
            return [reshaped(term, term.shape[1:], term.row) if len(term.shape) == 2 else term for term in terms]
    if low == 1 and high >= 3:
        top = next(term for term in terms if len(term.shape) == high)
        return [_mapped(scope, term, top) if len(term.shape) == 1 else term for term in terms]
    return terms


def _mapped(scope: Scope, term: Term, top: Term) -> Term:
    """b ∈ ℝ^c beside a ∈ ℝ^{c×h×w} or ℝ^{n×c×h×w}: one number for each map."""
    axis = map_axis(len(top.shape)) or 0
    scope.equal(top.shape[axis], term.shape[0], term.at, "adding a number to each map")
    return operation("spread", [term], top.shape, term.kind, term.at, shape=top.shape, axes=(axis,))


def _misfit(scope: Scope, term: Term, top: Term, at: Place, rule: str) -> None:
    do = "write 𝟏 bᵀ for a vector that is added to each row" if len(top.shape) == 2 else "give both the same shape"
    scope.fail(at, f"equal shapes in {rule}", f"{said(top.shape)} and {said(term.shape)}", do)


def said(shape: Shape) -> str:
    """A shape in words: ℝ³ˣ⁴, ℝ^(64×n)."""
    if not shape:
        return "ℝ"
    sizes = [str(size) for size in shape]
    if all(size.isdigit() for size in sizes):
        return "ℝ" + "ˣ".join(size.translate(_RAISED) for size in sizes)
    return "ℝ^" + (sizes[0] if len(sizes) == 1 and sizes[0].isalpha() else f"({'×'.join(sizes)})")


def size_term(size: Size, at: Place) -> Term:
    """A size as a number."""
    from gradiens.equations.tree.expression import number

    return Term((), "integer", lambda ground: number(ground.shape([size])[0]), at)


def fit_input(scope: Scope, given: Meant, shape: Shape, at: Place) -> None:
    """The declared shape of an input: that of the data, or the data's numbers in another shape."""
    have = given.shape or ()
    if len(have) == len(shape):
        for one, other in zip(shape, have):
            scope.equal(one, other, at, f"the declaration of {given.name}")
    else:
        total = 1
        for size in have:
            total *= size.known or 0
        _solve(scope, shape, total, given.name, at)
        given.shape = shape


def _solve(scope: Scope, shape: Shape, total: int, name: str, at: Place) -> None:
    """The one unknown size of a shape from the number of entries."""
    known = 1
    for size in shape:
        known *= size.known or 1
    missing = [size for size in shape if size.known is None]
    fits = known == total if not missing else len(missing) == 1 and total % known == 0
    if not fits:
        scope.fail(at, f"{total} entries of {name}, as in the data", f"{said(shape)}", "declare a shape of as many")
    for size in missing:
        scope.equal(size, Size(total // known, why=f"{total} entries of {name}"), at, f"the declaration of {name}")
