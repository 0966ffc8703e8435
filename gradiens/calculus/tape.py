"""Reverse mode: a tape of operations, and adjoints that travel back along it.

    ū = Σ over the children v of u: (∂v/∂u)ᵀ v̄,   starting from C̄ = 1

Evaluating a function on nodes writes each operation on a tape, with an edge to each of its inputs. The reverse pass
visits the nodes from last to first; a visit hands the node's adjoint, times the partial derivative of the edge, to each
parent. One pass gives the whole gradient, for a few times the operations of the evaluation; its price is that every
value stays in memory. Values may themselves be dual numbers: then the adjoints carry tangents, which are
Hessian-vector products (forward over reverse).

Book: 4.6.  Source: Griewank & Walther (2008), sections 3.2 and 4.6; Baydin et al. (2018).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gradiens.calculus.elementary import ELEMENTARY, UNIT, Rule, power
from gradiens.calculus.overloading import Map, Overloaded, mapped, plain, summed_to, total
from gradiens.calculus.product import pull_left, pull_right


@dataclasses.dataclass(frozen=True)
class Edge:
    """From a node to one of its inputs: the partial derivative, what it makes of an adjoint, and its operations."""

    parent: Node
    partial: Any  # ∂node/∂parent: a number, or an array that acts entry by entry or as the matrix of a product
    pull: Callable[[Any], Any]  # (∂node/∂parent)ᵀ, as a function of the adjoint
    operations: int


class Visit(NamedTuple):
    """One step of the reverse pass: a node, its finished adjoint, and what each of its edges carries to a parent."""

    node: Node
    adjoint: Any
    carried: tuple[tuple[Edge, Any], ...]


class Node(Overloaded):
    """One line of a tape: the value of one operation. Functions of NumPy make nodes from nodes.

    Book: 4.6.  Source: Griewank & Walther (2008).
    """

    def __init__(
        self, tape: Tape, value: Any, form: str, edges: tuple[Edge, ...] = (), operations: int = 0, name: str = ""
    ):
        self.tape, self.value, self.form, self.edges, self.operations = tape, value, form, edges, operations
        self.index = len(tape.nodes)
        self.name = name or f"a{1 + self.index - len(tape.inputs)}"
        tape.nodes.append(self)

    def elementary(self, function: np.ufunc, *inputs: Any) -> Node:
        """z = φ(u), with an edge ∂φ/∂uᵢ to each input that is a node."""
        return self._applied(ELEMENTARY[function], function, *inputs)

    def power(self, p: float) -> Node:
        """z = uᵖ."""
        return self._applied(power(p), lambda u: u**p, self)

    def _applied(self, rule: Rule, function: Callable[..., Any], *inputs: Any) -> Node:
        u = [inner(x) for x in inputs]
        z = function(*u)
        size = int(np.size(plain(z)))
        edges = []
        for (of, cost), x in zip(rule.partials, inputs):
            if isinstance(x, Node):
                p = of(z, *u)
                each = 1 if cost == UNIT else cost + 2  # the partial, the product, the addition
                edges.append(Edge(x, p, lambda a, p=p, shape=x.shape: summed_to(p * a, shape), size * each))
        return self._made(z, rule.form.format(*map(_called, inputs)), edges, size)

    def product(self, left: Any, right: Any) -> Node:
        """Z = A B, with Ā = Z̄ Bᵀ and B̄ = Aᵀ Z̄."""
        a, b = inner(left), inner(right)
        z, inside = a @ b, np.shape(plain(a))[-1]
        size = int(np.size(plain(z)))
        edges = []
        if isinstance(left, Node):
            edges.append(Edge(left, b, lambda z_bar: pull_left(z_bar, a, b), 2 * size * inside))
        if isinstance(right, Node):
            edges.append(Edge(right, a, lambda z_bar: pull_right(z_bar, a, b), 2 * size * inside))
        return self._made(z, f"{_called(left)} {_called(right)}", edges, size * (2 * inside - 1))

    def linear(self, form: str, apply: Map, transpose: Map, cost: int = 0) -> Node:
        """z = L u, with ū = Lᵀ z̄."""
        z = mapped(self.value, form, apply, transpose)
        edge = Edge(self, 1.0, lambda a: mapped(a, form, transpose, apply), max(cost, int(np.size(plain(z)))))
        return self._made(z, form.format(self.name), [edge], cost)

    def plus(self, *terms: Any) -> Node:
        """z = Σᵢ uᵢ, with an edge 1 to each term."""
        z = total(*map(inner, terms))
        size = int(np.size(plain(z)))
        edges = [Edge(x, 1.0, lambda a, shape=x.shape: summed_to(a, shape), size) for x in terms if isinstance(x, Node)]
        return self._made(z, " + ".join(map(_called, terms)), edges, size * (len(terms) - 1))

    def _made(self, value: Any, form: str, edges: list[Edge], operations: int) -> Node:
        return Node(self.tape, value, form, tuple(edges), operations)

    def __repr__(self) -> str:
        return f"{self.name} = {self.form} = {plain(self.value)}"


class Tape:
    """The operations of one evaluation, in their order; `reverse.record` makes it.

    Book: 4.6.  Source: Griewank & Walther (2008).
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.inputs: list[Node] = []

    def variable(self, value: Any, name: str) -> Node:
        """An input."""
        node = Node(self, value if isinstance(value, Overloaded) else np.asarray(value, float), "input", name=name)
        self.inputs.append(node)
        return node

    @property
    def output(self) -> Node:
        """The node written last."""
        return self.nodes[-1]

    @property
    def operations(self) -> int:
        """The arithmetic operations of the evaluation; an elementary function counts as one."""
        return sum(node.operations for node in self.nodes)

    @property
    def reverse_operations(self) -> int:
        """The arithmetic operations of the reverse pass: partial derivatives, products, and additions to adjoints."""
        return sum(edge.operations for node in self.nodes for edge in node.edges)

    def backward(self) -> Iterator[Visit]:
        """The reverse pass, one node at a time: `for visit in tape.backward()`, or `next`, to look at each step."""
        adjoints: list[Any] = [np.zeros(node.shape) for node in self.nodes]
        adjoints[-1] = np.ones(())
        for node in reversed(self.nodes):
            node_bar = adjoints[node.index]
            carried = tuple((edge, edge.pull(node_bar)) for edge in node.edges)
            for edge, part in carried:
                adjoints[edge.parent.index] = adjoints[edge.parent.index] + part
            yield Visit(node, node_bar, carried)

    def adjoints(self) -> list[Any]:
        """∂output/∂node for every node, in the order of the tape."""
        return [visit.adjoint for visit in self.backward()][::-1]

    def children(self, node: Node) -> list[tuple[Node, Edge]]:
        """The nodes that use `node`, each with the edge that leads from it."""
        return [(child, edge) for child in self.nodes for edge in child.edges if edge.parent is node]


def inner(u: Any) -> Any:
    """The value in a node, which may be a dual number; a constant as it is."""
    return u.value if isinstance(u, Node) else u


def _called(u: Any) -> str:
    if isinstance(u, Node):
        return u.name
    return f"{float(u):g}" if np.ndim(u) == 0 else "const"
