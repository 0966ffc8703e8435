"""Key Activities of Machine Learning.

Supervised methods learn from rows with targets, unsupervised ones from rows alone; both are fitted first and asked afterwards.
Five methods meet the wine data through one interface: parameters, fit, predict, transform, score. A fit is a function of the
data and a seed and of nothing else, so it can be repeated bit for bit; asking a fitted model changes nothing in it, and a row
gets the same answer alone and in company. Other kinds of learning differ in what is given: some labels, labels made from the
data themselves, rewards, or nothing but examples to imitate.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.estimator import Estimator, Pipeline, estimator
from gradiens.classical.features.standardised import Standardised
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.classical.unsupervised.gaussian import fit_gaussian
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.module import Module, knob
from gradiens.data.sets.wine import wine
from gradiens.report.figure import Figure, Series

NUMBER = "alcohol"  # what least squares predicts from the other twelve
METHODS = ("least squares", "logistic", "k-means", "PCA", "Gaussian density")
KINDS = {
    "supervised": "rows x with targets y",
    "unsupervised": "rows x alone",
    "semi-supervised": "many rows, targets for a few of them",
    "self-supervised": "rows alone, targets made from the rows: a part hidden, the next word, x itself",
    "reinforcement": "states, actions taken and the rewards that followed",
    "generative": "examples, of whose distribution new ones are to be drawn",
}


class Config(Module):
    """What the methods are told."""

    penalty: float = knob(0.01, 0.0, 10.0, "log", says="L2 penalty of logistic regression")
    clusters: int = knob(3, 1, 20, says="clusters of k-means")
    components: int = knob(2, 1, 12, says="principal components")
    starts: int = knob(5, 1, 100, says="starts of k-means")


class Asked(NamedTuple):
    """One method fitted twice with one seed: whether all that was learned and said agrees bit for bit, whether asking changed
    what was learned, and what it says to the rows together and one by one."""

    same_numbers: Bool[np.ndarray, ""]
    same_answers: Bool[np.ndarray, ""]
    unchanged: Bool[np.ndarray, ""]
    together: Float[np.ndarray, "N ..."]
    one_by_one: Float[np.ndarray, "N ..."]
    score: Float[np.ndarray, ""]


class Record(NamedTuple):
    """By method; and the picture of the components with the clusters in it."""

    asked: dict[str, Asked]
    pipeline: Float[np.ndarray, ""]  # accuracy of logistic regression on the principal components
    plane: Float[np.ndarray, "N 2"]
    cultivar: Int[np.ndarray, "N"]
    cluster: Int[np.ndarray, "N"]


def estimators(config: Config) -> dict[str, Estimator]:
    """The five methods before any data."""
    return {
        "least squares": estimator(fit_linear),
        "logistic": estimator(fit_logistic, classes=3, l2=config.penalty),
        "k-means": estimator(fit_kmeans, k=config.clusters, starts=config.starts),
        "PCA": estimator(fit_pca, components=config.components),
        "Gaussian density": estimator(fit_gaussian),
    }


def run(config: Config, key: Array) -> Record:
    """Fit each method twice, ask it in two ways."""
    seed = int(jax.random.randint(key, (), 0, 2**31 - 1))
    table = wine().frame
    z = table.drop("cultivar")
    x = z.to_numpy()
    x = Standardised.of(x).apply(x)
    at = z.columns.index(NUMBER)
    rest, number = np.delete(x, at, axis=1), z[NUMBER].to_numpy()
    cultivar = table["cultivar"].cast(int).to_numpy() - 1
    rows, targets = {"least squares": rest}, {"least squares": number, "logistic": cultivar}
    methods = estimators(config)
    asked = {name: _ask(one, rows.get(name, x), targets.get(name), seed) for name, one in methods.items()}
    pair = methods["PCA"].with_(components=2)
    line = Pipeline((pair, methods["logistic"])).fit(x, cultivar, seed)
    return Record(
        asked=asked,
        pipeline=np.asarray(line.score(x, cultivar)),
        plane=pair.fit(x).transform(x),
        cultivar=cultivar,
        cluster=methods["k-means"].fit(x, seed=seed).predict(x),
    )


def _ask(one: Estimator, x: np.ndarray, y: np.ndarray | None, seed: int) -> Asked:
    fitted, again = one.fit(x, y, seed), one.with_().fit(x, y, seed)
    before = {name: np.copy(value) for name, value in fitted.learned().items()}
    together = fitted.predict(x)
    one_by_one = np.concatenate([fitted.predict(x[i : i + 1]) for i in range(len(x))])
    return Asked(
        same_numbers=np.asarray(_same(before, again.learned())),
        same_answers=np.asarray(_same({"": together}, {"": again.predict(x)})),
        unchanged=np.asarray(_same(before, fitted.learned())),
        together=together,
        one_by_one=one_by_one,
        score=np.asarray(fitted.score(x, y)),
    )


def _same(one: dict, other: dict) -> bool:
    """Bit for bit: the same bytes under the same names."""
    parts = {name: (np.asarray(value), np.asarray(other[name])) for name, value in one.items()}
    bits = [a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in parts.values()]
    return one.keys() == other.keys() and all(bits)


def values(config: Config, record: Record) -> dict[str, float]:
    """The score of each method by its own measure: R², accuracy, -W, share of the variance, mean log-density."""
    scores = {f"{name}: score": float(asked.score) for name, asked in record.asked.items()}
    return scores | {"logistic on two components: accuracy": float(record.pipeline)}


def text(config: Config, record: Record) -> str:
    """The kinds of learning and what each is given."""
    widest = max(map(len, KINDS))
    return "Kinds of learning.\n\n" + "\n".join(f"    {kind:{widest}}  {given}" for kind, given in KINDS.items())


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The wines by two components, once with the growers that supervision is told, once with the clusters found without."""

    def plane(title: str, codes: np.ndarray, name: str) -> Figure:
        clouds = [
            Series("points", *record.plane[codes == k].T, label=f"{name} {k + 1}", colour=int(k))
            for k in np.unique(codes)
        ]
        return Figure(title, clouds, "PC1", "PC2", square=True)

    return (
        plane("Wines by cultivar: given to the supervised", record.cultivar, "cultivar"),
        plane("Wines by cluster: found by the unsupervised", record.cluster, "cluster"),
    )


def claim_a_fit_is_a_function_of_data_and_seed(config: Config, record: Record) -> bool:
    """Claim 1: fit then predict is a pure function of data and seed: two runs agree bit for bit, for all five methods."""
    return all(bool(asked.same_numbers and asked.same_answers) for asked in record.asked.values())


def claim_asking_changes_nothing_and_rows_are_alone(config: Config, record: Record) -> bool:
    """Claim 2: predict does not change fitted parameters (bit for bit); predicting rows one by one equals predicting them
    together (relative 1e-9)."""
    unchanged = all(bool(asked.unchanged) for asked in record.asked.values())
    alike = [np.allclose(a.one_by_one, a.together, rtol=1e-9, atol=1e-12) for a in record.asked.values()]
    return unchanged and len(alike) == len(METHODS) and all(alike)
