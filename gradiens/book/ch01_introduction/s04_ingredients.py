"""Two Key Ingredients: Computing Power and Data.

The data that the world creates in a year have grown exponentially: on the logarithm, least squares fits a line. What is
stored is the integral of what was created, and for an exponential the one is the other divided by the rate, so that two
years with known storage become two more points. Turned around, the identity contradicts itself, and the fit shows it.
The other ingredient is counted too: parameters and operations of a layer.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.classical.linear.exponential_growth import ExponentialGrowth, fit_exponential_growth
from gradiens.core.module import Module, knob
from gradiens.data.sets.world_data_volume import world_data_volume
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.work import Work, peak_throughput, work
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
START = 2000  # the year of t = 0
SIZES = ((1, 1), (3, 7), (784, 64), (64, 10))
YEARS = np.arange(2005, 2025.01, 0.25)
KEPT = np.arange(2020, 2031)


class Config(Module):
    """What is made of the fits."""

    share: float = knob(1 / 3, 0.01, 1.0, says="share of the stored volume that is kept")
    hidden: int = knob(64, 1, 4096, says="hidden units of the network whose work is counted")
    measure: float = knob(0.2, 0.01, 10.0, "log", "seconds in which the machine's throughput is measured")


class Fit(NamedTuple):
    """A fit of log y on t: estimates, standard errors, K, doubling time, and the imputed values it rests on."""

    estimate: Float[Numbers, "2"]
    error: Float[Numbers, "2"]
    scale: Float[Numbers, ""]
    doubling: Float[Numbers, ""]
    imputed: Float[Numbers, "2"]
    line: Float[Numbers, " Y"]  # at YEARS


class Record(NamedTuple):
    """The data, the fits, the integral, the work of layers."""

    created: Float[Numbers, "5 2"]  # year, zettabytes
    stored: Float[Numbers, "2 2"]
    first: Fit  # the five created values; nothing imputed
    second: Fit  # with created = α stored
    inconsistent: Fit  # with created = stored / α, rounded
    kept: Float[Numbers, " B"]  # yottabytes of 1024 zettabytes, by KEPT
    derivative: Float[Numbers, "2 Y"]  # of the stored-volume formula, and the created-volume formula, of both stages
    layers: Float[Numbers, "4 4"]  # for SIZES: parameters, operations told, counted by the compiler, activations
    network: Float[Numbers, "4"]  # the same of a network


def run(config: Config, key: Array) -> Record:
    """Fit twice, and once against the identity; differentiate the integral; count."""
    frame = world_data_volume().frame
    created = frame.select("year", "created_zb").drop_nulls().to_numpy()
    stored = frame.select("year", "stored_zb").drop_nulls().to_numpy()
    stage = fit_exponential_growth(created[:, 0] - START, created[:, 1])
    by_identity = stage.rate * stored[:, 1]
    against_it = np.round(stored[:, 1] / stage.rate, 2)
    second, inconsistent = (_with(created, stored[:, 0], values) for values in (by_identity, against_it))
    t = jnp.asarray(YEARS - START)
    slopes = [jax.vmap(jax.grad(lambda t, f=f: f.scale / f.rate * jnp.exp(f.rate * t)))(t) for f in (stage, second)]
    layers = [_layer(*size, key) for size in SIZES]
    counted = [work(layer, x) for layer, x in layers]
    network = work(MLP.make((784, config.hidden, 10), key), jnp.ones(784))
    return Record(
        created=created,
        stored=stored,
        first=_fit(stage, np.full(2, np.nan)),
        second=_fit(second, by_identity),
        inconsistent=_fit(inconsistent, against_it),
        kept=config.share * second.stored(KEPT - START) / 1024,
        derivative=np.stack([np.ravel(slopes), np.ravel([f.predict(t) for f in (stage, second)])]),
        layers=np.array([_numbers(found) for found in counted]),
        network=np.array(_numbers(network)),
    )


def _with(created: np.ndarray, years: np.ndarray, values: np.ndarray) -> ExponentialGrowth:
    """The fit of the created values and of imputed ones."""
    t = np.concatenate([created[:, 0], years]) - START
    return fit_exponential_growth(t, np.concatenate([created[:, 1], values]))


def _fit(growth: ExponentialGrowth, imputed: np.ndarray) -> Fit:
    table = growth.regression.coefficients
    numbers = np.array(growth.scale), np.array(growth.doubling_time)
    return Fit(table.estimate, table.standard_error, *numbers, imputed, growth.predict(YEARS - START))


def _layer(m: int, n: int, key: Array) -> tuple[Dense, Array]:
    return Dense.make(m, n, key), jnp.ones(m)


def _numbers(found: Work) -> list[float]:
    return [float(value or np.nan) for value in found]


def values(config: Config, record: Record) -> dict[str, float]:
    """Estimates, standard errors, scales and doubling times; the work of a network on this machine."""
    found = {}
    for name, fit in (("stage 1", record.first), ("stage 2", record.second), ("inconsistent", record.inconsistent)):
        found |= {f"{name}: intercept": fit.estimate[0], f"{name}: its standard error": fit.error[0]}
        found |= {f"{name}: slope": fit.estimate[1], f"{name}: slope's standard error": fit.error[1]}
        found |= {f"{name}: K": fit.scale, f"{name}: doubling time, years": fit.doubling}
    found |= {f"stage 2: imputed {int(y)}": v for y, v in zip(record.stored[:, 0], record.second.imputed)}
    found |= {"kept in 2030, yottabytes": record.kept[-1]}
    names = ("parameters", "operations", "operations counted by the compiler", "activations")
    found |= {f"network: {name}": value for name, value in zip(names, record.network)}
    peak = peak_throughput(seconds=config.measure)
    found |= {"peak throughput here, operations a second": peak, "examples a second at it": peak / record.network[2]}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The data with the three fits on a log axis; the kept volume."""
    lines = [
        Series("line", YEARS, record.first.line, label="stage 1: five created values"),
        Series("line", YEARS, record.second.line, label="stage 2: created = α · stored"),
        Series("line", YEARS, record.inconsistent.line, label="inconsistent: created = stored / α", guide=True),
        Series("points", *record.created.T, label="created"),
        Series("points", *record.stored.T, label="stored"),
        Series("points", record.stored[:, 0], record.second.imputed, label="imputed"),
    ]
    bars = Series("bars", [str(year) for year in KEPT], record.kept, label="kept volume")
    return (
        Figure("The world's data", lines, "year", "zettabytes", log_y=True),
        Figure("Volume that is kept, by stage 2", [bars], "year", "yottabytes"),
    )


def _printed(fit: Fit, intercept: float, slope: float, errors: tuple[float, float], digits: float = 5e-7) -> bool:
    near = np.abs(fit.estimate - np.array([intercept, slope])) <= digits
    return bool(np.all(near) and np.all(np.abs(fit.error - np.asarray(errors)) <= digits))


def claim_stage_1(config: Config, record: Record) -> bool:
    """Claim 1: five created values give intercept -4.026244, slope 0.401580 (standard errors 0.323964, 0.019465) and K =
    0.0178412 (last digit)."""
    right = _printed(record.first, -4.026244, 0.401580, (0.323964, 0.019465))
    return right and bool(abs(record.first.scale - 0.0178412) <= 5e-8)


def claim_stage_2(config: Config, record: Record) -> bool:
    """Claim 2: created = α stored imputes 0.116458 (2007) and 1.124423 (2012); intercept -4.646398, slope 0.430023 (standard
    errors 0.410039, 0.027310), K = 0.00959611, doubling time 1.61188 years (last digit)."""
    fit = record.second
    imputed = np.all(np.abs(fit.imputed - np.array([0.116458, 1.124423])) <= 5e-7)
    right = _printed(fit, -4.646398, 0.430023, (0.410039, 0.027310))
    return bool(imputed and right and abs(fit.scale - 0.00959611) <= 5e-9 and abs(fit.doubling - 1.61188) <= 5e-6)


def claim_against_the_identity(config: Config, record: Record) -> bool:
    """Claim 3: stored/α instead (0.72 and 6.97), which contradicts the integral, gives slope 0.371273, intercept -3.319813 and
    doubling time 1.86695 years (last digit); it is drawn as inconsistent."""
    fit = record.inconsistent
    near = np.all(np.abs(fit.estimate - np.array([-3.319813, 0.371273])) <= 5e-7)
    return bool(near and np.all(fit.imputed == [0.72, 6.97]) and abs(fit.doubling - 1.86695) <= 5e-6)


def claim_created_is_the_derivative_of_stored(config: Config, record: Record) -> bool:
    """Claim 4: the derivative of the stored-volume formula is the created-volume formula (relative 1e-9)."""
    return np.allclose(*record.derivative, rtol=1e-9, atol=0)


def claim_dense_layers(config: Config, record: Record) -> bool:
    """Claim 5: a dense layer m → n has mn + n parameters and takes 2mn operations for an example, up to the bias: as the layer
    tells, and as the compiler counts."""
    m, n = np.asarray(SIZES, float).T
    parameters, told, counted, _ = record.layers.T
    return bool(
        np.all(parameters == m * n + n)
        and np.all(np.abs(told - 2 * m * n) <= n)
        and np.all(np.abs(counted - 2 * m * n) <= n)
    )
