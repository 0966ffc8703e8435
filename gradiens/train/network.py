"""The network that a spec asks for, the loss that fits its task, and the link from its output to a prediction.

Book: 5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jaxtyping import Array

from gradiens.core.catalogue import find
from gradiens.core.check import Mistake
from gradiens.data.preprocessing import Preprocessing
from gradiens.functions.activations import sigmoid, softmax
from gradiens.functions.losses import task as task_of
from gradiens.nn.mlp import MLP
from gradiens.nn.tabular import Tabular
from gradiens.train.spec import Spec

if TYPE_CHECKING:
    from gradiens.train.starts import Start

LOSSES = {"number": "squared", "binary": "binary_cross_entropy", "classes": "categorical_cross_entropy"}


def make_network(spec: Spec, preprocessing: Preprocessing, key: Array) -> Any:
    """The network of `spec`, from the preprocessing's features to its outputs."""
    outputs = outputs_of(preprocessing)
    if spec.equation:
        return _written(spec.equation, preprocessing, key, outputs)
    if preprocessing.levels:
        shape = preprocessing.n_features, preprocessing.levels, spec.hidden, outputs
        return Tabular.make(*shape, key, activation=spec.activation)
    init = "" if spec.hidden else "zeros"  # without hidden layers the cost is convex: any start will do
    return MLP.make((preprocessing.n_features, *spec.hidden, outputs), key, activation=spec.activation, init=init)


def _written(text: str, preprocessing: Preprocessing, key: Array, outputs: int) -> Any:
    from gradiens.train.written import WrittenModel
    from gradiens.train.written_rows import WrittenRows

    model = WrittenModel.make(text, _input(preprocessing), key, outputs, preprocessing.target.task)
    return WrittenRows(model, preprocessing.levels) if preprocessing.levels else model


def _input(preprocessing: Preprocessing) -> tuple[int, ...]:
    """The shape of x in an equation: the numbers, and one for each level of each category."""
    return (preprocessing.n_features + sum(preprocessing.levels),)


def starts_of(spec: Spec, preprocessing: Preprocessing) -> tuple[Start, ...]:
    """The parameters of a written model and how they start, none for a network of layers; what is wrong is a `Mistake`."""
    if not spec.equation:
        return ()
    from gradiens.train.written import program

    target = preprocessing.target
    return program(spec.equation, _input(preprocessing), outputs_of(preprocessing), target.task).starts


def outputs_of(preprocessing: Preprocessing) -> int:
    """How many numbers the network returns: one, or one a class when there are more than two."""
    target = preprocessing.target
    return len(target.classes) if target.task == "classes" else 1


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
