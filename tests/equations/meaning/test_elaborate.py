"""What a text means: its values against NumPy, the shapes that are inferred, and what is said when it cannot be read."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.equations.meaning.elaborate import elaborate
from gradiens.equations.tree.expression import Symbol, walk
from gradiens.equations.tree.operations import evaluate
from gradiens.equations.tree.recurrence import everything

SPACES = """where A ∈ ℝ^{3×4}, B ∈ ℝ^{4×5}, S ∈ ℝ^{3×3}, x, u ∈ ℝ^4, y ∈ ℝ^3, s, α ∈ ℝ, k ∈ {0, …, 3}, c ∈ {0, …, 3}^3,
T ∈ ℝ^{2×3×4}, X ∈ ℝ^{5×4}, I_m ∈ ℝ^{1×6×6}, W ∈ ℝ^{2×1×3×3}, b ∈ ℝ^2"""


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


def recurrent(X, A, B, u):
    h = np.zeros(4)
    for row in X:
        h = np.tanh(A.T @ A @ h + row + u)
    return h


MEANINGS = {
    "r = A x": lambda A, x, **_: A @ x,
    "r = xᵀ u": lambda x, u, **_: x @ u,
    "r = x · u": lambda x, u, **_: x @ u,
    "r = y xᵀ": lambda x, y, **_: np.outer(y, x),
    "r = yᵀ A": lambda A, y, **_: (A.T @ y)[None],
    "r = yᵀ A x": lambda A, x, y, **_: y @ A @ x,
    "r = A B": lambda A, B, **_: A @ B,
    "r = S^2": lambda S, **_: S @ S,
    "r = S^{∘2}": lambda S, **_: S**2,
    "r = S⁻¹ y": lambda S, y, **_: np.linalg.solve(S, y),
    "r = (S + I)⁻¹": lambda S, **_: np.linalg.inv(S + np.eye(3)),
    "r = x ⊙ u / s": lambda x, u, s, **_: x * u / s,
    "r = 2 s x - u": lambda x, u, s, **_: 2 * s * x - u,
    "r = -x²": lambda x, **_: -(x**2),
    "r = ½ ‖x - u‖²": lambda x, u, **_: ((x - u) ** 2).sum() / 2,
    "r = ‖A‖_F": lambda A, **_: np.sqrt((A**2).sum()),
    "r = 1/4 Σ_i x_i u_i": lambda x, u, **_: (x * u).mean(),
    "r = Σ x u": lambda x, u, **_: (x * u).sum(),
    "r = Σ_{i=1}^{4} i x_i": lambda x, **_: (np.arange(1, 5) * x).sum(),
    "r = [Σ_k A_ik B_kj]_ij": lambda A, B, **_: A @ B,
    "r_ij = Σ_k B_kj A_ik": lambda A, B, **_: A @ B,
    "r_j = Σ_i y_i A_ij x_j": lambda A, x, y, **_: (y @ A) * x,
    "r = [T_kij]_ijk": lambda T, **_: T.transpose(1, 2, 0),
    "r = [max_k T_ijk]_ij": lambda T, **_: T.max(-1),
    "r = [s x_j]_{i≤3, j}": lambda x, s, **_: np.tile(s * x, (3, 1)),
    "r = A + 𝟏 xᵀ": lambda A, x, **_: A + x,
    "r = A + y 𝟏ᵀ": lambda A, y, **_: A + y[:, None],
    "r = A 𝟏": lambda A, **_: A.sum(1),
    "r = 𝟏ᵀ y": lambda y, **_: y.sum(),
    "r = x_k": lambda x, k, **_: x[k],
    "r = x_0 + x_{3}": lambda x, **_: x[0] + x[3],
    "r = x_{1:3}": lambda x, **_: x[1:3],
    "r = A_{1, :}": lambda A, **_: A[1],
    "r = A_{:, 2:}": lambda A, **_: A[:, 2:],
    "r = Σ_i A_{i c_i}": lambda A, c, **_: A[np.arange(3), c].sum(),
    "r = e_kᵀ x": lambda x, k, **_: x[k],
    "r = log softmax(x)_k": lambda x, k, **_: np.log(softmax(x)[k]),
    "r = softmax_rows(A)": lambda A, **_: softmax(A),
    "r = softmax_{axis=0}(A)": lambda A, **_: softmax(A.T).T,
    "r = [x; y]": lambda x, y, **_: np.concatenate([x, y]),
    "r = [A, y]": lambda A, y, **_: np.column_stack([A, y]),
    "r = [s; α; 2]": lambda s, α, **_: np.array([s, α, 2.0]),
    "r = 𝟏[x > s] ⊙ x": lambda x, s, **_: (x > s) * x,
    "r = {x if x > 0; α x otherwise}": lambda x, α, **_: np.where(x > 0, x, α * x),
    "r = max(x, 0)": lambda x, **_: np.maximum(x, 0),
    "r = max_i x_i - min_i x_i": lambda x, **_: np.ptp(x),
    "r = |x| + ⌊x⌋": lambda x, **_: np.abs(x) + np.floor(x),
    "r = e^s": lambda s, **_: np.exp(s),
    "r = √(s²)": lambda s, **_: abs(s),
    "r = log Γ(s²)": lambda s, **_: __import__("scipy.special").special.gammaln(s**2),
    "r = tr(S)": lambda S, **_: np.trace(S),
    "r = Σ_i S_ii": lambda S, **_: np.trace(S),
    "r = flat(A)": lambda A, **_: A.ravel(),
    "r = reshape_{4×3}(A)": lambda A, **_: A.reshape(4, 3),
    "r = W ⋆ I_m + b": lambda W, I_m, b, **_: conv(W, I_m) + b[:, None, None],
    "r = T ⊙ b - b": lambda T, b, **_: T * b[:, None, None] - b[:, None, None],
    "r = layer_norm_{0.1}(x)": lambda x, **_: (x - x.mean()) / np.sqrt(x.var() + 0.1),
    "r = rms_norm_{0.1}(x)": lambda x, **_: x / np.sqrt((x**2).mean() + 0.1),
    "r = batch_norm_{0.1}(X)": lambda X, **_: (X - X.mean(0)) / np.sqrt(X.var(0) + 0.1),
    "r = attention_{heads=2}(A, X, 2 X)": lambda A, X, **_: two_heads(A, X, 2 * X, np.zeros((3, 5))),
    "r = attention_{heads=2}(A, X, X, A Xᵀ)": lambda A, X, **_: two_heads(A, X, X, A @ X.T),
    "r = attention_{heads=2}(X, X, X, [i ≥ j]_{i≤5, j≤5})": lambda X, **_: two_heads(
        X, X, X, np.where(np.tri(5), 0, -np.inf)
    ),
    "r = maxpool_{size=2}(I_m)": lambda I_m, **_: I_m.reshape(1, 3, 2, 3, 2).max((2, 4)),
    "h⟨t⟩ = tanh(Aᵀ A h⟨t-1⟩ + X⟨t⟩ + u), t = 1..5; r = h⟨5⟩": lambda **v: recurrent(v["X"], v["A"], v["B"], v["u"]),
    "h_t = tanh(Aᵀ A h_{t-1} + X_t + u); r = h_T": lambda **v: recurrent(v["X"], v["A"], v["B"], v["u"]),
    "h⟨0⟩ = 1; h⟨t⟩ = 2 h⟨t-1⟩ + s, t = 1..3; r = h": lambda s, **_: np.array([2 + s, 4 + 3 * s, 8 + 7 * s]),
    "h⟨6⟩ = u; for t = 5..1:; h⟨t⟩ = X⟨t⟩ - h⟨t+1⟩; r = h⟨1⟩": lambda X, u, **_: X[0] - X[1] + X[2] - X[3] + X[4] - u,
    "a^[0] = s; for l = 1..4:; a^[l] = l a^[l-1] + 1; r = a^[4]": lambda s, **_: 4 * (3 * (2 * (s + 1) + 1) + 1) + 1,
    "f(z) = z² + s; r = f(x) - f(u)": lambda x, u, s, **_: x**2 - u**2,
    "r = q + 1; q = 2 p; p = s": lambda s, **_: 2 * s + 1,
}  # fmt: skip


def two_heads(Q, K, V, M):
    """From the definition: softmax_rows(Q Kᵀ / √d + M) V of each half of the columns, side by side."""
    halves = [np.s_[:, :2], np.s_[:, 2:]]
    return np.concatenate([softmax(Q[half] @ K[half].T / np.sqrt(2) + M) @ V[half] for half in halves], axis=1)


def conv(W, image):
    out = np.zeros((2, 4, 4))
    for i in range(4):
        for j in range(4):
            out[:, i, j] = np.einsum("ocij,cij->o", W, image[:, i : i + 3, j : j + 3])
    return out


@pytest.mark.parametrize("text", MEANINGS)
def test_the_value_is_that_of_numpy(text):
    rng = np.random.default_rng(0)
    shapes = {
        "A": (3, 4),
        "B": (4, 5),
        "S": (3, 3),
        "x": (4,),
        "u": (4,),
        "y": (3,),
        "s": (),
        "α": (),
        "T": (2, 3, 4),
        "X": (5, 4),
        "I_m": (1, 6, 6),
    }
    values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    values |= {"k": np.array(2), "c": np.array([3, 0, 1]), "W": rng.normal(size=(2, 1, 3, 3)), "b": rng.normal(size=2)}
    tree = elaborate(f"{text}\n{SPACES}", model=False).trees(["r"])[0]
    known = {name.replace("_m", "_{m}"): value for name, value in values.items()}
    env = {one: known[one.name] for one in everything(tree) if isinstance(one, Symbol) and one.name in known}
    found = evaluate([tree], env)[0]
    wanted = np.asarray(MEANINGS[text](**values))
    assert found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-12, atol=1e-12)


INFERRED = {
    "ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)": {
        "W_{1}": (64, 4), "b_{1}": (64,), "W_{2}": (3, 64), "b_{2}": (3,),
    },
    "ŷ = W x + b, W ∈ R^(3×n)": {"W": (3, 4), "b": (3,)},
    "z = wᵀ x + b; ŷ = [z; z; α z]": {"w": (4,), "b": (), "α": ()},
    "ŷ = γ ⊙ (W x) + β": {"W": (3, 4), "γ": (3,), "β": (3,)},
    "ŷ = [Σ_j W_ij x_j]_i": {"W": (3, 4)},
    "ŷ = W [x; u], u ∈ R^2": {"W": (3, 6), "u": (2,)},
}  # fmt: skip


@pytest.mark.parametrize("text", INFERRED)
def test_shapes_are_inferred_from_the_input_and_the_prediction(text):
    written = elaborate(text, shapes={"x": (4,)})
    size = written["ŷ"].shape[0]
    from gradiens.equations.meaning.sizes import Size

    written.scope.sizes.equal(size, Size(3))
    leaves = [one for one in walk(*written.trees(["ŷ"])) if isinstance(one, Symbol)]
    assert {one.name: one.shape for one in leaves if one.role == "parameter"} == INFERRED[text]


WRONG = {
    "ŷ = W2 x, W2 ∈ R^(3×7)": "line 1, column 5: expected equal sizes in the product, got 7 (declared W₂ ∈ ℝ³ˣ⁷) and 4",
    "ŷ = softmx(W x)": "got softmx; did you mean softmax?",
    "ŷ = Wx + b": "got Wx; write W x for a product",
    "ŷ = x x": "a product that is not ambiguous, got two vectors side by side; write xᵀ y for a number",
    "ŷ = W x + W x xᵀ": "expected equal shapes in the sum",
    "a = b; b = a; ŷ = a": "definitions that do not go in a circle, got b → a → b",
    "ŷ = x; ŷ = 2 x": "expected one definition of ŷ, got another one",
    "ŷ = softmax(x xᵀ)": "a vector in softmax, got ℝ⁴ˣ⁴; write softmax_rows(A)",
    "ŷ = flat(attention_{heads=3}(A, A, A)), A ∈ ℝ^{3×4}": "expected arguments that fit, got 3 heads in 4 and 4 columns",
    "ŷ = flat(attention(A, A, A)), A ∈ ℝ^{3×4}": "got attention of shapes (3, 4), (3, 4) and (3, 4) without a number of heads",
    "ŷ = flat(attention_{heads=2}(A, A)), A ∈ ℝ^{3×4}": "got something else than Q, K, V, perhaps a mask, and a number",
    "ŷ = flat(attention_{heads=2}(A, A, A, 1)), A ∈ ℝ^{3×4}": "got a mask of shape () for 3 rows and 3 columns",
    "ŷ = layer_norm(x)": "got something else than one array and below the name one number ε",
    "ŷ = batch_norm_{0.1}(x)": "got an array of shape (4,) in place of examples as rows",
    "ŷ = xᵀ + x": "got a row and a column; transpose one",
    "ŷ = x_{0, 1}": "expected at most 1 positions, got 2",
    "ŷ = Σ_i A_ii, A ∈ ℝ^{2×3}": "the range of the index i",
    "h⟨t⟩ = h⟨t+1⟩ + x, t = 1..3; ŷ = h⟨3⟩": "expected h⟨t⟩ or h⟨t-1⟩, got h⟨t+1⟩",
    "h⟨t⟩ = h⟨t-1⟩ + x⟨t-1⟩, t = 1..3; ŷ = h⟨3⟩, x ∈ ℝ^(3×2)": "only what the steps define has an earlier value",
    "W ∈ ℝ^2, W ∈ ℝ^3, ŷ = W": "expected one declaration of W, got another one",
    "for l = 1..L: a^[l] = x; ŷ = x": "a range of layers whose ends are numbers",
    "f(z) = f(z - 1); ŷ = f(x)": "a function that does not call itself",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_read_is_said_with_its_place(text):
    shapes = {} if "x ∈" in text else {"x": (4,)}
    with pytest.raises(Mistake) as error:
        elaborate(text, shapes=shapes).trees(["ŷ"])
    said = str(error.value)
    assert WRONG[text] in said, said
    head, line, caret = said.split("\n")
    assert head.startswith("line 1, column ") and line.strip() in text and set(caret.strip()) == {"^"}


def test_a_printed_program_may_not_use_what_it_does_not_declare():
    with pytest.raises(Mistake, match="a symbol that is declared or defined, got W"):
        elaborate("r = W x where x ∈ ℝ^3", model=False)


def test_two_hundred_layers_do_not_recurse_deeply():
    text = "a^[0] = x; for l = 1..200:; a^[l] = a^[l-1] + 1; ŷ = a^[200]"
    tree = elaborate(text, shapes={"x": (2,)}).trees(["ŷ"])[0]
    (x,) = [one for one in walk(tree) if isinstance(one, Symbol)]
    assert np.array_equal(evaluate([tree], {x: np.array([1.0, 2.0])})[0], [201.0, 202.0])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            "r = [(N_1^{∘2})_{ikj}]_{ijk} where N_1 ∈ R^(3×4×2)",
            "r = [q_{ikj}]_{ijk}, q = N_1^{∘2} where N_1 ∈ R^(3×4×2)",
        ),
        ("r = (x + 1)^(a) where x ∈ R, a ∈ R", "r = (x + 1)^a where x ∈ R, a ∈ R"),
    ],
)
def test_a_power_of_what_is_no_name_is_no_name(text, plain):
    """An entrywise power under subscripts, and a power in brackets after brackets."""
    assert elaborate(text, model=False).trees(["r"])[0] is elaborate(plain, model=False).trees(["r"])[0]


@pytest.mark.parametrize("mark", ["^[2]", "⟨2⟩"])
def test_a_mark_after_what_is_no_name_is_told(mark):
    with pytest.raises(Mistake, match="a name before the mark"):
        elaborate(f"r = (x + 1){mark} where x ∈ R", model=False)
