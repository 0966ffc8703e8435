"""A model stated as equations, before there are data: it prints itself with the sizes inferred so far, and can be made or fitted.

    >>> gradiens.model("ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)")
    a₁ = relu(W₁ x + b₁)
     ŷ = softmax(W₂ a₁ + b₂)
    where W₁ ∈ ℝ⁶⁴ˣⁿ, W₂ ∈ ℝᴷˣ⁶⁴, b₁ ∈ ℝ⁶⁴, b₂ ∈ ℝᴷ, x ∈ ℝⁿ

What the data will say has a letter: n for the numbers in x, K for those in ŷ, others for sizes that the text must still give.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from gradiens import equations
from gradiens.core.check import Mistake
from gradiens.equations.meaning.elaborate import Written, elaborate
from gradiens.equations.meaning.sizes import Contradiction, Size, Unknown
from gradiens.equations.text.faults import Fault
from gradiens.equations.tree.expression import Symbol
from gradiens.train.equation_text import text_of
from gradiens.train.written import COST, Program, WrittenModel, finished, prediction_of, run

if TYPE_CHECKING:
    from gradiens.train.fitted import Fitted

_TRIALS = ((11, 13, 17, 19, 23, 29, 31, 37, 41, 43), (101, 103, 107, 109, 113, 127, 131, 137, 139, 149))
_INPUT = {1: ("n",), 2: ("T", "n"), 3: ("c", "h", "w")}  # letters for the sizes of x, by its rank


class Parameter(NamedTuple):
    """A parameter: its name, its shape with letters for what is not known yet, and how it starts."""

    name: str
    shape: tuple[str, ...]
    start: str


class Statement:
    """The equations of a model. `text`, or the name of a file of equations (.eq), is read at once; a `Mistake` says where
    it is wrong.
    """

    def __init__(self, text: str):
        self.text = text_of(text)
        prediction_of(_read(self.text)[0])

    def make(self, key: Array, x: int | tuple[int, ...] = (1,), outputs: int = 1, task: str = "number") -> WrittenModel:
        """The model for inputs of the shape `x` and `outputs` numbers to predict, its parameters at their start. `task` is
        that of the target: "number", "binary" or "classes"; the model returns what its link makes the prediction of.
        """
        shape = (x,) if isinstance(x, int) else tuple(x)
        return WrittenModel.make(self.text, shape, key, outputs, task)

    def fit(self, data: Any, target: str = "", **options: Any) -> Fitted:
        """`gradiens.fit` with these equations."""
        from gradiens.train.fit import fit

        return fit(data, target, equation=self.text, **options)

    @functools.cached_property
    def _tried(self) -> tuple[Program, dict[int, str]]:
        return _at_made_up_sizes(self.text)

    @functools.cached_property
    def equations(self) -> equations.Equations:
        """What is printed: the text, read, folded as every program is, with letters for sizes that are not known."""
        read, letters = self._tried
        with_cost = read.cost is not None and read.y is not None
        inputs = {"x": read.x, "y": read.y} if with_cost else {"x": read.x}
        roots = [read.prediction, read.cost] if with_cost else [read.prediction]

        def program(theta: Any, x: Any, y: Any = None) -> list[Any]:
            return [run(read, root, theta, x, y) for root in roots]

        args = [{one.symbol.name: jnp.zeros(one.symbol.shape) for one in read.starts}, *map(_zeros, inputs.values())]
        names = {param: one.name for param, one in inputs.items()}
        outputs = [prediction_of(read.written), COST][: len(roots)]
        return dataclasses.replace(equations.of(program, *args, names=names, output=outputs), sizes=letters)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the order in which they are used."""
        read, letters = self._tried
        told = lambda one: tuple(letters.get(n, str(n)) for n in one.symbol.shape)  # noqa: E731
        return tuple(Parameter(one.name, told(one), str(one)) for one in read.starts)

    def __str__(self) -> str:
        return self.equations.unicode()

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return self.equations._repr_latex_()

    def _repr_html_(self) -> str:
        return self.equations._repr_html_()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """All formats, for a notebook to choose from."""
        return self.equations._repr_mimebundle_(include, exclude)


def model(text: str) -> Statement:
    """A model from its equations: print it, `make` it for given sizes, or `fit` it to data.

    >>> gradiens.model("ŷ = σ(wᵀ x + b), b ∈ R").fit("breast_cancer")
    """
    return Statement(text)


def _read(text: str) -> tuple[Written, dict[int, str]]:
    """The text with whatever sizes it gives; what needs sizes to be understood gets some for x, with their letters."""
    try:
        return elaborate(text), {}
    except Fault as fault:
        for rank in (1, 2):
            shape = _TRIALS[0][-rank:]
            try:
                return elaborate(text, shapes={"x": shape, "X": shape}), dict(zip(shape, _INPUT[rank]))
            except Fault:
                continue
        raise fault


def _at_made_up_sizes(text: str) -> tuple[Program, dict[int, str]]:
    """The program at sizes that are made up, each another number, and the letters that these numbers stand for."""
    for numbers in _TRIALS:
        written, letters = _read(text)
        try:
            letters |= _settled(written, numbers)
            shape = written.lines[prediction_of(written)].shape
            return finished(written, (shape[0].known or 1) if shape else 1, "number"), letters
        except Contradiction:
            continue
    raise Mistake("sizes that can be inferred", "none that fit", "declare more of them: W ∈ ℝ^(64×32)")


def _settled(written: Written, numbers: Sequence[int]) -> dict[int, str]:
    """Give every size that is not known a letter and a number; returns the letters of all sizes by number."""
    scope = written.scope
    taken = {re.sub(r"[_^'⟨].*", "", name) for name in (*scope.meant, *written.lines, *scope.sizes.named)}
    shapes = [one.shape or () for one in scope.meant.values()]
    unknowns = {part: None for shape in shapes for size in shape for part, _ in size.solved().terms}
    for part, letter in _usual(written):
        if part in unknowns and not part.name and letter not in taken:
            part.name = letter
            taken.add(letter)
    free = (letter for letter in "mpqrdklsu" if letter not in taken)
    for part in unknowns:
        part.name = part.name or next(free, "m")
    said = [str(size) for shape in shapes for size in shape]
    for part, number in zip(unknowns, numbers):
        if part.value is None:
            scope.sizes.equal(Size(0, ((part, 1),)), Size(number))
    found = [size.known for shape in shapes for size in shape]
    return {number: text for number, text in zip(found, said) if number is not None and not text.isdigit()}


def _usual(written: Written) -> Iterator[tuple[Unknown, str]]:
    """The letters for the sizes of x and of the prediction."""
    x = written.scope.meant.get("x") or written.scope.meant.get("X")
    shape = (x.shape if x is not None else None) or ()
    y = written.lines[prediction_of(written)].shape
    for size, letter in [*zip(shape, _INPUT.get(len(shape), ())), *zip(y, "K")]:
        yield from ((part, letter) for part, _ in size.solved().terms)


def _zeros(one: Symbol) -> Array:
    return jnp.zeros(one.shape, jnp.int32 if one.kind == "integer" else None)
