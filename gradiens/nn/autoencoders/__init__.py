"""Networks that give back what they get, through few numbers."""

KIND = "layer"
