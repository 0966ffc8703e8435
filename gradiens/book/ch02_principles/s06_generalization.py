"""Generalization Ability, Overfitting and Regularization.

A polynomial of degree nine goes through all ten points, and through nothing else: the training error falls with every
degree, the error on new points falls and rises again. Averaged over four hundred data sets it is bias², which falls,
plus variance, which rises, plus noise, which stays. A penalty on the length of the weights buys less variance for a little
bias: ridge regression shrinks all weights, the lasso shrinks some to nothing, and cross-validation says how
much. With far more columns than rows the error falls a second time: of all models that fit, the shortest is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from gradiens.book.ch02_principles.penalty_paths import Validated, data, paths
from gradiens.book.ch02_principles.second_descent import USED, simulated, theory
from gradiens.book.ch02_principles.waves import DEGREES, NOISE, Polynomials, polynomials, wave
from gradiens.classical.linear.elastic_net import fit_lasso
from gradiens.classical.linear.elastic_net_coordinates import fit_elastic_net_by_coordinates
from gradiens.classical.linear.hat_matrix import leave_one_out_errors, leverage
from gradiens.classical.linear.least_squares_routes import solve_least_squares
from gradiens.classical.linear.ridge import augmented, fit_ridge, ridge_path
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob
from gradiens.optim.descent import Descent
from gradiens.optim.minimize import minimize
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
MEDIANS = (1.049, 0.774, 0.319, 0.109, 0.060, 0.058, 0.063, 0.071, 0.088, 0.182)  # of claim 2


class Config(Module):
    """The simulation, the penalties, the folds."""

    seeds: int = knob(400, 10, 10_000, says="data sets of ten points, seeds 0, 1, …")
    penalty: float = knob(1.0, 1e-6, 1e3, "log", says="λ of ridge regression and, on orthonormal columns, of the lasso")
    penalties: int = knob(100, 5, 1000, says="penalties along a path")
    folds: int = knob(10, 2, 100, says="folds of the cross-validation")
    rows: int = knob(40, 5, 300, says="rows of the second descent, of 400 columns")
    repeats: int = knob(20, 1, 1000, says="data sets of the second descent")


class Ridges(NamedTuple):
    """Ridge regression of the diabetes data three ways, and the lengths of its weights over 25 powers of ten."""

    closed: Float[np.ndarray, "p"]
    augmented: Float[np.ndarray, "p"]
    descent: Float[Numbers, "p"]
    least_squares: Float[np.ndarray, "p"]
    lengths: Float[np.ndarray, "25"]
    least: Float[np.ndarray, "p"]  # weights at λ = 1e-12


class Orthonormal(NamedTuple):
    """Least squares on orthonormal columns, ridge regression, and the lasso by three methods."""

    least_squares: Float[np.ndarray, "p"]
    ridge: Float[np.ndarray, "p"]
    lasso: Float[np.ndarray, "3 p"]


class Record(NamedTuple):
    """Polynomials, ridge regression, orthonormal columns, leaving one out, the paths, and the second descent."""

    polynomials: Polynomials
    ridges: Ridges
    orthonormal: Orthonormal
    left_out: Float[np.ndarray, "2 N"]  # errors by refitting, and by e/(1 - h)
    from_leverage: float  # mean (e/(1 - h))²
    paths: dict[str, Validated]
    descent: Float[np.ndarray, "2 P"]


def run(config: Config, key: Array) -> Record:
    """Simulate, fit the diabetes data under penalties, and go past interpolation."""
    columns, folds, rows = jax.random.split(key, 3)
    seed = lambda key: int(jax.random.randint(key, (), 0, 2**31 - 1))  # noqa: E731
    x, y, _ = data()
    X = np.hstack([np.ones((len(x), 1)), x])
    errors = y - X @ solve_least_squares(X, y)
    return Record(
        polynomials(config.seeds),
        _ridges(x, y, float(config.penalty)),
        _orthonormal(float(config.penalty), np.random.default_rng(seed(columns))),
        left_out=np.stack([_refitted(X, y), leave_one_out_errors(X, y)]),
        from_leverage=float(np.mean((errors / (1 - leverage(X))) ** 2)),
        paths=paths(config.penalties, config.folds, seed(folds)),
        descent=simulated(config.rows, config.repeats, seed(rows)),
    )


def _ridges(x: np.ndarray, y: np.ndarray, penalty: float) -> Ridges:
    """On centred y: the columns of the diabetes data are centred already."""
    y = y - y.mean()
    path = ridge_path(x, y, 10.0 ** np.arange(-12, 13), intercept=False)
    return Ridges(
        closed=fit_ridge(x, y, penalty, intercept=False).w,
        augmented=solve_least_squares(*augmented(x, y, penalty), "qr"),
        descent=_decayed(x, y, penalty),
        least_squares=solve_least_squares(x, y, "qr"),
        lengths=np.linalg.norm(path.w, axis=1),
        least=path.w[0],
    )


def _decayed(x: np.ndarray, y: np.ndarray, penalty: float) -> Float[Array, "p"]:
    """Gradient descent on ‖y - Xw‖² with weight decay: w' = w - α(∇ + 2λw)."""
    s = np.linalg.svd(x, compute_uv=False) ** 2
    rate = 1 / (s[0] + s[-1] + 2 * penalty)  # 2/(μ + L) of the penalised cost
    method = optax.chain(optax.add_decayed_weights(2 * penalty), optax.sgd(rate))
    cost = lambda w, t: jnp.sum((jnp.asarray(y) - jnp.asarray(x) @ w) ** 2)  # noqa: E731
    steps = int(np.ceil(40 / np.log1p((s[-1] + penalty) / (s[0] + penalty))))
    outcome = iterate(Descent(cost, method), jnp.zeros(x.shape[1]), steps=min(steps, 100_000), keep=1, quiet=True)
    return outcome.state.theta


def _orthonormal(penalty: float, draw: np.random.Generator) -> Orthonormal:
    """Fifty rows, eight columns; some of the least-squares weights are smaller than the penalty."""
    Q = np.linalg.qr(draw.normal(size=(50, 8)))[0]
    y = Q @ (penalty * np.linspace(-3, 3, 8)) + 0.1 * penalty * draw.normal(size=50)
    α = penalty / 50
    cost = lambda w: jnp.sum((jnp.asarray(y) - jnp.asarray(Q) @ w) ** 2) / 2  # noqa: E731
    fista = minimize(cost, np.zeros(8), "fista", lr=0.9, l1=penalty, tolerance=1e-12, certificate=False, quiet=True)
    lasso = [fit_lasso(Q, y, α, False).w, fit_elastic_net_by_coordinates(Q, y, α, intercept=False).w, fista.theta]
    return Orthonormal(Q.T @ y, fit_ridge(Q, y, penalty, False).w, np.stack(lasso))


def _refitted(X: np.ndarray, y: np.ndarray) -> Float[np.ndarray, "N"]:
    """The error of each row from a fit to all others."""
    kept = ~np.eye(len(y), dtype=bool)
    return np.array([y[i] - X[i] @ solve_least_squares(X[rows], y[rows], "qr") for i, rows in enumerate(kept)])


def values(config: Config, record: Record) -> dict[str, float]:
    """Errors by degree, what the criteria choose, the chosen penalties and their errors, the second descent."""
    made = record.polynomials
    found = {f"degree {d}: median test MSE": e for d, e in zip(DEGREES, np.median(made.test, axis=1), strict=True)}
    for d, parts in zip(DEGREES, made.parts, strict=True):
        found |= {f"degree {d}: {name}": parts.means()[name] for name in ("bias2", "variance")}
    names = ("AIC", "BIC", "leave-one-out")
    found |= {f"seed 0: degree by {name}": np.argmin(c) for name, c in zip(names, made.criteria, strict=True)}
    for name, one in record.paths.items():
        found |= {f"{name}: best penalty": one.path.penalties[one.best], f"{name}: error": one.error[one.best]}
        found |= {f"{name}: standard error": one.standard_error[one.best]}
        found |= {f"{name}: simplest penalty": one.path.penalties[one.simplest]}
        found |= {f"{name}: weights not zero": np.count_nonzero(one.path.w[one.best])}
        found |= {f"{name}: degrees of freedom": one.degrees}
    error = record.descent[1]
    found |= {"leave-one-out MSE of least squares": record.from_leverage}
    found |= {
        "second descent: columns at the peak": USED[error.argmax()],
        "second descent: error at the end": error[-1],
    }
    found |= {"second descent: least error before the peak": error[config.rows > USED].min()}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Fits, errors and their parts by degree; paths and cross-validation; the second descent."""
    made, degrees = record.polynomials, np.arange(len(DEGREES))
    fits = [Series("line", made.grid, np.clip(made.curves[d], -4, 4), label=f"degree {d}") for d in (1, 5, 9)]
    means = [part.means() for part in made.parts]
    parts = [
        Series("line", degrees, [m[name] for m in means], label=name) for name in ("bias2", "variance", "expected")
    ]
    errors = [Series("line", degrees[:-1], np.median(e, axis=1)[:-1], label=n)
              for n, e in (("training", made.train), ("test", made.test))]  # fmt: skip
    truth = Series("line", made.grid, wave(made.grid), label="the wave", guide=True)
    crowd = [Series("line", USED, e, label=n) for n, e in zip(("training", "new rows"), record.descent, strict=True)]
    crowd += [Series("line", USED, theory(config.rows), label="expected", guide=True)]
    twice = f"{config.rows} rows: the error falls twice"
    return (
        Figure("Ten points of a wave", [truth, Series("points", made.x, made.y, label="seed 0"), *fits], "x", "y"),
        Figure("Median error by degree (degree 9 trains to 0)", errors, "degree", "MSE", log_y=True),
        Figure("Bias², variance, and with the noise their sum", parts, "degree", "mean over x", log_y=True),
        *(_path(name, one) for name, one in record.paths.items()),
        Figure(
            f"{config.folds}-fold cross-validation", _validation(record.paths), "penalty / largest", "MSE", log_x=True
        ),
        Figure(twice, _floored(crowd), "columns", "squared error", log_x=True, log_y=True),
    )


def _path(name: str, one: Validated) -> Figure:
    """The weights along the penalty, and the best penalty."""
    lines = [
        Series("line", one.path.penalties, w, label=label) for w, label in zip(one.path.w.T, data()[2], strict=True)
    ]
    best, span = one.path.penalties[one.best], [one.path.w.min(), one.path.w.max()]
    return Figure(f"Weights of the {name} path", [*lines, Series("line", [best] * 2, span, label="best", guide=True)],
                  "penalty", "weight", log_x=True)  # fmt: skip


def _validation(found: dict[str, Validated]) -> list[Series]:
    return [
        part
        for name, one in found.items()
        for x in [one.path.penalties / one.path.penalties.max()]
        for part in (
            Series("line", x, one.error, label=name),
            Series("band", x, one.error - one.standard_error, one.error + one.standard_error, label=f"{name} ± s.e."),
        )
    ]


def _floored(series: list[Series]) -> list[Series]:
    """Errors of 0 have no logarithm; NaN is left out."""
    return [Series(s.kind, s.x, np.maximum(s.y, 1e-3), label=s.label, guide=s.guide) for s in series]


def claim_training_error_falls_to_zero(config: Config, record: Record) -> bool:
    """Claim 1: on every data set the training MSE is non-increasing in the degree; degree 9 gives less than 1e-8."""
    train = record.polynomials.train
    return bool(np.all(np.diff(train, axis=0) <= 1e-12) and np.all(train[9] < 1e-8))


def claim_test_error_falls_and_rises(config: Config, record: Record) -> bool:
    """Claim 2: median test MSE over seeds 0 … 399, degrees 0 … 9: 1.049, 0.774, 0.319, 0.109, 0.060, 0.058, 0.063, 0.071,
    0.088, 0.182 (± 0.01); the minimum is at 5."""
    median = np.median(record.polynomials.test, axis=1)
    return bool(config.seeds == 400 and np.all(np.abs(median - MEDIANS) <= 0.01) and median.argmin() == 5)


def claim_error_is_bias_variance_and_noise(config: Config, record: Record) -> bool:
    """Claim 3: bias² + variance + noise = expected test MSE, for each degree, within 3 standard errors (over the seeds) of
    what the fresh noise adds."""
    made = record.polynomials
    expected = np.array([part.means()["expected"] for part in made.parts])
    chance = (
        made.test - made.to_truth - NOISE**2
    )  # of mean 0: the noise's own mean square and its product with the error
    error = chance.std(axis=1, ddof=1) / np.sqrt(config.seeds)
    return bool(np.all(np.abs(made.test.mean(axis=1) - expected) <= 3 * error))


def claim_ridge_three_ways(config: Config, record: Record) -> bool:
    """Claim 4: ridge regression: closed form = augmented least squares = gradient descent with weight decay (relative
    1e-9); ‖b(λ)‖ decreases; its limits are least squares (λ = 1e-12, relative 1e-9) and 0 (λ = 1e12)."""
    ridges = record.ridges
    same = lambda a, b: np.linalg.norm(a - b) <= 1e-9 * np.linalg.norm(b)  # noqa: E731
    ways = same(ridges.augmented, ridges.closed) and same(np.asarray(ridges.descent), ridges.closed)
    limits = same(ridges.least, ridges.least_squares) and ridges.lengths[-1] <= 1e-9 * ridges.lengths[0]
    return bool(ways and limits and np.all(np.diff(ridges.lengths) < 0))


def claim_orthonormal_columns(config: Config, record: Record) -> bool:
    """Claim 5: with X'X = I ridge regression (‖y - Xb‖² + λ‖b‖²) is least squares / (1 + λ), and the lasso
    (‖y - Xb‖²/2 + λ‖b‖₁) the soft threshold at λ with exact zeros, by supports, by coordinates and by FISTA (1e-9)."""
    z, λ = record.orthonormal.least_squares, float(config.penalty)
    soft = np.sign(z) * np.maximum(np.abs(z) - λ, 0)
    lasso = np.allclose(record.orthonormal.lasso, soft, rtol=1e-9, atol=1e-9 * λ)
    zeros = np.all((record.orthonormal.lasso == 0) == (np.abs(z) <= λ)) and np.any(soft == 0)
    return bool(np.allclose(record.orthonormal.ridge, z / (1 + λ), rtol=1e-9) and lasso and zeros)


def claim_leaving_one_out_needs_one_fit(config: Config, record: Record) -> bool:
    """Claim 6: the leave-one-out error of 442 refits equals mean (e_i/(1 - h_i))² (relative 1e-9), error by error."""
    refitted, shortcut = record.left_out
    each = np.allclose(shortcut, refitted, rtol=1e-9, atol=1e-9 * np.abs(refitted).max())
    return bool(each and np.isclose(record.from_leverage, np.mean(refitted**2), rtol=1e-9))
