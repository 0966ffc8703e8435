"""docs/pictures.md says what is: the steps of augmentation with their defaults, and blocks that run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake
from gradiens.core.module import knobs

PAGE = (Path(__file__).parents[1] / "docs/pictures.md").read_text(encoding="utf-8")


def test_every_step_of_augmentation_stands_with_the_default_of_its_first_knob():
    told = re.search(r"Steps of `--augment`.*?compiled step", PAGE, re.DOTALL)
    assert told
    first = {name: next(iter(knobs(entry.what).values())).default for name, entry in members("augmentation").items()}
    assert {name: float(value) for name, value in re.findall(r"`(\w+)=([\d.]+)`", told[0])} == first


def test_the_block_on_weights_runs_to_the_file_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    block = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    with pytest.raises(Mistake, match=r"resnet50\.safetensors"):
        exec(block, {})
