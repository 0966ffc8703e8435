"""Benchmarks: ours beside a peer. `python -m benchmarks [ROW …]` measures, `python -m benchmarks.size` counts lines."""
