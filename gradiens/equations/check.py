"""The check of what is printed against the program: both are run on the same random inputs and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from gradiens.core.check import Mistake
from gradiens.equations.meaning.elaborate import elaborate
from gradiens.equations.meaning.scope import canonical
from gradiens.equations.printing.blocks import each
from gradiens.equations.program.primitives import extended
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, walk
from gradiens.equations.tree.operations import evaluate
from gradiens.equations.tree.recurrence import everything
from gradiens.equations.tree.verify import difference

if TYPE_CHECKING:
    from gradiens.equations.equations import Equations
    from gradiens.equations.printing.blocks import Block
    from gradiens.equations.printing.naming import Line

# The program is compiled to be run three times.
_QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


@dataclass(frozen=True)
class Check:
    """The largest relative error of what is printed against the program, over random inputs, and what was compared."""

    error: float
    samples: int
    dtype: str
    read: tuple[str, ...] = ()  # the prints that were parsed and evaluated
    wrong: str = ""  # why a print could not be read back

    @property
    def ok(self) -> bool:
        """Read back, and within rounding?"""
        return self.error <= (1e-9 if self.dtype == "float64" else 1e-5)

    @property
    def short(self) -> str:
        """In a few words."""
        return f"{'checked: error' if self.ok else 'NOT EQUAL to the program: error'} {self.error:.1e}"

    def __str__(self) -> str:
        if self.wrong:
            return f"NOT READ BACK: {self.wrong}"
        word = "checked" if self.ok else "NOT EQUAL to the program"
        told = f"{word}: relative error {self.error:.1e} over {self.samples} random inputs in {self.dtype}"
        return told + (f", read back from {' and '.join(self.read)}" if self.read else "")


def checked(equations: Equations, key: Any = None, samples: int = 3, dtype: str = "float64") -> Check:
    """Print, parse, build again, and run both on the same random inputs; the largest relative error."""
    seed = 0 if key is None else int(jax.random.bits(key))
    rng = np.random.default_rng(seed)
    try:
        readings = [equations.evaluate, *(reread.evaluate for reread in equations.reread.values())]
    except Mistake as mistake:
        return Check(float("inf"), 0, dtype, (), str(mistake))
    number = np.dtype(dtype).type
    with jax.enable_x64(dtype == "float64"), jax.default_device(jax.devices("cpu")[0]):
        program = jax.jit(equations.program, compiler_options=_QUICK)
        inside, outside = [], []  # trials on inputs where the program is defined throughout, and where it is in part
        for trial in range(4 * samples):
            values = sample(equations, rng, dtype, narrow=trial >= samples)
            wanted = [np.asarray(value) for value in program(*values)]
            numbers = [value for value in wanted if value.dtype.kind in "fc"]
            if not all(np.isfinite(value).any() for value in numbers):
                continue
            host = [_host(value) for value in values]
            with np.errstate(all="ignore"):
                found = [reading(host, np, number) for reading in readings]
            pairs = [(_like(one, other), other) for each in found for one, other in zip(each, wanted, strict=True)]
            (outside if any(np.isnan(value).any() for value in numbers) else inside).append(pairs)
            if len(inside) == samples:
                break
    told = inside or outside[:samples]
    return Check(_error(told) if told else float("inf"), len(told), dtype, tuple(equations.reread))


def _error(trials: Sequence[Sequence[tuple[Any, Any]]]) -> float:
    """The largest of all outputs, each relative to its own size over all trials: in one it may all but cancel."""
    return max((difference(*map(np.stack, zip(*pairs))) for pairs in zip(*trials)), default=0.0)


def _like(found: Any, wanted: Any) -> Any:
    """`found` in the shape of `wanted`: an axis of one is not printed."""
    found = np.asarray(found)
    plain = [tuple(n for n in value.shape if n != 1) for value in (found, wanted)]
    return found.reshape(wanted.shape) if plain[0] == plain[1] else found


@dataclass(frozen=True, eq=False)
class Reread:
    """A print that was parsed and elaborated again: its trees, and the inputs its names stand for."""

    trees: tuple[Expr, ...]
    places: dict[Symbol, int]  # of a symbol among the inputs
    constants: dict[Symbol, Any]

    @staticmethod
    def of(equations: Equations, text: str) -> Reread:
        """Read `text`, the print of `equations`, knowing nothing but the text and the meaning of letters for sizes."""
        sizes = {name: size for size, name in equations.sizes.items()}
        written = elaborate(text, model=False, sizes=sizes, programs=_programs(equations))
        trees = tuple(written.trees(one.name for one in equations.outputs))
        used = [expr for expr in everything(*trees) if isinstance(expr, Symbol)]
        known = {canonical(one.name): place for place, one in enumerate(equations.inputs)}
        fixed = {canonical(one.name): value for one, value in equations.constants.items()}
        places = {one: known[one.name] for one in used if one.name in known}
        return Reread(trees, places, {one: fixed[one.name] for one in used if one.name in fixed})

    def evaluate(self, values: Sequence[Any], xp: Any = np, dtype: Any = np.float64) -> list[Any]:
        """The values of the outputs for the values of the inputs."""
        env: dict[Expr, Any] = {one: _shaped(values[place], one) for one, place in self.places.items()}
        env |= {one: _shaped(value, one) for one, value in self.constants.items()}
        return evaluate(self.trees, env, xp, dtype)


def _shaped(value: Any, one: Symbol) -> Any:
    return value if one.kind == "other" else np.asarray(value).reshape(one.shape)


def _programs(equations: Equations) -> dict[str, list[Any]]:
    """The primitives that are printed by name only, by that name."""
    found: dict[str, list[Any]] = {}
    for expr in everything(*(line.expr for line in each(equations.lines))):
        if isinstance(expr, Apply) and expr.op in ("primitive", "random"):
            held = found.setdefault(expr.param("program").name, [])
            if expr.param("program") not in held:
                held.append(expr.param("program"))
    return found


def bounds(lines: Iterable[Line | Block]) -> dict[Expr, int]:
    """How many values the whole numbers can have that are used as positions."""
    found: dict[Expr, int] = {}
    for expr in walk(*(line.expr for line in each(lines))):
        if is_op(expr, "index", "rows"):
            pairs = list(zip(expr.args[1:], expr.args[0].shape))
        elif is_op(expr, "add_at", "put_at"):
            pairs = list(zip(expr.args[2:], expr.shape))
        elif is_op(expr, "pick"):
            pairs = [(expr.args[1], expr.args[0].shape[1])]
        else:
            pairs = [(expr.args[0], expr.shape[0])] if is_op(expr, "one_hot", "add_rows") else []
        for at, count in pairs:
            for leaf in walk(at):
                if isinstance(leaf, Symbol) and leaf.kind == "integer":
                    found[leaf] = min(count, found.get(leaf, count))
    return found


def sample(equations: Equations, rng: np.random.Generator, dtype: str, narrow: bool) -> list[Any]:
    """Random inputs: knobs in (0.1, 0.9), states positive, others normal; all in (0.1, 0.9) when `narrow`."""
    limits = bounds(equations.lines)
    pairs = zip(equations.inputs, equations.examples, strict=True)
    return [_sample(one, example, rng, dtype, narrow, limits) for one, example in pairs]


def _sample(one: Symbol, example: Any, rng: Any, dtype: str, narrow: bool, limits: dict[Expr, int]) -> Any:
    if one.kind == "other":
        return example
    if one.kind == "truth":
        return rng.random(one.shape) < 0.5
    if one.kind == "integer":
        return np.asarray(rng.integers(0, limits.get(one, 6), one.shape), np.asarray(example).dtype)
    if one.role == "knob" or narrow:
        return np.asarray(rng.uniform(0.1, 0.9, one.shape), dtype)
    # Matrices and kernels by their fan-in: the values inside a wide network stay where exponentials neither overflow
    # nor vanish. Of three axes it may be a picture, whose rows are enough.
    fan_in = np.prod(one.shape[1:] if len(one.shape) > 3 else one.shape[-1:]) if len(one.shape) > 1 else 1
    value = rng.normal(0.0, 1.0, one.shape) / np.sqrt(fan_in)
    if one.kind == "complex":
        imaginary = rng.normal(0.0, 1.0, one.shape)
        return np.asarray(value + 1j * imaginary, "complex128" if dtype == "float64" else "complex64")
    return np.asarray(np.abs(value) + 0.1 if one.role == "state" else value, dtype)


def _host(value: Any) -> Any:
    return value if extended(getattr(value, "dtype", None)) else np.asarray(value)
