"""The Convolution Operation.

Add two dice: the law of the sum is the convolution of their laws. Multiply two polynomials: the coefficients are convolved. Send
a signal through anything that is linear and does not look at the clock: what comes out is the signal convolved with the answer to
a single impulse. It is one operation, a matrix with constant diagonals, and a product after a Fourier transform. In the plane a
kernel of nine numbers finds edges, another takes noise away; a kernel that is a column times a row may work in two passes.
Networks do not turn the kernel round: what they call convolution is cross-correlation.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch02_principles.pictures import waves_and_disc
from gradiens.core.module import Module, knob
from gradiens.functions.signals.filters import (
    edge_strength,
    gabor,
    gaussian,
    laplacian,
    moving_average,
    separated,
    sobel,
    vertical_edge,
)
from gradiens.functions.signals.sequences import (
    circular_convolution,
    cross_correlation,
    discrete_convolution,
    fft_convolution,
    law_of_sum,
)
from gradiens.functions.signals.structured import circulant, toeplitz
from gradiens.functions.signals.systems import (
    System,
    impulse_response,
    invariance_error,
    linearity_error,
    response_error,
)
from gradiens.report.figure import Figure, Series

DICE = tuple(range(1, 7))
LENGTHS = ((5, 9), (9, 5), (1, 7), (16, 16))  # of the pairs of sequences that the identities are tried on
LAWS = ("a * b = b * a", "(a * b) * c = a * (b * c)", "linear in a, linear in b", "δ * a = a, length m + n - 1")
ROUTES = ("Toeplitz matrix", "polynomials", "Fourier transform", "circulant matrix, on a circle")
SYSTEMS = ("moving average of 4", "y_t = 0.8 y_{t-1} + x_t", "x_t²", "t x_t")
KERNELS = ("vertical edge", "Sobel, across", "Laplacian", "Gaussian, σ = 2")
QUANTILE = 0.9
MEMORY = 0.8


class Config(Module):
    """The signal that is averaged."""

    window: int = knob(15, 1, 101, says="numbers in the moving average")
    noise: float = knob(0.4, 0.0, 5.0, says="standard deviation of the signal's noise")


class Record(NamedTuple):
    """Errors are relative, the largest over all tries."""

    laws: Float[np.ndarray, "6 31"]  # of the sum of 1 … 6 dice less their number, zeros after the end
    algebra: Float[np.ndarray, "4"]
    routes: Float[np.ndarray, "4"]
    flipped: Float[np.ndarray, "2"]  # cross-correlation as convolution: in one and in two dimensions
    passes: Float[np.ndarray, "3"]  # separable kernels: edge, Sobel, Gaussian
    systems: Float[np.ndarray, "4 3"]  # linear, time-invariant, convolution with the impulse response
    response: Float[np.ndarray, "2 24"]
    signal: Float[np.ndarray, "3 200"]  # clean, noisy, averaged
    image: Float[np.ndarray, "353 469"]
    filtered: Float[np.ndarray, "4 353 469"]
    edges: Float[np.ndarray, "353 469"]  # 1 where the edge map is above its quantile
    gabors: Float[np.ndarray, "4 21 21"]


def run(config: Config, key: Array) -> Record:
    """Dice, identities, systems, a signal, a picture; the draws are NumPy's, from one number of the key."""
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))
    image = waves_and_disc()
    kernels = (vertical_edge(), sobel(), laplacian(), gaussian(13, 2.0))
    filtered = np.stack([cross_correlation(kernel, image, "same") for kernel in kernels])
    edge = np.abs(filtered[0])
    edge[[0, -1]] = edge[:, [0, -1]] = 0  # where the kernel reaches beyond the picture
    drawn = [tuple(rng.normal(size=n) for n in (*lengths, 4)) for lengths in LENGTHS]
    return Record(
        laws=np.stack([np.pad(p := law_of_sum(np.full(6, 1 / 6), n), (0, 31 - len(p))) for n in DICE]),
        algebra=np.max([_algebra(*three) for three in drawn], axis=0),
        routes=np.max([_routes(*three[:2]) for three in drawn], axis=0),
        flipped=_flipped(rng),
        passes=np.array([_two_passes(kernel, image) for kernel in (kernels[0], kernels[1], kernels[3])]),
        systems=np.array([_properties(system, rng) for system in _systems()]),
        response=np.stack([impulse_response(system, 24) for system in _systems()[:2]]),
        signal=_averaged(config, rng),
        image=image,
        filtered=filtered,
        edges=(edge > np.quantile(edge, QUANTILE)).astype(np.float64),
        gabors=np.stack([gabor(21, 7.0, angle, 4.0) for angle in np.pi / 4 * np.arange(4)]),
    )


def _apart(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, relative; infinite where the lengths differ."""
    same = found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max()) if same else np.inf


def _algebra(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> list[float]:
    """The errors of `LAWS`."""
    conv = discrete_convolution
    mixed = conv(2 * a - 3 * a[::-1], b), conv(a, 0.5 * b + 4 * b[::-1])
    apart = 2 * conv(a, b) - 3 * conv(a[::-1], b), 0.5 * conv(a, b) + 4 * conv(a, b[::-1])
    unit = np.concatenate([a, np.zeros(len(b) - 1)])
    return [
        _apart(conv(a, b), conv(b, a)),
        _apart(conv(conv(a, b), c), conv(a, conv(b, c))),
        max(map(_apart, mixed, apart)),
        _apart(conv(np.eye(1, len(b))[0], a), unit),
    ]


def _routes(a: np.ndarray, b: np.ndarray) -> list[float]:
    """The errors of `ROUTES`; polynomials agree where their values do, at 50 points of [-1, 1]."""
    direct, at = discrete_convolution(a, b), np.linspace(-1, 1, 50)
    value = np.polynomial.polynomial.polyval
    short, long = sorted((a, b), key=len)
    filled = np.pad(short, (0, len(long) - len(short)))
    return [
        _apart(toeplitz(a, len(b)) @ b, direct),
        _apart(value(at, direct), value(at, a) * value(at, b)),
        _apart(fft_convolution(a, b), direct),
        _apart(circulant(filled) @ long, circular_convolution(filled, long)),
    ]


def _flipped(rng: np.random.Generator) -> np.ndarray:
    pairs = [(rng.normal(size=5), rng.normal(size=12)), (rng.normal(size=(3, 4)), rng.normal(size=(8, 9)))]
    return np.array([_apart(cross_correlation(w, x), discrete_convolution(np.flip(w), x)) for w, x in pairs])


def _two_passes(kernel: np.ndarray, image: np.ndarray) -> float:
    """Down by the column, then across by the row."""
    column, row = separated(kernel)
    down = cross_correlation(column[:, None], image, "valid")
    return _apart(cross_correlation(row[None], down, "valid"), cross_correlation(kernel, image, "valid"))


def _systems() -> tuple[System, ...]:
    """In the order of `SYSTEMS`."""

    def recursion(x: np.ndarray) -> np.ndarray:
        y, found = 0.0, []
        for number in x:
            y = MEMORY * y + number
            found.append(y)
        return np.array(found)

    average = lambda x: discrete_convolution(moving_average(4), x)[: len(x)]  # noqa: E731
    return average, recursion, np.square, lambda x: np.arange(len(x)) * x


def _properties(system: System, rng: np.random.Generator) -> tuple[float, ...]:
    return tuple(error(system, 24, rng) for error in (linearity_error, invariance_error, response_error))


def _averaged(config: Config, rng: np.random.Generator) -> np.ndarray:
    t = np.arange(200)
    clean = np.sin(2 * np.pi * t / 80) + (t > 120)
    noisy = clean + config.noise * rng.normal(size=200)
    return np.stack([clean, noisy, cross_correlation(moving_average(config.window), noisy, "same")])


def values(config: Config, record: Record) -> dict[str, float]:
    """Errors of the identities, probabilities, noise before and after the average, edges found."""
    found = {f"error, {name}": error for name, error in zip(LAWS, record.algebra, strict=True)}
    found |= {f"error, {name}": error for name, error in zip(ROUTES, record.routes, strict=True)}
    names = ("not linear", "not time-invariant", "not h * x")
    for system, errors in zip(SYSTEMS, record.systems, strict=True):
        found |= {f"{system}: {name} by": error for name, error in zip(names, errors, strict=True)}
    clean, noisy, averaged = record.signal[:, config.window : 200 - config.window]
    found |= {f"signal, {name}: RMSE": np.sqrt(np.mean((y - clean) ** 2)) for name, y in
              (("noisy", noisy), ("averaged", averaged)) if y.size}  # fmt: skip
    found |= {"two dice: P(7)": record.laws[1, 5], "three dice: P(10)": record.laws[2, 7]}
    found |= {"share of edge pixels": record.edges.mean()}
    found |= {"largest edge strength": edge_strength(record.image).max()}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Dice, the averaged signal, impulse responses, the picture and its filters."""
    dice = [Series("line", np.arange(n, 6 * n + 1), record.laws[i, : 5 * n + 1], label=f"{n} dice" if n > 1 else "a die")
            for i, n in enumerate(DICE)]  # fmt: skip
    clean, noisy, averaged = record.signal
    signal = [Series("line", y=noisy, label="noisy"), Series("line", y=averaged, label=f"mean of {config.window}"),
              Series("line", y=clean, label="clean", guide=True)]  # fmt: skip
    answers = [Series("line", y=h, label=name) for name, h in zip(SYSTEMS[:2], record.response, strict=True)]
    pictures = [Series("picture", z=record.image, label="the picture")]
    pictures += [Series("picture", z=_scaled(z), label=name) for name, z in zip(KERNELS, record.filtered, strict=True)]
    pictures.append(Series("picture", z=record.edges, label="edge map above its 0.9 quantile"))
    waves = [Series("picture", z=_scaled(z), label=f"{45 * i}°") for i, z in enumerate(record.gabors)]
    return (
        Figure("The sum of dice", dice, "sum", "probability"),
        Figure("A moving average", signal, "t", ""),
        Figure("Answers to an impulse", answers, "t", "h"),
        Figure(
            "A picture and what kernels see in it",
            pictures,
            summary="Grey is zero in a filtered picture, but the Gaussian's: there black is.",
        ),
        Figure("Gabor filters at four angles", waves, summary="Waves under a bell; grey is zero."),
    )


def _scaled(z: np.ndarray) -> np.ndarray:
    """Zero as grey where there are negative numbers; without the border, where kernels of 3 × 3 see the zeros beyond it."""
    z = z[1:-1, 1:-1]
    return 0.5 + z / (2 * np.abs(z).max()) if z.min() < 0 else z / z.max()


def claim_convolution_is_commutative_associative_bilinear_with_a_unit(config: Config, record: Record) -> bool:
    """Claim 1: convolution is commutative, associative and bilinear; length m + n - 1; a delta is the unit (relative 1e-9)."""
    return bool(np.all(record.algebra <= 1e-9))


def claim_matrix_polynomials_and_transform_agree(config: Config, record: Record) -> bool:
    """Claim 2: it equals the Toeplitz product, the product of polynomials and the FFT route to 1e-10."""
    return bool(np.all(record.routes <= 1e-10))


def claim_dice_have_these_probabilities(config: Config, record: Record) -> bool:
    """Claim 3: two dice: P(7) = 6/36; three dice: P(10) = 27/216 (relative 1e-9)."""
    found = record.laws[1, 7 - 2], record.laws[2, 10 - 3]
    return np.allclose(found, (6 / 36, 27 / 216), rtol=1e-9, atol=0)


def claim_correlation_flips_the_kernel_and_two_passes_are_one(config: Config, record: Record) -> bool:
    """Claim 4: cross-correlation is convolution with the flipped kernel; a separable kernel equals its two 1-D passes
    (relative 1e-9)."""
    return bool(np.all(record.flipped <= 1e-9) and np.all(record.passes <= 1e-9))


def claim_linear_and_time_invariant_is_convolution(config: Config, record: Record) -> bool:
    """Claim 5: linear and time-invariant = convolution with the impulse response (relative 1e-9); squaring fails the first,
    x_t -> t x_t the second, by more than 0.1 relative, and neither is such a convolution."""
    both, (square, timed) = record.systems[:2], record.systems[2:]
    fails = square[0] > 0.1 >= 1e-9 >= square[1] and timed[1] > 0.1 >= 1e-9 >= timed[0]
    return bool(np.all(both <= 1e-9) and fails and min(square[2], timed[2]) > 0.1)
