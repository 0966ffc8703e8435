"""Fashion-MNIST."""

from __future__ import annotations

from gradiens.data.idx_set import idx_set
from gradiens.data.images import Images

_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_CLASSES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"


def fashion_mnist() -> Images:
    """Pieces of clothing, 28 × 28 pixels: 60,000 training and 10,000 test images, ten classes.

    Xiao, Rasul and Vollgraf (2017), github.com/zalandoresearch/fashion-mnist, MIT licence.

    Book: 1.6.
    """
    sums = (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    )
    return idx_set("fashion_mnist", _URL, sums, tuple(_CLASSES.split(",")))
