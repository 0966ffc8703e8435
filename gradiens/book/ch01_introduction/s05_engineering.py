"""The Third Ingredient: Mathematical Engineering.

A model is a composition of parametrised maps with a loss on top, and blocks need three things: to go forward, to go backward,
and to hold their parameters. Whatever is put together then has a gradient, at the price of a forward pass or two. Here
chains are put together at random, and their gradients compared with central differences, whose own error has a least value:
smaller steps trade truncation for rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int

from gradiens.book.ch01_introduction.random_chains import KINDS, LONGEST, LOSSES, Drawn, draw_chain
from gradiens.calculus.tape_text import columns
from gradiens.core.module import Module, knob
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.normalise import Normalise
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
STEPS = np.logspace(-1, -12, 23)
CHECKED = int(np.argmin(np.abs(STEPS - 1e-5)))  # the step of claim 1


class Config(Module):
    """How many chains are tried."""

    chains: int = knob(50, 1, 1000, says="random chains")


class Record(NamedTuple):
    """Of each chain: its blocks, gradient and differences; of the groupings of three blocks: outputs and gradients."""

    blocks: Int[Numbers, "N 6"]  # codes into KINDS, -1: none
    loss: Int[Numbers, " N"]
    size: Int[Numbers, " N"]  # numbers in θ
    length: Float[Numbers, " N"]  # |g|
    error: Float[Numbers, "N S"]  # |g - differences| by step
    backward: Float[Numbers, " N"]  # |g - g block by block| / |g|
    outputs: Float[Numbers, "M 2 4"]  # of (f ∘ g) ∘ h and f ∘ (g ∘ h)
    gradients: Float[Numbers, "M 2 d"]


def run(config: Config, key: Array) -> Record:
    """Draw chains; differentiate each by reverse mode, block by block, and by differences with every step."""
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    drawn = [draw_chain(rng) for _ in range(config.chains)]
    found = [_compared(one) for one in drawn]
    groupings = [_grouped(rng) for _ in range(5)]
    return Record(
        blocks=np.array([[*one.kinds, *[-1] * (6 - len(one.kinds))] for one in drawn]),
        loss=np.array([one.loss for one in drawn]),
        size=np.array([len(one.theta) for one in drawn]),
        length=np.array([length for length, _, _ in found]),
        error=np.array([error for _, error, _ in found]),
        backward=np.array([gap for _, _, gap in found]),
        outputs=np.array([outputs for outputs, _ in groupings]),
        gradients=np.array([gradients for _, gradients in groupings]),
    )


def _compared(one: Drawn) -> tuple[float, Float[np.ndarray, " S"], float]:
    """|g|, the error of the differences by step, and the gap to the gradient that the chain itself gives."""
    g = np.asarray(jax.grad(one.cost)(one.theta))
    d = len(one.theta)
    directions = np.zeros((LONGEST, d))  # one size for all chains: operations are compiled once
    directions[:d] = np.eye(d)
    moved = np.asarray(one.theta) + np.concatenate([STEPS, -STEPS])[:, None, None] * directions
    C = np.asarray(jax.vmap(one.cost)(jnp.asarray(moved.reshape(-1, d)))).reshape(2, len(STEPS), LONGEST)
    differences = (C[0] - C[1])[:, :d] / (2 * STEPS[:, None])
    length = float(np.linalg.norm(g))
    gap = float(np.linalg.norm(_by_blocks(one) - g) / length) if length else 0.0
    return length, np.linalg.norm(differences - g, axis=1), gap


def _by_blocks(one: Drawn) -> Float[np.ndarray, " d"]:
    """The gradient by `Chain.backward`, from the slope of the loss in the chain's output."""
    x = one.theta[-4:]
    slope = jax.grad(one.top)(one.chain(x))
    return np.asarray(ravel_pytree(one.chain.backward(x, slope))[0])


def _grouped(rng: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Outputs and gradients (in parameters and input) of three blocks in both groupings."""
    dense = [Dense(jnp.asarray(rng.normal(size=(4, 4))), jnp.asarray(rng.normal(size=4))) for _ in range(3)]
    h, g, f = (
        Chain.make(dense[0], "tanh"),
        Chain.make(dense[1], "softplus", Normalise()),
        Chain.make(dense[2], "softmax"),
    )
    x, v = jnp.asarray(rng.normal(size=4)), jnp.asarray(rng.normal(size=4))
    both = (Chain.make(h, Chain.make(g, f)), Chain.make(Chain.make(h, g), f))
    gradients = [np.asarray(ravel_pytree(chain.backward(x, v))[0]) for chain in both]
    return [np.asarray(chain(x)) for chain in both], gradients


def _best(record: Record) -> Float[np.ndarray, " N"]:
    """The step with the least error, of each chain."""
    return STEPS[np.argmin(record.error, axis=1)]


def _relative(record: Record) -> Float[np.ndarray, "N S"]:
    return np.asarray(record.error) / np.maximum(record.length, 1e-300)[:, None]


def values(config: Config, record: Record) -> dict[str, float]:
    """The best step, the errors at it and at 1e-5, the size of the chains."""
    relative = _relative(record)
    allowed = 1e-6 * record.length + 1e-9
    return {
        "median best step": float(np.median(_best(record))),
        "median of the least relative errors": float(np.median(np.min(relative, axis=1))),
        "step 1e-5: median relative error": float(np.median(relative[:, CHECKED])),
        "step 1e-5: largest error over what is allowed": float(np.max(record.error[:, CHECKED] / allowed)),
        "largest gap of reverse mode and block by block": float(np.max(record.backward)),
        "smallest |g|": float(np.min(record.length)),
        "most numbers in θ": float(np.max(record.size)),
    }


def text(config: Config, record: Record) -> str:
    """The first chains, block by block."""
    rows = [["chain", "loss", "numbers in θ", "|g|", "best step"]]
    for blocks, loss, size, length, step in zip(record.blocks, record.loss, record.size, record.length, _best(record)):
        names = " → ".join(KINDS[k] for k in blocks if k >= 0)
        rows.append([names, LOSSES[int(loss)], str(int(size)), f"{length:.2e}", f"{step:.0e}"])
    lines = "\n".join("    " + line for line in columns(rows[:11]).splitlines())
    return f"The first chains.\n\n{lines}\n\nθ holds the parameters and the input; steps are those of the differences."


def show(config: Config, record: Record) -> Figure:
    """The relative error against the step: the median, the quartiles, some chains."""
    relative = np.maximum(_relative(record), 1e-17)
    low, middle, high = np.quantile(relative, [0.25, 0.5, 0.75], axis=0)
    some = [Series("line", STEPS, row, label=f"chain {i}", guide=True) for i, row in enumerate(relative[:3], 1)]
    series = [
        Series("band", STEPS, low, high, label="middle half"),
        Series("line", STEPS, middle, label="median"),
        *some,
    ]
    best = float(np.median(_best(record)))
    says = (
        f"The error of central differences falls with the step down to about {best:.0e}, and rises again by rounding."
    )
    return Figure("Reverse mode against central differences", series, "step", "relative error", log_x=True, log_y=True,
                  summary=says)  # fmt: skip


def claim_gradients_are_those_of_differences(config: Config, record: Record) -> bool:
    """Claim 1: for every random chain the reverse-mode gradient g and the differences with step 1e-5 are apart by at most 1e-6
    |g| + 1e-9 (double precision, Euclidean norm); and block by block g is the same (relative 1e-9)."""
    allowed = 1e-6 * record.length + 1e-9
    return bool(np.all(record.error[:, CHECKED] <= allowed) and np.all(record.backward <= 1e-9))


def claim_composition_is_associative(config: Config, record: Record) -> bool:
    """Claim 2: (f ∘ g) ∘ h and f ∘ (g ∘ h) give equal outputs and gradients (relative 1e-9)."""
    same = [np.allclose(a[:, 0], a[:, 1], rtol=1e-9, atol=1e-15) for a in (record.outputs, record.gradients)]
    return all(same)


def claim_error_is_u_shaped(config: Config, record: Record) -> bool:
    """Claim 3: the error of differences is U-shaped in the step: the median over the chains of the best step lies strictly
    between 1e-9 and 1e-3 (fifty chains of one seed)."""
    return bool(1e-9 < np.median(_best(record)) < 1e-3)
