"""What the test rows show, as figures: confusion, ROC and calibration of classes; fit and residuals of a number."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from gradiens.core.check import Mistake
from gradiens.functions import metrics
from gradiens.functions.ranking import average_precision, precision_recall_curve
from gradiens.report.figure import Figure, Series
from gradiens.report.run_report import RunReport
from gradiens.report.text import elide, number, score, table, times

NUMBERED = 12  # most classes whose counts are written into the confusion matrix
CURVES = 6  # most ROC curves in one chart
CORNERS = 400  # most points of one ROC curve
LISTED = 12  # most classes in the table by class


def evaluation(run: RunReport) -> Iterator[Figure]:
    """The figures of the run's task; none when the test arrays were not kept."""
    kept = _kept(run)
    if kept is None:
        return
    y, prediction = kept
    if run.task == "number":
        yield from _number(run.target, y, prediction)
        return
    names = run.class_names(prediction.shape[1])
    yield confusion(_counts(y, prediction), names)
    roc = roc_curves(y, prediction, names)
    if roc.series[1:]:
        yield roc
        yield recalled(y, prediction, names)
    yield calibration(y, prediction, names)


def _kept(run: RunReport) -> tuple[np.ndarray, np.ndarray] | None:
    """The test rows with a finite prediction: numbers, or class codes and probabilities (N, K)."""
    if run.y is None or run.prediction is None:
        return None
    y, prediction = np.asarray(run.y), np.asarray(run.prediction, np.float64)
    if len(y) != len(prediction):
        raise Mistake("as many predictions as test rows", f"{len(prediction)} and {len(y)}")
    good = np.isfinite(prediction.reshape(len(y), -1)).all(axis=1) & np.isfinite(y)
    if not good.any():
        return None
    y, prediction = y[good], prediction[good]
    if run.task == "number":
        return y.astype(np.float64), prediction
    scores = np.stack([1 - prediction, prediction], axis=1) if prediction.ndim == 1 else prediction
    return y.astype(np.int32), scores


def _counts(y: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Rows by true class (down) and predicted class (across)."""
    k = scores.shape[1]
    label = np.argmax(scores, axis=1) if k > 2 else (scores[:, 1] >= 0.5).astype(np.int32)
    return np.asarray(metrics.confusion(y, label, k))


def confusion(counts: np.ndarray, names: list[str]) -> Figure:
    """The confusion matrix, shaded by the share of each true class."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    text = counts.astype(str).tolist() if len(names) <= NUMBERED else ()
    wrong = counts - np.diag(np.diag(counts))
    says = "Shade: share of the true class. "
    says += f"{number(np.trace(counts))} of {number(counts.sum())} test rows are on the diagonal, that is, right."
    if wrong.any():
        true, taken = np.unravel_index(np.argmax(wrong), wrong.shape)
        says += f" Most often confused: {names[true]} taken for {names[taken]}, {times(wrong[true, taken])}."
    heat = Series("heat", np.array(names), np.array(names), share, label="share of the true class", text=text)
    return Figure("Confusion", [heat], "predicted class", "true class", square=True, summary=says)


def roc_curves(y: np.ndarray, scores: np.ndarray, names: list[str]) -> Figure:
    """ROC curves: of class 1 when there are two; otherwise each class against the rest, the worst if there are many."""
    present = [k for k in ([1] if len(names) == 2 else range(len(names))) if 0 < np.sum(y == k) < len(y)]
    areas = {k: float(metrics.auc((y == k).astype(np.int32), scores[:, k])) for k in present}
    shown = sorted(present, key=lambda k: areas[k])[:CURVES] if len(present) > CURVES else present
    chance = Series("line", [0.0, 1.0], [0.0, 1.0], label="chance", guide=True)
    lines = [
        Series("line", *_roc(y == k, scores[:, k]), label=f"{elide(names[k], 20)}, AUC {score(areas[k])}", colour=place)
        for place, k in enumerate(shown)
    ]
    said = ", ".join(f"{names[k]}: {score(areas[k])}" for k in shown)
    which = "area under the curve (1 is perfect, 0.5 is chance)"
    if len(shown) < len(present):
        says = f"The {len(shown)} classes of least {which}, of {len(present)}: {said}."
    else:
        says = f"{which.capitalize()}: {said}." if len(names) == 2 else f"Each class against the rest; {which}: {said}."
    return Figure("ROC", [chance, *lines], "false positive rate", "true positive rate", square=True, summary=says)


def _roc(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    false_rate, true_rate, *_ = metrics.roc_curve(positive.astype(np.int32), score)
    kept = np.unique(np.linspace(0, len(false_rate) - 1, CORNERS).astype(int))
    return np.asarray(false_rate)[kept], np.asarray(true_rate)[kept]


def recalled(y: np.ndarray, scores: np.ndarray, names: list[str]) -> Figure:
    """Precision against recall: of class 1 of two; of each class against the rest, the worst if there are many."""
    present = [k for k in ([1] if len(names) == 2 else range(len(names))) if 0 < np.sum(y == k) < len(y)]
    areas = {k: average_precision((y == k).astype(np.int32), scores[:, k]) for k in present}
    shown = sorted(present, key=lambda k: areas[k])[:CURVES] if len(present) > CURVES else present
    chance = [Series("line", [0.0, 1.0], [np.mean(y == 1)] * 2, label="chance", guide=True)] * (len(names) == 2)
    lines = [
        Series(
            "line", *_recalled(y == k, scores[:, k]), label=f"{elide(names[k], 20)}, AP {score(areas[k])}", colour=place
        )
        for place, k in enumerate(shown)
    ]
    said = ", ".join(f"{names[k]}: {score(areas[k])} (chance {score(float(np.mean(y == k)))})" for k in shown)
    which = "Average precision, where chance is the share of the class"
    if len(shown) < len(present):
        which = f"The {len(shown)} classes of least average precision, of {len(present)}"
    says = f"{which}: {said}."
    return Figure("Precision and recall", [*chance, *lines], "recall", "precision", square=True, summary=says)


def _recalled(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = precision_recall_curve(positive.astype(np.int32), score)
    kept = np.unique(np.linspace(0, len(found.recall) - 1, CORNERS).astype(int))
    recall, precision = found.recall[kept], found.precision[kept]
    return np.r_[0.0, recall], np.r_[precision[0], precision]


def calibration(y: np.ndarray, scores: np.ndarray, names: list[str]) -> Figure:
    """What share of the rows to which a probability was given turned out so."""
    if len(names) == 2:
        chance, hit, what = scores[:, 1], y == 1, f"probability of {names[1]}"
    else:
        chance, hit, what = scores.max(axis=1), np.argmax(scores, axis=1) == y, "probability of the predicted class"
    said, seen, weight = (np.asarray(a) for a in metrics.calibration_curve(hit.astype(np.int32), chance))
    off = float(np.sum(weight * np.abs(said - seen)) / max(np.sum(weight), 1))
    perfect = Series("line", [0.0, 1.0], [0.0, 1.0], label="perfect", guide=True)
    line = Series("line", said, seen, label="this model", colour=0)
    band = Series("band", said, *_wilson(seen, weight), label="95 % interval", colour=0)
    says = f"In bins of the {what}, said and seen are {number(off, 2)} apart on average; on the diagonal they agree."
    return Figure("Calibration", [perfect, band, line], what, "share that came true", square=True, summary=says)


def _wilson(share: np.ndarray, n: np.ndarray, z: float = 1.96) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of a share of n rows."""
    n = np.maximum(n, 1)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def _number(target: str, y: np.ndarray, y_hat: np.ndarray) -> Iterator[Figure]:
    residual = y - y_hat
    ends = [float(min(y.min(), y_hat.min())), float(max(y.max(), y_hat.max()))]
    diagonal = Series("line", ends, ends, label="perfect", guide=True)
    middle = float(np.median(np.abs(residual)))
    says = f"{len(y):,} test rows; half of the predictions are within {number(middle, 3)} of the true value."
    cloud = Series("points", y_hat, y, label="test rows", colour=0)
    axes = f"predicted {target}", f"true {target}"
    yield Figure("Predicted and true", [cloud, diagonal], *axes, square=True, summary=says)
    zero = Series("line", [float(y_hat.min()), float(y_hat.max())], [0.0, 0.0], label="no error", guide=True)
    low, high = np.quantile(residual, [0.05, 0.95])
    says = (
        f"True minus predicted: mean {number(residual.mean(), 3)}, standard deviation {number(residual.std(), 3)}; "
        f"nine in ten lie between {number(low, 3)} and {number(high, 3)}."
    )
    errors = Series("points", y_hat, residual, label="test rows", colour=0)
    yield Figure("Residuals", [errors, zero], axes[0], "true − predicted", summary=says)


def class_table(run: RunReport) -> str:
    """Recall and precision by class; of many classes, those of least recall."""
    kept = None if run.task == "number" else _kept(run)
    if kept is None:
        return ""
    counts = _counts(*kept)
    names = run.class_names(len(counts))
    right, rows, taken = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    recall = np.divide(right, rows, out=np.full(len(rows), np.nan), where=rows > 0)
    precision = np.divide(right, taken, out=np.full(len(rows), np.nan), where=taken > 0)
    order, caption = np.arange(len(rows)), "The test rows by class"
    if len(rows) > LISTED:
        order = np.argsort(recall)[:LISTED]  # NaN, a class without test rows, comes last
        caption = f"The {LISTED} classes of least recall, of {len(rows)}"
    lines = [[escape(elide(names[k], 40)), number(rows[k]), score(recall[k]), score(precision[k])] for k in order]
    return table(caption, ["class", "test rows", "recall", "precision"], lines, "numbers")
