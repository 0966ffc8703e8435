"""Indices: entries and slices of arrays, sums over a letter, and arrays made of entries, `[Σ_k A_ik B_kj]_ij`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.contraction import summed
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import unknown
from gradiens.equations.meaning.terms import Ground, Index, Term, arranged, placed
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Expr
from gradiens.equations.tree.operations import apply

_REDUCTIONS = {
    "sum": "sum", "mean": "mean", "expectation": "mean", "prod": "prod", "max": "reduce_max", "min": "reduce_min",
    "any": "any", "all": "all",
}  # fmt: skip


@contextmanager
def running(scope: Scope, letters: Sequence[Index]) -> Iterator[None]:
    """The letters stand for indices inside."""
    before = dict(scope.indices)
    scope.indices.update({index.name: index for index in letters})
    try:
        yield
    finally:
        scope.indices = before


def letters_of(scope: Scope, items: Sequence[s.Syntax], first: int = 0) -> list[Index]:
    """The indices that a subscript introduces: `i`, `ij`, `i≤3`."""
    found: list[Index] = []
    for item in flat_items(items):
        bound = None
        if isinstance(item, s.Binary) and item.op in ("le", "eq"):
            bound, item = (item.right if item.op == "le" else None), item.left
        key = scope.key(item)
        if key is None or (isinstance(item, s.Name) and len(key) > 1 and key.isalpha() and key.isascii()):
            scope.fail(item.at, "letters of indices", scope.text[item.at.start : item.at.stop], "write Σ_i or Σ_{ij}")
        size = scope.size(bound) if bound is not None else None
        found.append(Index(key, size if size is not None else unknown("", f"places of the index {key}"), first))
    return found


def flat_items(items: Sequence[s.Syntax]) -> list[s.Syntax]:
    """The parts of a subscript, a run of letters `ij` letter by letter."""
    return [part for item in items for part in _parts(item)]


def _parts(item: s.Syntax) -> list[s.Syntax]:
    if isinstance(item, s.Fence) and item.kind == "paren":
        return flat_items([item.body])
    if isinstance(item, s.Group):
        return flat_items(item.items)
    if isinstance(item, s.Product) and set(item.signs) == {""}:
        return flat_items(item.factors)
    if isinstance(item, s.Name) and len(item.text) > 1 and item.text.isalpha() and item.text.isascii():
        return [s.Name(item.at, letter) for letter in item.text]
    return [item]


def big(scope: Scope, expr: s.Big) -> Term:
    """Σ, Π, max, min, 𝔼 over letters; without a letter over all entries."""
    from gradiens.equations.meaning.reading import read

    if expr.op not in _REDUCTIONS:
        scope.fail(expr.at, "Σ, Π, max, min or 𝔼", expr.op, "write max_i")
    first = scope.whole(expr.first) if expr.first is not None else 0
    letters = letters_of(scope, expr.indices, first or 0)
    with running(scope, letters):
        body = read(scope, expr.body) if letters else _mixed(scope, expr.body)
    if expr.last is not None and letters:
        size = scope.size(expr.last)
        if size is None:
            scope.fail(expr.last.at, "a size", "an expression", "write Σ_{i=1}^{n}")
        scope.equal(size - ((first or 0) - 1), letters[0].size, expr.at, f"the range of {letters[0].name}")
    return reduced(scope, _REDUCTIONS[expr.op], body, letters, expr.at)


def _mixed(scope: Scope, body: s.Syntax) -> Term:
    """Under Σ without an index, vectors side by side are multiplied entry by entry."""
    from gradiens.equations.meaning.reading import _product, read

    if isinstance(body, s.Product):
        return scope.settle(_product(scope, body, mixed=True))
    return read(scope, body)


def reduced(scope: Scope, op: str, body: Term, letters: Sequence[Index], at: s.Place) -> Term:
    """`op` over the axes that `letters` name; over all places when there is no letter."""
    if not letters:
        if body.scalar:
            return placed(body, at)
        axes = tuple(range(len(body.index), len(body.total)))
        return Term((), body.kind, _reduction(op, body, axes), at, body.index)
    missing = [one for one in letters if one not in body.index]
    if missing and op == "sum":
        for one in missing:
            body = a.entries(scope, "mul", [a.size_term(one.size, at), body], at, "the sum")
        letters = [one for one in letters if one not in missing]
    axes = tuple(place for place, one in enumerate(body.index) if one in letters)
    rest = tuple(one for one in body.index if one not in letters)
    return Term(body.shape, body.kind, _reduction(op, body, axes), at, rest, body.row)


def _reduction(op: str, body: Term, axes: tuple[int, ...]):
    def make(ground: Ground) -> Expr:
        expr = ground(body)
        if not axes:
            return expr
        made = summed(expr, axes) if op == "sum" else None
        return made or apply(op, expr, axes=None if len(axes) == len(expr.shape) else axes)

    return make


def comprehension(scope: Scope, expr: s.Sub) -> Term:
    """`[…]_{ij}`: the array of these entries."""
    from gradiens.equations.meaning.reading import read

    base = expr.base
    assert isinstance(base, s.Bracket)
    letters = letters_of(scope, expr.items)
    with running(scope, letters):
        body = read(scope, base.rows[0][0])
    return arranged(body, letters)
