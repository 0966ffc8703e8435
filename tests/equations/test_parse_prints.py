"""What is printed can be read: the Unicode and the LaTeX of a program are one syntax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradiens.core.catalogue import everything
from gradiens.equations import of
from gradiens.equations.text.parse import parse
from gradiens.train.explain import equations_of_entry
from tests.equations.text.syntax_said import said

x, y, A, B, n = jnp.ones(3), jnp.ones(3), jnp.ones((3, 3)), jnp.ones((3, 3)), jnp.int32(1)

PROGRAMS = {
    "sum": lambda x, y: x + y - 2 * x,
    "minus": lambda x, y: -(x + y) - (-x),
    "minus product": lambda x, y: -x * y,
    "hadamard": lambda x, y: x * (y - 1) * x,
    "quotient": lambda x, y: (x + y) / (x * y),
    "quotients": lambda x, y: x / y / (x / (y / 2)),
    "half": lambda x, y: 0.5 * x + y / 3 + x * 0.125,
    "small": lambda x, y: 1e-8 * x + 3e12 * y,
    "powers": lambda x, y: x**2 + y**-1 + (x + y) ** 3 + (-x) ** 2,
    "power": lambda x, y: x**y,
    "power of a sum": lambda x, y: x ** (y + 1.0),
    "matrix power": lambda A: A**2 + jnp.exp(A),
    "e": lambda x, y: jnp.sum(jnp.exp(-((x - y) ** 2) / 2)),
    "exp": lambda x, y: jnp.exp(x - y),
    "log": lambda x, y: jnp.log(x) * y + jnp.log(x + y) + jnp.log(x) ** 2,
    "log of log": lambda x, y: jnp.log(jnp.log(x)) + jnp.log(jnp.abs(y)),
    "root": lambda x, y: jnp.sqrt(x) + jnp.sqrt(x + y) * y + jnp.sqrt(x) ** 2,
    "constants": lambda x, y: x * jnp.pi + y * jnp.sqrt(2.0) + x * jnp.sqrt(2 / jnp.pi),
    "sines": lambda x, y: jnp.sin(x) * jnp.cos(x + y) + jnp.tanh(y) + jnp.arctan(x),
    "hyperbolic": lambda x, y: jnp.sinh(x) + jnp.arcsinh(y) + jnp.cosh(x),
    "special": lambda x, y: jax.scipy.special.erf(x) + jax.scipy.special.gammaln(y) + jax.scipy.special.digamma(x),
    "log gamma of a sum": lambda x, y: jax.scipy.special.gammaln(x + y) * y,
    "fences": lambda x, y: jnp.abs(x - y) + jnp.floor(x) * jnp.ceil(y / 2),
    "nested fences": lambda x, y: jnp.abs(jnp.abs(x) - jnp.abs(y)) * y,
    "maximum": lambda x, y: jnp.maximum(x, y) - jnp.minimum(x + 1, 0.0),
    "relu": lambda x, y: jax.nn.relu(x - y),
    "activations": lambda x, y: jax.nn.gelu(x, approximate=False) + jax.nn.silu(y) + jax.nn.softplus(x),
    "elu": lambda x, y: jax.nn.elu(x) + jax.nn.leaky_relu(y, 0.3),
    "sigmoid": lambda x, y: jax.nn.sigmoid(x) * (1 - jax.nn.sigmoid(x)),
    "slope of gelu": jax.grad(lambda x: jnp.sum(jax.nn.gelu(x, approximate=False))),
    "softmax": lambda x, y: jax.nn.softmax(x) * y,
    "log of softmax": lambda x, y: jnp.log(jax.nn.softmax(x)) * y,
    "rows": lambda A: jax.nn.softmax(A, axis=-1) @ A,
    "lse": lambda x, y: jax.nn.logsumexp(x) * y,
    "product": lambda A, B, x: A @ B @ x,
    "product of products": lambda A, B, x: (A @ B) @ (A @ x) + A @ (B @ x),
    "transpose": lambda A, B: A.T @ B + (A @ B).T,
    "inner": lambda x, y: jnp.dot(x, y) * x,
    "outer": lambda x, y: jnp.outer(x, y),
    "form": lambda A, x, y: x @ A @ y,
    "norm": lambda x, y: jnp.sum((x - y) ** 2) + jnp.sqrt(jnp.sum(x**2)),
    "frobenius": lambda A: jnp.sum(A**2) + jnp.sqrt(jnp.sum(A**2)),
    "sums": lambda x, y: jnp.sum(x * jnp.log(y)) - jnp.sum(jnp.exp(x)),
    "mean": lambda x, y: jnp.mean((x - y) ** 4),
    "sum of a product": lambda x, y: jnp.sum(x * y) / jnp.sum(x),
    "extremes": lambda x, y: jnp.max(x) - jnp.min(x * y),
    "row sums": lambda A: jnp.sum(A, axis=0) + jnp.mean(A, axis=1),
    "prod": lambda x, y: jnp.prod(x + y),
    "choice": lambda x, y: jnp.where(x > y, x * 2, y - 1),
    "choice in a quotient": lambda x, y: x / jnp.where(x > y, 2.0, y),
    "relations": lambda x, y: jnp.where((x > y) & (y <= 1), x, y) + jnp.where((x < 0) | (y != 1), x, y),
    "negation": lambda x, y: jnp.where(~((x >= y) & (x < 2)), x, y),
    "indicator": lambda x, y: (x > 0).astype(x.dtype) * y,
    "entry": lambda x, n: x[n] * x + x[0],
    "row": lambda A, n: A[n] + A[n] * 2,
    "slice": lambda x, y: x[1:] + y[:2],
    "slices": lambda A: A[:2, 1:],
    "join": lambda x, y: jnp.concatenate([x, y, x + y]),
    "columns": lambda A, B: jnp.concatenate([A, B], axis=1),
    "flat": lambda A, B: (A + B).reshape(-1),
    "reshape": lambda x, y: jnp.concatenate([x, y]).reshape(2, 3),
    "one hot": lambda x, n: x - jax.nn.one_hot(n, 3),
    "class": lambda x, n: -jnp.log(jax.nn.softmax(x))[n],
    "rows plus a vector": lambda A, x: A + x,
    "columns plus a vector": lambda A, x: A * x[:, None],
    "ones": lambda A, x: A @ jnp.ones(3) + jnp.zeros(3) * x,
    "counting": lambda x, y: x + jnp.arange(3.0),
}  # fmt: skip
ARGS = {"x": x, "y": y, "A": A, "B": B, "n": n}


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_notations_of_a_program_are_one_syntax(name):
    import inspect

    program = PROGRAMS[name]
    equations = of(program, *(ARGS[one] for one in inspect.signature(program).parameters), output="u")
    unicode, latex = equations.unicode(), equations.latex()
    assert list(map(said, parse(unicode))) == list(map(said, parse(latex))), f"{unicode}\n{latex}"


@pytest.mark.parametrize("entry", everything(), ids=lambda entry: f"{entry.kind} {entry.name}")
def test_both_notations_of_the_catalogue_are_one_syntax(entry):
    for _, equations in equations_of_entry(entry):
        unicode, latex = equations.unicode(), equations.latex()
        assert list(map(said, parse(unicode))) == list(map(said, parse(latex))), f"{unicode}\n{latex}"
