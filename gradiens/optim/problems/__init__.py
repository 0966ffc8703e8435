"""What methods are tried on: one file a problem, each with its start and its known minima. `problem.py` is the base."""

KIND = "problem"
