"""Appendix A: Some Multivariable Calculus."""
