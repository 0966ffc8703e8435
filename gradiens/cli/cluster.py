"""`gradiens cluster`: groups of the rows of a table, without a target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gradiens.cli.output import Json, Quiet, console, emit, start, table
from gradiens.core.check import Mistake, known

METHODS = ("kmeans", "mixture", "ward")
TRIED = range(2, 9)  # numbers of clusters among which one is chosen


def cluster(
    data: Annotated[str, typer.Argument(metavar="DATA", help="a table's file, or the name of a data set")],
    k: Annotated[int, typer.Option(help="clusters; 0: the number of 2 … 8 with the largest silhouette", min=0)] = 0,
    method: Annotated[str, typer.Option(help="kmeans, mixture (of Gaussians) or ward (a tree of merges)")] = "kmeans",
    drop: Annotated[list[str], typer.Option("--drop", help="a column to leave out; may be repeated")] = [],  # noqa: B006
    raw: Annotated[bool, typer.Option("--raw", help="columns as they are, not standardised")] = False,
    seed: Annotated[int, typer.Option(help="seed of the starts", min=0)] = 0,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="write the cluster of each row to this CSV file")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="write the page with the figures here")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Group the rows of DATA by their numbers. Columns are standardised; a target that is known, and text, play no part."""
    start(as_json, quiet)
    from gradiens.classical.unsupervised.pca import fit_pca
    from gradiens.classical.unsupervised.silhouette import silhouette_score
    from gradiens.core.files import write_text
    from gradiens.report import Values, figures_page
    from gradiens.report.unsupervised import cluster_figures

    fit = {"kmeans": _kmeans, "mixture": _mixture, "ward": _ward}[known("method of clustering", method, METHODS)]
    numbers, z = rows_of(data, tuple(drop), raw)
    tried = [k] if k else [count for count in TRIED if count < len(z)]
    found = {count: fit(z, count, seed) for count in tried}
    two = lambda one: len(np.unique(one)) > 1  # noqa: E731
    by_k = {c: (_within(z, one), silhouette_score(z, one) if two(one) else 0.0) for c, one in found.items()}
    best = max(by_k, key=lambda count: by_k[count][1])
    codes = found[best]
    clusters = _clusters(numbers.x, numbers.names, codes)
    page = out or Path("runs") / f"clusters-{Path(data).stem}.html"
    key = {"clusters": best, "W": by_k[best][0], "silhouette": by_k[best][1]}
    figures = cluster_figures(z, codes, numbers.names, by_k, fit_pca(z, min(2, *z.shape)))
    write_text(page, figures_page(f"Clusters of {Path(data).stem}", [Values(key), "\n".join(numbers.notes), figures]))
    if labels:
        lines = [f"{row},{code + 1}" for row, code in zip(numbers.rows, codes, strict=True)]
        write_text(labels, "\n".join(["row,cluster", *lines]) + "\n")
    told = {"data": data, "method": method, "rows": len(z), "columns": list(numbers.names), **key, "sizes": clusters}
    if as_json:
        chosen = {str(count): {"W": w, "silhouette": s} for count, (w, s) in by_k.items()}
        emit({**told, "by_k": chosen, "notes": list(numbers.notes), "page": str(page)})
    else:
        _tell(told, clusters, by_k, numbers.notes, page)


def rows_of(data: str, drop: tuple[str, ...], raw: bool) -> tuple[Any, np.ndarray]:
    """The numbers of a table without its known target, and the same standardised."""
    from gradiens.classical.features.standardised import Standardised
    from gradiens.data.load import load
    from gradiens.data.numeric import numeric
    from gradiens.data.table import Table

    source = load(data)
    if not isinstance(source, Table):
        raise Mistake("a table", f"the images {data!r}", "give a table's file, or the name of a table")
    known_target = (source.target,) if source.target and source.target not in drop else ()
    numbers = numeric(source, (*drop, *known_target))
    return numbers, numbers.x if raw else Standardised.of(numbers.x).apply(numbers.x)


def _kmeans(z: np.ndarray, k: int, seed: int) -> np.ndarray:
    from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans

    return fit_kmeans(z, k, seed=seed).labels


def _mixture(z: np.ndarray, k: int, seed: int) -> np.ndarray:
    from gradiens.classical.unsupervised.gaussian_mixture_fit import fit_gaussian_mixture

    return fit_gaussian_mixture(z, k, seed=seed).predict(z)


def _ward(z: np.ndarray, k: int, seed: int) -> np.ndarray:
    from gradiens.classical.unsupervised.hierarchical import fit_hierarchical

    return fit_hierarchical(z).cut(k)


def _within(z: np.ndarray, codes: np.ndarray) -> float:
    """Σ ‖z - mean of its cluster‖²."""
    return float(sum(np.sum((z[codes == c] - z[codes == c].mean(axis=0)) ** 2) for c in np.unique(codes)))


def _clusters(x: np.ndarray, names: tuple[str, ...], codes: np.ndarray) -> list[dict[str, Any]]:
    """Of each cluster its rows and the means of the columns, in their own units."""
    found = []
    for c in np.unique(codes):
        means = dict(zip(names, x[codes == c].mean(axis=0).tolist(), strict=True))
        found.append({"cluster": int(c) + 1, "rows": int(np.sum(codes == c)), "means": means})
    return found


def _tell(told: dict[str, Any], clusters: list, by_k: dict, notes: tuple[str, ...], page: Path) -> None:
    out = console()
    says = f"{told['rows']:,} rows, {len(told['columns'])} columns, {told['clusters']} clusters by {told['method']}"
    out.print(f"{says}; W {told['W']:.4g}, silhouette {told['silhouette']:.3f}", markup=False)
    if len(by_k) > 1:
        out.print(table("", ("k", "W", "silhouette"), [[count, *pair] for count, pair in by_k.items()]))
    names = told["columns"][:6]
    rows = [[one["cluster"], one["rows"], *(one["means"][name] for name in names)] for one in clusters]
    out.print(table("means", ("cluster", "rows", *names), rows))
    for note in notes:
        out.print(note, markup=False)
    out.print(f"\nfigures  {page}", markup=False)
