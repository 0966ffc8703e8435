"""Layer 1: the functions that models and their judgement are made of. Pure, no state."""
