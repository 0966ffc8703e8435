"""Networks whose weights are written down, not learned: what depth and width can express."""

KIND = "layer"
