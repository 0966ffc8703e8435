"""Features: columns made of columns, before a linear model."""

KIND = "method"
