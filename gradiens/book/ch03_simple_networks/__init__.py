"""Chapter 3: Simple Neural Networks."""
