"""A tape as a table and as a drawing: nodes with their values and adjoints, edges with their partial derivatives."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from gradiens.calculus.dual import Dual
from gradiens.calculus.overloading import plain
from gradiens.calculus.tape import Tape


class Drawing(NamedTuple):
    """A tape as a graph: where its nodes stand, what is written at them and at the middle of each edge."""

    x: Float[np.ndarray, " N"]
    y: Float[np.ndarray, " N"]
    labels: tuple[str, ...]
    edges: Int[np.ndarray, "E 2"]  # from parent to child
    partials: tuple[str, ...]


def drawing(tape: Tape) -> Drawing:
    """Each node in the column after its furthest parent's, at the mean height of its parents where there is room."""
    column = np.zeros(len(tape.nodes), int)
    for node in tape.nodes:
        column[node.index] = max((column[edge.parent.index] + 1 for edge in node.edges), default=0)
    y = -np.arange(len(tape.nodes), dtype=float)
    for c in range(1, column.max() + 1):
        members = np.flatnonzero(column == c)
        wished = np.asarray([np.mean([y[edge.parent.index] for edge in tape.nodes[i].edges]) for i in members])
        y[members] = _apart(wished)
    edges = [(edge.parent.index, node.index, number(edge.partial)) for node in tape.nodes for edge in node.edges]
    given = set(map(id, tape.inputs))  # nodes of arrays are compared entry by entry
    labels = tuple(node.name if id(node) in given else f"{node.name} = {node.form}" for node in tape.nodes)
    places = np.asarray([edge[:2] for edge in edges], int).reshape(-1, 2)
    return Drawing(column.astype(float), y, labels, places, tuple(edge[2] for edge in edges))


def _apart(wished: np.ndarray) -> np.ndarray:
    """Heights in the order of those wished for, at least 1 apart, with the same mean."""
    order = np.argsort(-wished, kind="stable")
    placed = wished[order].copy()
    for i in range(1, len(placed)):
        placed[i] = min(placed[i], placed[i - 1] - 1)
    out = np.empty_like(wished)
    out[order] = placed + wished.mean() - placed.mean()
    return out


def barred(name: str) -> str:
    """The adjoint of a node, as it is written: ā1."""
    return f"{name[0]}\u0304{name[1:]}"


def table(tape: Tape) -> str:
    """Lines of columns: node, operation, value, tangent where there are any, adjoint, and the sum that the adjoint is."""
    adjoints = tape.adjoints()
    tangents = any(isinstance(node.value, Dual) for node in tape.nodes)
    rows = [["node", "operation", "value", *(["tangent"] if tangents else []), "adjoint", "from its children"]]
    for node, adjoint in zip(tape.nodes, adjoints):
        parts = [f"{number(edge.partial)} · {barred(child.name)}" for child, edge in tape.children(node)]
        tangent = [number(node.value.tangent if isinstance(node.value, Dual) else 0.0)] if tangents else []
        rows.append(
            [node.name, node.form, number(node.value), *tangent, number(adjoint), " + ".join(parts) or "1, the output"]
        )
    return columns(rows)


def columns(rows: list[list[str]]) -> str:
    """Rows of words as lines, each column as wide as its widest word."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows)


def number(value: Any) -> str:
    """A number with six digits; of an array its shape."""
    value = plain(value)
    return f"{float(value):.6g}" if np.ndim(value) == 0 else f"array {np.shape(value)}"
