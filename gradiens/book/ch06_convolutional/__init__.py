"""Convolutional Neural Networks."""
