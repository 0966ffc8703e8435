"""Reading a method for whole vectors: the rules that its class names, one after the other.

A rule is a method of arrays whose annotations tell its spaces, `g: Float[Array, "d"]`. `RULES` says which there are and what
each gives, `{"toward": "p", "move": "θ'"}`; what one rule gives is an argument of those that come after it.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any

import jax.numpy as jnp

from gradiens.core.module import knobs
from gradiens.equations.equations import Equations
from gradiens.equations.program.leaves import spelled
from gradiens.equations.read import of
from gradiens.equations.tree.expression import Symbol

SIZES = {"d": 7, "m": 4, "1": 1}
LETTERS = {"lam": "λ", "delta": "Δ", "widest": "Δ_{max}"}


def of_method(method: Any) -> Equations:
    """The rules of `method` as equations; its knobs that they use are symbols."""
    parts = [_rule(method, rule, name) for rule, name in method.RULES.items()]
    made = {one.outputs[0].name for one in parts}
    first: dict[str, Symbol] = {}
    before: set[str] = set()
    for part in parts:  # an argument that an earlier rule gives is none of the whole
        first = {**{one.name: one for one in part.inputs}, **first}
        before |= {one.name for one in part.inputs if one.name not in made - before}
    order = dict.fromkeys(one.name for part in parts for one in part.inputs)
    inputs = [first[name] for name in order if name in before]
    values = {one.name: value for part in parts for one, value in zip(part.inputs, part.examples, strict=True)}

    def program(*given: Any) -> list[Any]:
        env = dict(zip((one.name for one in inputs), given, strict=True))
        for part in parts:
            env[part.outputs[0].name] = part.program(*(env[one.name] for one in part.inputs))[0]
        return [env[part.outputs[0].name] for part in parts]

    lines = tuple(line for part in parts for line in part.lines)
    constants = {one: value for part in parts for one, value in part.constants.items()}
    outputs = tuple(part.outputs[0] for part in parts)
    examples = tuple(values[one.name] for one in inputs)
    return Equations(lines, tuple(inputs), outputs, program, examples, constants, {SIZES["d"]: "d"})


def _rule(method: Any, rule: str, output: str) -> Equations:
    """One rule, of its arguments and of the method's numbers."""
    own = {name: getattr(method, name) for name, knob in knobs(method).items() if isinstance(knob.default, float)}
    shapes = spaces(getattr(method, rule))

    def program(numbers: Any, *values: Any) -> Any:
        return getattr(dataclasses.replace(method, **numbers), rule)(*values)

    letters = {f"a{place}": symbol_of(argument) for place, argument in enumerate(shapes)}
    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kinds) for name in ("numbers", *letters)])
    program.__signature__ = signature  # pyright: ignore[reportFunctionMemberAccess] - where the names are looked up
    names = letters | {f"numbers.{name}": LETTERS.get(name, name) for name in own}
    return of(program, own, *(jnp.ones(shape) for shape in shapes.values()), names=names, output=[output])


def spaces(rule: Any) -> dict[str, tuple[int, ...]]:
    """The shape of each argument of a rule, from its annotation."""
    hints = typing.get_type_hints(getattr(rule, "__func__", rule))
    found = {}
    for name in inspect.signature(rule).parameters:
        parts = (hints[name], *typing.get_args(hints[name]))
        dims = next(part.dim_str for part in parts if hasattr(part, "dim_str"))
        found[name] = tuple(SIZES[dim] for dim in dims.split())
    return found


def symbol_of(argument: str) -> str:
    """What an argument is called on paper: `g_new` is g'."""
    base = argument.removesuffix("_new")
    return LETTERS.get(base, spelled(base)) + "'" * (base != argument)
