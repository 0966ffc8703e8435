"""Layers that bring their units to one mean and scale: over a batch, an example, a group, or their weights."""

KIND = "layer"
