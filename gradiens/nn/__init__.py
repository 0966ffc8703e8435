"""Layer 2: layers and networks, one file each: a `Module` that is a function of one example; `vmap` makes the batch."""

KIND = "layer"
