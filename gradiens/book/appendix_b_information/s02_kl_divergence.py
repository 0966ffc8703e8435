"""The Kullback-Leibler divergence.

How much is lost by believing q when p is true. It is not symmetric, and the direction matters: of one Gaussian for a law of
two bumps, the forward projection, which is maximum likelihood, covers both, and the reverse one settles on one of them.
Near p the divergence is a parabola whose curvature is the Fisher information; no processing of the outcomes makes two laws
easier to tell apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.classical.unsupervised.gaussian_projection import project_gaussian
from gradiens.core.module import Module, knob
from gradiens.functions.information.concentration import bernstein_bound, chernoff_bound
from gradiens.functions.information.density import nodes
from gradiens.functions.information.divergences import kl_divergence, total_variation
from gradiens.functions.information.fisher import bernoulli, fisher_information
from gradiens.functions.information.gaussian import Gaussian, gaussian_kl
from gradiens.functions.information.joint import independent
from gradiens.functions.information.monte_carlo import monte_carlo_kl
from gradiens.functions.information.nearest_neighbours import kl_of_samples
from gradiens.functions.information.variational import variational_bound
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
LINE = ((0.0, 1.0), (0.5, 2.0)), ((1.0, 0.7), (-0.5, 0.6)), ((0.0, 2.0), (1.0, 1.5))  # (m1, s1), (m2, s2)
STEPS = np.array([1e-1, 3e-2, 1e-2, 3e-3, 1e-3])
THETAS = (0.1, 0.3, 0.5)
COINS = np.arange(10, 401, 10)  # coins whose mean is asked to exceed θ by EXCESS
EXCESS = 0.1


class Config(Module):
    """The two bumps, how many laws are tried, the draws."""

    apart: float = knob(8.0, 1.0, 20.0, says="distance of the bumps, whose s.d. is 1")
    laws: int = knob(1000, 10, 100_000, says="random pairs of laws")
    draws: int = knob(20_000, 100, 1_000_000, says="draws of each Monte-Carlo estimate")
    theta: float = knob(0.3, 0.02, 0.98, says="θ of the Bernoulli law whose parabola is drawn")


class Pairs(NamedTuple):
    """Of random pairs of laws."""

    kl: Float[Numbers, " N"]
    itself: Float[Numbers, " N"]  # of a law from itself
    variation: Float[Numbers, " N"]
    processed: Float[Numbers, " N"]  # after a random channel
    bound: Float[Numbers, "N 2"]  # variational: with the best test function, and with another
    joint: Float[Numbers, "N 3"]  # of two joint laws, of their marginals, mean of their conditionals
    product: Float[Numbers, "N 2"]  # of products of laws, and the sum over the factors


class Gaussians(NamedTuple):
    """Closed forms, formulas written out, and Monte Carlo with its standard error."""

    line: Float[Numbers, "3 4"]  # closed, formula, estimate, standard error
    space: Float[Numbers, "4"]
    neighbours: Float[Numbers, ""]  # of the samples in space, by nearest neighbours


class Record(NamedTuple):
    """Everything that the claims and figures need."""

    pairs: Pairs
    gaussians: Gaussians
    curvature: Float[Numbers, "3 5"]  # KL(θ ‖ θ + h)/h² over half the Fisher information, for THETAS and STEPS
    forward: Float[Numbers, "3"]  # mean, s.d., divergence
    reverse: Float[Numbers, "3"]
    starts: Float[Numbers, "3 3"]  # the same from each start of the reverse projection
    tails: Float[Numbers, "3 C"]  # P(mean of the coins ≥ θ + EXCESS): exact, Chernoff's bound, Bernstein's; by COINS


def run(config: Config, key: Array) -> Record:
    """Random laws; Gaussians three ways; both projections of two bumps; nearby coins."""
    rng = generator(key)
    bumps = _bumps(config.apart)
    ends = config.apart / 2
    grid = nodes([-ends - 12, -ends, 0.0, ends, ends + 12])
    forward = project_gaussian(bumps, "forward", [(0.5, 2.0)], grid)
    reverse = project_gaussian(bumps, "reverse", [(-ends, 1.0), (ends, 1.0), (0.0, config.apart / 2)], grid)
    ratio = lambda theta, h: (  # noqa: E731
        kl_divergence(bernoulli(theta), bernoulli(theta + h)) / h**2 / (fisher_information(bernoulli, theta) / 2)
    )
    return Record(
        pairs=_pairs(config.laws, rng),
        gaussians=_gaussians(config.draws, rng),
        curvature=jax.jit(jax.vmap(jax.vmap(ratio, (None, 0)), (0, None)))(jnp.asarray(THETAS), STEPS),
        forward=np.array([forward.mean, forward.sd, forward.divergence]),
        reverse=np.array([reverse.mean, reverse.sd, reverse.divergence]),
        starts=reverse.starts,
        tails=_tails(config.theta),
    )


def _bumps(apart: float) -> Callable[[Array], Array]:
    """The log density of two Gaussians with weights 1/2, s.d. 1, `apart` from each other around 0."""

    def log_density(x: Float[Array, "*N"]) -> Float[Array, "*N"]:
        left, right = (-((x - m) ** 2) / 2 for m in (-apart / 2, apart / 2))
        return jnp.logaddexp(left, right) - np.log(2 * np.sqrt(2 * np.pi))

    return log_density


def _pairs(n: int, rng: np.random.Generator) -> Pairs:
    draw = lambda shape, a=1.0: rng.dirichlet(np.full(int(np.prod(shape)), a), n).reshape(n, *shape)  # noqa: E731
    channels = rng.dirichlet(np.ones(3), (n, 5))
    tests = rng.normal(size=(n, 5))

    @jax.jit
    @jax.vmap
    def look(p: Array, q: Array, channel: Array, test: Array, P: Array, Q: Array, r: Array, s: Array) -> Pairs:
        given = jax.vmap(lambda a, b: kl_divergence(a / jnp.sum(a), b / jnp.sum(b)))(P, Q)
        first, second = jnp.sum(P, axis=1), jnp.sum(Q, axis=1)
        whole = kl_divergence(independent(p, r), independent(q, s))
        return Pairs(
            kl=kl_divergence(p, q),
            itself=kl_divergence(p, p),
            variation=total_variation(p, q),
            processed=kl_divergence(p @ channel, q @ channel),
            bound=jnp.stack([variational_bound(p, q, g) for g in (jnp.log(p / q), test)]),
            joint=jnp.stack([kl_divergence(P, Q), kl_divergence(first, second), jnp.sum(first * given)]),
            product=jnp.stack([whole, kl_divergence(p, q) + kl_divergence(r, s)]),
        )

    return look(draw((5,)), draw((5,)), channels, tests, draw((4, 3)), draw((4, 3)), draw((3,)), draw((3,)))


def _gaussians(draws: int, rng: np.random.Generator) -> Gaussians:
    rows = []
    for (m1, s1), (m2, s2) in LINE:
        formula = np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 1 / 2
        p, q = Gaussian.univariate(m1, s1), Gaussian.univariate(m2, s2)
        rows.append([float(gaussian_kl(p, q)), formula, *_sampled(p, q, rng.normal(m1, s1, (draws, 1)))])
    S1, S2 = (a @ a.T + np.eye(3) for a in rng.normal(size=(2, 3, 3)))
    d, inverse = rng.normal(size=3), np.linalg.inv(S2)
    volume = np.log(np.linalg.det(S2) / np.linalg.det(S1))
    formula = (np.trace(inverse @ S1) + d @ inverse @ d - 3 + volume) / 2
    p, q = Gaussian(jnp.zeros(3), jnp.asarray(S1)), Gaussian(jnp.asarray(d), jnp.asarray(S2))
    x, y = rng.multivariate_normal(np.zeros(3), S1, draws), rng.multivariate_normal(d, S2, draws)
    space = np.array([float(gaussian_kl(p, q)), formula, *_sampled(p, q, x)])
    return Gaussians(np.array(rows), space, np.array(kl_of_samples(x[:2000], y[:2000])))


def _sampled(p: Gaussian, q: Gaussian, x: Float[np.ndarray, "N k"]) -> tuple[float, float]:
    """The Monte-Carlo estimate and its standard error."""
    found = monte_carlo_kl(*(np.asarray(jax.jit(jax.vmap(law.log_density))(x)) for law in (p, q)))
    return found.value, found.error


def _tails(theta: float) -> Float[np.ndarray, "3 C"]:
    from scipy.stats import binom

    t = min(EXCESS, 1 - theta)
    a = min(theta + t, 1.0)
    exact = binom(COINS, theta).sf(np.ceil(COINS * a - 1e-9) - 1)
    chernoff = [chernoff_bound(int(n), theta, a) for n in COINS]
    return np.array([exact, chernoff, [bernstein_bound(int(n), t, theta * (1 - theta), 1 - theta) for n in COINS]])


def values(config: Config, record: Record) -> dict[str, float]:
    """The two divergences of the example, the projections, estimates with their errors."""
    found = {"KL(p ‖ q)": kl_divergence(P, Q), "KL(q ‖ p)": kl_divergence(Q, P)}
    for name in ("forward", "reverse"):
        mean, sd, divergence = getattr(record, name)
        found |= {f"{name}: mean": mean, f"{name}: s.d.": sd, f"{name}: divergence": divergence}
    closed, _, estimate, error = record.gaussians.space
    found |= {"in space: KL": closed, "in space: Monte Carlo": estimate, "in space: standard error": error}
    found |= {"in space: nearest neighbours, 2,000 points": record.gaussians.neighbours}
    names = ("exact", "Chernoff's bound", "Bernstein's bound")
    found |= {f"mean of 100 coins 0.1 above θ: {name}": tail[9] for name, tail in zip(names, record.tails)}
    tightest = np.max(record.pairs.variation / np.sqrt(record.pairs.kl / 2))
    return {name: float(value) for name, value in {**found, "largest TV / √(KL/2)": tightest}.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The projections, the parabola, Pinsker's bound, Monte Carlo."""
    x = np.linspace(-config.apart / 2 - 4, config.apart / 2 + 4, 401)
    gauss = lambda m, s: np.exp(-(((x - m) / s) ** 2) / 2) / (s * np.sqrt(2 * np.pi))  # noqa: E731
    laws = [Series("line", x, np.exp(_bumps(config.apart)(jnp.asarray(x))), label="two bumps")]
    laws += [Series("line", x, gauss(*getattr(record, name)[:2]), label=name) for name in ("forward", "reverse")]
    theta = np.linspace(0.01, 0.99, 197)
    kl = jax.vmap(lambda t: kl_divergence(bernoulli(config.theta), bernoulli(t)))(jnp.asarray(theta))
    near = np.abs(theta - config.theta) < 0.25
    parabola = (theta - config.theta) ** 2 / (2 * config.theta * (1 - config.theta))
    top = np.linspace(0, float(np.max(record.pairs.kl)), 200)
    estimates = np.concatenate([record.gaussians.line, record.gaussians.space[None]])
    error = 3 * estimates[:, 3] / estimates[:, 0]
    places = ["line 1", "line 2", "line 3", "space"]
    return (
        Figure("One Gaussian for two bumps", laws, "x", "density"),
        Figure(f"KL of nearby coins, θ = {config.theta:g}", [
            Series("line", theta, kl, label="KL(θ ‖ t)"),
            Series("line", theta[near], parabola[near], label="Fisher parabola"),
        ], "t", "nats"),
        Figure("Total variation and divergence of random laws", [
            Series("points", record.pairs.kl, record.pairs.variation, label="pairs"),
            Series("line", top, np.minimum(np.sqrt(top / 2), 1), label="√(KL/2)", guide=True),
        ], "KL", "TV"),
        Figure(f"The mean of n coins exceeds θ = {config.theta:g} by {EXCESS:g}", [
            Series("line", COINS, np.maximum(tail, 1e-300), label=name) for name, tail in
            zip(("exact", "e^(-n KL), Chernoff", "Bernstein"), record.tails)
        ], "n", "probability", log_y=True),
        Figure("Monte Carlo over closed form, with 3 standard errors", [
            Series("band", places, 1 - error, 1 + error, label="3 standard errors"),
            Series("points", places, estimates[:, 2] / estimates[:, 0], label="estimate / closed form"),
        ], "pair of Gaussians", "ratio"),
    )  # fmt: skip


def claim_the_two_directions(config: Config, record: Record) -> bool:
    """Claim 1: for p = (.5, .3, .2) and q = (.2, .5, .3): KL(p ‖ q) = 0.223805, KL(q ‖ p) = 0.193794 (last digit)."""
    return abs(float(kl_divergence(P, Q)) - 0.223805) <= 5e-7 and abs(float(kl_divergence(Q, P)) - 0.193794) <= 5e-7


def claim_kl_is_positive_and_bounded_below(config: Config, record: Record) -> bool:
    """Claim 2: KL ≥ 0, zero exactly for equal laws; total variation ≤ √(KL/2); any stochastic map lowers KL; every test
    function bounds it from below, log p/q attains it; exp(-n KL) bounds the tail of n coins, below Bernstein's bound."""
    p = record.pairs
    zero = np.all(p.kl > 0) and np.all(np.abs(p.itself) <= 1e-15)
    pinsker = np.all(p.variation <= np.sqrt(p.kl / 2))
    attained = np.allclose(p.bound[:, 0], p.kl, rtol=1e-9) and np.all(p.bound[:, 1] <= p.kl + 1e-12)
    tails = np.all(record.tails[1:] >= record.tails[:-1] * (1 - 1e-9))
    return bool(zero and pinsker and np.all(p.processed <= p.kl) and attained and tails)


def claim_gaussian_closed_forms(config: Config, record: Record) -> bool:
    """Claim 3: log(s2/s1) + (s1² + (m1-m2)²)/(2 s2²) - 1/2, and (tr S2⁻¹S1 + d'S2⁻¹d - k + log det S2/det S1)/2 in space
    (relative 1e-9), equal to Monte Carlo within 3 standard errors (four estimates)."""
    g = np.concatenate([record.gaussians.line, record.gaussians.space[None]])
    return bool(np.allclose(g[:, 0], g[:, 1], rtol=1e-9) and np.all(np.abs(g[:, 2] - g[:, 0]) <= 3 * g[:, 3]))


def claim_chain_rule(config: Config, record: Record) -> bool:
    """Claim 4: KL of joints = KL of marginals + mean KL of conditionals; additive over independent parts."""
    joint, product = record.pairs.joint, record.pairs.product
    chain = np.allclose(joint[:, 0], joint[:, 1] + joint[:, 2], rtol=1e-9)
    return bool(chain and np.allclose(product[:, 0], product[:, 1], rtol=1e-9))


def claim_curvature_is_fisher_information(config: Config, record: Record) -> bool:
    """Claim 5: KL(θ ‖ θ + h)/h² tends to half the Fisher information 1/(θ(1-θ)): the relative error falls with every
    smaller h, from 1e-2 to 1e-3 with order at least 0.9, to at most 1e-2."""
    error = np.abs(record.curvature - 1)
    information = [float(fisher_information(bernoulli, jnp.asarray(t))) * t * (1 - t) for t in THETAS]
    order = np.log10(error[:, 2] / error[:, 4])
    falls = np.all(np.diff(error, axis=1) < 0) and np.all(order >= 0.9)
    return bool(falls and np.all(error[:, -1] <= 1e-2) and np.allclose(information, 1, rtol=1e-9))


def claim_projections(config: Config, record: Record) -> bool:
    """Claim 6: the forward projection matches mean and variance (1e-6); the reverse one, for bumps at least 7 standard
    deviations apart (best of starts at each bump and between them), has its mean within 0.1 of one bump and its s.d.
    within 5 % of that bump."""
    moments = abs(record.forward[0]) <= 1e-6 and abs(record.forward[1] ** 2 - 1 - config.apart**2 / 4) <= 1e-5
    off = min(abs(record.reverse[0] - m) for m in (-config.apart / 2, config.apart / 2))
    near = off <= 0.1 and abs(record.reverse[1] - 1) <= 0.05
    return bool(moments and (near or config.apart < 7))
