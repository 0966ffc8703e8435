"""The spec of a training run: one declaration for the command line, the run folder and the lab."""

from __future__ import annotations

from typing import Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gradiens.core.catalogue import find
from gradiens.core.check import Mistake, known
from gradiens.core.module import knobs
from gradiens.data.augmentation import augmentation
from gradiens.nn import initialisers
from gradiens.nn.pictures.picture_networks import NETWORKS
from gradiens.optim.optax_bridge import optax_named
from gradiens.train.equation_text import check_equation

CROSS_ENTROPIES = ("binary_cross_entropy", "categorical_cross_entropy", "smoothed_cross_entropy")


class Spec(BaseModel):
    """What to fit, with what, and how. The description of each field is the help text of its flag."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str = Field(
        description="a CSV, TSV or Parquet file, also one with a column of paths of pictures; a folder of pictures with one "
        "folder a class; images in an .npz file, x and y; or the name of a data set of the catalogue"
    )
    target: str = Field("", description="the column to predict; data sets of the catalogue know theirs")
    task: Literal["auto", "binary", "classes", "number"] = Field("auto", description="what the target is")
    header: Literal["auto", "yes", "no"] = Field("auto", description="whether the file begins with column names")
    drop: tuple[str, ...] = Field((), description="columns to leave out")
    equation: str = Field(
        "",
        description="the model as an equation, 'ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)', or a file of "
        "equations (.eq), instead of hidden layers; n counts the numbers of x, a category one for each level",
    )
    model: str = Field(
        "",
        description="a network for pictures instead of hidden layers, as small_cnn, lenet5, resnet20, resnet18, vgg16",
    )
    size: int | None = Field(None, ge=1, description="side of the pictures; none: as the files suggest")
    pictures: str = Field(
        "", description="the column of a table that holds the paths of pictures; none: found by itself"
    )
    augment: str = Field(
        "", description="changes of the pictures while training, as flip,shift=4,rotate=15,cutout=8,mixup=0.2"
    )
    hidden: tuple[int, ...] = Field((128, 64), description="widths of the hidden layers; none is a linear model")
    activation: str = Field("relu", description="activation of the hidden layers")
    init: str = Field("", description="how the weights of hidden layers start; as the activation wants by default")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of the hidden units silenced at each step of training")
    l2: float = Field(0.0, ge=0, description="penalty on the sum of squared weights; adamw decays them instead")
    l1: float = Field(0.0, ge=0, description="penalty on the sum of absolute weights")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share of the target spread over all classes")
    loss: str = Field("auto", description="auto takes the one that fits the task")
    optimizer: str = Field("adam", description="optimizer of the catalogue, or optax.NAME")
    lr: float | None = Field(None, description="step size; none takes the optimizer's default")
    knobs: dict[str, float] = Field({}, description="other knobs of the optimizer, NAME=VALUE")
    schedule: str = Field("constant", description="how the step size changes over the run")
    clip: float = Field(0.0, ge=0, description="cap of the gradient's norm; 0 is off")
    epochs: int | None = Field(
        None, ge=1, description="passes over the training rows; none: as the data's size asks for"
    )
    batch: int = Field(64, ge=1, description="rows of a minibatch")
    accumulate: int = Field(1, ge=1, description="minibatches whose gradients are averaged into one step")
    patience: int = Field(10, ge=0, description="epochs without a better validation loss before stopping; 0 is off")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="the root of all randomness of the run")
    val: float = Field(
        0.15, ge=0, lt=1, description="share of the rows for validation; 0: the weights of the last step are kept"
    )
    test: float = Field(0.15, ge=0, lt=1, description="share of the rows for the test; 0: the model is not judged")
    x64: bool = Field(False, description="double precision")
    watch_layers: bool = Field(
        False, description="at each evaluation: size and gradient of every layer, its dead and saturated units"
    )
    learning_curve: bool = Field(
        False,
        description="fit also on a tenth, a fifth … of the training rows: what would more rows bring? costs 4 fits",
    )

    def model_post_init(self, _: Any) -> None:
        """The checks that need the catalogue."""
        if self.val + self.test >= 1:
            raise Mistake("val + test below 1", f"{self.val} + {self.test}", "leave rows to train on")
        if self.learning_curve and not self.test:
            raise Mistake("test rows for a learning curve", "test = 0", "leave out --test, or --learning-curve")
        if any(width < 1 for width in self.hidden):
            raise Mistake("hidden layers of width at least 1", ",".join(map(str, self.hidden)))
        find(self.activation, "activation")
        find(self.schedule, "schedule")
        if self.loss != "auto":
            find(self.loss, "loss")
        self.make_optimizer()
        if self.equation:
            check_equation(self)
        self._check_network()

    def _check_network(self) -> None:
        if self.init:
            initialisers.named(self.init)
        if self.model:
            known("network for pictures", self.model, NETWORKS)
        if self.model and self.equation:
            raise Mistake("a network or an equation", "both", "leave out --model or --equation")
        for name in ("hidden", "activation", "dropout", "init"):
            given = getattr(self, name)
            if given != type(self).model_fields[name].default and (self.model or self.equation):
                what = f"the network {self.model}" if self.model else "a written model"
                told = ",".join(map(str, given)) or "none" if isinstance(given, tuple) else given
                do = "leave it out" if name == "hidden" else f"leave out --{name}, or use --hidden"
                raise Mistake(f"no --{name} beside {what}", told, do)
        if self.augment and not self.model:
            do = "name a network for pictures: --model small_cnn"
            raise Mistake("a network that sees pictures to augment", "hidden layers", do)
        augmentation(self.augment)
        if self.label_smoothing and self.loss not in ("auto", *CROSS_ENTROPIES):
            raise Mistake("a cross-entropy to smooth the labels of", self.loss, "leave out --loss or --label-smoothing")

    def make_optimizer(self) -> Any:
        """The optimizer with its knobs."""
        given = dict(self.knobs) if self.lr is None else {**self.knobs, "lr": self.lr}
        if "lr" in self.knobs:
            raise Mistake("the step size by lr", "also among the knobs", "use --lr")
        if self.optimizer.startswith("optax."):
            return optax_named(self.optimizer.removeprefix("optax."), **given)
        kind = find(self.optimizer, "optimizer").what
        for name in self.knobs:
            known(f"knob of {self.optimizer}", name, knobs(kind))
        return kind(**given)


def make_spec(**given: Any) -> Spec:
    """A `Spec` from keywords; what is wrong with them is one `Mistake`."""
    try:
        return Spec(**given)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        said = first.get("ctx", {}).get("error")
        if isinstance(said, Mistake):  # raised by `Spec` itself, wrapped by Pydantic
            raise said from None
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            known("option", name, Spec.model_fields)
        says = first["msg"].removeprefix("Input should be ")
        raise Mistake(f"{name} to be {says}", repr(first["input"])) from None
