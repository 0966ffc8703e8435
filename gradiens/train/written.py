"""Models written as equations: `ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)` as a module like any other.

The text is elaborated when the sizes of the data are known. Undeclared symbols are parameters, each starts by its role
(`train.starts`).

Book: 5.1, 5.5.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

from gradiens.core.cost import raw as marked
from gradiens.core.module import Module
from gradiens.equations.meaning.agreement import said
from gradiens.equations.meaning.elaborate import Written, elaborate
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.stable import stable
from gradiens.equations.text import syntax as s
from gradiens.equations.text.parse import parse
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, number, walk
from gradiens.equations.tree.operations import apply, evaluate
from gradiens.equations.tree.verify import positive
from gradiens.train.starts import Start, starts

_OUTPUT, COST = "ŷ", "C"


@dataclass(frozen=True, eq=False)
class Program:
    """A text with all its sizes: its symbols, its definitions in order, and what is computed of them."""

    written: Written
    x: Symbol
    y: Symbol | None
    starts: tuple[Start, ...]  # of the parameters
    lines: tuple[tuple[str, Expr], ...]
    prediction: Expr
    raw: Expr  # what the link of the task makes the prediction of
    cost: Expr | None


@functools.lru_cache(maxsize=64)
def program(text: str, shape: tuple[int, ...], outputs: int, task: str = "number") -> Program:
    """The program of `text` for inputs of `shape` and `outputs` numbers to predict (classes, or 1)."""
    return finished(elaborate(text, True, shapes={"x": shape, "X": shape}), outputs, task)


def finished(written: Written, outputs: int, task: str) -> Program:
    """The program of a text that was read, for `outputs` numbers to predict."""
    name = prediction_of(written)
    pair = task == "binary" and _is_softmax(written, name)  # the probabilities of both classes
    outputs = 2 if pair else outputs
    _fits(written, name, outputs)
    _target(written, outputs, task)
    prediction, cost = written.tree(written.lines[name]), _cost(written)
    lines = tuple((key, written.tree(one)) for key, one in written.lines.items() if key not in (name, COST))
    roots = [prediction] if cost is None else [prediction, cost]
    symbols = {expr.name: expr for expr in walk(*roots) if isinstance(expr, Symbol)}
    inputs = [symbols[key] for key in ("x", "X") if key in symbols]
    if len(inputs) != 1:
        got = "none" if not inputs else "both x and X"
        written.scope.fail(_whole(written.text), "an equation in the input x", got, "write ŷ = W x + b")
    parameters = [one for one in symbols.values() if one.role == "parameter"]
    _are_trained(written, parameters, prediction)
    raw, *costs = stable([_raw(written, name, prediction, task), *roots[1:]])
    y = symbols.get("y") or symbols.get("Y")
    told = tuple(starts(parameters, roots))
    return Program(written, inputs[0], y, told, lines, prediction, raw, costs[0] if costs else None)


def _whole(text: str) -> s.Place:
    return s.Place(0, len(text))


def prediction_of(written: Written) -> str:
    """The name of the line that is the prediction: ŷ, or the last one."""
    name = _OUTPUT if _OUTPUT in written else next((key for key in reversed(written.lines) if key != COST), "")
    if not name:
        written.scope.fail(_whole(written.text), "a line ŷ = … for the prediction", "none", "write ŷ = W x + b")
    return name


def _is_softmax(written: Written, name: str) -> bool:
    """Is the right side of the line `name` a softmax?"""
    lines = [line for line in parse(written.text) if isinstance(line, s.Equation)]
    rights = [line.right for line in lines if written.scope.key(line.left) == name]
    return any(isinstance(right, s.Call) and written.scope.key(right.head) == "softmax" for right in rights)


def _fits(written: Written, name: str, outputs: int) -> None:
    """The prediction has as many numbers as the target asks for."""
    scope, term = written.scope, written.lines[name]
    if len(term.shape) > 1 or (not term.shape and outputs > 1):
        scope.fail(term.at, f"a prediction of {outputs} numbers", f"{name} ∈ {said(term.shape)}", "make it a vector")
    why = f"{outputs} classes of the target" if outputs > 1 else "one number to predict"
    for size in term.shape:
        scope.equal(size, Size(outputs, why=why), term.at, f"the prediction {name}")


def _are_trained(written: Written, parameters: Sequence[Symbol], prediction: Expr) -> None:
    """What only the cost has is no parameter: descent would lower the cost by it and change no prediction."""
    used = set(walk(prediction))
    for one in parameters:
        if one not in used:
            at = written.scope.meant[one.name].at
            written.scope.fail(
                at, f"a value of {one.name}, which only the cost has", "none", f"write {one.name} = 0.01"
            )


def _target(written: Written, outputs: int, task: str) -> None:
    """y is the number of the class, a unit vector if it is used as a vector, or a number."""
    meant = written.scope.meant.get("y") or written.scope.meant.get("Y")
    if meant is None:
        return
    meant.shape = meant.shape or ()
    meant.kind = meant.kind or ("integer" if task == "classes" and not meant.shape else "real")
    for size in meant.shape:
        written.scope.equal(size, Size(outputs, why=f"{outputs} classes of the target"), meant.at, "the target y")


def _cost(written: Written) -> Expr | None:
    if COST not in written:
        return None
    term = written[COST]
    if any(size.known != 1 for size in term.shape):
        got = f"C ∈ {said(term.shape)}"
        written.scope.fail(term.at, "a cost C that is one number", got, "sum its entries: Σ_i")
    tree = written.tree(term)
    return apply("reshape", tree, shape=()) if tree.shape else tree


def _raw(written: Written, name: str, prediction: Expr, task: str) -> Expr:
    """z of ŷ = softmax(z), of ŷ = σ(z); the logarithm of a prediction that is made in another way; a number itself."""
    at, one = written.lines[name].at, prediction if prediction.shape else apply("reshape", prediction, shape=(1,))
    if one.shape == (1,) and is_op(prediction, "softmax"):
        written.scope.fail(at, "a softmax of several numbers", "one, of which it is always 1", f"write {name} = σ(…)")
    link = {"classes": "softmax", "binary": "σ"}.get(task)
    if link is None:
        return one
    if not positive(prediction):
        got = f"{name}, which can be negative"
        written.scope.fail(at, "a prediction of probabilities", got, f"write {name} = {link}(…)")
    inside = prediction.args[0] if is_op(prediction, "softmax", "σ") else None
    if task == "classes":
        return inside if inside is not None and is_op(prediction, "softmax") else apply("log", prediction)
    if one.shape == (2,):  # softmax of two numbers is σ of their difference
        assert inside is not None
        gap = apply("sub", *(apply("index", inside, number(place)) for place in (1, 0)))
        return apply("reshape", gap, shape=(1,))
    if inside is not None:
        return inside if inside.shape else apply("reshape", inside, shape=(1,))
    return apply("sub", apply("log", one), apply("log", apply("sub", 1, one)))


class WrittenModel(Module):
    """A model of one example, written as equations.

    Book: 5.1.
    """

    parameters: dict[str, Array]
    text: str = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)
    outputs: int = eqx.field(static=True, default=1)
    task: str = eqx.field(static=True, default="number")

    @classmethod
    def make(
        cls, text: str, shape: tuple[int, ...], key: Array, outputs: int = 1, task: str = "number"
    ) -> WrittenModel:
        """The model of `text` for inputs of `shape`, its parameters at their start."""
        read = program(text, tuple(shape), outputs, task)
        keys = jax.random.split(key, max(len(read.starts), 1))
        drawn = {one.symbol.name: one.draw(k) for one, k in zip(read.starts, keys)}
        return cls(drawn, text, tuple(shape), outputs, task)

    @property
    def program(self) -> Program:
        """The text, read for these sizes."""
        return program(self.text, self.shape, self.outputs, self.task)

    @property
    def has_cost(self) -> bool:
        """Does the text say what the cost of one example is?"""
        return self.program.cost is not None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape that the text gives x."""
        return self.program.x.shape

    @property
    def letters(self) -> tuple[str, str]:
        """What the text calls the input and the target."""
        read = self.program
        return read.x.name, read.y.name if read.y is not None else "y"

    def __call__(self, x: Array, key: Array | None = None) -> Float[Array, " K"]:
        """What the task's link makes the prediction of: the z of ŷ = softmax(z), of ŷ = σ(z), or ŷ itself."""
        return self._run(self.program.raw, x, None)

    def predict(self, x: Array) -> Array:
        """ŷ."""
        return self._run(self.program.prediction, x, None)

    def cost(self, x: Array, y: Array) -> Float[Array, ""]:
        """C of one example."""
        found = self.program.cost
        assert found is not None
        return self._run(found, x, y)

    def _run(self, root: Expr, x: Array, y: Array | None) -> Array:
        return run(self.program, root, self.parameters, x, y)


def run(read: Program, root: Expr, parameters: dict[str, Array], x: Array, y: Array | None = None) -> Array:
    """The value of `root`, one of the trees of `read`. The definitions of the text keep their names for the printer."""
    dtype = next((array.dtype for array in parameters.values()), jnp.result_type(float))
    env: dict[Expr, Any] = {start.symbol: parameters[start.symbol.name] for start in read.starts}
    env[read.x] = jnp.reshape(jnp.asarray(x), read.x.shape)
    if y is not None and read.y is not None:
        code = read.y.shape and not jnp.ndim(y)
        env[read.y] = jax.nn.one_hot(y, read.y.shape[0], dtype=dtype) if code else _typed(y, read.y, dtype)
    tags: dict[Expr, str] = {expr: name for name, expr in read.lines if isinstance(expr, Apply)}
    for expr in walk(root):
        if expr in tags and expr not in env:
            env[expr] = checkpoint_name(evaluate([expr], env, jnp, dtype)[0], tags[expr])
        if expr is read.raw and root is not expr:
            env[expr] = marked(evaluate([expr], env, jnp, dtype)[0])
    return evaluate([root], env, jnp, dtype)[0]


def _typed(y: Any, symbol: Symbol, dtype: Any) -> Array:
    return jnp.asarray(y) if symbol.kind == "integer" else jnp.asarray(y, dtype)
