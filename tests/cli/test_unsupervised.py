"""`gradiens cluster` and `components`: what they say, the files they write, one line for every mistake."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer

from gradiens.cli.cluster import cluster
from gradiens.cli.components import components
from gradiens.core.check import Mistake

rng = np.random.default_rng(0)
GROUPS = np.repeat([0, 1, 2], 20)
X = np.array([[0.0, 0], [60, 5], [0, 900]])[GROUPS] + rng.normal(size=(60, 2)) * [5, 1]


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for module in ("cluster", "components"):
        monkeypatch.setattr(f"gradiens.cli.{module}.start", lambda *_: None)  # the suite keeps its own JAX settings
    lines = [f"{a:.6f},{b:.6f},town{i % 2}" for i, (a, b) in enumerate(X)]
    file = tmp_path / "shops.csv"
    file.write_text("\n".join(["far,large,name", *lines, "1,,gap"]) + "\n", encoding="utf-8")
    return file


def say(command, capsys, *words):
    app = typer.Typer()
    app.command()(command)
    app([str(word) for word in words], standalone_mode=False)
    return capsys.readouterr().out


def test_clusters_are_found_and_written(path, capsys, tmp_path):
    labels, page = tmp_path / "labels.csv", tmp_path / "page.html"
    said = json.loads(say(cluster, capsys, path, "--labels", labels, "--out", page, "--json"))
    assert said["clusters"] == 3 and sorted(one["rows"] for one in said["sizes"]) == [20, 20, 20]
    assert said["columns"] == ["far", "large"] and set(said["by_k"]) == set("2345678") and said["silhouette"] > 0.7
    means = sorted(round(one["means"]["large"], -1) for one in said["sizes"])
    assert means == [0, 10, 900] or means == [-0.0, 0, 900]
    assert said["notes"] == ["columns left out, no numbers: name", "1 row left out: a value is missing"]
    codes = np.loadtxt(labels, delimiter=",", skiprows=1, dtype=int)
    assert codes.shape == (60, 2) and all(len(set(codes[g == GROUPS, 1])) == 1 for g in range(3))
    assert "Clusters by the first two components" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("method", ["ward", "mixture"])
def test_other_methods(path, capsys, method):
    out = say(cluster, capsys, path, "--k", 3, "--method", method)
    assert f"60 rows, 2 columns, 3 clusters by {method}" in out and "runs/clusters-shops.html" in out


def test_components(path, capsys, tmp_path):
    scores = tmp_path / "scores.csv"
    said = json.loads(say(components, capsys, path, "--scores", scores, "--json"))
    z = (X - X.mean(0)) / X.std(0)
    share = np.linalg.eigvalsh(np.corrcoef(X.T))[::-1] / 2
    assert [one["share"] for one in said["components"]] == pytest.approx(share, rel=1e-4)
    table = np.loadtxt(scores, delimiter=",", skiprows=1)
    assert table.shape == (60, 3) and np.var(table[:, 1], ddof=1) == pytest.approx(said["components"][0]["variance"])
    first = said["components"][0]["loadings"]
    np.testing.assert_allclose(z @ [first["far"], first["large"]], table[:, 1], atol=1e-4)
    assert "largest loadings" in say(components, capsys, path, "--raw", "--count", 1)


def test_mistakes(path, capsys):
    for command, words, says in (
        (cluster, [path, "--method", "kmean"], "did you mean 'kmeans'"),
        (cluster, [path, "--k", 100], "between 1 and 60 clusters"),
        (cluster, [path, "--drop", "fra"], "did you mean 'far'"),
        (cluster, [path, "--drop", "far", "--drop", "large"], "columns of numbers"),
        (components, [path, "--count", 3], "1 … 2 components"),
        (components, ["no.csv"], "which does not exist"),
        (components, ["digits"], "a table"),
    ):
        with pytest.raises(Mistake, match=says):
            say(command, capsys, *words)
