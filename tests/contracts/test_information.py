"""What every measure of information and every estimate from samples must do."""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.functions.information.examples import example

MEASURES = {name: entry.what for name, entry in members("information").items()}
ESTIMATES = {name: entry.what for name, entry in members("sample estimate").items()}
TWO = [name for name, what in MEASURES.items() if list(inspect.signature(what).parameters)[:2] == ["p", "q"]]
DISTANCES = [name for name in TWO if name not in ("cross_entropy", "variational_bound")]
DIFFERENCES = [name for name in DISTANCES if not name.startswith("gaussian")]  # of laws on outcomes
each = pytest.mark.parametrize("name", MEASURES)


def test_both_kinds_are_found():
    assert len(MEASURES) >= 20 and len(ESTIMATES) >= 8 and len(DISTANCES) >= 10


@each
def test_one_number_of_the_dtype_of_its_arguments(x64, name):
    arguments = example(MEASURES[name], jax.random.key(0))
    for dtype in (jnp.float32, jnp.float64):
        cast = jax.tree.map(lambda a: a.astype(dtype) if isinstance(a, jax.Array) else a, arguments)
        value = MEASURES[name](*cast)
        assert (value.shape, value.dtype) == ((), dtype) and jnp.isfinite(value)


@each
def test_compiled_equals_eager_and_the_gradient_is_the_finite_difference(x64, name):
    arguments = example(MEASURES[name], jax.random.key(1))
    moving = [i for i, a in enumerate(arguments) if not callable(a) and not isinstance(a, int)]

    def f(parts):
        full = list(arguments)
        for i, part in zip(moving, parts):
            full[i] = part
        return MEASURES[name](*full)

    at = [arguments[i] for i in moving]
    leaves, shape = jax.tree.flatten(at)
    keys = jax.random.split(jax.random.key(2), len(leaves))
    # a direction that keeps sums (laws stay laws) and symmetry (covariances stay covariances)
    drawn = [jax.random.normal(k, leaf.shape, leaf.dtype) for k, leaf in zip(keys, leaves)]
    v = [d + d.T if d.shape == (2, 2) else d - d.mean() if d.ndim else d for d in drawn]
    v = shape.unflatten(v)
    value, slope = jax.jit(lambda a, d: jax.jvp(f, (a,), (d,)))(at, v)
    assert float(value) == pytest.approx(float(f(at)), rel=1e-12)
    h = 2e-6
    up, down = (jax.tree.map(lambda a, d, s=s: a + s * h * d, at, v) for s in (1, -1))
    assert float(slope) == pytest.approx(float((f(up) - f(down)) / (2 * h)), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_of_laws_is_positive_and_zero_at_equal_laws(x64, name):
    for seed in range(3):
        p, q = example(MEASURES[name], jax.random.key(seed))[:2]
        assert float(MEASURES[name](p, q)) > 1e-3
        assert float(MEASURES[name](p, p)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_no_distance_grows_through_a_channel(x64, name):
    for seed in range(3):
        p, q = example(MEASURES[name], jax.random.key(seed))[:2]
        channel = jax.nn.softmax(jax.random.normal(jax.random.key(seed + 9), (4, 3)), axis=1)
        assert float(MEASURES[name](p @ channel, q @ channel)) < float(MEASURES[name](p, q))


@pytest.mark.parametrize("name", DIFFERENCES)
def test_laws_with_zeros_give_no_nan_in_value_and_gradient(name):
    p, q = jnp.array([0.5, 0.5, 0.0, 0.0]), jnp.array([0.25, 0.0, 0.75, 0.0])
    assert not jnp.isnan(MEASURES[name](p, q))
    r = jnp.array([0.2, 0.3, 0.5, 0.0])
    value, slope = jax.value_and_grad(MEASURES[name])(p, r)
    assert jnp.isfinite(value) and not jnp.any(jnp.isnan(slope))


@pytest.mark.parametrize("name", ESTIMATES)
def test_an_estimate_says_its_kind_and_bias_and_does_not_depend_on_the_order_of_the_sample(name):
    estimate = ESTIMATES[name]
    if inspect.isclass(estimate):
        return
    says = (inspect.getmodule(estimate).__doc__ or "").lower()
    assert "bias" in says
    rng = np.random.default_rng(0)
    arguments = [p.name for p in inspect.signature(estimate).parameters.values() if p.default is p.empty]
    if arguments == ["counts"]:
        counts = rng.integers(1, 9, (3, 4))
        assert estimate(counts) == pytest.approx(estimate(counts[::-1, ::-1]), rel=1e-12)
        return
    data = [rng.normal(size=50) + i for i, _ in enumerate(arguments)]
    first = estimate(*data)
    again = estimate(*[part[::-1] for part in data])
    assert np.allclose(first, again, rtol=1e-12) and np.isfinite(first).all()
