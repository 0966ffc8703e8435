"""Chapter 4: Optimization Algorithms."""
