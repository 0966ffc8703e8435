"""Layer 2: optimizers, one file each, and the algorithm that the loop runs: `descent.Descent`."""

KIND = "optimizer"
