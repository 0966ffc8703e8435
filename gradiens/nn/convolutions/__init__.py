"""Layers whose weights slide over signals, pictures and volumes, their pooling, and what a unit of them sees."""

KIND = "layer"
