# Logistic regression: the probability of the second class, from a linear function of x.
# gradiens fit breast_cancer --equation examples/logistic_regression.eq

ŷ = σ(wᵀ x + b),  w ∈ ℝ^n, b ∈ ℝ
