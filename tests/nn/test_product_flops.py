"""Matrix products counted in a program: by hand, through maps, loops and derivatives."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gradiens.nn.product_flops import product_flops

A, B, x = jnp.ones((3, 4)), jnp.ones((4, 5)), jnp.ones(4)


def test_by_hand():
    assert product_flops(lambda A, B: jnp.tanh(A @ B) + 1, A, B) == 2 * 3 * 4 * 5
    assert product_flops(lambda A, x: A @ x, A, x) == 2 * 3 * 4
    assert product_flops(lambda A: A + A, A) == 0


def test_inside_other_programs():
    assert product_flops(jax.jit(lambda A, B: A @ B), A, B) == 2 * 3 * 4 * 5
    assert product_flops(jax.vmap(lambda row: B.T @ row), A) == 3 * 2 * 5 * 4
    square = jnp.ones((4, 4))
    turn = lambda h, _: (square @ h, None)  # noqa: E731
    assert product_flops(lambda h: jax.lax.scan(turn, h, None, length=7)[0], x) == 7 * 2 * 4 * 4


def test_a_gradient_in_both_factors_costs_twice_as_much_again():
    cost = lambda A, B: jnp.sum(jnp.sin(A @ B))  # noqa: E731
    assert product_flops(jax.grad(cost, (0, 1)), A, B) == 3 * 2 * 3 * 4 * 5
    assert product_flops(jax.grad(cost), A, B) == 2 * 2 * 3 * 4 * 5
