"""Text to terms: the statements of a text in any order, each name read when it is first needed.

written = elaborate("ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)")
written["ŷ"].shape        one size, still unknown: what W2 has as rows
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.rewriting import timed
from gradiens.equations.meaning.scope import Scope, canonical
from gradiens.equations.meaning.sizes import Contradiction, Size, Sizes
from gradiens.equations.meaning.statements import Statements
from gradiens.equations.meaning.steps import read_loop
from gradiens.equations.meaning.terms import Ground, Meant, Term
from gradiens.equations.text.parse import parse
from gradiens.equations.tree.expression import Expr

_INPUTS = ("x", "X", "y", "Y")


@dataclass(eq=False)
class Written:
    """A text that was read: its scope, and its definitions in the order of the text."""

    text: str
    scope: Scope
    lines: dict[str, Term] = field(default_factory=dict)
    ground: Ground = field(default_factory=Ground)

    def __getitem__(self, name: str) -> Term:
        return self.lines[canonical(name)]

    def __contains__(self, name: str) -> bool:
        return canonical(name) in self.lines

    def trees(self, names: Iterable[str]) -> list[Expr]:
        """The trees of definitions, when all sizes are known."""
        return [self.tree(self.lines[canonical(name)]) for name in names]

    def tree(self, term: Term) -> Expr:
        """The tree of a term; a size that is still unknown is a mistake."""
        self.check_sizes()
        try:
            for one in self.scope.defined.values():  # in the order of their dependence: no deep recursion
                self.ground(one)
            return self.ground(term)
        except Contradiction as error:
            size, _ = error.sizes
            self.scope.fail(term.at, f"a size for {size.why or 'an array'}", f"{size}", "declare the symbols: x ∈ ℝ^n")

    def check_sizes(self) -> None:
        """Every size of every name must be a number by now."""
        for meant in self.scope.meant.values():
            for size in meant.shape or ():
                value = size.known
                if value is None or value < 1:
                    do = f"declare {meant.name} ∈ ℝ^(…), or give the size"
                    self.scope.fail(meant.at, f"a size for {meant.name}", f"{a.said(meant.shape or ())}", do)


def elaborate(
    text: str,
    model: bool = True,
    sizes: Mapping[str, int] | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    programs: Mapping[str, list[Any]] | None = None,
) -> Written:
    """Read a text. In a `model` what is not declared is a parameter; else it is a mistake. `sizes` gives sizes by name,
    `shapes` the shapes of inputs, `programs` the operators that the text calls by name.
    """
    statements = timed(parse(text))
    scope = Scope(text, Sizes(sizes), model, programs=programs or {})
    for name, shape in (shapes or {}).items():
        given = tuple(Size(n, why=f"{name} of the data has the shape {shape}") for n in shape)
        scope.meant[canonical(name)] = Meant(canonical(name), "input", given)
    reader = Statements(scope)
    reader.collect(statements)
    written = Written(text, scope)
    for key in reader.sorted():
        if key in scope.loops:
            read_loop(scope, scope.loops[key])
        elif key in scope.pending and reader.has_value(key):
            scope.use(key, reader.places[key])
    written.lines = {key: scope.defined[key] for key in reader.order if key in scope.defined}
    return written
