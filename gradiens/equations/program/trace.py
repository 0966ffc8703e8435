"""Program to tree: a function is traced (`jax.make_jaxpr`), and each primitive becomes the operation it is.

Calls are inlined. A value tagged by `jax.ad_checkpoint.checkpoint_name(x, "a[1]")` is remembered under its name. A
primitive without a rule stays itself: it prints its name, its settings and its shapes, and is evaluated by running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.api_util import debug_info
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var, jaxpr_as_fun

from gradiens.equations.program.control import CONTROL
from gradiens.equations.program.known import by_name
from gradiens.equations.program.library import RULES
from gradiens.equations.program.primitives import CALLS, ENTRYWISE, entrywise, extended, kind_of
from gradiens.equations.tree.expression import Expr, Kind, Shape, Symbol, number, symbol
from gradiens.equations.tree.operations import apply

# Functions of `jax.random` that are called by name: what they do with the bits of a key is nobody's equation.
DRAWS = frozenset({
    "normal", "normal_real", "uniform", "bernoulli", "randint", "gumbel", "exponential", "gamma", "beta", "cauchy",
    "dirichlet", "laplace", "logistic", "poisson", "truncated_normal", "t", "shuffle", "rademacher", "rayleigh",
})  # fmt: skip


@dataclass
class Trace:
    """A program as trees: its inputs, its outputs, the results it tags by name, and the arrays it closes over."""

    inputs: list[Symbol]
    outputs: list[Expr]
    tags: dict[str, Expr] = field(default_factory=dict)
    constants: dict[Symbol, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Primitive:
    """A primitive without a rule: what is printed of it, and how it is run."""

    name: str
    settings: tuple[tuple[str, Any], ...]
    eqn: JaxprEqn

    @property
    def outputs(self) -> int:
        """How many values it returns."""
        return len(self.eqn.outvars)

    def out(self, item: int) -> tuple[Shape, Kind]:
        """The shape and kind of one of its values."""
        aval: Any = self.eqn.outvars[item].aval
        return aval.shape, kind_of(aval.dtype)

    def run(self, args: Sequence[Any]) -> list[Any]:
        """The values, computed by JAX in the precision that was traced."""
        atoms = [(var, arg) for var, arg in zip(self.eqn.invars, args, strict=True) if isinstance(var, Var)]
        kept = [var for var in self.eqn.outvars if type(var).__name__ != "DropVar"]
        about = debug_info(self.name, lambda *values: values, tuple(args[: len(atoms)]), {})._replace(result_paths=None)
        alone = Jaxpr([], [var for var, _ in atoms], kept, [self.eqn], debug_info=about)
        with jax.enable_x64(True):
            found = iter(jaxpr_as_fun(ClosedJaxpr(alone, []))(*(_typed(arg, var.aval) for var, arg in atoms)))
            return [_plain(next(found)) if var in kept else None for var in self.eqn.outvars]


def _typed(value: Any, aval: Any) -> Any:
    return value if extended(aval.dtype) else jnp.asarray(value, aval.dtype)


def _plain(value: Any) -> Any:
    return value if extended(value.dtype) else np.asarray(value)


def trace(f: Callable[..., Any], args: Sequence[Any], inputs: Sequence[Symbol]) -> Trace:
    """Trace `f(*args)`; `inputs` are the symbols of the leaves of `args`."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        closed = jax.make_jaxpr(f)(*args)
    reader = _Reader(Trace(list(inputs), []))
    reader.trace.outputs = reader.closed(closed, list(inputs))
    return reader.trace


class _Reader:
    def __init__(self, trace: Trace):
        self.trace = trace
        self.seen: dict[int, Symbol] = {}
        self.bound: list[str] = []

    @contextmanager
    def inside(self, names: Sequence[str]) -> Iterator[dict[str, Expr]]:
        """Within a loop that binds `names`; the parts that its step calls by name."""
        outer, self.trace.tags = self.trace.tags, {}
        self.bound.extend(names)
        yield self.trace.tags
        self.trace.tags = outer
        del self.bound[len(self.bound) - len(names) :]

    def closed(self, closed: ClosedJaxpr, args: list[Expr]) -> list[Expr]:
        return self.jaxpr(closed.jaxpr, [self.constant(const) for const in closed.consts], args)

    def constant(self, value: Any) -> Expr:
        """A number, a constant array as one number, or a symbol whose value is kept."""
        if extended(getattr(value, "dtype", None)):
            array, flat = value, None
        else:
            array = np.asarray(value)
            flat = array.reshape(-1)
        if array.shape == () and flat is not None:
            return number(flat[0])
        if flat is not None and flat.size and (flat == flat[0]).all():
            return apply("fill", number(flat[0]), shape=array.shape)
        if id(value) not in self.seen:
            name = f"K_{{{len(self.trace.constants) + 1}}}"
            made = symbol(name, array.shape, kind_of(array.dtype), "constant")
            self.seen[id(value)] = made
            self.trace.constants[made] = value
        return self.seen[id(value)]

    def jaxpr(self, jaxpr: Jaxpr, consts: list[Expr], args: list[Expr]) -> list[Expr]:
        env: dict[Var, Expr] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *args], strict=True))

        def read(atom: Any) -> Expr:
            return self.constant(atom.val) if isinstance(atom, Literal) else env[atom]

        for eqn in jaxpr.eqns:
            results = self.equation(eqn, [read(atom) for atom in eqn.invars])
            env.update(zip(eqn.outvars, results, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def equation(self, eqn: JaxprEqn, args: list[Expr]) -> list[Expr]:
        name = eqn.primitive.name
        if name in CALLS and eqn.params.get("name", "").removeprefix("_") in DRAWS and args[0].kind == "other":
            return _opaque(eqn, args)
        if name in CALLS:
            inside = eqn.params[CALLS[name]]
            found = self.closed(inside, args) if isinstance(inside, ClosedJaxpr) else self.jaxpr(inside, [], args)
            return by_name(str(eqn.params.get("name", "")), args, found)
        if name == "name":
            self.trace.tags.setdefault(eqn.params["name"], args[0])
            return args
        result = None
        if name in ENTRYWISE:
            aval: Any = eqn.outvars[0].aval
            result = entrywise(ENTRYWISE[name], args, aval.shape)
        elif name in CONTROL:
            result = CONTROL[name](self, eqn, args)
        elif name in RULES:
            result = RULES[name](args, eqn)
        if result is None:
            return _opaque(eqn, args)
        return result if isinstance(result, list) else [result]


def _opaque(eqn: JaxprEqn, args: list[Expr]) -> list[Expr]:
    """The primitive as itself; a draw of random numbers has the name of its distribution and its shape."""
    name, settings = eqn.primitive.name, _settings(eqn.params)
    drawn = eqn.params.get("name", "").removeprefix("_") if name in CALLS else ""
    if drawn:
        shape = eqn.outvars[0].aval.shape  # pyright: ignore[reportAttributeAccessIssue]
        name, settings = drawn, (("shape", shape if len(shape) > 1 else shape[0]),) if shape else ()
    op = "random" if drawn or name.startswith("random_") else "primitive"
    program = Primitive(name, settings, eqn)
    return [apply(op, *args, program=program, item=item) for item in range(len(eqn.outvars))]


def _settings(params: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The settings that can be printed: numbers, words, short tuples of them; not what says nothing (None, False)."""
    plain = (bool, int, float, str)

    def short(value: Any, room: int = 12) -> bool:
        return isinstance(value, plain) or (
            isinstance(value, tuple) and 0 < len(value) <= room and all(short(item, 4) for item in value)
        )

    return tuple((name, value) for name, value in params.items() if value is not False and short(value))
