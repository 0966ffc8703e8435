"""The head of the report: what was fitted, the test score beside the baselines, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gradiens.report.run_report import RunReport
from gradiens.report.text import elide, lower_is_better, metric_name, number, score, table

_MARKS = {"win": "✓", "tie": "≈", "loss": "✗", "none": "·"}


def headline(run: RunReport) -> str:
    """Title, a sentence, the score, the verdict, the interval, the table of metrics."""
    opening = f'<header id="top">\n<p class="kicker">Gradiens · report of a run</p>\n<h1>{escape(run.title)}</h1>\n'
    opening += f'<p class="lead">{_sentence(run)}</p>\n'
    if not run.test and not run.comparison:
        return f"{opening}<p>No test rows were set apart: the model is not judged.</p>\n</header>"
    ours = score(run.test.get(run.metric))
    rivals = "".join(
        f"<li><b>{score(metrics.get(run.metric))}</b> {escape(name)}</li>" for name, metrics in run.baselines.items()
    )
    return (
        f'{opening}<div class="score"><p class="big"><b>{ours}</b> <span>test {escape(metric_name(run.metric))}</span></p>'
        f'<ul class="rivals" aria-label="The baselines on the same rows">{rivals}</ul></div>\n'
        f"{verdict(run.comparison)}\n{_metrics(run)}\n</header>"
    )


def _sentence(run: RunReport) -> str:
    size = f" of {run.total_parameters:,} parameters" if run.total_parameters else ""
    target = f"<strong>{escape(run.target)}</strong>"
    if run.task == "number":
        goal = f"to predict the number {target}"
    else:
        names = ", ".join(escape(elide(name, 24)) for name in run.classes[:6])
        names += " …" if len(run.classes) > 6 else ""
        count = len(run.classes)
        goal = f"to tell the {count} classes of {target} ({names})" if count else f"to predict {target}"
    rows, features = run.card.get("rows"), run.card.get("features")
    source = f", on {number(rows)} rows" if rows else ""
    source += f" with {number(features)} features" if rows and features else ""
    return f"A network{size}, fitted {goal}{source}."


def _outcome(comparison: Mapping[str, Any]) -> str:
    said = str(comparison.get("verdict") or "").lower()
    if not said:
        return "none"
    if "cannot" in said:
        return "tie"
    return "win" if said.startswith("beat") else "loss"


def verdict(comparison: Mapping[str, Any]) -> str:
    """Whether the model beats the best baseline: a sentence, the numbers, and the interval drawn."""
    outcome, name = _outcome(comparison), escape(str(comparison.get("baseline") or "best"))
    sentence = {
        "win": f"The model beats the {name} baseline.",
        "tie": f"This test cannot tell the model from the {name} baseline.",
        "loss": f"The model does not beat the {name} baseline.",
        "none": "No baseline was compared.",
    }[outcome]
    drawn = _interval(comparison) if outcome != "none" else ""
    return (
        f'<section class="verdict {outcome}" aria-label="Verdict"><p><span class="mark" aria-hidden="true">'
        f"{_MARKS[outcome]}</span> <strong>{sentence}</strong> {_difference(comparison)}</p>{drawn}</section>"
    )


def _difference(comparison: Mapping[str, Any]) -> str:
    difference, interval = comparison.get("difference"), comparison.get("interval")
    if difference is None:
        return ""
    metric = str(comparison.get("metric") or "score")
    lower = (difference < 0) != lower_is_better(metric)
    said = f"On the test rows its {escape(metric_name(metric))} is "
    said += f"{number(abs(difference), 3)} {'lower' if lower else 'higher'}" if difference else "the same"
    if not interval or None in interval:
        return f"{said}; the rows are too few for an interval."
    level = number(100 * comparison.get("level", 0.95), 3)
    low, high = (_signed(v) for v in interval)
    return f"{said}; {level} % interval of the gain: {low} to {high}."


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value, 3)


def _interval(comparison: Mapping[str, Any]) -> str:
    """A dot and its interval on a line with zero marked; the sentence above says the same."""
    interval, middle = comparison.get("interval"), comparison.get("difference")
    if middle is None or not interval or None in interval:
        return ""
    low, high = interval
    least, most = min(low, 0.0), max(high, 0.0)
    width = (most - least) or 1.0
    least, width = least - 0.12 * width, 1.24 * width
    zero, a, b, dot = (100 * (v - least) / width for v in (0.0, low, high, middle))
    return (
        f'<div class="interval" aria-hidden="true"><i class="zero" style="left:{zero:.2f}%"></i>'
        f'<i class="span" style="left:{a:.2f}%;width:{b - a:.2f}%"></i><i class="dot" style="left:{dot:.2f}%"></i>'
        f'<span class="at" style="left:{zero:.2f}%">no difference</span>'
        f'<span class="worse">← baseline better</span><span class="better">model better →</span></div>'
    )


def _metrics(run: RunReport) -> str:
    """Model and baselines by metric, the best of each column marked."""
    everyone = {"this model": run.test, **run.baselines}
    names = list(dict.fromkeys([run.metric, *run.test, *(m for b in run.baselines.values() for m in b)]))
    names = [name for name in names if any(number(m.get(name)) != "–" for m in everyone.values())]
    if not names:
        return ""
    best = {name: _best(name, everyone) for name in names}

    def shown(metrics: Mapping[str, Any], name: str) -> str:
        value = metrics.get(name)
        return f"<b>{score(value)}</b>" if value is not None and value == best[name] else score(value)

    head = ["", *(f"{escape(metric_name(n))} {'↓' if lower_is_better(n) else '↑'}" for n in names)]
    rows = [[escape(who), *(shown(metrics, n) for n in names)] for who, metrics in everyone.items()]
    if run.intervals:
        rows.insert(1, ["<em>95 % interval</em>", *(_ends(run.intervals.get(name)) for name in names)])
    return table("Test metrics: ↑ higher is better, ↓ lower is better, best in bold", head, rows, "numbers")


def _ends(interval: Sequence[float] | None) -> str:
    """An interval of a metric over other test rows, by the bootstrap."""
    return f"<em>{score(interval[0])} – {score(interval[1])}</em>" if interval else ""


def _best(name: str, everyone: Mapping[str, Mapping[str, Any]]) -> float | None:
    values = [m[name] for m in everyone.values() if m.get(name) is not None and m[name] == m[name]]
    if len(values) < 2:
        return None
    return min(values) if lower_is_better(name) else max(values)
