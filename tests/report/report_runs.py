"""Runs for the tests of the report: three tasks with plausible numbers, and one with a hundred classes."""

# ruff: noqa: E501
from __future__ import annotations

from typing import Any

import numpy as np

from gradiens.report import RunReport

FORWARD = {
    "title": "The model",
    "mathml": '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mover><mi>y</mi><mo>^</mo></mover>'
    "<mo>=</mo><mi>softmax</mi><mo>⁡</mo><mrow><mo>(</mo><msup><mi>W</mi><mrow><mo>[</mo><mn>2</mn><mo>]</mo></mrow></msup>"
    "<mspace width='0.2em'/><mi>relu</mi><mo>⁡</mo><mrow><mo>(</mo><msup><mi>W</mi><mrow><mo>[</mo><mn>1</mn><mo>]</mo></mrow></msup>"
    "<mi>x</mi><mo>+</mo><msup><mi>b</mi><mrow><mo>[</mo><mn>1</mn><mo>]</mo></mrow></msup><mo>)</mo></mrow><mo>+</mo>"
    "<msup><mi>b</mi><mrow><mo>[</mo><mn>2</mn><mo>]</mo></mrow></msup><mo>)</mo></mrow></mrow></math>",
    "latex": r"\hat y = \operatorname{softmax}(W^{[2]} \operatorname{relu}(W^{[1]} x + b^{[1]}) + b^{[2]})",
    "unicode": "ŷ = softmax(W[2] relu(W[1] x + b[1]) + b[2])",
    "error": 3.1e-16,
    "note": "x ∈ ℝ¹³, W[1] ∈ ℝ^(64×13), W[2] ∈ ℝ^(3×64)",
}
LOSS = {
    "title": "The cost of one example",
    "mathml": '<math display="block"><mrow><mi>C</mi><mo>=</mo><mo>−</mo><munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn>'
    "</mrow><mi>K</mi></munderover><msub><mi>y</mi><mi>k</mi></msub><mi>log</mi><mo>⁡</mo><msub><mover><mi>y</mi><mo>^</mo></mover>"
    "<mi>k</mi></msub></mrow></math>",
    "latex": r"C = -\sum_{k=1}^{K} y_k \log \hat y_k",
    "unicode": "C = −Σₖ yₖ log ŷₖ",
    "error": 0.0,
}
UPDATE = {
    "title": "The update (Adam)",
    "mathml": '<math display="block"><mrow><mi>θ</mi><mo>←</mo><mi>θ</mi><mo>−</mo><mi>α</mi><mfrac><mover><mi>v</mi><mo>^</mo></mover>'
    "<mrow><msqrt><mover><mi>s</mi><mo>^</mo></mover></msqrt><mo>+</mo><mi>ε</mi></mrow></mfrac></mrow></math>",
    "latex": r"\theta \leftarrow \theta - \alpha \hat v / (\sqrt{\hat s} + \varepsilon)",
    "unicode": "θ ← θ − α v̂ / (√ŝ + ε)",
    "error": None,
    "note": "v and s are the running means of the gradient and of its square.",
}
ENVIRONMENT = {
    "gradiens": "0.1.0", "jax": "0.10.2", "python": "3.11.2", "device": "cpu", "cores": 2, "platform": "Linux x86_64",
    "precision": "float32",
}  # fmt: skip


def history(rng: np.random.Generator, metric: str, epochs: int = 60, per: int = 20) -> list[dict[str, Any]]:
    """Losses that fall and flatten, and a metric that follows."""
    rows = []
    for e in range(epochs + 1):
        fall = np.exp(-e / 9)
        noise = rng.normal(0, 0.008)
        accuracy = 0.975 - 0.62 * fall + noise
        score = accuracy if metric == "val_accuracy" else 49 + 110 * fall + 40 * noise
        val = 0.085 + 1.02 * fall + 0.0009 * e + abs(noise)
        rows.append(
            {
                "step": e * per,
                "epoch": e,
                "train_loss": 0.02 + 1.08 * fall,
                "val_loss": val,
                metric: score,
                "seconds": e * 0.03,
            }
        )
    return rows


def classes(count: int = 3, n: int = 240, **changes: Any) -> RunReport:
    """A classifier of `count` classes that is right about nine times in ten."""
    rng = np.random.default_rng(7)
    names = ["barolo", "grignolino", "barbera"] if count == 3 else [f"class {k}" for k in range(count)]
    y = rng.integers(0, count, n).astype(np.int32)
    logits = rng.normal(0, 1.0, (n, count))
    logits[np.arange(n), y] += 3.4
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    right = float(np.mean(np.argmax(p, axis=1) == y))
    columns = [
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "color_intensity",
        "hue",
    ]
    card = {
        "name": "wine", "path": "wine.csv", "sha256": "8d1b9b0f6e1c6f0a5dfd6f7e2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d",
        "rows": 5 * n, "seed": 0, "parts": {"train": 3 * n, "val": n, "test": n}, "features": 13,
        "columns": [
            {"name": name, "kind": "number", "missing": int(k == 3) * 4, "says": "standardised" + ", missing = median" * (k == 3),
             "min": float(k), "mean": 2.5 * k + 0.31, "max": 7.125 * k + 3}
            for k, name in enumerate(columns)
        ] + [{"name": "region", "kind": "category", "missing": 0, "levels": 5, "says": "one-hot"}],
        "target": {"name": "cultivar", "task": "classes", "says": "3 classes", "classes": {c: int(5 * np.sum(y == k)) for k, c in enumerate(names)}},
        "notes": ["target 'cultivar' is one of 3 classes", "column 'row id' left out: a different value in every row"],
    }  # fmt: skip
    fields: dict[str, Any] = {
        "title": "wine", "task": "classes", "target": "cultivar", "classes": names, "card": card,
        "equations": [FORWARD, LOSS, UPDATE],
        "layers": [
            {"name": "W[1]", "shape": [64, 13], "parameters": 832}, {"name": "b[1]", "shape": [64], "parameters": 64},
            {"name": "W[2]", "shape": [count, 64], "parameters": 64 * count}, {"name": "b[2]", "shape": [count], "parameters": count},
        ],
        "history": history(rng, "val_accuracy"),
        "test": {"accuracy": right, "balanced_accuracy": right - 0.003, "f1": right - 0.002, "log_loss": 0.214, "auc": 0.9912},
        "baselines": {
            "majority": {"accuracy": 0.35, "balanced_accuracy": 1 / count, "f1": 0.17, "log_loss": 1.098, "auc": 0.5},
            "logistic": {"accuracy": right - 0.042, "balanced_accuracy": right - 0.04, "f1": right - 0.041, "log_loss": 0.291, "auc": 0.983},
        },
        "comparison": {"baseline": "logistic", "metric": "accuracy", "difference": 0.042, "interval": [0.013, 0.071], "level": 0.95, "verdict": "beats"},
        "y": y, "prediction": p, "seconds": {"compile": 0.83, "train": 2.41, "total": 4.9}, "environment": ENVIRONMENT,
        "spec": {"hidden": [64], "activation": "relu", "optimizer": "adam", "lr": 1e-3, "batch": 32, "epochs": 60, "seed": 0, "weight_decay": 0.0, "clip": None},
        "command": "gradiens fit wine.csv --target cultivar --hidden 64 --activation relu --optimizer adam --lr 0.001 --epochs 60 --seed 0",
        "stopped": "the validation loss had not become better for 12 epochs", "best_step": 960,
    }  # fmt: skip
    return RunReport(**fields | changes)


def binary(n: int = 400, **changes: Any) -> RunReport:
    """Two classes, and a test that cannot tell the model from the baseline."""
    rng = np.random.default_rng(3)
    y = (rng.random(n) < 0.37).astype(np.int32)
    p = 1 / (1 + np.exp(-(3.1 * (y - 0.5) + rng.normal(0, 1.1, n))))
    fields = {
        "title": "breast_cancer", "task": "binary", "target": "diagnosis", "classes": ["benign", "malignant"],
        "card": {"name": "breast_cancer", "rows": 2000, "target": {"name": "diagnosis", "classes": {"benign": 1260, "malignant": 740}}},
        "test": {"accuracy": 0.921, "log_loss": 0.2, "auc": 0.97}, "baselines": {"majority": {"accuracy": 0.63}, "logistic": {"accuracy": 0.918}},
        "comparison": {"baseline": "logistic", "metric": "accuracy", "difference": 0.003, "interval": [-0.011, 0.018], "level": 0.95, "verdict": "cannot be told from"},
        "y": y, "prediction": p,
    }  # fmt: skip
    return classes(**fields | changes)


def regression(n: int = 600, **changes: Any) -> RunReport:
    """A number, and a model that loses to the linear baseline."""
    rng = np.random.default_rng(5)
    y = rng.gamma(4.0, 38.0, n)
    fields = {
        "title": "diabetes", "task": "number", "target": "progression", "classes": (),
        "card": {"name": "diabetes", "rows": 3000, "parts": {"train": 2100, "val": 450, "test": 450}, "features": 10,
                 "target": {"name": "progression", "task": "number", "mean": 152.1, "std": 77.0}},
        "history": history(rng, "val_rmse"),
        "test": {"rmse": 56.31, "mae": 45.2, "r2": 0.41}, "baselines": {"mean": {"rmse": 77.2, "mae": 65.9, "r2": -0.001}, "linear": {"rmse": 53.37, "mae": 43.1, "r2": 0.47}},
        "comparison": {"baseline": "linear", "metric": "rmse", "difference": -2.94, "interval": [-4.6, -1.2], "level": 0.95, "verdict": "does not beat"},
        "y": y, "prediction": 0.72 * y + 42 + rng.normal(0, 30, n),
    }  # fmt: skip
    return classes(**fields | changes)
