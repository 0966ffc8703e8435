"""Convolutional networks step by step, by Gradiens and by PyTorch: the same network, rows, minibatches and optimizer.

PyTorch is measured in both of its memory formats, and the faster one counts. What is compared is the step in steady state:
forward, backward, update. Start weights differ, so the losses are not compared; the layers are held to PyTorch by tests.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness import THREADS, Measure

SEED, LR, PAUSES = 0, 0.01, 6
CHANNELS, LAYERS = 64, 6

Shape = tuple[int, int, int]


def rows(shape: Shape, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures and labels: no number of a step depends on what is in them."""
    rng = np.random.default_rng(SEED)
    return rng.normal(size=(n, *shape)).astype(np.float32), rng.integers(0, 10, n).astype(np.int32)


def ours(network: str, shape: Shape, batch: int, steps: int) -> Measure:
    """`Training` over the rows in the one loop, a pause after each `steps` steps; seconds a step, compile time apart."""
    import equinox as eqx
    import jax

    from gradiens.core.iterate import iterate
    from gradiens.core.module import parts
    from gradiens.data.minibatch import Minibatches
    from gradiens.functions.losses import categorical_cross_entropy
    from gradiens.optim.descent import Descent
    from gradiens.optim.sgd import SGD
    from gradiens.train.training import Cost, Training

    x, y = rows(shape, 4 * batch)
    theta, buffers, rest = parts(eqx.filter_jit(NETWORKS[network][0])(jax.random.key(SEED)))
    descent = Descent(Cost(_same, categorical_cross_entropy, rest), SGD(lr=LR), aux=True)
    training, ends = Training(descent, jax.device_put(x), jax.device_put(y)), [time.perf_counter()]

    def between(state: Any, t: int, numbers: dict[str, float]) -> None:
        if t % steps == 0:
            ends.append(time.perf_counter())

    done = iterate(
        training, theta, buffers, steps=PAUSES * steps, feed=Minibatches(len(y), batch, SEED), keep=0, every=steps,
        between=between, quiet=True,
    )  # fmt: skip
    return {"compile": done.seconds.compile, "steady": float(np.median(np.diff(ends)[1:])) / steps}


def _same(x: Any) -> Any:
    return x


def torch(network: str, shape: Shape, batch: int, steps: int) -> Measure:
    """The faster of contiguous and channels-last; rows gathered by index from a tensor in memory."""
    import torch  # pyright: ignore[reportMissingImports]

    from gradiens.data.minibatch import Minibatches

    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    x, y = rows(shape, 4 * batch)
    labels, batches, found = torch.from_numpy(y).long(), Minibatches(len(y), batch, SEED), []
    for form in (torch.contiguous_format, torch.channels_last):
        model = NETWORKS[network][1](torch.nn).to(memory_format=form)
        pictures = torch.from_numpy(x).contiguous(memory_format=form)
        descent, loss, ends = torch.optim.SGD(model.parameters(), lr=LR), torch.nn.CrossEntropyLoss(), []
        for pause in range(PAUSES):
            for i in torch.from_numpy(batches(pause * steps, (pause + 1) * steps)).long():
                descent.zero_grad()
                loss(model(pictures[i]), labels[i]).backward()
                descent.step()
            ends.append(time.perf_counter())
        found.append(float(np.median(np.diff(ends))) / steps)
    return {"steady": min(found)}


def lenet(key: Any) -> Any:
    """Two convolutions with pooling and three dense layers, 61,706 parameters."""
    import jax

    from gradiens.nn.chain import Chain
    from gradiens.nn.convolutions.conv2d import Conv2d
    from gradiens.nn.convolutions.pool import Flatten, MaxPool
    from gradiens.nn.dense import Dense

    k = jax.random.split(key, 5)
    first = (Conv2d.make(1, 6, 5, k[0], padding=2), "relu", MaxPool(2))
    second = (Conv2d.make(6, 16, 5, k[1], padding=0), "relu", MaxPool(2))
    dense = (Dense.make(400, 120, k[2]), "relu", Dense.make(120, 84, k[3]), "relu", Dense.make(84, 10, k[4]))
    return Chain.make(*first, *second, Flatten(), *dense)


def torch_lenet(nn: Any) -> Any:
    """The same."""
    first = (nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
    second = (nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
    dense = (nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    return nn.Sequential(*first, *second, nn.Flatten(), *dense)


def stack(key: Any) -> Any:
    """Six 3 × 3 convolutions to 64 maps, each with batch normalisation and relu, then means and a dense layer."""
    import jax

    from gradiens.nn.chain import Chain
    from gradiens.nn.convolutions.conv2d import Conv2d
    from gradiens.nn.convolutions.pool import GlobalAverage
    from gradiens.nn.dense import Dense
    from gradiens.nn.normalisation.batch_norm import BatchNorm

    layers: list[Any] = []
    for i in range(LAYERS):
        conv = Conv2d.make(3 if i == 0 else CHANNELS, CHANNELS, 3, jax.random.fold_in(key, i), bias=False)
        layers += [conv, BatchNorm.make(CHANNELS), "relu"]
    return Chain.make(*layers, GlobalAverage(), Dense.make(CHANNELS, 10, key))


def torch_stack(nn: Any) -> Any:
    """The same."""
    layers: list[Any] = []
    for i in range(LAYERS):
        conv = nn.Conv2d(3 if i == 0 else CHANNELS, CHANNELS, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(CHANNELS), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(CHANNELS, 10))


def resnet20(key: Any) -> Any:
    """The residual network of depth 20 for ten classes."""
    from gradiens.nn.pictures.resnet import ResNet

    return ResNet.make(20, 10, key)


NETWORKS: dict[str, Any] = {
    "lenet": (lenet, torch_lenet),
    "stack": (stack, torch_stack),
    "resnet20": (resnet20, None),
}
