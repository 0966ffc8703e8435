"""The layer table."""

from __future__ import annotations

import jax

from gradiens.nn.mlp import MLP
from gradiens.nn.summary import layer_table
from gradiens.nn.tabular import Tabular


def test_rows_of_an_mlp():
    assert layer_table(MLP.make((4, 3, 2), jax.random.key(0), init="zeros")) == [
        {
            "name": "layers.0",
            "layer": "Dense",
            "shape": {"W": (3, 4), "b": (3,)},
            "parameters": 15,
            "trainable": 15,
            "flops": 24,
        },
        {
            "name": "layers.1",
            "layer": "Dense",
            "shape": {"W": (2, 3), "b": (2,)},
            "parameters": 8,
            "trainable": 8,
            "flops": 12,
        },
    ]


def test_names_are_paths():
    table = layer_table(Tabular.example(jax.random.key(0))[0])
    assert [row["name"] for row in table] == ["embeddings.0", "embeddings.1", "body.layers.0", "body.layers.1"]
    assert [row["flops"] for row in table[:2]] == [0, 0]


def test_a_layer_alone():
    layer = MLP.make((4, 2), jax.random.key(0), init="zeros").layers[0]
    assert [row["name"] for row in layer_table(layer)] == ["Dense"]
