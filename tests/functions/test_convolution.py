"""Convolution and its adjoint: against PyTorch, against each other, and the four ways to compute it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.convolution import FEW, convolve
from gradiens.functions.convolving.fourier import convolve_by_fourier
from gradiens.functions.convolving.im2col import convolve_by_patches
from gradiens.functions.convolving.loop import convolve_by_loop
from gradiens.functions.convolving.matrix import convolution_matrix, convolve_by_matrix, tied_places
from gradiens.functions.depthwise import is_depthwise
from gradiens.functions.transposed_convolution import transposed_convolve, transposed_size

RNG = np.random.default_rng(0)
WAYS = (convolve_by_loop, convolve_by_patches, convolve_by_fourier, convolve_by_matrix)
SETTINGS = [  # stride, padding, dilation, groups
    (1, 0, 1, 1),
    (2, 1, 1, 1),
    (3, 2, 2, 2),
    (1, 3, 2, 4),
]
near = {"rtol": 1e-10, "atol": 1e-12}


def pair(groups=1, axes=2, n_out=4, n_in=8):
    """Kernels and maps of odd sizes."""
    W = RNG.normal(size=(n_out, n_in // groups, *(3, 2, 3)[:axes]))
    return W, RNG.normal(size=(n_in, *(8, 7, 9)[:axes]))


def by_definition(W, x, s, p, d, groups):
    """Σ_c Σ_u Σ_v W[o, c, u, v] x[c, s i + d u - p, s j + d v - p], zero outside, one number at a time."""
    (O, C, k, l), (_, H, Q) = W.shape, x.shape  # noqa: E741
    z = np.zeros((O, (H + 2 * p - d * (k - 1) - 1) // s + 1, (Q + 2 * p - d * (l - 1) - 1) // s + 1))
    for o, i, j, c, u, v in np.ndindex(*z.shape, C, k, l):
        row, column = s * i + d * u - p, s * j + d * v - p
        if 0 <= row < H and 0 <= column < Q:
            z[o, i, j] += W[o, c, u, v] * x[o // (O // groups) * C + c, row, column]
    return z


@pytest.mark.parametrize("setting", SETTINGS)
def test_five_ways_are_the_definition(x64, setting):
    W, x = pair(setting[3])
    expected = by_definition(W, x, *setting)
    np.testing.assert_allclose(convolve(jnp.asarray(W), jnp.asarray(x), *setting), expected, **near)
    for way in WAYS:
        np.testing.assert_allclose(way(W, x, *setting), expected, err_msg=way.__name__, **near)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_torch_agrees_forward_and_transposed(x64, axes):
    torch = pytest.importorskip("torch", reason="PyTorch, a peer of the tests, is not installed: make peers")
    names = (
        ("conv1d", "conv2d", "conv3d")[axes - 1],
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")[axes - 1],
    )
    forward, back = (getattr(torch.nn.functional, name) for name in names)
    W, x = pair(2, axes)
    X = np.stack([x, -2 * x])
    Z = forward(torch.tensor(X), torch.tensor(W), stride=3, padding=2, dilation=2, groups=2).numpy()
    np.testing.assert_allclose(convolve(jnp.asarray(W), jnp.asarray(X), 3, 2, 2, 2), Z, **near)
    Y = RNG.normal(size=Z.shape)
    made = back(torch.tensor(Y), torch.tensor(W), None, 3, 2, 2, 2, 2).numpy()
    np.testing.assert_allclose(transposed_convolve(jnp.asarray(W), jnp.asarray(Y), 3, 2, 2, 2, 2), made, **near)


def test_each_axis_may_have_a_setting_of_its_own(x64):
    W, x = pair()
    around = np.pad(x, [(0, 0), (1, 0), (2, 3)])
    rows = convolve_by_loop(W, around, 1, 0, 1)[:, ::2, ::3]
    got = convolve(jnp.asarray(W), jnp.asarray(x), (2, 3), ((1, 0), (2, 3)))
    np.testing.assert_allclose(got, rows, **near)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_transpose_is_the_adjoint(x64, setting):
    s, p, d, _ = setting
    W, x = pair(setting[3])
    A = convolution_matrix(W, x.shape[1:], *setting)
    z = convolve_by_matrix(W, x, *setting)
    y = RNG.normal(size=z.shape)
    r = tuple((n + 2 * p - d * (k - 1) - 1) % s for n, k in zip(x.shape[1:], W.shape[2:]))
    back = transposed_convolve(jnp.asarray(W), jnp.asarray(y), *setting, remainder=r)
    assert back.shape == x.shape
    np.testing.assert_allclose(np.ravel(back), A.T @ y.ravel(), **near)
    assert np.vdot(z, y) == pytest.approx(np.vdot(x, back), rel=1e-10)


@pytest.mark.parametrize(("setting", "window"), [((1, 1, 1), (3, 3)), ((2, ((1, 0), (2, 1)), 2), (3, 2))])
def test_a_batch_of_maps_each_by_its_own_kernel(x64, setting, window):
    """On a batch the sum of moved copies, on one example the convolution in groups."""
    W, X = jnp.asarray(RNG.normal(size=(4, 1, *window))), jnp.asarray(RNG.normal(size=(2, 4, 9, 8)))
    s, p, d = setting
    plain = lambda W, X: jax.vmap(lambda x: convolve(W, x, s, p, d, 4))(X)  # noqa: E731
    (Z, back), (Y, theirs) = (jax.vjp(f, W, X) for f in (lambda W, X: convolve(W, X, s, p, d, 4), plain))
    assert is_depthwise(W, 4) and not is_depthwise(W, 2)
    np.testing.assert_allclose(Z, Y, **near)
    delta = jnp.asarray(RNG.normal(size=Z.shape))
    for own, wanted in zip(back(delta), theirs(delta), strict=True):
        np.testing.assert_allclose(own, wanted, **near)


def test_the_matrix_is_sparse_and_tied():
    places = tied_places((2, 3, 3, 3), (6, 5), 1, 1)
    assert places.shape == (2 * 6 * 5, 3 * 6 * 5)
    counts = np.bincount(places.ravel())
    middle = counts[1:].reshape(2, 3, 3, 3)[:, :, 1, 1]
    assert np.all(middle == 30) and counts[1:].max() == 30  # a corner weight misses a border of each direction
    assert np.all(counts[1:].reshape(2, 3, 3, 3)[:, :, 0, 0] == 5 * 4)


def test_one_channel_at_stride_one_is_a_toeplitz_matrix_of_toeplitz_blocks():
    w = RNG.normal(size=(1, 1, 2, 3))
    A = convolution_matrix(w, (4, 5)).reshape(3, 3, 4, 5)  # (i, j, row, column)
    for i, j in np.ndindex(2, 2):
        np.testing.assert_array_equal(A[i + 1, j + 1, 1:, 1:], A[i, j, :-1, :-1])


def test_gradients_are_the_matrix_ones(x64):
    W, x = map(jnp.asarray, pair(2))
    A = convolution_matrix(W, x.shape[1:], 2, 1, 2, 2)
    z, back = jax.vjp(lambda W, x: convolve(W, x, 2, 1, 2, 2), W, x)
    y = RNG.normal(size=z.shape)
    dW, dx = back(jnp.asarray(y))
    np.testing.assert_allclose(np.ravel(dx), A.T @ y.ravel(), **near)
    outer, places = np.outer(y.ravel(), np.ravel(x)), tied_places(W.shape, x.shape[1:], 2, 1, 2, 2)
    shared = np.bincount(places.ravel(), outer.ravel())[1:]  # each weight's gradient is the sum over its places
    np.testing.assert_allclose(np.ravel(dW), shared, **near)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: convolve(jnp.ones((2, 3, 3, 3)), jnp.ones((2, 5, 5))), "3 × 1 channels for the kernel"),
        (lambda: convolve(jnp.ones((2, 3)), jnp.ones((2, 5))), "a kernel O × C × k"),
        (lambda: convolve(jnp.ones((2, 2, 3)), jnp.ones((2, 5)), (1, 1)), "one for each of 1 axes"),
        (lambda: convolve(jnp.ones((2, 2, 3)), jnp.ones((2, 5)), 1, -1), "padding of at least 0"),
        (lambda: convolve_by_loop(np.ones((2, 3, 3, 3)), np.ones((2, 5, 5))), "kernels O × C/groups"),
        (
            lambda: convolve_by_matrix(np.ones((2, 2, 3, 3)), np.ones((2, 2, 5))),
            "maps of at least 3, the reach of the window, got 2",
        ),
        (lambda: convolve_by_patches(np.ones((2, 2, 3, 3)), np.ones((2, 5, 5)), stride=0), "of at least 1"),
        (lambda: transposed_size(4, 3, 2, r=2), "less than the stride 2, got 2"),
        (lambda: transposed_size(1, 1, 1, 1), "larger than the padding"),
        (lambda: convolve(jnp.ones((8, 8, 5, 5)), jnp.ones((8, 3, 3))), "at least 5, the reach of the window, got 3"),
        (lambda: convolve(jnp.ones((8, 2, 1, 5)), jnp.ones((1, 2, 9, 3)), 1, (0, 1), (9, 2)), "at least 9"),  # by rows
        (lambda: convolve(jnp.ones((8, 1, 5, 5)), jnp.ones((2, 8, 3, 9)), groups=8), "got 3"),  # each map by itself
        (lambda: convolve(jnp.ones((2, 3, 3)), jnp.ones((3, 5)), 1.5), "a number of at least 1.*got 1.5"),
        (lambda: convolve(jnp.ones((2, 3, 3)), jnp.ones((3, 5)), 1, [(1, 2, 3)]), "padding of at least 0"),
        (lambda: convolve(jnp.ones((2, 3, 3)), jnp.ones((3, 5)), groups=0), "in 0 groups"),
        (lambda: convolve(jnp.ones((2, 3, 3, 3)), jnp.ones((3, 5, 5), jnp.uint8)), "maps of float32.* got uint8"),
        (lambda: transposed_convolve(jnp.ones((4, 2, 3)), jnp.ones((2, 5))), "4 channels for the kernel.* got 2"),
        (lambda: transposed_convolve(jnp.ones((4, 2, 3)), jnp.ones(5)), "maps C × n"),
        (lambda: transposed_convolve(jnp.ones((4, 2, 3, 3)), jnp.ones((4, 5, 5)), remainder=(1,)), "each of 2 axes"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()


def test_settings_may_be_numbers_of_numpy(x64):
    W, x = map(jnp.asarray, pair())
    two, one = np.int64(2), np.int32(1)
    np.testing.assert_array_equal(convolve(W, x, two, (one, (one, two))), convolve(W, x, 2, (1, (1, 2))))


@pytest.mark.parametrize(
    "setting", [{}, {"stride": (2, 3)}, {"padding": ((1, 0), (2, 3)), "dilation": (2, 1)}], ids=str
)
def test_a_batch_of_few_channels_goes_by_rows_and_is_the_same(x64, setting):
    rng = np.random.default_rng(0)
    W, X = jnp.asarray(rng.normal(size=(4, 3, 3, 2))), jnp.asarray(rng.normal(size=(5, 3, 9, 8)))
    assert W.shape[1] < FEW
    batch = lambda W, X: jnp.sin(convolve(W, X, **setting))  # noqa: E731
    single = jax.vmap(lambda W, x: jnp.sin(convolve(W, x, **setting)), (None, 0))
    np.testing.assert_allclose(batch(W, X), single(W, X), rtol=1e-12, atol=1e-13)
    for ours, theirs in zip(*(jax.grad(lambda W, X, f=f: jnp.sum(f(W, X)), (0, 1))(W, X) for f in (batch, single))):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12)
