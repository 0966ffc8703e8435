"""Networks for pictures that made history, one file each; `gradiens.nn.pictures.picture_networks` has them by name."""

KIND = "model"
