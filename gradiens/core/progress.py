"""Progress on a terminal: step, rate, time left and the watched numbers; nothing when stderr is not a terminal or `--quiet`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

quiet = False  # set once by the command line


@contextmanager
def working(on: str) -> Iterator[None]:
    """A spinner beside `on …`, for work that has no steps to count."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{on} …"):
        yield


class Bar:
    """A progress bar from step `first` to step `steps`, shown from the second second on."""

    def __init__(self, name: str, steps: int, silent: bool | None = None, first: int = 0):
        self.name, self.steps, self.first = name, steps, first
        self.silent = quiet if silent is None else silent
        self.begun = time.perf_counter()
        self.live: Any = None
        self.task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.live is not None:
            self.live.stop()

    def show(self, step: int, numbers: dict[str, float]) -> None:
        """Move to `step` and show `numbers`."""
        if self.silent or not sys.stderr.isatty():
            return
        if self.live is None:
            if time.perf_counter() - self.begun < 1 or step >= self.steps:
                return
            self.live = self._open(step)
        watched = "  ".join(f"{name} {value:.4g}" for name, value in list(numbers.items())[:4])
        rate = (step - self.first) / (time.perf_counter() - self.begun)
        left = time.strftime("%H:%M:%S", time.gmtime((self.steps - step) / max(rate, 1e-9)))
        self.live.update(self.task, completed=step, rate=f"{rate:,.0f}/s", left=f"{left} left", watched=watched)

    def _open(self, step: int) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        said = [TextColumn(f"{{task.fields[{name}]}}") for name in ("rate", "left", "watched")]
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), *said)
        live = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = live.add_task(self.name or "steps", total=self.steps, completed=step, rate="", left="", watched="")
        live.start()
        return live
