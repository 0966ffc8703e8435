"""Automatic Differentiation.

A program is a graph of elementary operations, and the chain rule runs through it in two directions. Forward mode carries
a tangent beside each value, one pass for each input. Reverse mode writes the operations on a tape and sends adjoints
back along it: one pass gives the whole gradient, for a few times the operations of the evaluation, at the price of
keeping every value. Both are applied to the graph

    a₁ = t₁ t₂,  a₂ = t₂ + t₃,  a₃ = -2 t₃,  a₄ = sin a₁,  a₅ = exp a₂,  C = a₄ + a₅ + a₃

and compared with its formula, with each other, and with differences. Sending dual numbers through the tape gives
Hessian-vector products; keeping every c-th state of a long chain trades memory for evaluations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from textwrap import indent
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch04_optimization.differentiation_costs import (
    CHAIN,
    EVERY,
    SIZES,
    checkpointed,
    counted,
    seconds,
    through_a_solver,
    work,
)
from gradiens.calculus.derivatives import gradient, hessian_vector
from gradiens.calculus.dual import Dual, forward_gradient
from gradiens.calculus.overloading import plain, total
from gradiens.calculus.reverse import record, reverse_gradient, reverse_hessian_vector
from gradiens.calculus.tape import Tape
from gradiens.calculus.tape_text import barred, columns, drawing, number, table
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

NAMES = ("t1", "t2", "t3")


class Config(Module):
    """The point, and the random graphs."""

    t1: float = knob(math.pi / 6, -3.0, 3.0, says="first input")
    t2: float = knob(2.0, -3.0, 3.0, says="second input")
    t3: float = knob(5.0, -5.0, 5.0, says="third input")
    graphs: int = knob(20, 1, 100, says="random graphs on which operations are counted")
    operations: int = knob(40, 5, 500, says="operations of each random graph, as they are drawn")


class Record(NamedTuple):
    """Values, tangents and adjoints of the nodes; what each mode gives and"""

    value: Float[Array, ""]
    forward: Float[Array, "3"]
    reverse: Float[Array, "3"]
    calls: Int[Array, "2"]  # evaluations of the program by forward and by reverse mode
    tangents: Float[Array, "3 N"]  # of every node, one row a pass
    adjoints: Float[Array, " N"]
    from_children: Float[Array, " N"]  # Σ over the children of ∂child/∂node · adjoint of the child
    displaced: Float[Array, "5"]  # slope of C when a₁ … a₅ are displaced, by central differences
    products: Float[Array, "3 3"]  # H v by the tape on dual numbers, by JAX, by differences of the gradient
    counts: Int[Array, "G 2"]  # operations of evaluation and reverse pass of each random graph
    work: Int[Array, "S 2"]  # operations of a gradient of n inputs by forward and by reverse mode
    seconds: Float[Array, "S 2"]  # the same by JAX, on a clock
    states: Int[Array, " E"]  # states held at most when every EVERY-th is kept
    chain: Float[Array, " E"]  # the derivative through the chain
    implicit: Float[Array, "2"]  # derivative of a solution by the implicit function theorem, and through the solver


def program(t1: Any, t2: Any, t3: Any, e: Any = (0.0, 0.0, 0.0, 0.0, 0.0)) -> Any:
    """The graph of the section; `e` displaces a₁ … a₅ where it is not zero."""
    shift = lambda a, d: a if isinstance(d, float) and d == 0.0 else a + d  # noqa: E731
    a1, a2, a3 = shift(t1 * t2, e[0]), shift(t2 + t3, e[1]), shift(-2.0 * t3, e[2])
    a4, a5 = shift(np.sin(a1), e[3]), shift(np.exp(a2), e[4])
    return total(a4, a5, a3)


def in_jax(t: Float[Array, "3"]) -> Float[Array, ""]:
    """The same in JAX."""
    return jnp.sin(t[0] * t[1]) + jnp.exp(t[1] + t[2]) - 2 * t[2]


def run(config: Config, key: Array) -> Record:
    """Differentiate the graph in both modes; count and time gradients of functions of many inputs."""
    point = (config.t1, config.t2, config.t3)
    forward, forward_calls = _counting(forward_gradient, point)
    reverse, reverse_calls = _counting(reverse_gradient, point)
    tape = record(program, *point, names=NAMES, output="C")
    adjoints = [float(adjoint) for adjoint in tape.adjoints()]
    states, chain = zip(*(checkpointed(every) for every in EVERY))
    draw, direct = jax.random.split(key)
    return Record(
        value=jnp.asarray(reverse.value),
        forward=jnp.asarray(forward.gradient),
        reverse=jnp.asarray(reverse.gradient),
        calls=jnp.asarray([forward_calls, reverse_calls]),
        tangents=jnp.asarray([_tangents(point, e) for e in np.eye(3)]),
        adjoints=jnp.asarray(adjoints),
        from_children=jnp.asarray([_from_children(tape, adjoints, i) for i in range(len(adjoints))]),
        displaced=jnp.asarray([_slope(lambda h, e=e: program(*point, e=h * e), 1e-5) for e in np.eye(5)]),
        products=_products(point, np.asarray(jax.random.normal(direct, (3,)))),
        counts=jnp.asarray(
            [counted(int(seed), config.operations) for seed in jax.random.randint(draw, (config.graphs,), 0, 10**6)]
        ),
        work=jnp.asarray([work(n) for n in SIZES]),
        seconds=jnp.asarray([seconds(n) for n in SIZES]),
        states=jnp.asarray(states),
        chain=jnp.asarray(chain),
        implicit=through_a_solver(),
    )


def _counting(mode: Callable[..., Any], point: tuple[float, ...]) -> tuple[Any, int]:
    """What the mode gives, and how often it evaluated the program."""
    called = []

    def heard(*x: Any) -> Any:
        called.append(x)
        return program(*x)

    return mode(heard, *point), len(called)


def _tangents(point: tuple[float, ...], e: np.ndarray) -> list[float]:
    tape = record(program, *(Dual(t, d) for t, d in zip(point, e)), names=NAMES)
    return [float(node.value.tangent) for node in tape.nodes]


def _from_children(tape: Tape, adjoints: list[float], i: int) -> float:
    children = tape.children(tape.nodes[i])
    return sum(float(edge.partial) * adjoints[child.index] for child, edge in children) if children else 1.0


def _slope(f: Callable[[float], Any], h: float) -> float:
    return float(plain(f(h)) - plain(f(-h))) / (2 * h)


def _products(point: tuple[float, ...], v: np.ndarray) -> Float[Array, "3 3"]:
    """H v in three ways."""
    t, h = jnp.asarray(point), 1e-5
    difference = (gradient(in_jax, t + h * v) - gradient(in_jax, t - h * v)) / (2 * h)
    taped = reverse_hessian_vector(program, point, tuple(v))
    return jnp.stack([jnp.asarray(taped), hessian_vector(in_jax, t, v), difference])


def values(config: Config, record: Record) -> dict[str, float]:
    """The value and the gradient; what the modes cost."""
    ratio = record.counts[:, 1] / record.counts[:, 0]
    found = {"C": record.value, **{f"dC/d{name}": g for name, g in zip(NAMES, record.reverse)}}
    found |= {"reverse pass over evaluation, median": jnp.median(ratio), "the same, largest": jnp.max(ratio)}
    for n, (forward, reverse) in zip(SIZES, record.seconds):
        found[f"forward over reverse, seconds, {n} inputs"] = forward / reverse
    found |= {f"states held, every {c} of {CHAIN}": n for c, n in zip(EVERY, record.states)}
    return {name: float(value) for name, value in found.items()}


def text(config: Config, record: Record) -> str:
    """The table of tangents and adjoints, and the reverse pass step by step."""
    tape = _tape(config)
    heads = [f"tangent {name}" for name in NAMES]
    rows = [["node", "operation", "value", *heads, "adjoint"]]
    for i, node in enumerate(tape.nodes):
        tangents = [number(t) for t in record.tangents[:, i]]
        rows.append([node.name, node.form, number(node.value), *tangents, number(record.adjoints[i])])
    steps = [
        f"{barred(visit.node.name)} = {number(visit.adjoint)}:  "
        + ",  ".join(
            f"{barred(edge.parent.name)} += {number(edge.partial)} · {barred(visit.node.name)} = {number(part)}"
            for edge, part in visit.carried
        )
        for visit in tape.backward()
        if visit.carried
    ]
    parts = {
        "Forward mode: the tangent of each node in the three passes.": columns(rows),
        "Reverse mode: each adjoint as the sum over the children.": table(tape),
        "The reverse pass, step by step; the adjoint of C is 1.": "\n".join(steps),
    }
    return "\n\n".join(f"{says}\n\n" + indent(part, "    ") for says, part in parts.items())


def _tape(config: Config) -> Tape:
    return record(program, config.t1, config.t2, config.t3, names=NAMES, output="C")


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The graph with the partial derivative of each edge; the cost of the two modes; memory against checkpoints."""
    n, ratio = np.asarray(SIZES), np.asarray(record.counts[:, 1] / record.counts[:, 0])
    operations = [
        Series("line", n, record.work[:, i], label=f"{mode} mode") for i, mode in enumerate(("forward", "reverse"))
    ]
    clock = [
        Series("line", n, record.seconds[:, i], label=f"{mode} mode") for i, mode in enumerate(("forward", "reverse"))
    ]
    bound = Series("line", record.counts[:, 0], 5.0 + 0 * ratio, guide=True)
    return (
        _graph(_tape(config)),
        Figure("Operations of a gradient", operations, "inputs", "operations", log_x=True, log_y=True),
        Figure("Seconds of a gradient, compiled by JAX", clock, "inputs", "seconds", log_x=True, log_y=True),
        Figure(
            "Reverse pass over evaluation, random graphs",
            [Series("points", record.counts[:, 0], ratio, label="ratio of operations"), bound],
            "operations of the evaluation",
            "ratio",
        ),
        Figure(
            f"States held in a chain of {CHAIN} steps",
            [Series("line", np.asarray(EVERY), record.states, label="states held")],
            "every c-th state is kept, c",
            "states",
            log_x=True,
        ),
    )


def _graph(tape: Tape) -> Figure:
    made = drawing(tape)
    ends = np.full((len(made.edges), 3), np.nan)  # the third: a gap between edges
    x, y = ends.copy(), ends.copy()
    x[:, :2], y[:, :2] = made.x[made.edges], made.y[made.edges]
    at = lambda c: 0.6 * c[made.edges[:, 0]] + 0.4 * c[made.edges[:, 1]]  # noqa: E731
    corners = [[made.x.min() - 0.3, np.nan, made.x.max() + 0.3], [made.y.max() + 0.4, np.nan, made.y.min() - 0.4]]
    series = [  # the corners, points without a line, leave room for what is written at the nodes
        Series("line", np.append(x, corners[0]), np.append(y, corners[1]), guide=True),
        Series("points", made.x, made.y, label="nodes", text=[node.name for node in tape.nodes]),
        Series("points", at(made.x), at(made.y), label="partial derivatives", text=made.partials),
    ]
    says = "; ".join(
        f"{tape.nodes[c].name} by {tape.nodes[p].name}: {d}" for (p, c), d in zip(made.edges, made.partials)
    )
    return Figure(
        "The graph, each edge with its partial derivative", series, "order of evaluation", "", summary=says + "."
    )


def claim_value_and_gradient(config: Config, record: Record) -> bool:
    """Claim 1: C = 1087.4991838, gradient (1, 1096.8949578, 1094.6331584) at (π/6, 2, 5)."""
    expected = [1.0, 1096.8949578, 1094.6331584]
    close = np.allclose(record.reverse, expected, rtol=0, atol=5e-8)
    return close and bool(abs(record.value - 1087.4991838) <= 5e-8)


def claim_formula_and_both_modes(config: Config, record: Record) -> bool:
    """Claim 2: the gradient is (t₂ cos(t₁t₂), t₁ cos(t₁t₂) + e^(t₂+t₃), e^(t₂+t₃) - 2); forward and reverse agree to
    1e-12."""
    t1, t2, t3 = config.t1, config.t2, config.t3
    cos, exp = math.cos(t1 * t2), math.exp(t2 + t3)
    formula = np.allclose(record.forward, [t2 * cos, t1 * cos + exp, exp - 2], rtol=1e-9, atol=1e-12)
    return formula and np.allclose(record.forward, record.reverse, rtol=1e-12, atol=1e-12)


def claim_passes_and_children(config: Config, record: Record) -> bool:
    """Claim 3: forward mode needs 3 passes, reverse mode 1; a node's adjoint is the sum over its children, and the slope
    of C when the node is displaced."""
    summed = np.allclose(record.adjoints, record.from_children, rtol=1e-12)
    slopes = np.allclose(record.adjoints[3:8], record.displaced, rtol=1e-6)
    return summed and slopes and list(record.calls) == [3, 1]


def claim_hessian_vector(config: Config, record: Record) -> bool:
    """Claim 4: the forward-over-reverse product, by our tape and by JAX, is H v by finite differences (relative 1e-6)."""
    taped, by_jax, difference = record.products
    size = float(jnp.max(jnp.abs(difference)))
    return np.allclose(taped, by_jax, rtol=1e-9) and np.allclose(taped, difference, rtol=0, atol=1e-6 * size)


def claim_cost_of_reverse(config: Config, record: Record) -> bool:
    """Claim 5: the counted operations of a reverse pass are at most 5 times those of the evaluation, for 20 random
    graphs."""
    return bool(jnp.all(record.counts[:, 1] <= 5 * record.counts[:, 0]))


def claim_memory_and_solvers(config: Config, record: Record) -> bool:
    """Claim 6: keeping every c-th state of a chain changes the memory and not the derivative; the implicit function
    theorem gives the derivative through the solver."""
    same = np.allclose(record.chain, record.chain[0], rtol=1e-12, atol=0)
    least = int(jnp.min(record.states)) == 2 * math.isqrt(CHAIN) - 1 and int(record.states[0]) == CHAIN
    return same and least and np.allclose(record.implicit[0], record.implicit[1], rtol=1e-9)
