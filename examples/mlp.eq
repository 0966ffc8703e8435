# A perceptron with one hidden layer of 64 units. What is not declared, and is not x or y, is a parameter;
# sizes that are not written follow from the data: n columns, K classes.
# gradiens fit iris --equation examples/mlp.eq

a = relu(W1 x + b1),  W1 ∈ ℝ^(64×n)
ŷ = softmax(W2 a + b2)
