"""The harness alone: what is judged fast, wrong or missing, and that every row on disk is whole. No peer is run."""

from __future__ import annotations

import pytest

from benchmarks import harness, results
from benchmarks.harness import Row


def row(**given):
    given = {"least_ratio": 2.0, "agree": {"loss": 0.01}, **given}
    return Row("a race", "≥ 2 × peer", {"ours": None, "peer": None, "another": None}, **given)


def runs(ours, peer, another=None):
    """A `run` that plays back these measures, and the order in which the sides were asked."""
    left, order = {"ours": list(ours), "peer": list(peer), "another": list(another or [{"failed": "no"}])}, []

    def run(name, side, quick):
        order.append(side)
        return left[side].pop(0)

    return run, order


def took(seconds, loss=0.3):
    return {"steady": seconds, "peak_mb": 100.0, "quality": {"test_accuracy": 1 - loss, "loss": loss}}


def test_the_sides_take_turns_and_medians_are_compared():
    run, order = runs([took(s) for s in (1.0, 9.0, 2.0)], [took(s) for s in (7.0, 6.0, 0.1)], [took(4.0)] * 3)
    measured = harness.measure("race", row(), 3, False, run)
    assert order == ["ours", "peer", "another"] * 3
    assert measured["ratios"] == {"peer": 3.0, "another": 2.0}
    assert measured["sides"]["ours"]["steady"] == {"median": 2.0, "min": 1.0, "max": 9.0}
    assert measured["reached"] == "yes"


@pytest.mark.parametrize(("peer", "reached"), [(2.0, "yes"), (1.99, "no"), (0.5, "no")])
def test_the_goal_is_the_least_ratio(peer, reached):
    run, _ = runs([took(1.0)], [took(peer)])
    assert harness.measure("race", row(), 1, False, run)["reached"] == reached


@pytest.mark.parametrize("loss", [0.32, 0.28, float("nan")])
def test_a_fast_wrong_run_fails_the_row(loss):
    run, _ = runs([took(1.0, loss)], [took(5.0)])
    reached = harness.measure("race", row(), 1, False, run)["reached"]
    assert reached.startswith("no; loss disagrees")


def test_a_missing_peer_is_said_with_its_command_and_is_not_tried_again():
    run, order = runs([took(1.0)] * 3, [{"missing": "torch"}], [took(3.0)] * 3)
    measured = harness.measure("race", row(), 3, False, run)
    assert measured["reached"] == "peer missing: pip install torch"
    assert measured["ratios"] == {"another": 3.0}
    assert order.count("peer") == 1


def test_a_limit_of_our_own_needs_no_peer():
    alone = Row("memory", "< 100 MB", {"ours": None}, number="peak_mb", unit="MB", most=100.0)
    for peak, reached in ((99.0, "yes"), (101.0, "no")):
        judged = harness.judge(alone, {"ours": harness.summary([{"peak_mb": peak}])})
        assert judged == {"reached": reached, "ratios": {}}


def test_a_worker_that_dies_is_a_failed_run_and_not_a_number():
    assert "No module named" in harness.run_side("no_such_row", "ours", True)["failed"]


def test_a_side_runs_in_a_fresh_process_with_the_threads_of_the_row():
    measured = harness.run_side("import_time", "ours", True)
    assert 0 < measured["total"] < 60 and measured["peak_mb"] > 1
    assert harness.environment(3)["OMP_NUM_THREADS"] == "3"


def test_every_row_on_disk_is_found_and_can_be_judged():
    found = harness.rows()
    assert {"softmax_regression", "mlp_adam", "mlp_sklearn", "import_time", "memory", "compile_cache"} <= set(found)
    for name, one in found.items():
        assert one.title and one.goal and one.sides, name
        assert one.number in ("steady", "total", "peak_mb", "error") and all(map(callable, one.sides.values())), name
        assert len(one.sides) > 1 or not one.least_ratio, name


def test_the_page_has_a_line_for_each_row_and_tells_a_loss():
    run, _ = runs([took(4e-3)] * 2, [took(2e-3)] * 2)
    measured = {**harness.measure("race", row(), 2, False, run), "machine": results.machine()}
    page = results.page({"race": measured})
    assert "| a race | ≥ 2 × peer | no | 0.5 (peer) |" in page
    assert "another: no." in page and measured["machine"]["cpu"] in page
