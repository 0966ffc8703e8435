"""Appendix B: Cross Entropy and Other Expectations with Logarithms."""
