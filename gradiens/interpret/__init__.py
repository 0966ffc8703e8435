"""Looking into a trained function: which inputs moved a score, what a layer answers to, where examples lie inside it.

Each method takes a function f: x → scores, of one example, and knows nothing of layers; those that look at what lies between
take the layers as functions too.
"""

KIND = "interpretation"
