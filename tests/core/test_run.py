from __future__ import annotations

import multiprocessing
import os
import resource

import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from gradiens.core import files, tensors
from gradiens.core.check import Failure, Mistake
from gradiens.core.run import Run

TREE = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.int32(7)}


def test_tensors_come_back_bit_for_bit_with_their_header(tmp_path):
    path = tmp_path / "x.safetensors"
    tensors.save(path, TREE, {"what": "é", "x": 0.1})
    arrays, header = tensors.load(path)
    assert header == {"what": "é", "x": 0.1}
    filled = tensors.fill({"a": jnp.zeros((2, 3)), "n": jnp.int32(0)}, arrays)
    np.testing.assert_array_equal(filled["a"], TREE["a"])
    assert filled["n"] == 7 and filled["n"].shape == ()


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_file_cut_short_is_a_mistake(tmp_path, keep):
    path = tmp_path / "x.safetensors"
    tensors.save(path, TREE, {})
    content = path.read_bytes()
    path.write_bytes(content[:keep])
    with pytest.raises(Mistake, match="damaged or cut short"):
        tensors.load(path)


def test_every_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "x.safetensors"
    tensors.save(path, TREE, {"k": 1})
    content = path.read_bytes()
    for place in range(0, len(content), 11):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        with pytest.raises(Mistake):
            tensors.load(path)


def test_another_programs_safetensors_file_and_a_wrong_shape_are_mistakes(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"w": np.zeros(3)}, path)
    with pytest.raises(Mistake, match="another program"):
        tensors.load(path)
    tensors.save(path, TREE, {})
    with pytest.raises(Mistake, match="belongs to another model"):
        tensors.fill({"a": jnp.zeros((3, 3)), "n": jnp.int32(0)}, tensors.load(path)[0])
    with pytest.raises(Mistake, match="no such file"):
        tensors.load(tmp_path / "none")


def test_the_two_newest_checkpoints_are_kept_and_a_damaged_one_falls_back(tmp_path):
    run = Run.create(tmp_path / "r", {"data": "x"}, {})
    template = {"a": jnp.zeros((2, 3))}
    for step in (10, 20, 30):
        run.save_checkpoint(step, {"a": np.full((2, 3), step, np.float32)}, {"best": step})
    newest, older = run.checkpoints()
    newest.write_bytes(newest.read_bytes()[:-5])
    step, tree, extra, wrong = run.load_checkpoint(template)
    assert (step, extra["best"], float(tree["a"][0, 0])) == (20, 20, 20.0)
    assert len(wrong) == 1 and newest.name in wrong[0]
    older.write_bytes(b"")
    assert run.load_checkpoint(template)[:2] == (0, None)


def test_a_checkpoint_after_a_fall_back_outlives_the_damaged_later_ones(tmp_path):
    run, template = Run.create(tmp_path / "r", {"data": "x"}, {}), {"a": jnp.zeros(3)}
    for step in (20, 30):
        run.save_checkpoint(step, template, {})
    for damaged in run.checkpoints():
        damaged.write_bytes(b"")
    run.save_checkpoint(10, template, {})
    assert run.load_checkpoint(template)[0] == 10


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path):
    Run.create(tmp_path / "r", {"data": "x"}, {})
    with pytest.raises(Mistake, match="resume"):
        Run.create(tmp_path / "r", {"data": "y"}, {})
    assert Run.open(tmp_path / "r").spec == {"data": "x"}
    with pytest.raises(Mistake, match="the folder of a run"):
        Run.open(tmp_path)


def _try_lock(folder, told):
    try:
        with Run(folder).locked():
            told.put("owned")
    except Mistake as mistake:
        told.put(str(mistake))


def test_a_second_process_is_refused_and_told_who_works_there(tmp_path):
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    with Run(tmp_path).locked():
        process = context.Process(target=_try_lock, args=(tmp_path, told))
        process.start()
        said = told.get(timeout=60)
        process.join()
    assert f"in use by process {os.getpid()}" in said


def test_a_failed_write_leaves_the_old_file_whole_and_no_litter(tmp_path):
    path = tmp_path / "x.json"
    files.write_json(path, {"a": 1})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # as a full disk: writes fail part-way
    try:
        with pytest.raises(Failure, match="could not be written"):
            files.write_bytes(path, b"x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert files.read_json(path) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
