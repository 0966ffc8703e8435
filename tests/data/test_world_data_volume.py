"""The world's data and the texts against their published facts."""

from __future__ import annotations

from gradiens.core.catalogue import members
from gradiens.data.load import load


def test_world_data_volume(data_folder):
    table = load("world_data_volume")
    assert table.frame.shape == (7, 3) and table.target == "created_zb" and table.name == "world_data_volume"
    assert table.frame["created_zb"].drop_nulls().to_list() == [0.16, 1.2, 33.0, 79.0, 97.0]
    assert table.frame.drop_nulls("stored_zb").select("year", "stored_zb").rows() == [(2007, 0.29), (2012, 2.8)]


def test_tiny_shakespeare(data_folder):
    text = members("text")["tiny_shakespeare"].what()
    assert len(text) == 1_115_394 and len(set(text)) == 65 and text.count("\n") == 40_000
    assert text.startswith("First Citizen:\nBefore we proceed any further")
