"""`gradiens components`: the principal components of the numbers of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gradiens.cli.cluster import rows_of
from gradiens.cli.output import Json, Quiet, console, emit, start, table


def components(
    data: Annotated[str, typer.Argument(metavar="DATA", help="a table's file, or the name of a data set")],
    count: Annotated[int, typer.Option("--count", help="components; 0: all", min=0)] = 0,
    drop: Annotated[list[str], typer.Option("--drop", help="a column to leave out; may be repeated")] = [],  # noqa: B006
    raw: Annotated[bool, typer.Option("--raw", help="columns as they are, not standardised")] = False,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="write the scores of each row to this CSV file")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="write the page with the figures here")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The directions in which the rows of DATA vary most. Columns are standardised; a known target, and text, play no part."""
    start(as_json, quiet)
    from gradiens.classical.unsupervised.pca import fit_pca
    from gradiens.core.files import write_text
    from gradiens.report import Values, figures_page
    from gradiens.report.unsupervised import component_figures

    numbers, z = rows_of(data, tuple(drop), raw)
    pca = fit_pca(z, count or None)
    found = pca.transform(z)
    page = out or Path("runs") / f"components-{Path(data).stem}.html"
    key = {f"PC{j + 1}: share of the variance": float(ratio) for j, ratio in enumerate(pca.ratios[:10])}
    figures = component_figures(found, numbers.names, pca)
    write_text(page, figures_page(f"Components of {Path(data).stem}", [Values(key), "\n".join(numbers.notes), figures]))
    if scores:
        head = ",".join(["row", *(f"PC{j + 1}" for j in range(found.shape[1]))])
        lines = [",".join([str(row), *map(repr, z.tolist())]) for row, z in zip(numbers.rows, found, strict=True)]
        write_text(scores, "\n".join([head, *lines]) + "\n")
    listed = [
        {
            "component": j + 1,
            "share": float(ratio),
            "variance": float(variance),
            "loadings": dict(zip(numbers.names, row.tolist(), strict=True)),
        }
        for j, (ratio, variance, row) in enumerate(zip(pca.ratios, pca.variances, pca.components, strict=True))
    ]
    if as_json:
        emit({"data": data, "rows": len(z), "components": listed, "notes": list(numbers.notes), "page": str(page)})
        return
    up_to = pca.ratios.cumsum()
    largest = [sorted(one["loadings"].items(), key=lambda pair: -abs(pair[1]))[:3] for one in listed]
    says = [", ".join(f"{name} {value:+.2f}" for name, value in few) for few in largest]
    rows = [[j + 1, float(r), float(up_to[j]), says[j]] for j, r in enumerate(pca.ratios)]
    console().print(table("", ("component", "share", "up to it", "largest loadings"), rows[:20]))
    for note in numbers.notes:
        console().print(note, markup=False)
    console().print(f"\nfigures  {page}", markup=False)
