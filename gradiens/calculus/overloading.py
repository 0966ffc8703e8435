"""Numbers that carry more than their value: the bridge from NumPy's functions to the rules of this package.

A function written with `+ - * / ** @`, `np.sin`, `np.exp`, … runs on floats, on dual numbers, on nodes of a tape and on
jets without a change: NumPy hands each of its operations to the class of the operands.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from gradiens.calculus.elementary import ELEMENTARY, NAMES
from gradiens.core.check import Mistake

_COMPARISONS = {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
Map = Callable[[np.ndarray], Any]


class Overloaded(NDArrayOperatorsMixin):
    """A number, or an array of them, that follows its own rules. A comparison compares the values alone."""

    value: Any

    @abstractmethod
    def elementary(self, function: np.ufunc, *inputs: Any) -> Any:
        """An elementary function of `inputs`, of which at least one is of this class."""

    @abstractmethod
    def power(self, p: float) -> Any:
        """This to a constant power."""

    @abstractmethod
    def product(self, left: Any, right: Any) -> Any:
        """The matrix product `left @ right`."""

    @abstractmethod
    def linear(self, form: str, apply: Map, transpose: Map, cost: int = 0) -> Any:
        """A linear map of this array and its transpose, both given for plain arrays; it takes `cost` operations."""

    @abstractmethod
    def plus(self, *terms: Any) -> Any:
        """The sum of several terms as one operation."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            raise Mistake("a plain call of an elementary function", f"np.{ufunc.__name__}.{method} with {[*options]}")
        if ufunc in _COMPARISONS:
            return ufunc(*map(plain, inputs))
        if ufunc is np.matmul:
            return self.product(*inputs)
        if ufunc is np.true_divide:
            return inputs[0] * inverse(inputs[1])
        if ufunc is np.power:
            return _power(*inputs)
        if ufunc in ELEMENTARY:
            return self.elementary(ufunc, *inputs)
        raise Mistake(f"one of {', '.join(NAMES)}, matmul, power, sum", f"np.{ufunc.__name__}", "write it with these")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.sum and len(args) == 1 and not kwargs:
            return args[0].sum()
        if function in (np.shape, np.ndim, np.size):
            return function(plain(args[0]))
        raise Mistake(
            "elementary functions, @, and np.sum of all entries", f"np.{function.__name__}", "write it with these"
        )

    def sum(self) -> Any:
        """The sum of all entries."""
        shape, size = self.shape, int(np.prod(self.shape))
        return self.linear("Σ {}", np.sum, lambda a: np.broadcast_to(a, shape), size)

    def __getitem__(self, index: Any) -> Any:
        shape = self.shape

        def scatter(a: np.ndarray) -> np.ndarray:
            out = np.zeros(shape)
            np.add.at(out, index, a)
            return out

        return self.linear(f"{{}}[{_index_text(index)}]", lambda a: np.asarray(a)[index], scatter)

    @property
    def T(self) -> Any:
        """The transpose."""
        return self.linear("{}ᵀ", np.transpose, np.transpose)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(plain(self))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a number has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


def plain(u: Any) -> Any:
    """The value alone, as NumPy's."""
    return plain(u.value) if isinstance(u, Overloaded) else u


def inverse(u: Any) -> Any:
    """1/u."""
    return np.reciprocal(u) if isinstance(u, Overloaded) else 1.0 / np.asarray(u, float)


def total(*terms: Any) -> Any:
    """The sum of several terms as one operation: one node of a graph, not a chain of additions."""
    for term in terms:
        if isinstance(term, Overloaded):
            return term.plus(*terms)
    return sum(terms)


def mapped(u: Any, form: str, apply: Map, transpose: Map) -> Any:
    """A linear map of a plain array, or of one that carries more."""
    return u.linear(form, apply, transpose) if isinstance(u, Overloaded) else apply(np.asarray(u))


def summed_to(a: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of broadcasting from `shape`: the sum over the axes along which it repeated."""
    large = np.shape(plain(a))
    if large == shape:
        return a
    lead = len(large) - len(shape)
    axes = (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 and large[lead + i] != 1))
    return mapped(a, "Σ {}", lambda b: np.sum(b, axis=axes).reshape(shape), lambda b: np.broadcast_to(b, large))


def _power(base: Any, p: Any) -> Any:
    if isinstance(p, Overloaded):
        return np.exp(p * np.log(base))
    if np.ndim(p):
        raise Mistake("one exponent", f"an array of shape {np.shape(p)}", "write exp(p log x)")
    return base.power(float(p))


def _index_text(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(":" if isinstance(part, slice) else "·" if part is None else str(part) for part in parts)
