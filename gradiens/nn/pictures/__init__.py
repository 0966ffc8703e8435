"""Networks for pictures: classes, masks, boxes, distances; `picture_networks` has the classifiers by name."""

KIND = "layer"
