"""Contracts: what every member of a kind must do, whoever wrote it. A package, so that files here may be named like others."""
