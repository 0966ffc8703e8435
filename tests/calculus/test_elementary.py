"""The table of elementary functions: each partial derivative is the limit of difference quotients and costs what is said."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.calculus.elementary import ELEMENTARY, UNIT, power

RULES = {function.__name__: (function, rule) for function, rule in ELEMENTARY.items()}
RULES |= {f"power {p:g}": (lambda u, p=p: u**p, power(p)) for p in (3.0, -2.0, 0.5)}


@pytest.mark.parametrize("name", RULES)
def test_partials_are_complex_or_central_differences(name):
    function, rule = RULES[name]
    u = np.random.default_rng(1).uniform(0.3, 1.7, size=(len(rule.partials), 50))
    z, h = function(*u), 1e-6
    for i, partial in enumerate(rule.partials):
        e = np.zeros_like(u)
        e[i] = h
        slope = (function(*(u + e)) - function(*(u - e))) / (2 * h)
        np.testing.assert_allclose(np.broadcast_to(partial.of(z, *u), z.shape), slope, rtol=1e-8, atol=1e-9)


class Counting:
    """A number that counts the operations done with it."""

    def __init__(self, value, done):
        self.value, self.done = value, done

    def _new(self, value):
        self.done.append(value)
        return Counting(value, self.done)

    def __add__(self, other):
        return self._new(self.value + getattr(other, "value", other))

    def __sub__(self, other):
        return self._new(self.value - getattr(other, "value", other))

    def __rsub__(self, other):
        return self._new(other - self.value)

    def __mul__(self, other):
        return self._new(self.value * getattr(other, "value", other))

    __rmul__ = __mul__

    def __neg__(self):
        return self._new(-self.value)

    def __pow__(self, p):
        return self._new(self.value**p)

    def __array_ufunc__(self, function, method, *inputs):
        return self._new(function(*(getattr(x, "value", x) for x in inputs)))


@pytest.mark.parametrize("name", [name for name in RULES if name not in ("absolute", "maximum")])
def test_declared_costs_are_counted_ones(name):
    function, rule = RULES[name]
    values = [0.7, 0.4][: len(rule.partials)]
    for partial in rule.partials:
        done = []
        made = partial.of(Counting(function(*values), done), *(Counting(u, done) for u in values))
        if partial.cost == UNIT:
            assert made in (1.0, -1.0) and not done
        else:
            assert len(done) == partial.cost


def test_kinks_take_the_middle():
    (absolute,), (left, right) = ELEMENTARY[np.absolute].partials, ELEMENTARY[np.maximum].partials
    x = np.asarray([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(absolute.of(abs(x), x), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(left.of(x, x, np.zeros(3)), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(right.of(x, x, np.zeros(3)), [1.0, 0.5, 0.0])
