"""The data sets of the catalogue, one file each: a function without arguments that returns a `Table` or `Images`."""

KIND = "data set"
