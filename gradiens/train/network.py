"""The network that a spec asks for, the loss that fits its task, and the link from its output to a prediction.

Book: 5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxtyping import Array

from gradiens.core.catalogue import find
from gradiens.core.check import Mistake
from gradiens.data.preprocessing import Preprocessing
from gradiens.functions.activations import sigmoid, softmax
from gradiens.functions.losses import task as task_of
from gradiens.nn.mlp import MLP
from gradiens.nn.tabular import Tabular
from gradiens.train.spec import Spec

LOSSES = {"number": "squared", "binary": "binary_cross_entropy", "classes": "categorical_cross_entropy"}


def make_network(spec: Spec, preprocessing: Preprocessing, key: Array) -> Any:
    """The network of `spec`, from the preprocessing's features to one output, or to one a class when there are more than two."""
    classes = len(preprocessing.target.classes)
    outputs = classes if preprocessing.target.task == "classes" else 1
    if preprocessing.levels:
        shape = preprocessing.n_features, preprocessing.levels, spec.hidden, outputs
        return Tabular.make(*shape, key, activation=spec.activation)
    init = "" if spec.hidden else "zeros"  # without hidden layers the cost is convex: any start will do
    return MLP.make((preprocessing.n_features, *spec.hidden, outputs), key, activation=spec.activation, init=init)


def make_loss(spec: Spec, task: str) -> Callable[[Array, Array], Array]:
    """The loss of one example from the network's output: the one named in the spec, or the one that fits the task."""
    loss = find(LOSSES[task] if spec.loss == "auto" else spec.loss, "loss").what
    if task_of(loss) != task:
        raise Mistake(
            f"a loss for the task {task!r}", f"{spec.loss}, for {task_of(loss)!r}", f"leave out --loss: {LOSSES[task]}"
        )
    return loss if task == "classes" else lambda output, y: loss(output[0], y)


def link(task: str) -> Callable[[Array], Array]:
    """From the network's output to the prediction: softmax, σ, or the number itself."""
    return {"classes": softmax, "binary": lambda z: sigmoid(z[0]), "number": lambda z: z[0]}[task]
