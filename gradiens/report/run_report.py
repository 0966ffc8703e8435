"""What the report of a run is made of: plain data, no drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradiens.report.figure import Figure

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class RunReport:
    """One training run. Only the title, the task and the target are needed; what is missing is left out of the page.

    - `card`: the data card of `data.prepare`
    - `equations`: `{title, mathml, latex, unicode, error, note}` each
    - `layers`: `{name, shape, parameters, flops}` each; `shape` is a shape, or the arrays' shapes by name
    - `history`: `{step, epoch, train_loss, val_loss, val_accuracy or val_rmse, seconds}` each
    - `test`: metrics by name; `baselines`: metrics by name by baseline
    - `intervals`: the ends of an interval by metric; `coefficients`: the table of `train.coefficients`, and whether the
      model is itself `linear`; `plane`: what a model of two numbers says over the plane
    - `inner`: what a network for pictures looked at
    - `learning_curve`: `{rows, metric, train, test, interval, baselines}` for each number of training rows
    - `comparison`: `{baseline, metric, difference, interval: [low, high] or None, level, verdict}`; positive is better for us
    - `y` (N,) of the test part: class codes or numbers; `prediction`: probabilities (N, K) or of class 1 (N,), or
      numbers in the target's unit
    - `seconds`: `{compile, train, total}`; `environment`: versions, device, cores, platform, precision
    - `spec`: the settings of the run; `command`: what reproduces it; `stopped`: why training ended
    """

    title: str
    task: str
    target: str
    classes: Sequence[str] = ()
    card: Values = field(default_factory=dict)
    equations: Sequence[Values] = ()
    layers: Sequence[Values] = ()
    parameters: int | None = None
    history: Sequence[Values] = ()
    test: Values = field(default_factory=dict)
    baselines: Mapping[str, Values] = field(default_factory=dict)
    intervals: Mapping[str, Sequence[float]] = field(default_factory=dict)
    comparison: Values = field(default_factory=dict)
    coefficients: Values = field(default_factory=dict)
    linear: bool = False
    plane: Sequence[Figure] = ()
    inner: Sequence[Figure] = ()
    learning_curve: Sequence[Values] = ()
    y: np.ndarray | None = None
    prediction: np.ndarray | None = None
    seconds: Values = field(default_factory=dict)
    environment: Values = field(default_factory=dict)
    spec: Values = field(default_factory=dict)
    command: str = ""
    stopped: str = ""
    best_step: int | None = None

    @property
    def total_parameters(self) -> int:
        """Given, or summed over the layers."""
        if self.parameters is not None:
            return int(self.parameters)
        return sum(int(layer.get("parameters") or 0) for layer in self.layers)

    @property
    def metric(self) -> str:
        """The metric the run is told by."""
        usual = "rmse" if self.task == "number" else "accuracy"
        return self.comparison.get("metric") or (usual if usual in self.test else next(iter(self.test), usual))

    def class_names(self, count: int) -> list[str]:
        """`count` names, made up where none were given."""
        return [str(self.classes[k]) if k < len(self.classes) else str(k) for k in range(count)]
