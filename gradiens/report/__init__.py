"""Figures as data, and the self-contained HTML pages that show them: the report of a run, a section of the book."""

from gradiens.report.figure import Figure, Series
from gradiens.report.figures_page import Claims, Equation, Values, figures_page
from gradiens.report.page import render
from gradiens.report.run_report import RunReport

__all__ = ["Claims", "Equation", "Figure", "RunReport", "Series", "Values", "figures_page", "render"]
