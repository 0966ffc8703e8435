"""Layer 3: from a spec and data to a trained, evaluated, saved model, with exact resume."""
