"""Chapter 5: Feed-Forward Deep Networks."""
