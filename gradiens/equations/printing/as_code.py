"""Code notation: every line as a line of Python that runs, y_hat = softmax(W2 @ relu(W1 @ x + b1) + b2).

Functions come from JAX (`imports`); what JAX has no short name for is `run("op", …)`, the entry of the table of operations.
A name with a time or a layer that a block counts is a dictionary: h[t], W[l].
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from gradiens.equations.printing.blocks import Block, each
from gradiens.equations.printing.naming import Line
from gradiens.equations.text.letters import GREEK
from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, is_op, walk
from gradiens.equations.tree.operations import TABLE

_FROM = {
    "jax.nn": ("elu", "gelu", "leaky_relu", "one_hot", "relu", "sigmoid", "silu", "softmax", "softplus"),
    "jax.scipy.special": ("digamma", "erf", "erfc", "gammaln", "logsumexp"),
    "gradiens.equations.printing.as_code": ("run",),
}

_WORDS = {letter: word for word, letter in GREEK.items() if word != "eps"} | {
    "\u0302": "_hat", "\u0303": "_tilde", "\u0304": "_bar", "∂": "d", "ℓ": "ell",
}  # fmt: skip
_MARK = re.compile(r"\[(?P<layer>[^\W\d_])(?P<shift>[+-]\d+)?\]|⟨(?P<time>[^⟨⟩]*)⟩")
_LAYER = re.compile(r"\^\{\[(\d+)\]\}")
_RESERVED = {"jax", "jnp", "range", *(name for names in _FROM.values() for name in names)}
OR, COMPARE, SUM, TERM, SIGN, POWER, CALL = range(7)  # how tightly Python binds, loosest first

Said = tuple[str, int]


def run(op: str, *args: Any, **params: Any) -> Any:
    """An operation of the table on JAX arrays."""
    import jax.numpy as jnp

    return TABLE[op].run(jnp, *args, **params)


def identifier(name: str) -> str:
    """A name on paper as a name in Python: W^{[1]} is W1, W_{q}^{[2]} W_q2, ŷ y_hat, θ' theta_new, ∂C/∂b dC_db."""
    name = re.sub(r"\(.*\)$", "", name)
    if re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        return name + "_" if keyword.iskeyword(name) else name
    below = re.search(r"_\{([^{}]*)\}|_([^{}])", name)
    above = re.search(r"\^\{([^{}]*)\}|\^([^{}])", name)
    base = re.sub(r"[_^](\{[^{}]*\}|[^{}])", "", name)
    text = "".join(_WORDS.get(char, char) for char in unicodedata.normalize("NFD", base.replace("/", "_")))
    text = text.replace("'", "_new")
    for found in (below, above):
        part = (
            re.sub(r"\W+", "_", "".join(_WORDS.get(c, c) for c in (found[1] or found[2]))).strip("_") if found else ""
        )
        text += f"_{part}" if part and not part.isdigit() else part
    text = re.sub(r"\W", "_", text)
    return text + "_" if keyword.iskeyword(text) or not text[:1].isidentifier() else text


def imports(code: Iterable[str]) -> list[str]:
    """The import lines that some code needs."""
    words = set(re.findall(r"\w+", " ".join(code)))
    lines = ["import jax.numpy as jnp"] if "jnp" in words else []
    for module, names in _FROM.items():
        used = [name for name in names if name in words]
        lines += [f"from {module} import {', '.join(used)}"] if used else []
    return lines


def plain(name: str) -> str:
    """The name without its time and without its layer."""
    return _LAYER.sub("", _MARK.sub("", name).replace("^{}", ""))


def namespace(coder: Coder, values: Mapping[Symbol, Any]) -> dict[str, Any]:
    """What the code starts from: the imports, and the values of the inputs by their names in Python."""
    modules = {module: import_module(module) for module in _FROM}
    space: dict[str, Any] = {name: getattr(modules[module], name) for module, names in _FROM.items() for name in names}
    space["jnp"] = import_module("jax.numpy")
    for one, value in values.items():
        layer = _LAYER.search(one.name)
        if layer is not None and coder.is_counted(one.name):
            space.setdefault(coder.identifier(plain(one.name)), {})[int(layer[1])] = value
        else:
            space[coder.identifier(one.name)] = value
    return space


class Coder:
    """Writes trees as Python. The blocks among the lines say which names are dictionaries by time or layer."""

    def __init__(self, lines: Sequence[Line | Block], inputs: Iterable[Symbol] = ()):
        used = [one.name for line in each(lines) for one in (line.symbol, *walk(line.expr)) if isinstance(one, Symbol)]
        self.counted = {plain(name) for name in used if _MARK.search(name)}
        self.timed = {plain(line.name) for line in each(lines) if "⟨" in line.name}
        self.block_of = {plain(line.name): one for one in lines if isinstance(one, Block) for line in each(one.lines)}
        self.names: dict[str, str] = {}
        for name in (*(one.name for one in inputs), *used):
            self.identifier(plain(name) if self.is_counted(name) else name)
        self.made: set[str] = set()

    def identifier(self, name: str) -> str:
        """The name in Python, another one for every name on paper."""
        if name not in self.names:
            found = identifier(name)
            while found in self.names.values() or found in _RESERVED:
                found += "_"
            self.names[name] = found
        return self.names[name]

    def is_counted(self, name: str) -> bool:
        """Does a block count the layer or the time of the name?"""
        return plain(name) in self.counted and plain(name) != name

    def page(self, lines: Iterable[Line | Block]) -> list[tuple[Line | Block, list[str]]]:
        """The code of each line, and of each block."""
        self.made = set()
        return [(one, list(self.block(one) if isinstance(one, Block) else self.line(one))) for one in lines]

    def line(self, line: Line) -> Iterator[str]:
        """`name = expression`; the first entry of a dictionary makes it."""
        left, right = self.name(line.name), self.said(line.expr)[0]
        base, _, at = left.partition("[")
        first = at and base not in self.made
        self.made.add(base)
        yield f"{base} = {{{at[:-1]}: {right}}}" if first else f"{left} = {right}"

    def block(self, block: Block) -> Iterator[str]:
        """A loop over the values of the index; what it fills begins empty."""
        names = [line.name for line in each(block.lines) if not line.name.startswith("·")]  # not a condition
        for base in dict.fromkeys(self.name(name).partition("[")[0] for name in names):
            if base not in self.made:
                self.made.add(base)
                yield f"{base} = {{}}"
        if block.last is None:
            assert block.condition is not None
            yield f"{block.index} = {block.first}"
            yield f"while {self.said(block.condition.expr)[0]}:"
        else:
            step = 1 if block.last >= block.first else -1
            yield f"for {block.index} in range({block.first}, {block.last + step}{', -1' if step < 0 else ''}):"
        for one in block.lines:
            yield from (f"    {text}" for text in (self.block(one) if isinstance(one, Block) else self.line(one)))
        if block.last is None:
            yield f"    {block.index} += 1"

    def name(self, name: str) -> str:
        """A name; h[t-1] for h⟨t-1⟩, x[t - 1] for row t of a given sequence x, W[l] for W^{[l]}."""
        mark, layer = _MARK.search(name), _LAYER.search(name)
        if mark is None and layer is not None and self.is_counted(name):
            return f"{self.identifier(plain(name))}[{layer[1]}]"
        if mark is None:
            return self._whole(name)
        base = self.identifier(plain(name))
        if mark["layer"]:
            return f"{base}[{mark['layer']}{mark['shift'] or ''}]"
        at = mark["time"]
        if at == "∞":
            return f"{base}[{self.block_of[plain(name)].index} - 1]"
        return f"{base}[{at}]" if plain(name) in self.timed else f"{base}[{at} - 1]"

    def _whole(self, name: str) -> str:
        block = self.block_of.get(name)
        if name not in self.timed or block is None or block.last is None:
            return self.identifier(name)
        low, high = sorted((block.first, block.last))
        return f"jnp.stack([{self.identifier(name)}[{block.index}] for {block.index} in range({low}, {high + 1})])"

    def said(self, expr: Expr) -> Said:
        """The code of a tree and how tightly it binds."""
        if isinstance(expr, Symbol):
            return self.name(expr.name), CALL
        if isinstance(expr, Number):
            return _number(expr.value)
        assert isinstance(expr, Apply)
        from gradiens.equations.printing.code_of import CODE

        make = CODE.get(expr.op)
        return make(self, expr) if make is not None else (self.by_table(expr), CALL)

    def at(self, expr: Expr, level: int) -> str:
        """The code of a tree, in brackets unless it binds as tightly as `level`."""
        text, own = self.said(expr)
        return text if own >= level else f"({text})"

    def part(self, arg: Expr, of: Apply, level: int) -> str:
        """An operand of an entrywise operation: what only repeats is left to be repeated beside a whole array."""
        beside = any(other.shape == of.shape and not is_op(other, "fill", "spread") for other in of.operands)
        if beside and is_op(arg, "fill"):
            return self.at(arg.args[0], level)
        if beside and isinstance(arg, Apply) and arg.op == "spread":
            return self.stretched(arg)
        return self.at(arg, level)

    def stretched(self, expr: Apply) -> str:
        """An array with new axes of one: b[:, None]."""
        axes = expr.param("axes")
        at = ", ".join(":" if axis in axes else "None" for axis in range(len(expr.shape)))
        return f"{self.at(expr.args[0], CALL)}[{at}]"

    def by_table(self, expr: Apply) -> str:
        """`run("cumsum", x, axis=0)`."""
        settings = [f"{name}={value!r}" for name, value in expr.params]
        return f"run({', '.join([repr(expr.op), *(self.at(arg, COMPARE) for arg in expr.operands), *settings])})"


Make = Callable[[Coder, Apply], Said]


def _number(value: Any) -> Said:
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        text = {"inf": "jnp.inf", "-inf": "-jnp.inf"}.get(str(value), "jnp.nan")
        return text, SIGN if text[0] == "-" else CALL
    if isinstance(value, bool | complex):
        return repr(value), CALL
    return repr(value), SIGN if value < 0 else CALL
