"""A fitted model: the network with its preprocessing, in one file that is safe to load; predictions for new data."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

from gradiens.core import tensors
from gradiens.core.check import Mistake
from gradiens.core.module import named_leaves
from gradiens.core.run import Run
from gradiens.data.arrays import as_pixels
from gradiens.data.images import Images
from gradiens.data.load import as_source
from gradiens.data.preprocessing import ImagePreprocessing, Preprocessing, preprocessing_from_dict
from gradiens.train.evaluate import decide, outputs
from gradiens.train.network import link, make_network
from gradiens.train.spec import Spec, make_spec


@dataclasses.dataclass(frozen=True)
class Predictions:
    """For each row the predicted class or number; the probability of each class (N, K) when there are classes; notes.

    `names` are those of the files, where the rows are pictures.
    """

    predicted: np.ndarray
    probabilities: np.ndarray | None
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    names: tuple[str, ...] = ()


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
        return self._outputs(x, quiet=True)

    def _outputs(self, x: Any, quiet: bool | None) -> np.ndarray:
        with jax.enable_x64(self.spec.x64):
            return outputs(self.preprocessing.features, link(self.task), self.model, x, quiet)

    def predict(self, data: Any) -> Predictions:
        """Predict from raw data, in any form that `fit` takes, with targets or without; pictures also from a list of files.

        Of data with official test images, of (x, y, x_test, y_test) too, those are predicted.
        """
        data, notes = self._given(data)
        encoded = self.preprocessing.encode(data)
        notes, output = (*notes, *encoded.notes), self._outputs(encoded.x, quiet=None)
        if self.task == "number":
            return Predictions(self.preprocessing.decode_target(output), None, (), notes)
        probabilities = output if self.task == "classes" else np.stack([1 - output, output], axis=1)
        names = self.preprocessing.decode_target(decide(self.task, output))
        classes = self.preprocessing.target.classes
        return Predictions(np.asarray(names), probabilities, classes, notes, encoded.names)

    def _given(self, data: Any) -> tuple[Any, tuple[str, ...]]:
        """New data as the preprocessing takes them, and what was done for that."""
        if isinstance(data, str | Path):
            return self.preprocessing.read(data), ()
        if not isinstance(self.preprocessing, ImagePreprocessing):
            return as_source(data), ()
        if isinstance(data, list | Images):
            return data, ()
        if isinstance(data, tuple) and len(data) in (2, 4):
            return as_pixels(data[-2], data[0])
        return as_pixels(data)

    def __reduce__(self) -> Any:
        """Pickled as it is saved: weights by name, spec and preprocessing; the network is made anew by the library."""
        weights = {name: np.asarray(leaf) for name, leaf in named_leaves(self.model).items()}
        made_of = self.spec.model_dump(), self.preprocessing.to_dict(), weights
        return _fitted, (*made_of, self.summary, self.history, self.tested, self.folder)

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
    run = Run(folder) if folder else None
    tested = tensors.load(folder / "test.safetensors")[0] if folder and (folder / "test.safetensors").is_file() else {}
    told = (run.summary or {}, run.metrics) if run else ({}, [])
    return _fitted(header["spec"], header["preprocessing"], arrays, *told, tested, folder)


def _fitted(spec: dict[str, Any], preprocessing: dict[str, Any], weights: dict[str, np.ndarray], *rest: Any) -> Fitted:
    """The model of this spec and preprocessing with these weights; `rest` are the other fields."""
    asked, fitted = make_spec(**spec), preprocessing_from_dict(preprocessing)
    with jax.enable_x64(asked.x64):
        template = eqx.filter_eval_shape(lambda: make_network(asked, fitted, jax.random.key(0)))
        return Fitted(tensors.fill(template, weights), asked, fitted, *rest)
