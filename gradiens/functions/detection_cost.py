"""What a detector learns from: which anchors hold a thing, what it is, and where.

    C = 1/n⁺ (Σ_used focal(o_a, [a ∈ +]) + Σ_{a ∈ +} CE(z_a, y_a) + λ Σ_{a ∈ +} Σᵢ H(t_{a,i} - t*_{a,i}))

n⁺ anchors are positive (at least 1 is counted); o is an anchor's objectness, z its logits of the classes, t its offsets, H
Huber's function. Anchors between positive and background are not used.

Book: 6.8.  Source: Liu et al. (2016), section 2.2, with the focal loss of Lin, Goyal et al. (2017) in place of mined negatives.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.functions.anchors import BETWEEN, assign, to_offsets
from gradiens.functions.focal import focal
from gradiens.functions.losses import categorical_cross_entropy, huber

KIND = "detection"

POSITIVE, NEGATIVE, UNUSED = 1, 0, -1


def detection_targets(
    anchors: Float[np.ndarray, "A 4"],
    boxes: Float[np.ndarray, "N M 4"],
    classes: Int[np.ndarray, "N M"],
    positive: float = 0.5,
    negative: float = 0.4,
) -> Float[np.ndarray, "N A 6"]:
    """What each anchor of each of N pictures is to say: positive, negative or unused; the class; the four offsets.

    Entries of class -1 are no things.

    Book: 6.8.  Source: Ren et al. (2015), section 3.1.2.
    """
    n, A = len(boxes), len(anchors)
    target = np.zeros((n, A, 6), np.float32)
    nearest = np.broadcast_to(np.asarray(anchors, np.float32), (n, A, 4)).copy()  # offsets 0 where nothing is
    for i, (found, codes) in enumerate(zip(boxes, classes, strict=True)):
        things, codes = found[codes >= 0], codes[codes >= 0]
        box = assign(anchors, things, positive, negative).box
        hit = box >= 0
        target[i, :, 0] = np.where(hit, POSITIVE, np.where(box == BETWEEN, UNUSED, NEGATIVE))
        target[i, hit, 1], nearest[i, hit] = codes[box[hit]], things[box[hit]]
    target[..., 2:] = to_offsets(jnp.asarray(nearest), jnp.asarray(anchors, jnp.float32)[None])
    return target


def detection_cost(
    output: Float[Array, "A 5K"], target: Float[Array, "A 6"], weight: float = 1.0, gamma: float = 2.0
) -> Float[Array, ""]:
    """C of one picture; each row of `output` is objectness, four offsets, K logits.

    Book: 6.8.  Source: Liu et al. (2016), section 2.2; Lin, Goyal et al. (2017).
    """
    target = target.astype(output.dtype)
    o, t, z = output[:, 0], output[:, 1:5], output[:, 5:]
    used, hit = target[:, 0] != UNUSED, target[:, 0] == POSITIVE
    objectness = jax.vmap(lambda o, y: focal(o, y, 0.5, gamma))(o, hit.astype(o.dtype))
    naming = jax.vmap(categorical_cross_entropy)(z, target[:, 1].astype(jnp.int32))
    place = jax.vmap(huber)(t, target[:, 2:])
    each = jnp.where(used, objectness, 0) + jnp.where(hit, naming + weight * place, 0)
    return jnp.sum(each) / jnp.maximum(jnp.sum(hit), 1).astype(each.dtype)


def class_and_box(output: Float[Array, " K4"], target: Float[Array, " 5"], weight: float = 10.0) -> Float[Array, ""]:
    """Of one picture with one thing: CE(z, y) + λ/4 Σᵢ |bᵢ - b*ᵢ|, for K logits z and a box b, side by side in `output`.

    `target` is the class and the box; a box without area is none, and then the class alone counts.

    Book: 6.8.  Source: Sermanet et al. (2014), section 4.
    """
    z, b = output[:-4], output[-4:]
    target = target.astype(output.dtype)
    there = jnp.all(target[3:] > target[1:3]).astype(output.dtype)
    place = jnp.mean(jnp.abs(b - target[1:]))
    return categorical_cross_entropy(z, target[0].astype(jnp.int32)) + weight * there * place
