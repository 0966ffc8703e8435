"""Chapter 2: Principles of Machine Learning."""
