"""Signals: sequences and images as functions of time and place, and what acts on them alike everywhere. NumPy, double
precision, for small sizes: the definitions that layers of networks are compared with.
"""

KIND = "signal"
