"""Equations: the lines of a program, the spaces of its symbols, three notations, and the check against the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from gradiens.equations import print_latex, print_mathml, print_unicode
from gradiens.equations.expression import Apply, Expr, Symbol, is_op, walk
from gradiens.equations.layout import Layout
from gradiens.equations.naming import Line
from gradiens.equations.notation import Box, Digits, Sign, listed, named, row
from gradiens.equations.operations import TABLE, evaluate
from gradiens.equations.primitives import extended
from gradiens.equations.verify import difference

# The program is compiled to be run three times.
_QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


@dataclass(frozen=True)
class Check:
    """The largest relative error of what is printed against the program, over random inputs."""

    error: float
    samples: int
    dtype: str

    @property
    def ok(self) -> bool:
        """Within rounding?"""
        return self.error <= (1e-9 if self.dtype == "float64" else 1e-5)

    def __str__(self) -> str:
        word = "checked" if self.ok else "NOT EQUAL to the program"
        return f"{word}: relative error {self.error:.1e} over {self.samples} random inputs in {self.dtype}"


@dataclass(frozen=True)
class Equations:
    """What a program computes, line by line. What is printed is what `check` evaluates."""

    lines: tuple[Line, ...]
    inputs: tuple[Symbol, ...]
    outputs: tuple[Symbol, ...]
    program: Callable[..., Sequence[Any]]
    examples: tuple[Any, ...]
    constants: dict[Symbol, Any] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)

    @property
    def where(self) -> tuple[Symbol, ...]:
        """The symbols that the lines use and that no line defines, in the order of the arguments."""
        used = {expr for line in self.lines for expr in walk(line.expr) if isinstance(expr, Symbol)}
        return tuple(one for one in (*self.inputs, *self.constants) if one in used)

    @property
    def unprinted(self) -> tuple[str, ...]:
        """The primitives that have no notation and are printed by name."""
        nodes = walk(*(line.expr for line in self.lines))
        found = [expr.param("program").name for expr in nodes if isinstance(expr, Apply) and not TABLE[expr.op].printed]
        return tuple(dict.fromkeys(found))

    def boxes(self, flat: bool = False) -> list[tuple[Box, Box]]:
        """The two sides of each line."""
        letters = frozenset(re.sub(r"[^A-Za-z].*", "", one.name) for one in (*self.inputs, *self.outputs))
        made = []
        for line in self.lines:
            layout = Layout(TABLE, flat, letters, self.sizes)
            right = layout.box(line.expr)
            if is_op(line.expr, "primitive"):
                right = row(right, Sign("∈"), layout.space(line.expr))
            made.append((named(line.name), right))
        return made

    def spaces(self) -> list[tuple[list[Box], Box]]:
        """Symbols with their space, those of one space together."""
        layout, bounds = Layout(TABLE, False, sizes=self.sizes), self.bounds()
        groups: list[tuple[list[Box], Box]] = []
        for one in self.where:
            if one.kind == "other":
                continue
            space = _classes(bounds[one], self.sizes) if one in bounds and not one.shape else layout.space(one)
            if groups and groups[-1][1] == space:
                groups[-1][0].append(named(one.name))
            else:
                groups.append(([named(one.name)], space))
        return groups

    def bounds(self) -> dict[Expr, int]:
        """How many values the whole numbers can have that are used as positions."""
        found: dict[Expr, int] = {}
        for expr in walk(*(line.expr for line in self.lines)):
            if is_op(expr, "index"):
                pairs = list(zip(expr.args[1:], expr.args[0].shape))
            else:
                pairs = [(expr.args[0], expr.shape[0])] if is_op(expr, "one_hot") else []
            for at, count in pairs:
                for leaf in walk(at):
                    if isinstance(leaf, Symbol) and leaf.kind == "integer":
                        found[leaf] = min(count, found.get(leaf, count))
        return found

    def unicode(self, where: bool = True) -> str:
        """Plain text, aligned; the spaces below."""
        text = print_unicode.page(self.boxes(flat=True))
        spaces = [print_unicode.unicode(row(listed(*names), Sign("∈"), space)) for names, space in self.spaces()]
        return text + ("\nwhere " + ", ".join(spaces) if where and spaces else "")

    def latex(self, where: bool = True) -> str:
        """An `aligned` block, to stand in display mathematics; the spaces as its last line."""
        text = print_latex.page(self.boxes())
        spaces = [print_latex.latex(row(listed(*names), Sign("∈"), space)) for names, space in self.spaces()]
        if not where or not spaces:
            return text
        return text.replace("\n\\end{aligned}", " \\\\\n&\\text{where } " + r",\ ".join(spaces) + "\n\\end{aligned}")

    def mathml(self, where: bool = True) -> str:
        """A `math` element for a page without scripts; the spaces in a paragraph below."""
        text = print_mathml.page(self.boxes())
        spaces = [print_mathml.inline(row(listed(*names), Sign("∈"), space)) for names, space in self.spaces()]
        return text + (f"<p>where {', '.join(spaces)}</p>" if where and spaces else "")

    def __str__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        return self.mathml()

    def evaluate(self, values: Sequence[Any], xp: Any = np, dtype: Any = np.float64) -> list[Any]:
        """The values of the outputs by the printed lines, for the values of the inputs."""
        env: dict[Expr, Any] = {**dict(zip(self.inputs, values, strict=True)), **self.constants}
        for line in self.lines:
            env[line.symbol] = evaluate([line.expr], env, xp, dtype)[0]
        return [env[one] for one in self.outputs]

    def check(self, key: Any = None, samples: int = 3, dtype: str = "float64") -> Check:
        """Evaluate what is printed and run the program, on the same random inputs; the largest relative error."""
        seed = 0 if key is None else int(jax.random.bits(key))
        rng = np.random.default_rng(seed)
        with jax.enable_x64(dtype == "float64"), jax.default_device(jax.devices("cpu")[0]):
            program = jax.jit(self.program, compiler_options=_QUICK)
            worst, told = 0.0, 0
            for trial in range(4 * samples):
                values = self.sample(rng, dtype, narrow=trial >= samples)
                wanted = [np.asarray(value) for value in program(*values)]
                with np.errstate(all="ignore"):
                    found = self.evaluate([_host(value) for value in values], np, np.dtype(dtype).type)
                pairs = list(zip(found, wanted, strict=True))
                told += all(np.isfinite(np.asarray(value)).any() for value in wanted if value.dtype.kind in "fc")
                worst = max([worst, *(difference(one, other) for one, other in pairs)])
                if told == samples:
                    break
        return Check(worst if told else float("inf"), told, dtype)

    def sample(self, rng: np.random.Generator, dtype: str, narrow: bool) -> list[Any]:
        """Random inputs: knobs in (0.1, 0.9), states positive, others normal; all in (0.1, 0.9) when `narrow`."""
        bounds = self.bounds()
        return [
            self._sample(one, example, rng, dtype, narrow, bounds) for one, example in zip(self.inputs, self.examples)
        ]

    def _sample(self, one: Symbol, example: Any, rng: Any, dtype: str, narrow: bool, bounds: dict[Expr, int]) -> Any:
        if one.kind == "other":
            return example
        if one.kind == "truth":
            return rng.random(one.shape) < 0.5
        if one.kind == "integer":
            return np.asarray(rng.integers(0, bounds.get(one, 6), one.shape), np.asarray(example).dtype)
        if one.role == "knob" or narrow:
            return np.asarray(rng.uniform(0.1, 0.9, one.shape), dtype)
        # Matrices by their fan-in: the values inside a wide network stay where exponentials neither overflow nor vanish.
        fan_in = one.shape[-1] if len(one.shape) > 1 else 1
        value = rng.normal(0.0, 1.0, one.shape) / np.sqrt(fan_in)
        if one.kind == "complex":
            return np.asarray(
                value + 1j * rng.normal(0.0, 1.0, one.shape), "complex128" if dtype == "float64" else "complex64"
            )
        return np.asarray(np.abs(value) + 0.1 if one.role == "state" else value, dtype)


def _host(value: Any) -> Any:
    return value if extended(getattr(value, "dtype", None)) else np.asarray(value)


def _classes(count: int, sizes: dict[int, str]) -> Box:
    """{0, …, 9}."""
    few = [Digits(str(value)) for value in range(count)] if count <= 3 and count not in sizes else None
    last = row(named(sizes[count]), Sign("-"), Digits("1")) if count in sizes else Digits(str(count - 1))
    inside = few or [Digits("0"), Sign("…", True), last]
    return row(Sign("{", True), listed(*inside), Sign("}", True))
