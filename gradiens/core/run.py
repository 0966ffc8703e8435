"""A run on disk: a folder that tells what was asked, what happened, and holds all that is needed to go on.

    spec.json            what was asked for          environment.json     versions, device, machine
    metrics.jsonl        one line an evaluation      summary.json         the outcome, once there is one
    checkpoints/         the last two, and best      model.safetensors    weights, spec, preprocessing, classes
    test.safetensors     predictions on test rows    report.html          the page to look at

Every file is replaced as a whole (`core.files`), and one process at a time owns a run.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gradiens.core import files, tensors
from gradiens.core.check import Mistake

KEPT = 2  # checkpoints: the newest may be lost with the machine, the one before is then used


class Run:
    """The folder of one run."""

    def __init__(self, folder: Path):
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, spec: dict[str, Any], environment: dict[str, Any]) -> Run:
        """A new run in `folder`, which must not hold one."""
        if (folder / "spec.json").exists():
            do = f"gradiens resume {folder} goes on with it; or choose another --out"
            raise Mistake("a folder without a run", f"{folder}, which holds one", do)
        if folder.is_file():
            raise Mistake("a folder", f"{folder}, a file", "choose another --out")
        run = cls(folder)
        files.write_json(folder / "environment.json", environment)
        files.write_json(folder / "spec.json", spec)  # last: a folder with a spec is a run
        return run

    @classmethod
    def open(cls, folder: Path) -> Run:
        """The run in `folder`."""
        if not (folder / "spec.json").is_file():
            raise Mistake("the folder of a run", str(folder), "gradiens runs lists the runs there are")
        return cls(folder)

    @property
    def spec(self) -> dict[str, Any]:
        """What was asked for."""
        return files.read_json(self.folder / "spec.json")

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, device, machine."""
        return files.read_json(self.folder / "environment.json")

    @property
    def summary(self) -> dict[str, Any] | None:
        """The outcome, or None while there is none."""
        path = self.folder / "summary.json"
        return files.read_json(path) if path.is_file() else None

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The evaluations so far."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [json.loads(line) for line in lines]

    def discard(self) -> None:
        """Make the folder free for another run: of one that ended before its first checkpoint nothing is worth keeping."""
        for name in ("spec.json", "environment.json", ".lock"):
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # with other files in it, the folder stays
            self.folder.rmdir()

    def write_metrics(self, lines: list[dict[str, Any]]) -> None:
        """All evaluations so far."""
        files.write_text(self.folder / "metrics.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    def write_summary(self, summary: dict[str, Any]) -> None:
        """The outcome."""
        files.write_json(self.folder / "summary.json", summary)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Own the run; a second process is refused. The system frees the lock when the process ends, however it ends."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            got = f"{self.folder}: {error.strerror}"
            raise Mistake("a folder that can be made", got, "choose another --out") from None
        with open(self.folder / ".lock", "a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                got = f"{self.folder}, in use by process {lock.read().strip() or 'unknown'}"
                raise Mistake(
                    "a run that no other process works on", got, "wait for it or choose another --out"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def checkpoints(self) -> list[Path]:
        """The checkpoints on disk, newest first."""
        return sorted((self.folder / "checkpoints").glob("step-*.safetensors"), reverse=True)

    def save_checkpoint(self, step: int, tree: Any, extra: dict[str, Any]) -> None:
        """Keep `tree` and `extra` as of `step`, and only the newest checkpoints up to it: later ones were left aside."""
        path = self.folder / "checkpoints" / f"step-{step:010d}.safetensors"
        tensors.save(path, tree, {"step": step, "extra": extra})
        kept = [other for other in self.checkpoints() if other <= path][:KEPT]
        for other in set(self.checkpoints()) - set(kept):
            other.unlink(missing_ok=True)

    def load_checkpoint(self, template: Any) -> tuple[int, Any, dict[str, Any], list[str]] | None:
        """The newest whole checkpoint as (step, tree, extra, what was wrong with newer ones); None when there is none."""
        wrong = []
        for path in self.checkpoints():
            try:
                arrays, header = tensors.load(path)
                return header["step"], tensors.fill(template, arrays), header["extra"], wrong
            except Mistake as mistake:
                wrong.append(f"checkpoint {path.name} left aside: {mistake.got}")
        return (0, None, {}, wrong) if wrong else None
