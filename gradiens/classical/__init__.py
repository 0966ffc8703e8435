"""Layer 2: the classical methods that stand beside every network. NumPy in double precision, fits in one call."""

KIND = "method"
