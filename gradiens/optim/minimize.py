"""`minimize`: the minimum of a user's own function, by any method of the library, with a certificate.

    θ* = argmin C(θ)

Book: 4.1, 4.5.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.check import Mistake
from gradiens.core.iterate import Outcome, iterate
from gradiens.optim.cost import cost_of, half_squares
from gradiens.optim.method_named import method_named
from gradiens.optim.minimiser import FirstOrder, Minimise, State
from gradiens.optim.minimum import Certificate, Minimum, certify
from gradiens.optim.why import reason_of

KIND = ""  # no method of its own: not in the catalogue
DENSE = 500  # parameters up to which the method of choice is bfgs, above it lbfgs

SCIPY = {"jac": "gradient", "hess": "hessian", "tol": "tolerance", "maxiter": "steps", "x0": "theta0", "fun": "f",
         "options": "each option by its own name, memory"}  # fmt: skip


def minimize(
    f: Callable[..., Any],
    theta0: Any,
    method: str | Any | None = None,
    *,
    args: tuple[Any, ...] = (),
    gradient: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    loss: str | Callable[[Any], Any] | None = None,
    tolerance: float | None = None,
    steps: int | None = None,
    x64: bool | None = None,
    path: bool = False,
    certificate: bool = True,
    quiet: bool | None = None,
    **options: Any,
) -> Minimum:
    """Minimise `f(theta, *args)` from `theta0`, any tree of arrays, and say what was found and why it stopped.

    `method` is a name (`gradiens show --all` lists them: bfgs, lbfgs, newton, trust_region, adam …), a method or an
    optimizer, ours or Optax's; left out, it is bfgs up to 500 parameters and lbfgs above. `options` are its knobs
    (`lr=0.1`, `memory=20`), and `search="strong_wolfe"` for methods with a line search. `gradient(theta, *args)` and
    `hessian(theta, *args)` (d × d, of the raveled parameters) replace JAX's derivatives. `loss="squares"` minimises ½‖f‖² of
    the residuals that f returns, as gauss_newton and levenberg_marquardt want it; a function in its place is the convex
    loss of f's outputs.

    It stops when no entry of the gradient exceeds `tolerance` (1e-6 in float64, 1e-3 in float32), after `steps` steps, or when
    nothing can be gained. Python's and NumPy's doubles are computed in float64, JAX arrays in their own precision; `x64`
    forces either. `path` keeps every θ in the trace; `certificate=False` leaves the Hessian at the end out. A second call
    that differs in numbers only compiles nothing, if f is the same object.

    Book: 4.1.  Source: the signature follows `scipy.optimize.minimize`.

    Raises `Mistake` for a start that is not finite (or where C or its gradient is not), a cost that is not one real number,
    an unknown method or option.
    """
    for theirs in SCIPY.keys() & options.keys():
        raise Mistake(f"{SCIPY[theirs]}=", f"{theirs}=", "SciPy's name; the others are in help(gradiens.minimize)")
    double = _doubles(theta0) if x64 is None else x64
    with jax.enable_x64(double), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        start, f = _parameters(theta0, f, double, forced=x64 is not None)
        cost = cost_of(f, start, args, gradient, hessian, _loss(loss))
        vector = cost.layout.ravel(start)
        chosen = method_named(method or ("bfgs" if vector.size <= DENSE else "lbfgs"), options)
        limit = (1e-6 if vector.dtype == np.float64 else 1e-3) if tolerance is None else tolerance
        problem = Minimise(cost, chosen, limit)
        begin = _begun(problem, vector)
        first, most = float(begin.point.value), steps or (20_000 if isinstance(chosen, FirstOrder) else 2_000)
        outcome = _iterated(problem, begin, most, path, quiet)
        found = _result(problem, outcome, most, certificate, first)
    if double == (jnp.asarray(1.0).dtype == np.float64) and any(
        isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(theta0)
    ):
        return found
    plain = lambda tree: jax.tree.map(np.asarray, tree)  # noqa: E731 - doubles are JAX's own only where it is set so
    told = dataclasses.replace(found.certificate, down=plain(found.certificate.down))
    return dataclasses.replace(found, theta=plain(found.theta), certificate=told)


def _doubles(theta0: Any) -> bool:
    """Whether the start is given in double precision: by NumPy or Python, or by JAX in that precision."""
    leaves = jax.tree.leaves(theta0)
    kinds = [getattr(leaf, "dtype", np.float64) for leaf in leaves if eqx.is_array_like(leaf)]
    return any(kind != np.float32 and kind != np.float16 for kind in kinds)


def _parameters(theta0: Any, f: Callable[..., Any], double: bool, forced: bool) -> tuple[Any, Callable[..., Any]]:
    """The start as arrays; what in it is no number (a model's functions) is held fixed. Whole numbers are taken as real."""
    theta, rest = eqx.partition(theta0, eqx.is_array_like)
    wide = np.float64 if double else np.float32

    def number(leaf: Any) -> Any:
        array = jnp.asarray(leaf)
        if array.dtype.kind == "b":
            raise Mistake("real parameters", "truth values")
        return array.astype(wide) if forced or array.dtype.kind in "iu" or not hasattr(leaf, "dtype") else array

    if not jax.tree.leaves(rest):
        return jax.tree.map(number, theta), f
    return jax.tree.map(number, theta), lambda given, *args: f(eqx.combine(given, rest), *args)


def _loss(loss: str | Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if isinstance(loss, str) and loss != "squares":
        raise Mistake("loss 'squares' or a function of the outputs", repr(loss))
    return half_squares if loss == "squares" else loss  # pyright: ignore[reportReturnType] - a string is handled


@jax.jit
def _init(problem: Minimise, vector: Any) -> Any:
    return problem.init(vector)


def _begun(problem: Minimise, vector: Any) -> State:
    """The state of the start, if θ, C and its gradient are finite there; else a `Mistake` that names the entry that is not."""
    name = problem.cost.layout.name
    bad = np.flatnonzero(~np.isfinite(vector))
    if bad.size:
        raise Mistake("a finite start", f"{vector[bad[0]]} in {name(bad[0])}")
    state = _init(problem, vector)
    if not np.isfinite(state.point.value):
        raise Mistake("a cost that is finite at the start", f"{state.point.value}", "start where it is defined")
    bad = np.flatnonzero(~np.isfinite(state.point.g))
    if bad.size:
        got = f"{state.point.g[bad[0]]} for {name(bad[0])}"
        raise Mistake("a gradient that is finite at the start", got, "start where the cost is differentiable")
    return state


def _keep(state: Any, info: Any) -> Any:
    return info


def _keep_path(state: Any, info: Any) -> Any:
    return {**info._asdict(), "theta": state.point.theta}


def _over(state: Any, info: Any) -> Any:
    return state.done


def _iterated(problem: Minimise, begin: State, steps: int, path: bool, quiet: bool | None) -> Outcome:
    """The run; no step where the start is already at rest."""
    held = Outcome(begin, 0)
    if bool(begin.done):
        return held
    record, keep = (_keep_path, None) if path else (_keep, 1000)
    name = type(problem.method).__name__
    return iterate(problem, steps=steps, record=record, keep=keep, until=_over, resume=held, name=name, quiet=quiet)


def _result(problem: Minimise, outcome: Outcome, most: int, certificate: bool, first: float) -> Minimum:
    state, cost, method = outcome.state, problem.cost, problem.method
    told = certify(cost, state.point, certificate and not getattr(method, "l1", 0))
    reason, success, message = reason_of(problem, outcome, told, most, first)
    optimizer = getattr(method, "optimizer", method)
    trace = outcome.trace if outcome.trace is not None else {}
    return Minimum(
        theta=cost.layout.unravel(state.point.theta),
        value=float(method.shown(cost, state.point)),
        success=success,
        reason=reason,
        message=message,
        method=type(optimizer).__name__,
        steps=outcome.steps,
        counts={name: int(n) for name, n in state.counts._asdict().items()},
        certificate=told,
        trace=dict(trace) if isinstance(trace, dict) else trace._asdict(),
        at=outcome.at,
        seconds={"compile": outcome.seconds.compile, "run": outcome.seconds.run},
        precision=str(state.point.theta.dtype),
    )


__all__ = ["Certificate", "Minimum", "minimize"]
