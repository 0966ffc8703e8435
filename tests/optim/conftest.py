"""A problem on which every optimizer is compared with its oracle, step by step, in double precision."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

STEPS = 100


class Problem(NamedTuple):
    """Gradients A ⊙ θ + noise[t]: they depend on θ, and never vanish."""

    start: np.ndarray
    scale: np.ndarray
    noise: np.ndarray

    def gradient(self, theta, t):
        return self.scale * theta + self.noise[t]

    def ours(self, optimizer) -> np.ndarray:
        """θ after each step, with the parameters in a tree of two leaves."""
        tree = lambda a: {"W": a[:4].reshape(2, 2), "b": a[4:]}  # noqa: E731

        def step(carry, noise):
            theta, state = carry
            g = jax.tree.map(lambda a, θ, n: a * θ + n, tree(jnp.asarray(self.scale)), theta, tree(noise))
            state, update = optimizer.step_tree(state, g, theta)
            theta = jax.tree.map(jnp.add, theta, update)
            return (theta, state), jnp.concatenate([theta["W"].ravel(), theta["b"]])

        theta = tree(jnp.asarray(self.start))
        return np.asarray(jax.lax.scan(step, (theta, optimizer.init_tree(theta)), jnp.asarray(self.noise))[1])

    def torch(self, make, before=None) -> np.ndarray:
        """θ after each step of PyTorch's `make(torch.optim, parameters)`; `before(group, t)` sets options for step t ≥ 1.

        Double precision is the default meanwhile: NAdam keeps a product of its own in the default precision.
        """
        torch = pytest.importorskip("torch", reason="PyTorch, a peer of the tests, is not installed: make peers")
        single = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            return self._steps_of(torch, make, before)
        finally:
            torch.set_default_dtype(single)

    def _steps_of(self, torch, make, before) -> np.ndarray:
        theta = torch.nn.Parameter(torch.tensor(self.start))
        peer, path = make(torch.optim, [theta]), []
        for t in range(len(self.noise)):
            theta.grad = torch.tensor(self.gradient(theta.detach().numpy(), t))
            if before is not None:
                before(peer.param_groups[0], t + 1)
            peer.step()
            path.append(theta.detach().numpy().copy())
        return np.array(path)


@pytest.fixture
def problem(x64) -> Problem:
    rng = np.random.default_rng(7)
    return Problem(rng.normal(size=6), rng.uniform(0.2, 2, 6), rng.normal(size=(STEPS, 6)))


def relative(a, b) -> float:
    """The largest difference, relative to the larger number."""
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))))


@pytest.fixture
def same():
    """Assert that two trajectories agree to a relative tolerance."""

    def check(a, b, tolerance):
        assert a.shape == b.shape
        assert relative(np.asarray(a), np.asarray(b)) <= tolerance

    return check
