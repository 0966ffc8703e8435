"""Random changes of pictures, on the device: B × C × H × W floats and a key in, the same out; shapes never change."""

KIND = "augmentation"
