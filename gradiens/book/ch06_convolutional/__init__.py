"""Chapter 6: Convolutional Neural Networks."""
