"""Trees to lines: which parts of a tree get a name and a line of their own.

Named are: what the program tags (`a[1]`), the prediction ŷ, the affine z^{[l]} and the activation a^{[l]} of a layer,
the error δ^{[l]} that a gradient is made of, and whatever large part is used more than once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradiens.equations.tree.expression import Apply, Expr, Number, Role, Symbol, is_op, node, substitute, symbol, walk

if TYPE_CHECKING:
    from gradiens.equations.printing.blocks import Block
    from gradiens.equations.printing.loops import Loop

_ACTIVATIONS = ("relu", "leaky_relu", "elu", "softplus", "gelu", "silu", "σ", "tanh")
_SHAPES = ("fill", "reshape", "spread", "as_real")
_WORTH = 5  # a repeated part gets a name when that saves writing at least so many nodes
_LONG = 90  # characters of a line
_NAMED = 12  # characters of a part that is worth a name to shorten a line


@dataclass(frozen=True)
class Line:
    """`name = expr`; `symbol` stands for the value in the lines that follow."""

    symbol: Symbol
    expr: Expr

    @property
    def name(self) -> str:
        """What stands on the left."""
        return self.symbol.name


class Names:
    """Names for parts of trees, given in the order of importance: the first one stays."""

    def __init__(self, taken: Iterable[str]):
        self.of: dict[Expr, Symbol] = {}
        self.taken = set(taken)
        self.loops: dict[Expr, Loop] = {}  # the loop that a value comes from

    def give(self, expr: Expr, name: str, role: Role = "result") -> None:
        """Call `expr` by `name`, unless it has a name, is a leaf, or the name is taken."""
        constant = is_op(expr, "fill") and (expr.size > 1 or isinstance(expr.args[0], Symbol | Number))
        if isinstance(expr, Symbol | Number) or constant or expr in self.of or name in self.taken:
            return
        self.taken.add(name)
        self.of[expr] = symbol(name, expr.shape, expr.kind, role)


def tagged(name: str) -> str:
    """The tag `a[1]` as a name: a^{[1]}."""
    return re.sub(r"\[([^\]]*)\]$", r"^{[\1]}", name)


def layer_of(expr: Expr) -> str | None:
    """The mark of the layer (`^{[2]}`, or "") of an affine map W^{[2]} a + b^{[2]}."""
    if is_op(expr, "add") and any(is_op(arg, "matmul") for arg in expr.args):
        expr = next(arg for arg in expr.args if is_op(arg, "matmul"))
    if is_op(expr, "matmul") and isinstance(expr.args[0], Symbol) and expr.args[0].name.startswith("W"):
        return expr.args[0].name[1:]
    return None


def name_layers(names: Names, roots: Sequence[Expr]) -> None:
    """a^{[l]} for the activation of a hidden layer, z^{[l]} for an affine map that is used more than once."""
    order = list(walk(*roots))
    for expr in order:
        if is_op(expr, *_ACTIVATIONS) and expr not in roots:
            mark = layer_of(expr.args[0])
            if mark:
                names.give(expr, f"a{mark}")
    uses = count_uses(roots, names.of)
    for expr in sorted(order, key=lambda one: not is_op(one, "add")):  # W a + b before W a
        mark = layer_of(expr)
        if mark is not None and uses.get(expr, 0) > 1:
            names.give(expr, f"z{mark}")


def name_prediction(names: Names, raw: Expr, roots: Sequence[Expr]) -> None:
    """ŷ for the softmax or σ of what the model returns; for that itself when there is neither."""
    for expr in walk(*roots):
        if is_op(expr, "softmax", "σ") and _is_raw(expr.args[0], raw):
            return names.give(expr, "ŷ")
    names.give(raw, "ŷ")


def _is_raw(expr: Expr, raw: Expr) -> bool:
    from gradiens.equations.tree.operations import apply

    alike = {raw, apply("reshape", raw, shape=())} if raw.size == 1 else {raw}
    return expr in alike or (is_op(expr, "reshape") and expr.args[0] is raw)


def name_errors(names: Names, gradients: dict[str, Expr]) -> None:
    """δ^{[l]} for the gradient with respect to b^{[l]}, or for the left factor of the one with respect to W^{[l]}."""
    for name, expr in gradients.items():
        if name.startswith("b"):
            names.give(expr, f"δ{name[1:]}")
    for name, expr in gradients.items():
        if name.startswith("W") and is_op(expr, "outer"):
            names.give(expr.args[0], f"δ{name[1:]}")


def name_corrected(names: Names, roots: Sequence[Expr]) -> None:
    """v̂ for v' divided by a number: the running mean with its bias corrected."""
    for expr in walk(*roots):
        if is_op(expr, "div") and expr.args[0] in names.of and not expr.args[1].shape:
            held = names.of[expr.args[0]].name
            if held.endswith("'") and held != "θ'" and not isinstance(expr.args[1], Number | Symbol):
                names.give(expr, unicodedata.normalize("NFC", held[:-1] + "\u0302"))


def name_draws(names: Names, roots: Sequence[Expr]) -> None:
    """m for the mask of a dropout: truth values that are drawn; m_1, m_2 … for several."""
    drawn = [expr for expr in walk(*roots) if is_op(expr, "random") and expr.kind == "truth" and expr not in roots]
    for place, expr in enumerate(drawn, start=1):
        names.give(expr, f"m_{{{place}}}" if len(drawn) > 1 else "m")


def name_parts(names: Names, roots: Sequence[Expr]) -> None:
    """u_1, u_2 … for large parts that are used more than once, and for parts of what would be too long for a line."""
    new = parts_of(roots, names.of)
    for place, expr in enumerate(new, start=1):
        names.give(expr, f"u_{{{place}}}" if len(new) > 1 else "u")


def parts_of(roots: Sequence[Expr], named: dict[Expr, Symbol]) -> list[Expr]:
    """The parts without a name that need one, those that are used by others first."""
    found: dict[Expr, Symbol] = dict(named)
    uses = count_uses(roots, found)
    for expr in reversed(list(walk(*roots))):  # the largest first: what is inside is then written once less
        plain = not isinstance(expr, Apply) or is_op(expr, *_SHAPES)
        size = 0 if plain or expr in found or uses[expr] < 2 else weight(expr, found)
        if size > 2 and (uses[expr] - 1) * size >= _WORTH:
            found[expr] = symbol("u", expr.shape, expr.kind)
            uses = count_uses(roots, found)
    found.update((expr, symbol("u", expr.shape, expr.kind)) for expr in too_long(roots, found))
    return [expr for expr in walk(*roots) if expr in found and expr not in named]


def too_long(roots: Sequence[Expr], cuts: dict[Expr, Symbol]) -> list[Expr]:
    """Parts to name so that no line grows too long: where one does, its largest operands."""
    size: dict[Expr, int] = {}
    cut: list[Expr] = []
    for expr in walk(*roots):
        total = _breadth(expr) + sum(size[arg] for arg in expr.args)
        most = 2 * _LONG if is_op(expr, "add", "sub") else _LONG  # a sum can be broken
        for arg in sorted(dict.fromkeys(expr.args), key=lambda arg: -size[arg]):
            if total > most and size[arg] > _NAMED:
                cut.append(_inside(arg))
                total -= (size[arg] - 4) * expr.args.count(arg)
                size[arg] = 4
        size[expr] = 4 if expr in cuts else total
    return cut


def _inside(expr: Expr) -> Expr:
    """What is worth a name: not an array that only repeats another."""
    while is_op(expr, "spread", "fill", "as_real", "neg") and isinstance(expr.args[0], Apply):
        expr = expr.args[0]
    return expr


def _breadth(expr: Expr) -> int:
    """About how many characters a node adds to what its operands take."""
    if isinstance(expr, Symbol):
        return len(re.sub(r"[_^{}]|(?<=\[)\d+", "", expr.name)) + 1  # in layer 9 as in layer 10
    if isinstance(expr, Number):
        return min(len(repr(expr.value)), 6)
    if is_op(expr, "reshape", "fill", "as_real", "neg", "transpose", "matmul", "outer"):
        squeezed = len(expr.shape) < 3
        return 3 if squeezed else 14
    known = {"where": 20, "einsum": 14, "sum": 6, "spread": 3, "exp": 4, "div": 5}
    return known.get(expr.op, 3 if len(expr.args) > 1 else len(expr.op) + 2)  # pyright: ignore[reportAttributeAccessIssue]


def count_uses(roots: Sequence[Expr], cuts: dict[Expr, Symbol]) -> dict[Expr, int]:
    """How often each node is written when the nodes in `cuts` have lines of their own."""
    order = list(walk(*roots))
    uses = dict.fromkeys(order, 0)
    for root in roots:
        uses[root] += 1
    for expr in reversed(order):
        times = 1 if expr in cuts else uses[expr]
        for arg in expr.args:
            uses[arg] = min(uses[arg] + times, 1_000_000)
    return uses


def weight(expr: Expr, cuts: dict[Expr, Symbol]) -> int:
    """The number of nodes that would be written for `expr`, up to a bound."""
    total, stack = 0, list(expr.args)
    while stack and total < _WORTH:
        arg = stack.pop()
        if is_op(arg, "reshape", "fill", "as_real"):
            stack.extend(arg.args)
            continue
        total += 1
        if arg not in cuts:
            stack.extend(arg.args)
    return total + 1


def lines(names: Names, outputs: Sequence[tuple[Symbol, Expr]]) -> list[Line | Block]:
    """For each output in turn: a line for each named part that it needs, operands first, then its own."""
    from gradiens.equations.printing.loops import written

    made: dict[Any, Line | Block] = {}
    for left, root in outputs:
        for expr in walk(root):
            held, loop = names.of.get(expr), names.loops.get(expr)
            if loop is not None and loop not in made:
                made.update({one.symbol if isinstance(one, Line) else loop: one for one in written(loop)})
            elif loop is None and held is not None and held not in made:
                made[held] = Line(held, _body(expr, names.of))
        if left not in made:
            made[left] = Line(left, substitute(root, dict(names.of)))
    return list(made.values())


def _body(expr: Expr, named: dict[Expr, Symbol]) -> Expr:
    if not isinstance(expr, Apply):  # what goes into the first of many layers, x^{[0]} = x
        return expr
    args = [substitute(arg, dict(named)) for arg in expr.operands]
    return node(expr.op, args, expr.params, expr.shape, expr.kind)
