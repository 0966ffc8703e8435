"""Logistic regression on Adult: 32,561 rows, 200 columns, an L2 penalty so that the optimum is one.

    C(w) = 1/N Σ ln(1 + e^(zᵢ)) - yᵢ zᵢ + λ/2 ‖w‖²,   z = Xw

Both sides stop when no entry of the gradient exceeds 1e-6. The columns are the numbers in standard units, indicators of the
categories, products of the numbers and indicators of their quantiles.
"""

from __future__ import annotations

import time
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from benchmarks.harness import Measure

COLUMNS = 200
L2 = 1e-4
TOLERANCE = 1e-6


def matrix(quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """X (N, 200) in double precision with an intercept, y in {0, 1}."""
    from gradiens.data.load import load

    table: Any = load("adult")
    frame = table.frame
    target = frame.columns[-1]
    y = (frame[target].to_numpy() == sorted(frame[target].unique().to_list())[-1]).astype(np.float64)
    numbers, parts = [], []
    for name in frame.columns[:-1]:
        column = frame[name]
        if column.dtype.is_numeric():
            values = column.to_numpy().astype(np.float64)
            numbers.append((values - values.mean()) / values.std())
        else:
            levels = column.fill_null("?").to_numpy()
            parts += [(levels == level).astype(np.float64) for level in sorted(set(levels))[1:]]
    products = [a * b for a, b in combinations_with_replacement(numbers, 2)]
    cuts = [(v, q) for v in numbers for q in sorted(set(np.quantile(v, np.linspace(0.02, 0.98, 49))))]
    columns = [*numbers, *parts, *products, *((v > q).astype(np.float64) for v, q in cuts)]
    kept = [c / c.std() for c in columns if c.std() > 1e-3][: COLUMNS - 1]
    x = np.stack([*kept, np.ones(len(y))], axis=1)
    assert x.shape[1] == COLUMNS
    return (x[:2000], y[:2000]) if quick else (x, y)


def quality(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """C and the largest entry of its gradient, computed here for both sides."""
    z = x @ w
    p = 1 / (1 + np.exp(-z))
    value = np.mean(np.logaddexp(0, z) - y * z) + L2 / 2 * w @ w
    return {"cost": float(value), "gradient": float(np.abs(x.T @ (p - y) / len(y) + L2 * w).max())}


def ours(method: str, quick: bool) -> Measure:
    """`minimize`, on Xᵀ: with it neither product needs a transposition. The second call is timed.

    Newton's Hessian is computed in single precision: cost and gradient decide where it ends, the Hessian only how fast.
    """
    import jax
    import jax.numpy as jnp

    from gradiens import minimize

    def cost(w: Any, xt: Any, y: Any, single: Any) -> Any:
        z = w @ xt
        return jnp.mean(jnp.logaddexp(0, z) - y * z) + L2 / 2 * w @ w

    def hessian(w: Any, xt: Any, y: Any, single: Any) -> Any:
        p = jax.nn.sigmoid(w.astype(single.dtype) @ single)
        return ((single * (p * (1 - p))) @ single.T).astype(w.dtype) / y.size + L2 * jnp.eye(w.size)

    x, y = matrix(quick)
    options: Any = {"hessian": hessian} if method == "newton" else {"memory": 20}
    with jax.enable_x64(True):
        xt = jnp.asarray(np.ascontiguousarray(x.T))
        data = xt, jnp.asarray(y), xt.astype(jnp.float32)
    start, found, clock = np.zeros(COLUMNS), [], []
    for _ in range(2):
        clock.append(time.perf_counter())
        found.append(
            minimize(cost, start, method, args=data, tolerance=TOLERANCE, certificate=False, quiet=True, **options)
        )
    steady = time.perf_counter() - clock[1]
    return {"compile": found[0].seconds["compile"], "steady": steady,
            "quality": {**quality(found[1].theta, x, y), "steps": float(found[1].steps)}}  # fmt: skip


def sklearn(solver: str, quick: bool) -> Measure:
    """`LogisticRegression`, the same cost and tolerance. The second call is timed."""
    from sklearn.linear_model import LogisticRegression

    x, y = matrix(quick)
    made = LogisticRegression(C=1 / (len(y) * L2), solver=solver, tol=TOLERANCE, max_iter=10_000, fit_intercept=False)
    made.fit(x[:500], y[:500])
    clock = time.perf_counter()
    made.fit(x, y)
    steady = time.perf_counter() - clock
    return {"steady": steady, "quality": {**quality(made.coef_[0], x, y), "steps": float(made.n_iter_[0])}}
