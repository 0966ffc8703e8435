"""Autoencoder: dense layers that squeeze an example through a code of few units and draw it again from that.

    z = encode(x) = S_m(W[m] … S_1(W[1] x + b[1]) … + b[m])
    x̂ = decode(z) = S_L(W[L] … S_{m+1}(W[m+1] z + b[m+1]) … + b[L])

Each layer has its own activation: all "identity" is the linear autoencoder, whose best reconstruction is that of the
principal components; sizes (D, m, D) are the shallow one, longer sizes a deep one. The code is the narrowest layer.

It is trained as any network, with the rows as their own targets: the cost is mean ‖x̂ - x‖² / D over the rows (`fit` x
to x). What is asked of the code beside that, and noise, are costs of `gradiens.nn.autoencoders.autoencoder_costs`.

Book: 3.5.  Source: Rumelhart, Hinton & Williams (1986); Hinton & Salakhutdinov (2006), the deep one.
"""

from __future__ import annotations

import itertools

import equinox as eqx
import jax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.activations import Activation, named
from gradiens.nn.dense import Dense

KIND = "model"


def _functions(activations: tuple[str | Activation, ...]) -> tuple[Activation, ...]:
    return tuple(map(named, activations))


class Autoencoder(Module):
    """Dense layers with an activation each; the first `depth` of them make the code.

    Book: 3.5.
    """

    layers: tuple[Dense, ...]
    activations: tuple[Activation, ...] = eqx.field(static=True, converter=_functions)
    depth: int = eqx.field(static=True)

    @classmethod
    def make(
        cls,
        sizes: tuple[int, ...],
        key: Array,
        activation: str = "tanh",
        output: str = "identity",
        code: str = "",
        init: str = "glorot",
    ) -> Autoencoder:
        """Layers of `sizes` (inputs, …, code, …, inputs): `activation` between, `code` on the code (by default the same),
        `output` at the end. The cost `sparse_kl` takes codes in (0, 1): code="sigmoid".

        Raises `Mistake` where the first and the last size differ, or there is no layer in between.
        """
        if len(sizes) < 3 or sizes[0] != sizes[-1]:
            raise Mistake("sizes (D, …, code, …, D) with at least one layer between", sizes)
        depth = min(range(1, len(sizes) - 1), key=lambda i: (sizes[i], abs(2 * i - len(sizes) + 1)))
        functions = [activation] * (len(sizes) - 2) + [output]
        functions[depth - 1] = code or activation
        keys = jax.random.split(key, len(sizes) - 1)
        shapes = zip(itertools.pairwise(sizes), keys, strict=True)
        return cls(tuple(Dense.make(n, m, k, init) for (n, m), k in shapes), tuple(functions), depth)

    @classmethod
    def example(cls, key: Array) -> tuple[Autoencoder, Array]:
        """A small network and an input for it."""
        return cls.make((4, 3, 2, 3, 4), key, output="sigmoid"), jax.random.normal(key, (4,))

    def encode(self, x: Float[Array, " D"]) -> Float[Array, " M"]:
        """The code z of one example."""
        return self._through(x, 0, self.depth)

    def decode(self, z: Float[Array, " M"]) -> Float[Array, " D"]:
        """What a code is drawn as."""
        return self._through(z, self.depth, len(self.layers))

    def __call__(self, x: Float[Array, " D"], key: Array | None = None) -> Float[Array, " D"]:
        """The reconstruction x̂ = decode(encode(x))."""
        return self.decode(self.encode(x))

    def _through(self, a: Array, first: int, last: int) -> Array:
        for l in range(first, last):  # noqa: E741
            a = self.activations[l](self.layers[l](a))
            if l + 1 < len(self.layers):
                a = checkpoint_name(a, "z" if l + 1 == self.depth else f"a[{l + 1}]")  # for the printer; costs nothing
        return a
