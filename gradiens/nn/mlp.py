"""Multi-layer perceptron: dense layers with an activation between them.

    a[0] = x,   a[l] = S(W[l] a[l-1] + b[l]) for l < L,   ŷ = W[L] a[L-1] + b[L]

The last layer has no activation: the model returns numbers or logits, and the loss knows which. Without hidden layers
it is linear, logistic or softmax regression (`gradiens.nn.regression`).

Book: 5.1.
"""

from __future__ import annotations

import equinox as eqx
import jax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import Activation, identity, named, selu, sigmoid, tanh
from gradiens.nn.batched import Composite, Run
from gradiens.nn.dense import Dense
from gradiens.nn.dropout import Dropout

KIND = "model"

_STARTS: dict[Activation, str] = {tanh: "glorot", sigmoid: "glorot", identity: "glorot", selu: "lecun"}  # else He's


class MLP(Composite):
    """Dense layers with the activation S between them; Σ N_l (N_{l-1} + 1) parameters.

    Book: 5.1.
    """

    layers: tuple[Dense, ...]
    activation: Activation = eqx.field(static=True, converter=named)
    dropout: Dropout | None = None

    @classmethod
    def make(
        cls,
        sizes: tuple[int, ...],
        key: Array,
        activation: str | Activation = "relu",
        init: str = "",
        keep: float = 1.0,
    ) -> MLP:
        """Layers of `sizes` (inputs, hidden units …, outputs); `init` is by default Glorot for tanh and σ, LeCun for selu,
        else He.

        `keep` below 1: while it trains, each hidden unit is kept with this probability. Raises `Mistake` for a `keep` that is
        no such probability, and fewer than two sizes.
        """
        if len(sizes) < 2:
            raise Mistake("at least two sizes, of the input and of the output", sizes)
        if not 0 < keep <= 1:
            raise Mistake("a probability of being kept above 0 and at most 1", keep, "1 is no dropout")
        S = named(activation)
        init = init or _STARTS.get(S, "he")
        keys = jax.random.split(key, len(sizes) - 1) if len(sizes) > 2 else [key]
        shapes = zip(sizes[:-1], sizes[1:], keys, strict=True)
        return cls(
            tuple(Dense.make(n_in, n_out, k, init) for n_in, n_out, k in shapes),
            S,
            Dropout(keep) if keep < 1 else None,
        )

    @classmethod
    def example(cls, key: Array) -> tuple[MLP, Array]:
        """A small network and an input for it."""
        return cls.make((4, 5, 3, 2), key), jax.random.normal(key, (4,))

    def forward(self, x: Float[Array, " D"], run: Run) -> Float[Array, " K"]:
        """The outputs of one example, before any softmax or sigmoid."""
        *hidden, last = self.layers
        a = x
        for l, layer in enumerate(hidden, start=1):  # noqa: E741
            a = checkpoint_name(
                self.activation(run(layer, a)), f"a[{l}]"
            )  # the name is for the printer and costs nothing
            if self.dropout is not None:
                a = run(self.dropout, a)
        return run(last, a)
