"""A fitted model: the network with its preprocessing, in one file that is safe to load; predictions for new data."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax
import numpy as np

from gradiens.core import tensors
from gradiens.core.check import Mistake
from gradiens.core.run import Run
from gradiens.data.load import as_source
from gradiens.data.preprocessing import Preprocessing, preprocessing_from_dict
from gradiens.train.evaluate import ROWS, decide
from gradiens.train.network import link, make_network
from gradiens.train.spec import Spec, make_spec


@dataclasses.dataclass(frozen=True)
class Predictions:
    """For each row the predicted class or number; the probability of each class (N, K) when there are classes; notes."""

    predicted: np.ndarray
    probabilities: np.ndarray | None
    classes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Fitted:
    """What training ends with: a model that predicts from raw data, and how it came about.

    `summary` is the outcome, `history` the evaluations, `tested` the targets `y` and predictions of the test rows.
    """

    model: Any
    spec: Spec
    preprocessing: Preprocessing
    summary: dict[str, Any] = dataclasses.field(default_factory=dict)
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    tested: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    folder: Path | None = None

    @property
    def task(self) -> str:
        """binary, classes or number."""
        return self.preprocessing.target.task

    def outputs(self, x: Any) -> np.ndarray:
        """Predictions for encoded rows: probabilities, or standardised numbers."""
        to = link(self.task)
        run = jax.jit(jax.vmap(lambda model, row: to(model(self.preprocessing.features(row))), in_axes=(None, 0)))
        n = len(jax.tree.leaves(x)[0])
        pieces = [jax.tree.map(lambda a, f=first: a[f : f + ROWS], x) for first in range(0, n, ROWS)]
        with jax.enable_x64(self.spec.x64):
            return np.concatenate([np.asarray(run(self.model, piece)) for piece in pieces])

    def predict(self, data: Any) -> Predictions:
        """Predict from raw data, in any form that `fit` takes."""
        data = self.preprocessing.read(data) if isinstance(data, str | Path) else as_source(data)
        encoded = self.preprocessing.encode(data)
        output = self.outputs(encoded.x)
        if self.task == "number":
            return Predictions(self.preprocessing.decode_target(output), None, (), encoded.notes)
        probabilities = output if self.task == "classes" else np.stack([1 - output, output], axis=1)
        names = self.preprocessing.decode_target(decide(self.task, output))
        return Predictions(np.asarray(names), probabilities, self.preprocessing.target.classes, encoded.notes)

    def save(self, path: Path) -> None:
        """Write weights, spec, preprocessing and classes to one safetensors file."""
        tensors.save(path, self.model, {"spec": self.spec.model_dump(), "preprocessing": self.preprocessing.to_dict()})


def load_model(path: str | Path) -> Fitted:
    """The model in a file written by `save`, or in the folder of a run."""
    path = Path(path)
    folder = path if path.is_dir() else None
    if folder:
        path = folder / "model.safetensors"
        if not path.is_file() and (folder / "spec.json").is_file():
            raise Mistake("a finished run", f"{folder}, which has no model yet", f"gradiens resume {folder}")
    arrays, header = tensors.load(path)
    if "spec" not in header or "preprocessing" not in header:
        raise Mistake("a model file", f"{path.name}, a checkpoint", "give the run's folder or its model.safetensors")
    spec = make_spec(**header["spec"])
    preprocessing = preprocessing_from_dict(header["preprocessing"])
    with jax.enable_x64(spec.x64):
        template = jax.eval_shape(lambda: make_network(spec, preprocessing, jax.random.key(0)))
        summary = (Run(folder).summary if folder else None) or {}
        return Fitted(tensors.fill(template, arrays), spec, preprocessing, summary, folder=folder)
