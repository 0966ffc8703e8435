"""Rewriting a traced tree into the form a book prints: algebra first, then the forms that have a name.

A rule is a pattern and its replacement, or a function of a node. **No rule is believed**: each application is verified
by evaluating both forms on random values (`verify.py`), and one that does not agree is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gradiens.equations.folding.pattern import Operation, Pattern, build, match
from gradiens.equations.tree.expression import Apply, Expr, rebuild
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import Recurrence
from gradiens.equations.tree.verify import agree, deeper, frontier

Rewrite = Callable[[Apply], "Expr | None"]


@dataclass(frozen=True)
class Rule:
    """A name, the operations at whose nodes it is tried, and what it proposes: a new tree and the nodes it leaves free."""

    name: str
    ops: tuple[str, ...]
    propose: Callable[[Apply], Iterator[tuple[Expr, list[Expr]]]]


def pattern_rule(
    name: str, old: Pattern, new: Pattern, when: Callable[[dict[str, Expr]], bool] = lambda bound: True
) -> Rule:
    """The rule `old → new`, used where `when` holds for what the wildcards stand for."""
    assert isinstance(old, Operation)

    def propose(node: Apply) -> Iterator[tuple[Expr, list[Expr]]]:
        for bound in match(old, node, {}):
            if when(bound):
                yield build(new, bound), list(bound.values())

    return Rule(name, (old.op,), propose)


def function_rule(name: str, ops: Iterable[str], rewrite: Rewrite) -> Rule:
    """The rule of a function from a node to its replacement, or to None."""

    def propose(node: Apply) -> Iterator[tuple[Expr, list[Expr]]]:
        new = rewrite(node)
        if new is not None and new is not node:
            free = frontier(node, new)
            yield new, free
            yield new, deeper(free)

    return Rule(name, tuple(ops), propose)


class Folder:
    """Folds trees by rules; shared parts are folded once. `used` and `rejected` count the applications by rule."""

    def __init__(self, rules: Sequence[Rule]):
        self.by_op: dict[str, list[Rule]] = {}
        for rule in rules:
            for op in rule.ops:
                self.by_op.setdefault(op, []).append(rule)
        self.memo: dict[Expr, Expr] = {}
        self.programs: dict[Recurrence, Recurrence] = {}
        self.used: dict[str, int] = {}
        self.rejected: dict[str, int] = {}
        self.fuel = 200_000  # no two rules are known to undo each other; this bounds it if two do

    def fold(self, roots: Iterable[Expr]) -> list[Expr]:
        """The roots in their printed form."""
        return rebuild(roots, self._settle, self.memo)

    def _settle(self, expr: Expr) -> Expr:
        """One node whose operands are settled."""
        if expr in self.memo:
            return self.memo[expr]
        new = (self._inside(expr) or self._step(expr)) if isinstance(expr, Apply) else None
        result = expr if new is None else self.fold([new])[0]
        self.memo[expr] = self.memo[result] = result
        return result

    def _inside(self, expr: Apply) -> Expr | None:
        """A loop whose steps are folded."""
        if expr.op != "recurrence":
            return None
        program = expr.param("program")
        if program not in self.programs:
            self.programs[program] = program.mapped(self.fold)
            self.programs[self.programs[program]] = self.programs[program]
        new = apply(expr.op, *expr.operands, program=self.programs[program], item=expr.param("item"))
        return None if new is expr else new

    def _step(self, expr: Apply) -> Expr | None:
        for rule in self.by_op.get(expr.op, ()):
            for new, free in rule.propose(expr):
                if not new.shape and expr.shape:
                    new = apply("fill", new, shape=expr.shape)
                if new is expr:
                    continue
                if self.fuel > 0 and agree(rule.name, expr, new, free):
                    self.fuel -= 1
                    self.used[rule.name] = self.used.get(rule.name, 0) + 1
                    return new
                self.rejected[rule.name] = self.rejected.get(rule.name, 0) + 1
        return None


def folded(roots: Iterable[Expr]) -> list[Expr]:
    """The roots in their printed form, by all rules."""
    from gradiens.equations.folding.derivatives import derivative_rules
    from gradiens.equations.folding.residuals import spelled_out
    from gradiens.equations.folding.rules import all_rules
    from gradiens.equations.folding.tidy import tidied

    done = Folder(all_rules()).fold(tidied(list(roots), folded=False))
    while (again := tidied(spelled_out(done))) != done:
        done = Folder(all_rules()).fold(again)
    more = derivative_rules(done, all_rules())
    return Folder([*all_rules(), *more]).fold(done) if more else done
