"""Basic quantities from information theory.

Entropy is the mean surprise of a law: nothing for a certain outcome, log K for K equally likely ones. Of two variables
it splits by the chain rule into that of one and what is left of the other; what knowing the one takes away from the
other is their mutual information, which noise between them destroys. Entropy is the limit of every code without loss,
and Huffman's code comes within a bit of it. Of all laws with given means the one of largest entropy is an exponential
family, and of all densities with given variance it is the Gaussian.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.core.module import Module, knob
from gradiens.data.texts.tiny_shakespeare import tiny_shakespeare
from gradiens.functions.information.counts import entropy_of_counts, mutual_information_of_counts
from gradiens.functions.information.density import differential_entropy, nodes
from gradiens.functions.information.divergences import kl_divergence
from gradiens.functions.information.entropy import cross_entropy, entropy, perplexity, renyi_entropy
from gradiens.functions.information.gaussian import Gaussian, gaussian_entropy, gaussian_mutual_information
from gradiens.functions.information.huffman import huffman
from gradiens.functions.information.joint import (
    binary_symmetric_channel,
    conditional_entropy,
    conditional_mutual_information,
    independent,
    marginals,
    multi_information,
    mutual_information,
    through,
)
from gradiens.functions.information.maximum_entropy import maximum_entropy
from gradiens.functions.information.nearest_neighbours import entropy_of_sample, mutual_information_of_samples
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
K = 5  # outcomes of the random laws
SDS = (0.5, 1.0, 3.0)
COVARIANCE = np.array([[2.0, 0.6], [0.6, 0.5]])
FACES = np.arange(1, 7)
MISSPELT = 0.1  # probability that the reader of a noisy bit turns it over once more


class Config(Module):
    """How many laws are tried, the die, the samples."""

    laws: int = knob(500, 10, 100_000, says="random laws, and random joint tables")
    flip: float = knob(0.11, 0.0, 0.5, says="probability that the channel turns a bit over")
    mean: float = knob(4.5, 1.1, 5.9, says="mean of the die")
    sample: int = knob(500, 10, 20_000, says="draws from which entropy is estimated")
    grid: int = knob(121, 11, 1001, says="points along the side of the triangle")


class Tables(NamedTuple):
    """Of each random joint law of X and Y."""

    H: Float[Numbers, "N 3"]  # of X, of Y, of the pair
    conditional: Float[Numbers, "N 2"]  # Y given X, X given Y
    information: Float[Numbers, "N 3"]  # by its formula, as KL to the product, and for three variables at once
    processed: Float[Numbers, " N"]  # of X and a noisy reading of Y
    chain: Float[Numbers, "N 3"]  # of a law of three: I(X; Y, Z), I(X; Z), I(X; Y | Z)
    cross: Float[Numbers, "N 3"]  # cross-entropy of row 0 under row 1, entropy of row 0, their divergence


class Continuous(NamedTuple):
    """Differential entropies: by closed form, on nodes; of Gaussian, uniform and Laplace of one variance."""

    closed: Float[Numbers, "3"]
    on_nodes: Float[Numbers, "3"]
    plane: Float[Numbers, "2"]  # of COVARIANCE: closed, on nodes
    shared: Float[Numbers, "2"]  # mutual information of its coordinates: closed, by the entropies
    rivals: Float[Numbers, "3 3"]  # laws × SDS


class Record(NamedTuple):
    """Everything that the claims and figures need."""

    laws: Float[Numbers, "N K"]
    H: Float[Numbers, " N"]
    tables: Tables
    flips: Float[Numbers, " F"]
    through: Float[Numbers, " F"]  # information through the channel
    continuous: Continuous
    shares: Float[Numbers, " S"]  # of the characters, largest first
    lengths: Float[Numbers, " S"]  # of their words
    bits: Float[Numbers, "3"]  # entropy in bits, mean length, Kraft's sum
    die: Float[Numbers, "6"]
    multiplier: Float[Numbers, ""]
    perturbed: Float[Numbers, "M"]  # entropies of dice with the same mean
    estimates: Float[Numbers, "6"]


def run(config: Config, key: Array) -> Record:
    """Random laws and tables, the noisy bit, densities, a code, a die."""
    rng = generator(key)
    laws = np.concatenate([rng.dirichlet(np.full(K, a), config.laws // 2) for a in (0.2, 1.0)])
    laws = np.concatenate([laws, np.eye(K), np.full((1, K), 1 / K)])
    flips = np.linspace(0, 0.5, 101)
    bit = lambda flip: mutual_information(through(jnp.full(2, 0.5), binary_symmetric_channel(flip)))  # noqa: E731
    die = maximum_entropy(FACES, config.mean)
    counts = Counter(tiny_shakespeare())
    code = huffman(counts)
    symbols = [symbol for symbol, _ in counts.most_common()]
    shares = np.array([code.probabilities[s] for s in symbols])
    lengths = np.array([len(code.words[s]) for s in symbols])
    return Record(
        laws=laws,
        H=jax.jit(jax.vmap(entropy))(laws),
        tables=_tables(rng.dirichlet(np.full(12, 0.5), config.laws).reshape(-1, 4, 3)),
        flips=flips,
        through=jax.jit(jax.vmap(bit))(flips),
        continuous=_continuous(),
        shares=shares,
        lengths=lengths,
        bits=np.array([float(entropy(shares)) / np.log(2), code.mean_length, np.sum(0.5**lengths)]),
        die=die.p,
        multiplier=die.multipliers[0],
        perturbed=_perturbed(die.p, rng),
        estimates=_estimates(config, rng),
    )


def _tables(joint: Float[np.ndarray, "N 4 3"]) -> Tables:
    noise = jnp.eye(3) * (1 - 1.5 * MISSPELT) + MISSPELT / 2

    def look(joint: Array) -> Tables:
        p, q = marginals(joint)
        one, other = joint[0] / jnp.sum(joint[0]), joint[1] / jnp.sum(joint[1])
        product = kl_divergence(joint, independent(p, q))
        three = joint.reshape(2, 2, 3)
        chain = mutual_information(three.reshape(2, 6)), mutual_information(jnp.sum(three, axis=1))
        return Tables(
            jnp.stack([entropy(p), entropy(q), entropy(joint)]),
            jnp.stack([conditional_entropy(joint), conditional_entropy(joint.T)]),
            jnp.stack([mutual_information(joint), product, multi_information(joint)]),
            mutual_information(joint @ noise),
            jnp.stack([*chain, conditional_mutual_information(three)]),
            jnp.stack([cross_entropy(one, other), entropy(one), kl_divergence(one, other)]),
        )

    return jax.jit(jax.vmap(look))(joint)


def _continuous() -> Continuous:
    densities = {
        "gaussian": lambda x, s: np.exp(-((x / s) ** 2) / 2) / (s * np.sqrt(2 * np.pi)),
        "uniform": lambda x, s: (np.abs(x) <= np.sqrt(3) * s) / (2 * np.sqrt(3) * s),
        "laplace": lambda x, s: np.exp(-np.sqrt(2) * np.abs(x) / s) / (np.sqrt(2) * s),
    }
    grids = [nodes([-32 * s, -np.sqrt(3) * s, 0.0, np.sqrt(3) * s, 32 * s]) for s in SDS]
    h = [[differential_entropy(f(g.x, s), g.w) for s, g in zip(SDS, grids)] for f in densities.values()]
    law = Gaussian(jnp.zeros(2), jnp.asarray(COVARIANCE))
    axes = [nodes([-10 * s, 10 * s]) for s in np.sqrt(np.diag(COVARIANCE))]
    points = jnp.stack(jnp.meshgrid(*[jnp.asarray(a.x) for a in axes], indexing="ij"), axis=-1).reshape(-1, 2)
    density = jnp.exp(jax.jit(jax.vmap(law.log_density))(points))
    plane = differential_entropy(density, np.outer(*[a.w for a in axes]).ravel())
    alone = sum(gaussian_entropy(Gaussian.univariate(0.0, np.sqrt(v))) for v in np.diag(COVARIANCE))
    return Continuous(
        closed=jnp.stack([gaussian_entropy(Gaussian.univariate(0.0, s)) for s in SDS]),
        on_nodes=jnp.stack(h[0]),
        plane=jnp.stack([gaussian_entropy(law), plane]),
        shared=jnp.stack([gaussian_mutual_information(law, 1), alone - gaussian_entropy(law)]),
        rivals=jnp.asarray(h),
    )


def _perturbed(p: Float[np.ndarray, "6"], rng: np.random.Generator) -> Float[Array, "M"]:
    """Entropies of laws with the same mean around p, by steps that keep sum and mean, as large as positivity allows."""
    kept = np.stack([np.ones(6), FACES])
    free = np.linalg.svd(kept)[2][2:]
    steps = rng.normal(size=(40, 4)) @ free
    longest = np.min(np.where(steps < 0, -p / np.minimum(steps, -1e-300), np.inf), axis=1, keepdims=True)
    near = p + np.array([0.01, 0.3, 0.9])[:, None, None] * longest * steps
    return jax.vmap(entropy)(near.reshape(-1, 6))


def _estimates(config: Config, rng: np.random.Generator) -> Float[np.ndarray, "6"]:
    """Errors of estimates: the fair die by counts (plug-in, corrected), of the Gaussian by neighbours; information of
    two dice that know nothing of each other (plug-in, corrected), and of the coordinates of COVARIANCE."""
    rolls = rng.integers(0, 6, (2, config.sample))
    counts, pairs = np.bincount(rolls[0], minlength=6), np.histogram2d(*rolls, bins=6)[0]
    points = rng.multivariate_normal(np.zeros(2), COVARIANCE, config.sample)
    law = Gaussian(jnp.zeros(2), jnp.asarray(COVARIANCE))
    return np.array(
        [
            *[entropy_of_counts(counts, how) - np.log(6) for how in ("none", "miller_madow")],
            entropy_of_sample(points) - float(gaussian_entropy(law)),
            *[mutual_information_of_counts(pairs, how) for how in ("none", "miller_madow")],
            mutual_information_of_samples(*points.T) - float(gaussian_mutual_information(law, 1)),
        ]
    )


def values(config: Config, record: Record) -> dict[str, float]:
    """The code, the die, the channel, and errors of estimates from samples."""
    at = binary_symmetric_channel(config.flip)
    names = ("die, plug-in", "die, Miller-Madow", "Gaussian, neighbours", "two dice, plug-in", "two dice, Miller-Madow",
             "Gaussian, information by neighbours")  # fmt: skip
    return {
        "characters: entropy, bits": float(record.bits[0]),
        "characters: Huffman's mean length, bits": float(record.bits[1]),
        "characters: perplexity": float(perplexity(record.shares)),
        "characters: Rényi entropy of order 2, nats": float(renyi_entropy(record.shares, 2.0)),
        "die: multiplier": float(record.multiplier),
        "die: entropy": float(entropy(record.die)),
        "noisy bit: information": float(mutual_information(through(jnp.full(2, 0.5), at))),
        **{f"error of estimate: {name}": error for name, error in zip(names, record.estimates)},
    }


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The triangle, the binary curve with the channel, the code, the die."""
    x, y = np.linspace(0, 1, config.grid), np.linspace(0, np.sqrt(3) / 2, config.grid)
    up = y[:, None] / y[-1]
    p = np.stack(np.broadcast_arrays(1 - x[None] - up / 2, x[None] - up / 2, up), axis=-1)
    inside = np.all(p >= -1e-12, axis=-1)
    p = np.maximum(p, 0)
    H = -np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0), axis=-1)
    triangle = Series("heat", x, y, np.where(inside, H, np.nan), "H")
    corners = Series("points", [0, 1, 0.5], [0, 0, y[-1]], label="certain", text=["(1,0,0)", "(0,1,0)", "(0,0,1)"])
    curve = np.linspace(0, 1, 201)[1:-1]
    binary = -curve * np.log(curve) - (1 - curve) * np.log(1 - curve)
    rank = np.arange(1, len(record.shares) + 1)
    shares = np.asarray(record.shares)
    return (
        Figure("Entropy over the triangle of laws on three outcomes", [triangle, corners], square=True,
               summary="Entropy is 0 in the corners, log 2 in the middle of the sides, log 3 in the centre."),
        Figure("A noisy bit", [
            Series("line", curve, binary, label="entropy of a bit"),
            Series("line", record.flips, record.through, label="told by the channel"),
        ], "probability of 1, or of a flip", "nats"),
        Figure("Huffman's words for the characters of Shakespeare", [
            Series("points", rank, record.lengths, label="length of the word"),
            Series("line", rank, -np.log2(shares), label="surprise, -log₂ of the share"),
        ], "character, from the commonest", "bits"),
        Figure(f"The die of largest entropy with mean {config.mean:g}", [
            Series("bars", [str(face) for face in FACES], record.die, label="probability",
                   text=[f"{p:.4f}" for p in record.die]),
        ], "face", "probability"),
    )  # fmt: skip


def claim_entropy_is_bounded(config: Config, record: Record) -> bool:
    """Claim 1: 0 ≤ H ≤ log K, with the maximum exactly at the uniform law; conditioning never raises entropy."""
    H, top = np.asarray(record.H), np.log(K)
    bounded = H.min() >= 0 and np.all(H[:-1] < top) and abs(H[-1] - top) <= 1e-9 * top
    left, before = record.tables.conditional, record.tables.H[:, [1, 0]]
    return bool(bounded and np.allclose(H[-1 - K : -1], 0, atol=1e-15) and np.all(left <= before + 1e-12))


def claim_chain_rules(config: Config, record: Record) -> bool:
    """Claim 2: H(p, q) = H(p) + KL(p ‖ q); H(X, Y) = H(X) + H(Y | X); I = H(X) - H(X | Y) = KL(joint ‖ product) ≥ 0 (relative
    1e-9); I(X; Y, Z) = I(X; Z) + I(X; Y | Z); and a noisy reading of Y tells less of X."""
    t = record.tables
    close = lambda a, b: np.allclose(a, b, rtol=1e-9, atol=1e-12)  # noqa: E731
    cross = close(t.cross[:, 0], t.cross[:, 1] + t.cross[:, 2])
    chain = close(t.H[:, 2], t.H[:, 0] + t.conditional[:, 0])
    gain = t.H[:, 0] - t.conditional[:, 1]
    shared = all(close(gain, t.information[:, i]) for i in range(3)) and np.all(t.information >= -1e-12)
    rule = close(t.chain[:, 0], t.chain[:, 1] + t.chain[:, 2]) and np.all(t.chain >= -1e-12)
    return bool(cross and chain and rule and shared and np.all(t.processed <= t.information[:, 0]))


def claim_noisy_bit(config: Config, record: Record) -> bool:
    """Claim 3: through the binary symmetric channel with uniform input I = log 2 - H(flip)."""
    f = np.clip(record.flips, 1e-300, None)
    H = -f * np.log(f) - (1 - f) * np.log1p(-f)
    return np.allclose(record.through, np.log(2) - H, rtol=1e-9, atol=1e-12)


def claim_gaussian_entropy_is_largest(config: Config, record: Record) -> bool:
    """Claim 4: the Gaussian has differential entropy log(2πe s²)/2, and log det(2πe S)/2 in the plane, as integrals say
    (relative 1e-9); it exceeds those of the uniform and the Laplace law of equal variance."""
    c = record.continuous
    formula = np.log(2 * np.pi * np.e * np.square(SDS)) / 2
    plane = np.log(np.linalg.det(2 * np.pi * np.e * COVARIANCE)) / 2
    one = np.allclose(c.closed, formula, rtol=1e-9) and np.allclose(c.on_nodes, formula, rtol=1e-9)
    two = np.allclose(c.plane, plane, rtol=1e-9) and np.allclose(c.shared[0], c.shared[1], rtol=1e-9)
    return bool(one and two and np.all(c.rivals[1:] < c.rivals[0] - 0.01))


def claim_huffman_is_within_a_bit(config: Config, record: Record) -> bool:
    """Claim 5: Huffman's mean length L in bits: H₂ ≤ L < H₂ + 1."""
    H, L, kraft = map(float, record.bits)
    return H <= L < H + 1 and kraft == 1.0


def claim_the_die_of_largest_entropy(config: Config, record: Record) -> bool:
    """Claim 6: the maximum-entropy die has pᵢ proportional to exp(c i) and the mean that was asked for; perturbing it
    along the constraints lowers H."""
    p = np.asarray(record.die)
    exponential = np.allclose(p[1:] / p[:-1], np.exp(record.multiplier), rtol=1e-9)
    return bool(exponential and abs(p @ FACES - config.mean) <= 1e-9 and np.all(record.perturbed < float(entropy(p))))
