"""Claims of sections 6.2, 6.4 and 6.5 turn false when convolution is broken."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from gradiens.book.ch06_convolutional import s02_convolution, s04_convolutions, s05_training
from gradiens.book.runner import evaluate
from gradiens.book.section import claims

KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def _small(x64, monkeypatch):
    """A smaller picture."""
    monkeypatch.setattr(s02_convolution, "waves_and_disc", lambda: np.add.outer(np.arange(40.0), np.arange(30.0) ** 2))


def false(section) -> set[int]:
    """The numbers of the claims that do not hold."""
    config = section.Config()
    record = section.run(config, KEY)
    found = [evaluate(name, claim, config, record) for name, claim in claims(section).items()]
    return {int(claim.says.split(":")[0].removeprefix("Claim ")) for claim in found if not claim.ok}


def test_convolution(monkeypatch):
    section = s02_convolution
    assert false(section) == set()
    names = ("discrete_convolution", "toeplitz", "circulant", "fft_convolution", "cross_correlation", "separated")
    sound = {name: getattr(section, name) for name in (*names, "law_of_sum")}

    def one_sided(a, b, *part):  # no longer commutative
        return sound["discrete_convolution"](a * (1 + 1e-6 * np.arange(a.size).reshape(a.shape)), b, *part)

    mutants = [
        ("discrete_convolution", 1, one_sided),
        ("discrete_convolution", 1, lambda a, b, *part: sound["discrete_convolution"](a, b, *part) ** 3),
        ("toeplitz", 2, lambda b, n: sound["toeplitz"](b[::-1], n)),
        ("circulant", 2, lambda b: sound["circulant"](b).T),
        ("fft_convolution", 2, lambda a, b: sound["fft_convolution"](a, b) + 1e-9),
        ("law_of_sum", 3, lambda p, n: sound["law_of_sum"](p, max(n - 1, 1))),
        ("cross_correlation", 4, lambda w, x, *part: sound["cross_correlation"](np.flip(w), x, *part)),
        ("separated", 4, lambda kernel: sound["separated"](kernel.T)),
        ("linearity_error", 5, lambda system, n, rng: 0.0),
        ("response_error", 5, lambda system, n, rng: 1.0),
    ]
    for name, claim, mutant in mutants:
        with monkeypatch.context() as broken:
            broken.setattr(section, name, mutant)
            assert claim in false(section), (name, mutant)


def test_ways_and_the_adjoint(monkeypatch):
    section, setting = s04_convolutions, s04_convolutions.SETTINGS[1]
    tried = lambda: section._tried(setting, np.random.default_rng(0))  # noqa: E731
    ways, adjoint, sizes = tried()
    assert max(ways) <= 1e-9 and max(adjoint) <= 1e-9 and sizes[:2] == sizes[2:]
    for at, (name, way) in enumerate(section.WAYS.items()):
        with monkeypatch.context() as broken:
            wrong = lambda W, x, *settings, way=way: way(W[..., ::-1], x, *settings)  # noqa: E731
            broken.setitem(section.WAYS, name, wrong)
            assert tried()[0][at] > 1e-3, name
    sound = section.transposed_convolve
    monkeypatch.setattr(section, "transposed_convolve", lambda W, *rest, **more: sound(W[..., ::-1], *rest, **more))
    assert min(tried()[1]) > 1e-3


def test_gradients(monkeypatch):
    section = s05_training
    differences, full = section._gradients(KEY)
    assert np.all(differences[:, 1] == 0) and full <= 1e-9
    sound = section.convolution_gradients
    shifted = lambda W, x, delta: sound(W, x, np.roll(delta, 1, 2))  # noqa: E731
    monkeypatch.setattr(section, "convolution_gradients", shifted)
    monkeypatch.setattr(section, "max_pool_gradient", section.average_pool_gradient)
    differences, full = section._gradients(KEY)
    assert np.all(differences[:2, 1] > 0) and differences[2, 1] == 0 and full > 1e-3
