"""The same perceptron on the same MNIST rows by Gradiens, PyTorch and scikit-learn, for the rows of the benchmark.

Ours and PyTorch start from the same weights and take the same minibatches, so they must end in the same place; quality
is measured for all alike, in NumPy, from the weights they end with. Reading the files and importing the libraries is
not timed; everything from arrays in memory to the last step is.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.harness import THREADS, Measure

BATCH, SEED, QUICK_ROWS = 64, 0, 6400

Weights = list[tuple[np.ndarray, np.ndarray]]  # W (out, in) and b of each layer


def mnist(quick: bool) -> Any:
    """Pixels as bytes, labels, and the official test images."""
    from gradiens.data.sets.mnist import mnist as read

    images = read()
    n = QUICK_ROWS if quick else len(images.labels)
    return images.pixels[:n], images.labels[:n].astype(np.int32), images.test_pixels, images.test_labels


def scaled(pixels: np.ndarray) -> np.ndarray:
    """Rows of float32 from 0 to 1: what the peers are given, made before the clock starts."""
    return pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(255)


def first_weights(sizes: tuple[int, ...]) -> Weights:
    """He's initial weights and zero biases, the same on every side."""
    rng = np.random.default_rng(SEED)
    he = [rng.normal(0, np.sqrt(2 / n_in), (n_out, n_in)).astype(np.float32) for n_in, n_out in pairwise(sizes)]
    return [(W, np.zeros(len(W), np.float32)) for W in he]


def quality(weights: Weights, pixels: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy and mean cross-entropy on the test images, in double precision, by nobody's library."""
    a = scaled(pixels).astype(np.float64)
    for W, b in weights[:-1]:
        a = np.maximum(a @ W.T + b, 0)
    W, b = weights[-1]
    z = a @ W.T + b
    z -= z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]
    return {"test_accuracy": float(np.mean(z.argmax(axis=1) == labels)), "test_loss": float(losses.mean())}


def ours(hidden: tuple[int, ...], optimizer: str, lr: float, epochs: int, quick: bool, equation: str = "") -> Measure:
    """The library's own path: the spec's network and descent, `Training` over the rows, in the one loop.

    With an `equation` the network is the one that it writes, whose parameters are W_1, b_1, W_2, … instead of layers.
    """
    import jax
    import jax.numpy as jnp

    from gradiens.core.iterate import iterate
    from gradiens.core.keys import root_key
    from gradiens.core.module import join, split
    from gradiens.data.image_input import ImagePreprocessing
    from gradiens.data.minibatch import Minibatches
    from gradiens.data.target import Target
    from gradiens.train.fitting import make_descent
    from gradiens.train.network import make_loss, make_network
    from gradiens.train.spec import make_spec
    from gradiens.train.training import Cost, Training

    x, y, *test = mnist(quick)
    jax.devices()  # starts the backend: the library's start-up, like its import
    start, clock = first_weights((784, *hidden, 10)), time.perf_counter()
    what: dict[str, Any] = {"equation": equation} if equation else {"hidden": hidden}
    spec = make_spec(data="mnist", optimizer=optimizer, lr=lr, batch=BATCH, epochs=epochs, **what)
    preprocessing = ImagePreprocessing((28, 28), 255, Target("label", "classes", tuple("0123456789")))
    theta, rest = split(make_network(spec, preprocessing, root_key(SEED)))
    ordered = [array for kind in zip(*start) for array in kind] if equation else [a for layer in start for a in layer]
    theta = jax.tree.unflatten(jax.tree.structure(theta), [jnp.asarray(a) for a in ordered])
    batches = Minibatches(len(y), BATCH, SEED)
    epoch, ends = batches.steps_per_epoch, []
    cost = Cost(preprocessing.features, make_loss(spec, "classes"), rest)
    training = Training(make_descent(spec, cost, epochs * epoch), jax.device_put(x), jax.device_put(y))

    def between(state: Any, t: int, numbers: dict[str, float]) -> None:
        if t % epoch == 0:
            ends.append(time.perf_counter())

    done = iterate(
        training, theta, steps=epochs * epoch, feed=batches, keep=0, every=epoch, between=between, quiet=True
    )
    total = time.perf_counter() - clock
    ends_with = [np.asarray(leaf) for leaf in jax.tree.leaves(join(done.state.theta, rest))]
    count = len(ends_with) // 2
    weights = list(zip(ends_with[:count], ends_with[count:]) if equation else zip(ends_with[::2], ends_with[1::2]))
    return _told(ends, epoch, total, weights, test, compile=done.seconds.compile)


def torch(
    hidden: tuple[int, ...], optimizer: str, lr: float, epochs: int, quick: bool, loader: bool = False
) -> Measure:
    """`nn.Sequential`, `CrossEntropyLoss` and `torch.optim`, rows gathered by index from a float tensor in memory."""
    import torch  # pyright: ignore[reportMissingImports]

    from gradiens.data.minibatch import Minibatches

    torch.set_num_threads(THREADS)
    x, y, *test = mnist(quick)
    x, y = torch.from_numpy(scaled(x)), torch.from_numpy(y.astype(np.int64))
    sizes = (784, *hidden, 10)
    start, clock = first_weights(sizes), time.perf_counter()
    layers = [torch.nn.Linear(n_in, n_out) for n_in, n_out in pairwise(sizes)]
    with torch.no_grad():
        for layer, (W, b) in zip(layers, start, strict=True):
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
    parts = [part for layer in layers for part in (layer, torch.nn.ReLU())][:-1]
    model, loss = torch.nn.Sequential(*parts), torch.nn.CrossEntropyLoss()
    kind, options = {"sgd": (torch.optim.SGD, {}), "adam": (torch.optim.Adam, {}),
                     "fused adam": (torch.optim.Adam, {"fused": True})}[optimizer]  # fmt: skip
    descent = kind(model.parameters(), lr=lr, **options)
    batches = Minibatches(len(y), BATCH, SEED)
    steps, ends = batches.steps_per_epoch, []
    rows = torch.utils.data.TensorDataset(x, y)
    shuffled = torch.utils.data.DataLoader(rows, BATCH, shuffle=True, generator=torch.Generator().manual_seed(SEED))
    for e in range(epochs):
        chosen = torch.from_numpy(batches(e * steps, (e + 1) * steps)).long()
        for x_batch, y_batch in shuffled if loader else ((x[i], y[i]) for i in chosen):
            descent.zero_grad()
            loss(model(x_batch), y_batch).backward()
            descent.step()
        ends.append(time.perf_counter())
    total = time.perf_counter() - clock
    weights = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in layers]
    return _told(ends, steps, total, weights, test)


def sklearn(hidden: tuple[int, ...], lr: float, epochs: int, quick: bool) -> Measure:
    """`MLPClassifier` by Adam without its L2 penalty, one pass over all rows a call, from its own initial weights."""
    from sklearn.neural_network import MLPClassifier

    x, y, *test = mnist(quick)
    x, ends = scaled(x), []
    clock = time.perf_counter()
    options: dict[str, Any] = {"solver": "adam", "learning_rate_init": lr, "batch_size": BATCH, "alpha": 0.0}
    model = MLPClassifier(hidden, random_state=SEED, **options)
    for _ in range(epochs):
        model.partial_fit(x, y, classes=np.arange(10))
        ends.append(time.perf_counter())
    total = time.perf_counter() - clock
    weights = [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]
    return _told(ends, -(-len(y) // BATCH), total, weights, test)


def _told(
    ends: list[float], steps: int, total: float, weights: Weights, test: list[np.ndarray], **more: float
) -> Measure:
    """Steady: seconds a step, the median over the epochs after the first."""
    steady = {"steady": float(np.median(np.diff(ends))) / steps} if len(ends) > 1 else {}
    return {**more, **steady, "total": total, "quality": quality(weights, *test)}
