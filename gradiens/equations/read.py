"""Reading programs: any function, a model, its loss, its gradient, an optimizer's update, an activation."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.cost import RAW, cost_of
from gradiens.core.module import join, split
from gradiens.equations.equations import Equations
from gradiens.equations.folding.algebra import algebra
from gradiens.equations.folding.fold import Folder, folded
from gradiens.equations.folding.forms import definition
from gradiens.equations.printing import naming
from gradiens.equations.printing.loops import name_loops
from gradiens.equations.printing.naming import Names, tagged
from gradiens.equations.printing.repeat import repeated
from gradiens.equations.printing.stack import name_stack
from gradiens.equations.program.leaves import Leaves, leaves, parameters_of, spelled
from gradiens.equations.program.primitives import extended, kind_of
from gradiens.equations.program.trace import Trace, trace
from gradiens.equations.text.letters import functions, is_below
from gradiens.equations.tree.expression import Expr, Symbol, is_op, symbol
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import everything

Task = Literal["classes", "binary", "number"]


class _Read:
    """A program traced and folded: its leaves, its outputs with their paths, its tags."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], params: Sequence[str], names: dict[str, str] | None = None
    ):
        self.leaves: Leaves = leaves(args, params, names)

        def program(*values: Any) -> list[Any]:
            with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
                return jax.tree.leaves(f(*self.leaves.rebuild(values)))

        self.program = program
        self.trace = _traced(program, self.leaves)
        tags = list(self.trace.tags)
        done = folded([*self.trace.outputs, *self.trace.tags.values()])
        self.outputs = done[: len(self.trace.outputs)]
        self.tags = dict(zip(tags, done[len(self.outputs) :]))

    def names(self, outputs: Sequence[str]) -> Names:
        """No part named yet; the names of the leaves and of the outputs are taken."""
        return Names([*(one.name for one in self.leaves.symbols), *outputs])

    def tag(self, names: Names) -> None:
        """Give the tags their names."""
        for tag, expr in self.tags.items():
            if tag != RAW:
                names.give(expr, tagged(tag))

    def finish(
        self, names: Names, outputs: Sequence[str], sizes: dict[int, str] | None = None, order: Sequence[int] = ()
    ) -> Equations:
        """The equations, with the names that were given; `order` is the one in which the outputs are printed."""
        left = [names.of.get(expr) for expr in self.outputs]
        symbols = [
            held if held is not None and held.name == name else symbol(name, expr.shape, expr.kind, "output")
            for held, name, expr in zip(left, outputs, self.outputs, strict=True)
        ]
        name_loops(names, self.outputs)
        name_stack(names, self.outputs)
        naming.name_draws(names, self.outputs)
        naming.name_parts(names, self.outputs)
        pairs = list(zip(symbols, self.outputs, strict=True))
        lines = naming.lines(names, [pairs[place] for place in order] or pairs)
        return Equations(
            tuple(repeated(lines)),
            self.leaves.symbols,
            tuple(symbols),
            self.program,
            self.leaves.values,
            self.trace.constants,
            sizes or {},
        )


def _traced(program: Callable[..., Any], flat: Leaves) -> Trace:
    """The trace in double precision, so that its constants are exact; in the program's own if it refuses that."""
    try:
        with jax.enable_x64(True):
            return trace(program, [_double(value) for value in flat.values], flat.symbols)
    except (TypeError, ValueError):
        return trace(program, flat.values, flat.symbols)


def _double(value: Any) -> Any:
    """The shape of a leaf, in double precision when it is a real or complex number."""
    if isinstance(value, float):
        return jax.ShapeDtypeStruct((), jnp.float64)
    if extended(value.dtype):
        return value
    kinds = {"real": jnp.float64, "complex": jnp.complex128}
    return jax.ShapeDtypeStruct(np.shape(value), kinds.get(kind_of(value.dtype), value.dtype))


def of(
    f: Callable[..., Any], *args: Any, names: dict[str, str] | None = None, output: str | Sequence[str] | None = None
) -> Equations:
    """The equations of `f(*args)`, any JAX function of arrays and trees of arrays. `args` are examples: only their shapes
    and dtypes matter, and what is not an array or a float is taken as it is. `names` overrides the name of an argument
    or of a leaf by its path (`{"layers.0.W": "A"}`), `output` what stands on the left.
    """
    params = parameters_of(f, len(args))
    if jax.tree.leaves(f) and hasattr(f, "__dataclass_fields__"):  # a module: its leaves are symbols too
        read = _Read(lambda module, *rest: module(*rest), (f, *args), ("module", *params), names)
    else:
        read = _Read(f, args, params, names)
    title = _title(f, read.outputs)
    heads = [spelled(param) for param in params]
    base = output if isinstance(output, str) else f"{title}({', '.join(heads)})"
    count = len(read.outputs)
    listed = [] if output is None or isinstance(output, str) else list(output)
    head, paren, rest = base.partition("(")
    several = [f"{head}_{{{place + 1}}}{paren}{rest}" for place in range(count)]
    outputs = listed or ([base] if count == 1 else several)
    made = read.names([] if listed else outputs)
    for name, expr in zip(listed, read.outputs):  # a later output may be made of an earlier one
        made.give(expr, name, "output")
    read.tag(made)
    naming.name_layers(made, read.outputs)
    return read.finish(made, outputs)


def _title(f: Any, outputs: Sequence[Expr]) -> str:
    """What a function is called on the left: its name, unless that is no name of the language or an operation it uses."""
    title = spelled(str(getattr(f, "__name__", "")))
    plain = re.fullmatch(r"[^\W\d_]+(_[^\W\d_]+)*\d*|[^\W\d_]+_\{\w+\}", title)
    base, _, below = title.rpartition("_")
    used = title in functions() and any(is_op(expr, title) for expr in everything(*outputs))
    return title if plain and not used and not (base and is_below(base, below)) else "f"


def of_model(model: Any, x: Any, link: Task | Callable[[Any], Any] | None = None) -> Equations:
    """The prediction ŷ: `link` of what the model returns, or that itself. A link is a function, or a task's usual one:
    "classes" for the softmax, "binary" for σ.
    """
    usual: dict[Any, Callable[[Any], Any]] = {"classes": jax.nn.softmax, "binary": jax.nn.sigmoid}
    to = link if callable(link) else usual.get(link, lambda z: z)
    theta, rest = split(model)
    read = _Read(
        lambda theta, rest, x: to(join(theta, rest)(x)), (theta, rest, x), ("theta", "rest", _letters(model)[0])
    )
    names = read.names(["ŷ"])
    read.tag(names)
    naming.name_layers(names, read.outputs)
    outputs = ["ŷ"] if len(read.outputs) == 1 else [f"ŷ_{{{place + 1}}}" for place in range(len(read.outputs))]
    return read.finish(names, outputs)


def _letters(model: Any) -> tuple[str, str]:
    """What a model calls its input and its target, if it was written with other letters than x and y."""
    return getattr(model, "letters", ("x", "y"))


def of_loss(model: Any, loss: Callable[[Any, Any], Any], x: Any, y: Any) -> Equations:
    """The cost C of one example."""
    theta, rest = split(model)
    read = _Read(_cost(loss), (theta, rest, x, y), ("theta", "rest", *_letters(model)))
    names = read.names(["C"])
    _name_forward(read, names)
    return read.finish(names, ["C"])


def of_gradient(model: Any, loss: Callable[[Any, Any], Any], x: Any, y: Any) -> Equations:
    """The cost C of one example and its gradient, as back-propagation computes it."""
    theta, rest = split(model)
    cost = jax.value_and_grad(_cost(loss))
    read = _Read(cost, (theta, rest, x, y), ("theta", "rest", *_letters(model)))
    trained = [one.name for one in read.leaves.symbols[: len(read.outputs) - 1]]
    outputs = ["C", *(f"∂C/∂{name}" for name in trained)]
    names = read.names(outputs)
    gradients = dict(zip(trained, read.outputs[1:], strict=True))
    _name_forward(read, names)
    names.of.pop(read.outputs[0], None)
    naming.name_errors(names, gradients)
    return read.finish(names, outputs, order=_backwards(outputs))


def _backwards(outputs: Sequence[str]) -> list[int]:
    """The cost, then the gradients of the last layer first."""
    marks = [name.partition("^")[2] for name in outputs[1:]]
    layers = {mark: place for place, mark in enumerate(dict.fromkeys(marks))}
    return [0, *(1 + place for place in sorted(range(len(marks)), key=lambda at: -layers[marks[at]]))]


def _cost(loss: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def cost(theta: Any, rest: Any, x: Any, y: Any) -> Any:
        return cost_of(join(theta, rest), loss, x, y)

    return cost


def _name_forward(read: _Read, names: Names) -> None:
    read.tag(names)
    if RAW in read.tags:
        naming.name_prediction(names, read.tags[RAW], read.outputs)
    naming.name_layers(names, read.outputs)


def of_update(optimizer: Any, size: int = 7) -> Equations:
    """One step of an optimizer on a vector θ ∈ ℝ^d: the new state and θ' = θ + Δ."""
    theta = jnp.ones(size)
    whole = not hasattr(optimizer, "init")
    state = optimizer.init_tree(theta) if whole else optimizer.init(theta)

    def update(self: Any, state: Any, g: Any, theta: Any) -> Any:
        new, delta = (self.step_tree if whole else self.step)(state, g, theta)
        return new, theta + delta

    read = _Read(update, (optimizer, state, theta, theta), ("self", "state", "g", "theta"))
    states = [f"{one.name}'" for one in _state_symbols(read)]
    outputs = [*states, "θ'"]
    names = read.names([])
    for name, expr in zip(outputs, read.outputs, strict=True):
        names.give(expr, name, "output")
    read.tag(names)
    naming.name_corrected(names, read.outputs)
    return read.finish(names, outputs, {size: "d"})


def _state_symbols(read: _Read) -> list[Symbol]:
    """The symbols of the state: those between the optimizer's own and g, θ."""
    count = len(read.outputs) - 1
    return list(read.leaves.symbols[len(read.leaves.symbols) - 2 - count : -2])


def of_function(f: Callable[..., Any], *args: Any) -> Equations:
    """The definition of an activation or a loss: `relu(z) = max(0, z)`. Without `args` it is tried on a scalar, then a vector."""
    args = args or _examples(f)
    params = parameters_of(f, len(args))
    read = _Read(f, args, params)
    read.outputs = Folder(algebra()).fold(_defined(expr, read.leaves.symbols) for expr in read.outputs)
    title = {"sigmoid": "σ"}.get(getattr(f, "__name__", "f"), getattr(f, "__name__", "f"))
    one_letter = title if title == "σ" or len(args) == 1 else "C"
    output = f"{one_letter}({', '.join(spelled(param) for param in params)})" if one_letter != "C" else "C"
    names = read.names([output])
    sizes = {3: "n"} if any(np.shape(arg) == (3,) for arg in args) else {}
    return read.finish(names, [output], sizes)


def _defined(expr: Expr, symbols: Sequence[Symbol]) -> Expr:
    """A named form of the arguments themselves is replaced by what it means."""
    if all(arg in symbols or not arg.args for arg in expr.args):
        return definition(expr) or expr
    if is_op(expr, "log") and is_op(expr.args[0], "softmax"):
        z = expr.args[0].args[0]
        return apply("sub", z, definition(apply("lse", z, axes=None)))  # pyright: ignore[reportArgumentType]
    return expr


def _examples(f: Callable[..., Any]) -> tuple[Any, ...]:
    example = getattr(sys.modules.get(getattr(f, "__module__", "")), "example", None)
    required = [p for p in inspect.signature(f).parameters.values() if p.default is p.empty]
    if len(required) == 1:
        for shape in ((), (3,)):
            try:
                jax.eval_shape(f, jnp.zeros(shape))
                return (jnp.ones(shape),)
            except (TypeError, ValueError):
                continue
    if example is not None:
        return tuple(example(f, jax.random.key(0)))
    return tuple(jnp.ones(3) for _ in required)
