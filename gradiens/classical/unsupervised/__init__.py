"""Without targets: components, clusters, densities."""

KIND = "method"
