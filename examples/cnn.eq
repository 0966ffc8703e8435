# A small convolutional network: 16 kernels of 3×3 pixels, the largest value of each 2×2 window, and a linear layer.
# gradiens fit digits --equation examples/cnn.eq

x ∈ ℝ^(1×8×8),  W_1 ∈ ℝ^(16×1×3×3),  W_2 ∈ ℝ^(32×16×3×3)
a_1 = relu(W_1 ⋆_{pad=1} x + b_1)
a_2 = maxpool_{size=2}(relu(W_2 ⋆_{pad=1} a_1 + b_2))
ŷ = softmax(W_3 flat(a_2) + b_3)
