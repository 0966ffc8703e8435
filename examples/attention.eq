# One block of attention with two heads over the rows of a digit: every row of X is a token, P says where it stands.
# gradiens fit digits --equation examples/attention.eq

X ∈ ℝ^(8×8),  W_e ∈ ℝ^(8×32)
E = X W_e + P
for i = 1..2:
Q^[i] = E W_q^[i],  W_q^[i] ∈ ℝ^(32×16)
K^[i] = E W_k^[i]
V^[i] = E W_v^[i],  W_v^[i] ∈ ℝ^(32×16)
H^[i] = softmax_rows(Q^[i] K^[i]ᵀ / √16) V^[i]    # each row: a mean of the rows of V, weighted by likeness
A = E + [H^[1], H^[2]] W_o
ŷ = softmax(W_2 relu(W_1 flat(A) + b_1) + b_2),  b_1 ∈ ℝ^64
