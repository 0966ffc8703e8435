"""Layer 2: how good a method is, and how sure one can be: cross-validation, resampling, comparison, decomposition.

A method is a function `fit(x, y) -> model`, a model has `predict(x)`. Whatever is learnt from data, scaling, imputation,
selection of columns or of a penalty, belongs inside `fit`: then it cannot see the rows that judge it.
"""

KIND = "evaluation"
