"""The texts of the catalogue, one file each: a function without arguments that returns a string."""

KIND = "text"
