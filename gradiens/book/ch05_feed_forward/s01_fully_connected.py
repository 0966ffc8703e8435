"""The General Fully Connected Architecture.

A network is a chain of layers a[l] = S(W[l] a[l-1] + b[l]). Four of them are built and counted, and a small one is
drawn. Without a nonlinearity the chain collapses to one affine map; the order of the hidden units is free; and a
batch is the same function applied to every row. A skip connection adds 1 to the Jacobian of what it skips.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.module import Module, count, knob
from gradiens.functions.activations import identity
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.residual import Residual
from gradiens.nn.shapes import shape_table
from gradiens.nn.summary import layer_table
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
NETWORKS = ((784, 400, 200, 100, 50, 10), (784, 128, 64, 10), (784, 16, 10), (784, 16, 8, 4, 10))
NORMALISED = 1  # the network of which a variant with batch normalisation is counted
DRAWN = (4, 5, 3, 2)


class Config(Module):
    """The batch, and the activation of the hidden layers."""

    batch: int = knob(32, 2, 4096, says="examples in the batch")
    activation: str = knob(
        "relu", says="activation of the hidden layers", choices=("relu", "tanh", "sigmoid", "softplus")
    )


class Record(NamedTuple):
    """Counts, and outputs computed in two ways. A row of `layers` is network, inputs, units, parameters, FLOPs."""

    layers: Int[Numbers, "L 5"]
    inferred: Int[Numbers, "L 5"]  # the same, from the shape of the input alone; FLOPs as products and sums
    counts: Int[Numbers, "4"]  # trainable numbers of each built network
    normalised: Int[Numbers, "2"]  # with batch normalisation: all numbers, trainable ones
    chain: Float[Numbers, "B 10"]  # the second network with identity activations
    affine: Float[Numbers, "B 10"]  # one matrix and one vector
    batched: Float[Numbers, "B 10"]
    stacked: Float[Numbers, "B 10"]
    permuted: Float[Numbers, "B 10"]
    skip: Float[Numbers, "2 N N"]  # the Jacobian of x + F(x), and 1 + that of F


def run(config: Config, key: Array) -> Record:
    """Build and count the networks; pass a batch through the second."""
    made, at, order, collapsed = jax.random.split(key, 4)
    networks = [
        MLP.make(sizes, k, config.activation) for sizes, k in zip(NETWORKS, jax.random.split(made, 4), strict=True)
    ]
    x = jax.random.normal(at, (config.batch, 784))
    network = networks[NORMALISED]
    linear = _random_biases(MLP.make(NETWORKS[NORMALISED], collapsed, identity), collapsed)
    A, c = _affine(linear.layers)
    network = _random_biases(network, made)
    single = jax.jit(lambda row: network(row))
    return Record(
        layers=np.array([row for i, network in enumerate(networks) for row in _rows(i, network)]),
        inferred=np.array([row for i, network in enumerate(networks) for row in _inferred(i, network)]),
        counts=np.array([count(network) for network in networks]),
        normalised=_normalised(network),
        chain=jax.jit(jax.vmap(linear))(x),
        affine=x @ A.T + c[None],
        batched=jax.jit(jax.vmap(network))(x),
        stacked=jnp.stack([single(row) for row in x]),
        permuted=jax.jit(jax.vmap(_permuted(network, order)))(x),
        skip=_skip(order),
    )


def _rows(network: int, model: MLP) -> list[tuple[int, ...]]:
    """A row a layer: network, inputs, units, parameters, and FLOPs of one example."""
    rows = layer_table(model)
    return [(network, *reversed(row["shape"]["W"]), row["parameters"], row["flops"]) for row in rows]


def _inferred(network: int, model: MLP) -> list[tuple[int, ...]]:
    """The rows again, from the shapes before and after each layer: a product and a sum for each weight."""
    rows = shape_table(model, (model.layers[0].W.shape[1],))
    return [(network, *row.before, *row.after, row.parameters, 2 * row.products) for row in rows]


def _skip(key: Array) -> Array:
    """The Jacobian of a residual block at a random point, and that of its branch with 1 added."""
    block, x = Residual.example(key)
    of_block, of_branch = jax.jit(lambda x: (jax.jacobian(block)(x), jax.jacobian(block.branch)(x)))(x)
    return jnp.stack([of_block, of_branch + jnp.eye(len(x))])


def _random_biases(network: MLP, key: Array) -> MLP:
    drawn = [
        Dense(layer.W, jax.random.normal(jax.random.fold_in(key, i), layer.W.shape[:1]))
        for i, layer in enumerate(network.layers)
    ]
    return MLP(tuple(drawn), network.activation)


def _affine(layers: Sequence[Dense]) -> tuple[Array, Array]:
    """A and c of the composition of the layers' affine maps."""
    A, c = jnp.eye(layers[0].W.shape[1]), jnp.zeros(layers[0].W.shape[1])
    for layer in layers:
        A, c = layer.W @ A, layer(c)
    return A, c


def _permuted(network: MLP, key: Array) -> MLP:
    """The hidden units in another order: rows of W[l] and b[l], columns of W[l+1]."""
    layers = list(network.layers)
    for l in range(len(layers) - 1):  # noqa: E741
        order = jax.random.permutation(jax.random.fold_in(key, l), layers[l].W.shape[0])
        layers[l] = jax.tree.map(lambda a, rows=order: a[rows], layers[l])
        layers[l + 1] = Dense(layers[l + 1].W[:, order], layers[l + 1].b)
    return MLP(tuple(layers), network.activation)


def _normalised(network: MLP) -> np.ndarray:
    """All numbers and trainable numbers of the network with batch normalisation on the inputs of every layer."""
    whole = [(BatchNorm.make(layer.W.shape[1]), layer) for layer in network.layers]
    return np.array([sum(row["parameters"] for row in layer_table(whole)), count(whole)])


def name(sizes: Sequence[int]) -> str:
    """784-128-64-10."""
    return "-".join(map(str, sizes))


def values(config: Config, record: Record) -> dict[str, float]:
    """Parameters and FLOPs of each network and of each of its layers."""
    found: dict[str, float] = {}
    for i, sizes in enumerate(NETWORKS):
        rows = record.layers[record.layers[:, 0] == i]
        found |= {f"{name(sizes)}: parameters": int(record.counts[i]), f"{name(sizes)}: FLOPs": int(rows[:, 4].sum())}
        for l, row in enumerate(rows, start=1):  # noqa: E741
            found |= {f"{name(sizes)} [{l}]: parameters": int(row[3]), f"{name(sizes)} [{l}]: FLOPs": int(row[4])}
    norm = name(NETWORKS[NORMALISED]) + " with batch normalisation"
    everything, trained = map(int, record.normalised)
    skip = "skip connection: largest difference of its Jacobian from 1 + J"
    return {
        **found,
        f"{norm}: all numbers": everything,
        f"{norm}: trainable": trained,
        skip: float(np.ptp(record.skip, axis=0).max()),
    }


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The table of layers of each network, and the graph of a small one."""
    return (*(_table_figure(i, record) for i in range(len(NETWORKS))), graph(DRAWN))


def _table_figure(i: int, record: Record) -> Figure:
    rows = record.layers[record.layers[:, 0] == i]
    at = [f"[{l}] {row[2]} × {row[1]}" for l, row in enumerate(rows, start=1)]  # noqa: E741
    bars = [
        Series("bars", at, rows[:, 3], label="parameters", text=[f"{n:,}" for n in rows[:, 3]]),
        Series("bars", at, rows[:, 4], label="FLOPs an example", text=[f"{n:,}" for n in rows[:, 4]]),
    ]
    sums = f"{record.counts[i]:,} parameters, {rows[:, 4].sum():,} FLOPs an example"
    return Figure(f"{name(NETWORKS[i])}: {sums}", bars, "layer: shape of W", "count", log_y=True)


def graph(sizes: Sequence[int]) -> Figure:
    """The network as a graph: a column of nodes a layer, an edge a weight."""
    place = [[(l, (n - 1) / 2 - i) for i in range(n)] for l, n in enumerate(sizes)]  # noqa: E741
    edges = [(a, b, (np.nan, np.nan)) for left, right in pairwise(place) for a, b in product(left, right)]
    x, y = np.array(edges, np.float64).reshape(-1, 2).T
    nodes = []
    for l, column in enumerate(place):  # noqa: E741
        symbol = "x" if l == 0 else "ŷ" if l == len(sizes) - 1 else f"a[{l}]"
        text = [f"{symbol} {i}" for i in range(1, len(column) + 1)]
        nodes.append(Series("points", *np.array(column).T, label=symbol, text=text))
    summary = f"A fully connected graph with layers of {', '.join(map(str, sizes))} nodes."
    return Figure(
        f"The {name(sizes)} network",
        [Series("line", x, y, label="weights", guide=True), *nodes],
        "layer",
        "",
        summary=summary,
    )


def claim_the_networks_have_these_parameters(config: Config, record: Record) -> bool:
    """Claim 1: parameters 419,860; 109,386; 12,730; with batch normalisation on the inputs of all three layers of the
    second 113,290, of which 111,338 are trainable."""
    return record.counts[:3].tolist() == [419_860, 109_386, 12_730] and record.normalised.tolist() == [113_290, 111_338]


def claim_the_count_is_the_sum_over_layers(config: Config, record: Record) -> bool:
    """Claim 2: the count is Σ N_l (N_{l-1} + 1); shapes inferred from that of the input tell the same of each layer."""
    formula = [sum(n * (n_in + 1) for n_in, n in pairwise(sizes)) for sizes in NETWORKS]
    by_layer = [record.layers[record.layers[:, 0] == i, 3].sum() for i in range(len(NETWORKS))]
    inferred = np.array_equal(record.inferred, record.layers)
    return inferred and formula == record.counts.tolist() == [int(size) for size in by_layer]


def claim_identity_activations_give_one_affine_map(config: Config, record: Record) -> bool:
    """Claim 3: with identity activations the network equals one affine map."""
    return np.allclose(record.chain, record.affine, rtol=1e-9, atol=1e-12)


def claim_a_batch_is_its_examples_and_hidden_units_have_no_order(config: Config, record: Record) -> bool:
    """Claim 4: a batched forward pass equals the stacked single ones; permuting hidden units, with both adjacent
    matrices, leaves f unchanged."""
    rows = np.allclose(record.batched, record.stacked, rtol=1e-9, atol=1e-12)
    return rows and np.allclose(record.permuted, record.batched, rtol=1e-9, atol=1e-12)
