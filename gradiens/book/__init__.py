"""Layer 5: the executable companion. One folder a chapter, one file a section: an experiment and its claims, no
algorithm."""
