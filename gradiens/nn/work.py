"""What a model costs: parameters, arithmetic and memory for one example, counted three ways.

    dense m → n    parameters mn + n,  2mn operations and the bias

`flops` adds up what the layers tell, without the activations; `compiled_flops` is the compiler's own count for the whole
program. The activations are what reverse mode keeps of a forward pass, and grow with the batch.

Book: 1.4.
"""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Failure
from gradiens.core.module import count
from gradiens.nn.summary import layer_table

KIND = "measure"


class Work(NamedTuple):
    """Trainable numbers, operations as the layers tell them (None where one does not), as the compiler counts them, and
    numbers in the intermediate results; all for one example."""

    parameters: int
    flops: int | None
    compiled_flops: float
    activations: int


def work(model: Any, x: Array) -> Work:
    """The cost of model(x) for one example x.

    Raises `Failure` where the compiler does not count.

    Book: 1.4.
    """
    told = [row["flops"] for row in layer_table(model)]
    forward = lambda x: model(x)  # noqa: E731 - a module holds arrays, and is no key of the cache
    found = jax.jit(forward).lower(x).compile().cost_analysis()
    if not found:
        raise Failure("this backend's compiler counts no operations", "use the CPU backend")
    program = jax.make_jaxpr(forward)(x).jaxpr
    kept = sum(math.prod(out.aval.shape) for step in program.eqns for out in step.outvars)
    return Work(count(model), None if None in told else sum(told), float(found.get("flops", 0.0)), kept)


def peak_throughput(n: int = 512, seconds: float = 0.2) -> float:
    """Operations a second of this machine in products of n × n matrices in single precision: the best of the time given.

    Book: 1.4.
    """
    a = jnp.asarray(np.random.default_rng(0).normal(size=(n, n)), jnp.float32)
    product = jax.jit(lambda a: a @ a)
    product(a).block_until_ready()
    best, end = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        product(a).block_until_ready()
        best = min(best, time.perf_counter() - begun)
    return 2 * n**3 / best
