"""Networks for pictures by name: from the shape of a picture and the number of classes to the network.

    small_cnn, lenet5                               small pictures, in seconds to minutes
    resnet20, resnet56                              pictures of 32 × 32 or so
    resnet18, resnet34, resnet50, resnet101, vgg11, vgg16, vgg19, alexnet, googlenet, densenet121, mobilenet_v2,
    efficientnet_b0, convnext_t                     pictures of 224 × 224 or so

Nothing is allocated before a network is made; `equinox.filter_eval_shape(picture_network, …)` gives its shapes alone.

Book: 6.6.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from jaxtyping import Array

from gradiens.core.check import known
from gradiens.nn.landmarks.alexnet import AlexNet
from gradiens.nn.landmarks.convnext import ConvNeXt
from gradiens.nn.landmarks.deep_resnet import DeepResNet
from gradiens.nn.landmarks.densenet import DenseNet
from gradiens.nn.landmarks.efficientnet import EfficientNet
from gradiens.nn.landmarks.googlenet import GoogLeNet
from gradiens.nn.landmarks.lenet5 import LeNet5
from gradiens.nn.landmarks.mobilenet_v2 import MobileNetV2
from gradiens.nn.landmarks.vgg import VGG
from gradiens.nn.names import Named
from gradiens.nn.pictures.resnet import ResNet
from gradiens.nn.pictures.small_cnn import SmallCNN

KIND = "choice of a network"

Make = Callable[..., Named]

NETWORKS: dict[str, Make] = {
    "small_cnn": SmallCNN.make,
    "lenet5": LeNet5.make,
    **{f"resnet{depth}": functools.partial(ResNet.make, depth) for depth in (20, 56)},
    **{f"resnet{depth}": functools.partial(DeepResNet.make, depth) for depth in (18, 34, 50, 101)},
    **{f"vgg{depth}": functools.partial(VGG.make, depth) for depth in (11, 16, 19)},
    "alexnet": AlexNet.make,
    "googlenet": GoogLeNet.make,
    "densenet121": DenseNet.make,
    "mobilenet_v2": MobileNetV2.make,
    "efficientnet_b0": EfficientNet.make,
    "convnext_t": ConvNeXt.make,
}


def picture_network(name: str, shape: tuple[int, int, int], classes: int, key: Array) -> Named:
    """The network of this name for pictures of the shape (channels, height, width), with one logit a class.

    Raises `Mistake` for an unknown name, with the nearest, and for pictures that are too small for the network's layers.

    Book: 6.6.
    """
    return NETWORKS[known("network for pictures", name, NETWORKS)](classes, key, shape)
