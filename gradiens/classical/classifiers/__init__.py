"""Classifiers: logistic regression with its inference, linear classifiers, discriminants, the perceptron."""

KIND = "method"
