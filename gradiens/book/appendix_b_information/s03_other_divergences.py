"""Various other measures and their properties.

Divergences differ in what they do with laws that hardly overlap. KL and chi-square grow without bound, Jensen-Shannon, total
variation and Hellinger reach a largest value and stay there, and the Wasserstein distance goes on with the distance of
the laws, whether they overlap or not. All but the last are members of one family. The cross-entropy that classifiers are
trained with is the negative log-likelihood, and what it can still lose is a KL divergence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.core.module import Module, knob
from gradiens.functions.information.bregman import bregman
from gradiens.functions.information.density import nodes
from gradiens.functions.information.divergences import (
    chi_square,
    hellinger,
    jensen_shannon,
    kl_divergence,
    renyi_divergence,
    total_variation,
)
from gradiens.functions.information.entropy import cross_entropy, entropy
from gradiens.functions.information.f_divergence import f_divergence
from gradiens.functions.information.gaussian import (
    Gaussian,
    gaussian_hellinger,
    gaussian_kl,
    gaussian_renyi,
    gaussian_total_variation,
    gaussian_wasserstein,
)
from gradiens.functions.information.transport import wasserstein
from gradiens.functions.information.two_samples import energy_distance, mmd_squared
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
MEANS = np.arange(0, 6.25, 0.25)
GRID = np.arange(-8, 14.001, 0.05)  # on which Gaussians are moved by transport; steps of MEANS are steps of it
ORDERS = (0.1, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 4.0)
SQUARES: dict[str, Callable[[Array, Array], Array]] = {
    "kl": kl_divergence,
    "reverse_kl": lambda p, q: kl_divergence(q, p),
    "chi_square": chi_square,
    "total_variation": total_variation,
    "squared_hellinger": lambda p, q: hellinger(p, q) ** 2,
    "jensen_shannon": jensen_shannon,
}
NAMES = ("KL", "Jensen-Shannon", "total variation", "Hellinger", "W₁", "W₂", "chi-square")


class Config(Module):
    """How many laws are tried."""

    triples: int = knob(10_000, 10, 1_000_000, says="random triples of laws on the 5-simplex")
    transports: int = knob(200, 2, 10_000, says="random triples of laws on the line for the Wasserstein distances")
    sample: int = knob(400, 10, 5000, says="points of the two samples of the kernel and energy distances")


class Laws(NamedTuple):
    """Of random triples p, q, r of laws."""

    js: Float[Numbers, "N 3"]  # of the pairs (p, q), (q, r), (p, r)
    tv: Float[Numbers, "N 2"]  # and the largest advantage p(A) - q(A) over all events A
    hellinger: Float[Numbers, " N"]
    family: Float[Numbers, "N 6 2"]  # by its own formula, as an f-divergence
    renyi: Float[Numbers, "N O"]
    near_one: Float[Numbers, "N 3"]  # order 1 - 1e-6, KL, order 1 + 1e-6
    bregman: Float[Numbers, " N"]  # of minus the entropy
    likelihood: Float[Numbers, "N 4"]  # of softmax scores: mean loss, -log-likelihood, label entropy, KL


class Record(NamedTuple):
    """Everything that the claims and figures need."""

    gaussians: Float[Numbers, "M 7"]  # numerically, in the order of NAMES
    closed: Float[Numbers, "M 6"]  # KL, total variation, Hellinger, W₂ by closed form; Rényi of order 2 both ways
    laws: Laws
    transport: Float[Numbers, "T 2 3"]  # W₁ and W₂ of the pairs of three laws on the line
    same: Float[Numbers, "2"]  # W₁ and W₂ of a law and itself
    disjoint: Float[Numbers, "D 7"]  # measures of two laws on separate points, by their distance
    samples: Float[Numbers, "M 2"]  # MMD and energy distance of samples of N(0, 1) and N(m, 1)


def run(config: Config, key: Array) -> Record:
    """Gaussians that move apart, random laws, transports, samples."""
    rng = generator(key)
    found = [_gaussians(float(m)) for m in MEANS]
    x, y = rng.normal(size=(2, config.sample))
    at = np.arange(4.0)
    disjoint = [_all(np.array([0.3, 0.7, 0, 0]), np.array([0, 0, 0.7, 0.3]), at + d * (at > 1)) for d in range(6)]
    return Record(
        gaussians=np.array([numeric for numeric, _ in found]),
        closed=np.array([closed for _, closed in found]),
        laws=_laws(config.triples, rng),
        transport=np.array([_triangle(rng) for _ in range(config.transports)]),
        same=np.array([wasserstein(x, x, order) for order in (1.0, 2.0)]),
        disjoint=np.array(disjoint),
        samples=np.array([(np.sqrt(max(mmd_squared(x, y + m, 1.0), 0)), energy_distance(x, y + m)) for m in MEANS]),
    )


def _all(p: np.ndarray, q: np.ndarray, x: np.ndarray) -> list[float]:
    """Every measure between the laws p and q on the points x, in the order of NAMES."""
    measures = (kl_divergence, jensen_shannon, total_variation, hellinger)
    moved = [wasserstein(x, x, order, p, q) for order in (1.0, 2.0)]
    return [*(float(f(p, q)) for f in measures), *moved, float(chi_square(p, q))]


def _gaussians(m: float) -> tuple[list[float], list[float]]:
    """Measures between N(0, 1) and N(m, 1): by quadrature with a cut where the densities cross, and by closed form."""
    grid = nodes([-12.0, m / 2, m + 12.0])
    density = lambda x, m: np.exp(-((x - m) ** 2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    p, q = (density(grid.x, mean) * grid.w for mean in (0.0, m))
    on_grid = [density(GRID, mean) for mean in (0.0, m)]
    P, Q = (law / law.sum() for law in on_grid)
    moved = [wasserstein(GRID, GRID, order, P, Q) for order in (1.0, 2.0)]
    measures = (kl_divergence, jensen_shannon, total_variation, hellinger)
    numeric = [*(float(f(p, q)) for f in measures), *moved, float(chi_square(p, q))]
    a, b = Gaussian.univariate(0.0, 1.0), Gaussian.univariate(m, 1.0)
    closed = [gaussian_kl(a, b), gaussian_total_variation(a, b.mean), gaussian_hellinger(a, b),
              gaussian_wasserstein(a, b), gaussian_renyi(a, b, 2.0), renyi_divergence(p, q, 2.0)]  # fmt: skip
    return numeric, [float(value) for value in closed]


def _laws(n: int, rng: np.random.Generator) -> Laws:
    events = jnp.asarray((np.arange(32)[:, None] >> np.arange(5) & 1).astype(float))

    @jax.jit
    @jax.vmap
    def look(laws: Float[Array, "3 5"], z: Float[Array, "4 5"], y: Array) -> Laws:
        p, q, r = laws
        family = [(f(p, q), f_divergence(p, q, name)) for name, f in SQUARES.items()]
        labels = jax.nn.one_hot(y, 5, dtype=z.dtype)
        shares, guess = jnp.mean(labels, axis=0), jax.nn.softmax(z[0])  # one guess for all
        loss = jnp.mean(jax.vmap(categorical_cross_entropy, (None, 0))(z[0], y))
        likelihood = -jnp.mean(jnp.log(guess)[y])
        return Laws(
            js=jnp.stack([jensen_shannon(a, b) for a, b in ((p, q), (q, r), (p, r))]),
            tv=jnp.stack([total_variation(p, q), jnp.max(events @ (p - q))]),
            hellinger=hellinger(p, q),
            family=jnp.asarray(family),
            renyi=jnp.stack([renyi_divergence(p, q, order) for order in ORDERS]),
            near_one=jnp.stack([renyi_divergence(p, q, order) for order in (1 - 1e-6, 1.0, 1 + 1e-6)]),
            bregman=bregman(lambda p: -entropy(p), p, q),
            likelihood=jnp.stack([loss, likelihood, entropy(shares), kl_divergence(shares, guess)]),
        )

    return look(rng.dirichlet(np.ones(5), (n, 3)), rng.normal(size=(n, 4, 5)), rng.integers(0, 5, (n, 30)))


def _triangle(rng: np.random.Generator) -> list[list[float]]:
    """W₁ and W₂ of (p, q), (q, r), (p, r) for three random laws on random points."""
    laws = [(rng.normal(size=5), rng.dirichlet(np.ones(5))) for _ in range(3)]
    pairs = [(laws[a], laws[b]) for a, b in ((0, 1), (1, 2), (0, 2))]
    return [[wasserstein(x, y, order, p, q) for (x, p), (y, q) in pairs] for order in (1.0, 2.0)]


def values(config: Config, record: Record) -> dict[str, float]:
    """Measures of the example, of Gaussians 2 apart, of samples; how near the inequalities come to equality."""
    found = {"JSD(p, q)": jensen_shannon(P, Q), "cross-entropy(p, q)": cross_entropy(P, Q)}
    at = int(np.flatnonzero(MEANS == 2.0)[0])
    found |= {f"N(0, 1) and N(2, 1): {name}": value for name, value in zip(NAMES, record.gaussians[at])}
    found |= dict(zip(("samples 2 apart: MMD", "samples 2 apart: energy distance"), record.samples[at]))
    found |= {
        "samples of one law: MMD": record.samples[0, 0],
        "samples of one law: energy distance": record.samples[0, 1],
    }
    d = np.sqrt(record.laws.js)
    found |= {"largest √JSD(p, r) / (√JSD(p, q) + √JSD(q, r))": np.max(d[:, 2] / (d[:, 0] + d[:, 1]))}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Measures as Gaussians move apart, and as laws on separate points do; Hellinger against total variation."""
    line = lambda i: Series("line", MEANS, record.gaussians[:, i], label=NAMES[i])  # noqa: E731
    mmd, energy = (Series("line", MEANS, record.samples[:, i], label=name) for i, name in
                   enumerate(("MMD of samples", "energy distance of samples")))  # fmt: skip
    apart = [Series("line", None, record.disjoint[:, i], label=NAMES[i]) for i in (1, 2, 3, 4, 5)]
    tv, H = record.laws.tv[:2000, 0], record.laws.hellinger[:2000]
    h = np.linspace(0, 1, 101)
    return (
        Figure("N(0, 1) and N(m, 1): measures with a largest value", [*map(line, (1, 2, 3)), mmd], "m", "distance"),
        Figure("N(0, 1) and N(m, 1): measures without one", [*map(line, (0, 4, 5)), energy], "m", "distance"),
        Figure("Laws on separate points, moved apart", apart, "distance added", "distance",
               summary="Total variation and Hellinger stay at 1, Jensen-Shannon at log 2; the Wasserstein distances grow."),
        Figure("Total variation lies between H² and √2 H", [
            Series("points", H, tv, label="random pairs"),
            Series("line", h, h**2, label="H²", guide=True),
            Series("line", h, np.minimum(np.sqrt(2) * h, 1), label="√2 H", guide=True),
        ], "Hellinger distance", "total variation"),
    )  # fmt: skip


def claim_jensen_shannon_is_the_square_of_a_metric(config: Config, record: Record) -> bool:
    """Claim 1: 0 ≤ JSD ≤ log 2; its square root obeys the triangle inequality on 10,000 triples; p = (.5, .3, .2) and
    q = (.2, .5, .3) give 0.0508746 (last digit)."""
    js = np.concatenate([np.ravel(record.laws.js), record.disjoint[:, 1]])
    bounded = np.all(js >= 0) and np.all(js <= np.log(2) + 1e-15)
    d = np.sqrt(record.laws.js)
    triangle = all(np.all(d[:, i] <= d[:, (i + 1) % 3] + d[:, (i + 2) % 3] + 1e-12) for i in range(3))
    return bool(bounded and triangle and abs(float(jensen_shannon(P, Q)) - 0.0508746) <= 5e-8)


def claim_hellinger_bounds_total_variation(config: Config, record: Record) -> bool:
    """Claim 2: H² ≤ TV ≤ √2 H."""
    H, tv = record.laws.hellinger, record.laws.tv[:, 0]
    return bool(np.all(tv >= H**2 - 1e-12) and np.all(tv <= np.sqrt(2) * H + 1e-12))


def claim_one_family(config: Config, record: Record) -> bool:
    """Claim 3: the family of f-divergences returns KL, reverse KL, chi-square, TV, Hellinger and JSD (relative 1e-9); minus
    the entropy has KL as its Bregman divergence."""
    own, family = np.moveaxis(np.asarray(record.laws.family), -1, 0)
    by_bregman = np.allclose(record.laws.bregman, own[:, 0], rtol=1e-9, atol=1e-12)
    return np.allclose(own, family, rtol=1e-9, atol=1e-12) and by_bregman


def claim_gaussians_of_equal_variance(config: Config, record: Record) -> bool:
    """Claim 4: Gaussians with variance 1 at distance m: TV = 2 Φ(m/2) - 1, H² = 1 - exp(-m²/8), W₁ = W₂ = m, as integrals
    say (relative 1e-9)."""
    from scipy.stats import norm

    kl, _, tv, H, w1, w2, _ = record.gaussians.T
    closed_kl, closed_tv, closed_H, closed_w, renyi, by_quadrature = record.closed.T
    close = lambda *all_: all(np.allclose(a, all_[0], rtol=1e-9, atol=1e-12) for a in all_)  # noqa: E731
    roots = close(1 - np.exp(-(MEANS**2) / 8), H**2, closed_H**2)
    moved = close(MEANS, w1, w2, closed_w)
    others = close(MEANS**2 / 2, kl, closed_kl) and close(MEANS**2, renyi, by_quadrature)
    return close(2 * norm.cdf(MEANS / 2) - 1, tv, closed_tv) and roots and moved and others


def claim_wasserstein_distances_are_metrics(config: Config, record: Record) -> bool:
    """Claim 5: Wasserstein distances are metrics and W₁ ≤ W₂; total variation = half the L1 distance = the best test's
    advantage."""
    d, (tv, advantage) = record.transport, np.asarray(record.laws.tv).T
    triangle = all(np.all(d[..., i] <= d[..., (i + 1) % 3] + d[..., (i + 2) % 3] + 1e-12) for i in range(3))
    metric = triangle and np.all(d > 0) and np.all(record.same == 0)
    return bool(metric and np.all(d[:, 0] <= d[:, 1] + 1e-12) and np.allclose(tv, advantage, rtol=1e-9))


def claim_renyi_rises_through_kl(config: Config, record: Record) -> bool:
    """Claim 6: the Rényi divergence tends to KL as its order tends to 1 (at orders 1 ± 1e-6 within 1e-4 (1 + KL)) and is
    non-decreasing in the order."""
    below, kl, above = np.asarray(record.laws.near_one).T
    squeezed = np.all(np.abs(above - kl) <= 1e-4 * (1 + kl)) and np.all(np.abs(below - kl) <= 1e-4 * (1 + kl))
    return bool(squeezed and np.all(np.diff(record.laws.renyi, axis=1) >= -1e-12))


def claim_cross_entropy_loss_is_likelihood(config: Config, record: Record) -> bool:
    """Claim 7: the mean cross-entropy loss of a model = its negative mean log-likelihood; its gap to the label entropy is a
    KL (relative 1e-9)."""
    loss, likelihood, H, kl = np.asarray(record.laws.likelihood).T
    return np.allclose(loss, likelihood, rtol=1e-9) and np.allclose(loss - H, kl, rtol=1e-9)
