"""Text to syntax: what each construct means, in Unicode, ASCII and LaTeX, and what the printers print."""

from __future__ import annotations

import time

import pytest
from syntax_said import said, value

from gradiens.equations import syntax as s
from gradiens.equations.parse import _parser, parse

# what it means, and the texts that mean it
EXPRESSIONS = [
    ("x", "x", "x", r"\mathbf{x}", r"\mathrm{x}", "𝑥"),
    ("θ", "θ", "theta", r"\theta", "𝜃"),
    ("ε", "ε", "eps", "epsilon", r"\varepsilon", r"\epsilon", "ϵ"),
    ("Product[(λ W) ('')]", "λ W", "λW", "lambda W", r"\lambda W", r"\lambda\,W"),
    ("learning_rate", "learning_rate", r"\text{learning\_rate}", r"\operatorname{learning_rate}"),
    ("Wx", "Wx"),
    ("ŷ", "ŷ", "y_hat", r"\hat{y}", r"\hat y", "ŷ", r"\widehat{y}"),
    ("θ̂", "θ̂", "theta_hat", r"\hat{\theta}", r"\hat\theta"),
    ("Binary['add' x̄ x̃]", "x̄ + x̃", "x_bar + x_tilde", r"\bar{x} + \tilde{x}"),
    ("Product[(W ŷ) ('')]", "Wŷ", "W ŷ", r"W\hat{y}"),
    ("Big['expectation' () x]", "𝔼 x", r"\mathbb{E} x"),
    ("Sub[W (1) '1']", "W₁", "W1", "W_1", "W_{1}", "W_(1)", "W_{1}"),
    ("Sub[W (12) '12']", "W₁₂", "W12", "W_{12}"),
    ("Sub[W (q) 'q']", "W_q", "W_{q}", "W_{q}"),
    ("Sub[W (out) 'out']", "W_out", "W_{out}", r"W_{\text{out}}", r"W_{\operatorname{out}}"),
    ("Sub[W (q 1) 'q1']", "W_q1", "W_{q1}", "W_{q 1}"),
    ("Sub[A (ij) 'ij']", "Aᵢⱼ", "A_ij", "A_{ij}", "A_{i j}", "A_(ij)"),
    ("Sub[A (i Binary['add' j 1]) 'i, j+1']", "A_{i, j+1}", "A_{i,j+1}", "A_(i,j+1)", r"A_{i,\,j+1}"),
    ("Sub[x (Binary['sub' i 1]) 'i-1']", "xᵢ₋₁", "x_{i-1}", "x_(i-1)"),
    ("Sub[h (t) 't']", "h_t", "h_{t}"),
    ("Sub[h (Binary['sub' t 1]) 't-1']", "h_{t-1}", "hₜ₋₁"),
    ("Sub[x (Slice[2 5]) '2:5']", "x_{2:5}", "x_(2:5)", "x_{(2:5)}"),
    ("Sub[u (Slice[71 None]) '71:']", "u_{71:}", "u_{(71:)}"),
    ("Sub[A (Slice[2 5] Slice[None None]) '2:5, :']", "A_{2:5, :}", "A_{(2:5, :)}", r"A_{2:5,\,:}"),
    ("Sub[x (Slice[None None 2]) '::2']", "x_{::2}"),
    ("Sub[E (x Slice[None None]) 'x, :']", "E_(x, ·)", "E_{x,:}", r"E_{x,\,·}", r"E_{x,\cdot}"),
    ("Sub[x (Sub[c (i) 'i']) 'c_{i}']", "x_{cᵢ}", "x_cᵢ", "x_{c_i}", "x_{c_{i}}"),
    ("Sub[W (in) 'in']", "W_{in}", "W_in", r"W_{\text{in}}"),
    ("Mark[W 'layer' 1]", "W^[1]", "W^{[1]}"),
    ("Mark[a 'layer' Binary['sub' l 1]]", "a^[l-1]", "a^{[l-1]}"),
    ("Mark[W 'layer' Group[(1 2)]]", "W^[1,2]", "W^{[1,2]}"),
    ("Mark[x 'example' i]", "x⁽ⁱ⁾", "x^(i)", "x^{(i)}"),
    ("Mark[x 'example' Binary['add' i 1]]", "x^{(i+1)}", "x⁽ⁱ⁺¹⁾"),
    ("Mark[Mark[a 'layer' 1] 'example' i]", "a^{[1](i)}"),
    ("Mark[h 'time' t]", "h⟨t⟩", "h<t>", r"h\langle t\rangle", r"h^{\langle t\rangle}", "h^⟨t⟩", "h^<t>"),
    ("Mark[h 'time' Binary['sub' t 1]]", "h⟨t-1⟩", "h<t-1>", r"h^{\langle t-1\rangle}", r"h^{\langle t - 1\rangle}"),
    ("Mark[h 'time' inf]", "h⟨∞⟩", "h<∞>", r"h^{\langle\infty\rangle}", "h⟨inf⟩"),
    ("Mark[v 'prime']", "v'", "v′", r"v^{\prime}", "v'"),
    ("Mark[Mark[v 'prime'] 'prime']", "v''", r"v^{\prime\prime}", "v′′"),
    ("Sub[Mark[W 'layer' 2] (q) 'q']", "W_q^[2]", "W^[2]_q", "W_{q}^{[2]}", "W^{[2]}_{q}"),
    ("Sub[Mark[v 'prime'] (i) 'i']", "v'ᵢ", "v_i'", r"v_{i}^{\prime}"),
    ("Mark[Sub[h (1) '1'] 'time' t]", "h₁⟨t⟩", r"h_{1}^{\langle t\rangle}"),
    ("Sub[Mark[h 'time' t] (i) 'i']", "h⟨t⟩ᵢ", r"h\langle t\rangle_{i}"),
    ("Power[x 2]", "x²", "x^2", "x^{2}"),
    ("Power[10 Unary['neg' 4]]", "10⁻⁴", "10^-4", "10^{-4}", "10^(-4)"),
    ("Power[e x]", "eˣ", "e^x", "e^{x}", "e^(x)"),
    ("Power[e Unary['neg' x]]", "e⁻ˣ", "e^-x", "e^(-x)", "e^{-x}"),
    ("Power[e Sub[z (i) 'i']]", "e^zᵢ", "e^(z_i)", "e^{z_{i}}"),
    ("Power[β Mark[t 'prime']]", "β^(t')", r"\beta^{t^{\prime}}"),
    ("Power[x Binary['add' n 1]]", "x^(n+1)", "xⁿ⁺¹", "x^{n+1}"),
    ("Power[x Product[(y z) ('')]]", "x^(y z)", r"x^{y\,z}", "xʸᶻ"),
    ("Power[Sub[x (i) 'i'] 2]", "xᵢ²", "x_i^2", "x^2_i", "x_{i}^{2}"),
    ("Power[X 2 True]", "X^(∘2)", "X^∘2", r"X^{\circ 2}"),
    ("Transposed[W]", "Wᵀ", "W^T", "W^⊤", r"W^{\top}", r"W^\top", "W^{T}"),
    ("Transposed[Mark[W 'layer' 2]]", "W^[2]ᵀ", "W^[2]^T", r"W^{[2]\top}", "W^{[2]T}"),
    ("Product[(Transposed[x] y) ('')]", "xᵀ y", "x^Ty", "x^T y", r"x^{\top}\,y"),
    ("Transposed[Product[(A B) ('')]]", "(A B)ᵀ", "(A B)^T", r"(A\,B)^{\top}"),
    ("Transposed[Sub[W (ij) 'ij']]", "Wᵀᵢⱼ", "W_ij^T", "W^T_ij"),
    ("2", "2"),
    ("0.1", "0.1", ".1"),
    ("0.001", "1e-3", "0.001"),
    ("0.5", "½", "1/2", r"\frac{1}{2}", "0.5"),
    ("0.3333333333333333", "1/3", "⅓", r"\frac{1}{3}"),
    ("3.141592653589793", "π", "pi", r"\pi"),
    ("inf", "∞", "inf", r"\infty"),
    ("Product[(2 3.141592653589793) ('')]", "2π", "2 pi", r"2\,\pi"),
    ("Product[(3 Power[10 Unary['neg' 4]]) ('·')]", "3·10⁻⁴", r"3 \cdot 10^{-4}"),
    ("Binary['sub' Binary['add' a b] c]", "a + b - c", "a+b-c", "a + b − c"),
    ("Unary['neg' Product[(x y) ('')]]", "-x y", "-(x y)"),
    ("Binary['add' Unary['neg' x] y]", "-x + y"),
    ("Product[(W x) ('')]", "W x", r"W\,x", "(W) (x)", "W(x)"),
    ("Product[(W x) ('·')]", "W · x", "W*x", r"W \cdot x", "W × x", r"W \times x"),
    ("Product[(a Unary['neg' b]) ('·')]", "a · -b", "a * -b"),
    ("Binary['odot' a b]", "a ⊙ b", "a .* b", r"a \odot b"),
    ("Binary['otimes' x y]", "x ⊗ y", r"x \otimes y"),
    ("Binary['odot' a Frac[b c]]", "a ⊙ b / c", r"a \odot \frac{b}{c}", "a ⊙ (b / c)"),
    ("Binary['star' W x]", "W ⋆ x", r"W \star x"),
    (
        "Binary['star' W x (Setting['stride' 2] Setting['pad' 1])]",
        "W ⋆_(stride=2, pad=1) x",
        "W ⋆_{stride=2, pad=1} x",
        r"W \star_{\operatorname{stride}=2,\,\operatorname{pad}=1} x",
    ),
    ("Frac[a b]", "a/b", "a / b", r"\frac{a}{b}", r"\dfrac{a}{b}"),
    ("Product[(Frac[a b] c) ('')]", "a/b c", "(a / b) c", r"\frac{a}{b}\,c"),
    ("Frac[Product[(a b) ('')] c]", "a b / c", r"\frac{a\,b}{c}", "(a b)/c"),
    ("Product[(a Frac[b c] d) ('' '')]", "a b/c d", r"a\,\frac{b}{c}\,d"),
    ("Frac[Frac[a b] c]", "a / b / c", "a/b/c", r"\frac{\frac{a}{b}}{c}"),
    ("Product[(Frac[a b] c) ('·')]", "a / b · c", r"\frac{a}{b} \cdot c"),
    (
        "Binary['add' Frac[Binary['odot' γ Binary['sub' x μ]] Root[Binary['add' Power[σ 2] ε]]] β]",
        "(γ ⊙ (x - μ)) / √(σ² + ε) + β",
        r"\frac{\gamma \odot (x - \mu)}{\sqrt{\sigma^{2} + \varepsilon}} + \beta",
    ),
    ("Call[log (x)]", "log x", "log(x)", r"\log x", r"\log(x)", r"\log\left( x \right)", "ln x"),
    ("Call[log (Sub[ŷ (y) 'y'])]", "log ŷ_y", r"\log \hat{y}_{y}"),
    ("Product[(y Call[log (ŷ)]) ('')]", "y log ŷ", r"y\,\log \hat{y}"),
    ("Call[log (Call[Γ (x)])]", "log Γ(x)", r"\log \Gamma(x)"),
    ("Call[log (Sub[Call[softmax (z)] (y) 'y'])]", "log softmax(z)_y", r"\log \operatorname{softmax}(z)_{y}"),
    ("Root[x]", "√x", "sqrt(x)", "sqrt x", r"\sqrt{x}", "√(x)"),
    ("Root[Power[x 2]]", "√(x²)", "√x²", r"\sqrt{x^{2}}"),
    ("Power[Root[x] 2]", "(√x)²", r"(\sqrt{x})^{2}", r"\sqrt{x}^{2}"),
    ("Call[σ (z)]", "σ(z)", "sigma(z)", r"\sigma(z)", r"\sigma\left( z \right)"),
    ("Product[(σ Binary['sub' z μ]) ('')]", "σ (z - μ)", r"\sigma\,(z - \mu)"),
    ("Call[relu (z)]", "relu(z)", r"\operatorname{relu}(z)", "relu (z)"),
    ("Call[Sub[elu (α) 'α'] (z)]", "elu_α(z)", "elu_alpha(z)", r"\operatorname{elu}_{\alpha}(z)"),
    ("Call[Sub[leaky_relu (α) 'α'] (z)]", "leaky_relu_α(z)", r"\text{leaky\_relu}_{\alpha}(z)"),
    ("Call[Mark[gelu 'prime'] (z)]", "gelu'(z)", r"\operatorname{gelu}^{\prime}(z)"),
    (
        "Call[Sub[softmax (rows) 'rows'] (A)]",
        "softmax_rows(A)",
        r"\operatorname{softmax}_{\operatorname{rows}}(A)",
        "softmax_{rows}(A)",
    ),
    (
        "Call[Sub[maxpool (Setting['size' 2] Setting['stride' Group[(1 2)]]) 'size=2, stride=(1, 2)'] (a)]",
        "maxpool_(size=2, stride=(1, 2))(a)",
        "maxpool_{size=2, stride=(1,2)}(a)",
        r"\operatorname{maxpool}_{\operatorname{size}=2,\,\operatorname{stride}=(1,\,2)}(a)",
    ),
    (
        "Call[Sub[sort (Setting['axis' 0] Setting['descending' true]) 'axis=0, descending=true'] (x)]",
        "sort_{axis=0, descending=true}(x)",
    ),
    (
        "Call[Sub[reshape (Times[(4 5)]) '4×5'] (x)]",
        "reshape_{4×5}(x)",
        "reshape_(4×5)(x)",
        r"\operatorname{reshape}_{4 \times 5}(x)",
    ),
    ("Call[max (a b)]", "max(a, b)", r"\max(a,\,b)"),
    (
        "Binary['add' Call[log1p (x)] Call[Sub[float (16) '16'] (x)]]",
        "log1p(x) + float16(x)",
        r"\operatorname{log1p}(x) + \operatorname{float16}(x)",
    ),
    ("Fence['abs' x]", "|x|", "abs(x)", r"\lvert x\rvert", r"\left|x\right|"),
    ("Product[(a Fence['abs' b] c) ('' '')]", "a |b| c", r"a\,\lvert b\rvert\,c"),
    (
        "Fence['abs' Binary['sub' Fence['abs' a] Fence['abs' b]]]",
        "| |a| - |b||",
        r"\lvert\lvert a\rvert - \lvert b\rvert\rvert",
    ),
    ("Power[Fence['norm' x] 2]", "‖x‖²", "||x||^2", "norm(x)^2", r"\lVert x\rVert^{2}", r"\|x\|^2"),
    ("Power[Sub[Fence['norm' X] (F) 'F'] 2]", "‖X‖_F²", r"\lVert X\rVert_{F}^{2}", "‖X‖²_F"),
    (
        "Binary['add' Fence['floor' x] Fence['ceil' y]]",
        "⌊x⌋ + ⌈y⌉",
        "floor(x) + ceil(y)",
        r"\lfloor x\rfloor + \lceil y\rceil",
    ),
    ("Bracket[((a) (b))]", "[a; b]", r"[a;\,b]", "[a;\nb]"),
    ("Bracket[((A B))]", "[A, B]", r"[A,\,B]"),
    ("Bracket[((a b) (c d))]", "[a, b; c, d]"),
    (
        "Sub[Bracket[((Big['sum' (k) Product[(Sub[A (ik) 'ik'] Sub[B (kj) 'kj']) ('')]]))] (ij) 'ij']",
        "[Σₖ Aᵢₖ Bₖⱼ]ᵢⱼ",
        "[sum_k A_ik B_kj]_ij",
        r"[\sum_{k} A_{ik}\,B_{kj}]_{ij}",
    ),
    (
        "Sub[Bracket[((Sub[b (j) 'j']))] (Binary['le' i 3] j) 'i≤3, j']",
        "[b_j]_{i≤3, j}",
        "[b_j]_{i<=3, j}",
        r"[b_{j}]_{i \le 3,\,j}",
    ),
    ("Group[(0 1 … 9)]", "(0, 1, …, 9)", "(0, 1, ..., 9)", r"(0,\,1,\,\ldots,\,9)"),
    ("Ones[]", "𝟏", r"\mathbf{1}"),
    ("Product[(Transposed[Ones[]] A) ('')]", "𝟏ᵀ A", r"\mathbf{1}^{\top}\,A"),
    ("Sub[Ones[] (Times[(n m)]) 'n×m']", "𝟏_{n×m}", "1_{n×m}", r"\mathbf{1}_{n \times m}"),
    ("Sub[0 (Times[(n m)]) 'n×m']", "0_{n×m}", r"0_{n \times m}"),
    ("Sub[e (y) 'y']", "e_y"),
    ("Indicator[Binary['gt' x 0]]", "𝟏[x > 0]", "1[x > 0]", r"\mathbf{1}[x > 0]", r"\mathbf{1}\left[ x > 0 \right]"),
    ("Indicator[Binary['eq' a b]]", "𝟏[a = b]", "1[a=b]"),
    (
        "Cases[((z Binary['gt' z 0]) (Product[(α z) ('')] None))]",
        "{z if z > 0; α z otherwise}",
        "{z if z > 0; alpha z else}",
        r"\begin{cases} z & \operatorname{if}\,z > 0 \\ \alpha\,z & \operatorname{otherwise} \end{cases}",
        r"\begin{cases} z & z > 0 \\ \alpha z & \text{otherwise} \end{cases}",
    ),
    (
        "Indicator[Binary['and' Binary['lt' a b] Binary['ge' c d]]]",
        "𝟏[a < b ∧ c ≥ d]",
        "1[a < b and c >= d]",
        r"\mathbf{1}[a < b \land c \ge d]",
    ),
    (
        "Indicator[Binary['or' Binary['le' a b] Unary['not' Binary['ne' c d]]]]",
        "𝟏[a ≤ b ∨ ¬(c ≠ d)]",
        "1[a <= b or not (c != d)]",
        r"\mathbf{1}[a \le b \lor \lnot (c \ne d)]",
    ),
    ("Binary['and' Unary['not' a] b]", "¬a ∧ b", "not a and b", r"\lnot a \land b"),
    (
        "Big['sum' (i) Product[(Sub[x (i) 'i'] Sub[y (i) 'i']) ('')]]",
        "Σᵢ xᵢ yᵢ",
        "Σ_i x_i y_i",
        "sum_i x_i y_i",
        r"\sum_{i} x_{i}\,y_{i}",
    ),
    ("Big['sum' (i) Sub[x (i) 'i'] 1 n]", "Σ_{i=1}^{n} x_i", "Σᵢ₌₁ⁿ xᵢ", "sum_{i=1}^n x_i", r"\sum_{i=1}^{n} x_{i}"),
    ("Big['sum' (ij) Sub[A (ij) 'ij']]", "Σ_ij A_ij", "Σᵢⱼ Aᵢⱼ", "Σ_{i,j} A_ij", r"\sum_{ij} A_{ij}"),
    ("Big['sum' () Product[(y Call[log (ŷ)]) ('')]]", "Σ y log ŷ", "sum y log ŷ", r"\sum y\,\log \hat{y}"),
    ("Binary['add' Big['sum' (i) Sub[x (i) 'i']] b]", "Σ_i x_i + b"),
    (
        "Unary['neg' Big['sum' (i) Product[(Sub[y (i) 'i'] Call[log (Sub[ŷ (i) 'i'])]) ('')]]]",
        "-Σᵢ yᵢ log ŷᵢ",
        r"-\sum_{i} y_{i}\,\log \hat{y}_{i}",
    ),
    (
        "Product[(Frac[1 n] Big['sum' (i) Sub[x (i) 'i']]) ('')]",
        "1/n Σᵢ xᵢ",
        r"\frac{1}{n}\,\sum_{i} x_{i}",
        "1/n sum_i x_i",
    ),
    (
        "Frac[Call[exp (z)] Big['sum' (i) Power[e Sub[z (i) 'i']]]]",
        "exp(z) / Σᵢ e^zᵢ",
        r"\frac{\exp(z)}{\sum_{i} e^{z_{i}}}",
    ),
    ("Big['prod' (i) Sub[x (i) 'i']]", "Πᵢ xᵢ", "prod_i x_i", r"\prod_{i} x_{i}"),
    ("Big['max' (i) Sub[x (i) 'i']]", "maxᵢ xᵢ", "max_i x_i", r"\max_{i} x_{i}"),
    ("Big['argmax' (j) Sub[A (j) 'j']]", "argmax_j A_j", r"\arg\max_{j} A_{j}", r"\operatorname*{argmax}_{j} A_{j}"),
    ("Call[log (Big['sum' (i) Power[e Sub[z (i) 'i']]])]", "log Σᵢ e^zᵢ", r"\log \sum_{i} e^{z_{i}}"),
    ("Big['expectation' (x) Power[x 2]]", "𝔼_x[x²]", r"\mathbb{E}_{x}[x^{2}]"),
    (
        "Binary['add' Product[(Power[Σ Unary['neg' 1]] x) ('')] Product[(Transposed[x] Σ) ('')]]",
        "Σ⁻¹ x + xᵀ Σ",
        r"\Sigma^{-1}\,x + x^{\top}\,\Sigma",
    ),
    ("Big['all' (i) Sub[x (i) 'i']]", "all_i x_i", r"\operatorname*{all}_{i} x_{i}"),
    ("∂C/∂W^{[1]}", "∂C/∂W^[1]", r"\frac{\partial C}{\partial W^{[1]}}"),
    ("Call[Sub[∇ (θ) 'θ'] (C)]", "∇_θ C", r"\nabla_{\theta} C"),
]

STATEMENTS = [
    (
        "Equation[ŷ Binary['add' Product[(W x) ('')] b]]",
        "ŷ = W x + b",
        "y_hat = W x + b",
        r"\hat{y} &= W\,x + b",
        r"\begin{aligned} \hat{y} &= W\,x + b \end{aligned}",
    ),
    ("Equation[Call[f (x y)] Product[(x y) ('')]]", "f(x, y) = x y", r"f(x,\,y) = x\,y"),
    (
        "Equation[Call[C (ŷ y)] Power[Fence['norm' Binary['sub' ŷ y]] 2]]",
        "C(ŷ, y) = ‖ŷ - y‖²",
        r"C(\hat{y},\,y) = \lVert\hat{y} - y\rVert^{2}",
    ),
    (
        "Equation[∂C/∂b^{[1]} Mark[δ 'layer' 1]]",
        "∂C/∂b^[1] = δ^[1]",
        r"\frac{\partial C}{\partial b^{[1]}} = \delta^{[1]}",
    ),
    ("Equation[m Binary['gt' x 0]]", "m = x > 0"),
    (
        "Declaration[(W) Space['ℝ' (64 n)]]",
        "W ∈ ℝ^(64×n)",
        "W in R^(64 x n)",
        "W ∈ R^{64xn}",
        r"W \in \mathbb{R}^{64 \times n}",
    ),
    ("Declaration[(Sub[W (1) '1'] b) Space['ℝ' (3)]]", "W₁, b ∈ ℝ³", "W1, b in R^3", r"W_{1},\,b \in \mathbb{R}^{3}"),
    ("Declaration[(W) Space['ℝ' (2 3)]]", "W ∈ ℝ²ˣ³", r"W \in \mathbb{R}^{2 \times 3}", "W ∈ R^(2x3)"),
    (
        "Declaration[(W) Space['ℝ' (Product[(2 n) ('')] Binary['add' n m])]]",
        "W ∈ ℝ^(2n×(n+m))",
        "W in R^(2n x n+m)",
        r"W \in \mathbb{R}^{2\,n \times n + m}",
    ),
    ("Declaration[(c) Space['ℝ' ()]]", "c ∈ ℝ", "c in R", r"c \in \mathbb{R}"),
    ("Declaration[(k) Space['ℤ' (2)]]", "k ∈ ℤ²", "k in Z^2", r"k \in \mathbb{Z}^{2}"),
    ("Declaration[(z) Space['ℂ' (T)]]", "z ∈ ℂᵀ", "z in C^T", r"z \in \mathbb{C}^{T}"),
    ("Declaration[(y) Space['labels' () 10]]", "y ∈ {0, …, 9}", "y in {0, ..., 9}", r"y \in  \{ 0,\, \ldots ,\,9 \}"),
    ("Declaration[(y) Space['labels' () K]]", "y ∈ {0, …, K-1}", r"y \in \{ 0,\, \ldots ,\,K - 1 \}"),
    ("Declaration[(y) Space['labels' () 3]]", "y ∈ {0, 1, 2}"),
    ("Declaration[(m) Space['truth' (3)]]", "m ∈ {0,1}^3", r"m \in \{0,1\}^{3}"),
    ("Declaration[(Power[σ 2]) Space['ℝ' (3)]]", "σ² ∈ ℝ³", r"\sigma^{2} \in \mathbb{R}^{3}"),
    (
        "Range['t' 1 7]",
        "for t = 1, …, 7:",
        "for t = 1..7:",
        "for t = 1, 2, ..., 7:",
        r"\text{for } t = 1,\,\ldots,\,7:",
    ),
    ("Range['t' 7 1]", "for t = 7, …, 1:", "for t = 7..1:"),
    (
        "Range['k' 1 None Binary['gt' Mark[c 'time' Binary['sub' k 1]] 0]]",
        "for k = 1, 2, … while c⟨k-1⟩ > 0:",
        "for k = 1, 2, ... while c<k-1> > 0:",
    ),
    (
        "Equation[Mark[h 'time' t] Mark[x 'time' t]] ; Range['t' 1 T True]",
        "h⟨t⟩ = x⟨t⟩, t = 1..T",
        "h<t> = x<t>, t = 1, …, T",
        "h⟨t⟩ = x⟨t⟩ for t = 1..T",
        r"h^{\langle t\rangle} = x^{\langle t\rangle},\ t = 1,\,\ldots,\,T",
    ),
    (
        "Equation[a b] ; Equation[c d]",
        "a = b; c = d",
        "a = b, c = d",
        "a = b\nc = d",
        "a = b,\nc = d;",
        r"a = b \\ c = d",
        "a = b where c = d",
        "# a comment\na = b # and one\n\nwhere c = d\n",
    ),
    (
        "Equation[a Binary['add' b c]]",
        "a = b + c",
        "a = b\n  + c",
        "a = b +\n  c",
        "a =\nb + c",
        "a = (b\n+ c)",
        "a\n= b + c",
    ),
    (
        "Equation[a b] ; Declaration[(c d) Space['ℝ' ()]]",
        "a = b, c, d ∈ ℝ",
        r"a &= b \\ &\text{where } c,\,d \in \mathbb{R}",
    ),
]


@pytest.mark.parametrize(
    ("meaning", "forms"), [(row[0], row[1:]) for row in EXPRESSIONS], ids=[r[1] for r in EXPRESSIONS]
)
def test_expressions_mean_the_same_in_all_notations(meaning, forms):
    assert [said(value(form)) for form in forms] == [meaning] * len(forms)
    assert len({value(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("meaning", "forms"), [(row[0], row[1:]) for row in STATEMENTS], ids=[r[1] for r in STATEMENTS]
)
def test_statements_mean_the_same_in_all_notations(meaning, forms):
    assert [" ; ".join(map(said, parse(form))) for form in forms] == [meaning] * len(forms)


# what reads alike and is not the same
DIFFERENT = [
    ("λ W", "λ_W"),
    ("W x", "Wx"),
    ("x^(i)", "x^(i+1)", "x^i", "x_i", "x⟨i⟩", "x^[i]"),
    ("x_i²", "x_(i²)"),
    ("a/b c", "a/(b c)"),
    ("-x y", "(-x) y"),
    ("√x y", "√(x y)"),
    ("log x y", "log(x y)"),
    ("σ(z)", "σ (z)"),
    ("Σ_i x_i + b", "Σ_i (x_i + b)"),
    ("a ⊙ b", "a b", "a · b", "a ⊗ b"),
    ("X²", "X^(∘2)"),
    ("|a| b |c|", "|a b c|"),
    ("[a; b]", "[a, b]"),
    ("𝟏[x]", "𝟏 [x]"),
    ("a - b - c", "a - (b - c)"),
    ("a b c", "a (b c)"),
    ("e^zᵢ", "e^z_i"),
    ("(A^T)_ij", "A_ij"),
    ("2", "2.0 + 0"),
    ("x'", "x"),
    ("¬a ∧ b", "¬(a ∧ b)"),
]


@pytest.mark.parametrize("forms", DIFFERENT, ids=[forms[0] for forms in DIFFERENT])
def test_what_differs_is_told_apart(forms):
    assert len({value(form) for form in forms}) == len(forms)


def test_a_function_of_one_letter_is_called_where_the_text_defines_it():
    assert said(value("W (x + y)")) == said(value("W(x + y)")) == "Product[(W Binary['add' x y]) ('')]"
    defined = parse("f(x) = x²\nq = f(x) + f (y) + g(y)")[1]
    assert said(defined) == "Equation[q Binary['add' Binary['add' Call[f (x)] Call[f (y)]] Product[(g y) ('')]]]"
    assert said(value("g_{k=1}(x)")) == "Call[Sub[g (Setting['k' 1]) 'k=1'] (x)]"
    assert said(value("lr (g + x)")) == "Product[(lr Binary['add' g x]) ('')]"
    assert said(value("unknown(x)")) == "Call[unknown (x)]"


def test_a_statement_goes_on_in_brackets_and_after_an_operator():
    assert len(parse("a = [b;\nc]\nd = {b if c\n> 0; 1\notherwise}\ne = f ⊙\n\n g\n- h")) == 3


def test_places_are_those_of_the_text_as_given():
    text = "\ufeffa = 1\r\ny\u0302 = W\u2081 x + \\frac{a}{b}"
    first, second = parse(text)
    assert text[first.at.start : first.at.stop] == "a = 1"
    assert isinstance(second, s.Equation)
    assert text[second.left.at.start : second.left.at.stop] == "y\u0302"
    assert isinstance(second.right, s.Binary)
    assert text[second.right.left.at.start : second.right.left.at.stop] == "W\u2081 x"
    assert text[second.right.right.at.start : second.right.right.at.stop] == "\\frac{a}{b}"


def test_every_place_lies_within_the_one_around_it():
    def walk(part, around):
        if isinstance(part, tuple):
            for one in part:
                walk(one, around)
        elif isinstance(part, s.Syntax):
            assert around.start <= part.at.start <= part.at.stop <= around.stop, part
            for name in part.__dataclass_fields__:
                walk(getattr(part, name), part.at)

    for row in EXPRESSIONS:
        for form in row[1:]:
            walk(parse(f"q = {form}"), s.Place(0, len(form) + 4))


def test_the_lines_of_a_recurrence():
    text = """
        h⟨0⟩ = 0
        for t = 1, …, 7:
        z⟨t⟩ = W_x x⟨t⟩ + W_h h⟨t-1⟩ + b
        h⟨t⟩ = tanh(z⟨t⟩)
        ŷ = V h⟨7⟩ + c
    """
    assert [type(one).__name__ for one in parse(text)] == ["Equation", "Range", "Equation", "Equation", "Equation"]


def test_two_hundred_lines_in_a_third_of_a_second():
    lines = ["a^[1] = relu(W^[1] x + b^[1])", "ŷ = softmax(W^[2] a^[1] + b^[2])", "C = -Σ_i y_i log ŷ_i + λ ‖W₁‖²",
             "θ' = θ - α v̂ / (√ŝ + ε)", "W^[1] ∈ ℝ^(64×n), b ∈ ℝ⁶⁴"]  # fmt: skip
    text = "\n".join(lines * 40)
    parse("a = b")
    times = []
    for _ in range(3):
        start = time.process_time()
        assert len(parse(text)) == 240
        times.append(time.process_time() - start)
    assert min(times) < 0.3


def test_the_parser_is_made_in_a_third_of_a_second():
    times = []
    for _ in range(5):
        _parser.cache_clear()
        start = time.process_time()
        _parser()
        times.append(time.process_time() - start)
    assert min(times) < 0.3


def test_the_parser_is_loaded_when_a_text_is_parsed():
    import subprocess
    import sys

    code = "import gradiens.equations.parse, sys; print('lark' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
