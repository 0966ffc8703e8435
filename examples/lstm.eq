# Long short-term memory that reads a digit row by row: x⟨t⟩ is row t of x, c the memory, h what it shows of it.
# gradiens fit digits --equation examples/lstm.eq

x ∈ ℝ^(8×8)
h⟨0⟩ = 0,  c⟨0⟩ = 0,  U_f ∈ ℝ^(32×32)
for t = 1..8:
f⟨t⟩ = σ(W_f x⟨t⟩ + U_f h⟨t-1⟩ + b_f)            # what of the memory is kept
i⟨t⟩ = σ(W_i x⟨t⟩ + U_i h⟨t-1⟩ + b_i)            # what of the news goes in
o⟨t⟩ = σ(W_o x⟨t⟩ + U_o h⟨t-1⟩ + b_o)            # what is shown
g⟨t⟩ = tanh(W_g x⟨t⟩ + U_g h⟨t-1⟩ + b_g)         # the news
c⟨t⟩ = f⟨t⟩ ⊙ c⟨t-1⟩ + i⟨t⟩ ⊙ g⟨t⟩
h⟨t⟩ = o⟨t⟩ ⊙ tanh(c⟨t⟩)
ŷ = softmax(V h⟨8⟩ + b)
