"""Linear models: least squares by several routes, penalised, robust, and with inference."""

KIND = "method"
