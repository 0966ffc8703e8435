"""What a fitted network for pictures looked at in one picture: every map of `gradiens.interpret`, on the pixels as given."""

from __future__ import annotations

import dataclasses
import functools
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import softmax
from gradiens.interpret.activation_maximum import maximise
from gradiens.interpret.integrated_gradients import integrated_gradients
from gradiens.interpret.layers import feature_maps, grad_cam_at
from gradiens.interpret.occlusion import occlusion
from gradiens.interpret.saliency import saliency, smooth_saliency
from gradiens.train.asked import FILTERS, Asked, filters_of, pictures_of
from gradiens.train.fitted import Fitted

SIZES = 4  # most sizes of maps of which a layer is kept
PENALTY = 0.01  # λ of the ascent
SMALL = 64 * 64  # pixels up to which a picture is looked at with full effort


class Effort(NamedTuple):
    """How much is computed: pieces of the way from black and steps of each, noisy copies, places of the patch, steps of the
    ascent and trials of each. A network for large pictures takes billions of operations for one of these.
    """

    pieces: int
    steps: int
    draws: int
    places: int
    climb: int
    trials: int


FULL, LIGHT = Effort(4, 25, 20, 200, 40, 8), Effort(3, 10, 10, 64, 15, 4)


@dataclasses.dataclass(frozen=True, eq=False)
class Maps:
    """The output of one layer: its name, its place among all layers, and its first maps."""

    name: str
    place: int
    maps: Float[np.ndarray, "K H W"]


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """One picture, what the network says of it, and a map (H, W) by each method.

    Of the colours of a pixel saliency is the largest, integrated gradients are the sum. `cam` is None for a network without
    maps, `filters` are empty where the first layer's kernels are no pictures.
    """

    picture: Float[np.ndarray, "C H W"]
    probabilities: Float[np.ndarray, " K"]
    code: int
    saliency: Float[np.ndarray, "H W"]
    smooth: Float[np.ndarray, "H W"]
    integrated: Float[np.ndarray, "H W"]
    gain: float  # the score less that of a black picture: what the integrated gradients should add up to
    occlusion: Float[np.ndarray, "h w"]
    window: int
    cam: Maps | None
    filters: Float[np.ndarray, "F C k l"]
    layers: tuple[Maps, ...]
    maximum: Float[np.ndarray, "C H W"]
    reached: float  # probability of the class for that picture


def look(fitted: Fitted, pixels: np.ndarray, code: int | None = None) -> View:
    """Everything about one picture, pixels as stored; asked about the class `code`, by default the one that is predicted.

    Raises `Mistake` for a run that is not on pictures, a picture of another shape, or a class that is not there.
    """
    preprocessing = pictures_of(fitted)
    pixels = preprocessing.encode(np.asarray(pixels)[None]).x[0]
    if code is not None and not 0 <= code < len(preprocessing.target.classes):
        raise Mistake(f"a class from 0 to {len(preprocessing.target.classes) - 1}", code)
    with jax.enable_x64(fitted.spec.x64):
        return _look(Asked(preprocessing), fitted.model, pixels, code)


def _look(asked: Asked, model: Any, pixels: np.ndarray, code: int | None) -> View:
    v = jnp.asarray(asked.planes(pixels))
    logits = _logits(asked, model, v)
    c = int(jnp.argmax(logits)) if code is None else code
    effort = FULL if v.shape[1] * v.shape[2] <= SMALL else LIGHT
    window, stride = _patch(v, effort.places)
    seen = _seen(asked, model, v)
    flat, smooth = _saliency(asked, model, v, c, effort.draws)
    climb = {"penalty": PENALTY, "low": 0.0, "high": 1.0, "trials": effort.trials}
    highest, _ = maximise(lambda v: asked.logits(model, v)[c], jnp.full_like(v, 0.5), effort.climb, **climb)
    return View(
        picture=np.asarray(v), probabilities=np.asarray(softmax(logits)), code=c,
        saliency=np.asarray(flat).max(axis=0), smooth=np.asarray(smooth).max(axis=0),
        integrated=_integrated(asked, model, v, c, effort),
        gain=float(logits[c] - _logits(asked, model, jnp.zeros_like(v))[c]),
        occlusion=np.asarray(_occlusion(asked, model, v, c, window, stride)), window=window,
        cam=_cam(asked, model, v, c, seen), filters=filters_of(model, asked.preprocessing), layers=_kept(seen),
        maximum=np.asarray(highest), reached=float(softmax(_logits(asked, model, highest))[c]),
    )  # fmt: skip


def _integrated(asked: Asked, model: Any, v: Array, c: int, effort: Effort) -> np.ndarray:
    """The shares in pieces of the way from black: then not all derivatives are needed at once."""
    ends = [k / effort.pieces for k in range(effort.pieces + 1)]
    shares = [_shares(asked, model, v * b, v * a, c, effort.steps) for a, b in pairwise(ends)]
    return np.sum([np.asarray(one, np.float64) for one in shares], axis=(0, 1))


def _patch(v: Array, places: int) -> tuple[int, int]:
    """The side of the grey patch, about a sixth of the picture, and a stride with about so many places."""
    side, area = min(v.shape[1:]), v.shape[1] * v.shape[2]
    return max(3, side // 6) | 1, max(1, round((area / places) ** 0.5))


@functools.partial(jax.jit, static_argnums=0)
def _logits(asked: Asked, model: Any, v: Array) -> Array:
    return asked.logits(model, v)


@functools.partial(jax.jit, static_argnums=(0, 4))
def _saliency(asked: Asked, model: Any, v: Array, c: Array, draws: int) -> tuple[Array, Array]:
    f = functools.partial(asked.logits, model)
    return saliency(f, v, c), smooth_saliency(f, v, jax.random.key(0), c, sigma=0.15, draws=draws)


@functools.partial(jax.jit, static_argnums=(0, 5))
def _shares(asked: Asked, model: Any, v: Array, baseline: Array, c: Array, steps: int) -> Array:
    return integrated_gradients(functools.partial(asked.logits, model), v, c, baseline, steps)


@functools.partial(jax.jit, static_argnums=(0, 4, 5))
def _occlusion(asked: Asked, model: Any, v: Array, c: Array, window: int, stride: int) -> Array:
    return occlusion(functools.partial(asked.logits, model), v, c, window, stride)


def _seen(asked: Asked, model: Any, v: Array) -> list[Maps]:
    """Every layer with its first maps, if it gives maps, else with none; nothing for a model that is no network of layers."""
    if not hasattr(model, "forward"):
        return []
    names: list[str] = []

    @jax.jit
    def outputs(model: Any, v: Array) -> list[Array]:
        seen = feature_maps(model, asked.features(v))
        names.extend(_name(one.layer) for one in seen)
        return [one.output[:FILTERS] if one.output.ndim == 3 else jnp.zeros((0, 1, 1)) for one in seen]

    return [Maps(name, k, np.asarray(a)) for k, (a, name) in enumerate(zip(outputs(model, v), names, strict=True))]


def _name(layer: Any) -> str:
    """Conv2d, relu, MaxPool; of a chain its last layer's."""
    blocks = getattr(layer, "blocks", ())
    if blocks:
        return _name(blocks[-1])
    activation = getattr(layer, "activation", None)
    named = activation if callable(activation) and not hasattr(layer, "layers") else type(layer)
    return getattr(named, "__name__", type(layer).__name__)


def _kept(seen: list[Maps]) -> tuple[Maps, ...]:
    """Of the first few sizes of maps the last layer."""
    last = {one.maps.shape[1:]: one for one in seen if len(one.maps) and min(one.maps.shape[1:]) > 1}
    return tuple(sorted(last.values(), key=lambda one: one.place)[:SIZES])


def _cam(asked: Asked, model: Any, v: Array, c: int, seen: list[Maps]) -> Maps | None:
    """Grad-CAM of the last layer whose maps are at least 7 each way, else 4, else 2."""
    sides = [min(one.maps.shape[1:]) if len(one.maps) else 0 for one in seen]
    least = next((side for side in (7, 4, 2) if max(sides, default=0) >= side), None)
    if least is None:
        return None
    chosen = next(one for one, side in zip(reversed(seen), reversed(sides), strict=True) if side >= least)
    binary = asked.preprocessing.target.task != "classes"

    @jax.jit
    def cam(model: Any, v: Array) -> Array:
        return grad_cam_at(_Two(model) if binary else model, chosen.place, asked.features(v), c)

    return Maps(chosen.name, chosen.place, np.asarray(cam(model, v))[None])


@dataclasses.dataclass(frozen=True)
class _Two:
    """A network of two classes with a logit for each."""

    network: Any

    def forward(self, x: Array, run: Any) -> Array:
        z = self.network.forward(x, run)
        return jnp.stack([-z[0] / 2, z[0] / 2])
