"""Equal layers one above the other: which parts of a tree are the same in each, and their names, x^{[l]}, Q^{[l]}, u^{[l]}.

A layer is what is made with the parameters that carry its number. Layer l+1 is compared with layer l node by node: it is the
same tree over `W^{[l+1]}` and the value x^{[l]} of the layer below, where layer l has `W^{[l]}` and x^{[l-1]}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gradiens.equations.printing.naming import Names, parts_of
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, symbol, walk

_MARK = re.compile(r"(?P<base>.*)\^\{\[(?P<layer>\d+)\]\}$")
_FEWEST = 3  # layers that are worth a block
_LETTERS = "uvzhgwcdfyUZHGFEYD"  # the others are for indices
_ROLES = {"q": "Q", "k": "K", "v": "V"}


@dataclass(eq=False)
class Pairing:
    """Layer l and layer l+1, node by node; `entry` is what layer l has where layer l+1 has the value of layer l."""

    below: Expr
    entry: Expr | None = None
    twins: dict[Expr, Expr] = field(default_factory=dict)
    differ: set[tuple[Expr, Expr]] = field(default_factory=set)

    def same(self, one: Expr, other: Expr) -> bool:
        """Is `other` in layer l+1 what `one` is in layer l?"""
        if self.twins.get(one) is other:
            return True
        if other is self.below:
            self.entry = self.entry or one
            return self.entry is one
        if one in self.twins or (one, other) in self.differ or (one.shape, one.kind) != (other.shape, other.kind):
            return False
        if one is other:
            return True
        alike = _shifted(one, other) if isinstance(one, Symbol) else self._applied(one, other)
        if alike:
            self.twins[one] = other
        else:
            self.differ.add((one, other))
        return alike

    def _applied(self, one: Expr, other: Expr) -> bool:
        if not (isinstance(one, Apply) and isinstance(other, Apply)) or (one.op, one.params) != (
            other.op,
            other.params,
        ):
            return False
        return len(one.operands) == len(other.operands) and all(map(self.same, one.operands, other.operands))


def _shifted(one: Symbol, other: Expr) -> bool:
    """W^{[l+1]} for W^{[l]}."""
    left, right = _MARK.match(one.name), _MARK.match(other.name) if isinstance(other, Symbol) else None
    if left is None or right is None:
        return False
    return left["base"] == right["base"] and int(right["layer"]) == int(left["layer"]) + 1


@dataclass
class Stack:
    """The values of the layers, what goes into the first, and the parts of the first with their twins above."""

    entry: Expr
    values: list[Expr]
    twins: list[dict[Expr, Expr]]
    first: int

    def above(self, part: Expr) -> Iterator[tuple[int, Expr]]:
        """A part of the first layer and its twins, with the numbers of their layers."""
        yield self.first, part
        for place, pairs in enumerate(self.twins, start=1):
            part = pairs[part]
            yield self.first + place, part


def stack_of(roots: Sequence[Expr]) -> Stack | None:
    """The longest run of equal layers that each go on from the value of the one below."""
    levels = _levels(roots)
    top = max(levels.values(), default=0)
    if top < _FEWEST:
        return None
    values = _values(roots, levels, top)
    runs: list[Stack] = []
    for layer in range(1, top):
        one = values.get(layer)
        found = _paired(one, [values.get(layer + 1), *_candidates(one, levels, layer + 1)]) if one is not None else None
        if one is None or found is None:
            continue
        above, pairs = found
        if runs and runs[-1].values[-1] is one and pairs.entry is runs[-1].values[-2]:
            runs[-1].values.append(above)
            runs[-1].twins.append(pairs.twins)
        elif pairs.entry is not None:
            runs.append(Stack(pairs.entry, [one, above], [pairs.twins], layer))
    longest = max(runs, key=lambda run: len(run.values), default=None)
    return longest if longest is not None and len(longest.values) >= _FEWEST else None


def _levels(roots: Sequence[Expr]) -> dict[Expr, int]:
    """The highest layer that a node is made of."""
    levels: dict[Expr, int] = {}
    for expr in walk(*roots):
        mark = _MARK.match(expr.name) if isinstance(expr, Symbol) else None
        levels[expr] = int(mark["layer"]) if mark else max((levels[arg] for arg in expr.args), default=0)
    return levels


def _values(roots: Sequence[Expr], levels: dict[Expr, int], top: int) -> dict[int, Expr]:
    """For each layer the one node through which the layers above use it."""
    order = {expr: place for place, expr in enumerate(walk(*roots))}
    used: dict[int, set[Expr]] = {layer: set() for layer in range(1, top + 1)}
    for expr in order:
        for arg in expr.args:
            if 0 < levels[arg] < levels[expr] and isinstance(arg, Apply):
                used[levels[arg]].add(arg)
    found: dict[int, Expr] = {}
    for layer, nodes in used.items():
        while len(nodes) > 1:  # below the last one there are its operands
            last = max(nodes, key=lambda expr: order[expr])
            nodes.remove(last)
            nodes.update(arg for arg in last.args if levels[arg] == layer and isinstance(arg, Apply))
        if nodes:
            found[layer] = nodes.pop()
    return found


def _candidates(one: Expr | None, levels: dict[Expr, int], layer: int) -> list[Expr]:
    """Nodes of a layer that could be its value: below the last one there may be more, as y = V x^{[L]}."""
    if not isinstance(one, Apply):
        return []
    found = [
        expr for expr, level in levels.items() if level == layer and is_op(expr, one.op) and expr.shape == one.shape
    ]
    return found[::-1]


def _paired(one: Expr, options: Sequence[Expr | None]) -> tuple[Expr, Pairing] | None:
    for other in options:
        pairs = Pairing(one)
        if other is not None and pairs.same(one, other) and pairs.entry is not None:
            return other, pairs
    return None


def name_stack(names: Names, roots: Sequence[Expr]) -> None:
    """x^{[l]} for the value of each of a run of equal layers, and names for the parts that a layer is written in."""
    stack = stack_of(roots)
    if stack is None:
        return
    name = _entry_name(names, stack)
    if name is None:
        return
    for layer, value in enumerate(stack.values, start=stack.first):
        names.give(value, f"{name}^{{[{layer}]}}")
    names.of[stack.entry] = symbol(f"{name}^{{[{stack.first - 1}]}}", stack.entry.shape, stack.entry.kind, "result")
    letters = (letter for letter in _LETTERS if not any(letter == re.sub(r"\W.*|_.*", "", one) for one in names.taken))
    for part in [*_projections(stack), *parts_of([stack.values[0]], names.of)]:
        if part in names.of or not all(part in pairs for pairs in stack.twins[:1]):
            continue
        letter = _role(part, names) or next(letters, None)
        for layer, twin in stack.above(part) if letter else ():
            names.give(twin, f"{letter}^{{[{layer}]}}")


def _entry_name(names: Names, stack: Stack) -> str | None:
    """The letter of what goes into the first layer, if it has one, else x or h."""
    held = stack.entry if isinstance(stack.entry, Symbol) else names.of.get(stack.entry)
    if held is not None and (_MARK.match(held.name) or held.role == "output"):
        return None
    own = held.name if held is not None and len(held.name) == 1 else "x"
    options = [letter for letter in (own, "h", "u") if f"{letter}^{{[1]}}" not in names.taken]
    return options[0] if options else None


def _projections(stack: Stack) -> list[Expr]:
    """Queries, keys and values: products with W_q, W_k, W_v, as they are used."""
    order = list(walk(stack.values[0]))
    users: dict[Expr, list[Expr]] = {}
    for expr in order:
        for arg in expr.args:
            users.setdefault(arg, []).append(expr)
    found: list[Expr] = []
    if not {"q", "k", "v"} <= {_letter_of(expr) for expr in order}:
        return []
    for expr in order:
        if expr in stack.twins[0] and _letter_of(expr):
            while is_op(users[expr][0], "reshape", "transpose") and len(users[expr]) == 1:
                expr = users[expr][0]
            found.append(expr)
    return found


def _letter_of(expr: Expr) -> str | None:
    """q, k or v for a product with W_q, W_k or W_v."""
    for arg in expr.args if is_op(expr, "matmul") else ():
        inside = arg.args[0] if is_op(arg, "transpose") else arg
        mark = re.match(r"W_\{([qkv])\}\^", inside.name) if isinstance(inside, Symbol) else None
        if mark:
            return mark[1]
    return None


def _role(part: Expr, names: Names) -> str | None:
    """Q, K, V, and A for the weights of attention, where the letter is free."""
    while is_op(part, "reshape", "transpose"):
        part = part.args[0]
    letter = "A" if is_op(part, "softmax") else _ROLES.get(_letter_of(part) or "")
    return letter if letter and not {letter, f"{letter}^{{[1]}}"} & names.taken else None
