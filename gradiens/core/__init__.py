"""Layer 0: modules and knobs, the one loop, the catalogue, runs on disk. Knows JAX, no mathematics."""
