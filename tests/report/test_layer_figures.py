"""The charts of the layers: one for each statistic that is known, early, halfway and last."""

from __future__ import annotations

import numpy as np

from gradiens.report.layer_statistics import layer_figures
from gradiens.train.layer_statistics import LayerStatistics

NAN = np.full(3, np.nan)


def statistics(scale):
    one = scale * np.array([1.0, 2.0, 4.0])
    return LayerStatistics(one, one**2, np.zeros(3), np.array([0.1, 0.2, np.nan]), one / 10, NAN)


def test_charts():
    names = ["layers.0", "layers.1", "layers.2"]
    figures = layer_figures(names, [0, 10, 20, 30, 40], [statistics(s) for s in (1, 2, 3, 4, 5)])
    assert [figure.y for figure in figures] == ["root mean square", "mean", "‖g‖", "share of the layer's outputs"]
    size = figures[0]
    assert [line.label for line in size.series] == ["step 0", "step 20", "step 40"] and size.log_y
    np.testing.assert_allclose(size.series[-1].y, [25, 100, 400])
    assert size.series[0].x.tolist() == names and "at step 40 from 25 to 400" in size.says()
    assert figures[-1].series[0].x.tolist() == names[:2]


def test_nothing_known_nothing_shown():
    assert layer_figures([], [], []) == ()
    nothing = LayerStatistics(NAN, NAN, NAN, NAN, NAN, NAN)
    assert layer_figures(["a", "b", "c"], [0], [nothing]) == ()
