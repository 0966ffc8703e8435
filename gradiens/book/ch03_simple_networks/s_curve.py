"""A hundred points along an S, drawn again through a code of one number; and the linear autoencoder, which is PCA."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.module import count
from gradiens.data.sets.manifold_2d import manifold_2d
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.nn.autoencoders.tied_autoencoder import TiedAutoencoder
from gradiens.optim.minimize import minimize
from gradiens.report.figure import Figure, Series

NETWORKS = {"2-1-2": ((2, 1, 2), "tanh"), "2-8-1-8-2": ((2, 8, 1, 8, 2), "identity")}  # sizes, activation of the output
SPREAD = 0.5  # standard deviation of the starting parameters
UNITS = 2  # of the linear autoencoders


class Curves(NamedTuple):
    """The points, the singular values, and of each network all residuals and the best one's curve."""

    x: Float[np.ndarray, "100 2"]
    singular_values: Float[np.ndarray, "2"]
    total: Float[np.ndarray, ""]  # Σ ‖x - mean‖²
    pca: Float[np.ndarray, ""]  # the residual of one component
    line: Float[np.ndarray, "C 2"]
    residuals: Float[np.ndarray, "2 S"]
    curves: Float[np.ndarray, "2 C 2"]


class Linear(NamedTuple):
    """Linear autoencoders on centred data: the residuals of both, what they should be, the distance between the subspaces of
    the decoder and of PCA, and how far W is from orthonormal with tied weights."""

    residual: Float[np.ndarray, "2"]
    tail: Float[np.ndarray, ""]
    off_subspace: Float[np.ndarray, "2"]
    off_orthonormal: Float[np.ndarray, ""]


@functools.cache
def _points() -> Float[np.ndarray, "100 2"]:
    return manifold_2d().frame.to_numpy()


def residual(model: Any, x: Array) -> Float[Array, ""]:
    """Σ ‖x̂ - x‖² over the rows."""
    return jnp.sum((jax.vmap(model)(x) - x) ** 2)


def curves(starts: int, iterations: int, key: Array) -> Curves:
    """One component, and both networks from `starts` starts N(0, 0.5) each by BFGS."""
    x, keys = _points(), jax.random.split(key, len(NETWORKS))
    pca = fit_pca(x, 1)
    z = pca.transform(x)
    fits = [
        _best(sizes, output, starts, iterations, k) for (sizes, output), k in zip(NETWORKS.values(), keys, strict=True)
    ]
    return Curves(
        x=x,
        singular_values=fit_pca(x).singular_values,
        total=np.sum((x - x.mean(0)) ** 2),
        pca=np.sum((x - pca.predict(x)) ** 2),
        line=pca.inverse_transform(np.linspace(z.min(), z.max(), 201)[:, None]),
        residuals=np.stack([found for found, _ in fits]),
        curves=np.stack([curve for _, curve in fits]),
    )


def _best(
    sizes: tuple[int, ...], output: str, starts: int, iterations: int, key: Array
) -> tuple[np.ndarray, np.ndarray]:
    """The residuals from all starts, and the curve of the best network: what the codes between the extremes are drawn as."""
    x = jnp.asarray(_points())
    leaves, shape = jax.tree.flatten(Autoencoder.make(sizes, key, "tanh", output, init="zeros"))
    size = count(shape.unflatten(leaves))
    ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
    found = []
    for θ in np.asarray(SPREAD * jax.random.normal(key, (starts, size), x.dtype)):
        start = shape.unflatten(
            [part.reshape(leaf.shape) for part, leaf in zip(np.split(θ, ends), leaves, strict=True)]
        )
        found.append(minimize(residual, start, "bfgs", args=(x,), steps=iterations, certificate=False, quiet=True))
    best: Any = min(found, key=lambda one: one.value).theta
    z = np.asarray(jax.vmap(best.encode)(x))
    curve = jax.vmap(best.decode)(jnp.linspace(z.min(), z.max(), 201)[:, None])
    return np.array([one.value for one in found]), np.asarray(curve)


def linear(key: Array) -> Linear:
    """Free and tied linear autoencoders of two units on 60 centred rows of five numbers, by BFGS."""
    draw, turn, one, two = jax.random.split(key, 4)
    basis, _ = np.linalg.qr(np.asarray(jax.random.normal(turn, (5, 5))))
    x = np.asarray(jax.random.normal(draw, (60, 5))) * [3.0, 2.0, 1.0, 0.7, 0.4] @ basis
    x = x - x.mean(0)
    _, s, v = np.linalg.svd(x, full_matrices=False)
    free = Autoencoder.make((5, UNITS, 5), one, "identity", "identity")
    tied = TiedAutoencoder.make(5, UNITS, two, "identity", "identity")
    ends: list[Any] = [
        minimize(residual, start, "bfgs", args=(jnp.asarray(x),), tolerance=1e-9, certificate=False, quiet=True)
        for start in (free, tied)
    ]
    decoders = np.asarray(ends[0].theta.layers[1].W), np.asarray(ends[1].theta.W).T
    W = decoders[1].T
    return Linear(
        residual=np.array([end.value for end in ends]),
        tail=np.sum(s[UNITS:] ** 2),
        off_subspace=np.array([_between(D, v[:UNITS].T) for D in decoders]),
        off_orthonormal=np.abs(W @ W.T - np.eye(UNITS)).max(),
    )


def _between(a: np.ndarray, b: np.ndarray) -> float:
    """The largest entry of the difference of the projections onto two column spaces."""
    p, q = (np.linalg.qr(columns)[0] for columns in (a, b))
    return float(np.abs(p @ p.T - q @ q.T).max())


def curve_figure(found: Curves) -> Figure:
    """The points and the three reconstructed curves."""
    drawn = {"one component": found.line, **dict(zip(NETWORKS, found.curves, strict=True))}
    lines = [Series("line", *curve.T, label=name, colour=i + 1) for i, (name, curve) in enumerate(drawn.items())]
    points = Series("points", *found.x.T, label="data", colour=0)
    return Figure("Points of the plane through a code of one number", [points, *lines], "x₁", "x₂", square=True)


def curve_values(found: Curves) -> dict[str, float]:
    """Residuals of the component and of the best networks."""
    best = {f"S, {name}: best residual": float(r.min()) for name, r in zip(NETWORKS, found.residuals, strict=True)}
    worst = {f"S, {name}: worst residual": float(r.max()) for name, r in zip(NETWORKS, found.residuals, strict=True)}
    return {"S, one component: residual": float(found.pca), **best, **worst}
