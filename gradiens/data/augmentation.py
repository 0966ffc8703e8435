"""What is done to the pictures of a batch while a network trains, said as text: "flip,shift=4,rotate=15,mixup=0.2".

    (x, y) → (x', y_a, y_b, λ)      the cost of a picture is λ C(y_a) + (1-λ) C(y_b)

The changes are made one after the other, each with its own draws. Mixing comes last: each picture meets its neighbour at a
random distance in the batch, whose order is random already. With mixup and cutmix a coin decides for each picture.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from gradiens.core.catalogue import find
from gradiens.core.check import Mistake
from gradiens.core.module import Module, knobs
from gradiens.data.augment.mix import Cutmix, Mixup

Mixed = tuple[Float[Array, "B C H W"], Shaped[Array, "B *k"], Shaped[Array, "B *k"], Float[Array, " B"]]


class Augmentation(Module):
    """Changes of pictures in their order, and at most two ways of mixing two of them; shapes stay."""

    changes: tuple[Any, ...] = ()
    mixing: tuple[Any, ...] = ()

    @property
    def mixes(self) -> bool:
        """Whether y_b and λ matter; else y_b is y_a and λ is 1."""
        return bool(self.mixing)

    def __call__(self, key: Array, x: Float[Array, "B C H W"], y: Shaped[Array, "B *k"]) -> Mixed:
        """The batch for one step, a pure function of the key."""
        if x.ndim != 4:
            raise Mistake("pictures B × C × H × W to augment", f"shape {x.shape}", "take a convolutional model")
        of_changes, of_mixing = jax.random.split(key)
        for i, change in enumerate(self.changes):
            x = change(jax.random.fold_in(of_changes, i), x)
        if not self.mixing or len(x) < 2:
            return x, y, y, jnp.ones(len(x), x.dtype)
        of_partner, of_coin, of_draws = jax.random.split(of_mixing, 3)
        away = jax.random.randint(of_partner, (), 1, len(x))
        x_b, y_b = jnp.roll(x, away, axis=0), jnp.roll(y, away, axis=0)
        made = [mix(jax.random.fold_in(of_draws, i), x, x_b) for i, mix in enumerate(self.mixing)]
        x, λ = made[0]
        for other, other_λ in made[1:]:
            coin = jax.random.bernoulli(of_coin, 0.5, (len(x),))
            x, λ = jnp.where(coin[:, None, None, None], other, x), jnp.where(coin, other_λ, λ)
        return x, y, y_b, λ


def augmentation(text: str) -> Augmentation:
    """The augmentation that `text` names, "" and "none" for none: names of the catalogue, each with its first knob.

    Raises `Mistake` for a name that is none, a value that is no number, and a value outside its range.
    """
    parts = [part.strip() for part in text.split(",")]
    made = [_step(part) for part in parts if part not in ("", "none")]
    mixing = tuple(step for step in made if isinstance(step, Mixup | Cutmix))
    if len({type(step) for step in mixing}) < len(mixing):
        raise Mistake("mixup and cutmix once each", text)
    return Augmentation(tuple(step for step in made if not isinstance(step, Mixup | Cutmix)), mixing)


def _step(text: str) -> Any:
    name, equals, value = (part.strip() for part in text.partition("="))
    kind = find(name, "augmentation").what
    if not equals:
        return kind()
    first, declared = next(iter(knobs(kind).items()))
    number = int if isinstance(declared.default, int) else float
    try:
        return kind(**{first: number(value)})
    except Mistake as mistake:
        raise Mistake(f"{mistake.expected} in {name!r}", mistake.got, mistake.do) from None
    except ValueError:
        what = "a whole number" if number is int else "a number"
        raise Mistake(f"{what} for {name}", repr(value), f"for example {name}={declared.default:g}") from None
