"""How far to go along a direction: one file a rule. Each takes a `Line` and gives a `Found`."""

KIND = "line search"
