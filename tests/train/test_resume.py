"""Exact resume: a run killed at any moment ends, resumed, bit for bit where the uninterrupted one ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gradiens.core import tensors
from gradiens.core.check import Failure, Mistake
from gradiens.core.run import Run
from gradiens.train import fitting
from gradiens.train.fit import fit, resume
from gradiens.train.fitting import Interrupted

OPTIONS = {"hidden": (16,), "epochs": 40, "batch": 16, "schedule": "cosine", "patience": 0, "clip": 1.0}

CHILD = """
import sys, time
from gradiens.train import fit, fitting
fitting.CHECKPOINT_SECONDS = 0.0
between = fitting.Fitting._between
def slow(self, state, t, numbers):
    time.sleep(0.01)
    print(t, flush=True)
    return between(self, state, t, numbers)
fitting.Fitting._between = slow
if sys.argv[2] == "fit":
    fit.fit("iris", out=sys.argv[1], hidden=(16,), epochs=40, batch=16, schedule="cosine", patience=0, clip=1.0)
else:
    fit.resume(sys.argv[1])
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    fit("iris", out=folder, quiet=True, **OPTIONS)
    return folder


def same(one, other):
    a, b = ((folder / "model.safetensors").read_bytes() for folder in (one, other))
    assert a == b
    first, second = (tensors.load(folder / "test.safetensors")[0] for folder in (one, other))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_sigkill_at_random_steps_and_resume_is_bitwise(whole, tmp_path):
    folder = tmp_path / "run"
    moments = random.Random(0)
    kills, what = 0, "fit"
    while kills < 4:
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder), what], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        after = moments.randint(1, 12)
        for _ in range(after):
            if not child.stdout.readline():
                break
        time.sleep(moments.uniform(0, 0.02))
        child.kill()
        child.communicate()
        kills += 1
        if (folder / "spec.json").exists():
            what = "resume"
    assert what == "resume"
    assert not (folder / "summary.json").exists()
    resume(folder, quiet=True)
    same(whole, folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_checkpoints_says_how_to_resume_and_the_end_is_the_same(whole, tmp_path, number, monkeypatch):
    folder = tmp_path / "run"
    between = fitting.Fitting._between

    def interrupt(self, state, t, numbers):
        if t == 5 * self.every:
            os.kill(os.getpid(), number)
        return between(self, state, t, numbers)

    with monkeypatch.context() as patch:
        patch.setattr(fitting.Fitting, "_between", interrupt)
        with pytest.raises(Interrupted, match=f"gradiens resume {folder}"):
            fit("iris", out=folder, quiet=True, **OPTIONS)
    assert Run(folder).checkpoints()
    resume(folder, quiet=True)
    same(whole, folder)


def test_a_damaged_newest_checkpoint_falls_back_says_so_and_ends_the_same(whole, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    between = fitting.Fitting._between

    def stop(self, state, t, numbers):
        done = between(self, state, t, numbers)
        if t == 9 * self.every:
            raise Failure("the power went")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(fitting, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(fitting.Fitting, "_between", stop)
        with pytest.raises(Failure, match="the power went"):
            fit("iris", out=folder, quiet=True, **OPTIONS)
    newest = Run(folder).checkpoints()[0]
    newest.write_bytes(newest.read_bytes()[:-100])
    resume(folder, quiet=True)
    assert newest.name in capsys.readouterr().err
    same(whole, folder)


def test_resuming_a_finished_run_changes_nothing(whole):
    before, seconds = (whole / "model.safetensors").read_bytes(), Run(whole).summary["seconds"]
    resume(whole, quiet=True)
    assert (whole / "model.safetensors").read_bytes() == before
    again = Run(whole).summary["seconds"]
    assert (again["compile"], again["train"]) == (seconds["compile"], seconds["train"])
    assert again["total"] >= again["compile"] + again["train"]


def test_data_that_changed_since_are_refused(tmp_path):
    rows = ["a,b,y"] + [f"{i},{i * i % 7},{'u' if i % 2 else 'v'}" for i in range(60)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows))
    fit(path, "y", out=tmp_path / "run", quiet=True, epochs=2, hidden=(4,))
    path.write_text("\n".join(rows[:-1]))
    with pytest.raises(Mistake, match="other content"):
        resume(tmp_path / "run", quiet=True)


def test_a_full_disk_stops_the_run_with_its_last_checkpoint(whole, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    original, left = fitting.Run.save_checkpoint, [3]

    def full(self, *args):
        left[0] -= 1
        if left[0] < 0:
            raise Failure("checkpoint could not be written: No space left on device")
        original(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(fitting, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(fitting.Run, "save_checkpoint", full)
        with pytest.raises(Failure, match="No space left"):
            fit("iris", out=folder, quiet=True, **OPTIONS)
    assert len(Run(folder).checkpoints()) == 2
    resume(folder, quiet=True)
    same(whole, folder)
