"""The Expressive Power of Neural Networks.

What can be written as a network, and at what price? Networks in closed form answer, before anything is trained. Relu units at
the knots of a grid are piecewise linear interpolation, and as good: with half the spacing a quarter of the error. Four smooth
units multiply two numbers as exactly as one likes, and a tree of such gates multiplies many with few units where one layer would
need a unit for each corner of a cube. A tent folded k times has 2ᵏ linear pieces of 2k units; in one layer as many units have at
most 2k + 1. Even units drawn at random do, at a rate that no number of variables spoils. And two arms of a spiral, which no line
tells apart, need a few hidden units, and no more.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch05_feed_forward.random_units import RandomUnits, random_units, told
from gradiens.book.ch05_feed_forward.spiral_networks import AXIS, INITS, UNITS, Separations, separations
from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob
from gradiens.functions.activations import sigmoid
from gradiens.nn.constructive.linear_pieces import linear_pieces, most_pieces
from gradiens.nn.constructive.product_gate import product_gate, product_tree
from gradiens.nn.constructive.relu_interpolant import interpolation_units, relu_interpolant
from gradiens.nn.constructive.tent_map import tent_map
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.report.figure import Figure, Series

KNOTS = (5, 10, 25, 30, 50, 100, 200)
HALVED = (100, 200)  # numbers of knots r that are compared with 2r - 1
DRAWN = (10, 30)
X_AXIS = np.arange(801) * 0.005
SCALES = (1.0, 0.5, 0.25, 0.1, 0.05)
ERRORS = {5: 1.854535, 10: 0.938128, 25: 0.475988, 100: 0.0335771}
GATES = (0.132438, 0.0390839, 0.0102463, 0.00166224, 0.000416389)
FOLDS = 8
RIVALS = 20  # random networks with one hidden layer for each number of units


class Config(Module):
    """The product of many numbers, and the training on the spiral."""

    factors: int = knob(8, 2, 32, says="inputs that the tree of gates multiplies")
    scale: float = knob(0.05, 1e-3, 1.0, "log", says="scale λ of the gates in the tree")
    starts: int = knob(5, 1, 50, says="starts of each network on the spiral, of either kind")
    steps: int = knob(500, 10, 5000, says="steps of full-batch ADAM on the spiral")
    rate: float = knob(0.05, 1e-4, 1.0, "log", says="step size of ADAM")


class Interpolants(NamedTuple):
    """On the grid: largest errors by KNOTS, those with half the spacing by HALVED, the largest distance from piecewise linear
    interpolation; the units that |g''| asks for to reach the error of each; graphs of DRAWN."""

    error: Float[np.ndarray, "7"]
    halved: Float[np.ndarray, "2"]
    distance: Float[np.ndarray, "7"]
    asked: Int[np.ndarray, "7"]
    graphs: Float[np.ndarray, "2 801"]


class Products(NamedTuple):
    """Largest errors on the square by SCALES, with softplus and with σ at 1; the bracket of the gate with σ at 0, which is 0, and
    σ''(0); hidden units of the tree, layer by layer, and its largest error on the corners of the cube and inside."""

    softplus: Float[np.ndarray, "5"]
    shifted: Float[np.ndarray, "5"]
    bracket: Float[np.ndarray, ""]
    curvature: Float[np.ndarray, ""]
    units: Int[np.ndarray, " depth"]
    tree: Float[np.ndarray, "2"]


class Folds(NamedTuple):
    """By k = 1, …, FOLDS: units and pieces of the folded tent; most pieces found and possible with as many units in a layer."""

    units: Int[np.ndarray, "k"]
    pieces: Int[np.ndarray, "k"]
    rivals: Int[np.ndarray, "k"]
    bound: Int[np.ndarray, "k"]


class Record(NamedTuple):
    """The constructions, the spiral, and random units."""

    interpolants: Interpolants
    products: Products
    folds: Folds
    spiral: Separations
    random: RandomUnits


def run(config: Config, key: Array) -> Record:
    """Build, evaluate and count; then train on the spiral."""
    cube, rivals = jax.random.split(jax.random.fold_in(key, 2))
    return Record(
        _interpolants(), _products(config, cube), _folds(rivals), separations(config, key), random_units(curve, X_AXIS)
    )


def curve(x: np.ndarray) -> np.ndarray:
    """g(x) = cos(2 cos x² + (x-1)²/4) + x/2 + 1."""
    return np.cos(2 * np.cos(x**2) + (x - 1) ** 2 / 4) + x / 2 + 1


def _outputs(network: MLP, x: np.ndarray) -> np.ndarray:
    return np.asarray(jax.vmap(network)(jnp.asarray(x)))[:, 0]


def _interpolants() -> Interpolants:
    g, found = curve(X_AXIS), {}
    for r in (*KNOTS, *(2 * r - 1 for r in HALVED)):
        u = np.linspace(0, 4, r)
        y = _outputs(relu_interpolant(u, curve(u)), X_AXIS[:, None])
        found[r] = y, np.abs(y - g).max(), np.abs(y - np.interp(X_AXIS, u, curve(u))).max()
    fine = np.linspace(0, 4, 40_001)
    bend = np.abs(np.diff(curve(fine), 2)).max() / (fine[1] - fine[0]) ** 2  # the largest |g''|
    error = np.array([found[r][1] for r in KNOTS])
    return Interpolants(
        error=error,
        halved=np.array([found[2 * r - 1][1] for r in HALVED]),
        distance=np.array([found[r][2] for r in KNOTS]),
        asked=np.array([interpolation_units(bend, 4.0, e) for e in error]),
        graphs=np.stack([found[r][0] for r in DRAWN]),
    )


def _products(config: Config, key: Array) -> Products:
    axis = np.linspace(-1, 1, 201)
    square = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    off = lambda network: np.abs(_outputs(network, square) - square.prod(1)).max()  # noqa: E731
    p, q = jnp.asarray(square.sum(1)), jnp.asarray(square[:, 0] - square[:, 1])
    bracket = sigmoid(p) + sigmoid(-p) - sigmoid(q) - sigmoid(-q)
    tree = product_tree(config.factors, "softplus", config.scale)
    inside = np.asarray(jax.random.uniform(key, (1000, config.factors), minval=-1, maxval=1))
    return Products(
        softplus=np.array([off(product_gate("softplus", scale)) for scale in SCALES]),
        shifted=np.array([off(product_gate("sigmoid", scale, at=1.0)) for scale in SCALES]),
        bracket=np.abs(np.asarray(bracket)).max(),
        curvature=np.asarray(jax.grad(jax.grad(sigmoid))(0.0)),
        units=np.array([len(layer.W) for layer in tree.layers[:-1]]),
        tree=np.array([np.abs(_outputs(tree, x) - x.prod(1)).max() for x in (np.sign(inside), inside)]),
    )


def _folds(key: Array) -> Folds:
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))

    def rival(n: int) -> int:
        """Pieces of a network with n units that bend at random in [0, 1]."""
        W, v = rng.normal(size=(2, n, 1))
        first, last = Dense(W, -W[:, 0] * rng.uniform(size=n)), Dense(v.T, np.zeros(1))  # pyright: ignore
        return len(linear_pieces(MLP((first, last), "relu"), 0.0, 1.0))

    tents = [tent_map(k) for k in range(1, FOLDS + 1)]
    units = [sum(len(layer.W) for layer in tent.layers[:-1]) for tent in tents]
    return Folds(
        units=np.array(units),
        pieces=np.array([len(linear_pieces(tent, 0.0, 1.0)) for tent in tents]),
        rivals=np.array([max(rival(n) for _ in range(RIVALS)) for n in units]),
        bound=np.array([most_pieces((1, n, 1)) for n in units]),
    )


def values(config: Config, record: Record) -> dict[str, float]:
    """Errors of the constructions, pieces, and the best training accuracy on the spiral."""
    inner, products, folds = record.interpolants, record.products, record.folds
    found = {f"{r} knots: largest error": e for r, e in zip(KNOTS, inner.error, strict=True)}
    found |= {f"{r} knots: units that |g''| asks for": n for r, n in zip(KNOTS, inner.asked, strict=True)}
    for name, errors in (("softplus", products.softplus), ("σ at 1", products.shifted)):
        found |= {f"gate of {name}, λ = {λ:g}: largest error": e for λ, e in zip(SCALES, errors, strict=True)}
    found |= {"tree: error on the corners": products.tree[0], "tree: error inside": products.tree[1]}
    found |= {f"{n} units: pieces of the tent": p for n, p in zip(folds.units, folds.pieces, strict=True)}
    for init, rows in zip(INITS, record.spiral.accuracy, strict=True):
        found |= {
            f"spiral, {init}, {n} units: best training accuracy": r.max() for n, r in zip(UNITS, rows, strict=True)
        }
    return {name: float(value) for name, value in (found | told(record.random)).items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Two interpolants, the errors of interpolation and of the gates, the pieces by units, the spiral."""
    graphs = zip(DRAWN, record.interpolants.graphs, strict=True)
    lines = [Series("line", X_AXIS, y, label=f"{r} knots, {r - 1} units") for r, y in graphs]
    gates = [
        Series("line", SCALES, errors, label=name)
        for name, errors in (("softplus", record.products.softplus), ("σ at 1", record.products.shifted))
    ]
    folds = record.folds
    return (
        Figure("Relu interpolants", [Series("line", X_AXIS, curve(X_AXIS), label="g"), *lines], "x", "y"),
        Figure(
            "Largest error of the interpolant",
            [Series("line", np.array(KNOTS) - 1, record.interpolants.error, label="error")],
            *("hidden units", "error"),
            log_x=True,
            log_y=True,
        ),
        Figure("Largest error of a product gate on the square", gates, "scale λ", "error", log_x=True, log_y=True),
        Figure(
            "Linear pieces on [0, 1]",
            [
                Series("line", folds.units, folds.pieces, label="folded tent, layers of two units"),
                Series("line", folds.units, folds.rivals, label=f"one layer, the most of {RIVALS} at random"),
                Series("line", folds.units, folds.bound, label="one layer, at most", guide=True),
            ],
            *("hidden units", "pieces"),
            log_y=True,
        ),
        *(_spiral(record.spiral, i) for i in range(len(UNITS))),
    )


def _spiral(found: Separations, i: int) -> Figure:
    points = [Series("points", *found.x[found.y == k].T, label=f"arm {k + 1}", colour=k) for k in (0, 1)]
    regions = Series("regions", AXIS, AXIS, found.regions[i], "class")
    title = f"{UNITS[i]} hidden units: training accuracy {found.accuracy[:, i].max():.3f}"
    return Figure(title, [regions, *points], "x₁", "x₂", square=True)


def _near(found: np.ndarray, stated: tuple[float, ...]) -> bool:
    """To half a unit of the last of six (or of the printed) significant digits."""
    return all(abs(a - b) <= 0.5 * 10.0 ** -_places(b) for a, b in zip(found, stated, strict=True))


def _places(number: float) -> int:
    return len(f"{number}".partition(".")[2])


def claim_interpolation_errors(config: Config, record: Record) -> bool:
    """Claim 1: (a) largest errors: r = 5 1.854535, r = 10 0.938128, r = 25 0.475988, r = 100 0.0335771 (half a unit of the
    last digit)."""
    found = np.array([record.interpolants.error[KNOTS.index(r)] for r in ERRORS])
    return _near(found, tuple(ERRORS.values()))


def claim_the_network_is_piecewise_linear_interpolation(config: Config, record: Record) -> bool:
    """Claim 2: the network equals piecewise-linear interpolation to 1e-12; for r = 100 and 200, halving the spacing (r to
    2r - 1) divides the error by 4 (± 15 %)."""
    inner = record.interpolants
    ratio = inner.error[[KNOTS.index(r) for r in HALVED]] / inner.halved
    return bool(inner.distance.max() <= 1e-12 and np.all(np.abs(ratio / 4 - 1) <= 0.15))


def claim_gate_errors_are_of_order_two(config: Config, record: Record) -> bool:
    """Claim 3: (b) largest errors for λ = 1, 0.5, 0.25, 0.1, 0.05: 0.132438, 0.0390839, 0.0102463, 0.00166224, 0.000416389
    (half a unit of the last digit); order λ²: the slope of log error in log λ is within 0.05 of 2 between the last two."""
    return _near(record.products.softplus, GATES) and abs(_order(record.products.softplus) - 2) <= 0.05


def _order(errors: np.ndarray) -> float:
    return float(np.log(errors[-2] / errors[-1]) / np.log(SCALES[-2] / SCALES[-1]))


def claim_curvature_is_needed(config: Config, record: Record) -> bool:
    """Claim 4: the gate is impossible with the plain σ at 0, since σ''(0) = 0: the bracket is 0 on all the square (1e-15), and
    the gate is refused; the shifted σ(u + 1) works, with an error of order λ² (slope within 0.05 of 2)."""
    try:
        product_gate("sigmoid")
    except Mistake:
        none = record.products.curvature == 0 and record.products.bracket <= 1e-15
        return bool(none and abs(_order(record.products.shifted) - 2) <= 0.05)
    return False


def claim_a_tree_of_gates(config: Config, record: Record) -> bool:
    """Claim 5: (c) 8 inputs take 7 gates (28 units) in depth 3."""
    units, n = record.products.units, config.factors
    n_are_eight = n != 8 or units.tolist() == [16, 8, 4]
    power = n & (n - 1) == 0  # else a factor of 1 is carried along
    return bool(n_are_eight and (not power or units.sum() == 4 * (n - 1)) and len(units) == int(np.ceil(np.log2(n))))


def claim_depth_folds(config: Config, record: Record) -> bool:
    """Claim 6: (d) has 2ᵏ linear pieces from 2k units; a one-layer net with as many units has at most 2k + 1."""
    folds, k = record.folds, np.arange(1, FOLDS + 1)
    tents = np.array_equal(folds.units, 2 * k) and np.array_equal(folds.pieces, 2**k)
    return bool(tents and np.array_equal(folds.bound, 2 * k + 1) and np.all(folds.rivals <= folds.bound))


def claim_units_follow_the_spiral(config: Config, record: Record) -> bool:
    """Claim 7: (e): training accuracy 4 units > 2 units > none by 0.05 each, best of 5 starts; 10 units reach 0.97. From
    weights N(0, 1), and from Glorot's too."""
    best = record.spiral.accuracy.max(axis=2)
    grows = all(np.all(more - fewer >= 0.05) for fewer, more in pairwise(best.T[:3]))
    return bool(grows and np.all(best[:, UNITS.index(10)] >= 0.97))
