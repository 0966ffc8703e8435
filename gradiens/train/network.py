"""The network that a spec asks for, the loss that fits its task, and the link from its output to a prediction.

Book: 5.1.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import equinox as eqx
from jaxtyping import Array

from gradiens.core.catalogue import find
from gradiens.core.check import Mistake
from gradiens.data.preprocessing import Preprocessing
from gradiens.functions.activations import sigmoid, softmax
from gradiens.functions.losses import task as task_of
from gradiens.functions.smoothed import smoothed_cross_entropy
from gradiens.nn.mlp import MLP
from gradiens.nn.pictures.picture_networks import picture_network
from gradiens.nn.tabular import Tabular
from gradiens.optim.penalties import L1, L2, ElasticNet
from gradiens.train.spec import Spec

if TYPE_CHECKING:
    from gradiens.train.starts import Start

LOSSES = {"number": "squared", "binary": "binary_cross_entropy", "classes": "categorical_cross_entropy"}


class Form(NamedTuple):
    """All that a network's parameters depend on, but for the key."""

    equation: str
    model: str
    hidden: tuple[int, ...]
    activation: str
    init: str
    dropout: float
    input: tuple[int, ...]
    numbers: int
    levels: tuple[int, ...]
    outputs: int
    task: str


def make_network(spec: Spec, preprocessing: Preprocessing, key: Array) -> Any:
    """The network of `spec`, from the preprocessing's features to its outputs."""
    return _make(_form(spec, preprocessing), key)


def initial(spec: Spec, preprocessing: Preprocessing, key: Array) -> Any:
    """`make_network` as one program, kept for the next network of this form: else every draw is compiled by itself."""
    return _program(_form(spec, preprocessing))(key)


def _form(spec: Spec, preprocessing: Preprocessing) -> Form:
    numbers, levels, outputs = preprocessing.n_features, preprocessing.levels, outputs_of(preprocessing)
    network = spec.equation, spec.model, spec.hidden, spec.activation, spec.init, spec.dropout
    return Form(*network, input_shape(preprocessing), numbers, levels, outputs, preprocessing.target.task)


@functools.lru_cache(maxsize=64)
def _program(form: Form) -> Callable[[Array], Any]:
    return eqx.filter_jit(functools.partial(_make, form))  # knobs stay numbers


def _make(form: Form, key: Array) -> Any:
    if form.equation:
        return _written(form, key)
    if form.model:
        channels, high, wide = form.input
        return picture_network(form.model, (channels, high, wide), form.outputs, key)
    more = {"activation": form.activation, "init": form.init, "keep": 1 - form.dropout}
    if form.levels:
        return Tabular.make(form.numbers, form.levels, form.hidden, form.outputs, key, **more)
    if not form.hidden:
        more["init"] = form.init or "zeros"  # without hidden layers the cost is convex: any start will do
    return MLP.make((form.numbers, *form.hidden, form.outputs), key, **more)


def _written(form: Form, key: Array) -> Any:
    from gradiens.train.written import WrittenModel
    from gradiens.train.written_rows import WrittenRows

    model = WrittenModel.make(form.equation, form.input, key, form.outputs, form.task)
    return WrittenRows(model, form.levels) if form.levels else model


def input_shape(preprocessing: Preprocessing) -> tuple[int, ...]:
    """The shape of x: maps for a network of pictures, else the numbers, and one for each level of each category."""
    if getattr(preprocessing, "channels_first", False):
        return preprocessing.input_shape  # pyright: ignore[reportAttributeAccessIssue]
    return (preprocessing.n_features + sum(preprocessing.levels),)


def starts_of(spec: Spec, preprocessing: Preprocessing) -> tuple[Start, ...]:
    """The parameters of a written model and how they start, none for a network of layers; what is wrong is a `Mistake`."""
    if not spec.equation:
        return ()
    from gradiens.train.written import program

    target = preprocessing.target
    return program(spec.equation, input_shape(preprocessing), outputs_of(preprocessing), target.task).starts


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
    return loss if task == "classes" else _of_one_output(loss)


def make_penalty(spec: Spec) -> L1 | L2 | ElasticNet | None:
    """What is added to the cost for the size of the weights, None for nothing."""
    if spec.l1 and spec.l2:
        return ElasticNet(spec.l1, spec.l2)
    return L1(spec.l1) if spec.l1 else L2(spec.l2) if spec.l2 else None


def training_loss(spec: Spec, task: str) -> Callable[[Array, Array], Array]:
    """`make_loss`, with the labels smoothed where the spec asks for it."""
    loss = make_loss(spec, task)
    return _smoothed(loss, task, spec.label_smoothing) if spec.label_smoothing else loss


@functools.cache
def _smoothed(loss: Callable[[Array, Array], Array], task: str, s: float) -> Callable[[Array, Array], Array]:
    if task == "binary":
        return lambda output, y: loss(output, (1 - s) * y + s / 2)
    return lambda output, y: smoothed_cross_entropy(output, y, s)


@functools.cache  # one function for one loss: equal programs are then known to be equal, and compiled once
def _of_one_output(loss: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda output, y: loss(output[0], y)


def link(task: str) -> Callable[[Array], Array]:
    """From the network's output to the prediction: softmax, σ, or the number itself."""
    return {"classes": softmax, "binary": _probability, "number": _number}[task]


def _probability(z: Array) -> Array:
    return sigmoid(z[0])


def _number(z: Array) -> Array:
    return z[0]
