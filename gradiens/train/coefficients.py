"""The linear model on the training rows, read as a statistician reads it: estimates with standard errors and intervals.

Fitted to the encoded columns z = (x - m)/s by least squares, or by maximum likelihood without a penalty, and told in the
columns' own units, where z is affine in x: with b the estimate and V its covariance

    b'ⱼ = bⱼ / sⱼ,   b'₀ = b₀ - Σ bⱼ mⱼ/sⱼ,   that is b' = T b,   V' = T V Tᵀ

A category has a reference level, the most frequent one, against which the others are told; a column that depends on those
before it is left out and named. Where the classes are separated no estimate exists, and the table says so; where only the
rows of some level lack a class, the likelihood grows for ever along that coefficient, and it alone has no number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.check import Failure, Mistake
from gradiens.data.prepare import Part, Prepared
from gradiens.data.table_input import TablePreprocessing

UNDECIDED = "; whether the classes are separated was not decided: so large a problem takes too long"
MOST = 200  # coefficients of a table
WORK = 1e9  # rows × columns² up to which a table is worth its time


class Block(NamedTuple):
    """One number of the model: its name, its training values z, and m and s of z = (x - m)/s; else a 0/1 column."""

    name: str
    z: Float[np.ndarray, " N"]
    mean: float = 0.0
    std: float = 1.0
    standardised: bool = False


@dataclasses.dataclass(frozen=True)
class Design:
    """The columns of the linear model; the reference level of each category; the columns left out."""

    blocks: list[Block]
    reference: dict[str, str]
    dependent: list[str]

    @property
    def z(self) -> Float[np.ndarray, "N p"]:
        """The columns side by side."""
        return np.stack([block.z for block in self.blocks], axis=1).astype(np.float64)

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [block.name for block in self.blocks]

    def own_units(self, copies: int = 1) -> Float[np.ndarray, "q q"]:
        """T, for the intercept and the columns; block-diagonal for `copies` of them."""
        m, s = (np.array([getattr(block, name) for block in self.blocks]) for name in ("mean", "std"))
        T = np.diag(np.concatenate([[1.0], 1 / s]))
        T[0, 1:] = -m / s
        return np.kron(np.eye(copies), T)


def coefficients(prepared: Prepared) -> dict[str, Any]:
    """The table as a run keeps it: `rows`, `fit` (σ, R², deviance …), `reference`, `dependent`, and `says`; {} for images.

    Without `rows`, `says` tells why there are none.
    """
    if not isinstance(prepared.preprocessing, TablePreprocessing):
        return {}
    n, copies = len(prepared.train), max(len(prepared.classes) - 1, 1)
    columns = prepared.preprocessing.n_features + sum(prepared.preprocessing.levels)
    if columns * copies > MOST or n * columns**2 * copies > WORK:
        return {"says": f"a table of {columns * copies} coefficients on {n:,} rows is not made"}
    try:
        return _table(prepared, design(prepared.train, prepared.preprocessing))
    except (Failure, Mistake) as error:
        return {"says": str(error)}


def _table(prepared: Prepared, made: Design) -> dict[str, Any]:
    find = _linear if prepared.task == "number" else _logistic
    b, V, degrees, names, fit, says = find(prepared, made)
    copies = len(b) // (len(made.blocks) + 1)
    T = made.own_units(copies)
    own = CoefficientTable.of(T @ b, T @ V @ T.T, degrees, names)
    spread = [None, *(block.std if block.standardised else None for block in made.blocks)] * copies
    rows = [{**row, "per_std": s and row["estimate"] * s} for row, s in zip(own.rows(), spread, strict=True)]
    endless = _endless(prepared, made) * copies
    rows = [_without_numbers(row) if no else row for row, no in zip(rows, endless, strict=True)]
    if any(endless):
        lost = ", ".join(name for name, no in zip(made.names, endless[1:], strict=False) if no)
        says = (
            says.removesuffix(UNDECIDED)
            + f"; no finite estimate for {lost}, in whose rows a class is missing: the others are told in that limit"
        )
    told = {"statistic": "t" if degrees else "z", "level": own.level, "reference": made.reference}
    return {"rows": rows, "fit": fit, "dependent": made.dependent, "says": says, **told}


def _endless(prepared: Prepared, made: Design) -> list[bool]:
    """For the intercept and each column: is it the indicator of a level in whose rows some class does not occur?"""
    if prepared.task == "number":
        return [False] * (1 + len(made.blocks))
    y, classes = prepared.train.y, len(prepared.classes)
    lacks = lambda block: len(np.unique(y[block.z > 0])) < classes  # noqa: E731
    return [False, *(not block.standardised and lacks(block) for block in made.blocks)]


def _without_numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "name" else None for name, value in row.items()}


def _linear(prepared: Prepared, made: Design) -> tuple[Any, ...]:
    from gradiens.classical.linear.linear_regression import fit_linear_regression

    y = np.asarray(prepared.preprocessing.decode_target(prepared.train.y), np.float64)
    found = fit_linear_regression(made.z, y, made.names)
    fit = {
        "training rows": len(y), "residual standard error": found.sigma, "R²": found.r2,
        "adjusted R²": found.adjusted_r2, "F": found.f, "P(> F)": found.f_p_value, "AIC": found.aic, "BIC": found.bic,
    }  # fmt: skip
    says = f"least squares, {prepared.target} in its own unit"
    return found.b, found.covariance, found.degrees, ["intercept", *made.names], fit, says


def _logistic(prepared: Prepared, made: Design) -> tuple[Any, ...]:
    from gradiens.classical.classifiers.logistic_inference import logistic_inference
    from gradiens.classical.classifiers.logistic_regression import fit_logistic

    y, classes = prepared.train.y, prepared.classes
    fitted = fit_logistic(made.z, y, len(classes))
    found = logistic_inference(fitted, made.z, y, made.names)
    fit = {
        "training rows": found.rows, "deviance": found.deviance, "null deviance": found.null_deviance,
        "pseudo R²": found.pseudo_r2, "AIC": found.aic, "BIC": found.bic,
    }  # fmt: skip
    columns = ["intercept", *made.names]
    names = columns if len(classes) == 2 else [f"{k}: {name}" for k in classes[1:] for name in columns]
    odds = f"{classes[1]} against {classes[0]}" if len(classes) == 2 else f"each class against {classes[0]}"
    says = f"maximum likelihood, change of the log odds of {odds}"
    if fitted.separated == "unknown":
        says += UNDECIDED
    return found.coefficients.estimate, found.covariance, None, names, fit, says


def design(part: Part, preprocessing: TablePreprocessing) -> Design:
    """The columns of the rows of `part` for a model with an intercept."""
    reference: dict[str, str] = {}
    blocks = [block for block in _blocks(part.x, preprocessing, reference) if np.ptp(block.z) > 0]
    if not blocks:
        raise Mistake("a column that varies", "none")
    kept = _independent(np.stack([block.z for block in blocks], axis=1))
    dependent = [block.name for block, own in zip(blocks, kept, strict=True) if not own]
    return Design([block for block, own in zip(blocks, kept, strict=True) if own], reference, dependent)


def _blocks(x: Any, preprocessing: TablePreprocessing, reference: dict[str, str]) -> Iterator[Block]:
    numbers, codes = (x.numbers, x.codes) if hasattr(x, "codes") else (x, None)
    first = embedded = 0
    for column in preprocessing.columns:
        width = len(column.features)
        values = numbers[:, first : first + width]
        first += width
        if column.kind in ("category", "embedded"):
            names = [*column.levels, "other"]
            if column.kind == "embedded":
                assert codes is not None
                values = np.eye(len(names))[codes[:, embedded] - 1]  # code 0, other, is the last
                embedded += 1
            most = int(np.argmax(values.sum(axis=0)))
            reference[column.name] = names[most]
            yield from (Block(f"{column.name}={name}", values[:, j]) for j, name in enumerate(names) if j != most)
            continue
        yield Block(column.name, values[:, 0], column.mean, column.std, True)
        if column.indicator:
            yield Block(f"{column.name} missing", values[:, 1])


def _independent(z: Float[np.ndarray, "N p"], least: float = 1e-6) -> np.ndarray:
    """Which columns are no combination of the intercept and the columns before them: |R_jj| of QR tells."""
    centred = z.astype(np.float64) - z.mean(axis=0, dtype=np.float64)
    centred /= np.linalg.norm(centred, axis=0)
    kept = np.zeros(z.shape[1], bool)
    basis = np.zeros((len(z), 0))
    for j in range(z.shape[1]):
        rest = centred[:, j] - basis @ (basis.T @ centred[:, j])
        rest -= basis @ (basis.T @ rest)  # once more, against rounding
        length = np.linalg.norm(rest)
        kept[j] = length > least
        if kept[j]:
            basis = np.column_stack([basis, rest / length])
    return kept
